// Nearly every radiograph in PNG is grey of 8 or 16 bits and not interlaced. libdeflate unpacks such a file
// in one go, in a third of the time that libpng's stream takes. Whatever is in any way unusual or broken is
// left to libpng, which knows more kinds and says what is wrong.
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string_view>

#include "codec_parts.hpp"

namespace tagconf::imaging::detail {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kSignature = 8;
constexpr std::size_t kStart = 8;  // of a chunk: length and name
constexpr std::size_t kSum = 4;
constexpr std::size_t kHeader = 13;
constexpr std::size_t kMargin = 16;

std::uint32_t number_at(Bytes bytes, std::size_t place) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::uint32_t>(bytes[place + i]);
  return value;
}

struct Chunk {
  std::string_view name;
  Bytes data;
};

// The chunk at `place`, which moves behind it; nothing when the file ends in it or its checksum is wrong.
std::optional<Chunk> take_chunk(Bytes bytes, std::size_t& place) {
  if (bytes.size() - place < kStart + kSum) return std::nullopt;
  const std::size_t length = number_at(bytes, place);
  if (length > bytes.size() - place - kStart - kSum) return std::nullopt;
  const Bytes summed = bytes.subspan(place + 4, 4 + length);
  if (libdeflate_crc32(0, summed.data(), summed.size()) != number_at(bytes, place + kStart + length))
    return std::nullopt;
  place += kStart + length + kSum;
  return Chunk{{reinterpret_cast<const char*>(summed.data()), 4}, summed.subspan(4)};
}

struct Header {
  int width = 0;
  int height = 0;
  int bits = 0;
};

std::optional<Header> plain_header(Bytes data) {
  constexpr auto kMaxSide = static_cast<std::uint32_t>(std::numeric_limits<int>::max());
  if (data.size() != kHeader) return std::nullopt;
  const std::uint32_t width = number_at(data, 0);
  const std::uint32_t height = number_at(data, 4);
  const auto bits = std::to_integer<int>(data[8]);
  const bool grey_in_rows = number_at(data, 9) == 0;  // colour, compression, filter method, interlace
  if (width == 0 || height == 0 || width > kMaxSide || height > kMaxSide || !grey_in_rows)
    return std::nullopt;
  if (bits != 8 && bits != 16) return std::nullopt;
  return Header{static_cast<int>(width), static_cast<int>(height), bits};
}

// Chunks that leave grey values alone, however they are made.
bool is_harmless(std::string_view name) {
  return name == "pHYs" || name == "gAMA" || name == "tEXt" || name == "tIME";
}

struct Parts {
  Header header;
  std::vector<Bytes> data;  // the packed rows, in pieces
};

std::optional<Parts> parts_of(Bytes bytes) {
  Parts out;
  std::size_t place = kSignature;
  const auto first = take_chunk(bytes, place);
  if (!first || first->name != "IHDR") return std::nullopt;
  const auto header = plain_header(first->data);
  if (!header) return std::nullopt;
  out.header = *header;
  std::string_view before;
  for (;;) {
    const auto chunk = take_chunk(bytes, place);
    if (!chunk) return std::nullopt;
    if (chunk->name == "IEND") break;
    if (chunk->name == "IDAT") {
      if (!out.data.empty() && before != "IDAT") return std::nullopt;
      out.data.push_back(chunk->data);
    } else if (!is_harmless(chunk->name)) {
      return std::nullopt;
    }
    before = chunk->name;
  }
  return out.data.empty() ? std::nullopt : std::optional(std::move(out));
}

// The pieces as one; `room` is used where there are several.
Bytes joined(const std::vector<Bytes>& pieces, std::vector<std::byte>& room) {
  if (pieces.size() == 1) return pieces.front();
  for (const Bytes piece : pieces) room.insert(room.end(), piece.begin(), piece.end());
  return room;
}

