// The whole page: one offline file that loads nothing.
#pragma once

#include <string>
#include <vector>

#include "tagconf/report/html.hpp"

namespace tagconf::report {

struct Section {
  std::string id;  // for links; letters and dashes
  std::string title;
  Html body;
  bool empty = false;  // the body is one line that says what would fill the section
};

// A section that has no data, with the line that says what would fill it.
[[nodiscard]] Section empty_section(std::string id, std::string title, std::string_view what_fills_it);

struct Page {
  std::string title;
  std::string subtitle;
  std::string banner_title;
  std::string banner;
  std::vector<Section> sections;  // numbered in this order
};

// HTML with a content security policy that forbids every load but data: images; no script, no font. Same
// page, same bytes.
[[nodiscard]] std::string render_page(const Page& page);

}  // namespace tagconf::report
