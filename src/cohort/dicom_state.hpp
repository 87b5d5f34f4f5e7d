// What a DicomFile holds: the data set as DCMTK read it, and what has been made of it so far.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "tagconf/cohort/dicom.hpp"

namespace tagconf::cohort {

enum class Coding {
  native,
  deflated,
  rle,
  jpeg,
  jpeg_lossy,
  jpeg_ls,
  jpeg_ls_lossy,
  jpeg_2000,
  jpeg_2000_lossy
};

[[nodiscard]] inline bool is_lossy(Coding coding) {
  return coding == Coding::jpeg_lossy || coding == Coding::jpeg_ls_lossy || coding == Coding::jpeg_2000_lossy;
}

struct DicomFile::State {
  DcmFileFormat file;
  std::unique_ptr<DcmDataset> inflated;
  std::vector<std::uint8_t> inflated_bytes;
  imaging::DecodeLimits limits;
  Coding coding = Coding::native;
  DicomIds ids;
  DicomAttributes attributes;
  DicomNotes notes;
  int allocated = 16;
  int high_bit = 15;             // as the header has it, wherever a decoder puts the values
  std::size_t stream_bytes = 0;  // of the fragments; known with the frame
  std::optional<DicomFrame> frame;

  [[nodiscard]] DcmDataset& data() { return inflated ? *inflated : *file.getDataset(); }
  void open(const std::filesystem::path& path, const MakeRoom& make_room);
  void open_deflated(const std::filesystem::path& path, const MakeRoom& make_room);
  [[nodiscard]] DcmPixelData& pixel_data();
  [[nodiscard]] DcmPixelSequence& fragments();
  void read_frame();
  [[nodiscard]] std::vector<std::uint16_t> native_cells();
  void check_jpeg();
  void decode_jpeg();
};

}  // namespace tagconf::cohort
