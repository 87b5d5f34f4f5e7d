#include "compressed.hpp"

#include <algorithm>

namespace tagconf::cohort {
namespace {

using Bytes = std::span<const std::byte>;

unsigned at(Bytes bytes, std::size_t i) {
  return std::to_integer<unsigned>(bytes[i]);
}

std::size_t little_endian(Bytes bytes, std::size_t i) {
  return at(bytes, i) | at(bytes, i + 1) << 8U | at(bytes, i + 2) << 16U | at(bytes, i + 3) << 24U;
}

// PackBits, each byte handed to `put(index, value)`; false when there are fewer than `count`. What stands
// behind them is padding.
template <class Put>
bool unpack(Bytes segment, std::size_t count, Put put) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < segment.size() && done < count;) {
    const unsigned head = at(segment, i++);
    if (head == 128) continue;
    const bool repeats = head > 128;
    const std::size_t length = repeats ? 257 - head : head + 1;
    if (i + (repeats ? 1 : length) > segment.size()) return false;
    for (std::size_t k = 0; k < length && done < count; ++k) put(done++, at(segment, repeats ? i : i + k));
    i += repeats ? 1 : length;
  }
  return done == count;
}

}  // namespace

std::optional<std::vector<std::uint16_t>> decode_rle(Bytes frame, std::size_t cells, int bytes_per_cell) {
  constexpr std::size_t kHeader = 64;
  const auto segments = static_cast<std::size_t>(bytes_per_cell);
  // A run of 128 bytes takes two.
  if (frame.size() < kHeader || little_endian(frame, 0) != segments || cells / 64 > frame.size()) {
    return std::nullopt;
  }
  std::vector<std::uint16_t> out(cells);
  for (std::size_t s = 0; s < segments; ++s) {
    const std::size_t begin = little_endian(frame, 4 + 4 * s);
    const std::size_t end = s + 1 < segments ? little_endian(frame, 8 + 4 * s) : frame.size();
    if (begin < kHeader || begin > end || end > frame.size()) return std::nullopt;
    const auto shift = static_cast<unsigned>(8 * (segments - 1 - s));
    const bool whole = unpack(frame.subspan(begin, end - begin), cells, [&](std::size_t i, unsigned value) {
      out[i] = static_cast<std::uint16_t>(out[i] | value << shift);
    });
    if (!whole) return std::nullopt;
  }
  return out;
}

std::optional<JpegSize> jpeg_size(Bytes stream) {
  constexpr unsigned kMark = 0xFF;
  constexpr unsigned kStart = 0xD8;
  constexpr unsigned kEnd = 0xD9;
  constexpr unsigned kScan = 0xDA;
  std::size_t size = stream.size();
  // Fragments are padded to an even length, by 0 or by a fill byte.
  while (size > 0 && (at(stream, size - 1) == 0 || at(stream, size - 1) == kMark)) --size;
  if (size < 4 || at(stream, 0) != kMark || at(stream, 1) != kStart || at(stream, size - 2) != kMark ||
      at(stream, size - 1) != kEnd) {
    return std::nullopt;
  }
  for (std::size_t i = 2; i + 10 <= size;) {
    if (at(stream, i) != kMark) return std::nullopt;
    const unsigned marker = at(stream, i + 1);
    if (marker == kMark) {  // fill byte
      ++i;
      continue;
    }
    const bool tables = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    if ((marker >= 0xC0 && marker <= 0xCF && !tables) || marker == 0xF7) {
      return JpegSize{static_cast<int>(at(stream, i + 7) << 8U | at(stream, i + 8)),
                      static_cast<int>(at(stream, i + 5) << 8U | at(stream, i + 6)),
                      static_cast<int>(at(stream, i + 9)), static_cast<int>(at(stream, i + 4))};
    }
    if (marker == kScan) return std::nullopt;
    const std::size_t length = at(stream, i + 2) << 8U | at(stream, i + 3);
    if (length < 2) return std::nullopt;
    i += 2 + length;
  }
  return std::nullopt;
}

}  // namespace tagconf::cohort
