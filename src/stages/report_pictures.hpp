// The report's pictures: small JPEGs of images in every arm, of tag boxes and of Grad-CAM maps.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report_inputs.hpp"
#include "tagconf/tags/cover.hpp"

namespace tagconf::stages {

struct PictureSettings {
  tags::CoverOptions cover;
  std::uint64_t seed = 0;
  int gallery = 0;  // Grad-CAM maps at most
  std::function<bool()> stop_requested;
  std::function<void()> drawn;  // after every picture
};

inline constexpr int kPictureSide = 256;  // pixels, the longer side
inline constexpr int kMostPictures = 60;
inline constexpr int kExamples = 6;

// The same kExamples images through every arm. An image that cannot be read is left out.
[[nodiscard]] std::vector<report::ArmPictures> draw_arms(const ReportInputs& in,
                                                         const PictureSettings& settings);
// Images with found (and missed) tags outlined.
[[nodiscard]] std::vector<report::Picture> draw_tags(const ReportInputs& in, const PictureSettings& settings);
// Maps laid over the image that the model saw, by model.
[[nodiscard]] std::vector<report::ArmPictures> draw_cams(const ReportInputs& in,
                                                         const PictureSettings& settings);

}  // namespace tagconf::stages
