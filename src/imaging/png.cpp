// PNG by libpng.
#include <png.h>

#include <cstring>
#include <limits>

#include "codec_parts.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

using detail::guarded;
using detail::LibraryFailure;

void on_error(png_structp png, png_const_charp message) {
  static_cast<LibraryFailure*>(png_get_error_ptr(png))->leave(message);
}
// What libpng only warns of (a text chunk out of place, a doubtful colour profile) does not touch grey
// values.
void on_warning(png_structp, png_const_charp) {}

struct Source {
  std::span<const std::byte> bytes;
  std::size_t position = 0;
};

void read_source(png_structp png, png_bytep out, std::size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (source.bytes.size() - source.position < count) png_error(png, "the file ends too early");
  std::memcpy(out, source.bytes.data() + source.position, count);
  source.position += count;
}

std::size_t big_endian(std::span<const std::byte> bytes, std::size_t place) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::size_t>(bytes[place + i]);
  return value;
}

// Of a file with the signature of PNG. libpng takes memory for all that a chunk declares, and clears it,
// before it looks whether the file has as much.
void check_chunks(std::span<const std::byte> bytes, const std::string& where) {
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kStart = 8;  // length and name
  constexpr std::size_t kEnd = 4;    // checksum
  for (std::size_t place = kSignature; bytes.size() - place >= kStart;) {
    const std::size_t whole = kStart + big_endian(bytes, place) + kEnd;
    if (whole > bytes.size() - place) {
      throw_input(
          where + ": broken PNG image: the file ends inside a chunk of " + std::to_string(whole) + " bytes",
          "the file was cut short or damaged; fetch it again");
    }
    if (std::memcmp(bytes.data() + place + 4, "IEND", 4) == 0) return;
    place += whole;
  }
}

class PngReader {
 public:
  PngReader(std::span<const std::byte> bytes, std::string where) : source_{bytes}, where_(std::move(where)) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  ImageHeader header() {
    check_chunks(source_.bytes, where_);
    const bool good = guarded(failure_, [this] {
      png_set_read_fn(png_, &source_, read_source);
      png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
      // The pixel limit is check_size's; libpng's own is on each side.
      constexpr auto kMaxSide = static_cast<png_uint_32>(std::numeric_limits<int>::max());
      png_set_user_limits(png_, kMaxSide, kMaxSide);
      // Texts and colour profiles are packed: what one may become.
      constexpr png_alloc_size_t kUnpacked = 8'000'000;
      png_set_chunk_malloc_max(png_, kUnpacked);
      png_read_info(png_, info_);
    });
    if (!good) detail::throw_broken(where_, "PNG", failure_);
    return {static_cast<int>(png_get_image_width(png_, info_)),
            static_cast<int>(png_get_image_height(png_, info_)),
            png_get_bit_depth(png_, info_) == 16 ? 16 : 8};
  }

