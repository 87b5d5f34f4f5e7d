#include "tagconf/nn/finder.hpp"

#include <algorithm>
#include <cmath>

#include "finder_net.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/nn/weights.hpp"
#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

constexpr const char* kWhat = "a tag finder of this version";
constexpr int kReach = 15;  // surroundings are 31 x 31
constexpr double kFloor = 0.03;
constexpr double kLargest = 4;

// Sums over the (2 reach + 1)^2 window round every pixel, cut at the borders: differences of running sums
// along every row, then whole rows added and taken away.
std::vector<double> window_sums(const std::vector<double>& values, int width, int height) {
  const auto columns = static_cast<std::size_t>(width);
  std::vector<double> across(values.size());
  std::vector<double> sums(columns + 1);
  for (int y = 0; y < height; ++y) {
    const double* from = values.data() + std::ptrdiff_t{y} * width;
    double* to = across.data() + std::ptrdiff_t{y} * width;
    for (int x = 0; x < width; ++x) sums[x + 1] = sums[x] + from[x];
    for (int x = 0; x < width; ++x)
      to[x] = sums[std::min(width, x + kReach + 1)] - sums[std::max(0, x - kReach)];
  }
  std::vector<double> window(columns);
  std::vector<double> out(values.size());
  const auto add_row = [&](int y, double sign) {
    if (y < 0 || y >= height) return;
    const double* row = across.data() + std::ptrdiff_t{y} * width;
    for (std::size_t x = 0; x < columns; ++x) window[x] += sign * row[x];
  };
  for (int y = 0; y < kReach; ++y) add_row(y, 1);
  for (int y = 0; y < height; ++y) {
    add_row(y + kReach, 1);
    add_row(y - kReach - 1, -1);
    std::copy(window.begin(), window.end(), out.begin() + std::ptrdiff_t{y} * width);
  }
  return out;
}

}  // namespace

std::vector<float> finder_planes(std::span<const float> grey, std::span<const std::uint8_t> inside, int width,
                                 int height) {
  const std::size_t area = grey.size();
  std::vector<double> count(area);
  std::vector<double> value(area);
  for (std::size_t i = 0; i < area; ++i) {
    count[i] = inside[i];
    value[i] = inside[i] != 0 ? static_cast<double>(grey[i]) : 0.0;
  }
  count = window_sums(count, width, height);
  const std::vector<double> sum = window_sums(value, width, height);
  std::vector<double> deviation(area, 0);
  std::vector<double> square(area, 0);
  for (std::size_t i = 0; i < area; ++i) {
    if (inside[i] == 0) continue;
    deviation[i] = value[i] - sum[i] / count[i];
    square[i] = deviation[i] * deviation[i];
  }
  square = window_sums(square, width, height);
  std::vector<float> planes(kFinderPlanes * area, 0.0F);
  for (std::size_t i = 0; i < area; ++i) {
    planes[i] = -1;
    if (inside[i] == 0) continue;
    const double spread = std::sqrt(std::max(0.0, square[i] / count[i]));
    planes[i] = 2 * grey[i] - 1;
    planes[area + i] =
        static_cast<float>(0.5 * std::clamp(deviation[i] / (spread + kFloor), -kLargest, kLargest));
    planes[2 * area + i] = 1;
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

void FinderNet::round() {
  const torch::NoGradGuard no_grad;
  for (auto& [name, value] : weights_of(*network_)) {
    if (value.is_floating_point()) value.copy_(value.to(torch::kHalf));
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
  const Autocast autocast({precision_, "cpu", 1});
  std::vector<float> planes = finder_planes(grey, inside, width, height);
  const torch::Tensor input =
      torch::from_blob(planes.data(), {1, kFinderPlanes, height, width}, torch::kFloat)
          .contiguous(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor out = torch::sigmoid(network_->forward(input).to(torch::kFloat)).contiguous();
  const float* values = out.const_data_ptr<float>();
  return {values, values + out.numel()};
}

}  // namespace tagconf::nn
