// JPEG by libjpeg-turbo.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>

#include <jerror.h>

#include "codec_parts.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

using detail::guarded;
using detail::LibraryFailure;

// The library's error manager with our landing place behind it.
struct ErrorManager {
  jpeg_error_mgr base{};
  LibraryFailure failure{};
};

[[noreturn]] void on_error(j_common_ptr info) {
  std::array<char, JMSG_LENGTH_MAX> text{};
  info->err->format_message(info, text.data());
  reinterpret_cast<ErrorManager*>(info->err)->failure.leave(text.data());
}

// Level -1 is a warning: the data are damaged and the library would make pixels up. Two warnings are about
// metadata only.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) on_error(info);
}

void on_output(j_common_ptr) {}

void set_up(ErrorManager& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = on_output;
}

// A file of many tiny scans over a huge picture keeps the decoder busy for hours.
void limit_scans(j_common_ptr info) {
  constexpr int kMaxScans = 500;
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
    reinterpret_cast<ErrorManager*>(info->err)->failure.leave("more than 500 scans");
  }
}

class JpegReader {
 public:
  JpegReader(std::span<const std::byte> bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {
    set_up(errors_);
    info_.err = &errors_.base;
    progress_.progress_monitor = limit_scans;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  ImageHeader header() {
    const bool good = guarded(errors_.failure, [this] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()),
                   static_cast<unsigned long>(bytes_.size()));
      jpeg_read_header(&info_, TRUE);
    });
    if (!good) detail::throw_broken(where_, "JPEG", errors_.failure);
    return {static_cast<int>(info_.image_width), static_cast<int>(info_.image_height), 8};
  }

  GreyImage image(const DecodeLimits& limits) {
    const ImageHeader header = this->header();
    // Every 8 x 8 block takes at least one bit, unless it is coded arithmetically.
    constexpr std::int64_t kHuffman = 8 * 64;
    detail::check_size(header.width, header.height, bytes_.size(),
                       info_.arith_code ? 64 * kHuffman : kHuffman, where_, limits);
    const J_COLOR_SPACE space = info_.jpeg_color_space;
    if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB) {
      throw_input(where_ + ": is a JPEG of colour space CMYK or unknown", "expected grey or RGB");
    }
    GreyImage out(header.width, header.height, 8);
    // The Y of YCbCr is Rec. 601 luma already.
    const std::size_t channels = space == JCS_RGB ? 3 : 1;
    const auto width = static_cast<std::size_t>(header.width);
    std::vector<JSAMPLE> row(width * channels);
    const bool good = guarded(errors_.failure, [&] {
      info_.out_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
      info_.dct_method = JDCT_ISLOW;
      jpeg_start_decompress(&info_);
      JSAMPROW line = row.data();
      while (info_.output_scanline < info_.output_height) {
        std::uint16_t* const to = out.pixels.data() + info_.output_scanline * width;
        jpeg_read_scanlines(&info_, &line, 1);
        for (std::size_t x = 0; x < width; ++x) {
          to[x] = channels == 3 ? detail::luma(line[3 * x], line[3 * x + 1], line[3 * x + 2]) : line[x];
        }
      }
      jpeg_finish_decompress(&info_);
    });
    if (!good) detail::throw_broken(where_, "JPEG", errors_.failure);
    return out;
  }

 private:
  std::span<const std::byte> bytes_;
  std::string where_;
  ErrorManager errors_;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

// `rows`: height x width x channels.
std::vector<std::byte> encode(int width, int height, int channels, std::span<const std::uint8_t> rows,
                              int quality) {
  if (width <= 0 || height <= 0) throw Error(ErrorCode::bug, "a picture without pixels cannot be written");
  ErrorManager errors;
  set_up(errors);
  jpeg_compress_struct info{};
  info.err = &errors.base;
  unsigned char* data = nullptr;
  unsigned long size = 0;
  const bool good = guarded(errors.failure, [&] {
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = static_cast<JDIMENSION>(width);
    info.image_height = static_cast<JDIMENSION>(height);
    info.input_components = channels;
    info.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.dct_method = JDCT_ISLOW;
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    const std::size_t row_bytes = rows.size() / static_cast<std::size_t>(height);
    while (info.next_scanline < info.image_height) {
      // The library's interface is older than const.
      JSAMPROW line = const_cast<JSAMPROW>(rows.data() + info.next_scanline * row_bytes);
      jpeg_write_scanlines(&info, &line, 1);
    }
    jpeg_finish_compress(&info);
  });
  jpeg_destroy_compress(&info);
  std::vector<std::byte> out;
  if (good) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    out.assign(bytes, bytes + size);
  }
  std::free(data);
  if (!good) {
    throw Error(ErrorCode::environment,
                std::string("writing a JPEG failed: ") + errors.failure.message.data());
  }
  return out;
}

}  // namespace

std::vector<std::byte> encode_jpeg(const GreyImage& image, int quality) {
  std::vector<std::uint8_t> rows(image.pixels.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const unsigned v = image.pixels[i];
    rows[i] = static_cast<std::uint8_t>(image.bits == 16 ? (v + 128) / 257 : v);
  }
  return encode(image.width, image.height, 1, rows, quality);
}

std::vector<std::byte> encode_jpeg(const RgbImage& image, int quality) {
  return encode(image.width, image.height, 3, image.pixels, quality);
}

namespace detail {

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xFF} && bytes[1] == std::byte{0xD8} &&
         bytes[2] == std::byte{0xFF};
}

ImageHeader jpeg_header(std::span<const std::byte> bytes, const std::string& where) {
  return JpegReader(bytes, where).header();
}

GreyImage decode_jpeg(std::span<const std::byte> bytes, const std::string& where,
                      const DecodeLimits& limits) {
  return JpegReader(bytes, where).image(limits);
}

}  // namespace detail
}  // namespace tagconf::imaging
