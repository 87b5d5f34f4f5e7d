#include "tagconf/phantom/render.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "frame.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/radiograph.hpp"
#include "tagconf/phantom/tag_sprite.hpp"

namespace tagconf::phantom {
namespace {

using imaging::Plane;

// Blur carries ink this far beyond its box.
constexpr int kBoxPad = 2;

// The same patient's bones in all images, posed anew for each.
Anatomy anatomy_of(const ImagePlan& item) {
  Rng body(item.seed, "phantom.body", key_word(item.patient_id));
  const Anatomy base = make_anatomy(item.part, item.view, body);
  Rng pose(item.seed, "phantom.pose", key_word(item.image_id));
  const bool narrow = item.part == Part::forearm || item.part == Part::humerus || item.part == Part::finger;
  double turn = std::clamp((narrow ? 4.0 : 8.0) * pose.normal(), -20.0, 20.0);
  // A forearm from the side is laid along the film, the elbow up or down.
  if (item.part == Part::forearm && item.view == 2) turn += item.mirrored ? -90 : 90;
  if (item.part == Part::forearm && pose.chance(0.5)) turn += 180;
  Anatomy out = posed(base, turn, item.mirrored);
  const double nearer = pose.uniform(0.92, 1.14);
  out.field /= nearer;
  const Point shift{0.02 * out.field * pose.normal(), 0.02 * out.field * pose.normal()};
  return shifted(std::move(out), shift);
}

LesionPlan lesion_of(const ImagePlan& item) {
  Rng rng(item.seed, "phantom.lesion", key_word(item.study_id));
  LesionPlan lesion;
  lesion.kind = item.lesion;
  lesion.severity = item.severity;
  lesion.site = rng.uniform();
  lesion.place = rng.uniform();
  lesion.seed = item.seed;
  lesion.study = key_word(item.study_id);
  lesion.view = item.view;
  return lesion;
}

struct Canvas {
  Plane grey;
  Exposed exposed;
  Look look;
};

// Everything up to the tags.
Canvas expose_item(const ImagePlan& item) {
  const std::uint64_t image = key_word(item.image_id);
  Canvas out;
  Rng maker(item.seed, "phantom.look", key_word(item.study_id));
  out.look = draw_look(maker);
  Rng exposure(item.seed, "phantom.exposure", image);
  const Anatomy anatomy = anatomy_of(item);
  out.exposed = expose(anatomy, item.width, item.height, lesion_of(item), out.look, exposure);
  out.grey = std::move(out.exposed.grey);
  Rng extras(item.seed, "phantom.extras", image);
  add_distractor(out.grey, anatomy, item.part, extras);
  Rng shutters(item.seed, "phantom.shutters", image);
  collimate(out.grey, shutters);
  return out;
}

imaging::GreyImage digitise(Canvas& canvas, const ImagePlan& item) {
  Rng noise(item.seed, "phantom.noise", key_word(item.image_id));
  add_blur_and_noise(canvas.grey, canvas.look, noise);
  imaging::GreyImage out(item.width, item.height, 8);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    out.pixels[i] =
        static_cast<std::uint16_t>(std::lround(255 * std::clamp(canvas.grey.values[i], 0.0F, 1.0F)));
  }
  return out;
}

// Share of the box that covers bone, by the uninjured anatomy: a tag's place shall not know of the lesion.
double bone_share(const Exposed& exposed, int width, int height, const Rect& box) {
  const Rect seen = intersect(box, {0, 0, width, height});
  if (seen.empty()) return 0;
  std::size_t covered = 0;
  std::size_t count = 0;
  for (int y = seen.y; y < seen.bottom(); y += 3) {
    for (int x = seen.x; x < seen.right(); x += 3) {
      ++count;
      covered += exposed.intact[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                static_cast<std::size_t>(x)];
    }
  }
  return static_cast<double>(covered) / static_cast<double>(count);
}

struct Place {
  int x = 0;
  int y = 0;
};

// In the wanted half of the picture, near a side, clear of bone where that can be had; sometimes cut by the
// edge.
Place place_of(const TagSprite& sprite, bool upper, const Canvas& canvas, Rng& rng) {
  const int w = sprite.alpha.width;
  const int h = sprite.alpha.height;
  const Plane& grey = canvas.grey;
  Place best;
  double least = 2;
  const bool clipped = rng.chance(0.06);
  for (int attempt = 0; attempt < 8; ++attempt) {
    const bool left = rng.chance(0.5);
    const double inset_x = grey.width * rng.uniform(0.012, 0.16);
    const double inset_y = grey.height * rng.uniform(0.012, 0.24);
    const double cut = w * rng.uniform(0.15, 0.4);
    Place place;
    const double from_side = clipped ? -cut : inset_x;
    place.x = static_cast<int>(std::lround(left ? from_side : grey.width - w - from_side));
    // The middle of the box decides which half it is in.
    const int last = upper ? (grey.height - h) / 2 - kBoxPad - 1 : grey.height - h;
    const int first = upper ? 0 : (grey.height - h) / 2 + kBoxPad + 1;
    place.y = std::clamp(static_cast<int>(std::lround(upper ? inset_y : grey.height - h - inset_y)), first,
                         std::max(first, last));
    const double share = bone_share(canvas.exposed, grey.width, grey.height, {place.x, place.y, w, h});
    if (share >= least) continue;
    best = place;
    least = share;
    if (least < 0.03) break;
  }
  return best;
}

// A tag on the picture, and what is needed to measure it once the picture is finished.
struct LaidTag {
  TagBox tag;
  TagLook look;
  TagSprite sprite;
  Place place;
};

std::optional<LaidTag> lay_tag(Canvas& canvas, const TagLook& look, bool upper, Rng& rng) {
  TagSprite sprite = draw_tag(look);
  const Place place = place_of(sprite, upper, canvas, rng);
  const Rect ink = paste(canvas.grey, sprite, place.x, place.y);
  if (ink.empty()) return std::nullopt;
  const bool dark = look.style == TagStyle::cutout || look.style == TagStyle::bright_disc;
  TagBox tag;
  tag.box = padded(ink, kBoxPad, canvas.grey.width, canvas.grey.height);
  tag.source = TagSource::given;
  tag.rotation = look.angle;
  tag.mirrored = look.mirrored;
  tag.polarity = dark ? "dark" : "bright";
  tag.plate = look.style == TagStyle::plate || look.style == TagStyle::cutout;
  tag.ring = look.style == TagStyle::ring || look.style == TagStyle::dark_disc ||
             look.style == TagStyle::bright_disc;
  const Rect whole{place.x, place.y, sprite.alpha.width, sprite.alpha.height};
  tag.clipped = intersect(whole, {0, 0, canvas.grey.width, canvas.grey.height}) != whole;
  return LaidTag{std::move(tag), look, std::move(sprite), place};
}

std::optional<LaidTag> add_marker(const ImagePlan& item, Canvas& canvas) {
  if (!item.tag.present) return std::nullopt;
  Rng rng(item.seed, "phantom.tag_look", key_word(item.image_id));
  const std::string letter = item.tag.right ? "R" : "L";
  const TagLook look = draw_look_of_letter(letter, item.tag.on_plate, std::max(item.width, item.height), rng);
  auto laid = lay_tag(canvas, look, item.tag.upper, rng);
  if (!laid) return laid;
  laid->tag.kind = TagKind::laterality;
  laid->tag.letter = letter;
  laid->tag.text = look.initials.empty() ? letter : letter + " " + look.initials;
  return laid;
}

// Small print that some films carry besides the marker.
std::optional<LaidTag> add_text(const ImagePlan& item, Canvas& canvas, const std::vector<LaidTag>& others) {
  Rng rng(item.seed, "phantom.text", key_word(item.image_id));
  if (!rng.chance(0.12)) return std::nullopt;
  constexpr std::array kWords{"PORTABLE",  "ERECT",           "STANDING",      "AP", "LAT", "OBL", "ALERT",
                              "TABLE TOP", "HORIZONTAL BEAM", "WEIGHT BEARING"};
  const bool initials = rng.chance(0.4);
  std::string text;
  if (initials) {
    for (int i = 0; i < 3; ++i) text += static_cast<char>('A' + rng.below(26));
  } else {
    text = kWords[rng.below(kWords.size())];
  }
  const TagLook look = draw_look_of_text(text, std::max(item.width, item.height), rng);
  const bool upper = rng.chance(0.5);
  const Plane before = canvas.grey;
  for (int attempt = 0; attempt < 4; ++attempt) {
    auto laid = lay_tag(canvas, look, upper, rng);
    const bool free = laid && std::all_of(others.begin(), others.end(), [&](const LaidTag& other) {
                        return intersect(other.tag.box, laid->tag.box).empty();
                      });
    if (free) {
      laid->tag.kind = initials ? TagKind::technologist : TagKind::text;
      laid->tag.text = text;
      return laid;
    }
    canvas.grey = before;
  }
  return std::nullopt;
}

}  // namespace

Rendered render_image(const ImagePlan& item) {
  Canvas canvas = expose_item(item);
  std::vector<LaidTag> laid;
  if (auto marker = add_marker(item, canvas)) laid.push_back(std::move(*marker));
  if (auto text = add_text(item, canvas, laid)) laid.push_back(std::move(*text));
  Rendered out;
  out.lesion = canvas.exposed.lesion;
  out.bones = imaging::GreyImage(item.width, item.height, 8);
  for (std::size_t i = 0; i < out.bones.pixels.size(); ++i)
    out.bones.pixels[i] = canvas.exposed.bone[i] != 0 ? 255 : 0;
  out.image = digitise(canvas, item);
  for (LaidTag& entry : laid) {
    out.looks.push_back(measure_tag(out.image, entry.look, entry.sprite, entry.place.x, entry.place.y));
    entry.tag.contrast = out.looks.back().contrast;
    out.tags.push_back(std::move(entry.tag));
  }
  return out;
}

imaging::GreyImage render_without_tags(const ImagePlan& item) {
  Canvas canvas = expose_item(item);
  return digitise(canvas, item);
}

}  // namespace tagconf::phantom
