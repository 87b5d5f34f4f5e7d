#include "tagconf/phantom/tag_sprite.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace tagconf::phantom {
namespace {

// Coverage of one line of text, cap height in pixels, cut to its ink.
cv::Mat text_mask(const std::string& text, int face, double cap_height, double stroke) {
  const double size = cap_height / 21.0;  // Hershey capitals are 21 units tall
  const int thickness = std::max(1, static_cast<int>(std::lround(stroke * cap_height)));
  int baseline = 0;
  const cv::Size extent = cv::getTextSize(text, face, size, thickness, &baseline);
  const int margin = thickness + 3;
  cv::Mat mask(extent.height + baseline + 2 * margin, extent.width + 2 * margin, CV_8U, cv::Scalar(0));
  cv::putText(mask, text, {margin, margin + extent.height}, face, size, cv::Scalar(255), thickness,
              cv::LINE_AA);
  return mask(cv::boundingRect(mask)).clone();
}

// Letter and initials side by side or stacked, on a canvas with a margin.
cv::Mat layout(const TagLook& look, int margin) {
  cv::Mat letter = text_mask(look.letter, look.face, look.cap_height, look.stroke);
  cv::Mat ink = letter;
  if (!look.initials.empty()) {
    const cv::Mat small = text_mask(look.initials, cv::FONT_HERSHEY_SIMPLEX, 0.5 * look.cap_height, 0.13);
    const int gap = std::max(2, static_cast<int>(0.25 * look.cap_height));
    ink = cv::Mat(std::max(letter.rows, small.rows), letter.cols + gap + small.cols, CV_8U, cv::Scalar(0));
    letter.copyTo(ink(cv::Rect(0, 0, letter.cols, letter.rows)));
    small.copyTo(ink(cv::Rect(letter.cols + gap, letter.rows - small.rows < 0 ? 0 : letter.rows - small.rows,
                              small.cols, small.rows)));
  }
  cv::Mat canvas(ink.rows + 2 * margin, ink.cols + 2 * margin, CV_8U, cv::Scalar(0));
  ink.copyTo(canvas(cv::Rect(margin, margin, ink.cols, ink.rows)));
  return canvas;
}

cv::Mat plate_mask(const cv::Size& size) {
  cv::Mat mask(size, CV_8U, cv::Scalar(0));
  const int r = std::max(1, std::min(size.width, size.height) / 8);
  cv::rectangle(mask, {r, 0}, {size.width - 1 - r, size.height - 1}, cv::Scalar(255), cv::FILLED);
  cv::rectangle(mask, {0, r}, {size.width - 1, size.height - 1 - r}, cv::Scalar(255), cv::FILLED);
  for (const int x : {r, size.width - 1 - r}) {
    for (const int y : {r, size.height - 1 - r})
      cv::circle(mask, {x, y}, r, cv::Scalar(255), cv::FILLED, cv::LINE_AA);
  }
  return mask;
}

cv::Mat as_float(const cv::Mat& mask) {
  cv::Mat out;
  mask.convertTo(out, CV_32F, 1.0 / 255);
  return out;
}

// Premultiplied grey and alpha of the upright tag.
struct Layers {
  cv::Mat grey;
  cv::Mat alpha;
};

Layers compose(const TagLook& look) {
  const bool bare = look.style == TagStyle::ink;
  const int margin =
      static_cast<int>((bare ? 0.05 : (look.style == TagStyle::disc ? 0.45 : 0.30)) * look.cap_height) + 1;
  const cv::Mat ink = as_float(layout(look, margin));
  switch (look.style) {
    case TagStyle::ink:
      return {ink * look.ink, ink};
    case TagStyle::plate: {
      const cv::Mat plate = as_float(plate_mask(ink.size()));
      return {plate.mul(1.0 - ink) * look.plate + ink * look.ink, plate};
    }
    case TagStyle::cutout: {
      const cv::Mat plate = as_float(plate_mask(ink.size()));
      const cv::Mat solid = plate.mul(1.0 - ink);
      return {solid * look.ink, solid + 0.0};
    }
    case TagStyle::disc:
      break;
  }
  const int side = std::max(ink.cols, ink.rows);
  const cv::Point centre(side / 2, side / 2);
  cv::Mat disc(side, side, CV_8U, cv::Scalar(0));
  cv::circle(disc, centre, side / 2 - 1, cv::Scalar(255), cv::FILLED, cv::LINE_AA);
  cv::Mat ring(side, side, CV_8U, cv::Scalar(0));
  const int width = std::max(1, side / 18);
  cv::circle(ring, centre, side / 2 - 1 - width, cv::Scalar(255), width, cv::LINE_AA);
  cv::Mat bright = as_float(ring);
  cv::Mat place = bright(cv::Rect((side - ink.cols) / 2, (side - ink.rows) / 2, ink.cols, ink.rows));
  place = cv::max(place, ink);
  const cv::Mat field = as_float(disc);
  return {field.mul(1.0 - bright) * 0.03 + bright * look.ink, cv::max(field, bright)};
}

Layers turned(const Layers& layers, double degrees, bool mirrored) {
  Layers in = layers;
  if (mirrored) {
    cv::flip(in.grey, in.grey, 1);
    cv::flip(in.alpha, in.alpha, 1);
  }
  if (degrees == 0) return in;
  const cv::Size size = in.alpha.size();
  const int side = static_cast<int>(std::ceil(std::hypot(size.width, size.height))) + 4;
  const cv::Point2f centre(static_cast<float>(size.width - 1) / 2, static_cast<float>(size.height - 1) / 2);
  cv::Mat turn = cv::getRotationMatrix2D(centre, degrees, 1.0);
  turn.at<double>(0, 2) += (side - size.width) / 2.0;
  turn.at<double>(1, 2) += (side - size.height) / 2.0;
  Layers out;
  cv::warpAffine(in.grey, out.grey, turn, {side, side}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, 0);
  cv::warpAffine(in.alpha, out.alpha, turn, {side, side}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, 0);
  return out;
}

imaging::Plane plane_of(const cv::Mat& mat) {
  imaging::Plane out(mat.cols, mat.rows);
  for (int y = 0; y < mat.rows; ++y) std::copy_n(mat.ptr<float>(y), mat.cols, &out.at(0, y));
  return out;
}

}  // namespace

TagSprite draw_tag(const TagLook& look) {
  Layers layers = turned(compose(look), look.angle, look.mirrored);
  cv::Mat seen;
  cv::Mat(layers.alpha > 0.04).convertTo(seen, CV_8U);
  const cv::Rect box = cv::boundingRect(seen);
  cv::Mat alpha = layers.alpha(box) * look.opacity;
  cv::Mat grey = layers.grey(box) / cv::max(layers.alpha(box), 1e-4F);
  return {plane_of(grey), plane_of(alpha)};
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
      if (a > 0.08F) changed = bounding(changed, {px, py, 1, 1});
    }
  }
  return changed;
}

}  // namespace tagconf::phantom
