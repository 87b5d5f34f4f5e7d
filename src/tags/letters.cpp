#include "letters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

namespace tagconf::tags {
namespace {

// Shapes are compared on a grid of 32 x 32 cells, one row a word.
constexpr int kGrid = 32;
using Bits = std::array<std::uint32_t, kGrid>;

struct Shape {
  Bits ink{};
  Bits near{};  // ink and the cells that touch it
  int count = 0;
  double log_aspect = 0;  // log(width / height)
};

struct Template {
  Shape shape;
  char letter = '?';
  int turn = 0;
  bool mirrored = false;
};

Bits grown(const Bits& ink) {
  Bits across{};
  for (std::size_t y = 0; y < ink.size(); ++y) across[y] = ink[y] | (ink[y] << 1) | (ink[y] >> 1);
  Bits out = across;
  for (std::size_t y = 0; y + 1 < ink.size(); ++y) {
    out[y] |= across[y + 1];
    out[y + 1] |= across[y];
  }
  return out;
}

// Cells that both have. The oldest processors that this runs on have no instruction that counts bits, and a
// call for every word takes longer than sums by byte, which compilers turn into vector code.
int common(const Bits& a, const Bits& b) {
  std::uint32_t even = 0;  // two sums of 16 bits: of each word's first and third byte
  std::uint32_t odd = 0;   // of its second and fourth
  for (std::size_t y = 0; y < a.size(); ++y) {
    std::uint32_t v = a[y] & b[y];
    v -= (v >> 1) & 0x55555555U;
    v = (v & 0x33333333U) + ((v >> 2) & 0x33333333U);
    v = (v + (v >> 4)) & 0x0F0F0F0FU;
    even += v & 0x00FF00FFU;
    odd += (v >> 8) & 0x00FF00FFU;
  }
  even += odd;
  return static_cast<int>((even & 0xFFFFU) + (even >> 16));
}

// `mask` must be cut to its ink.
Shape shape_of(const cv::Mat& mask) {
  Shape shape;
  shape.log_aspect = std::log(static_cast<double>(mask.cols) / mask.rows);
  cv::Mat small;
  const bool shrinks = mask.cols >= kGrid && mask.rows >= kGrid;
  cv::resize(mask, small, {kGrid, kGrid}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  for (int y = 0; y < kGrid; ++y) {
    const auto* row = small.ptr<std::uint8_t>(y);
    for (int x = 0; x < kGrid; ++x) {
      if (row[x] > 127) shape.ink[static_cast<std::size_t>(y)] |= std::uint32_t{1} << x;
    }
  }
  shape.near = grown(shape.ink);
  shape.count = common(shape.ink, shape.ink);
  return shape;
}

cv::Mat cut_to_ink(const cv::Mat& picture) {
  std::vector<cv::Point> ink;
  cv::findNonZero(picture, ink);
  return ink.empty() ? cv::Mat{} : picture(cv::boundingRect(ink)).clone();
}

// White on black, cap height about 64 px.
cv::Mat draw_letter(char letter, int face, int thickness) {
  constexpr int kSide = 200;
  cv::Mat picture = cv::Mat::zeros(kSide, kSide, CV_8UC1);
  cv::putText(picture, std::string(1, letter), {60, 130}, face, 3.0, cv::Scalar(255), thickness, cv::LINE_8);
  return picture;
}

cv::Mat tilted(const cv::Mat& picture, double degrees) {
  if (degrees == 0) return picture;
  const cv::Point2f centre(static_cast<float>(picture.cols) / 2, static_cast<float>(picture.rows) / 2);
  cv::Mat out;
  cv::warpAffine(picture, out, cv::getRotationMatrix2D(centre, degrees, 1), picture.size());
  return out;
}

cv::Mat turned(const cv::Mat& picture, int quarter) {
  if (quarter == 0) return picture;
  constexpr std::array kTurns{cv::ROTATE_90_COUNTERCLOCKWISE, cv::ROTATE_180, cv::ROTATE_90_CLOCKWISE};
  cv::Mat out;
  cv::rotate(picture, out, kTurns[static_cast<std::size_t>(quarter - 1)]);
  return out;
}

struct Face {
  int hershey;
  int thickness;  // for a cap height of about 64 px
};

constexpr std::array kFaces{Face{cv::FONT_HERSHEY_SIMPLEX, 5}, Face{cv::FONT_HERSHEY_SIMPLEX, 11},
                            Face{cv::FONT_HERSHEY_SIMPLEX, 18}, Face{cv::FONT_HERSHEY_COMPLEX, 5},
                            Face{cv::FONT_HERSHEY_TRIPLEX, 10}};
constexpr std::array kTilts{0.0, -12.0, 12.0};

std::vector<Template> draw_templates() {
  std::vector<Template> out;
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    for (const Face& face : kFaces) {
      const cv::Mat drawn = draw_letter(letter, face.hershey, face.thickness);
      for (const double tilt : kTilts) {
        const cv::Mat upright = cut_to_ink(tilted(drawn, tilt));
        for (int quarter = 0; quarter < 4; ++quarter) {
          const cv::Mat picture = turned(upright, quarter);
          cv::Mat mirror;
          cv::flip(picture, mirror, 1);
          out.push_back({shape_of(picture), letter, 90 * quarter, false});
          out.push_back({shape_of(mirror), letter, 90 * quarter, true});
        }
      }
    }
  }
  return out;
}

const std::vector<Template>& templates() {
  static const std::vector<Template> all = draw_templates();
  return all;
}

// Upright and not mirrored is what most letters are: where shapes are alike (H, I, O, X) it wins.
constexpr double kTurnCost = 0.015;
constexpr double kMirrorCost = 0.015;
// Letters may be this much wider or narrower than the stroke font's (in log aspect).
constexpr double kAspectSlack = 0.30;

constexpr double kConstant = -10.08;
constexpr double kPerMatch = 13.62;
constexpr double kPerLead = 20.70;
constexpr double kLargestLead = 0.1;

}  // namespace

double confidence_of(const LetterMatch& side) {
  const double lead = std::min(side.lead, kLargestLead);
  return 1 / (1 + std::exp(-(kConstant + kPerMatch * side.match + kPerLead * lead)));
}

LetterMatch match_letter(const cv::Mat& mask) {
  const Shape shape = shape_of(mask);
  std::array<LetterMatch, 26> best{};
  if (shape.count == 0) return {};
  for (const Template& candidate : templates()) {
    if (std::abs(candidate.shape.log_aspect - shape.log_aspect) > kAspectSlack) continue;
    const auto charged = [&](double match) {
      return match - (candidate.turn != 0 ? kTurnCost : 0.0) - (candidate.mirrored ? kMirrorCost : 0.0);
    };
    LetterMatch& entry = best[static_cast<std::size_t>(candidate.letter - 'A')];
    const double seen = static_cast<double>(common(shape.ink, candidate.shape.near)) / shape.count;
    if (charged(seen) <= entry.match) continue;
    const double filled =
        static_cast<double>(common(candidate.shape.ink, shape.near)) / candidate.shape.count;
    const double match = charged(std::min(seen, filled));
    if (match > entry.match) entry = {candidate.letter, match, 0, candidate.turn, candidate.mirrored};
  }
  std::stable_sort(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.match > b.match; });
  best[0].lead = best[0].match - best[1].match;
  return best[0];
}

}  // namespace tagconf::tags
