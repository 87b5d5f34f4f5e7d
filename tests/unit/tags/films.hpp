// Films with drawn letters whose place is known.
#pragma once

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::test {

struct Film {
  imaging::GreyImage image;
  cv::Mat ink;  // CV_8UC1, 255 where the letter was painted

  [[nodiscard]] Rect ink_box() const {
    std::vector<cv::Point> points;
    cv::findNonZero(ink, points);
    const cv::Rect box = cv::boundingRect(points);
    return {box.x, box.y, box.width, box.height};
  }
};

// Soft tissue and a bone, blurred, with grain: nothing on it is sharp.
inline cv::Mat limb(Rng& rng, int width, int height) {
  cv::Mat grey(height, width, CV_32FC1, cv::Scalar(rng.uniform(5, 40)));
  const cv::Point centre(width / 2 + static_cast<int>(rng.uniform(-0.1, 0.1) * width), height / 2);
  const double tilt = rng.uniform(-20, 20);
  cv::ellipse(grey, centre, {width / 5, height}, tilt, 0, 360, cv::Scalar(rng.uniform(80, 120)), cv::FILLED);
  cv::ellipse(grey, centre, {width / 14, height}, tilt, 0, 360, cv::Scalar(rng.uniform(150, 200)),
              cv::FILLED);
  cv::GaussianBlur(grey, grey, {}, width / 60.0);
  const double grain = rng.uniform(1, 4);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) grey.at<float>(y, x) += static_cast<float>(grain * rng.normal());
  return grey;
}

inline imaging::GreyImage to_image(const cv::Mat& grey) {
  imaging::GreyImage image(grey.cols, grey.rows, 8);
  for (int y = 0; y < grey.rows; ++y)
    for (int x = 0; x < grey.cols; ++x)
      image.at(x, y) =
          static_cast<std::uint16_t>(std::lround(std::clamp(grey.at<float>(y, x), 0.0F, 255.0F)));
  return image;
}

struct Style {
  std::string text = "L";
  int face = cv::FONT_HERSHEY_DUPLEX;
  double cap = 30;       // height in pixels
  double stroke = 0.15;  // of the cap height
  double level = 235;    // grey of the ink
  cv::Point at{30, 80};  // left end of the base line
};

inline void write_letters(cv::Mat& grey, cv::Mat& ink, const Style& style) {
  const int thickness = std::max(1, static_cast<int>(std::lround(style.stroke * style.cap)));
  // Hershey capitals are 21 units high at scale 1.
  cv::putText(ink, style.text, style.at, style.face, style.cap / 21.0, cv::Scalar(255), thickness);
  grey.setTo(cv::Scalar(style.level), ink);
}

inline Film film(std::uint64_t number, const Style& style, int width = 420, int height = 512) {
  Rng rng(8, "film", number);
  Film out;
  cv::Mat grey = limb(rng, width, height);
  out.ink = cv::Mat::zeros(height, width, CV_8UC1);
  write_letters(grey, out.ink, style);
  out.image = to_image(grey);
  return out;
}

}  // namespace tagconf::test
