#include "tagconf/report/review.hpp"

#include <string_view>

#include "review_page.hpp"
#include "review_script.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/report/html.hpp"
#include "templates.hpp"

namespace tagconf::report {
namespace {

Json box_json(const TagBox& tag) {
  Json out{
      {"x", tag.box.x}, {"y", tag.box.y}, {"w", tag.box.w}, {"h", tag.box.h}, {"kind", name_of(tag.kind)}};
  if (tag.score) out["score"] = finite_or_null(*tag.score);
  out["source"] = name_of(tag.source);
  if (!tag.text.empty()) out["text"] = tag.text;
  return out;
}

Json page_json(const ReviewPage& page) {
  Json images = Json::array();
  for (const ReviewImage& image : page.images) {
    Json boxes = Json::array();
    for (const TagBox& tag : image.boxes) boxes.push_back(box_json(tag));
    images.push_back({{"id", image.id},
                      {"width", image.width},
                      {"height", image.height},
                      {"boxes", std::move(boxes)},
                      {"jpeg", base64(image.jpeg)}});
  }
  Json kinds = Json::array();
  for (const auto& entry : EnumNames<TagKind>::kNames) kinds.push_back(entry.second);
  return {{"table", page.table_digest},
          {"page", page.number + 1},
          {"pages", page.page_files},
          {"kinds", std::move(kinds)},
          {"images", std::move(images)}};
}

// JSON inside a script element: "</script>" and "<!--" must not occur, and '<' occurs in texts alone.
std::string embedded(const Json& value) {
  const std::string text = canonical_json(value);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

// "sha256-..." of an inline style or script, as a content security policy names it.
std::string policy_digest(const std::string& text) {
  const std::string hex = sha256_hex(text);
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16U + digit(hex[i + 1])));
  return "sha256-" + base64(bytes);
}

}  // namespace

std::string render_review(const ReviewPage& page) {
  templates::Values values;
  values["title"] = page.title;
  values["style"] = review_page::kStyle;
  values["script"] = review_page::kScript;
  values["style_digest"] = policy_digest(review_page::kStyle);
  values["script_digest"] = policy_digest(review_page::kScript);
  values["data"] = embedded(page_json(page));
  return templates::fill(review_page::kPage, values);
}

}  // namespace tagconf::report
