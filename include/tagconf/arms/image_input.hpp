// What a command that works on images is given: a manifest, a folder of images, or single files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "tagconf/base/memory_budget.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::arms {

// A .csv is read as a manifest; so is a folder's manifest.csv where it has one, else the folder is walked
// (sorted; PNG and JPEG by content; image_id = path below it without extension); an image file is a cohort of
// one. Header fields are read when the manifest lacks them; they stay 0 where the image cannot be read.
// Error input: nothing there, no image in it, or neither.
[[nodiscard]] cohort::Manifest open_images(const std::filesystem::path& input);

// Decodes every image in parallel and hands it to `work(row index, image)`, which must write only to its own
// place. At most one picture a thread is in memory, and as many as fit `memory`, 16 bytes a pixel. A picture
// that cannot be read is returned as skipped, in manifest order. `progress(done)` is called from the working
// threads; `stop()` true ends the loop with error incomplete.
[[nodiscard]] std::vector<cohort::Skipped> for_each_image(
    const cohort::Manifest& manifest, int threads,
    const std::function<void(std::size_t, const imaging::GreyImage&)>& work,
    const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop);
// The same, with the bytes of the file that the picture was decoded from.
[[nodiscard]] std::vector<cohort::Skipped> for_each_file(
    const cohort::Manifest& manifest, int threads,
    const std::function<void(std::size_t, const imaging::GreyImage&, std::span<const std::byte>)>& work,
    const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop,
    std::int64_t memory = kPixelMemory);

}  // namespace tagconf::arms
