#include "tagconf/tags/stretch.hpp"

#include <algorithm>
#include <cmath>

namespace tagconf::tags {
namespace {

constexpr double kLowShare = 0.005;
constexpr double kHighShare = 0.995;

struct GreyRange {
  double low = 0;
  double high = 0;
};

GreyRange percentile_range(const imaging::GreyImage& image) {
  std::vector<std::size_t> histogram(std::size_t{image.full_scale()} + 1, 0);
  for (const std::uint16_t value : image.pixels)
    ++histogram[std::min<std::size_t>(value, histogram.size() - 1)];
  const auto at_share = [&](double share) {
    const double wanted = share * static_cast<double>(image.pixels.size());
    double seen = 0;
    for (std::size_t level = 0; level < histogram.size(); ++level) {
      seen += static_cast<double>(histogram[level]);
      if (seen > wanted) return static_cast<double>(level);
    }
    return static_cast<double>(histogram.size() - 1);
  };
  GreyRange range{at_share(kLowShare), at_share(kHighShare)};
  if (range.high <= range.low) {
    // A mark on an otherwise uniform picture is smaller than the percentiles' tails.
    const auto [least, most] = std::minmax_element(image.pixels.begin(), image.pixels.end());
    range = {static_cast<double>(*least), static_cast<double>(*most)};
  }
  return range;
}

}  // namespace

imaging::GreyImage stretched(const imaging::GreyImage& image) {
  imaging::GreyImage out(image.width, image.height, 8);
  if (image.empty()) return out;
  const GreyRange range = percentile_range(image);
  if (range.high <= range.low) return out;
  const double gain = 255.0 / (range.high - range.low);
  std::vector<std::uint16_t> table(std::size_t{image.full_scale()} + 1);
  for (std::size_t level = 0; level < table.size(); ++level) {
    const double value = (static_cast<double>(level) - range.low) * gain;
    table[level] = static_cast<std::uint16_t>(std::clamp(std::lround(value), 0L, 255L));
  }
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    out.pixels[i] = table[std::min<std::size_t>(image.pixels[i], table.size() - 1)];
  return out;
}

}  // namespace tagconf::tags
