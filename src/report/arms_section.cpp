#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {
constexpr const char* kTitle = "Arms";
}

Section arms_section(const std::optional<ArmFacts>& facts) {
  if (!facts) {
    return empty_section("arms", kTitle,
                         "Not given: a manifest and tag boxes fill this section (--manifest, --tags).");
  }
  if (facts->pixels_left_out) {
    return {"arms", kTitle, note("Pictures are left out of this copy: it was written to be passed on.")};
  }
  Html body = paragraph(
      "The same images through every arm, at equal grey scale: no picture is stretched by its own "
      "brightest point. Covered equals the original outside the boxes; tags only is black outside them.");
  for (const auto& arm : facts->arms) {
    body += heading(arm_title(arm.arm));
    body += gallery(arm.pictures, 6);
  }
  body += note(
      "Chosen by rule, not by eye: balanced by label, images with tags first, one per patient, then by the "
      "seed. "
      "p: the probability of \u201cabnormal\u201d that the model of that arm gives.");
  return {"arms", kTitle, body};
}

}  // namespace tagconf::report
