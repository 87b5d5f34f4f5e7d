// Learning rates over a training. Cosine and warm-up are functions of the step; plateau watches a metric.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf::nn {

enum class Schedule { constant, cosine, plateau };

}  // namespace tagconf::nn

template <>
struct tagconf::EnumNames<tagconf::nn::Schedule> {
  using S = tagconf::nn::Schedule;
  static constexpr std::array kNames{std::pair{S::constant, "constant"}, std::pair{S::cosine, "cosine"},
                                     std::pair{S::plateau, "plateau"}};
};

namespace tagconf::nn {

// min + (base - min) (1 + cos(pi t / period)) / 2 (Loshchilov & Hutter, "SGDR", ICLR 2017); past the period
// it rises again.
[[nodiscard]] double cosine_rate(double base, double min, double t, double period);

// The factor of step t while warming up linearly from `start` to 1 over `steps` steps; 1 afterwards.
[[nodiscard]] double warmup_factor(double start, double t, double steps);

enum class Better { higher, lower };
enum class Threshold { relative, absolute };

struct PlateauOptions {
  Better better = Better::higher;
  double factor = 0.1;  // the rate is multiplied by it
  int patience = 2;     // evaluations without a better metric that are borne
  double threshold = 1e-4;
  Threshold threshold_kind = Threshold::relative;
  int cooldown = 0;  // evaluations after a reduction during which none is counted
  double min_rate = 0;
  double smallest_change = 1e-8;  // a reduction by less is left out
};

// Lowers the rate when the metric has stopped getting better; the semantics of PyTorch's ReduceLROnPlateau
// (LibTorch's own never reduces in one of its modes).
class Plateau {
 public:
  struct State {
    double rate = 0;
    double best = 0;
    bool any = false;  // `best` holds something
    int bad = 0;
    int cooling = 0;
  };

  Plateau(const PlateauOptions& options, double rate);
  Plateau(const PlateauOptions& options, const State& state) : options_(options), state_(state) {}

  // Tells the metric of one evaluation; returns the rate from now on.
  double step(double metric);
  [[nodiscard]] double rate() const { return state_.rate; }
  [[nodiscard]] const State& state() const { return state_; }

 private:
  [[nodiscard]] bool is_better(double metric) const;
  PlateauOptions options_;
  State state_;
};

}  // namespace tagconf::nn
