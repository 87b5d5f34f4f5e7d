#include "report_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tagconf/arms/render.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/colour.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/report/choice.hpp"

namespace tagconf::stages {
namespace {

using imaging::GreyImage;
using imaging::Plane;
using imaging::RgbImage;
using report::Picture;

constexpr int kQuality = 85;

struct Colour {
  std::uint8_t r;
  std::uint8_t g;
  std::uint8_t b;
};
constexpr Colour kFound{86, 180, 233};
constexpr Colour kMissed{230, 159, 0};

// Side lengths at most kPictureSide; never enlarged.
std::pair<int, int> small_size(const GreyImage& image) {
  const double scale = std::min(1.0, static_cast<double>(kPictureSide) / std::max(image.width, image.height));
  const auto side = [&](int n) { return std::max(1, static_cast<int>(std::lround(n * scale))); };
  return {side(image.width), side(image.height)};
}

GreyImage shrunk(const GreyImage& image) {
  const auto [w, h] = small_size(image);
  return w == image.width && h == image.height ? image : imaging::resize(image, w, h);
}

Rect scaled(const Rect& box, const GreyImage& from, const RgbImage& to) {
  const double sx = static_cast<double>(to.width) / from.width;
  const double sy = static_cast<double>(to.height) / from.height;
  const int x0 = static_cast<int>(std::floor(box.x * sx));
  const int y0 = static_cast<int>(std::floor(box.y * sy));
  const int x1 = static_cast<int>(std::ceil(box.right() * sx));
  const int y1 = static_cast<int>(std::ceil(box.bottom() * sy));
  return intersect({x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2}, {0, 0, to.width, to.height});
}

template <class Image>
Picture picture_of(const Image& image, std::string description, std::vector<std::string> lines) {
  return {imaging::encode_jpeg(image, kQuality), image.width, image.height, std::move(description),
          std::move(lines)};
}

std::string label_words(const Sample& s) {
  std::string out = s.body_part;
  if (s.label) out += (out.empty() ? "" : ", ") + std::string(*s.label == 1 ? "abnormal" : "normal");
  return out;
}

// Images of the test split where it has any, else all.
std::vector<std::size_t> shown_rows(const cohort::Manifest& manifest) {
  std::vector<std::size_t> test;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < manifest.rows.size(); ++i) {
    all.push_back(i);
    if (manifest.rows[i].sample.split == Split::test) test.push_back(i);
  }
  return test.empty() ? all : test;
}

std::vector<TagBox> wanted_boxes(const tags::TagTable& table, const std::string& id,
                                 const tags::CoverOptions& cover) {
  std::vector<TagBox> out;
  for (const auto& box : table.boxes(id)) {
    if (std::find(cover.kinds.begin(), cover.kinds.end(), box.kind) != cover.kinds.end()) out.push_back(box);
  }
  return out;
}

// `model`: an arm, with or without a seed (covered.s1).
std::optional<double> probability_of(const ReportInputs& in, const std::string& model,
                                     const std::string& id) {
  const auto images = in.probabilities.find(model.substr(0, model.find('.')));
  if (images == in.probabilities.end()) return std::nullopt;
  const auto it = images->second.find(id);
  return it == images->second.end() ? std::nullopt : std::optional(it->second);
}

// An image that cannot be read costs its picture, not the report.
std::optional<GreyImage> try_read(const cohort::Manifest& manifest, const cohort::ManifestRow& row) {
  try {
    return imaging::read_image(manifest.image_path(row));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::input) throw;
    log_warning("left out of the report: " + error.message());
    return std::nullopt;
  }
}

void check_stop(const PictureSettings& settings) {
  if (settings.stop_requested && settings.stop_requested()) {
    throw Error(ErrorCode::incomplete, "report: stopped", "run it again");
  }
}

report::Candidate candidate(const ReportInputs& in, const Sample& s, const tags::CoverOptions& cover) {
  return {s.image_id, s.patient_id, s.label, in.tags && !wanted_boxes(*in.tags, s.image_id, cover).empty()};
}

std::string boxes_words(std::size_t found, std::size_t missed, bool truth) {
  std::string out = std::to_string(found) + " found";
  if (truth) out += ", " + std::to_string(missed) + " missed";
  return out;
}

// The boxes of one image for the tag examples, and whether it is one to look at first.
struct Example {
  std::size_t row = 0;
  std::vector<TagBox> found;
  std::vector<Rect> missed;
  bool doubtful = false;
};

