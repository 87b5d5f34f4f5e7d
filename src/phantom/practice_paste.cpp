#include "practice_paste.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace tagconf::phantom {
namespace {

// Below this change of grey (97th percentile over the tag) nobody could ask for it.
constexpr double kLeastTrace = 11;
constexpr double kVisiblePlate = 14;    // step of grey from which a plate belongs to the tag
constexpr double kLeastLeft = 1.0 / 3;  // share of a cut tag that a finder can be asked for

// The tag's layers in the crop's pixels, cut to the crop: 0 to 1.
struct Placed {
  cv::Rect at;
  cv::Mat body;
  cv::Mat rim;
  cv::Mat ink;
  cv::Mat shade;
  cv::Matx23d to_crop;  // from the tag's own pixels
};

double draw_angle(Rng& rng) {
  const double u = rng.uniform();
  if (u < 0.50) return 0;
  if (u < 0.69) return 12 * rng.normal();
  if (u < 0.82)
    return 90.0 * static_cast<double>(1 + rng.below(3)) + (rng.chance(0.5) ? 3 * rng.normal() : 0);
  return rng.uniform(0, 360);
}

cv::Matx22d draw_warp(Rng& rng) {
  const double t = draw_angle(rng) * std::numbers::pi / 180;
  const double mirror = rng.chance(0.12) ? -1 : 1;
  cv::Matx22d warp(mirror * std::cos(t), -std::sin(t), mirror * std::sin(t), std::cos(t));
  if (rng.chance(0.15)) warp = warp * cv::Matx22d(1, 0.12 * rng.normal(), 0, rng.uniform(0.8, 1.2));
  return warp;
}

// A whole number from low to high, both ends included; low when there is no room.
int draw_between(int low, int high, Rng& rng) {
  return high <= low ? low : low + static_cast<int>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
}

cv::Point draw_place(const cv::Size& tag, const cv::Size& crop, bool clipped, Rng& rng) {
  if (!clipped)
    return {draw_between(0, crop.width - tag.width, rng), draw_between(0, crop.height - tag.height, rng)};
  // Over one side, or a corner.
  const int x_over = rng.chance(0.5) ? -draw_between(0, tag.width / 2, rng)
                                     : crop.width - tag.width + draw_between(0, tag.width / 2, rng);
  const int y_over = rng.chance(0.5) ? -draw_between(0, tag.height / 2, rng)
                                     : crop.height - tag.height + draw_between(0, tag.height / 2, rng);
  const int x_in = draw_between(0, crop.width - tag.width, rng);
  const int y_in = draw_between(0, crop.height - tag.height, rng);
  const auto which = rng.below(5);
  return {which < 2 || which == 4 ? x_over : x_in, which >= 2 ? y_over : y_in};
}

cv::Mat shrunk(const cv::Mat& layer, const cv::Size& size) {
  cv::Mat out;
  cv::resize(layer, out, size, 0, 0, size.width < layer.cols ? cv::INTER_AREA : cv::INTER_LINEAR);
  return out;
}

Placed place(const PracticeTag& tag, double cap, bool clipped, const cv::Size& crop, Rng& rng) {
  const double scale = cap / tag.cap;
  const cv::Size size(std::max(3, static_cast<int>(std::lround(tag.ink.cols * scale))),
                      std::max(3, static_cast<int>(std::lround(tag.ink.rows * scale))));
  const cv::Matx22d warp = draw_warp(rng);
  double x0 = 0;
  double y0 = 0;
  double x1 = 0;
  double y1 = 0;
  for (const auto& corner :
       {cv::Vec2d(size.width, 0), cv::Vec2d(size.width, size.height), cv::Vec2d(0, size.height)}) {
    const cv::Vec2d moved = warp * corner;
    x0 = std::min(x0, moved[0]);
    y0 = std::min(y0, moved[1]);
    x1 = std::max(x1, moved[0]);
    y1 = std::max(y1, moved[1]);
  }
  const cv::Size extent(static_cast<int>(std::ceil(x1 - x0)) + 2, static_cast<int>(std::ceil(y1 - y0)) + 2);
  const cv::Point corner = draw_place(extent, crop, clipped, rng);
  Placed out;
  out.at = cv::Rect(corner, extent) & cv::Rect({0, 0}, crop);
  if (out.at.width < 3 || out.at.height < 3) return {};
  const cv::Matx23d to_extent(warp(0, 0), warp(0, 1), 1 - x0, warp(1, 0), warp(1, 1), 1 - y0);
  const cv::Rect cut(out.at.tl() - corner, out.at.size());
  // Thin strokes must not vanish on the way down.
  const double gain = scale < 0.6 ? rng.uniform(1.0, 1.0 + 0.6 * (0.6 - scale) / 0.6) : 1.0;
  const double reach = std::clamp(cap / 24, 0.5, 1.5);
  constexpr std::array kBlurs{0.0, 0.0, 0.0, 0.5, 0.8, 1.2};
  const double blur = reach * kBlurs[rng.below(kBlurs.size())];
  const auto layer = [&](const cv::Mat& from) {
    cv::Mat warped;
    cv::warpAffine(shrunk(from, size), warped, to_extent, extent);
    cv::Mat coverage;
    warped(cut).convertTo(coverage, CV_32F, gain / 255);
    cv::min(coverage, 1.0, coverage);
    if (blur > 0) cv::GaussianBlur(coverage, coverage, {0, 0}, blur);
    return coverage;
  };
  out.body = layer(tag.body);
  out.rim = layer(tag.rim);
  out.ink = layer(tag.ink);
  out.shade = layer(tag.shade);
  const double sx = static_cast<double>(size.width) / tag.ink.cols;
  const double sy = static_cast<double>(size.height) / tag.ink.rows;
  out.to_crop = cv::Matx23d(warp(0, 0) * sx, warp(0, 1) * sy, 1 - x0 + corner.x, warp(1, 0) * sx,
                            warp(1, 1) * sy, 1 - y0 + corner.y);
  return out;
}

// Grey moved towards `value` where the coverage is.
void paint(cv::Mat& grey, const cv::Mat& coverage, double value, double opacity = 1) {
  const cv::Mat part = coverage * opacity;
  grey = grey.mul(1 - part) + part * value;
}

double median_of(const cv::Mat& grey) {
  std::vector<float> values(grey.begin<float>(), grey.end<float>());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void paint_ring(cv::Mat& grey, const Placed& p, Rng& rng) {
  if (rng.chance(0.85)) paint(grey, p.body, rng.uniform(0, 30), rng.uniform(0.5, 1));
  const double bright = rng.uniform(170, 255);
  paint(grey, p.rim, bright);
  paint(grey, p.ink, bright);
}

// A bright plate with the letter cut out: what lies below shows there.
void paint_cutout(cv::Mat& grey, const Placed& p, double ground, Rng& rng) {
  const cv::Mat below = grey.clone();
  double bright = rng.uniform(130, 255);
  if (bright < ground + 35 && ground < 215) bright = std::min(255.0, ground + rng.uniform(35, 90));
  paint(grey, p.body, bright, rng.uniform(0.8, 1));
  if (rng.chance(0.5)) {
    paint(grey, p.ink, 0);
    grey += p.ink.mul(below) * rng.uniform(0.6, 1);
  } else {
    paint(grey, p.ink, rng.uniform(0, 90), rng.uniform(0.8, 1));
  }
  if (rng.chance(0.3)) paint(grey, p.rim, rng.uniform(0, 255), 0.8);
}

// Draws the plate and what is on it; true when the plate itself can be seen.
bool paint_plate(cv::Mat& grey, const Placed& p, double ground, bool disc, Rng& rng) {
  const double u = rng.uniform();
  if (u < (disc ? 0.5 : 0.3)) {
    paint_cutout(grey, p, ground, rng);
    return true;
  }
  if (u < 0.65) {  // a grey plate, a lighter letter
    const double step = rng.uniform(8, 80);
    if (rng.chance(0.5))
      grey += p.body * step;
    else
      paint(grey, p.body, rng.chance(0.7) ? std::min(200.0, ground + step) : rng.uniform(40, 150),
            rng.uniform(0.5, 1));
    if (rng.chance(0.6)) grey += p.rim * rng.uniform(-30, 90);
    grey += p.ink * rng.uniform(40, 160);
    return step > kVisiblePlate;
  }
  if (u < 0.82) {  // a strip that is nearly not there
    grey += p.body * rng.uniform(0, kVisiblePlate);
    if (rng.chance(0.5)) grey += p.rim * rng.uniform(0, 25);
    paint(grey, p.ink, rng.uniform(150, 255), rng.uniform(0.7, 1));
    return false;
  }
  if (u < 0.92) {  // black with a white letter
    paint(grey, p.body, rng.uniform(0, 25), rng.uniform(0.6, 1));
    paint(grey, p.ink, rng.uniform(180, 255));
    const bool framed = rng.chance(0.5);
    if (framed) paint(grey, p.rim, rng.uniform(120, 255));
    return framed || ground > 40;
  }
  const double bright = rng.uniform(140, 255);  // a frame alone
  paint(grey, p.rim, bright);
  paint(grey, p.ink, bright);
  return true;
}

void paint_embossed(cv::Mat& grey, const Placed& p, Rng& rng) {
  constexpr std::array kSteps{-2, -1, 1, 2};
  const cv::Matx23d shift(1, 0, kSteps[rng.below(4)], 0, 1, kSteps[rng.below(4)]);
  cv::Mat moved;
  cv::warpAffine(p.ink, moved, shift, p.ink.size());
  grey += (p.ink - moved) * rng.uniform(40, 110) + p.ink * rng.uniform(0, 30);
}

// Lead: bright, not white, sometimes with a dark halo from edge enhancement.
void paint_lead(cv::Mat& grey, const Placed& p, double ground, double cap, Rng& rng) {
  double bright = rng.uniform(150, 245);
  if (bright < ground + 35) bright = std::min(255.0, ground + rng.uniform(30, 80));
  if (rng.chance(0.4)) {
    cv::Mat halo;
    cv::GaussianBlur(p.ink, halo, {0, 0}, std::max(1.0, 0.08 * cap));
    grey -= cv::max(halo - p.ink, 0.0) * rng.uniform(5, 40);
  }
  paint(grey, p.ink, bright, rng.uniform(0.75, 1));
}

void paint_bare(cv::Mat& grey, const Placed& p, double ground, double cap, Rng& rng) {
  const double u = rng.uniform();
  if (u < 0.03) {
    paint_embossed(grey, p, rng);
  } else if (u < 0.20) {  // faint
    grey += p.ink * ((ground < 190 ? 1 : -1) * rng.uniform(12, 60));
  } else if (u < 0.70) {  // printed by software
    const bool white = ground < 205 || rng.chance(0.5);
    paint(grey, p.ink, white ? rng.uniform(225, 255) : rng.uniform(0, 60), rng.uniform(0.92, 1));
  } else if (u < 0.95) {
    paint_lead(grey, p, ground, cap, rng);
  } else if (ground > 90) {
    paint(grey, p.ink, rng.uniform(0, 40), rng.uniform(0.8, 1));
  } else {
    paint(grey, p.ink, rng.uniform(200, 255));
  }
}

// Fills outlines given in the tag's own pixels; eighths of a pixel.
void mark_outlines(cv::Mat& tag, const std::vector<Outline>& outlines, const cv::Matx23d& to_crop) {
  constexpr int kShift = 3;
  for (const Outline& outline : outlines) {
    std::vector<cv::Point> points;
    for (const cv::Point2f& p : outline) {
      const double x = to_crop(0, 0) * p.x + to_crop(0, 1) * p.y + to_crop(0, 2);
      const double y = to_crop(1, 0) * p.x + to_crop(1, 1) * p.y + to_crop(1, 2);
      points.emplace_back(cv::saturate_cast<int>(std::lround(x * (1 << kShift))),
                          cv::saturate_cast<int>(std::lround(y * (1 << kShift))));
    }
    cv::fillPoly(tag, std::vector<std::vector<cv::Point>>{points}, cv::Scalar(255), cv::LINE_8, kShift);
  }
}

// 97th percentile of the change over the marked pixels; 0 when none is marked.
double trace_of(const cv::Mat& before, const cv::Mat& after, const cv::Mat& marked) {
  std::vector<float> changes;
  for (int y = 0; y < marked.rows; ++y) {
    const auto* m = marked.ptr<std::uint8_t>(y);
    for (int x = 0; x < marked.cols; ++x) {
      if (m[x] != 0) changes.push_back(std::abs(after.at<float>(y, x) - before.at<float>(y, x)));
    }
  }
  if (changes.empty()) return 0;
  const auto at =
      changes.begin() + static_cast<std::ptrdiff_t>(0.97 * static_cast<double>(changes.size() - 1));
  std::nth_element(changes.begin(), at, changes.end());
  return *at;
}

// 255 on the far side of a line that runs nearly along one border, up to two fifths of the way in.
cv::Mat draw_beyond(const cv::Size& size, Rng& rng) {
  const double t = (90.0 * static_cast<double>(rng.below(4)) + (rng.chance(0.5) ? 0 : 4 * rng.normal())) *
                   std::numbers::pi / 180;
  const double depth = rng.uniform(0.02, 0.4) * size.width;
  const cv::Point2d outward(std::cos(t), std::sin(t));
  const cv::Point2d middle(size.width / 2.0, size.height / 2.0);
  const double reach = size.width / 2.0 - depth;
  cv::Mat beyond(size, CV_8U);
  for (int y = 0; y < size.height; ++y) {
    auto* row = beyond.ptr<std::uint8_t>(y);
    for (int x = 0; x < size.width; ++x)
      row[x] = (x - middle.x) * outward.x + (y - middle.y) * outward.y > reach ? 255 : 0;
  }
  return beyond;
}

// Takes from `tag` what lies beyond; what is left of a tag that lost most of itself becomes unknown.
void cut_tags(PracticeMaps& maps, const cv::Mat& beyond) {
  cv::Mat labels;
  const int count = cv::connectedComponents(maps.tag, labels);
  std::vector<int> whole(static_cast<std::size_t>(count), 0);
  std::vector<int> lost = whole;
  for (int y = 0; y < labels.rows; ++y) {
    const int* label = labels.ptr<int>(y);
    const auto* cut = beyond.ptr<std::uint8_t>(y);
    for (int x = 0; x < labels.cols; ++x) {
      ++whole[static_cast<std::size_t>(label[x])];
      lost[static_cast<std::size_t>(label[x])] += cut[x] != 0 ? 1 : 0;
    }
  }
  for (std::size_t i = 1; i < whole.size(); ++i) {
    if (whole[i] - lost[i] >= kLeastLeft * whole[i]) continue;
    const cv::Mat rest = labels == static_cast<int>(i);
    maps.unknown.setTo(255, rest);
    maps.tag.setTo(0, rest);
  }
  maps.tag.setTo(0, beyond);
  maps.unknown.setTo(0, beyond);
}

}  // namespace

void lay_practice_tag(PracticeMaps& maps, const PracticeTag& tag, double cap, bool clipped, Rng& rng) {
  const Placed p = place(tag, cap, clipped, maps.grey.size(), rng);
  if (p.at.empty() || cv::countNonZero(maps.tag(p.at)) > 0) return;
  cv::Mat grey = maps.grey(p.at).clone();
  const cv::Mat before = grey.clone();
  const double ground = median_of(grey);
  if (tag.shadow > 0) grey = grey.mul(1 - p.shade * tag.shadow);
  bool plate_seen = false;
  if (tag.kind == PracticeKind::ring) {
    paint_ring(grey, p, rng);
    plate_seen = true;
  } else if (tag.plate) {
    plate_seen = paint_plate(grey, p, ground, tag.disc, rng);
  } else {
    paint_bare(grey, p, ground, cap, rng);
  }
  cv::min(cv::max(grey, 0.0), 255.0, grey);
  const bool by_plate = plate_seen && !tag.plate_outline.empty();
  mark_outlines(maps.tag, by_plate ? std::vector<Outline>{tag.plate_outline} : tag.strings, p.to_crop);
  cv::Mat marked = maps.tag(p.at);
  if (trace_of(before, grey, marked) < kLeastTrace) {
    maps.unknown(p.at).setTo(255, marked);
    marked.setTo(0);
  }
  grey.copyTo(maps.grey(p.at));
}

void lay_ruler(PracticeMaps& maps, Rng& rng) {
  const cv::Size size = maps.grey.size();
  const bool upright = rng.chance(0.6);
  const int along = upright ? size.height : size.width;
  const int across = upright ? size.width : size.height;
  const int length = std::min(along - 8, static_cast<int>(rng.uniform(0.3, 0.95) * along));
  const int tick = draw_between(3, 11, rng);
  const double step = rng.uniform(4, 18);
  const int count = static_cast<int>(length / step);
  if (count < 5) return;
  const int start = draw_between(2, along - length - 2, rng);
  const int edge = draw_between(0, 29, rng);
  int line = rng.chance(0.5) ? edge : across - edge - tick - 2;
  if (rng.chance(0.25)) line = draw_between(0, across - tick - 3, rng);
  const auto point = [&](int i, int j) {
    return upright ? cv::Point(line + j, start + i) : cv::Point(start + i, line + j);
  };
  cv::Mat drawn(size, CV_8U, cv::Scalar(0));
  if (rng.chance(0.7)) cv::line(drawn, point(0, 0), point(length, 0), cv::Scalar(255));
  for (int i = 0; i <= count; ++i) {
    const int at = static_cast<int>(i * step);
    cv::line(drawn, point(at, 0), point(at, i % 5 == 0 ? tick : std::max(1, tick / 2)), cv::Scalar(255));
  }
  maps.grey.setTo(cv::Scalar(rng.uniform(160, 255)), drawn);
  cv::rectangle(maps.tag, point(0, 0), point(length, tick), cv::Scalar(255), cv::FILLED);
}

cv::Mat lay_field_edge(PracticeMaps& maps, Rng& rng) {
  const cv::Mat beyond = draw_beyond(maps.grey.size(), rng);
  cut_tags(maps, beyond);
  const double u = rng.uniform();
  const double ground = u < 0.6    ? rng.uniform(0, 12)
                        : u < 0.75 ? rng.uniform(12, 120)
                                   : rng.uniform(200, 255);
  cv::Mat edge;
  beyond.convertTo(edge, CV_32F, 1.0 / 255);
  const bool bordered = rng.chance(0.5);
  const double bright = rng.uniform(120, 255);
  cv::Mat line;
  if (bordered) {
    const int side = 2 * draw_between(1, 6, rng) + 1;
    cv::dilate(beyond, line, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
    line = line & ~beyond;
    line.convertTo(line, CV_32F, 1.0 / 255);
  }
  const double blur = rng.chance(0.5) ? rng.uniform(0.4, 2.0) : 0;
  for (cv::Mat* layer : {&edge, &line}) {
    if (blur > 0 && !layer->empty()) cv::GaussianBlur(*layer, *layer, {0, 0}, blur);
  }
  paint(maps.grey, edge, ground);
  if (bordered) paint(maps.grey, line, bright, rng.uniform(0.5, 1));
  return beyond;
}

}  // namespace tagconf::phantom
