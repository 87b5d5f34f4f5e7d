// JPEG 2000 (ISO/IEC 15444-1) by OpenJPEG: one grey component, as DICOM carries it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tagconf::imaging {

struct Jpeg2000Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int components = 0;
  int bits = 0;  // of the first component
  bool is_signed = false;
};

// What the codestream's SIZ marker declares, read without the library and without taking memory. A codestream
// inside a JP2 file is found. Error input, beginning with `where`, when there is none.
[[nodiscard]] Jpeg2000Size jpeg2000_size(std::span<const std::byte> bytes, const std::string& where);

// The samples of the only component, row major. Memory is taken for what SIZ declares: compare that with what
// is expected first. Error input when the stream is broken, cut short, or has other than one component.
[[nodiscard]] std::vector<std::int32_t> decode_jpeg2000(std::span<const std::byte> bytes,
                                                        const std::string& where);

}  // namespace tagconf::imaging
