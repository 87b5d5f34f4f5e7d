// The tag finder's network: its input planes by hand, its file, and tiny trainings that learn, resume to the
// bit and fail loudly.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/nn/finder.hpp"
#include "tagconf/nn/finder_trainer.hpp"
#include "tagconf/nn/safetensors.hpp"

using namespace tagconf;
using namespace tagconf::nn;
using test::ScratchFolder;
namespace fs = std::filesystem;

namespace {

const Compute kOneThread{Precision::fp32, "cpu", 1};
constexpr int kSide = 64;
constexpr int kMap = kSide / kFinderStride;

// IEEE 754 binary16, finite.
std::vector<float> halves(std::span<const std::byte> bytes) {
  std::vector<float> out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const int bits = std::to_integer<int>(bytes[i]) | std::to_integer<int>(bytes[i + 1]) << 8;
    const int exponent = bits >> 10 & 31;
    const int fraction = bits & 1023;
    const float size = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                     : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    out.push_back((bits & 0x8000) != 0 ? -size : size);
  }
  return out;
}

// Noise with one bright square at a place that depends on the index; the square is the tag.
FinderExample bright_square(std::uint64_t index) {
  Rng rng(3, "square", index);
  FinderExample e;
  e.grey.resize(kSide * kSide);
  e.inside.assign(kSide * kSide, 1);
  e.target.assign(kMap * kMap, 0);
  e.weight.assign(kMap * kMap, 1);
  for (float& v : e.grey) v = static_cast<float>(0.3 + 0.1 * rng.uniform());
  const auto cx = static_cast<int>(rng.below(kMap - 4));
  const auto cy = static_cast<int>(rng.below(kMap - 4));
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) e.grey[(4 * cy + y) * kSide + 4 * cx + x] = 0.9F;
  }
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) e.target[(cy + y) * kMap + cx + x] = 1;
  }
  return e;
}

FinderTrainOptions short_training(int steps) {
  FinderTrainOptions o;
  o.steps = steps;
  o.batch = 4;
  o.warmup_steps = 5;
  return o;
}

std::vector<float> answer(const FinderNet& net, std::uint64_t index) {
  const FinderExample e = bright_square(index);
  return net.probabilities(e.grey, e.inside, kSide, kSide);
}

}  // namespace

TEST_CASE("the finder's planes are grey, local contrast and the picture's extent") {
  constexpr int w = 40;
  constexpr int h = 36;
  Rng rng(1, "planes");
  std::vector<float> grey(w * h);
  std::vector<std::uint8_t> inside(w * h);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      grey[y * w + x] = static_cast<float>(rng.uniform());
      inside[y * w + x] = x < 33 && y < 30 ? 1 : 0;
    }
  }
  const auto planes = finder_planes(grey, inside, w, h);
  REQUIRE(planes.size() == 3 * w * h);
  // Mean over the pixels inside within 15 of (x, y); nothing cached, nothing clever.
  const auto mean_round = [&](int x, int y, const auto& value) {
    double sum = 0;
    double n = 0;
    for (int v = std::max(0, y - 15); v <= std::min(h - 1, y + 15); ++v) {
      for (int u = std::max(0, x - 15); u <= std::min(w - 1, x + 15); ++u) {
        if (inside[v * w + u] == 0) continue;
        sum += value(u, v);
        n += 1;
      }
    }
    return sum / n;
  };
  const auto grey_at = [&](int x, int y) { return double{grey[y * w + x]}; };
  const auto deviation = [&](int x, int y) { return grey_at(x, y) - mean_round(x, y, grey_at); };
  for (const auto& [x, y] : {std::pair{0, 0}, std::pair{16, 15}, std::pair{32, 29}, std::pair{5, 28}}) {
    const double spread =
        std::sqrt(mean_round(x, y, [&](int u, int v) { return deviation(u, v) * deviation(u, v); }));
    const double contrast = 0.5 * std::clamp(deviation(x, y) / (spread + 0.03), -4.0, 4.0);
    CHECK(planes[y * w + x] == Approx(2 * grey_at(x, y) - 1).margin(1e-6));
    CHECK(planes[w * h + y * w + x] == Approx(contrast).margin(1e-5));
    CHECK(planes[2 * w * h + y * w + x] == 1);
  }
  for (const auto& [x, y] : {std::pair{33, 0}, std::pair{39, 35}}) {
    CHECK(planes[y * w + x] == -1);
    CHECK(planes[w * h + y * w + x] == 0);
    CHECK(planes[2 * w * h + y * w + x] == 0);
  }
}

