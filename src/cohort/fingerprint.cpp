#include "tagconf/cohort/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/imaging/resize.hpp"

namespace tagconf::cohort {
namespace {

using imaging::Plane;

constexpr int kGrid = 8;
constexpr std::size_t kThumbnailSize = std::size_t{kThumbnailSide} * kThumbnailSide;
constexpr double kFlat = 0.01;          // of the standard deviation: neighbours that differ by less are equal
constexpr double kBlank = 0.5 / 255.0;  // of full scale
constexpr double kLeftOut = 0.03;       // share of points that may disagree
constexpr int kRounds = 3;

// Differences of standardised values are sorted into bins of 1/128, from 0 to 8 and more.
constexpr int kBinsPerUnit = 128;
constexpr int kBins = 8 * kBinsPerUnit;

std::string digest_pixels(const imaging::GreyImage& image) {
  Sha256 digest;
  digest.update(std::to_string(image.width) + "x" + std::to_string(image.height) + "\n");
  const unsigned factor = image.bits == 16 ? 1 : 257;
  std::vector<std::byte> row(static_cast<std::size_t>(image.width) * 2);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const unsigned value = image.at(x, y) * factor;
      row[static_cast<std::size_t>(x) * 2] = static_cast<std::byte>(value & 0xFFU);
      row[static_cast<std::size_t>(x) * 2 + 1] = static_cast<std::byte>(value >> 8U);
    }
    digest.update(row);
  }
  return digest.hex();
}

double standard_deviation(const Plane& plane) {
  double sum = 0;
  double squares = 0;
  for (const float v : plane.values) {
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  const auto n = static_cast<double>(plane.values.size());
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

Plane mirror(const Plane& plane) {
  Plane out(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) out.at(x, y) = plane.at(plane.width - 1 - x, y);
  }
  return out;
}

// `wide`: 9 x 8 means, `tall`: 8 x 9.
LookHash hash_of(const Plane& wide, const Plane& tall, double flat) {
  LookHash out;
  for (int y = 0; y < kGrid; ++y) {
    for (int x = 0; x < kGrid; ++x) {
      const auto bit = std::uint64_t{1} << static_cast<unsigned>(y * kGrid + x);
      if (wide.at(x + 1, y) - wide.at(x, y) > flat) out.across |= bit;
      if (tall.at(x, y + 1) - tall.at(x, y) > flat) out.down |= bit;
    }
  }
  return out;
}

std::vector<std::uint8_t> stretch(const Plane& plane) {
  const auto [low, high] = std::minmax_element(plane.values.begin(), plane.values.end());
  const float base = *low;
  const float range = *high - base;
  std::vector<std::uint8_t> out(plane.values.size(), 0);
  if (!(range > 0)) return out;
  std::transform(plane.values.begin(), plane.values.end(), out.begin(),
                 [&](float v) { return static_cast<std::uint8_t>(std::lround((v - base) / range * 255)); });
  return out;
}

// Sums over the points that are kept: of whole numbers, exact.
struct Moments {
  std::int64_t n = 0;
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t aa = 0;
  std::int64_t bb = 0;
  std::int64_t ab = 0;

  void add(std::int64_t x, std::int64_t y) {
    ++n;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  // n^2 times the variances and the covariance.
  [[nodiscard]] double spread_a() const { return static_cast<double>(n * aa - a * a); }
  [[nodiscard]] double spread_b() const { return static_cast<double>(n * bb - b * b); }
  [[nodiscard]] double common() const { return static_cast<double>(n * ab - a * b); }
  [[nodiscard]] bool flat() const { return spread_a() <= 0 || spread_b() <= 0; }
  [[nodiscard]] double correlation() const { return common() / std::sqrt(spread_a() * spread_b()); }
};

// Each point's bin by how far its standardised values lie apart.
template <class Value>
void sort_into_bins(std::span<const Value> a, std::span<const Value> b, const Moments& kept,
                    std::span<std::uint16_t> bins) {
  const auto n = static_cast<double>(kept.n);
  const auto scale_a = static_cast<float>(n * kBinsPerUnit / std::sqrt(kept.spread_a()));
  const auto scale_b = static_cast<float>(n * kBinsPerUnit / std::sqrt(kept.spread_b()));
  const auto shift = static_cast<float>(static_cast<double>(kept.b) / n * scale_b -
                                        static_cast<double>(kept.a) / n * scale_a);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float apart =
        std::abs(static_cast<float>(a[i]) * scale_a - static_cast<float>(b[i]) * scale_b + shift);
    bins[i] = static_cast<std::uint16_t>(std::min(apart, static_cast<float>(kBins - 1)));
  }
}

// The first bin that is left out: from there on lie at most `most` points.
std::size_t first_left_out(std::span<const std::uint16_t> bins, std::size_t most) {
  std::array<std::size_t, kBins> counts{};
  for (const auto bin : bins) ++counts[bin];
  std::size_t above = 0;
  std::size_t first = kBins;
  while (first > 0 && above + counts[first - 1] <= most) above += counts[--first];
  return first;
}

template <class Value>
std::optional<double> correlate_most(std::span<const Value> a, std::span<const Value> b) {
  Moments kept;
  for (std::size_t i = 0; i < a.size(); ++i) kept.add(a[i], b[i]);
  const auto most = static_cast<std::size_t>(kLeftOut * static_cast<double>(a.size()));
  std::array<std::uint16_t, kThumbnailSize> bins{};
  for (int round = 0; round < kRounds; ++round) {
    if (kept.flat()) return std::nullopt;
    sort_into_bins(a, b, kept, bins);
    const std::size_t limit = first_left_out(bins, most);
    kept = {};
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (bins[i] < limit) kept.add(a[i], b[i]);
    }
  }
  if (kept.flat()) return std::nullopt;
  return kept.correlation();
}

