// Draws and order: functions of their keys. The warp: exact cases and a rotation known in closed form.
#include <algorithm>
#include <cmath>
#include <set>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/nn/augment.hpp"

using namespace tagconf::nn;

namespace {

const AugmentOptions kAll{true, 30, 0.1, 0.05, 0.1, 0.2};

std::vector<std::string> ids(int n) {
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i) out.push_back("image" + std::to_string(i));
  return out;
}

std::vector<float> ramp(int size) {
  std::vector<float> out;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x)
      out.push_back(static_cast<float>(x + size * y) / static_cast<float>(size * size));
  }
  return out;
}

std::vector<float> augmented(const std::vector<float>& plane, int size, const Draw& draw) {
  std::vector<float> out(plane.size(), -1);
  augment(plane, size, draw, out);
  return out;
}

}  // namespace

TEST_CASE("a draw depends on seed, epoch and image, and on nothing else") {
  const Draw draw = draw_augmentation(1, 2, "a", kAll);
  CHECK(draw == draw_augmentation(1, 2, "a", kAll));
  CHECK_FALSE(draw == draw_augmentation(2, 2, "a", kAll));
  CHECK_FALSE(draw == draw_augmentation(1, 3, "a", kAll));
  CHECK_FALSE(draw == draw_augmentation(1, 2, "b", kAll));
  AugmentOptions rotation_alone;
  rotation_alone.rotation_deg = 30;
  const Draw alone = draw_augmentation(1, 2, "a", rotation_alone);
  CHECK(alone.rotation_deg == draw.rotation_deg);
  CHECK_FALSE(alone.flip);
  CHECK(alone.scale == 1);
}

TEST_CASE("draws fill their ranges evenly") {
  double low = 0, high = 0, sum = 0;
  int flips = 0;
  constexpr int kN = 4000;
  for (int i = 0; i < kN; ++i) {
    const Draw d = draw_augmentation(5, 1, std::to_string(i), kAll);
    low = std::min(low, d.rotation_deg);
    high = std::max(high, d.rotation_deg);
    sum += d.rotation_deg;
    flips += d.flip ? 1 : 0;
    CHECK(std::abs(d.scale - 1) <= 0.1);
    CHECK(std::abs(d.shift_x) <= 0.05);
    CHECK(std::abs(d.brightness) <= 0.1);
    CHECK(std::abs(d.contrast - 1) <= 0.2);
  }
  CHECK(low > -30);
  CHECK(low < -29.5);
  CHECK(high > 29.5);
  CHECK(std::abs(sum / kN) < 4 * 30 / std::sqrt(3.0 * kN));
  CHECK(std::abs(flips - kN / 2) < 4 * std::sqrt(kN / 4.0));
}

TEST_CASE("an epoch's order does not depend on the order of its images, and its digest tells changes") {
  auto names = ids(37);
  const EpochPlan plan = plan_epoch(3, 1, names, 8, kAll);
  auto turned = names;
  std::reverse(turned.begin(), turned.end());
  const EpochPlan other = plan_epoch(3, 1, turned, 8, kAll);
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(names[plan.order[i]] == turned[other.order[i]]);
    CHECK(plan.draws[i] == other.draws[i]);
  }
  CHECK(plan.digest == other.digest);
  CHECK(plan.digest != plan_epoch(3, 2, names, 8, kAll).digest);
  CHECK(plan.digest != plan_epoch(4, 1, names, 8, kAll).digest);
  CHECK(plan.digest != plan_epoch(3, 1, names, 9, kAll).digest);
  CHECK(plan.digest != plan_epoch(3, 1, names, 8, AugmentOptions{}).digest);
  names.back() += "x";
  CHECK(plan.digest != plan_epoch(3, 1, names, 8, kAll).digest);
}

TEST_CASE("batches cover every image once, and a single one left over joins the batch before") {
  const auto sizes = [](std::size_t images, std::size_t batch) {
    const EpochPlan plan = plan_in_order(images, batch);
    std::vector<std::size_t> out;
    for (std::size_t b = 0; b < plan.batches(); ++b) out.push_back(plan.starts[b + 1] - plan.starts[b]);
    return out;
  };
  CHECK(sizes(9, 4) == std::vector<std::size_t>{4, 5});
  CHECK(sizes(10, 4) == std::vector<std::size_t>{4, 4, 2});
  CHECK(sizes(8, 4) == std::vector<std::size_t>{4, 4});
  CHECK(sizes(1, 4) == std::vector<std::size_t>{1});
  CHECK(sizes(0, 4).empty());
  const EpochPlan plan = plan_epoch(1, 1, ids(20), 6, {});
  CHECK(std::set<std::size_t>(plan.order.begin(), plan.order.end()).size() == 20);
}