// Fills `rows` exactly, from all of the packed bytes.
bool unpack(Bytes packed, std::span<std::uint8_t> rows) {
  // A stream of a smaller window may not reach back as far as libdeflate lets it.
  constexpr std::byte kLargestWindow{0x78};
  if (packed.empty() || packed.front() != kLargestWindow) return false;
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!decompressor) return false;
  std::size_t taken = 0;
  std::size_t given = 0;
  const auto result = libdeflate_zlib_decompress_ex(decompressor.get(), packed.data(), packed.size(),
                                                    rows.data(), rows.size(), &taken, &given);
  return result == LIBDEFLATE_SUCCESS && taken == packed.size() && given == rows.size();
}

// The predictor of PNG (ISO/IEC 15948, 9.4), whichever of the three is nearest to left + up - corner, in F.
// Giesen's form: what waits for the pixel on the left is short.
inline int paeth(int left, int up, int corner) {
  const int bound = 3 * corner - up - left;
  const int low = std::min(left, up);
  const int high = std::max(left, up);
  const int middle = high <= bound ? low : corner;
  return bound <= low ? high : middle;
}

struct Sub {
  int operator()(int left, int, int) const { return left; }
};
struct Average {
  int operator()(int left, int up, int) const { return (left + up) / 2; }
};
struct Paeth {
  int operator()(int left, int up, int corner) const { return paeth(left, up, corner); }
};

// Goes along a row and adds what Predict says of the bytes that it has come by; a pixel has Step bytes.
template <std::size_t Step, class Predict>
class Runner {
 public:
  explicit Runner(std::uint8_t* row) : row_(row) {}
  // The next pixel, with the bytes above it.
  void step(const std::array<std::uint8_t, Step>& up) {
    for (std::size_t k = 0; k < Step; ++k) {
      left_[k] = static_cast<std::uint8_t>(row_[k] + Predict()(left_[k], up[k], corner_[k]));
      row_[k] = left_[k];
    }
    corner_ = up;
    row_ += Step;
  }
  [[nodiscard]] const std::array<std::uint8_t, Step>& last() const { return left_; }

 private:
  std::uint8_t* row_;
  std::array<std::uint8_t, Step> left_{};
  std::array<std::uint8_t, Step> corner_{};
};

template <std::size_t Step>
std::array<std::uint8_t, Step> pixel_at(const std::uint8_t* bytes) {
  std::array<std::uint8_t, Step> out{};
  std::copy_n(bytes, Step, out.begin());
  return out;
}

template <std::size_t Step, class Predict>
void add_to_row(std::uint8_t* row, const std::uint8_t* above, std::size_t size) {
  Runner<Step, Predict> runner(row);
  for (std::size_t i = 0; i < size; i += Step) runner.step(pixel_at<Step>(above + i));
}

// Two rows, the lower one a pixel behind: each waits for its own last pixel, and not for the other's.
template <std::size_t Step, class Upper, class Lower>
void add_to_two(std::uint8_t* row, std::uint8_t* next, const std::uint8_t* above, std::size_t size) {
  Runner<Step, Upper> upper(row);
  Runner<Step, Lower> lower(next);
  upper.step(pixel_at<Step>(above));
  for (std::size_t i = Step; i < size; i += Step) {
    const auto done = upper.last();
    upper.step(pixel_at<Step>(above + i));
    lower.step(done);
  }
  lower.step(upper.last());
}

// Does a row of that filter depend on its own pixels?
bool is_serial(std::uint8_t filter) {
  return filter == 1 || filter == 3 || filter == 4;
}

// use(Predict()) for the predictor of a serial filter.
template <class Use>
void with_predictor(std::uint8_t filter, Use&& use) {
  if (filter == 1) use(Sub());
  if (filter == 3) use(Average());
  if (filter == 4) use(Paeth());
}

