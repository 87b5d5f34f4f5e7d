#include "tagconf/imaging/mat.hpp"

#include <algorithm>

#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

template <class Value>
void copy_rows(const GreyImage& image, cv::Mat& out) {
  auto from = image.pixels.begin();
  for (int y = 0; y < image.height; ++y) {
    std::transform(from, from + image.width, out.ptr<Value>(y),
                   [](std::uint16_t v) { return static_cast<Value>(v); });
    from += image.width;
  }
}

template <class Value>
void copy_rows(const cv::Mat& grey, GreyImage& out) {
  auto to = out.pixels.begin();
  for (int y = 0; y < grey.rows; ++y) to = std::copy_n(grey.ptr<Value>(y), grey.cols, to);
}

}  // namespace

cv::Mat to_mat(const GreyImage& image) {
  cv::Mat out(image.height, image.width, image.bits == 16 ? CV_16UC1 : CV_8UC1);
  if (image.bits == 16)
    copy_rows<std::uint16_t>(image, out);
  else
    copy_rows<std::uint8_t>(image, out);
  return out;
}

GreyImage from_mat(const cv::Mat& grey) {
  if (grey.type() != CV_8UC1 && grey.type() != CV_16UC1)
    throw Error(ErrorCode::bug, "a grey picture has one channel of 8 or 16 bit");
  const bool deep = grey.type() == CV_16UC1;
  GreyImage out(grey.cols, grey.rows, deep ? 16 : 8);
  if (deep)
    copy_rows<std::uint16_t>(grey, out);
  else
    copy_rows<std::uint8_t>(grey, out);
  return out;
}

}  // namespace tagconf::imaging
