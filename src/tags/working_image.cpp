#include "working_image.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "tagconf/imaging/mat.hpp"
#include "tagconf/tags/stretch.hpp"

namespace tagconf::tags {
namespace {

// Small pictures are enlarged no further than this: interpolation adds no edges.
constexpr double kLargestZoom = 1.7;

bool is_even(const imaging::GreyImage& image) {
  return std::all_of(image.pixels.begin(), image.pixels.end(),
                     [&](std::uint16_t v) { return v == image.pixels.front(); });
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
  if (is_even(image)) return work;
  const int side = std::max(image.width, image.height);
  work.scale = std::min(kLargestZoom, static_cast<double>(kWorkingSide) / side);
  const cv::Size size(std::max(1, static_cast<int>(std::lround(image.width * work.scale))),
                      std::max(1, static_cast<int>(std::lround(image.height * work.scale))));
  cv::resize(imaging::to_mat(stretched(image)), work.grey, size, 0, 0,
             work.scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat across;
  cv::Mat down;
  cv::Sobel(work.grey, across, CV_32F, 1, 0, 3, 0.125, 0, cv::BORDER_REPLICATE);
  cv::Sobel(work.grey, down, CV_32F, 0, 1, 3, 0.125, 0, cv::BORDER_REPLICATE);
  cv::magnitude(across, down, work.gradient);
  return work;
}

}  // namespace tagconf::tags