TEST_CASE("a finder's file keeps its weights to half precision, and the same weights give the same bytes") {
  const ScratchFolder scratch;
  FinderNet net = FinderNet::random(7);
  net.write(scratch / "a.safetensors", {{"seed", "7"}});
  FinderNet::random(7).write(scratch / "b.safetensors", {{"seed", "7"}});
  CHECK(read_text(scratch / "a.safetensors") == read_text(scratch / "b.safetensors"));
  CHECK(fs::file_size(scratch / "a.safetensors") < 2'000'000);
  const FinderNet back = FinderNet::read(scratch / "a.safetensors");
  CHECK(back.metadata().at("seed") == "7");
  const auto before = answer(net, 1);
  const auto after = answer(back, 1);
  REQUIRE(before.size() == kMap * kMap);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == Approx(before[i]).margin(2e-3));
  back.write(scratch / "c.safetensors", {{"seed", "7"}});
  CHECK(read_text(scratch / "c.safetensors") == read_text(scratch / "a.safetensors"));
}

TEST_CASE("weights go part of the way to another network's, running statistics too") {
  const ScratchFolder scratch;
  FinderNet trained = FinderNet::random(7);
  (void)train_finder(trained, bright_square, kSide, short_training(3), "test", kOneThread, {}, {});
  const FinderNet start = FinderNet::random(7);
  const auto values_of = [&](const FinderNet& net) {
    net.write(scratch / "w.safetensors", {});
    const Safetensors file = Safetensors::read(scratch / "w.safetensors");
    std::map<std::string, std::vector<float>> out;
    for (const TensorView& tensor : file.tensors()) {
      if (tensor.element == Element::f16) out[tensor.name] = halves(tensor.bytes);
    }
    return out;
  };
  const auto from = values_of(trained);
  const auto to = values_of(start);
  CHECK(from != to);
  trained.move_towards(start, 0.25);
  for (const auto& [name, values] : values_of(trained)) {
    INFO(name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float expected = 0.75F * from.at(name)[i] + 0.25F * to.at(name)[i];
      CHECK(values[i] == Approx(expected).epsilon(2e-3).margin(1e-6));
    }
  }
  trained.move_towards(start, 1);
  CHECK(values_of(trained) == to);
}

TEST_CASE("weights of another network are refused by name") {
  const ScratchFolder scratch;
  const std::vector<float> value(4);
  write_safetensors(
      scratch / "w.safetensors",
      std::vector{TensorView{"other.weight", Element::f32, {4}, std::as_bytes(std::span(value))}}, {});
  try {
    (void)FinderNet::read(scratch / "w.safetensors");
    FAIL("was read");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message().find("unknown tensor other.weight") != std::string::npos);
  }
}

TEST_CASE("a finder learns to find bright squares") {
  FinderNet net = FinderNet::random(1);
  double first = 0;
  FinderTrainHooks hooks;
  hooks.progress = [&](int step, double loss) { first = step == 1 ? loss : first; };
  const double last =
      train_finder(net, bright_square, kSide, short_training(150), "test", kOneThread, hooks, {});
  CHECK(last < 0.6 * first);
  double on = 0;
  double off = 0;
  for (std::uint64_t i = 100000; i < 100008; ++i) {
    const auto p = answer(net, i);
    const auto target = bright_square(i).target;
    for (std::size_t k = 0; k < p.size(); ++k) (target[k] > 0 ? on : off) += p[k];
  }
  CHECK(on / (8 * 16) > 0.6);
  CHECK(off / (8 * (kMap * kMap - 16)) < 0.2);
}