// Undoes the filters of `rows`, each of `size` bytes behind one that names its own (ISO/IEC 15948, 9.2).
// `above` is the row before them, or zeros.
template <std::size_t Step>
void unfilter(std::span<std::uint8_t> rows, std::size_t size, const std::uint8_t* above) {
  std::uint8_t* const end = rows.data() + rows.size();
  for (std::uint8_t* row = rows.data() + 1; row < end; row += size + 1) {
    std::uint8_t* const next = row + size + 1;
    if (row[-1] == 2) {
      for (std::size_t i = 0; i < size; ++i) row[i] = static_cast<std::uint8_t>(row[i] + above[i]);
    } else if (is_serial(row[-1]) && next < end && is_serial(next[-1])) {
      with_predictor(row[-1], [&](auto upper) {
        with_predictor(next[-1], [&](auto lower) {
          add_to_two<Step, decltype(upper), decltype(lower)>(row, next, above, size);
        });
      });
      row = next;
    } else if (is_serial(row[-1])) {
      with_predictor(row[-1], [&](auto predict) { add_to_row<Step, decltype(predict)>(row, above, size); });
    }
    above = row;
  }
}

#if defined(__SSE2__)
// Eight rows of 8 bits at once, each a pixel behind the one above it, so that what a pixel waits for was made
// in the step before. A vector holds a pixel of every row, in 16 bits.
constexpr std::size_t kLanes = 8;
using Lanes = __m128i;
// std::array drops the vectors' alignment, as the compiler warns.
template <std::size_t Size>
struct LaneArray {
  Lanes items[Size];
  Lanes& operator[](std::size_t i) { return items[i]; }
  const Lanes& operator[](std::size_t i) const { return items[i]; }
};
using Square = LaneArray<kLanes>;

Lanes select(Lanes mask, Lanes yes, Lanes no) {
  return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

// All predictors for all rows; each row takes its own.
class Predictors {
 public:
  Predictors(const std::uint8_t* rows, std::size_t stride) {
    std::array<std::array<std::int16_t, kLanes>, 5> masks{};
    for (std::size_t r = 0; r < kLanes; ++r) masks[rows[r * stride - 1]][r] = -1;
    for (std::size_t f = 0; f < masks.size(); ++f)
      masks_[f] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(masks[f].data()));
  }
  [[nodiscard]] Lanes operator()(Lanes left, Lanes up, Lanes corner) const {
    const Lanes low = _mm_min_epi16(left, up);
    const Lanes high = _mm_max_epi16(left, up);
    const Lanes three = _mm_add_epi16(corner, _mm_add_epi16(corner, corner));
    const Lanes bound = _mm_sub_epi16(_mm_sub_epi16(three, up), left);
    const Lanes middle = select(_mm_cmpgt_epi16(high, bound), corner, low);
    const Lanes nearest = select(_mm_cmpgt_epi16(bound, low), middle, high);
    const Lanes average = _mm_srli_epi16(_mm_add_epi16(left, up), 1);
    return _mm_or_si128(_mm_or_si128(_mm_and_si128(masks_[1], left), _mm_and_si128(masks_[2], up)),
                        _mm_or_si128(_mm_and_si128(masks_[3], average), _mm_and_si128(masks_[4], nearest)));
  }

 private:
  LaneArray<5> masks_;
};

