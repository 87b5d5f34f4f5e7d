#include "tagconf/tags/review.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_place.hpp"

namespace tagconf::tags {
namespace {

bool same(const ReviewedBox& a, const ReviewedBox& b) {
  return a.box == b.box && a.kind == b.kind && a.from == b.from;
}

int whole(const JsonPlace& place, int low, int high) {
  const std::int64_t value = place.integer();
  if (value < low || value > high)
    place.fail_expected("an integer from " + std::to_string(low) + " to " + std::to_string(high));
  return static_cast<int>(value);
}

void refuse_other_keys(const JsonPlace& place, const std::set<std::string>& known) {
  for (const auto& [key, value] : place.object().value().items()) {
    if (known.count(key) == 0) place.fail("unknown key '" + key + "'");
  }
}

ReviewedBox read_box(const JsonPlace& place, int width, int height) {
  refuse_other_keys(place, {"x", "y", "w", "h", "kind", "from"});
  ReviewedBox out;
  out.box.x = whole(place.require("x"), 0, width - 1);
  out.box.y = whole(place.require("y"), 0, height - 1);
  // Outside its image is an error here as everywhere: never cut in silence.
  out.box.w = whole(place.require("w"), 1, width - out.box.x);
  out.box.h = whole(place.require("h"), 1, height - out.box.y);
  const JsonPlace kind = place.require("kind");
  const auto known = value_of<TagKind>(kind.text());
  if (!known) kind.fail_expected("one of " + all_names<TagKind>());
  out.kind = *known;
  if (place.has("from"))
    out.from = static_cast<std::size_t>(whole(place.at("from"), 0, std::numeric_limits<int>::max()));
  return out;
}

ReviewedImage read_image(const JsonPlace& place) {
  constexpr int kLargestSide = 1 << 24;
  refuse_other_keys(place, {"id", "width", "height", "boxes"});
  ReviewedImage out;
  out.where = place.where();
  out.id = place.require("id").text();
  out.width = whole(place.require("width"), 1, kLargestSide);
  out.height = whole(place.require("height"), 1, kLargestSide);
  std::set<std::size_t> origins;
  place.require("boxes").each([&](const JsonPlace& box) {
    out.boxes.push_back(read_box(box, out.width, out.height));
    const auto& from = out.boxes.back().from;
    if (from && !origins.insert(*from).second)
      box.fail("a second box made from box " + std::to_string(*from));
  });
  return out;
}

// What is known of the original is kept while the box is of the same kind: a moved letter is the same letter.
TagBox corrected(const ReviewedBox& reviewed, const std::vector<TagBox>& before) {
  TagBox tag;
  if (reviewed.from && before[*reviewed.from].kind == reviewed.kind) tag = before[*reviewed.from];
  tag.box = reviewed.box;
  tag.kind = reviewed.kind;
  tag.source = TagSource::person;
  tag.score.reset();
  return tag;
}

void count_changes(const ReviewedImage& image, const std::vector<TagBox>& before, Correction& out) {
  std::size_t kept = 0;
  bool changed = false;
  for (const ReviewedBox& box : image.boxes) {
    if (!box.from) {
      ++out.added;
      changed = true;
      continue;
    }
    ++kept;
    const TagBox& old = before[*box.from];
    if (old.box != box.box) ++out.moved;
    if (old.kind != box.kind) ++out.renamed;
    changed = changed || old.box != box.box || old.kind != box.kind;
  }
  out.removed += before.size() - kept;
  ++out.examined;
  out.changed += changed || kept != before.size() ? 1 : 0;
}

void check_fits(const ReviewedImage& image, const TagTable& table) {
  if (!table.examined(image.id)) throw_input(image.where + ": the table has no image '" + image.id + "'");
  const std::size_t boxes = table.boxes(image.id).size();
  for (const ReviewedBox& box : image.boxes) {
    if (box.from && *box.from >= boxes)
      throw_input(image.where + ": made from box " + std::to_string(*box.from) + ", but the table has " +
                  std::to_string(boxes) + " boxes for '" + image.id + "'");
  }
}

}  // namespace

std::string table_digest(const TagTable& table) {
  return sha256_hex(tags_csv(table));
}

ReviewEdits parse_edits(std::string_view text, const std::string& source) {
  const Json json = parse_json(text, source);
  const JsonPlace top(json, source, ErrorCode::input);
  const JsonPlace schema = top.require("schema");
  if (schema.text() != kReviewSchema) schema.fail_expected("\"" + std::string(kReviewSchema) + "\"");
  refuse_other_keys(top, {"schema", "table", "page", "images"});
  ReviewEdits out;
  out.source = source;
  out.table = top.require("table").text();
  std::set<std::string> seen;
  top.require("images").each([&](const JsonPlace& place) {
    out.images.push_back(read_image(place));
    if (!seen.insert(out.images.back().id).second)
      place.fail("a second image of the id '" + out.images.back().id + "'");
  });
  return out;
}

ReviewEdits read_edits(const std::filesystem::path& path) {
  return parse_edits(read_text(path), path.string());
}

Correction apply_edits(const TagTable& table, std::span<const ReviewEdits> edits) {
  const std::string digest = table_digest(table);
  std::map<std::string, const ReviewedImage*> reviewed;
  for (const ReviewEdits& file : edits) {
    if (file.table != digest) {
      throw_input(file.source + ": was made from another tag table than " + table.source() + " (" +
                      file.table.substr(0, 8) + ", not " + digest.substr(0, 8) + ")",
                  "apply it to the table that its page was made from");
    }
    for (const ReviewedImage& image : file.images) {
      check_fits(image, table);
      const auto [other, fresh] = reviewed.emplace(image.id, &image);
      if (!fresh && !std::equal(image.boxes.begin(), image.boxes.end(), other->second->boxes.begin(),
                                other->second->boxes.end(), same)) {
        throw_input(image.where + ": '" + image.id + "' has other boxes in " + other->second->where,
                    "keep the file that is right");
      }
    }
  }
  Correction out;
  out.table = TagTable(table.source());
  for (const std::string& id : table.images()) {
    const auto found = reviewed.find(id);
    const std::vector<TagBox>& before = table.boxes(id);
    out.table.add_image(id, found == reviewed.end() ? table.none_by(id) : TagSource::person);
    if (found == reviewed.end()) {
      for (const TagBox& tag : before) out.table.add(id, tag);
      continue;
    }
    for (const ReviewedBox& box : found->second->boxes) out.table.add(id, corrected(box, before));
    count_changes(*found->second, before, out);
  }
  return out;
}

}  // namespace tagconf::tags
