// DICOM files under the deflated transfer syntax.
#pragma once

#include <zlib.h>

#include <cstdlib>
#include <string>

namespace tagconf::test {

constexpr const char* kDeflated = "1.2.840.10008.1.2.1.99";
// Preamble, DICM, group length and the UID of that syntax: what DicomBytes writes before the data set.
constexpr std::size_t kMetaSize = 128 + 4 + 12 + 8 + 22;

// What stands behind the meta header, as the deflated transfer syntax has it.
[[nodiscard]] inline std::string deflated(const std::string& file) {
  const std::string data = file.substr(kMetaSize);
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return file.substr(0, kMetaSize) + packed;
}

}  // namespace tagconf::test
