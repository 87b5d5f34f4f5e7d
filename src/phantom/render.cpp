#include "tagconf/phantom/render.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/radiograph.hpp"
#include "tagconf/phantom/tag_sprite.hpp"

namespace tagconf::phantom {
namespace {

using imaging::Plane;

cv::Mat matrix(Plane& plane) {
  return {plane.height, plane.width, CV_32F, plane.values.data()};
}

// The same patient's bones in all images of a study, turned and shifted a little from image to image.
Anatomy anatomy_of(const ImagePlan& item) {
  Rng body(item.seed, "phantom.body", key_word(item.study_id));
  const int view = item.image_number;
  const Anatomy base = make_anatomy(item.part, view, body);
  Rng pose(item.seed, "phantom.pose", key_word(item.image_id));
  const bool narrow = item.part == Part::forearm || item.part == Part::humerus || item.part == Part::finger;
  const double turn = (narrow ? 5.0 : 9.0) * pose.normal();
  const double scale = pose.uniform(0.86, 1.08);
  return moved(base, std::clamp(turn, -22.0, 22.0), scale, {0.022 * pose.normal(), 0.022 * pose.normal()},
               item.mirrored);
}

// Lead shutters: outside a slightly turned rectangle nothing was exposed.
void collimate(Plane& grey, Rng& rng) {
  if (!rng.chance(0.55)) return;
  const double angle = rng.chance(0.5) ? 0.0 : 0.035 * rng.normal();
  const double half_w = grey.width * rng.uniform(0.43, 0.52);
  const double half_h = grey.height * rng.uniform(0.44, 0.52);
  const double cx = grey.width * rng.uniform(0.48, 0.52);
  const double cy = grey.height * rng.uniform(0.48, 0.52);
  const double level = rng.uniform(0.0, 0.03);
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  for (int y = 0; y < grey.height; ++y) {
    for (int x = 0; x < grey.width; ++x) {
      const double dx = c * (x - cx) + s * (y - cy);
      const double dy = -s * (x - cx) + c * (y - cy);
      const double outside = std::max(std::abs(dx) - half_w, std::abs(dy) - half_h);
      const double open = std::clamp(0.5 - outside / 2.5, 0.0, 1.0);
      float& v = grey.at(x, y);
      v = static_cast<float>(level + open * (v - level));
    }
  }
}

// Things that are no tags: a finger ring, a lead wire, a bright corner.
void add_distractor(Plane& grey, Part part, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  const double kind = rng.uniform();
  cv::Mat mask(grey.height, grey.width, CV_8U, cv::Scalar(0));
  double level = 0.9;
  if (kind < 0.10 && (part == Part::hand || part == Part::finger)) {
    const cv::Point at(static_cast<int>(grey.width * rng.uniform(0.3, 0.7)),
                       static_cast<int>(grey.height * rng.uniform(0.3, 0.5)));
    const cv::Size axes(static_cast<int>(0.032 * side), static_cast<int>(0.010 * side));
    cv::ellipse(mask, at, axes, rng.uniform(-15.0, 15.0), 0, 360, cv::Scalar(255),
                std::max(1, static_cast<int>(0.006 * side)), cv::LINE_AA);
  } else if (kind < 0.18) {
    const int edge = static_cast<int>(0.07 * side * rng.uniform(0.5, 1.2));
    const bool right = rng.chance(0.5);
    const int x = right ? grey.width - 1 : 0;
    const std::array<cv::Point, 3> corner{cv::Point(x, grey.height - 1),
                                          cv::Point(right ? x - edge : edge, grey.height - 1),
                                          cv::Point(x, grey.height - 1 - edge)};
    cv::fillConvexPoly(mask, corner.data(), 3, cv::Scalar(255), cv::LINE_AA);
    level = rng.uniform(0.6, 1.0);
  } else if (kind < 0.24) {
    cv::Point from(static_cast<int>(grey.width * rng.uniform(0.0, 1.0)), 0);
    const double phase = rng.uniform(0.0, 6.0);
    for (int i = 1; i <= 24; ++i) {
      const double t = i / 24.0;
      const cv::Point to(static_cast<int>(from.x + grey.width * 0.012 * std::sin(phase + 7 * t)),
                         static_cast<int>(t * 0.5 * grey.height));
      cv::line(mask, from, to, cv::Scalar(255), 1, cv::LINE_AA);
      from = to;
    }
    level = 0.7;
  } else {
    return;
  }
  cv::Mat alpha;
  mask.convertTo(alpha, CV_32F, rng.uniform(0.6, 0.95) / 255);
  cv::Mat view = matrix(grey);
  view = view.mul(1.0 - alpha) + alpha * level;
}

struct PlacedTag {
  TagLook look;
  bool faint = false;
  bool clipped = false;
};

TagLook draw_look(const ImagePlan& item, Rng& rng) {
  const double side = std::max(item.width, item.height);
  TagLook look;
  look.letter = item.tag.right ? "R" : "L";
  const bool second = rng.chance(0.45);
  look.style = item.tag.on_plate ? (second ? TagStyle::cutout : TagStyle::plate)
                                 : (second ? TagStyle::disc : TagStyle::ink);
  if (look.style != TagStyle::disc && rng.chance(0.35)) {
    const int count = 2 + static_cast<int>(rng.below(2));
    for (int i = 0; i < count; ++i) look.initials += static_cast<char>('A' + rng.below(26));
  }
  look.cap_height = side * rng.uniform(0.055, 0.095);
  const double u = rng.uniform();
  look.angle = u < 0.70 ? 0.0 : (u < 0.90 ? 9.0 * rng.normal() : (u < 0.96 ? 90.0 : -90.0));
  look.mirrored = rng.chance(0.08);
  constexpr std::array<int, 4> kFaces{cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_DUPLEX,
                                      cv::FONT_HERSHEY_COMPLEX, cv::FONT_HERSHEY_TRIPLEX};
  look.face = kFaces[rng.below(kFaces.size())];
  look.stroke = rng.uniform(0.10, 0.20);
  const bool faint = rng.chance(0.08);
  look.ink = faint ? rng.uniform(0.35, 0.5) : rng.uniform(0.85, 1.0);
  look.plate = rng.uniform(0.30, 0.55) * (faint ? 0.6 : 1.0);
  look.opacity = faint ? 0.6 : rng.uniform(0.88, 1.0);
  return look;
}

std::optional<TagBox> add_tag(const ImagePlan& item, Plane& grey) {
  if (!item.tag.present) return std::nullopt;
  Rng rng(item.seed, "phantom.tag_look", key_word(item.image_id));
  const TagLook look = draw_look(item, rng);
  const TagSprite sprite = draw_tag(look);
  const int w = sprite.alpha.width;
  const int h = sprite.alpha.height;
  const bool clipped = rng.chance(0.05);
  const bool left = rng.chance(0.5);
  const double inset_x = grey.width * rng.uniform(0.015, 0.13);
  const double inset_y = grey.height * rng.uniform(0.015, 0.24);
  int x = static_cast<int>(left ? inset_x : grey.width - w - inset_x);
  if (clipped)
    x = left ? -static_cast<int>(w * rng.uniform(0.15, 0.4))
             : grey.width - w + static_cast<int>(w * rng.uniform(0.15, 0.4));
  const int y = std::clamp(static_cast<int>(item.tag.upper ? inset_y : grey.height - h - inset_y), 0,
                           std::max(0, grey.height - h));
  Plane before = grey;
  const Rect box = paste(grey, sprite, x, y);
  if (box.empty()) return std::nullopt;
  double ink = 0;
  double around = 0;
  for (int py = box.y; py < box.bottom(); ++py) {
    for (int px = box.x; px < box.right(); ++px) {
      ink = std::max<double>(ink, grey.at(px, py));
      around += before.at(px, py);
    }
  }
  TagBox tag;
  tag.box = box;
  tag.kind = TagKind::laterality;
  tag.source = TagSource::given;
  tag.text = look.initials.empty() ? look.letter : look.letter + " " + look.initials;
  tag.letter = look.letter;
  tag.rotation = look.angle;
  tag.mirrored = look.mirrored;
  tag.polarity = look.style == TagStyle::cutout ? "dark" : "bright";
  tag.plate = look.style == TagStyle::plate || look.style == TagStyle::cutout;
  tag.ring = look.style == TagStyle::disc;
  tag.clipped = clipped;
  tag.contrast = ink - around / static_cast<double>(box.area());
  return tag;
}

}  // namespace

Rendered render_image(const ImagePlan& item) {
  const std::uint64_t image = key_word(item.image_id);
  Rng exposure(item.seed, "phantom.exposure", image);
  Exposed exposed = expose(anatomy_of(item), item.width, item.height, item.lesion, item.severity, exposure);
  Plane& grey = exposed.grey;
  Rng extras(item.seed, "phantom.extras", image);
  collimate(grey, extras);
  add_distractor(grey, item.part, extras);
  Rendered out;
  out.tag = add_tag(item, grey);
  out.lesion = exposed.lesion;
  add_blur_and_noise(grey, extras.uniform(0.5, 0.95), extras.uniform(0.008, 0.022), extras);
  const double gamma = extras.uniform(0.85, 1.25);
  out.image = imaging::GreyImage(item.width, item.height, 8);
  out.bones = imaging::GreyImage(item.width, item.height, 8);
  for (std::size_t i = 0; i < grey.values.size(); ++i) {
    const double v = std::pow(std::clamp<double>(grey.values[i], 0.0, 1.0), gamma);
    out.image.pixels[i] = static_cast<std::uint16_t>(std::lround(255 * v));
    out.bones.pixels[i] = exposed.bone[i] != 0 ? 255 : 0;
  }
  return out;
}

}  // namespace tagconf::phantom
