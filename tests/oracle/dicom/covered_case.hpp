// What must hold of the covered copy of a DICOM file, whatever the file is.
#pragma once

#include "dicom_case.hpp"

namespace tagconf::test {

// Covers boxes in the file where it can be read, and reads the copy: the same stored values and greys outside
// the boxes, one value inside, native pixels, no overlays, new UIDs. Reports through Catch; returns whether
// there was a copy.
bool check_covered_case(const DicomCase& one);

}  // namespace tagconf::test