TEST_CASE("a finder that multiplies in 16 bits learns the same and answers nearly the same") {
  FinderNet net = FinderNet::random(1);
  const Compute narrow{Precision::bf16, "cpu", 1};
  (void)train_finder(net, bright_square, kSide, short_training(150), "test", narrow, {}, {});
  const auto wide_answer = answer(net, 100000);
  net.use(Precision::bf16);
  const auto narrow_answer = answer(net, 100000);
  const auto target = bright_square(100000).target;
  double largest = 0;
  double on = 0;
  for (std::size_t k = 0; k < target.size(); ++k) {
    largest = std::max(largest, std::abs(static_cast<double>(wide_answer[k] - narrow_answer[k])));
    on += target[k] > 0 ? narrow_answer[k] : 0.0F;
  }
  CHECK(largest > 0);
  CHECK(largest < 0.05);
  CHECK(on / 16 > 0.6);
}

TEST_CASE("a finder's training that was stopped goes on to the same bits") {
  const ScratchFolder scratch;
  FinderNet whole = FinderNet::random(2);
  (void)train_finder(whole, bright_square, kSide, short_training(12), "test", kOneThread, {}, {});
  whole.write(scratch / "whole.safetensors", {});

  int steps = 0;
  FinderTrainHooks stopping;
  stopping.progress = [&](int step, double) { steps = step; };
  stopping.stop_requested = [&] { return steps == 5; };
  FinderNet part = FinderNet::random(2);
  try {
    (void)train_finder(part, bright_square, kSide, short_training(12), "test", kOneThread, stopping,
                       scratch.path());
    FAIL("was not stopped");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::incomplete);
  }
  FinderNet resumed = FinderNet::random(99);
  int first_step = 0;
  FinderTrainHooks hooks;
  hooks.progress = [&](int step, double) { first_step = first_step == 0 ? step : first_step; };
  (void)train_finder(resumed, bright_square, kSide, short_training(12), "test", kOneThread, hooks,
                     scratch.path());
  CHECK(first_step == 6);
  resumed.write(scratch / "resumed.safetensors", {});
  CHECK(read_text(scratch / "resumed.safetensors") == read_text(scratch / "whole.safetensors"));
}

TEST_CASE("a finder's training that was killed goes on from its last checkpoint to the same bits") {
  const ScratchFolder scratch;
  FinderNet whole = FinderNet::random(2);
  (void)train_finder(whole, bright_square, kSide, short_training(12), "test", kOneThread, {}, {});
  whole.write(scratch / "whole.safetensors", {});

  struct Killed {};
  int steps = 0;
  FinderTrainHooks hooks;
  hooks.checkpoint_due = [&] { return steps % 2 == 0; };
  hooks.progress = [&](int step, double) {
    steps = step;
    if (step == 9) throw Killed();
  };
  const auto folder = scratch / "partial";
  FinderNet part = FinderNet::random(2);
  CHECK_THROWS_AS(
      train_finder(part, bright_square, kSide, short_training(12), "test", kOneThread, hooks, folder),
      Killed);
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 2);
  int first_step = 0;
  hooks = {};
  hooks.progress = [&](int step, double) { first_step = first_step == 0 ? step : first_step; };
  FinderNet resumed = FinderNet::random(99);
  (void)train_finder(resumed, bright_square, kSide, short_training(12), "test", kOneThread, hooks, folder);
  CHECK(first_step == 9);
  resumed.write(scratch / "resumed.safetensors", {});
  CHECK(read_text(scratch / "resumed.safetensors") == read_text(scratch / "whole.safetensors"));
}

TEST_CASE("a loss that is not finite stops a finder's training with the step") {
  FinderNet net = FinderNet::random(2);
  const auto broken = [](std::uint64_t index) {
    FinderExample e = bright_square(index);
    if (index >= 8) e.grey[0] = std::numeric_limits<float>::quiet_NaN();
    return e;
  };
  try {
    (void)train_finder(net, broken, kSide, short_training(12), "test", kOneThread, {}, {});
    FAIL("went on");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::failed);
    CHECK(error.message().find("at step 3") != std::string::npos);
  }
}