// Step s of row r, from eight bytes of each row that begin r bytes later in the row before: rows[r * stride +
// at - r + s].
Square load_steps(const std::uint8_t* rows, std::size_t stride, std::ptrdiff_t at) {
  Square in;
  for (std::size_t r = 0; r < kLanes; ++r) {
    const std::uint8_t* from = rows + r * stride + at - static_cast<std::ptrdiff_t>(r);
    in[r] = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  }
  LaneArray<4> pairs;
  for (std::size_t i = 0; i < 4; ++i) pairs[i] = _mm_unpacklo_epi8(in[2 * i], in[2 * i + 1]);
  const Lanes first_low = _mm_unpacklo_epi16(pairs[0], pairs[1]);
  const Lanes first_high = _mm_unpackhi_epi16(pairs[0], pairs[1]);
  const Lanes second_low = _mm_unpacklo_epi16(pairs[2], pairs[3]);
  const Lanes second_high = _mm_unpackhi_epi16(pairs[2], pairs[3]);
  const LaneArray<4> steps{
      {_mm_unpacklo_epi32(first_low, second_low), _mm_unpackhi_epi32(first_low, second_low),
       _mm_unpacklo_epi32(first_high, second_high), _mm_unpackhi_epi32(first_high, second_high)}};
  Square out;
  for (std::size_t i = 0; i < 4; ++i) {
    out[2 * i] = _mm_unpacklo_epi8(steps[i], _mm_setzero_si128());
    out[2 * i + 1] = _mm_unpackhi_epi8(steps[i], _mm_setzero_si128());
  }
  return out;
}

// Rows of columns.
Square transposed(const Square& in) {
  Square a;
  Square b;
  for (std::size_t i = 0; i < 4; ++i) {
    a[2 * i] = _mm_unpacklo_epi16(in[2 * i], in[2 * i + 1]);
    a[2 * i + 1] = _mm_unpackhi_epi16(in[2 * i], in[2 * i + 1]);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    b[4 * i] = _mm_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = _mm_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = _mm_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
  }
  Square out;
  for (std::size_t i = 0; i < 4; ++i) {
    out[2 * i] = _mm_unpacklo_epi64(b[i], b[i + 4]);
    out[2 * i + 1] = _mm_unpackhi_epi64(b[i], b[i + 4]);
  }
  return out;
}

// Row r's pixels from `at` - r on, as far as there are such.
void store_steps(const Square& steps, std::ptrdiff_t at, std::size_t width, std::uint16_t* out) {
  const Square rows = transposed(steps);
  const auto size = static_cast<std::ptrdiff_t>(width);
  for (std::size_t r = 0; r < kLanes; ++r, out += width) {
    const std::ptrdiff_t begin = at - static_cast<std::ptrdiff_t>(r);
    if (begin >= 0 && begin + static_cast<std::ptrdiff_t>(kLanes) <= size) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + begin), rows[r]);
      continue;
    }
    std::array<std::uint16_t, kLanes> values;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(values.data()), rows[r]);
    for (std::size_t k = 0; k < kLanes; ++k) {
      const std::ptrdiff_t x = begin + static_cast<std::ptrdiff_t>(k);
      if (x >= 0 && x < size) out[x] = values[k];
    }
  }
}

// `rows`: the first of eight, which lie `width` + 1 bytes apart; bytes up to kMargin around them are read and
// do not matter. `above`: the row before them, or zeros, and 2 * kLanes more.
void unfilter_eight(const std::uint8_t* rows, std::size_t width, const std::uint16_t* above,
                    std::uint16_t* out) {
  const std::size_t stride = width + 1;
  const Predictors predict(rows, stride);
  Lanes left = _mm_setzero_si128();
  Lanes corner = left;
  // Rows begin one after another: 0 on the left of their first pixel.
  Lanes begun = left;
  for (std::size_t at = 0; at < width + kLanes - 1; at += kLanes) {
    Square steps = load_steps(rows, stride, static_cast<std::ptrdiff_t>(at));
    for (std::size_t s = 0; s < kLanes; ++s) {
      begun = _mm_insert_epi16(_mm_slli_si128(begun, 2), -1, 0);
      const Lanes up = _mm_insert_epi16(_mm_slli_si128(left, 2), above[at + s], 0);
      const Lanes sum = _mm_add_epi16(steps[s], predict(left, up, corner));
      left = _mm_and_si128(_mm_and_si128(sum, _mm_set1_epi16(255)), begun);
      corner = up;
      steps[s] = left;
    }
    store_steps(steps, static_cast<std::ptrdiff_t>(at), width, out);
  }
}