  GreyImage image(const DecodeLimits& limits) {
    const ImageHeader header = this->header();
    // Deflate shrinks by 1032 at the most.
    const int bits = png_get_bit_depth(png_, info_) * png_get_channels(png_, info_);
    detail::check_size(header.width, header.height, source_.bytes.size(), 8 * 1032 / bits, where_, limits);
    GreyImage out(header.width, header.height, header.bits);
    int passes = 1;
    bool good = guarded(failure_, [this, &passes] {
      // Grey or RGB of 8 or 16 bit, without alpha.
      const int depth = png_get_bit_depth(png_, info_);
      const int colour = png_get_color_type(png_, info_);
      if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
      if (colour == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png_);
      png_set_strip_alpha(png_);
      passes = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
    });
    if (!good) detail::throw_broken(where_, "PNG", failure_);
    // The passes of an interlaced picture need all its rows; else one at a time will do.
    const std::size_t row_bytes = png_get_rowbytes(png_, info_);
    const auto height = static_cast<std::size_t>(header.height);
    std::vector<png_byte> rows(passes > 1 ? row_bytes * height : row_bytes);
    const bool colour = png_get_channels(png_, info_) == 3;
    good = guarded(failure_, [&] {
      for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t y = 0; y < height; ++y) {
          png_byte* const row = rows.data() + (passes > 1 ? y * row_bytes : 0);
          png_read_row(png_, row, nullptr);
          if (pass + 1 == passes) take_row(row, colour, out, y);
        }
      }
      png_read_end(png_, nullptr);
    });
    if (!good) detail::throw_broken(where_, "PNG", failure_);
    return out;
  }

 private:
  static void take_row(const png_byte* row, bool colour, GreyImage& out, std::size_t y) {
    const auto width = static_cast<std::size_t>(out.width);
    std::uint16_t* const to = out.pixels.data() + y * width;
    const bool wide = out.bits == 16;
    const auto sample = [row, wide](std::size_t i) {
      return wide ? static_cast<std::uint32_t>(row[2 * i] << 8U | row[2 * i + 1])
                  : static_cast<std::uint32_t>(row[i]);
    };
    for (std::size_t x = 0; x < width; ++x) {
      to[x] = colour ? detail::luma(sample(3 * x), sample(3 * x + 1), sample(3 * x + 2))
                     : static_cast<std::uint16_t>(sample(x));
    }
  }

  LibraryFailure failure_{};
  Source source_;
  std::string where_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

void write_sink(png_structp png, png_bytep data, std::size_t count) {
  auto& sink = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  try {
    sink.insert(sink.end(), bytes, bytes + count);
    return;
  } catch (const std::bad_alloc&) {
  }
  png_error(png, "out of memory");
}

// `rows`: height x row_bytes, 16-bit samples big endian.
std::vector<std::byte> encode(int width, int height, int bits, int colour, std::span<const png_byte> rows) {
  if (width <= 0 || height <= 0) throw Error(ErrorCode::bug, "a picture without pixels cannot be written");
  LibraryFailure failure{};
  std::vector<std::byte> sink;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, on_error, on_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool good =
      info != nullptr && guarded(failure, [&] {
        constexpr int kCompression = 6;
        png_set_write_fn(png, &sink, write_sink, nullptr);
        png_set_compression_level(png, kCompression);
        png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bits,
                     colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png, info);
        const std::size_t row_bytes = rows.size() / static_cast<std::size_t>(height);
        for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
          png_write_row(png, rows.data() + y * row_bytes);
        }
        png_write_end(png, nullptr);
      });
  png_destroy_write_struct(&png, &info);
  if (!good) {
    throw Error(ErrorCode::environment, std::string("writing a PNG failed: ") + failure.message.data());
  }
  return sink;
}

}  // namespace

std::vector<std::byte> encode_png(const GreyImage& image) {
  std::vector<png_byte> rows;
  rows.reserve(image.pixels.size() * (image.bits == 16 ? 2 : 1));
  for (const std::uint16_t v : image.pixels) {
    if (v > image.full_scale()) throw Error(ErrorCode::bug, "a grey value is over its picture's full scale");
    if (image.bits == 16) rows.push_back(static_cast<png_byte>(v >> 8U));
    rows.push_back(static_cast<png_byte>(v & 255U));
  }
  return encode(image.width, image.height, image.bits, PNG_COLOR_TYPE_GRAY, rows);
}

std::vector<std::byte> encode_png(const RgbImage& image) {
  return encode(image.width, image.height, 8, PNG_COLOR_TYPE_RGB, image.pixels);
}

namespace detail {

bool is_png(std::span<const std::byte> bytes) {
  constexpr std::size_t kSignature = 8;
  return bytes.size() >= kSignature &&
         png_sig_cmp(reinterpret_cast<const png_byte*>(bytes.data()), 0, kSignature) == 0;
}

ImageHeader png_header(std::span<const std::byte> bytes, const std::string& where) {
  return PngReader(bytes, where).header();
}

GreyImage decode_png(std::span<const std::byte> bytes, const std::string& where, const DecodeLimits& limits) {
  return PngReader(bytes, where).image(limits);
}

}  // namespace detail
}  // namespace tagconf::imaging
