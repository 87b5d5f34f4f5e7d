#include "tagconf/nn/finder.hpp"

#include <algorithm>
#include <cmath>

#include "finder_net.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/nn/weights.hpp"

namespace tagconf::nn {
namespace {

constexpr const char* kWhat = "a tag finder of this version";
constexpr int kReach = 15;  // surroundings are 31 x 31
constexpr double kFloor = 0.03;
constexpr double kLargest = 4;

// Sums over the (2 reach + 1)^2 window round every pixel of a row, cut at the borders, for rows asked for
// from the first to the last: the columns' sums move down a row at a time, the window moves along them.
// `value(i)` is pixel i's.
template <class Value>
class WindowSums {
 public:
  WindowSums(int width, int height, Value value)
      : width_(width), height_(height), value_(std::move(value)), columns_(width), before_(width + 1) {
    for (int y = 0; y < std::min(kReach, height); ++y) add_row(y, 1);
  }

  // After the call for row y - 1; x's sum is at(x).
  void move_to(int y) {
    add_row(y + kReach, 1);
    add_row(y - kReach - 1, -1);
    for (int x = 0; x < width_; ++x) before_[x + 1] = before_[x] + columns_[x];
  }
  [[nodiscard]] double at(int x) const {
    return before_[std::min(width_, x + kReach + 1)] - before_[std::max(0, x - kReach)];
  }

 private:
  void add_row(int y, double sign) {
    if (y < 0 || y >= height_) return;
    const std::size_t start = static_cast<std::size_t>(y) * columns_.size();
    for (std::size_t x = 0; x < columns_.size(); ++x) columns_[x] += sign * value_(start + x);
  }

  int width_;
  int height_;
  Value value_;
  std::vector<double> columns_;
  std::vector<double> before_;  // sums of the columns left of each
};

}  // namespace

std::vector<float> finder_planes(std::span<const float> grey, std::span<const std::uint8_t> inside, int width,
                                 int height) {
  const std::size_t area = grey.size();
  std::vector<float> planes(kFinderPlanes * area, 0.0F);
  std::vector<float> deviation(area);  // from the mean of the surroundings
  WindowSums count(width, height, [&](std::size_t i) { return static_cast<double>(inside[i]); });
  WindowSums sum(width, height, [&](std::size_t i) { return inside[i] != 0 ? double{grey[i]} : 0.0; });
  std::size_t i = 0;
  for (int y = 0; y < height; ++y) {
    count.move_to(y);
    sum.move_to(y);
    for (int x = 0; x < width; ++x, ++i) {
      const bool seen = inside[i] != 0;
      planes[i] = seen ? 2 * grey[i] - 1 : -1;
      deviation[i] = seen ? static_cast<float>(grey[i] - sum.at(x) / count.at(x)) : 0;
      planes[2 * area + i] = seen ? 1 : 0;
    }
  }
  WindowSums again(width, height, [&](std::size_t at) { return static_cast<double>(inside[at]); });
  WindowSums squares(width, height, [&](std::size_t at) { return double{deviation[at]} * deviation[at]; });
  i = 0;
  for (int y = 0; y < height; ++y) {
    again.move_to(y);
    squares.move_to(y);
    for (int x = 0; x < width; ++x, ++i) {
      if (inside[i] == 0) continue;
      const double spread = std::sqrt(std::max(0.0, squares.at(x) / again.at(x)));
      planes[area + i] =
          static_cast<float>(0.5 * std::clamp(deviation[i] / (spread + kFloor), -kLargest, kLargest));
    }
  }
  return planes;
}

FinderNet::FinderNet() : network_(std::make_shared<FinderNetImpl>()) {
  for (auto& weight : network_->parameters()) {
    if (weight.dim() == 4) weight.set_data(weight.contiguous(torch::MemoryFormat::ChannelsLast));
  }
  network_->eval();
}
FinderNet::~FinderNet() = default;
FinderNet::FinderNet(FinderNet&&) noexcept = default;
FinderNet& FinderNet::operator=(FinderNet&&) noexcept = default;

FinderNet FinderNet::random(std::uint64_t seed) {
  FinderNet net;
  initialise(*net.network_, seed);
  net.network_->eval();
  return net;
}

FinderNet FinderNet::read(const std::filesystem::path& weights) {
  return from(Safetensors::read(weights));
}

FinderNet FinderNet::from(const Safetensors& file) {
  FinderNet net;
  load_weights(*net.network_, file, kWhat);
  net.network_->eval();
  net.metadata_ = file.metadata();
  return net;
}

void FinderNet::use(Precision precision) {
  network_->answer_in(precision == Precision::bf16 ? torch::kBFloat16 : torch::kFloat);
}

void FinderNet::round() {
  const torch::NoGradGuard no_grad;
  for (auto& [name, value] : weights_of(*network_)) {
    if (value.is_floating_point()) value.copy_(value.to(torch::kHalf));
  }
  network_->eval();
}

void FinderNet::move_towards(const FinderNet& other, double share) {
  const torch::NoGradGuard no_grad;
  const TensorMap to = weights_of(*other.network_);
  for (auto& [name, value] : weights_of(*network_)) {
    if (value.is_floating_point()) value.lerp_(to.at(name), share);
  }
  network_->eval();
}

void FinderNet::write(const std::filesystem::path& path, const Metadata& metadata) const {
  save_weights(*network_, path, metadata, torch::kHalf);
}

std::vector<float> FinderNet::probabilities(std::span<const float> grey, std::span<const std::uint8_t> inside,
                                            int width, int height) const {
  if (width % kFinderMultiple != 0 || height % kFinderMultiple != 0)
    throw Error(ErrorCode::bug, "the finder takes pictures whose sides are multiples of 32");
  const torch::InferenceMode guard;
  std::vector<float> planes = finder_planes(grey, inside, width, height);
  const torch::Tensor input =
      torch::from_blob(planes.data(), {1, kFinderPlanes, height, width}, torch::kFloat)
          .contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor out = torch::sigmoid(network_->forward(input).to(torch::kFloat)).contiguous();
  const float* values = out.const_data_ptr<float>();
  return {values, values + out.numel()};
}

}  // namespace tagconf::nn