// As many rows as go in eights; returns how many those are.
std::size_t unfilter_eights(std::span<const std::uint8_t> rows, std::size_t width, std::uint16_t* out) {
  const std::size_t stride = width + 1;
  const std::size_t height = rows.size() / stride;
  std::vector<std::uint16_t> above(width + 2 * kLanes);
  std::size_t y = 0;
  for (; y + kLanes <= height; y += kLanes) {
    unfilter_eight(rows.data() + y * stride + 1, width, above.data(), out + y * width);
    std::copy_n(out + (y + kLanes - 1) * width, width, above.begin());
  }
  return y;
}
#else
std::size_t unfilter_eights(std::span<const std::uint8_t>, std::size_t, std::uint16_t*) {
  return 0;
}
#endif

// Undoes the filters and takes the pixels.
template <std::size_t Step>
void take_rows(std::span<std::uint8_t> rows, GreyImage& out) {
  const auto width = static_cast<std::size_t>(out.width);
  const std::size_t size = width * Step;
  std::size_t y = Step == 1 ? unfilter_eights(rows, width, out.pixels.data()) : 0;
  std::vector<std::uint8_t> above(size);
  if (y > 0)
    std::transform(&out.pixels[(y - 1) * width], &out.pixels[(y - 1) * width] + width, above.begin(),
                   [](std::uint16_t v) { return static_cast<std::uint8_t>(v); });
  rows = rows.subspan(y * (size + 1));
  unfilter<Step>(rows, size, above.data());
  const std::uint8_t* row = rows.data() + 1;
  for (; y < static_cast<std::size_t>(out.height); ++y, row += size + 1) {
    std::uint16_t* const to = out.pixels.data() + y * width;
    for (std::size_t x = 0; x < width; ++x)
      to[x] = Step == 1 ? row[x] : static_cast<std::uint16_t>(row[2 * x] << 8U | row[2 * x + 1]);
  }
}

struct Unpacked {
  Header header;
  std::vector<std::uint8_t> bytes;
  std::span<std::uint8_t> rows;  // each behind the byte that names its filter; kMargin bytes lie around them
};

std::optional<Unpacked> unpacked(Bytes bytes, const DecodeLimits& limits) {
  const auto parts = parts_of(bytes);
  if (!parts) return std::nullopt;
  Unpacked out{parts->header, {}, {}};
  const auto [width, height, bits] = out.header;
  const auto row = static_cast<std::size_t>(width) * static_cast<std::size_t>(bits / 8) + 1;
  const std::size_t size = row * static_cast<std::size_t>(height);
  constexpr std::size_t kMostShrinking = 1032;  // of deflate
  if (width > limits.max_pixels / height || size / kMostShrinking > bytes.size()) return std::nullopt;
  std::vector<std::byte> room;
  const Bytes packed = joined(parts->data, room);
  out.bytes.resize(size + 2 * kMargin);
  out.rows = std::span(out.bytes).subspan(kMargin, size);
  if (!unpack(packed, out.rows)) return std::nullopt;
  for (std::size_t place = 0; place < size; place += row) {
    if (out.rows[place] > 4) return std::nullopt;
  }
  return out;
}

}  // namespace

std::optional<GreyImage> decode_plain_png(Bytes bytes, const DecodeLimits& limits) {
  auto found = unpacked(bytes, limits);
  if (!found) return std::nullopt;
  const auto [width, height, bits] = found->header;
  GreyImage out(width, height, bits);
  bits == 8 ? take_rows<1>(found->rows, out) : take_rows<2>(found->rows, out);
  return out;
}

std::optional<ImageHeader> check_plain_png(Bytes bytes, const DecodeLimits& limits) {
  const auto found = unpacked(bytes, limits);
  if (!found) return std::nullopt;
  return ImageHeader{found->header.width, found->header.height, found->header.bits};
}

}  // namespace tagconf::imaging::detail
