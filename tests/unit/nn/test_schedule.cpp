// Schedules: closed forms and hand-made courses. The series of PyTorch are in oracle_training.
#include "catch.hpp"
#include "tagconf/nn/schedule.hpp"

using namespace tagconf::nn;

TEST_CASE("cosine starts at the base, is halfway at half the period and ends at the minimum") {
  CHECK(cosine_rate(1e-3, 1e-5, 0, 8) == Approx(1e-3));
  CHECK(cosine_rate(1e-3, 1e-5, 4, 8) == Approx((1e-3 + 1e-5) / 2));
  CHECK(cosine_rate(1e-3, 1e-5, 8, 8) == Approx(1e-5));
}

TEST_CASE("warm-up rises linearly and then stays at 1") {
  CHECK(warmup_factor(0.1, 0, 3) == Approx(0.1));
  CHECK(warmup_factor(0.1, 1, 3) == Approx(0.4));
  CHECK(warmup_factor(0.1, 3, 3) == 1);
  CHECK(warmup_factor(0.1, 0, 0) == 1);
}

TEST_CASE("plateau counts a first metric at or below zero as the best so far") {
  PlateauOptions options;
  options.patience = 0;
  options.threshold_kind = Threshold::absolute;
  Plateau plateau(options, 1.0);
  CHECK(plateau.step(-2) == 1.0);
  CHECK(plateau.step(-1) == 1.0);
  CHECK(plateau.step(-1) == Approx(0.1));
}

TEST_CASE("a plateau restored from its state goes on as if it had never stopped") {
  PlateauOptions options;
  options.patience = 1;
  options.cooldown = 1;
  Plateau whole(options, 1.0);
  Plateau first(options, 1.0);
  const double metrics[] = {0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6};
  for (int i = 0; i < 8; ++i) {
    Plateau resumed(options, first.state());
    CHECK(resumed.step(metrics[i]) == whole.step(metrics[i]));
    first = resumed;
  }
}
