// Between our pictures and OpenCV's, for the layers that work on pixels with it.
#pragma once

#include <opencv2/core.hpp>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::imaging {

// A copy, CV_8UC1 or CV_16UC1 by the picture's depth.
[[nodiscard]] cv::Mat to_mat(const GreyImage& image);
// From CV_8UC1 or CV_16UC1; other types are a bug.
[[nodiscard]] GreyImage from_mat(const cv::Mat& grey);

}  // namespace tagconf::imaging
