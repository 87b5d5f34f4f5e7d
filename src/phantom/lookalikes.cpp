#include "lookalikes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace tagconf::phantom {
namespace {

const cv::Scalar kWhite(255);
const cv::Scalar kNothing(0);
constexpr double kSeen = 0.25;  // coverage from which a pixel counts as the look-alike's

// A drawing in progress: where, which way, how long, how bright.
struct Sketch {
  cv::Mat mask;
  cv::Point2d at;
  cv::Point2d way;    // of length 1
  double angle = 0;   // of `way`, degrees
  double length = 0;  // pixels
  double value = 0;   // grey
  double opacity = 1;

  [[nodiscard]] cv::Point along(double distance, double sideways = 0) const {
    return {static_cast<int>(at.x + way.x * distance - way.y * sideways),
            static_cast<int>(at.y + way.y * distance + way.x * sideways)};
  }
  [[nodiscard]] cv::Point here() const { return along(0); }
};

int whole(double value) {
  return static_cast<int>(value);
}
// low .. high-1
int between(int low, int high, Rng& rng) {
  return low + static_cast<int>(rng.below(static_cast<std::uint64_t>(high - low)));
}

void finger_ring(Sketch& s, Rng& rng) {
  const cv::Size axes(whole(0.35 * s.length) + 3, whole(s.length * rng.uniform(0.06, 0.35)) + 2);
  const int band =
      rng.chance(0.5) ? between(2, 9, rng) : std::max(2, whole(0.35 * s.length * rng.uniform(0.1, 0.45)));
  cv::ellipse(s.mask, s.here(), axes, s.angle, 0, 360, kWhite, band, cv::LINE_AA);
  if (rng.chance(0.2)) {  // a stone
    const double t = s.angle * std::numbers::pi / 180;
    const cv::Point top(whole(-axes.height * std::sin(t)), whole(axes.height * std::cos(t)));
    cv::circle(s.mask, s.here() + top, band + 1, kWhite, -1, cv::LINE_AA);
  }
}

void screw(Sketch& s, Rng& rng) {
  const int width = between(2, 7, rng);
  for (double i = 0; i < s.length; i += std::max(2.0, 0.8 * width))
    cv::line(s.mask, s.along(i, width), s.along(i, -width), kWhite, 1, cv::LINE_AA);
  cv::line(s.mask, s.here(), s.along(s.length), kWhite, width, cv::LINE_AA);
  cv::line(s.mask, s.along(0, 1.6 * width), s.along(0, -1.6 * width), kWhite, std::max(2, width / 2),
           cv::LINE_AA);
}

void bone_plate(Sketch& s, Rng& rng) {
  const int width = between(8, 20, rng);
  const double length = 2 * s.length;
  cv::line(s.mask, s.here(), s.along(length), kWhite, width, cv::LINE_AA);
  for (double i = width; i < length - width; i += 1.8 * width)
    cv::circle(s.mask, s.along(i), std::max(2, width / 4), kNothing, -1, cv::LINE_AA);
}

// A plate seen from its side, or a nail, with the screws that hold it: rungs on a rail, like letters.
void rail(Sketch& s, Rng& rng) {
  const double length = rng.uniform(0.8, 2.5) * s.length + 8;
  const bool nail = rng.chance(0.3);
  const int width = between(2, 10, rng);
  cv::line(s.mask, s.here(), s.along(length), kWhite, width, cv::LINE_AA);
  const int screws = nail ? between(1, 4, rng) : between(2, 9, rng);
  const double reach = nail ? rng.uniform(6, 24) : length * rng.uniform(0.1, 0.6);
  const int thickness = std::max(1, whole(width * rng.uniform(0.4, 1.1)));
  const double side = rng.chance(0.5) ? 1 : -1;
  const double step = nail ? 0.12 * length : length / screws;
  for (int i = 0; i < screws; ++i) {
    const double at = step * (i + 0.5) + rng.normal();
    const double tip = side * reach * rng.uniform(0.8, 1.2);
    cv::line(s.mask, s.along(at, nail ? -tip : 0), s.along(at, tip), kWhite, thickness, cv::LINE_AA);
    if (rng.chance(0.3))
      cv::circle(s.mask, s.along(at, -0.5 * side * width), thickness, kWhite, -1, cv::LINE_AA);
  }
}

void wire(Sketch& s, Rng& rng) {
  std::vector<cv::Point> path;
  cv::Point2d p = s.at;
  const int steps = between(4, 30, rng);
  for (int i = 0; i < steps; ++i) {
    path.emplace_back(whole(p.x), whole(p.y));
    p += 14 * s.way + 5 * cv::Point2d(rng.normal(), rng.normal());
  }
  cv::polylines(s.mask, path, false, kWhite, between(1, 4, rng), cv::LINE_AA);
  if (rng.chance(0.6))
    cv::circle(s.mask, path.back(), between(3, 9, rng), kWhite, rng.chance(0.5) ? -1 : 2, cv::LINE_AA);
}

void scratch(Sketch& s, Rng&) {
  cv::line(s.mask, s.here(), s.along(2 * s.length), kWhite, 1, cv::LINE_AA);
  s.opacity *= 0.7;
}

void electrode(Sketch& s, Rng& rng) {
  const int radius = between(3, 14, rng);
  cv::circle(s.mask, s.here(), radius, kWhite, -1, cv::LINE_AA);
  if (rng.chance(0.4))
    cv::circle(s.mask, s.here(), std::max(1, radius / 2), cv::Scalar(128), -1, cv::LINE_AA);
}

void patch(Sketch& s, Rng& rng) {
  const cv::Point far = s.here() + cv::Point(whole(1.4 * s.length), whole(s.length * rng.uniform(0.2, 1)));
  cv::rectangle(s.mask, s.here(), far, kWhite, -1);
  constexpr std::array kValues{0.0, 0.0, 128.0, 255.0};
  const auto which = rng.below(5);
  s.value = which < 4 ? kValues[which] : rng.uniform(0, 255);
  s.opacity = 1;
}

void corner(Sketch& s, Rng& rng) {
  const bool right = rng.chance(0.5);
  const bool low = rng.chance(0.5);
  const cv::Point c(right ? s.mask.cols : 0, low ? s.mask.rows : 0);
  const cv::Point across((right ? -1 : 1) * whole(s.length * rng.uniform(0.2, 2)), 0);
  const cv::Point down(0, (low ? -1 : 1) * whole(s.length * rng.uniform(0.2, 2)));
  cv::fillPoly(s.mask, std::vector<std::vector<cv::Point>>{{c, c + across, c + down}}, kWhite, cv::LINE_AA);
  s.value = rng.uniform(180, 255);
  s.opacity = 1;
}

void clip(Sketch& s, Rng& rng) {
  const int size = whole(0.3 * s.length) + 4;
  cv::ellipse(s.mask, s.here(), {size, std::max(2, size / 3)}, s.angle, 0, between(180, 330, rng), kWhite,
              between(1, 4, rng), cv::LINE_AA);
  if (rng.chance(0.5)) {
    cv::ellipse(s.mask, s.here() + cv::Point(3, 2), {std::max(2, size / 2), std::max(2, size / 4)}, s.angle,
                30, 300, kWhite, between(1, 4, rng), cv::LINE_AA);
  }
}

void dense_oval(Sketch& s, Rng& rng) {
  const cv::Size axes(whole(0.5 * s.length) + 3, whole(s.length * rng.uniform(0.1, 0.4)) + 2);
  cv::ellipse(s.mask, s.here(), axes, s.angle, 0, 360, kWhite, -1, cv::LINE_AA);
  cv::GaussianBlur(s.mask, s.mask, {0, 0}, rng.uniform(1, 4));
  s.opacity *= 0.6;
}

void row_of_teeth(Sketch& s, Rng& rng) {
  const double size = rng.uniform(4, 14);
  const int count = between(3, 8, rng);
  for (int i = 0; i < count; ++i) {
    const cv::Size axes(whole(0.5 * size) + 1, whole(size * rng.uniform(0.6, 1.4)) + 1);
    cv::ellipse(s.mask, s.along(1.3 * size * i), axes, s.angle, 0, 360, kWhite, rng.chance(0.7) ? -1 : 1,
                cv::LINE_AA);
  }
  s.opacity *= 0.7;
}

// The clamp of a monitoring lead: jaws, a bent handle, a sleeve, the wire. All corners and bars, like
// letters.
void lead_clamp(Sketch& s, Rng& rng) {
  const double size = rng.uniform(4, 14);
  const int thin = std::max(1, whole(size * rng.uniform(0.1, 0.2)));
  const int thick = std::max(1, whole(size * rng.uniform(0.2, 0.5)));
  const auto line = [&](const cv::Point& a, const cv::Point& b, int width) {
    cv::line(s.mask, a, b, kWhite, width, cv::LINE_AA);
  };
  for (const double side : {-1.0, 1.0}) {  // jaws: out to a knee, back to the teeth
    const cv::Point knee = s.along(-0.6 * size, side * size * rng.uniform(0.4, 0.7));
    line(s.here(), knee, thick);
    line(knee, s.along(-1.2 * size, side * size * rng.uniform(0.05, 0.3)), thick);
  }
  const cv::Point foot = s.along(0.1 * size, -0.9 * size);
  const cv::Point heel = s.along(0.5 * size, 0.9 * size);
  line(foot, heel, thin);
  line(rng.chance(0.5) ? foot : heel, s.along(size * rng.uniform(1.2, 2), size * rng.uniform(-1, 1)),
       std::max(thin, thick / 2));
  const cv::Point sleeve = s.along(0.9 * size, 0.2 * size);
  line(sleeve, s.along(size * rng.uniform(1.4, 2.2), 0.2 * size), thick);
  if (rng.chance(0.5))
    cv::circle(s.mask, s.along(-0.8 * size), whole(0.7 * size) + 1, kWhite, thin, cv::LINE_AA);
  if (rng.chance(0.7)) line(sleeve, s.along(6 * size, size * rng.uniform(-4, 4)), std::max(1, thin / 2));
}

// A press stud or button, seen slantwise: rings in one another, sometimes with holes.
void snap_button(Sketch& s, Rng& rng) {
  const int radius = between(3, 13, rng);
  const double flat = rng.uniform(0.6, 1);
  const auto oval = [&](double share, double value, int band) {
    const cv::Size axes(std::max(1, whole(radius * share)), std::max(1, whole(radius * share * flat)));
    cv::ellipse(s.mask, s.here(), axes, s.angle, 0, 360, cv::Scalar(value), band, cv::LINE_AA);
  };
  oval(1, 255 * rng.uniform(0.4, 0.9), -1);
  oval(1, 255, std::max(1, radius / 5));
  oval(rng.uniform(0.45, 0.7), rng.uniform(0, 255), rng.chance(0.5) ? 1 : -1);
  if (rng.chance(0.6)) oval(rng.uniform(0.15, 0.35), 255, -1);
  if (!rng.chance(0.2)) return;
  for (const double side : {-0.35, 0.35})
    cv::circle(s.mask, s.along(side * radius), std::max(1, radius / 5), kNothing, -1, cv::LINE_AA);
}

// A necklace or bracelet: links or beads along a slack curve.
void chain(Sketch& s, Rng& rng) {
  const double link = rng.uniform(2, 7);
  const int count = between(8, 50, rng);
  const double slack = rng.uniform(-0.05, 0.05);
  const bool beads = rng.chance(0.4);
  double heading = s.angle;
  cv::Point2d p = s.at;
  for (int i = 0; i < count; ++i) {
    const double t = heading * std::numbers::pi / 180;
    const cv::Point here(whole(p.x), whole(p.y));
    if (beads)
      cv::circle(s.mask, here, std::max(1, whole(0.45 * link)), kWhite, -1, cv::LINE_AA);
    else
      cv::ellipse(s.mask, here, {whole(0.6 * link) + 1, whole(link * (i % 2 == 0 ? 0.4 : 0.15)) + 1}, heading,
                  0, 360, kWhite, 1, cv::LINE_AA);
    p += 1.1 * link * cv::Point2d(std::cos(t), std::sin(t));
    heading += slack * 180 / std::numbers::pi + rng.normal();
  }
}

// Wire bent into a few flat loops, as of a paper clip or a brassiere's hook.
void wire_loops(Sketch& s, Rng& rng) {
  const int size = between(5, 16, rng);
  const int loops = between(2, 5, rng);
  const int width = between(1, 3, rng);
  for (int i = 0; i < loops; ++i) {
    const cv::Point at = s.along(size * 0.7 * i * rng.uniform(0.7, 1.3), size * rng.uniform(-0.3, 0.3));
    cv::ellipse(s.mask, at, {size, std::max(2, whole(size * rng.uniform(0.3, 0.6)))},
                s.angle + 60 + 20 * rng.normal(), 0, 360, kWhite, width, cv::LINE_AA);
  }
}

void collimator_edge(Sketch& s, Rng& rng) {
  cv::line(s.mask, s.along(-2000), s.along(2000), kWhite, between(1, 7, rng), cv::LINE_AA);
  s.opacity *= 0.8;
}

}  // namespace

