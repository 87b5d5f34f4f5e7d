// One covered copy of a DICOM file: the pixels are those given, native in explicit little endian, and the
// data set says that they are derived from another instance.
//
// Gone are all places that may hold the old pixels or their letters once more: overlays and curves (groups
// 60xx and 50xx), icons, pixel data inside sequences, and private elements that are binary, a sequence, of
// unknown representation or longer than 4 KiB, at any depth; of public elements those of unknown
// representation that the dictionary does not show to be plain. So are signatures, histogram and trailing
// padding, which belong to the old pixels, and the creation time of the old instance. All else stays: the
// patient's data, too.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/cohort/dicom.hpp"

namespace tagconf::cohort {

struct Derivation {
  PixelCells cells;              // of the file's size, in the layout of its frame
  std::optional<Window> window;  // takes the place of the file's windows
  std::string edition;           // tells one way of covering a cohort from another; part of the new UIDs
  std::string description;       // what was done; goes behind an earlier DerivationDescription
};

// The bytes of the new file. Instance and series get new UIDs, the same for the same edition; the study keeps
// its own. ImageType becomes DERIVED, SourceImageSequence names the old instance, LossyImageCompression stays
// or becomes 01 where the pixels came from a lossy stream, BurnedInAnnotation stays as it is: whether the
// boxes hid all of it nobody knows. Error input when the file has no SOP class or instance UID, or an element
// of it cannot be read.
[[nodiscard]] std::vector<std::byte> derive_dicom(DicomFile file, const Derivation& derivation);

// 2.25 and 122 bits of a digest of both, as PS3.5 B.2 has it for UUIDs.
[[nodiscard]] std::string derived_uid(const std::string& edition, const std::string& uid);

// The nearest number of at most 16 characters (VR DS).
[[nodiscard]] std::string decimal_string(double value);

}  // namespace tagconf::cohort
