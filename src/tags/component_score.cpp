// The hand-made score of a component. Every ramp states a property of printed or leaden letters: strong,
// sharp and closed outlines, even ink on an even ground, strokes of one width.
#include <algorithm>
#include <cmath>

#include "component.hpp"

namespace tagconf::tags {
namespace {

// 0 below `low`, 1 above `high`.
double rising(double value, double low, double high) {
  return std::clamp((value - low) / (high - low), 0.0, 1.0);
}
double falling(double value, double low, double high) {
  return 1.0 - rising(value, low, high);
}

// What a property counts that is wholly absent: near nothing, so that no other makes up for it.
constexpr double kFloor = 1e-4;

class GeometricMean {
 public:
  void add(double weight, double ramp) {
    log_sum_ += weight * std::log(std::max(ramp, kFloor));
    weight_ += weight;
  }
  [[nodiscard]] double value() const { return weight_ > 0 ? std::exp(log_sum_ / weight_) : 0; }

 private:
  double log_sum_ = 0;
  double weight_ = 0;
};

constexpr double kLetterWeight = 2.0;
constexpr double kInkWeight = 12.2;  // sum of the weights in ink_score

// Lead stops all radiation: its grey is near full scale, however bright the ground it lies on.
double saturation_bonus(const Measures& m) {
  const double headroom = std::max(1.0, 255 - m.ground);
  return 40 * rising(m.contrast / headroom, 0.5, 0.9);
}

}  // namespace

double ink_score(const Component& component) {
  const Measures& m = component.measures;
  if (m.contrast <= 0 || m.stroke <= 0) return 0;
  const double longer = std::max(component.box.w, component.box.h);
  // Gaps between bright structures are dark and sharp more often than bones are bright and sharp.
  const double contrast = component.dark ? 0.75 * m.contrast : m.contrast + saturation_bonus(m);
  GeometricMean mean;
  mean.add(1.5, std::pow(rising(contrast, 15, 90), 0.7));
  mean.add(1.2, rising(m.edge, 0.18, 0.36));
  mean.add(1.0, rising(m.weak_edge, 0.06, 0.25));
  mean.add(1.5, rising(m.closed, 0.70, 0.97));
  mean.add(1.0, falling(m.ink_spread, 0.12, 0.35));
  mean.add(1.5, falling(m.ground_spread, 0.2, 0.9));
  mean.add(2.0, falling(m.bustle, 0.025, 0.10));
  mean.add(0.5, falling(m.stroke_spread, 0.35, 0.7));
  mean.add(1.0, rising(longer, 8, 15) * falling(longer, 80, 190));
  mean.add(1.0, rising(longer / m.stroke, 1.5, 2.5) * falling(longer / m.stroke, 25, 40));
  return mean.value();
}

double letter_score(const Component& component, double ink) {
  // A bar is an I, but bars are everywhere: no evidence.
  const double match = component.letter.letter == 'I' ? 0.0 : component.letter.match;
  // Large parts that read as no letter are anatomy or hardware; small ones may be words run together.
  const double longer = std::max(component.box.w, component.box.h);
  const double least = 0.35 - 0.25 * rising(longer, 30, 60);
  const double evidence = least + (1 - least) * rising(match, 0.72, 0.93);
  return std::pow(std::pow(ink, kInkWeight) * std::pow(evidence, kLetterWeight),
                  1.0 / (kInkWeight + kLetterWeight));
}

}  // namespace tagconf::tags
