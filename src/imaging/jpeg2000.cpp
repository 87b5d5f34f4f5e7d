#include "tagconf/imaging/jpeg2000.hpp"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void throw_broken(const std::string& where, const std::string& what) {
  throw_input(where + ": broken JPEG 2000 image: " + what,
              "the file was cut short or damaged; fetch it again");
}

std::uint64_t big_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | std::to_integer<std::uint64_t>(bytes[at + i]);
  return value;
}

bool is_codestream(Bytes bytes) {
  return bytes.size() >= 4 && big_endian(bytes, 0, 4) == 0xFF4FFF51;
}

// The box jp2c of a JP2 file (Annex I): what a decoder needs of it where colour plays no part.
Bytes find_codestream(Bytes bytes, const std::string& where) {
  if (is_codestream(bytes)) return bytes;
  constexpr std::uint64_t kSignature = 0x6A502020;
  constexpr std::uint64_t kCodestream = 0x6A703263;
  if (bytes.size() < 12 || big_endian(bytes, 4, 4) != kSignature) throw_broken(where, "no codestream");
  for (std::size_t at = 0; bytes.size() - at >= 16;) {
    std::uint64_t length = big_endian(bytes, at, 4);
    std::size_t header = 8;
    if (length == 1) {
      length = big_endian(bytes, at + 8, 8);
      header = 16;
    }
    if (length == 0) length = bytes.size() - at;
    if (length < header || length > bytes.size() - at) break;
    const Bytes content = bytes.subspan(at + header, length - header);
    if (big_endian(bytes, at + 4, 4) == kCodestream && is_codestream(content)) return content;
    at += length;
  }
  throw_broken(where, "no codestream");
}

// The library's view of bytes in memory.
struct Source {
  Bytes bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T read_some(void* buffer, OPJ_SIZE_T count, void* data) {
  auto& source = *static_cast<Source*>(data);
  const std::size_t step = std::min<std::size_t>(count, source.bytes.size() - source.at);
  if (step == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, source.bytes.data() + source.at, step);
  source.at += step;
  return step;
}

OPJ_OFF_T skip_some(OPJ_OFF_T count, void* data) {
  auto& source = *static_cast<Source*>(data);
  if (count < 0) return -1;
  const auto step = std::min<std::size_t>(static_cast<std::size_t>(count), source.bytes.size() - source.at);
  source.at += step;
  return static_cast<OPJ_OFF_T>(step);
}

OPJ_BOOL seek_to(OPJ_OFF_T place, void* data) {
  auto& source = *static_cast<Source*>(data);
  if (place < 0 || static_cast<std::size_t>(place) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::size_t>(place);
  return OPJ_TRUE;
}

// The library goes on with what it has after most faults and says so in a message.
void keep_first(const char* text, void* data) {
  auto& first = *static_cast<std::string*>(data);
  if (!first.empty()) return;
  first = text;
  while (!first.empty() && (first.back() == '\n' || first.back() == '.')) first.pop_back();
}

void ignore(const char*, void*) {}

using Codec = std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)>;
using Stream = std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)>;
using Picture = std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)>;

Stream open_stream(Source& source) {
  Stream stream(opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
  if (!stream) return stream;
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  opj_stream_set_read_function(stream.get(), read_some);
  opj_stream_set_skip_function(stream.get(), skip_some);
  opj_stream_set_seek_function(stream.get(), seek_to);
  return stream;
}

Picture run_decoder(Bytes codestream, std::string& fault) {
  Source source{codestream, 0};
  const Stream stream = open_stream(source);
  const Codec codec(opj_create_decompress(OPJ_CODEC_J2K), opj_destroy_codec);
  Picture none(nullptr, opj_image_destroy);
  if (!stream || !codec) throw Error(ErrorCode::environment, "OpenJPEG cannot be started");
  opj_set_info_handler(codec.get(), ignore, nullptr);
  opj_set_warning_handler(codec.get(), keep_first, &fault);
  opj_set_error_handler(codec.get(), keep_first, &fault);
  opj_dparameters_t parameters{};
  opj_set_default_decoder_parameters(&parameters);
  if (opj_setup_decoder(codec.get(), &parameters) != OPJ_TRUE) return none;
  opj_image_t* raw = nullptr;
  const bool opened = opj_read_header(stream.get(), codec.get(), &raw) == OPJ_TRUE;
  Picture picture(raw, opj_image_destroy);
  if (!opened || opj_decode(codec.get(), stream.get(), raw) != OPJ_TRUE ||
      opj_end_decompress(codec.get(), stream.get()) != OPJ_TRUE) {
    return none;
  }
  return picture;
}

// SOC, SIZ, then Lsiz 2, Rsiz 2, Xsiz Ysiz XOsiz YOsiz XTsiz YTsiz XTOsiz YTOsiz of 4 each, Csiz 2, Ssiz 1.
constexpr std::size_t kExtent = 8;
constexpr std::size_t kComponents = 40;

// Of the eight numbers of the image's and its tiles' extent.
std::int64_t extent(Bytes stream, std::size_t i) {
  return static_cast<std::int64_t>(big_endian(stream, kExtent + 4 * i, 4));
}

// The library takes some 7 kB for each tile that the header declares, before it looks for any.
void check_tiles(Bytes stream, const std::string& where) {
  constexpr std::int64_t kTileHeader = 14;  // SOT and SOD
  const auto across = [stream](std::size_t axis) {
    const std::int64_t size = extent(stream, 4 + axis);
    return size == 0 ? 0 : (extent(stream, axis) - extent(stream, 6 + axis) + size - 1) / size;
  };
  const std::int64_t most = static_cast<std::int64_t>(stream.size()) / kTileHeader;
  if (across(0) <= 0 || across(1) <= 0 || across(0) > most / across(1)) {
    throw_broken(where, "it has no room for the tiles that it declares");
  }
}

}  // namespace

Jpeg2000Size jpeg2000_size(Bytes bytes, const std::string& where) {
  const Bytes stream = find_codestream(bytes, where);
  if (stream.size() < kComponents + 3) throw_broken(where, "it ends inside its header");
  const auto depth = static_cast<unsigned>(big_endian(stream, kComponents + 2, 1));
  return {extent(stream, 0) - extent(stream, 2), extent(stream, 1) - extent(stream, 3),
          static_cast<int>(big_endian(stream, kComponents, 2)), static_cast<int>(depth & 0x7FU) + 1,
          (depth & 0x80U) != 0};
}

std::vector<std::int32_t> decode_jpeg2000(Bytes bytes, const std::string& where) {
  const Jpeg2000Size size = jpeg2000_size(bytes, where);
  const Bytes stream = find_codestream(bytes, where);
  check_tiles(stream, where);
  std::string fault;
  const Picture picture = run_decoder(stream, fault);
  if (!picture || !fault.empty()) throw_broken(where, fault.empty() ? "it cannot be decoded" : fault);
  if (picture->numcomps != 1) {
    throw_input(where + ": a JPEG 2000 image of " + std::to_string(picture->numcomps) + " components",
                "expected grey");
  }
  const opj_image_comp_t& component = picture->comps[0];
  const auto count = static_cast<std::size_t>(component.w) * component.h;
  if (component.data == nullptr || component.w != size.width || component.h != size.height) {
    throw_broken(where, "its samples do not fill its size");
  }
  return {component.data, component.data + count};
}

}  // namespace tagconf::imaging
