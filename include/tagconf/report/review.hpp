// The page on which a person looks at every picture and corrects its boxes: one offline file that loads
// nothing. What the person did leaves the page as a JSON file (tags/review.hpp reads it).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tagconf/base/tag_box.hpp"

namespace tagconf::report {

struct ReviewImage {
  std::string id;
  int width = 0;  // of the stored image: the pixels in which boxes are given
  int height = 0;
  std::vector<std::byte> jpeg;  // the picture shown, of any size, same shape
  std::vector<TagBox> boxes;
};

struct ReviewPage {
  std::string title;
  std::string table_digest;             // of the tag table; progress is kept in the browser under it
  std::vector<std::string> page_files;  // names of all pages, for links; this one's among them
  std::size_t number = 0;               // of this page, from 0
  std::vector<ReviewImage> images;
};

// HTML whose content security policy allows the page's own script and style (by digest) and data: pictures,
// and nothing else. Same page, same bytes.
[[nodiscard]] std::string render_review(const ReviewPage& page);

}  // namespace tagconf::report
