// A derived file, read again by the tests' own reader: what is new, what is gone, and that all else stays.
#include "catch.hpp"
#include "dicom_bytes.hpp"
#include "dicom_elements.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/derived_dicom.hpp"
#include "tagconf/imaging/codec.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::DicomBytes;
using test::DicomElements;

namespace {

std::string derived(
    const DicomBytes& bytes, std::optional<Window> window = {},
    const std::function<void(PixelCells&)>& change = [](PixelCells&) {}) {
  const test::ScratchFolder scratch;
  write_text(scratch / "film", bytes.file());
  DicomFile file(scratch / "film");
  PixelCells cells = file.cells();
  change(cells);
  const auto out = derive_dicom(std::move(file), {std::move(cells), window, "edition", "two boxes"});
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

DicomElements elements_of(const std::string& file) {
  return test::dicom_elements(file);
}

std::string value(const DicomElements& elements, const std::string& path) {
  const auto found = elements.find(path);
  return found == elements.end() ? "absent" : found->second.value;
}

// As a UID and a text are stored.
std::string even(std::string text, char pad) {
  if (text.size() % 2 != 0) text += pad;
  return text;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("UIDs are 2.25 and the digest as a number") {
  // int(sha256(b"a\nb").hexdigest()[:32], 16) with version and variant set, by Python.
  CHECK(derived_uid("a", "b") == "2.25.167612356721423352037003950050212670211");
  CHECK(derived_uid("a", "b") != derived_uid("a", "c"));
  CHECK(derived_uid("a", "b") != derived_uid("b", "b"));
  CHECK(derived_uid("edition", "1.2.3").size() <= 64);
}

TEST_CASE("decimal strings take 16 characters at the most") {
  CHECK(decimal_string(2048.5) == "2048.5");
  CHECK(decimal_string(-1) == "-1");
  CHECK(decimal_string(1.0 / 3) == "0.33333333333333");
  CHECK(decimal_string(-1e-200 / 3) == "-3.33333333e-201");
  for (const double x : {32767.49999934321, -12345.678901234567, 1e22 / 7, 0.1 + 0.2})
    CHECK(decimal_string(x).size() <= 16);
}

TEST_CASE("new are the pixels, UIDs and what tells of the derivation; all else stays") {
  DicomBytes source;
  source.text(0x00080005, "CS", "ISO_IR 100")
      .text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AP")
      .text(0x00080012, "DA", "20200101")
      .text(0x00080013, "TM", "101010")
      .text(0x00081030, "LO", "Hand \xFC")
      .text(0x00082111, "ST", "cropped")
      .text(0x00090010, "LO", "MAKER")
      .text(0x00091001, "LO", "private text")
      .text(0x00100010, "PN", "Muster^Eva")
      .text(0x00280301, "CS", "YES")
      .text(0x00281050, "DS", "600\\700")
      .text(0x00281051, "DS", "1000\\900")
      .sequence(0x00081140, [](DicomBytes& item) { item.text(0x00081155, "UI", "1.2.3.99"); });
  const auto before = elements_of(source.file());
  const std::string file = derived(source, {}, [](PixelCells& cells) { cells.values[5] = 7; });
  const auto after = elements_of(file);

  const std::string instance = even(derived_uid("edition", "instance\n1.2.3.1"), '\0');
  CHECK(value(after, "00080018") == instance);
  CHECK(value(after, "00020003") == instance);
  CHECK(value(after, "00020002") == value(before, "00080016"));
  CHECK(value(after, "00020010") == even("1.2.840.10008.1.2.1", '\0'));
  CHECK(value(after, "0020000E") == even(derived_uid("edition", "series\n1.2.3.4\n1.2.3.5"), '\0'));
  CHECK(value(after, "00080008") == "DERIVED\\PRIMARY\\AP");
  CHECK(value(after, "00082111") == "cropped; two boxes");
  CHECK(value(after, "00082112.0.00081150") == value(before, "00080016"));
  CHECK(value(after, "00082112.0.00081155") == value(before, "00080018"));
  CHECK(value(after, "00082112.0.0040A170.0.00080100") == "121322");
  CHECK(value(after, "00089215.0.00080100") == "113047");
  CHECK(value(after, "00080012") == "absent");
  CHECK(value(after, "00080013") == "absent");
  std::string pixels = value(before, "7FE00010");
  pixels[10] = 7;
  pixels[11] = 0;
  CHECK(value(after, "7FE00010") == pixels);
  CHECK(after.at("7FE00010").vr == "OW");

  const std::string kNew = "00080008 00080012 00080013 00080018 0020000E 00082111 7FE00010";
  for (const auto& [path, element] : before) {
    if (path.starts_with("0002") || holds(kNew, path)) continue;
    INFO(path);
    CHECK(after.contains(path));
    if (after.contains(path)) CHECK(after.at(path) == element);
  }
  CHECK(file.substr(0, 128) == std::string(128, '\0'));
}

TEST_CASE("whatever may hold the pixels or letters over them is gone, at any depth") {
  const std::string secret = "BURNED-IN COPY";
  DicomBytes source;
  source.text(0x00091001, "OB", secret)
      .text(0x00091002, "UN", secret)
      .text(0x00091003, "LT", std::string(5000, 'x') + secret)
      .sequence(0x00091004, [&](DicomBytes& item) { item.text(0x00080070, "LO", secret); })
      .text(0x00091005, "DS", "1.5")
      .text(0x00181405, "UN", "17")  // a public element, badly written: RelativeXRayExposure
      .text(0x00181407, "UN", std::string(5000, ' ') + secret)
      .text(0x0028FF00, "OB", secret)  // of no standard
      .text(0x50003000, "OW", secret)
      .word(0x60000010, 3)
      .text(0x60003000, "OW", secret)
      .text(0x60020022, "LO", secret)
      .text(0x7FE00009, "OD", secret)
      .text(0xFFFCFFFC, "OB", secret)
      .sequence(0x00880200, [&](DicomBytes& item) { item.text(0x7FE00010, "OB", secret); })
      .sequence(0x00603000, [&](DicomBytes& item) { item.text(0x00603020, "UL", "hist"); })
      .sequence(0x00081140, [&](DicomBytes& item) {
        item.text(0x00081155, "UI", "1.2.3.99")
            .text(0x000B1001, "OW", secret)
            .text(0x7FE00010, "OW", secret)
            .sequence(0x00880200, [&](DicomBytes& icon) { icon.text(0x7FE00010, "OB", secret); });
      });
  const std::string file = derived(source);
  CHECK_FALSE(holds(file, secret));
  const auto after = elements_of(file);
  for (const auto& [path, element] : after) {
    INFO(path);
    CHECK_FALSE(path.starts_with("60"));
    CHECK_FALSE(holds(path, "00880200"));
  }
  CHECK(value(after, "00091005") == "1.5 ");
  CHECK(value(after, "00181405") == "17");
  CHECK(value(after, "00081140.0.00081155") == even("1.2.3.99", '\0'));
  CHECK(value(after, "00603000") == "absent");
}

TEST_CASE("a window takes the place of the file's; stated extremes follow the pixels") {
  DicomBytes source;
  source.text(0x00281050, "DS", "5")
      .text(0x00281051, "DS", "0")
      .text(0x00281055, "LO", "of no use")
      .text(0x00281056, "CS", "SIGMOID")
      .word(0x00280106, 0)
      .word(0x00280107, 1100)
      .word(0x00280109, 4000);
  const auto after =
      elements_of(derived(source, Window{550.5, 1101}, [](PixelCells& cells) { cells.values[11] = 3; }));
  CHECK(value(after, "00281050") == "550.5 ");
  CHECK(value(after, "00281051") == "1101");
  CHECK(value(after, "00281055") == "absent");
  CHECK(value(after, "00281056") == "absent");
  CHECK(value(after, "00280106") == std::string("\0\0", 2));
  CHECK(value(after, "00280107") == "\xE8\x03");
  CHECK(value(after, "00280109") == "absent");
  const auto negative = elements_of(derived(DicomBytes().word(0x00280103, 1).words(0x00280106, "SS", {0}), {},
                                            [](PixelCells& cells) { cells.values[2] = 0xFFFE; }));
  CHECK(value(negative, "00280106") == "\xFE\xFF");
  CHECK(negative.at("00280106").vr == "SS");
}

TEST_CASE("8-bit pixels stay bytes, in an even number of them") {
  DicomBytes source;
  source.word(0x00280100, 8)
      .word(0x00280101, 8)
      .word(0x00280102, 7)
      .word(0x00280011, 3)
      .text(0x7FE00010, "OB", "abcdefghi");
  const auto after = elements_of(derived(source));
  CHECK(after.at("7FE00010").vr == "OB");
  CHECK(value(after, "7FE00010") == std::string("abcdefghi\0", 10));
}

TEST_CASE("pixels of a lossy stream are written native, and the loss is told") {
  imaging::GreyImage image(4, 3, 8);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint16_t>(20 * i);
  const auto jpeg = imaging::encode_jpeg(image, 90);
  const std::string stream(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
  DicomBytes source;
  source.word(0x00280100, 8).word(0x00280101, 8).word(0x00280102, 7);
  source.fragments("1.2.840.10008.1.2.4.50", {even(stream, '\0')});

  const test::ScratchFolder scratch;
  write_text(scratch / "film", source.file());
  const auto decoded = DicomFile(scratch / "film").cells().values;
  const auto after = elements_of(derived(source));
  CHECK(value(after, "00020010") == even("1.2.840.10008.1.2.1", '\0'));
  CHECK(value(after, "7FE00010") == std::string(decoded.begin(), decoded.end()));
  CHECK(value(after, "00282110") == "01");
  CHECK(value(after, "00282114") == "ISO_10918_1 ");
  CHECK(std::stod(value(after, "00282112")) <= 0.1);  // the headers of so small a stream weigh more
  source.text(0x00282110, "CS", "01").text(0x00282112, "DS", "7.5");
  const auto told = elements_of(derived(source));
  CHECK(value(told, "00282112") == "7.5 ");
  CHECK(value(told, "00282114") == "absent");
  // Nothing is said of a stream that loses nothing.
  CHECK(value(elements_of(derived(DicomBytes())), "00282110") == "absent");
}

TEST_CASE("without a SOP class or instance nothing can be derived") {
  const auto reason = [](const DicomBytes& bytes) {
    try {
      (void)derived(bytes);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
      return error.message();
    }
    return std::string();
  };
  CHECK(reason(DicomBytes().drop(0x00080016)) == "has no SOPClassUID");
  CHECK(reason(DicomBytes().drop(0x00080018)) == "has no SOPInstanceUID");
}
