#include "practice_tag.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <string>

#include "practice_letters.hpp"

namespace tagconf::phantom {
namespace {

constexpr double kCap = 48;
constexpr double kTextCap = 32;
constexpr int kEdge = 8;  // free pixels round everything, for blur and shadow

enum class PlateShape { none, bare, rectangle, rounded, dog_tag, disc };

// One drawn string or sign and where its upper left corner lies.
struct Piece {
  cv::Mat mask;
  double x = 0;
  double y = 0;
};

double right_of(const Piece& p) {
  return p.x + p.mask.cols;
}
double bottom_of(const Piece& p) {
  return p.y + p.mask.rows;
}

struct Extent {
  double x0 = 0;
  double y0 = 0;
  double x1 = 0;
  double y1 = 0;
};

Extent extent_of(const std::vector<Piece>& pieces) {
  Extent e{pieces.front().x, pieces.front().y, right_of(pieces.front()), bottom_of(pieces.front())};
  for (const Piece& p : pieces) {
    e = {std::min(e.x0, p.x), std::min(e.y0, p.y), std::max(e.x1, right_of(p)), std::max(e.y1, bottom_of(p))};
  }
  return e;
}

// One letter above the other.
cv::Mat stacked(const std::string& letters, double cap, const Pen& pen) {
  std::vector<cv::Mat> masks;
  int width = 1;
  int height = 0;
  constexpr int kGap = 4;
  for (const char c : letters) {
    masks.push_back(text_mask(std::string(1, c), cap, pen));
    width = std::max(width, masks.back().cols);
    height += masks.back().rows + kGap;
  }
  cv::Mat out(height, width, CV_8U, cv::Scalar(0));
  int y = 0;
  for (const cv::Mat& mask : masks) {
    mask.copyTo(out(cv::Rect(0, y, mask.cols, mask.rows)));
    y += mask.rows + kGap;
  }
  return out;
}

cv::Mat initials_mask(double cap, const Pen& pen, Rng& rng) {
  const std::string letters = draw_initials(rng);
  const double size = std::max(8.0, cap * rng.uniform(0.3, 0.75));
  if (letters.size() > 1 && rng.chance(0.2)) return stacked(letters, size, pen);
  cv::Mat mask = text_mask(letters, size, pen);
  if (rng.chance(0.3))
    cv::rotate(mask, mask, rng.chance(0.5) ? cv::ROTATE_90_CLOCKWISE : cv::ROTATE_90_COUNTERCLOCKWISE);
  else if (rng.chance(0.1))
    cv::rotate(mask, mask, cv::ROTATE_180);
  return mask;
}

// A side's letter, perhaps with initials beside, above or below.
std::vector<Piece> lettering(double initials, Rng& rng) {
  const Pen pen = draw_pen(rng);
  std::vector<Piece> pieces{{text_mask(draw_side_text(rng), kCap, pen), 0, 0}};
  if (!rng.chance(initials)) return pieces;
  const cv::Mat main = pieces.front().mask;
  const cv::Mat more = initials_mask(kCap, rng.chance(0.6) ? pen : draw_pen(rng), rng);
  const double gap = kCap * rng.uniform(0.08, 0.5);
  const double along_x = (main.cols - more.cols) * rng.uniform();
  const double along_y = std::max(0, main.rows - more.rows) * rng.uniform();
  switch (rng.below(5)) {
    case 0:
      pieces.push_back({more, main.cols + gap, along_y});
      break;
    case 1:
      pieces.push_back({more, -more.cols - gap, along_y});
      break;
    case 2:
      pieces.push_back({more, along_x, -more.rows - gap});
      break;
    default:
      pieces.push_back({more, along_x, main.rows + gap});
  }
  return pieces;
}

cv::Mat disc_mask(int diameter, int ring) {
  cv::Mat mask(diameter + 2, diameter + 2, CV_8U, cv::Scalar(0));
  const int c = (diameter + 2) / 2;
  cv::circle(mask, {c, c}, std::max(1, diameter / 2 - ring / 2), cv::Scalar(255), ring > 0 ? ring : -1,
             cv::LINE_AA);
  return mask;
}

// A disc, or a ring with the balls that show which way is down; thin metal lets letters under it show.
cv::Mat strip_sign(Rng& rng) {
  const int d = static_cast<int>(kCap * rng.uniform(0.5, 1.3));
  if (rng.chance(0.4)) {
    const cv::Mat disc = disc_mask(d, 0);
    return rng.chance(0.5) ? disc : cv::Mat(disc * rng.uniform(0.35, 0.9));
  }
  cv::Mat mask = disc_mask(d, std::max(1, static_cast<int>(d * rng.uniform(0.05, 0.18))));
  if (!rng.chance(0.7)) return mask;
  const double c = (d + 2) / 2.0;
  for (int i = 0; i < 3; ++i) {
    const double a = rng.uniform(0, 2 * std::numbers::pi);
    cv::circle(mask,
               {static_cast<int>(c + 0.25 * d * std::cos(a)), static_cast<int>(c + 0.25 * d * std::sin(a))},
               std::max(1, d / 12), cv::Scalar(255), -1, cv::LINE_AA);
  }
  return mask;
}

// The coin-like weight of a hanging marker: blank, mottled, its rim brighter.
cv::Mat coin(Rng& rng) {
  const int d = static_cast<int>(kCap * rng.uniform(0.45, 1.2));
  const cv::Size axes(d / 2, std::max(4, static_cast<int>(d / 2 * rng.uniform(0.7, 1.0))));
  cv::Mat mask(2 * axes.height + 4, 2 * axes.width + 4, CV_8U, cv::Scalar(0));
  const cv::Point centre(mask.cols / 2, mask.rows / 2);
  const double inside = rng.uniform(0.55, 1.0);
  cv::ellipse(mask, centre, axes, 0, 0, 360, cv::Scalar(255 * inside), -1, cv::LINE_AA);
  for (int i = 0; i < 4; ++i) {
    const cv::Point at(static_cast<int>(axes.width * rng.uniform(-0.5, 0.5)),
                       static_cast<int>(axes.height * rng.uniform(-0.5, 0.5)));
    cv::circle(mask, centre + at, std::max(1, d / 9), cv::Scalar(255 * inside * rng.uniform(0.85, 1.0)), -1,
               cv::LINE_AA);
  }
  if (rng.chance(0.6))
    cv::ellipse(mask, centre, axes, 0, 0, 360, cv::Scalar(255), std::max(1, d / 20), cv::LINE_AA);
  return mask;
}

void add_beside(std::vector<Piece>& pieces, const cv::Mat& sign, double gap, Rng& rng) {
  const Extent e = extent_of(pieces);
  const double middle = e.x0 + (e.x1 - e.x0 - sign.cols) / 2;
  switch (rng.below(4)) {
    case 0:
      pieces.push_back({sign, e.x1 + gap, e.y0});
      break;
    case 1:
      pieces.push_back({sign, e.x0 - sign.cols - gap, e.y0});
      break;
    case 2:
      pieces.push_back({sign, middle, e.y1 + gap});
      break;
    default:
      pieces.push_back({sign, middle, e.y0 - sign.rows - gap});
  }
}

void add_strip_sign(std::vector<Piece>& pieces, Rng& rng) {
  const cv::Mat sign = strip_sign(rng);
  add_beside(pieces, sign, kCap * (rng.chance(0.7) ? rng.uniform(0.05, 0.5) : -rng.uniform(0, 0.6)), rng);
}

std::vector<Piece> text_lines(Rng& rng) {
  const Pen pen = draw_pen(rng);
  const auto count = rng.chance(0.75) ? 1 : 2 + rng.below(3);
  std::vector<Piece> pieces;
  double y = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    pieces.push_back({text_mask(draw_line_text(rng), kTextCap, pen), 0, y});
    y += pieces.back().mask.rows + kTextCap * rng.uniform(0.3, 0.7);
  }
  return pieces;
}

void draw_arrow(cv::Mat& mask, int value, int thickness) {
  const int c = mask.cols / 2;
  cv::arrowedLine(mask, {c, mask.rows * 4 / 5}, {c, mask.rows / 5}, cv::Scalar(value), thickness, cv::LINE_AA,
                  0, 0.4);
}

cv::Mat mark_mask(Rng& rng) {
  const int thickness = static_cast<int>(2 + rng.below(7));
  cv::Mat mask;
  switch (rng.below(6)) {
    case 0:
    case 1: {
      mask = cv::Mat(64, 80, CV_8U, cv::Scalar(0));
      const std::vector<cv::Point> arrow{{6, 22}, {42, 22}, {42, 6}, {70, 30}, {42, 54}, {42, 38}, {6, 38}};
      if (rng.chance(0.5))
        cv::polylines(mask, arrow, true, cv::Scalar(255), thickness, cv::LINE_AA);
      else
        cv::fillPoly(mask, arrow, cv::Scalar(255), cv::LINE_AA);
      break;
    }
    case 2: {
      const int side = static_cast<int>(30 + rng.below(20));
      mask = cv::Mat(side + 12, side + 12, CV_8U, cv::Scalar(0));
      cv::rectangle(mask, {6, 6}, {6 + side, 6 + side}, cv::Scalar(255), thickness);
      break;
    }
    case 3: {
      constexpr std::array<const char*, 8> kSigns{"*", "+", "#", "@", "X", ">", "<", "?"};
      mask = text_mask(kSigns[rng.below(kSigns.size())], 40, draw_pen(rng));
      break;
    }
    case 4:
      mask = disc_mask(48, 0);
      draw_arrow(mask, 0, 3);
      break;
    default:
      mask = disc_mask(50, thickness);
      draw_arrow(mask, 255, std::max(2, thickness / 2));
  }
  return mask(cv::boundingRect(mask > 40)).clone();
}

Outline rectangle_outline(double x, double y, double w, double h, double pad) {
  const auto point = [](double px, double py) {
    return cv::Point2f(static_cast<float>(px), static_cast<float>(py));
  };
  return {point(x - pad, y - pad), point(x + w + pad, y - pad), point(x + w + pad, y + h + pad),
          point(x - pad, y + h + pad)};
}

// Lays the pieces onto a canvas with `margin` round them and notes where they are.
void compose(const std::vector<Piece>& pieces, int margin, bool together, PracticeTag& tag) {
  const Extent e = extent_of(pieces);
  const cv::Size size(static_cast<int>(e.x1 - e.x0) + 2 * margin + 1,
                      static_cast<int>(e.y1 - e.y0) + 2 * margin + 1);
  tag.ink = cv::Mat(size, CV_8U, cv::Scalar(0));
  const double pad = 0.06 * tag.cap;
  for (const Piece& piece : pieces) {
    const cv::Rect at(static_cast<int>(piece.x - e.x0) + margin, static_cast<int>(piece.y - e.y0) + margin,
                      piece.mask.cols, piece.mask.rows);
    cv::Mat place = tag.ink(at);
    cv::max(place, piece.mask, place);
    if (!together) tag.strings.push_back(rectangle_outline(at.x, at.y, at.width, at.height, pad));
  }
  if (together) tag.strings.push_back(rectangle_outline(margin, margin, e.x1 - e.x0, e.y1 - e.y0, pad));
}

// Nothing left of the letters but their edges.
void hollow_out(cv::Mat& ink, Rng& rng) {
  const int side = static_cast<int>(3 + 2 * rng.below(2));
  cv::Mat inside;
  cv::erode(ink, inside, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
  if (cv::countNonZero(inside > 128) > 60) cv::subtract(ink, inside, ink);
}

// Free canvas added round what is there.
void enlarge(PracticeTag& tag, int top, int bottom, int left, int right) {
  cv::copyMakeBorder(tag.ink, tag.ink, top, bottom, left, right, cv::BORDER_CONSTANT, cv::Scalar(0));
  for (Outline& outline : tag.strings) {
    for (cv::Point2f& p : outline) p += cv::Point2f(static_cast<float>(left), static_cast<float>(top));
  }
}

// A plate that goes on beyond its letters, on one side.
void lengthen(PracticeTag& tag, Rng& rng) {
  const int by = static_cast<int>(tag.cap * rng.uniform(0.5, 2.5));
  const auto side = rng.below(4);
  enlarge(tag, side == 0 ? by : 0, side == 1 ? by : 0, side == 2 ? by : 0, side == 3 ? by : 0);
}

// A canvas large enough for a disc round what is there.
void add_disc(PracticeTag& tag, int margin, Rng& rng) {
  const double w = tag.ink.cols - 2 * margin;
  const double h = tag.ink.rows - 2 * margin;
  const int radius = static_cast<int>(std::hypot(w, h) / 2 + 0.6 * (margin - kEdge)) + 2;
  const int side = 2 * (radius + kEdge);
  const int dx = std::max(0, (side - tag.ink.cols + 1) / 2);
  const int dy = std::max(0, (side - tag.ink.rows + 1) / 2);
  enlarge(tag, dy, dy, dx, dx);
  tag.disc = true;
  tag.body = cv::Mat(tag.ink.size(), CV_8U, cv::Scalar(0));
  tag.rim = tag.body.clone();
  const cv::Point centre(tag.ink.cols / 2, tag.ink.rows / 2);
  cv::circle(tag.body, centre, radius, cv::Scalar(255), -1, cv::LINE_AA);
  const bool ring = tag.kind == PracticeKind::ring;
  const int thickness = static_cast<int>(ring ? 2 + rng.below(3) : 1 + rng.below(3));
  const int inset = ring ? static_cast<int>(rng.below(static_cast<std::uint64_t>(1 + radius / 8))) : 0;
  cv::circle(tag.rim, centre, std::max(2, radius - thickness / 2 - inset), cv::Scalar(255), thickness,
             cv::LINE_AA);
  constexpr int kCorners = 16;
  for (int i = 0; i < kCorners; ++i) {
    const double a = 2 * std::numbers::pi * i / kCorners;
    tag.plate_outline.emplace_back(static_cast<float>(centre.x + radius * std::cos(a)),
                                   static_cast<float>(centre.y + radius * std::sin(a)));
  }
}

void add_plate(PracticeTag& tag, PlateShape shape, Rng& rng) {
  const cv::Rect area(kEdge, kEdge, tag.ink.cols - 2 * kEdge, tag.ink.rows - 2 * kEdge);
  tag.body = cv::Mat(tag.ink.size(), CV_8U, cv::Scalar(0));
  tag.rim = tag.body.clone();
  const int shorter = std::min(area.width, area.height);
  const int corner = shape == PlateShape::rectangle ? 0
                     : shape == PlateShape::rounded ? shorter / 6
                                                    : shorter / 3;
  if (corner == 0) {
    tag.body(area).setTo(255);
  } else {
    tag.body(cv::Rect(area.x + corner, area.y + corner, area.width - 2 * corner, area.height - 2 * corner))
        .setTo(255);
    const int side = 2 * corner + 1;
    cv::dilate(tag.body, tag.body, cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}));
    if (shape == PlateShape::dog_tag) {
      const int half = area.height / 2;
      tag.body(cv::Rect(area.x, area.y + half, area.width, area.height - half)).setTo(255);
    }
  }
  cv::Mat inside;
  const int border = static_cast<int>(1 + rng.below(4));
  cv::erode(tag.body, inside, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}), {-1, -1}, border);
  cv::subtract(tag.body, inside, tag.rim);
  if (rng.chance(0.15) && area.width > 16 && area.height > 20) {
    const int x = area.x + 7 + static_cast<int>(rng.below(static_cast<std::uint64_t>(area.width - 14)));
    cv::circle(tag.body, {x, rng.chance(0.5) ? area.y + 7 : area.y + area.height - 7}, 4, cv::Scalar(0), -1,
               cv::LINE_AA);
  }
  tag.plate_outline = rectangle_outline(area.x, area.y, area.width, area.height, 0);
}

