#include "tagconf/phantom/practice_crop.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "lookalikes.hpp"
#include "practice_paste.hpp"
#include "practice_tag.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/mat.hpp"
#include "tagconf/tags/stretch.hpp"

namespace tagconf::phantom {
namespace {

constexpr double kLeastLongSide = 380;  // of the whole background, at the crop's scale
constexpr double kMostLongSide = 1050;
constexpr double kLargestZoom = 1.7;   // enlarging adds no edges
constexpr double kClipped = 0.3;       // share of tags laid over a border
constexpr double kFieldEdge = 0.25;    // share of crops in which a field ends
constexpr double kTagsOverEdge = 0.5;  // of these: the tags lie over the edge instead of ending there
constexpr double kTagShare = 0.4;      // of a map cell, from which it counts as tag
constexpr double kSomeTagShare = 0.1;  // from which it is neither
constexpr double kUnknownShare = 0.3;

constexpr auto kTag = static_cast<std::uint8_t>(tags::Known::tag);
constexpr auto kUnknown = static_cast<std::uint8_t>(tags::Known::unknown);

// Where a background's own tag lies.
struct OwnTag {
  double x = 0;
  double y = 0;
};

}  // namespace

struct CropSource::Prepared {
  cv::Mat image;    // 8 bit, stretched
  cv::Mat tag;      // 8 bit, 255 or 0; empty: no tag
  cv::Mat unknown;  // the same
  std::vector<OwnTag> own;
  double cumulative = 0;  // weight up to and with this one
};

namespace {

using Background = phantom::Background;

std::vector<OwnTag> places_of(const cv::Mat& tag) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  std::vector<OwnTag> out;
  const int count = cv::connectedComponentsWithStats(tag, labels, stats, centres);
  for (int i = 1; i < count; ++i) out.push_back({centres.at<double>(i, 0), centres.at<double>(i, 1)});
  return out;
}

// What a crop shows: the background's pixel (x, y) lies at ((x - x0) scale, (y - y0) scale).
struct Window {
  double x0 = 0;
  double y0 = 0;
  double scale = 1;
  bool on_own_tag = false;
};

double draw_start(double length, double window, Rng& rng) {
  if (length > 0.8 * window) return rng.uniform(-0.1 * window, length - 0.9 * window);
  return rng.uniform(length - window, 0);
}

Window draw_window(const cv::Size& size, const std::vector<OwnTag>& own, Rng& rng) {
  const double longer = std::max(size.width, size.height);
  const double most = std::max(kLeastLongSide, std::min(kMostLongSide, kLargestZoom * longer));
  Window window;
  window.scale = std::exp(rng.uniform(std::log(kLeastLongSide), std::log(most))) / longer;
  const double side = kCropSide / window.scale;
  window.on_own_tag = !own.empty() && rng.chance(0.5);
  if (window.on_own_tag) {
    const OwnTag& at = own[rng.below(own.size())];
    window.x0 = at.x - side * rng.uniform(0.12, 0.88);
    window.y0 = at.y - side * rng.uniform(0.12, 0.88);
  } else {
    window.x0 = draw_start(size.width, side, rng);
    window.y0 = draw_start(size.height, side, rng);
  }
  return window;
}

// Where the part of a picture that the window shows comes from, and where in the crop it goes.
struct Showing {
  cv::Rect from;  // empty where the window shows nothing
  cv::Rect to;
};

Showing showing_of(const cv::Size& picture, const Window& window) {
  const int side = static_cast<int>(kCropSide / window.scale) + 1;
  const cv::Rect seen(static_cast<int>(std::floor(window.x0)), static_cast<int>(std::floor(window.y0)), side,
                      side);
  const cv::Rect from = seen & cv::Rect({0, 0}, picture);
  if (from.width < 4 || from.height < 4) return {};
  const auto scaled = [&](int length) {
    return std::clamp(static_cast<int>(std::lround(length * window.scale)), 1, kCropSide);
  };
  const cv::Size size(scaled(from.width), scaled(from.height));
  const int x = static_cast<int>((from.x - window.x0) * window.scale);
  const int y = static_cast<int>((from.y - window.y0) * window.scale);
  return {from,
          {{std::clamp(x, 0, kCropSide - size.width), std::clamp(y, 0, kCropSide - size.height)}, size}};
}

// 0 where the picture does not reach, and everywhere for an empty picture.
cv::Mat seen_through(const cv::Mat& picture, const Showing& showing, int shrinking) {
  cv::Mat out(kCropSide, kCropSide, CV_8U, cv::Scalar(0));
  if (picture.empty() || showing.from.empty()) return out;
  const bool shrinks = showing.to.width < showing.from.width;
  cv::Mat place = out(showing.to);
  cv::resize(picture(showing.from), place, showing.to.size(), 0, 0, shrinks ? shrinking : cv::INTER_LINEAR);
  return out;
}

// One of the eight ways to lay a square.
void turn(cv::Mat& square, int quarters, bool flipped) {
  if (quarters > 0) cv::rotate(square, square, quarters - 1);
  if (flipped) cv::flip(square, square, 1);
}

// Exposure and processing of the background, before anything is laid onto it.
void vary_exposure(cv::Mat& grey, Rng& rng) {
  if (rng.chance(0.6)) {
    cv::pow(grey / 255, std::exp(rng.uniform(-0.5, 0.5)), grey);
    grey *= 255;
  }
  if (rng.chance(0.5)) {
    const double gain = rng.uniform(0.35, 1.0);
    grey = grey * gain + rng.uniform(0, 25);
  }
}

void compress(cv::Mat& grey, int quality) {
  cv::Mat bytes;
  grey.convertTo(bytes, CV_8U);
  const auto jpeg = imaging::encode_jpeg(imaging::from_mat(bytes), quality);
  imaging::to_mat(imaging::decode(jpeg, "crop")).convertTo(grey, CV_32F);
}

// What the whole film went through, tags and all.
void finish(cv::Mat& grey, Rng& rng) {
  if (rng.chance(0.15)) cv::GaussianBlur(grey, grey, {0, 0}, rng.uniform(0.4, 1.1));
  if (rng.chance(0.10)) {
    cv::Mat soft;
    cv::GaussianBlur(grey, soft, {0, 0}, rng.uniform(0.8, 3));
    const double gain = rng.uniform(0.3, 1.2);
    grey += (grey - soft) * gain;
  }
  if (rng.chance(0.4)) {
    const double sigma = rng.uniform(0.5, 7);
    for (auto& v : cv::Mat_<float>(grey)) v += static_cast<float>(sigma * rng.normal());
  }
  cv::min(cv::max(grey, 0.0), 255.0, grey);
  if (rng.chance(0.4)) compress(grey, 35 + static_cast<int>(rng.below(61)));
  if (rng.chance(0.04)) grey = 255 - grey;
}

double draw_cap(const PracticeTag& tag, Rng& rng) {
  double least = 6;
  double most = 110;
  if (tag.kind == PracticeKind::text) {
    least = 5;
    most = 24;
  } else if (tag.kind == PracticeKind::mark) {
    least = 6;
    most = 40;
  }
  const double cap = std::exp(rng.uniform(std::log(least), std::log(most)));
  const double fits = 0.8 * kCropSide * tag.cap / tag.ink.cols;
  return std::min(cap, fits);
}

void lay_tags(PracticeMaps& maps, bool on_own_tag, Rng& rng) {
  if (rng.chance(0.03)) lay_ruler(maps, rng);
  constexpr std::array kCounts{0, 0, 1, 2, 3, 4};
  constexpr std::array kCountsBesideOwn{0, 0, 1};
  const int count = on_own_tag ? kCountsBesideOwn[rng.below(3)] : kCounts[rng.below(6)];
  for (int i = 0; i < count; ++i) {
    const PracticeTag tag = draw_practice_tag(rng);
    const double cap = draw_cap(tag, rng);
    lay_practice_tag(maps, tag, cap, rng.chance(kClipped), rng);
  }
}

// Share of each map cell that is set.
cv::Mat shares(const cv::Mat& mask) {
  cv::Mat out;
  cv::resize(mask, out, {kMapSide, kMapSide}, 0, 0, cv::INTER_AREA);
  out.convertTo(out, CV_32F, 1.0 / 255);
  return out;
}

void fill_maps(const PracticeMaps& maps, const cv::Mat& unknown, Crop& crop) {
  const cv::Mat tag = shares(maps.tag);
  const cv::Mat hidden = shares(unknown);
  crop.target.reserve(kMapSide * kMapSide);
  crop.weight.reserve(kMapSide * kMapSide);
  for (int y = 0; y < kMapSide; ++y) {
    for (int x = 0; x < kMapSide; ++x) {
      const float share = tag.at<float>(y, x);
      const bool is_tag = share > kTagShare;
      const bool unclear = share > kSomeTagShare || hidden.at<float>(y, x) > kUnknownShare;
      crop.target.push_back(is_tag ? 1.0F : 0.0F);
      crop.weight.push_back(is_tag || !unclear ? 1.0F : 0.0F);
    }
  }
}

}  // namespace

