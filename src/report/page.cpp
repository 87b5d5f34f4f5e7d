#include "tagconf/report/page.hpp"

#include "templates.hpp"

namespace tagconf::report {

Section empty_section(std::string id, std::string title, std::string_view what_fills_it) {
  return {std::move(id), std::move(title), paragraph(what_fills_it), true};
}

std::string render_page(const Page& page) {
  auto sections = templates::list();
  for (std::size_t i = 0; i < page.sections.size(); ++i) {
    const Section& section = page.sections[i];
    templates::Values s;
    s["id"] = section.id;
    s["name"] = section.title;
    s["number"] = std::to_string(i + 1);
    s["empty"] = section.empty;
    s["body"] = section.body.bytes;
    sections << s;
  }
  templates::Values values;
  values["title"] = page.title;
  values["style"] = templates::kStyle;
  values["banner_title"] = page.banner_title;
  values["sections"] = std::move(sections);
  const auto set_or_false = [&](const char* key, const std::string& text) {
    if (text.empty()) {
      values[key] = false;
    } else {
      values[key] = text;
    }
  };
  set_or_false("subtitle", page.subtitle);
  set_or_false("banner", page.banner);
  return templates::fill(templates::kPage, values);
}

}  // namespace tagconf::report