void check_thumbnail(std::span<const std::uint8_t> thumbnail) {
  if (thumbnail.size() != kThumbnailSize) throw Error(ErrorCode::bug, "not a thumbnail");
}

// Nine times each point less its 3 x 3 mean; the border is repeated.
std::vector<int> detail_of(std::span<const std::uint8_t> thumbnail) {
  check_thumbnail(thumbnail);
  const auto at = [&](int x, int y) {
    const int inside_x = std::clamp(x, 0, kThumbnailSide - 1);
    const int inside_y = std::clamp(y, 0, kThumbnailSide - 1);
    return int{thumbnail[static_cast<std::size_t>(inside_y * kThumbnailSide + inside_x)]};
  };
  std::vector<int> out;
  out.reserve(kThumbnailSize);
  for (int y = 0; y < kThumbnailSide; ++y) {
    for (int x = 0; x < kThumbnailSide; ++x) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) sum += at(x + dx, y + dy);
      }
      out.push_back(9 * at(x, y) - sum);
    }
  }
  return out;
}

}  // namespace

int hash_distance(const LookHash& a, const LookHash& b) {
  return std::popcount(a.across ^ b.across) + std::popcount(a.down ^ b.down);
}

Fingerprint make_fingerprint(const imaging::GreyImage& image) {
  if (image.empty()) throw Error(ErrorCode::bug, "a picture without pixels has no fingerprint");
  Fingerprint out;
  out.digest = digest_pixels(image);
  const Plane small = imaging::resize(imaging::to_plane(image), kThumbnailSide, kThumbnailSide);
  const double deviation = standard_deviation(small);
  out.blank = deviation < kBlank;
  const Plane wide = imaging::resize(small, kGrid + 1, kGrid);
  const Plane tall = imaging::resize(small, kGrid, kGrid + 1);
  out.hash = hash_of(wide, tall, kFlat * deviation);
  out.mirrored = hash_of(mirror(wide), mirror(tall), kFlat * deviation);
  out.thumbnail = stretch(small);
  return out;
}

std::optional<double> correlate(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  check_thumbnail(a);
  check_thumbnail(b);
  return correlate_most(a, b);
}

std::optional<double> correlate_detail(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  const auto detail_a = detail_of(a);
  const auto detail_b = detail_of(b);
  return correlate_most(std::span<const int>(detail_a), std::span<const int>(detail_b));
}

std::vector<std::uint8_t> mirror_thumbnail(std::span<const std::uint8_t> thumbnail) {
  std::vector<std::uint8_t> out(thumbnail.begin(), thumbnail.end());
  constexpr std::size_t kSide = kThumbnailSide;
  for (std::size_t start = 0; start + kSide <= out.size(); start += kSide) {
    const auto row = out.begin() + static_cast<std::ptrdiff_t>(start);
    std::reverse(row, row + kThumbnailSide);
  }
  return out;
}

}  // namespace tagconf::cohort
