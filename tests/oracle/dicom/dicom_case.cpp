#include "dicom_case.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>

#include "catch.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/dicom.hpp"

namespace tagconf::test {
namespace fs = std::filesystem;
namespace {

struct Decoded {
  cohort::DicomAttributes attributes;
  cohort::DicomIds ids;
  cohort::DicomNotes notes;
  cohort::DicomFrame frame;
  cohort::PixelCells cells;
  cohort::Rendered rendered;
};

// The reason when it is refused.
std::string decode(const fs::path& path, std::optional<Decoded>& out) {
  try {
    cohort::DicomFile file(path);
    Decoded one{file.attributes(), file.ids(), {}, file.frame(), {}, {}};
    one.cells = file.cells();
    one.notes = file.notes();
    one.rendered = cohort::render_grey(one.cells, one.frame.layout, one.frame.scale, 8);
    out = std::move(one);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    return error.message();
  }
  return "";
}

std::string digest_of(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string stored_digest(const cohort::PixelCells& cells, const cohort::CellLayout& layout) {
  std::vector<std::int32_t> values;
  for (const auto cell : cells.values) values.push_back(cohort::stored_value(cell, layout));
  return digest_of(std::as_bytes(std::span(values)));
}

std::string grey_digest(const imaging::GreyImage& image) {
  std::vector<std::uint8_t> bytes;
  for (const auto pixel : image.pixels) bytes.push_back(static_cast<std::uint8_t>(pixel));
  return digest_of(std::as_bytes(std::span(bytes)));
}

// The words of `scaling` for those of the table.
std::string scaling_of(const std::string& voi) {
  static const std::map<std::string, std::string> kWords{{"minmax", "min_max"},
                                                         {"minmax (window invalid)", "min_max"},
                                                         {"voi lut", "voi_lut"},
                                                         {"window LINEAR", "window"},
                                                         {"window SIGMOID", "window_sigmoid"},
                                                         {"window LINEAR_EXACT", "window_linear_exact"}};
  return kWords.at(voi);
}

void check_attributes(const DicomCase& one, const Decoded& decoded) {
  const Json& tags = one.expected.at("tags");
  const auto text = [&](const char* key) {
    return tags.contains(key) && tags.at(key).is_string() ? tags.at(key).get<std::string>() : "";
  };
  const auto& a = decoded.attributes;
  CHECK(a.modality == text("Modality"));
  CHECK(a.body_part == text("BodyPartExamined"));
  CHECK(a.view == text("ViewPosition"));
  CHECK(a.series_laterality == text("Laterality"));
  CHECK(a.image_laterality == text("ImageLaterality"));
  CHECK(a.laterality == (text("ImageLaterality").empty() ? text("Laterality") : text("ImageLaterality")));
  CHECK(a.burned_in == text("BurnedInAnnotation"));
  CHECK(decoded.ids.study == text("StudyInstanceUID"));
  CHECK(decoded.ids.series == text("SeriesInstanceUID"));
  CHECK(decoded.ids.instance == text("SOPInstanceUID"));
  CHECK(decoded.ids.patient == text("PatientID"));
  CHECK(a.overlays.empty() == !one.expected.contains("overlays"));
  CHECK(a.pixel_aspect == (tags.contains("PixelAspectRatio") ? "1:2" : ""));
}

// A lossy decoder overshoots white at 8 pixels of this file. The table has them masked to black; here they
// are cut to white, and nothing else may differ.
void check_overshoot(const DicomCase& one, Decoded decoded) {
  const auto cut = decoded.rendered.image;
  decoded.frame.layout.overshoots = false;
  CHECK(stored_digest(decoded.cells, decoded.frame.layout) == one.expected.at("stored").at("sha256_int32le"));
  const auto masked = cohort::render_grey(decoded.cells, decoded.frame.layout, decoded.frame.scale, 8).image;
  CHECK(grey_digest(masked) == one.expected.at("u8").at("sha256"));
  int different = 0;
  for (std::size_t i = 0; i < cut.pixels.size(); ++i) different += cut.pixels[i] != masked.pixels[i] ? 1 : 0;
  CHECK(different == 8);
}

// The table's values are those of another decoder of lossy JPEG: two stored values off at the most.
void check_close(const DicomCase& one, const Decoded& decoded) {
  const Json& stored = one.expected.at("stored");
  int low = 65535;
  int high = 0;
  double sum = 0;
  for (const auto cell : decoded.cells.values) {
    const int value = cohort::stored_value(cell, decoded.frame.layout);
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  CHECK(std::abs(low - stored.at("min").get<int>()) <= 2);
  CHECK(std::abs(high - stored.at("max").get<int>()) <= 2);
  CHECK(std::abs(sum / static_cast<double>(decoded.cells.values.size()) - stored.at("mean").get<double>()) <
        2);
}

void check_decoded(const DicomCase& one, const Decoded& decoded) {
  CHECK(decoded.cells.height == one.expected.at("Rows"));
  CHECK(decoded.cells.width == one.expected.at("Columns"));
  CHECK(decoded.rendered.scaling == scaling_of(one.expected.at("voi")));
  check_attributes(one, decoded);
  if (one.name == "RG3_JPLY.dcm") {
    check_overshoot(one, decoded);
    return;
  }
  if (one.name == "pydicom_JPGExtended.dcm") {
    check_close(one, decoded);
    return;
  }
  CHECK(stored_digest(decoded.cells, decoded.frame.layout) == one.expected.at("stored").at("sha256_int32le"));
  CHECK(grey_digest(decoded.rendered.image) == one.expected.at("u8").at("sha256"));
}

}  // namespace

std::vector<DicomCase> dicom_cases(const fs::path& table, const fs::path& folder) {
  std::vector<DicomCase> out;
  const Json expected = Json::parse(read_text(table));
  for (const auto& entry : expected.at("files")) {
    const auto name = entry.at("file").get<std::string>();
    out.push_back({name, folder / name, entry});
  }
  return out;
}

void check_dicom_case(const DicomCase& one) {
  INFO(one.name);
  std::optional<Decoded> decoded;
  const std::string reason = decode(one.path, decoded);
  INFO("reason: " << reason);
  if (one.expect() == "refuse") {
    CHECK_FALSE(decoded.has_value());
    CHECK_FALSE(reason.empty());
    const std::string syntax = one.expected.value("transfer_syntax", "");
    if (one.name.find("syntax") != std::string::npos && one.name.find("rle") == std::string::npos)
      CHECK(reason.find(syntax) != std::string::npos);
    return;
  }
  // What may be refused is decoded, too, and then to the values of the table.
  CHECK(decoded.has_value());
  if (decoded) check_decoded(one, *decoded);
}

}  // namespace tagconf::test