void add_shadow(PracticeTag& tag, Rng& rng) {
  const int reach = static_cast<int>(2 + rng.below(5));
  if (rng.chance(0.5)) {
    const int side = 2 * reach + 1;
    cv::dilate(tag.ink, tag.shade, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
  } else {
    cv::warpAffine(tag.ink, tag.shade, cv::Matx23d(1, 0, reach, 0, 1, reach), tag.ink.size());
  }
  tag.shadow = rng.uniform(0.5, 1.0);
}

PracticeKind draw_kind(Rng& rng) {
  const double u = rng.uniform();
  if (u < 0.34) return PracticeKind::plain;
  if (u < 0.53) return PracticeKind::plate;
  if (u < 0.61) return PracticeKind::ring;
  if (u < 0.74) return PracticeKind::strip;
  return u < 0.92 ? PracticeKind::text : PracticeKind::mark;
}

PlateShape draw_shape(PracticeKind kind, Rng& rng) {
  using S = PlateShape;
  constexpr std::array kPlates{S::rectangle, S::rectangle, S::rectangle, S::rectangle,
                               S::rounded,   S::disc,      S::disc,      S::dog_tag};
  constexpr std::array kStrips{S::rectangle, S::rounded, S::bare};
  switch (kind) {
    case PracticeKind::plain:
      return S::none;
    case PracticeKind::plate:
      return kPlates[rng.below(kPlates.size())];
    case PracticeKind::ring:
      return S::disc;
    case PracticeKind::strip:
      return kStrips[rng.below(kStrips.size())];
    case PracticeKind::text:
    case PracticeKind::mark:
      break;
  }
  return rng.chance(0.15) ? S::rectangle : S::none;
}

std::vector<Piece> draw_pieces(PracticeKind kind, Rng& rng) {
  switch (kind) {
    case PracticeKind::plain: {
      auto pieces = lettering(0.3, rng);
      if (rng.chance(0.15)) add_beside(pieces, coin(rng), kCap * rng.uniform(0.1, 1.2), rng);
      return pieces;
    }
    case PracticeKind::plate:
      return lettering(0.35, rng);
    case PracticeKind::ring:
      return {{text_mask(draw_side_text(rng).substr(0, 2), kCap,
                         rng.chance(0.6) ? draw_fine_pen(rng) : draw_pen(rng)),
               0, 0}};
    case PracticeKind::strip: {
      auto pieces = lettering(0.8, rng);
      add_strip_sign(pieces, rng);
      return pieces;
    }
    case PracticeKind::text:
      return text_lines(rng);
    case PracticeKind::mark:
      break;
  }
  return {{mark_mask(rng), 0, 0}};
}

}  // namespace