Example example_of(const ReportInputs& in, std::size_t row, const tags::CoverOptions& cover) {
  const std::string& id = in.manifest->rows[row].sample.image_id;
  Example e;
  e.row = row;
  e.found = wanted_boxes(*in.tags, id, cover);
  std::vector<Rect> rects;
  for (const auto& box : e.found) {
    rects.push_back(box.box);
    e.doubtful = e.doubtful || (box.score && *box.score < 0.7);
  }
  if (in.truth && in.truth->tags) {
    e.doubtful = false;
    for (const auto& box : in.truth->tags->boxes(id)) {
      if (!report::is_found(box.box, rects)) e.missed.push_back(box.box);
    }
  }
  return e;
}

Picture draw_example(const ReportInputs& in, const Example& e, const GreyImage& image) {
  RgbImage small = imaging::to_rgb(shrunk(image));
  const bool truth = in.truth && in.truth->tags;
  const auto outline = [&](const Rect& box, const Colour& c) {
    imaging::draw_outline(small, scaled(box, image, small), c.r, c.g, c.b, 2);
  };
  for (const auto& tag : e.found) {
    const bool doubtful = !truth && tag.score && *tag.score < 0.7;
    outline(tag.box, doubtful ? kMissed : kFound);
  }
  for (const auto& box : e.missed) outline(box, kMissed);
  const Sample& s = in.manifest->rows[e.row].sample;
  const std::string words = boxes_words(e.found.size(), e.missed.size(), truth);
  return picture_of(small, s.image_id + ", tags outlined: " + words, {label_words(s), words, s.image_id});
}

// Map i enlarged to the picture, from 0 (nothing, or evidence against) to 1 (the map's largest value).
std::optional<Plane> map_plane(const NpyMap& maps, std::size_t i, int width, int height) {
  const auto& shape = maps.shape();
  if (maps.type() != NpyType::float32 || shape.size() != 3 || i >= shape[0]) return std::nullopt;
  Plane plane(static_cast<int>(shape[2]), static_cast<int>(shape[1]));
  std::memcpy(plane.values.data(), maps.item(i).data(), plane.values.size() * sizeof(float));
  float largest = 0;
  for (const float v : plane.values) largest = std::isfinite(v) ? std::max(largest, v) : largest;
  for (float& v : plane.values) v = largest > 0 && std::isfinite(v) ? std::max(v, 0.0F) / largest : 0.0F;
  return imaging::upsample(plane, width, height);
}

std::map<std::string, std::size_t> rows_by_id(const cohort::Manifest& manifest) {
  std::map<std::string, std::size_t> out;
  for (std::size_t i = 0; i < manifest.rows.size(); ++i) out[manifest.rows[i].sample.image_id] = i;
  return out;
}

std::optional<Picture> draw_map(const ReportInputs& in, const CamFolder& folder, const report::CamRow& row,
                                std::size_t manifest_row, const std::string& why,
                                const PictureSettings& settings) {
  const cohort::ManifestRow& entry = in.manifest->rows[manifest_row];
  const auto image = try_read(*in.manifest, entry);
  if (!image) return std::nullopt;
  const std::vector<TagBox> boxes = in.tags ? in.tags->boxes(row.image_id) : std::vector<TagBox>{};
  const Arm arm = value_of<Arm>(row.test_arm).value_or(Arm::original);
  const GreyImage small = shrunk(arms::render(*image, boxes, arm, settings.cover));
  const auto map = map_plane(*folder.maps, row.map_index, small.width, small.height);
  if (!map) return std::nullopt;
  RgbImage drawn = imaging::overlay(small, *map, imaging::ColourMap::magma, 0.6);
  for (const auto& box : tags::cover_boxes(boxes, settings.cover, image->width, image->height)) {
    imaging::draw_outline(drawn, scaled(box, *image, drawn), kFound.r, kFound.g, kFound.b, 1);
  }
  std::string first = why;
  if (row.in_tag) first += ": " + report::format_percent(row.in_tag, 0);
  std::string second = label_words(entry.sample);
  if (const auto p = probability_of(in, folder.name, row.image_id))
    second += ", p\u00a0" + report::format_value(p, 2);
  return picture_of(drawn, "Grad-CAM of the model " + report::spoken(folder.name) + " on " + row.image_id,
                    {first, second, row.image_id});
}

}  // namespace

