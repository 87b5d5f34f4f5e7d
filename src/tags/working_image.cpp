#include "working_image.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace tagconf::tags {
namespace {

constexpr double kLowShare = 0.005;
constexpr double kHighShare = 0.995;
// Small pictures are enlarged no further than this: interpolation adds no edges.
constexpr double kLargestZoom = 1.7;

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

cv::Mat stretched(const imaging::GreyImage& image, const GreyRange& range) {
  cv::Mat out(image.height, image.width, CV_8UC1);
  const double gain = 255.0 / (range.high - range.low);
  std::vector<std::uint8_t> table(std::size_t{image.full_scale()} + 1);
  for (std::size_t level = 0; level < table.size(); ++level) {
    const double value = (static_cast<double>(level) - range.low) * gain;
    table[level] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
  }
  std::size_t i = 0;
  for (int y = 0; y < image.height; ++y) {
    auto* row = out.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.width; ++x)
      row[x] = table[std::min<std::size_t>(image.pixels[i++], table.size() - 1)];
  }
  return out;
}

}  // namespace

Rect WorkingImage::to_stored(const Rect& box) const {
  const auto down = [&](int v) { return static_cast<int>(std::floor(v / scale + 1e-9)); };
  const auto up = [&](int v) { return static_cast<int>(std::ceil(v / scale - 1e-9)); };
  const Rect out{down(box.x), down(box.y), up(box.right()) - down(box.x), up(box.bottom()) - down(box.y)};
  return intersect(out, {0, 0, stored_width, stored_height});
}

WorkingImage working_image(const imaging::GreyImage& image) {
  WorkingImage work;
  work.stored_width = image.width;
  work.stored_height = image.height;
  if (image.width < 1 || image.height < 1) return work;
  const GreyRange range = percentile_range(image);
  if (range.high <= range.low) return work;
  const int side = std::max(image.width, image.height);
  work.scale = std::min(kLargestZoom, static_cast<double>(kWorkingSide) / side);
  const cv::Size size(std::max(1, static_cast<int>(std::lround(image.width * work.scale))),
                      std::max(1, static_cast<int>(std::lround(image.height * work.scale))));
  cv::resize(stretched(image, range), work.grey, size, 0, 0,
             work.scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat across;
  cv::Mat down;
  cv::Sobel(work.grey, across, CV_32F, 1, 0, 3, 0.125, 0, cv::BORDER_REPLICATE);
  cv::Sobel(work.grey, down, CV_32F, 0, 1, 3, 0.125, 0, cv::BORDER_REPLICATE);
  cv::magnitude(across, down, work.gradient);
  return work;
}

}  // namespace tagconf::tags
