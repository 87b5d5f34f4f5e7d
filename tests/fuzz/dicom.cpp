// DICOM files: every pixel is there, and neither a refusal nor an attribute holds text that the file may have
// smuggled in.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.hpp"
#include "tagconf/cohort/dicom.hpp"

namespace tagconf::fuzz {
namespace {

using cohort::DicomFile;

// The reader wants a path: a file in memory has one, too.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::byte> bytes) : descriptor_(::memfd_create("film", MFD_CLOEXEC)) {
    check(descriptor_ >= 0, "the system has files in memory");
    const auto size = static_cast<ssize_t>(bytes.size());
    check(::write(descriptor_, bytes.data(), bytes.size()) == size, "a file in memory takes all bytes");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void check_attributes(const DicomFile& file) {
  const auto& a = file.attributes();
  for (const auto* text : {&a.modality, &a.body_part, &a.view, &a.laterality, &a.burned_in, &a.overlays,
                           &a.pixel_aspect, &a.intent, &a.manufacturer, &a.model}) {
    check(is_printable(*text) && text->size() <= 100, "an attribute is a short plain word");
  }
  for (const auto* uid : {&file.ids().study, &file.ids().series, &file.ids().instance}) {
    check(uid->find_first_not_of("0123456789.") == std::string::npos, "a UID has digits and dots only");
  }
}

void read_whole(const std::string& path) {
  constexpr imaging::DecodeLimits kLimits{1 << 18};
  DicomFile file(path, kLimits);
  check_attributes(file);
  if (!file.has_image()) return;
  const cohort::DicomFrame frame = file.frame();
  check(frame.width > 0 && frame.height > 0, "an image has pixels");
  const auto pixels = std::int64_t{frame.width} * frame.height;
  check(pixels <= kLimits.max_pixels, "the limit of pixels holds");
  const auto cells = file.cells();
  check(static_cast<std::int64_t>(cells.values.size()) == pixels, "every pixel has a cell");
  for (const int bits : {8, 16}) {
    const auto rendered = cohort::render_grey(cells, frame.layout, frame.scale, bits);
    const auto full = static_cast<std::uint16_t>(rendered.image.full_scale());
    check(std::ranges::all_of(rendered.image.pixels, [full](std::uint16_t v) { return v <= full; }),
          "greys stay inside their scale");
  }
}

void try_file(std::span<const std::byte> bytes) {
  const MemoryFile file(bytes);
  try {
    read_whole(file.path());
  } catch (const Error& error) {
    check(error.code() == ErrorCode::input, "a refusal has the code that it owes");
    check(is_printable(error.message()) && error.message().size() <= 200, "a reason is one plain line");
    check(error.message().find("/proc/") == std::string::npos, "a reason names no path");
  }
}

}  // namespace
}  // namespace tagconf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tagconf::fuzz::try_file(tagconf::fuzz::bytes_of(data, size));
  return 0;
}