std::vector<report::ArmPictures> draw_arms(const ReportInputs& in, const PictureSettings& settings) {
  const auto rows = shown_rows(*in.manifest);
  std::vector<report::Candidate> candidates;
  std::vector<std::size_t> of;
  for (const std::size_t i : rows) {
    const Sample& s = in.manifest->rows[i].sample;
    if (!in.tags->examined(s.image_id)) continue;
    candidates.push_back(candidate(in, s, settings.cover));
    of.push_back(i);
  }
  std::vector<report::ArmPictures> out;
  for (const auto& entry : EnumNames<Arm>::kNames) out.push_back({std::string(entry.second), {}});
  for (const std::size_t chosen : report::choose_examples(candidates, kExamples, settings.seed)) {
    check_stop(settings);
    const cohort::ManifestRow& row = in.manifest->rows[of[chosen]];
    const auto image = try_read(*in.manifest, row);
    if (!image) continue;
    for (auto& arm : out) {
      const Arm which = *value_of<Arm>(arm.arm);
      const GreyImage small =
          shrunk(arms::render(*image, in.tags->boxes(row.sample.image_id), which, settings.cover));
      std::vector<std::string> lines;
      if (which == Arm::original) lines.push_back(label_words(row.sample));
      if (const auto p = probability_of(in, arm.arm, row.sample.image_id))
        lines.push_back("p " + report::format_value(p, 2));
      if (which == Arm::original) lines.push_back(row.sample.image_id);
      arm.pictures.push_back(
          picture_of(small, row.sample.image_id + ", " + report::spoken(arm.arm), std::move(lines)));
      settings.drawn();
    }
  }
  return out;
}

std::vector<Picture> draw_tags(const ReportInputs& in, const PictureSettings& settings) {
  std::vector<Example> examples;
  std::vector<report::Candidate> first;
  std::vector<report::Candidate> rest;
  std::vector<std::size_t> first_of;
  std::vector<std::size_t> rest_of;
  for (const std::size_t i : shown_rows(*in.manifest)) {
    const Sample& s = in.manifest->rows[i].sample;
    if (!in.tags->examined(s.image_id)) continue;
    examples.push_back(example_of(in, i, settings.cover));
    const bool urgent = examples.back().doubtful || !examples.back().missed.empty();
    (urgent ? first : rest).push_back(candidate(in, s, settings.cover));
    (urgent ? first_of : rest_of).push_back(examples.size() - 1);
  }
  std::vector<std::size_t> chosen;
  // At most half are failures: the reader should also see what a find looks like.
  for (const std::size_t c : report::choose_examples(first, kExamples / 2, settings.seed))
    chosen.push_back(first_of[c]);
  for (const std::size_t c : report::choose_examples(rest, kExamples - chosen.size(), settings.seed)) {
    chosen.push_back(rest_of[c]);
  }
  std::vector<Picture> out;
  for (const std::size_t c : chosen) {
    check_stop(settings);
    const auto image = try_read(*in.manifest, in.manifest->rows[examples[c].row]);
    if (!image) continue;
    out.push_back(draw_example(in, examples[c], *image));
    settings.drawn();
  }
  return out;
}

std::vector<report::ArmPictures> draw_cams(const ReportInputs& in, const PictureSettings& settings) {
  std::vector<report::ArmPictures> out;
  std::size_t folders = 0;
  for (const auto& folder : in.cams) folders += folder.maps ? 1 : 0;
  if (folders == 0) return out;
  const auto by_id = rows_by_id(*in.manifest);
  for (const auto& folder : in.cams) {
    if (!folder.maps) continue;
    std::vector<report::CamCandidate> candidates;
    std::vector<std::size_t> of;
    for (std::size_t i = 0; i < folder.rows.size(); ++i) {
      const auto& row = folder.rows[i];
      const auto at = by_id.find(row.image_id);
      if (at == by_id.end()) continue;
      candidates.push_back({row.image_id, row.in_tag, probability_of(in, folder.name, row.image_id),
                            in.manifest->rows[at->second].sample.label});
      of.push_back(i);
    }
    out.push_back({folder.name, {}});
    const std::size_t room = static_cast<std::size_t>(settings.gallery) / folders;
    for (const auto& choice : report::choose_cams(candidates, room, settings.seed)) {
      check_stop(settings);
      const auto& row = folder.rows[of[choice.index]];
      auto picture = draw_map(in, folder, row, by_id.at(row.image_id), choice.why, settings);
      if (picture) out.back().pictures.push_back(std::move(*picture));
      settings.drawn();
    }
  }
  return out;
}

}  // namespace tagconf::stages