std::vector<std::uint8_t> unknown_frame(int width, int height) {
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool frame = y < 0.24 * height || y >= 0.86 * height || x < 0.17 * width || x >= 0.83 * width;
      out.push_back(frame ? kUnknown : 0);
    }
  }
  return out;
}

CropSource::Prepared CropSource::prepare(Background& background) {
  Prepared out;
  out.image = imaging::to_mat(tags::stretched(background.image));
  if (!background.known.empty()) {
    const cv::Mat known(out.image.size(), CV_8U, background.known.data());
    out.tag = known == kTag;
    out.unknown = known == kUnknown;
    out.own = places_of(out.tag);
  }
  // No crop shows more detail than this.
  const double scale = kMostLongSide / std::max(out.image.cols, out.image.rows);
  if (scale >= 1) return out;
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
  const cv::Size size(scaled(out.image.cols), scaled(out.image.rows));
  for (cv::Mat* plane : {&out.image, &out.tag, &out.unknown}) {
    if (!plane->empty()) cv::resize(*plane, *plane, size, 0, 0, cv::INTER_AREA);
  }
  for (OwnTag& tag : out.own) tag = {tag.x * scale, tag.y * scale};
  return out;
}

CropSource::CropSource(std::vector<Background> backgrounds, std::uint64_t seed) : seed_(seed) {
  double sum = 0;
  for (Background& background : backgrounds) {
    if (background.weight <= 0 || background.image.empty()) continue;
    Prepared prepared = prepare(background);
    sum += background.weight;
    prepared.cumulative = sum;
    backgrounds_.push_back(std::move(prepared));
  }
  if (backgrounds_.empty()) throw_input("there is no background to lay tags onto");
}
CropSource::~CropSource() = default;
CropSource::CropSource(CropSource&&) noexcept = default;
CropSource& CropSource::operator=(CropSource&&) noexcept = default;

