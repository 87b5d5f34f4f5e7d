// Places of a data set that may hold its pixels, or letters that were drawn over them, once more.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

namespace tagconf::cohort {

// Removes them at any depth, the pixel data itself among them; derived_dicom.hpp lists them.
void remove_pixel_copies(DcmItem& item);

}  // namespace tagconf::cohort