cv::Mat lay_lookalike(cv::Mat& grey, Rng& rng) {
  Sketch s;
  s.mask = cv::Mat(grey.size(), CV_8U, kNothing);
  s.at = {rng.uniform(0, grey.cols), rng.uniform(0, grey.rows)};
  s.angle = rng.uniform(0, 360);
  const double t = s.angle * std::numbers::pi / 180;
  s.way = {std::cos(t), std::sin(t)};
  s.length = rng.uniform(10, 90);
  s.value = rng.uniform(150, 255);
  s.opacity = rng.uniform(0.5, 1);
  using Draw = void (*)(Sketch&, Rng&);
  constexpr std::array<Draw, 20> kKinds{finger_ring, finger_ring, screw,       bone_plate,   rail,
                                        rail,        wire,        scratch,     electrode,    patch,
                                        corner,      clip,        dense_oval,  row_of_teeth, collimator_edge,
                                        lead_clamp,  lead_clamp,  snap_button, chain,        wire_loops};
  kKinds[rng.below(kKinds.size())](s, rng);
  if (rng.chance(0.4)) cv::GaussianBlur(s.mask, s.mask, {0, 0}, rng.uniform(0.5, 1.3));
  cv::Mat coverage;
  s.mask.convertTo(coverage, CV_32F, s.opacity / 255);
  grey = grey.mul(1 - coverage) + coverage * s.value;
  return coverage > kSeen;
}

}  // namespace tagconf::phantom
