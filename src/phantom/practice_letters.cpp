#include "practice_letters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <string_view>

namespace tagconf::phantom {
namespace {

constexpr double kHersheyCap = 21;  // font units of a capital's height

constexpr std::array<std::string_view, 29> kRareSides{
    "RT",   "LT",  "Right", "Left", "RIGHT", "LEFT", "R-LAT", "L-LAT", "L-11", "R-3",
    "S",    "D",   "Sn",    "Dx",   "G",     "DX",   "SN",    "I",     "R AP", "L AP",
    "R PA", "LAT", "R1",    "L2",   "R)",    "(L)",  "(R)",   "Rt",    "Lt"};

constexpr std::array<std::string_view, 48> kLines{"PORTABLE",
                                                  "AP",
                                                  "PA",
                                                  "SUPINE",
                                                  "ERECT",
                                                  "ALERT",
                                                  "RED DOT",
                                                  "SITTING",
                                                  "UPRIGHT",
                                                  "LATERAL",
                                                  "AP SUPINE",
                                                  "OBLIQUE",
                                                  "STANDING",
                                                  "MOBILE",
                                                  "RESUS",
                                                  "INTERNAL",
                                                  "EXTERNAL",
                                                  "DECUBITUS",
                                                  "INSP",
                                                  "WEIGHT BEARING",
                                                  "HORIZONTAL BEAM",
                                                  "SEMI-ERECT",
                                                  "Im: 1",
                                                  "Page 2/3",
                                                  "cm",
                                                  "[A]",
                                                  "[P]",
                                                  "<1-1 (ALL)>",
                                                  "W 2482",
                                                  "L 2824",
                                                  "HAND PA",
                                                  "WRIST LAT",
                                                  "SHOULDER",
                                                  "Se: 1",
                                                  "kV 60",
                                                  "TRAUMA",
                                                  "CHEST",
                                                  "STAT",
                                                  "ICU",
                                                  "ROOM 3",
                                                  "SWIMMERS",
                                                  "AXIAL",
                                                  "Y VIEW",
                                                  "GRASHEY",
                                                  "SCAPHOID",
                                                  "POST REDUCTION",
                                                  "mAs 2.5",
                                                  "EXPIRATION"};

char any_of(std::string_view letters, Rng& rng) {
  return letters[rng.below(letters.size())];
}

template <class... Values>
std::string printed(const char* format, Values... values) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

int odd_at_least(double value, int least) {
  const int n = std::max(least, static_cast<int>(std::lround(value)));
  return n | 1;
}

}  // namespace

Pen draw_pen(Rng& rng) {
  constexpr std::array<int, 8> kFaces{cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_SIMPLEX,
                                      cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_PLAIN,
                                      cv::FONT_HERSHEY_DUPLEX,  cv::FONT_HERSHEY_COMPLEX,
                                      cv::FONT_HERSHEY_TRIPLEX, cv::FONT_HERSHEY_COMPLEX_SMALL};
  Pen pen;
  pen.face = kFaces[rng.below(kFaces.size())];
  if (rng.chance(0.15)) pen.face |= cv::FONT_ITALIC;
  const bool single = pen.face == cv::FONT_HERSHEY_SIMPLEX || pen.face == cv::FONT_HERSHEY_PLAIN;
  pen.stroke = single ? rng.uniform(0.06, 0.28) : rng.uniform(0.04, 0.16);
  pen.width = rng.chance(0.5) ? 1.0 : rng.uniform(0.7, 1.3);
  pen.square = rng.chance(0.35);
  return pen;
}

Pen draw_fine_pen(Rng& rng) {
  Pen pen = draw_pen(rng);
  pen.stroke = rng.uniform(0.04, 0.12);
  pen.square = false;
  if (rng.chance(0.5)) pen.face |= cv::FONT_ITALIC;
  return pen;
}

cv::Mat text_mask(const std::string& text, double cap, const Pen& pen) {
  const int thickness = std::max(1, static_cast<int>(std::lround(pen.stroke * cap)));
  const int drawn = pen.square ? 1 : thickness;
  const double size = std::max(0.1, (cap - thickness) / kHersheyCap);
  int baseline = 0;
  const cv::Size extent = cv::getTextSize(text, pen.face, size, drawn, &baseline);
  const int margin = 2 * thickness + 6;
  cv::Mat mask(extent.height + baseline + 2 * margin, extent.width + 2 * margin, CV_8U, cv::Scalar(0));
  cv::putText(mask, text, {margin, margin + extent.height}, pen.face, size, cv::Scalar(255), drawn,
              cv::LINE_AA);
  if (pen.square) {
    const int side = odd_at_least(thickness, 1);
    cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
  }
  if (pen.width != 1)
    cv::resize(mask, mask, {std::max(4, static_cast<int>(std::lround(mask.cols * pen.width))), mask.rows});
  const cv::Rect ink = cv::boundingRect(mask > 40);
  return ink.empty() ? cv::Mat(4, 4, CV_8U, cv::Scalar(255)) : mask(ink).clone();
}

std::string draw_side_text(Rng& rng) {
  if (rng.chance(0.48)) return rng.chance(0.5) ? "R" : "L";
  if (rng.chance(0.25)) return rng.chance(0.5) ? "R" : "L";
  return std::string(kRareSides[rng.below(kRareSides.size())]);
}

std::string draw_initials(Rng& rng) {
  std::string out;
  const auto count = 1 + rng.below(3);
  for (std::uint64_t i = 0; i < count; ++i) out += static_cast<char>('A' + rng.below(26));
  return out;
}

std::string draw_line_text(Rng& rng) {
  const double u = rng.uniform();
  if (u < 0.55) return std::string(kLines[rng.below(kLines.size())]);
  if (u < 0.68) return printed("%.1f mm", rng.uniform(1, 140));
  if (u < 0.80) {
    const auto day = static_cast<int>(1 + rng.below(28));
    const auto month = static_cast<int>(1 + rng.below(12));
    return printed("%02d/%02d/%d", day, month, static_cast<int>(1990 + rng.below(35)));
  }
  constexpr std::string_view kAny =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890123456789.:-/";
  std::string out(1, any_of(kAny.substr(0, 52), rng));
  const auto count = 1 + rng.below(10);
  for (std::uint64_t i = 0; i < count; ++i) out += rng.chance(0.1) ? ' ' : any_of(kAny, rng);
  if (rng.chance(0.2)) {
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace tagconf::phantom