TEST_CASE("nothing, a flip, a quarter turn and a whole-pixel shift are exact") {
  constexpr int kSize = 32;
  const auto plane = ramp(kSize);
  const auto at = [&](const std::vector<float>& p, int x, int y) {
    return p[static_cast<std::size_t>(y * kSize + x)];
  };
  CHECK(augmented(plane, kSize, {}) == plane);
  Draw flip;
  flip.flip = true;
  Draw turn;
  turn.rotation_deg = 90;
  Draw shift;
  shift.shift_x = 3.0 / kSize;
  const auto flipped = augmented(plane, kSize, flip);
  const auto turned = augmented(plane, kSize, turn);
  const auto shifted = augmented(plane, kSize, shift);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      REQUIRE(at(flipped, x, y) == at(plane, kSize - 1 - x, y));
      // Counter-clockwise: what was on the right comes to the top.
      REQUIRE(at(turned, x, y) == Approx(at(plane, kSize - 1 - y, x)).margin(1e-5));
      REQUIRE(at(shifted, x, y) == Approx(x < 3 ? 0.0F : at(plane, x - 3, y)).margin(1e-5));
    }
  }
}

TEST_CASE("a rotated plane of constant slope keeps it, and nothing comes in from outside") {
  constexpr int kSize = 64;
  const auto plane = ramp(kSize);
  Draw draw;
  draw.rotation_deg = 20;
  draw.scale = 1.1;
  const auto out = augmented(plane, kSize, draw);
  const double angle = 20 * 3.14159265358979 / 180;
  for (int y = 24; y < 40; ++y) {
    for (int x = 24; x < 40; ++x) {
      const double dx = x - 31.5, dy = y - 31.5;
      const double sx = 31.5 + (std::cos(angle) * dx - std::sin(angle) * dy) / 1.1;
      const double sy = 31.5 + (std::sin(angle) * dx + std::cos(angle) * dy) / 1.1;
      REQUIRE(out[static_cast<std::size_t>(y * kSize + x)] ==
              Approx((sx + kSize * sy) / (kSize * kSize)).margin(1e-5));
    }
  }
  draw.scale = 0.5;
  const auto small = augmented(std::vector<float>(kSize * kSize, 1.0F), kSize, draw);
  CHECK(small[0] == 0);
  CHECK(small[kSize * 32 + 32] == Approx(1));
  CHECK(*std::max_element(small.begin(), small.end()) <= 1.0001F);
}

TEST_CASE("grey changes stay within 0 and 1, and do not touch what lies outside the picture") {
  constexpr int kSize = 32;
  Draw draw;
  draw.brightness = 0.3;
  draw.contrast = 1.5;
  draw.shift_y = 0.5;
  const auto out = augmented(std::vector<float>(kSize * kSize, 0.4F), kSize, draw);
  CHECK(out[0] == 0);
  CHECK(out[kSize * 24] == Approx(1.5 * (0.4 - 0.5) + 0.5 + 0.3));
  const auto bright = augmented(std::vector<float>(kSize * kSize, 0.9F), kSize, draw);
  CHECK(bright[kSize * 24] == 1);
}

TEST_CASE("the share of grey that stays in the frame follows the pixels") {
  constexpr int kSize = 32;
  const std::vector<float> full(kSize * kSize, 0.5F);
  Draw draw;
  CHECK(share_in_frame(full, kSize, draw) == 1);
  CHECK(share_in_frame(std::vector<float>(kSize * kSize, 0.0F), kSize, draw) == 1);
  draw.shift_x = 0.25;
  CHECK(share_in_frame(full, kSize, draw) == Approx(0.75));
  draw.flip = true;
  CHECK(share_in_frame(full, kSize, draw) == Approx(0.75));
  // Two pixels near the left border, one three times as bright: a flip brings them to the right, and out.
  std::vector<float> two(kSize * kSize, 0.0F);
  two[10 * kSize + 1] = 0.75F;
  two[10 * kSize + 9] = 0.25F;
  CHECK(share_in_frame(two, kSize, draw) == Approx(0.25));
  draw.flip = false;
  CHECK(share_in_frame(two, kSize, draw) == 1);
  // A corner leaves by a turn, and comes back with a smaller picture.
  std::vector<float> corner(kSize * kSize, 0.0F);
  corner[1 * kSize + 30] = 1;
  Draw turn;
  turn.rotation_deg = 10;
  CHECK(share_in_frame(corner, kSize, turn) == 0);
  turn.scale = 0.8;
  CHECK(share_in_frame(corner, kSize, turn) == 1);
  turn.scale = 1;
  const auto warped = augmented(corner, kSize, turn);
  CHECK(*std::max_element(warped.begin(), warped.end()) == 0);
}
