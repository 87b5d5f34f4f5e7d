#include "covered_case.hpp"

#include <optional>

#include "catch.hpp"
#include "dicom_elements.hpp"
#include "support.hpp"
#include "tagconf/arms/cover_cells.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/derived_dicom.hpp"

namespace tagconf::test {
namespace {

using namespace cohort;

struct Read {
  DicomIds ids;
  DicomAttributes attributes;
  DicomFrame frame;
  PixelCells cells;
};

std::optional<Read> read(const std::filesystem::path& path) {
  try {
    DicomFile file(path);
    return Read{file.ids(), file.attributes(), file.frame(), file.cells()};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<Rect> boxes_for(const std::string& name, int width, int height) {
  Rng rng(5, "covered_case:" + name, 0);
  const auto below = [&](int n) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(n))); };
  std::vector<Rect> boxes;
  for (int i = 0; i < 3; ++i) boxes.push_back({below(width), below(height), 1 + below(30), 1 + below(20)});
  return boxes;
}

void check_copy(const Read& before, const Read& after, const std::vector<Rect>& boxes,
                const arms::CellCover& cover) {
  CHECK(after.ids.study == before.ids.study);
  CHECK(after.ids.patient == before.ids.patient);
  CHECK(after.ids.instance != before.ids.instance);
  CHECK(after.ids.series != before.ids.series);
  CHECK(after.attributes.overlays.empty());
  CHECK(after.attributes.burned_in == before.attributes.burned_in);
  REQUIRE(after.frame.width == before.frame.width);
  REQUIRE(after.frame.height == before.frame.height);
  const auto mask = tags::box_mask(boxes, before.frame.width, before.frame.height);
  for (const int bits : {8, 16}) {
    const auto old = render_grey(before.cells, before.frame.layout, before.frame.scale, bits).image;
    const auto now = render_grey(after.cells, after.frame.layout, after.frame.scale, bits).image;
    std::size_t values = 0;
    std::size_t greys = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const int value = stored_value(after.cells.values[i], after.frame.layout);
      const int wanted =
          mask[i] != 0 ? cover.fill : stored_value(before.cells.values[i], before.frame.layout);
      values += value != wanted ? 1 : 0;
      greys += mask[i] == 0 && old.pixels[i] != now.pixels[i] ? 1 : 0;
    }
    CHECK(values == 0);
    CHECK(greys == 0);
  }
}

}  // namespace

bool check_covered_case(const DicomCase& one) {
  INFO(one.name);
  const auto before = read(one.path);
  if (!before) return false;
  const auto boxes = boxes_for(one.name, before->frame.width, before->frame.height);
  DicomFile file(one.path);
  PixelCells cells = file.cells();
  const auto cover =
      arms::cover_cells(cells, before->frame.layout, before->frame.scale, boxes, tags::Fill::black);
  const ScratchFolder scratch;
  write_bytes(scratch / "copy",
              derive_dicom(std::move(file), {std::move(cells), cover.window, "edition", "covered"}));
  const auto elements = dicom_elements(read_text(scratch / "copy"));
  CHECK(elements.at("00020010").value.starts_with("1.2.840.10008.1.2.1"));
  CHECK(elements.at("00020010").value.size() == 20);
  const auto after = read(scratch / "copy");
  REQUIRE(after.has_value());
  check_copy(*before, *after, boxes, cover);
  return true;
}

}  // namespace tagconf::test
