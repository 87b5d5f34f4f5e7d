// What mask does with --dicom: the boxes covered in copies of the DICOM files that the images were made of.
#pragma once

#include "tagconf/stage/stage.hpp"
#include "tagconf/tags/cover.hpp"

namespace tagconf::stages {

// Reads the ports images, tags, dicom (the folder that was ingested) and source_map (which ingest wrote:
// image_id,source,file); writes dicom (folder of <image_id>.dcm), record
// (image_id,boxes,pixels,area_fraction,fill,window: the stored value painted; `written` where a window had to
// be added) and skipped. A file is skipped when it cannot be read, when its picture is not the one that the
// boxes were found on, or when that picture cannot be read and so has no row in the tag table. Outputs and
// messages name images by their ids and files as the map numbers them, never by their paths. The folder is
// made under a temporary name and renamed at the end.
//
// Error input: an image without a row in the tag table or the source map, a box outside its image, a path
// that leaves the DICOM folder, an output folder inside that one or with files that no earlier call made, too
// many skipped files; error config: another fill than black and white.
[[nodiscard]] stage::Summary mask_dicom(const tags::CoverOptions& cover, int threads,
                                        const stage::StageIo& io, const stage::Context& context);

}  // namespace tagconf::stages