Crop CropSource::crop(std::uint64_t index) const {
  Rng rng(seed_, "practice crop", index);
  const double at = rng.uniform(0, backgrounds_.back().cumulative);
  const auto chosen = std::upper_bound(backgrounds_.begin(), backgrounds_.end() - 1, at,
                                       [](double v, const Prepared& p) { return v < p.cumulative; });
  const Window window = draw_window(chosen->image.size(), chosen->own, rng);
  const Showing showing = showing_of(chosen->image.size(), window);
  PracticeMaps maps;
  seen_through(chosen->image, showing, cv::INTER_AREA).convertTo(maps.grey, CV_32F);
  maps.tag = seen_through(chosen->tag, showing, cv::INTER_AREA) > 100;
  cv::Mat unknown = seen_through(chosen->unknown, showing, cv::INTER_NEAREST) > 100;
  cv::Mat inside(kCropSide, kCropSide, CV_8U, cv::Scalar(0));
  inside(showing.to).setTo(255);
  const int quarters = static_cast<int>(rng.below(4));
  const bool flipped = rng.chance(0.5);
  for (cv::Mat* square : {&maps.grey, &maps.tag, &unknown, &inside}) turn(*square, quarters, flipped);

  vary_exposure(maps.grey, rng);
  constexpr std::array kCounts{0, 0, 0, 1, 1, 2, 3};
  const int lookalikes = kCounts[rng.below(kCounts.size())];
  cv::Mat laid(maps.grey.size(), CV_8U, cv::Scalar(0));
  for (int i = 0; i < lookalikes; ++i) laid |= lay_lookalike(maps.grey, rng);
  const cv::Mat own = maps.tag.clone();
  maps.unknown = cv::Mat(maps.tag.size(), CV_8U, cv::Scalar(0));
  const bool edge = rng.chance(kFieldEdge);
  const bool over = edge && rng.chance(kTagsOverEdge);
  cv::Mat beyond;
  if (over) beyond = lay_field_edge(maps, rng);
  lay_tags(maps, window.on_own_tag, rng);
  if (edge && !over) beyond = lay_field_edge(maps, rng);
  maps.grey.setTo(0, inside == 0);
  maps.tag.setTo(0, inside == 0);

  // What is unknown of the background is known where something was laid and round it, and beyond the field.
  laid |= maps.tag & ~own;
  cv::dilate(laid, laid, cv::getStructuringElement(cv::MORPH_RECT, {9, 9}));
  unknown.setTo(0, laid);
  if (!beyond.empty()) unknown.setTo(0, beyond);
  unknown |= maps.unknown;
  unknown.setTo(255, inside == 0);
  finish(maps.grey, rng);
  maps.grey.setTo(0, inside == 0);

  Crop crop;
  crop.grey.reserve(kCropSide * kCropSide);
  crop.inside.reserve(kCropSide * kCropSide);
  for (int y = 0; y < kCropSide; ++y) {
    for (int x = 0; x < kCropSide; ++x) {
      crop.grey.push_back(maps.grey.at<float>(y, x) / 255);
      crop.inside.push_back(inside.at<std::uint8_t>(y, x) != 0 ? 1 : 0);
    }
  }
  fill_maps(maps, unknown, crop);
  return crop;
}

}  // namespace tagconf::phantom
