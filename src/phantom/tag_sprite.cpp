#include "tagconf/phantom/tag_sprite.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace tagconf::phantom {
namespace {

constexpr int kOversampling = 4;
constexpr float kLeastAlpha = 0.04F;

// Coverage of one line of text at kOversampling, cut to its ink.
cv::Mat text_mask(const std::string& text, int face, double cap_height, double stroke) {
  const double height = kOversampling * cap_height;
  // Hershey capitals are 21 units tall; strokes add their thickness.
  const int thickness = std::max(1, static_cast<int>(std::lround(stroke * height)));
  const double size = std::max(0.1, (height - thickness) / 21.0);
  int baseline = 0;
  const cv::Size extent = cv::getTextSize(text, face, size, thickness, &baseline);
  const int margin = 2 * thickness + 4;
  cv::Mat mask(extent.height + baseline + 2 * margin, extent.width + 2 * margin, CV_8U, cv::Scalar(0));
  cv::putText(mask, text, {margin, margin + extent.height}, face, size, cv::Scalar(255), thickness,
              cv::LINE_8);
  return mask(cv::boundingRect(mask)).clone();
}

// The letter with its initials, no margin.
cv::Mat layout(const TagLook& look) {
  cv::Mat letter = text_mask(look.letter, look.face, look.cap_height, look.stroke);
  if (look.initials.empty()) return letter;
  const double share = look.stacked ? 0.52 : 0.55;
  const cv::Mat small = text_mask(look.initials, cv::FONT_HERSHEY_SIMPLEX, share * look.cap_height,
                                  std::min(0.16, look.stroke));
  const int gap = std::max(3, static_cast<int>(0.22 * kOversampling * look.cap_height));
  cv::Mat out;
  if (look.stacked) {
    const int w = std::max(letter.cols, small.cols);
    out = cv::Mat(letter.rows + gap + small.rows, w, CV_8U, cv::Scalar(0));
    letter.copyTo(out(cv::Rect((w - letter.cols) / 2, 0, letter.cols, letter.rows)));
    small.copyTo(out(cv::Rect((w - small.cols) / 2, letter.rows + gap, small.cols, small.rows)));
  } else {
    const int h = std::max(letter.rows, small.rows);
    out = cv::Mat(h, letter.cols + gap + small.cols, CV_8U, cv::Scalar(0));
    letter.copyTo(out(cv::Rect(0, h - letter.rows, letter.cols, letter.rows)));
    small.copyTo(out(cv::Rect(letter.cols + gap, h - small.rows, small.cols, small.rows)));
  }
  return out;
}

cv::Mat slanted(const cv::Mat& ink, double slant) {
  if (slant == 0) return ink;
  const int extra = static_cast<int>(std::ceil(slant * ink.rows));
  const cv::Matx23d shear(1, -slant, slant * ink.rows, 0, 1, 0);
  cv::Mat out;
  cv::warpAffine(ink, out, shear, {ink.cols + extra + 1, ink.rows}, cv::INTER_LINEAR);
  return out;
}

cv::Mat with_margin(const cv::Mat& ink, int x, int y) {
  cv::Mat out;
  cv::copyMakeBorder(ink, out, y, y, x, x, cv::BORDER_CONSTANT, cv::Scalar(0));
  return out;
}

cv::Mat plate_mask(const cv::Size& size) {
  cv::Mat mask(size, CV_8U, cv::Scalar(0));
  const int r = std::max(1, std::min(size.width, size.height) / 9);
  cv::rectangle(mask, {r, 0}, {size.width - 1 - r, size.height - 1}, cv::Scalar(255), cv::FILLED);
  cv::rectangle(mask, {0, r}, {size.width - 1, size.height - 1 - r}, cv::Scalar(255), cv::FILLED);
  for (const int x : {r, size.width - 1 - r}) {
    for (const int y : {r, size.height - 1 - r}) cv::circle(mask, {x, y}, r, cv::Scalar(255), cv::FILLED);
  }
  return mask;
}

cv::Mat as_float(const cv::Mat& mask) {
  cv::Mat out;
  mask.convertTo(out, CV_32F, 1.0 / 255);
  return out;
}

// Premultiplied grey and alpha of the upright tag, at kOversampling.
struct Layers {
  cv::Mat grey;
  cv::Mat alpha;
  cv::Mat ink;  // the letters alone
};

Layers compose_round(const TagLook& look, const cv::Mat& ink_mask) {
  const double radius =
      0.5 * std::hypot(ink_mask.cols, ink_mask.rows) + 0.20 * kOversampling * look.cap_height;
  const int side = 2 * static_cast<int>(std::ceil(radius)) + 6;
  const cv::Point centre(side / 2, side / 2);
  cv::Mat disc(side, side, CV_8U, cv::Scalar(0));
  cv::circle(disc, centre, side / 2 - 2, cv::Scalar(255), cv::FILLED);
  cv::Mat ink(side, side, CV_8U, cv::Scalar(0));
  ink_mask.copyTo(
      ink(cv::Rect((side - ink_mask.cols) / 2, (side - ink_mask.rows) / 2, ink_mask.cols, ink_mask.rows)));
  const cv::Mat letters = as_float(ink);
  if (look.style == TagStyle::bright_disc) {
    const cv::Mat solid = as_float(disc).mul(1.0 - letters);
    return {solid * look.ink, solid, letters};
  }
  const int width = std::max(2, static_cast<int>(0.45 * look.stroke * kOversampling * look.cap_height));
  cv::circle(ink, centre, side / 2 - 2 - (width + 1) / 2, cv::Scalar(255), width);
  const cv::Mat bright = as_float(ink);
  if (look.style == TagStyle::ring) return {bright * look.ink, bright, letters};
  const cv::Mat field = cv::max(as_float(disc), bright);
  return {(field - bright) * 0.02 + bright * look.ink, field, letters};
}

Layers compose(const TagLook& look) {
  const cv::Mat mask = slanted(layout(look), look.slant);
  const int unit = static_cast<int>(std::lround(kOversampling * look.cap_height));
  switch (look.style) {
    case TagStyle::ring:
    case TagStyle::dark_disc:
    case TagStyle::bright_disc:
      return compose_round(look, mask);
    case TagStyle::ink: {
      const cv::Mat ink = as_float(with_margin(mask, kOversampling, kOversampling));
      return {ink * look.ink, ink, ink};
    }
    case TagStyle::plate: {
      const cv::Mat ink = as_float(with_margin(mask, unit / 3, unit / 4));
      // The plate lets a part of what lies below through.
      const cv::Mat body = as_float(plate_mask(ink.size())).mul(1.0 - ink);
      return {body * (0.8 * look.plate) + ink * look.ink, body * 0.8 + ink, ink};
    }
    case TagStyle::cutout:
      break;
  }
  const cv::Mat ink = as_float(with_margin(mask, unit / 3, unit / 4));
  const cv::Mat solid = as_float(plate_mask(ink.size())).mul(1.0 - ink);
  return {solid * look.ink, solid, ink};
}

Layers turned(const Layers& layers, double degrees, bool mirrored) {
  const auto flipped = [](const cv::Mat& layer) {
    cv::Mat mirror;
    cv::flip(layer, mirror, 1);
    return mirror;
  };
  const Layers in =
      mirrored ? Layers{flipped(layers.grey), flipped(layers.alpha), flipped(layers.ink)} : layers;
  if (degrees == 0) return in;
  const cv::Size size = in.alpha.size();
  const int side = static_cast<int>(std::ceil(std::hypot(size.width, size.height))) + 4;
  const cv::Point2f centre(static_cast<float>(size.width - 1) / 2, static_cast<float>(size.height - 1) / 2);
  cv::Mat turn = cv::getRotationMatrix2D(centre, degrees, 1.0);
  turn.at<double>(0, 2) += (side - size.width) / 2.0;
  turn.at<double>(1, 2) += (side - size.height) / 2.0;
  Layers out;
  const auto turn_layer = [&](const cv::Mat& from, cv::Mat& to) {
    cv::warpAffine(from, to, turn, {side, side}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  };
  turn_layer(in.grey, out.grey);
  turn_layer(in.alpha, out.alpha);
  turn_layer(in.ink, out.ink);
  return out;
}

cv::Mat reduced(const cv::Mat& layer) {
  const int w = (layer.cols + kOversampling - 1) / kOversampling;
  const int h = (layer.rows + kOversampling - 1) / kOversampling;
  cv::Mat whole;
  cv::copyMakeBorder(layer, whole, 0, h * kOversampling - layer.rows, 0, w * kOversampling - layer.cols,
                     cv::BORDER_CONSTANT, cv::Scalar(0));
  cv::Mat out;
  cv::resize(whole, out, {w, h}, 0, 0, cv::INTER_AREA);
  return out;
}

imaging::Plane plane_of(const cv::Mat& mat) {
  imaging::Plane out(mat.cols, mat.rows);
  for (int y = 0; y < mat.rows; ++y) std::copy_n(mat.ptr<float>(y), mat.cols, &out.at(0, y));
  return out;
}

// Mostly upright, some tilted by a hand, some on their side or upside down.
double draw_angle(Rng& rng) {
  const double u = rng.uniform();
  if (u < 0.62) return 0;
  if (u < 0.90) return std::clamp(9.0 * rng.normal(), -32.0, 32.0);
  if (u < 0.94) return 90;
  return u < 0.98 ? -90 : 180;
}

}  // namespace

TagSprite draw_tag(const TagLook& look) {
  const Layers layers = turned(compose(look), look.angle, look.mirrored);
  cv::Mat alpha = reduced(layers.alpha) * look.opacity;
  cv::Mat grey = reduced(layers.grey) * look.opacity;
  alpha.setTo(0, alpha < kLeastAlpha);
  grey = grey / cv::max(alpha, kLeastAlpha);
  const cv::Rect box = cv::boundingRect(alpha >= kLeastAlpha);
  return {plane_of(grey(box)), plane_of(alpha(box)), plane_of(reduced(layers.ink)(box))};
}

TagLook draw_look_of_letter(const std::string& letter, bool on_plate, double side, Rng& rng) {
  TagLook look;
  look.letter = letter;
  const double kind = rng.uniform();
  if (on_plate) {
    look.style = kind < 0.5 ? TagStyle::cutout : TagStyle::plate;
  } else {
    look.style = kind < 0.56 ? TagStyle::ink
                             : (kind < 0.70 ? TagStyle::ring
                                            : (kind < 0.85 ? TagStyle::dark_disc : TagStyle::bright_disc));
  }
  const bool round = look.style == TagStyle::ring || look.style == TagStyle::dark_disc ||
                     look.style == TagStyle::bright_disc;
  if (!round && rng.chance(0.38)) {
    const auto count = 2 + rng.below(2);
    for (std::uint64_t i = 0; i < count; ++i) look.initials += static_cast<char>('A' + rng.below(26));
    look.stacked = rng.chance(0.55);
  }
  look.cap_height = side * (rng.chance(0.12) ? rng.uniform(0.032, 0.05) : rng.uniform(0.055, 0.100));
  if (round) look.cap_height *= 0.80;
  look.angle = draw_angle(rng);
  look.mirrored = rng.chance(0.07);
  constexpr std::array<int, 4> kFaces{cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_DUPLEX,
                                      cv::FONT_HERSHEY_COMPLEX, cv::FONT_HERSHEY_TRIPLEX};
  look.face = kFaces[rng.below(kFaces.size())];
  const bool serif = look.face == cv::FONT_HERSHEY_COMPLEX || look.face == cv::FONT_HERSHEY_TRIPLEX;
  look.stroke = serif ? rng.uniform(0.05, 0.10) : rng.uniform(0.11, 0.21);
  if (rng.chance(0.22)) look.slant = rng.uniform(0.12, 0.28);
  const bool faint = rng.chance(0.09);
  look.ink = faint ? rng.uniform(0.38, 0.55) : rng.uniform(0.82, 1.0);
  look.plate = rng.uniform(0.28, 0.50) * (faint ? 0.6 : 1.0);
  look.opacity = faint ? 0.6 : rng.uniform(0.90, 1.0);
  return look;
}

TagLook draw_look_of_text(const std::string& text, double side, Rng& rng) {
  TagLook look;
  look.letter = text;
  look.cap_height = std::max(6.0, side * rng.uniform(0.018, 0.030));
  look.face = rng.chance(0.7) ? cv::FONT_HERSHEY_SIMPLEX : cv::FONT_HERSHEY_DUPLEX;
  look.stroke = rng.uniform(0.11, 0.16);
  look.angle = rng.chance(0.85) ? 0.0 : (rng.chance(0.5) ? 90.0 : -90.0);
  look.ink = rng.uniform(0.75, 1.0);
  return look;
}

Rect paste(imaging::Plane& picture, const TagSprite& sprite, int x, int y) {
  Rect changed;
  const Rect area =
      intersect({x, y, sprite.alpha.width, sprite.alpha.height}, {0, 0, picture.width, picture.height});
  for (int py = area.y; py < area.bottom(); ++py) {
    for (int px = area.x; px < area.right(); ++px) {
      const float a = sprite.alpha.at(px - x, py - y);
      if (a <= 0) continue;
      float& v = picture.at(px, py);
      v += a * (sprite.grey.at(px - x, py - y) - v);
      changed = bounding(changed, {px, py, 1, 1});
    }
  }
  return changed;
}

}  // namespace tagconf::phantom