PracticeTag draw_practice_tag(Rng& rng) {
  PracticeTag tag;
  tag.kind = draw_kind(rng);
  tag.cap = tag.kind == PracticeKind::text ? kTextCap : kCap;
  const PlateShape shape = draw_shape(tag.kind, rng);
  tag.plate = shape != PlateShape::none && shape != PlateShape::bare;
  const auto pieces = draw_pieces(tag.kind, rng);
  const double margin = shape == PlateShape::none ? 0.25 : rng.uniform(0.15, 0.8);
  const int free = static_cast<int>(tag.cap * margin) + 4 + kEdge;
  compose(pieces, free, tag.kind == PracticeKind::strip || tag.plate, tag);
  const bool letters =
      tag.kind == PracticeKind::plain || tag.kind == PracticeKind::plate || tag.kind == PracticeKind::strip;
  if (letters && rng.chance(0.07)) hollow_out(tag.ink, rng);
  if (shape == PlateShape::disc) {
    add_disc(tag, free, rng);
  } else if (tag.plate) {
    if (tag.kind != PracticeKind::text && rng.chance(0.12)) lengthen(tag, rng);
    add_plate(tag, shape, rng);
  } else {
    tag.body = tag.rim = cv::Mat(tag.ink.size(), CV_8U, cv::Scalar(0));
  }
  tag.shade = cv::Mat(tag.ink.size(), CV_8U, cv::Scalar(0));
  const bool may_cast =
      tag.kind == PracticeKind::plain || tag.kind == PracticeKind::text || tag.kind == PracticeKind::mark;
  if (may_cast && !tag.plate && rng.chance(0.4)) add_shadow(tag, rng);
  return tag;
}

}  // namespace tagconf::phantom
