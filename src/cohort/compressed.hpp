// Compressed frames without a library: DICOM's run lengths in full, and what a JPEG stream says of itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tagconf::cohort {

// DICOM RLE (PS3.5 annex G) of cells of 1 or 2 bytes: one segment a byte, the high one first. Nothing when
// the header is wrong or a segment does not fill the frame.
[[nodiscard]] std::optional<std::vector<std::uint16_t>> decode_rle(std::span<const std::byte> frame,
                                                                   std::size_t cells, int bytes_per_cell);

struct JpegSize {
  int width = 0;
  int height = 0;
  int components = 0;
  int bits = 0;
};

// From the frame header (SOF0 to SOF15, or JPEG-LS's SOF55). Nothing when the stream has none, or does not
// end with EOI: then it was cut short.
[[nodiscard]] std::optional<JpegSize> jpeg_size(std::span<const std::byte> stream);

}  // namespace tagconf::cohort
