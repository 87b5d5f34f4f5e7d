// One DICOM file: what it says of itself, and its pixel cells. DCMTK reads the data set and JPEG frames;
// sizes, depths and lengths are checked here first, because DCMTK makes up missing pixels and calls it
// success.
//
// Every refusal is error input whose message is the reason alone: no path, and no text out of the file but
// UIDs and code strings, since anything else may name a patient.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tagconf/cohort/grey_scale.hpp"
#include "tagconf/imaging/codec.hpp"

namespace tagconf::cohort {

// As they stand in the file, without outer blanks, in UTF-8 whatever character set the file has (what is no
// text in it as %E4); empty = absent. They identify: for joins and keyed hashes.
struct DicomIds {
  std::string patient;    // (0010,0020)
  std::string study;      // (0020,000D)
  std::string series;     // (0020,000E)
  std::string instance;   // (0008,0018)
  std::string accession;  // (0008,0050)
};

// What identifies nobody, in upper case. A code that is none (other characters, over 16 of them) reads as
// empty: it may be anything.
struct DicomAttributes {
  std::string modality;
  std::string body_part;
  std::string view;
  std::string laterality;         // of the image where it says so, else of the series
  std::string image_laterality;   // (0020,0062)
  std::string series_laterality;  // (0020,0060)
  std::string burned_in;          // YES, NO
  std::string overlays;           // groups, "6000 6002"; never drawn
  std::string pixel_aspect;       // "1:2" where pixels are not square; never stretched
  std::string intent;             // FOR PRESENTATION, FOR PROCESSING
  std::string manufacturer;
  std::string model;
};

// What was odd and how it was read: laterality_conflict (the image's counts), shape_ignored (its
// PresentationLUTShape contradicts the photometric interpretation, which counts), extra_bytes (behind the
// pixels), frames_0, window_ignored (render_grey's).
using DicomNotes = std::vector<std::string>;

struct DicomFrame {
  int width = 0;
  int height = 0;
  CellLayout layout;
  GreyScale scale;
};

struct Derivation;

// Waits until there is memory for that many bytes.
using MakeRoom = std::function<void(std::int64_t bytes)>;

class DicomFile {
 public:
  // Reads all but the pixels. Refused: no DICOM file, cut short, no or another transfer syntax (the message
  // names its UID). Error environment when DCMTK's data dictionary is not installed. A deflated data set is
  // inflated whole, pixels and all: `make_room` is told its size before that, and not called for other files.
  explicit DicomFile(const std::filesystem::path& path, imaging::DecodeLimits limits = kLimits,
                     const MakeRoom& make_room = {});
  ~DicomFile();
  DicomFile(DicomFile&&) noexcept;
  DicomFile& operator=(DicomFile&&) noexcept;

  [[nodiscard]] const DicomIds& ids() const;
  [[nodiscard]] const DicomAttributes& attributes() const;
  [[nodiscard]] const DicomNotes& notes() const;
  // False of reports, presentation states and the like: neither rows nor pixels.
  [[nodiscard]] bool has_image() const;
  [[nodiscard]] std::string sop_class() const;
  // Refused, before memory is taken for pixels: colour, several frames (declared, in an offset table, or by
  // the length of the pixel data), a size or depth that is none, over the limit, or larger than the pixel
  // data can hold; lookup tables shorter than they say, numbers that are none.
  [[nodiscard]] const DicomFrame& frame();
  // Reads and decodes the pixel data. Refused: a stream of another size than the header's, damaged, cut
  // short, followed by another.
  [[nodiscard]] PixelCells cells();

  // A film of 35 cm x 43 cm digitised at 40 micrometres has 94 million pixels.
  static constexpr imaging::DecodeLimits kLimits{120'000'000};

 private:
  friend std::vector<std::byte> derive_dicom(DicomFile file, const Derivation& derivation);
  struct State;
  std::unique_ptr<State> state_;
};

// Does the content begin like a DICOM file (128 bytes, then DICM)?
[[nodiscard]] bool is_dicom(const std::filesystem::path& path);

}  // namespace tagconf::cohort
