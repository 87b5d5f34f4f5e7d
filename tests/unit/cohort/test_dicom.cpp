// One DICOM file: what is read, and what is refused with which reason.
#include "catch.hpp"
#include "cost.hpp"
#include "deflated.hpp"
#include "dicom_bytes.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/dicom.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::deflated;
using test::DicomBytes;
using test::kDeflated;

namespace {

class OnDisk {
 public:
  explicit OnDisk(const std::string& bytes) { write_text(path(), bytes); }
  explicit OnDisk(const DicomBytes& bytes) : OnDisk(bytes.file()) {}
  [[nodiscard]] std::filesystem::path path() const { return scratch_ / "film"; }

 private:
  test::ScratchFolder scratch_;
};

// The reason, or "" when it is read.
template <class Bytes>
std::string refusal(const Bytes& bytes, imaging::DecodeLimits limits = DicomFile::kLimits) {
  const OnDisk disk(bytes);
  try {
    DicomFile file(disk.path(), limits);
    (void)file.cells();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message().find("film") == std::string::npos);
    return error.message();
  }
  return "";
}

bool says(const std::string& message, const std::string& part) {
  INFO(message);
  return message.find(part) != std::string::npos;
}

// The JPEG or JPEG-LS stream of a shipped file.
std::string stream_of(const std::string& name) {
  const std::string bytes = read_text(test::source_folder() / "tests/oracle/data/dicom" / name);
  const auto begin = bytes.find("\xFF\xD8\xFF");
  return bytes.substr(begin, bytes.rfind("\xFF\xD9") + 2 - begin);
}

DicomBytes compressed(const std::string& syntax, const std::string& stream) {
  DicomBytes out;
  out.word(0x00280010, 120).word(0x00280011, 96).word(0x00280101, 10).word(0x00280102, 9);
  out.fragments(syntax, {stream + std::string(stream.size() % 2, '\0')});
  return out;
}

// A plain file with items in items, `depth` of them, before its patient id; the innermost holds nothing.
std::string nested(std::size_t depth, const std::string& syntax = "1.2.840.10008.1.2.1") {
  constexpr std::size_t kLevel = 20;  // (0008,1140) SQ and the beginning of an item, both of undefined length
  const std::string level("\x08\x00\x40\x11SQ\x00\x00\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF",
                          kLevel);
  std::string items;
  for (std::size_t i = 0; i < depth; ++i) items += level;
  for (std::size_t i = 0; i < depth; ++i)
    items += std::string("\xFE\xFF\x0D\xE0\x00\x00\x00\x00\xFE\xFF\xDD\xE0\x00\x00\x00\x00", 16);
  std::string file = DicomBytes().syntax(syntax).file();
  return file.insert(file.find(std::string("\x10\x00\x20\x00LO", 6)), items);
}

constexpr const char* kLossless = "1.2.840.10008.1.2.4.70";
constexpr const char* kJpegLs = "1.2.840.10008.1.2.4.80";

}  // namespace

TEST_CASE("a plain file is read: cells, layout, ids, attributes") {
  const OnDisk disk(DicomBytes()
                        .text(0x00080050, "SH", " ACC1 ")
                        .text(0x00180015, "CS", "hand")
                        .text(0x00185101, "CS", "not a code: Eva")
                        .text(0x00080070, "LO", "Maker 3"));
  CHECK(is_dicom(disk.path()));
  DicomFile file(disk.path());
  CHECK(file.has_image());
  CHECK(file.ids().patient == "P1");
  CHECK(file.ids().accession == "ACC1");
  CHECK(file.ids().instance == "1.2.3.1");
  CHECK(file.attributes().body_part == "HAND");
  CHECK(file.attributes().view.empty());
  CHECK(file.attributes().manufacturer == "Maker 3");
  CHECK(file.frame().width == 4);
  CHECK(file.frame().height == 3);
  CHECK(file.frame().layout.stored == 12);
  CHECK(file.cells().values[11] == 1100);
  CHECK(file.notes().empty());
}

TEST_CASE("ids are UTF-8, whatever character set the file has") {
  const auto id_of = [](const std::string& set, const std::string& id) {
    DicomBytes bytes;
    if (!set.empty()) bytes.text(0x00080005, "CS", set);
    const OnDisk disk(bytes.text(0x00100020, "LO", id).text(0x00080050, "SH", id));
    const DicomFile file(disk.path());
    CHECK(file.ids().accession == file.ids().patient);
    return file.ids().patient;
  };
  CHECK(id_of("ISO_IR 100", "M\xFCller 7") == "Müller 7");
  CHECK(id_of("ISO_IR 192", "Müller 7") == "Müller 7");
  CHECK(id_of("ISO_IR 144", "\xB8\xD2\xD0\xDD") == "Иван");
  CHECK(id_of("ISO 2022 IR 6\\ISO 2022 IR 100", "\x1B-AM\xFCller 7") == "Müller 7");
  CHECK(id_of("\\ISO 2022 IR 149", "\x1B$)C\xB1\xE8") == "김");
  CHECK(id_of("ISO_IR 100", "P-7") == "P-7");
  // No set, none that is known, and what is no text in it.
  CHECK(id_of("", "M\xFCller") == "M%FCller");
  CHECK(id_of("", "Müller") == "Müller");
  CHECK(id_of("MINE", "M\xFCller") == "M%FCller");
  CHECK(id_of("ISO_IR 192", "M\xFCller") == "M%FCller");
  CHECK(id_of("", "a\x1B\x07z") == "a%1B%07z");
}

TEST_CASE("sizes, depths and frames that are none are refused") {
  CHECK(says(refusal(DicomBytes().drop(0x00280010)), "Rows is missing"));
  CHECK(says(refusal(DicomBytes().word(0x00280011, 0)), "Columns is 0"));
  CHECK(says(refusal(DicomBytes().word(0x00280010, 4)), "24 bytes of 32"));
  CHECK(says(refusal(DicomBytes().word(0x00280010, 65535).word(0x00280011, 65535)), "over the limit"));
  CHECK(says(refusal(DicomBytes(), {11}), "over the limit of 11"));
  CHECK(says(refusal(DicomBytes().word(0x00280100, 12)), "BitsAllocated 12"));
  CHECK(says(refusal(DicomBytes().word(0x00280101, 17)), "contradict"));
  CHECK(says(refusal(DicomBytes().word(0x00280102, 10)), "contradict"));
  CHECK(says(refusal(DicomBytes().word(0x00280103, 2)), "PixelRepresentation 2"));
  CHECK(says(refusal(DicomBytes().text(0x00280008, "IS", "2")), "several frames (2)"));
  CHECK(says(refusal(DicomBytes().text(0x00280008, "IS", "-1")), "several frames"));
  CHECK(says(refusal(DicomBytes().word(0x00280002, 3).text(0x00280004, "CS", "RGB")), "colour (RGB)"));
  CHECK(says(refusal(DicomBytes().text(0x00280004, "CS", "MONOCHROME3")), "MONOCHROME3 is unknown"));
  CHECK(says(refusal(DicomBytes().drop(0x7FE00010)), "no pixel data"));
  CHECK(says(refusal(DicomBytes().words(0x7FE00010, "OW", {})), "pixel data is empty"));
}

TEST_CASE("transfer syntaxes that are not read are named") {
  CHECK(says(refusal(DicomBytes().syntax("1.2.840.10008.1.2.4.201")), "1.2.840.10008.1.2.4.201"));
  CHECK(says(refusal(DicomBytes().syntax("1.2.3.4")), "1.2.3.4 is not supported"));
  CHECK(says(refusal(DicomBytes().syntax("")), "names no transfer syntax"));
  CHECK_FALSE(refusal(DicomBytes().syntax("1.2.840.10008.1.2.5")).empty());  // over native pixels
}

TEST_CASE("no DICOM file, an empty one, one cut anywhere") {
  CHECK(says(refusal(std::string()), "is empty"));
  CHECK(says(refusal(std::string(400, 'x')), "no DICOM file"));
  const std::string whole = DicomBytes().file();
  CHECK(refusal(whole).empty());
  for (std::size_t size = 1; size < whole.size(); size += 3) {
    INFO(size);
    CHECK_FALSE(refusal(whole.substr(0, size)).empty());
  }
}

TEST_CASE("numbers and tables that are none are refused") {
  CHECK(says(refusal(DicomBytes().text(0x00281050, "DS", "x").text(0x00281051, "DS", "1")), "WindowCenter"));
  CHECK(says(refusal(DicomBytes().text(0x00281050, "DS", "1").text(0x00281051, "DS", "nan")), "WindowWidth"));
  CHECK(says(refusal(DicomBytes().text(0x00281053, "DS", "0")), "RescaleSlope is 0"));
  CHECK(says(refusal(DicomBytes().text(0x00281053, "DS", "1e305")), "too large"));
  CHECK(says(refusal(DicomBytes().text(0x00281052, "DS", "-1e308")), "too large"));
  CHECK(says(refusal(DicomBytes().text(0x00281056, "CS", "CUBIC")), "CUBIC"));
  const auto table = [](std::vector<std::uint16_t> descriptor, std::vector<std::uint16_t> data) {
    DicomBytes bytes;
    bytes.sequence(0x00283010, [&](DicomBytes& item) {
      item.words(0x00283002, "US", descriptor).words(0x00283006, "OW", data);
    });
    return bytes;
  };
  CHECK(refusal(table({3, 0, 12}, {1, 2, 3})).empty());
  CHECK(says(refusal(table({4, 0, 12}, {1, 2, 3})), "shorter than it says"));
  CHECK(says(refusal(table({3, 0, 17}, {1, 2, 3})), "17 bits"));
  CHECK(says(refusal(table({3, 0}, {1, 2, 3})), "without a descriptor"));
  // Entries of 8 bits, two in a word.
  const OnDisk disk(table({4, 0, 8}, {0x0201, 0x0403}));
  CHECK(DicomFile(disk.path()).frame().scale.voi->output == std::vector<std::uint16_t>{1, 2, 3, 4});
}

TEST_CASE("run lengths that do not fill the image are refused") {
  // Header, then a segment for the high and one for the low bytes: runs of 12.
  const auto header = [](int segments, int first, int second) {
    std::string out(64, '\0');
    out[0] = static_cast<char>(segments);
    out[4] = static_cast<char>(first);
    out[8] = static_cast<char>(second);
    return out;
  };
  const auto file = [](const std::string& frame) {
    return DicomBytes().fragments("1.2.840.10008.1.2.5", {frame});
  };
  const std::string run("\xF5\x01\xF5\x02", 4);  // 257 - 245 = 12 times
  const OnDisk disk(file(header(2, 64, 66) + run));
  DicomFile read(disk.path());
  CHECK(read.cells().values == std::vector<std::uint16_t>(12, 0x0102));
  CHECK(says(refusal(file(header(2, 64, 66) + std::string("\xF5\x01\xF6\x02", 4))), "do not fill"));
  CHECK(says(refusal(file(header(1, 64, 0) + run)), "do not fill"));
  CHECK(says(refusal(file(header(2, 64, 99) + run)), "do not fill"));
  CHECK(says(refusal(file(header(2, 0, 66) + run)), "do not fill"));
  CHECK(says(refusal(file(header(2, 64, 66) + std::string("\xF5\x01\x0B\x02", 4))), "do not fill"));
  CHECK(says(refusal(file("no")), "do not fill"));
}

TEST_CASE("JPEG streams of another size, damaged or cut short are refused") {
  for (const auto& [syntax, name] :
       {std::pair{kLossless, "jpeg_lossless_sv1.dcm"}, std::pair{kJpegLs, "jpegls_lossless.dcm"}}) {
    INFO(name);
    const std::string whole = stream_of(name);
    CHECK(refusal(compressed(syntax, whole)).empty());
    // In several fragments, as some writers do.
    DicomBytes split = compressed(syntax, whole);
    split.fragments(syntax,
                    {whole.substr(0, 1000), whole.substr(1000) + std::string(whole.size() % 2, '\0')});
    CHECK(refusal(split).empty());
    CHECK(says(refusal(compressed(syntax, whole).word(0x00280010, 121)),
               "120 pixels, the header says 96 x 121"));
    CHECK(says(refusal(compressed(syntax, whole.substr(0, whole.size() / 2))), "cut short"));
    // Cut, but ended properly: the decoder would make the rest up.
    CHECK_FALSE(refusal(compressed(syntax, whole.substr(0, whole.size() / 2) + "\xFF\xD9")).empty());
    CHECK_FALSE(refusal(compressed(syntax, "\xFF\xD8\xFF\xD9")).empty());
  }
}

TEST_CASE("a sound stream that the decoder does not take is not called damaged") {
  // JPEG-LS of 4 x 3 pixels of 8 bits: 0, 1, 2 ... 11.
  const std::string stream(
      "\xFF\xD8\xFF\xF7\x00\x0B\x08\x00\x03\x00\x04\x01\x01\x11\x00\xFF\xDA\x00\x08\x01\x01\x00\x00\x00\x00"
      "\xAD\xA4\xD3\x12\xA0\xFF\xD9",
      32);
  DicomBytes bytes;
  bytes.word(0x00280101, 8).word(0x00280102, 7).fragments(kJpegLs, {stream});
  CHECK(says(refusal(bytes), "the decoder does not take its JPEG stream"));
  const OnDisk disk(bytes.word(0x00280100, 8));
  CHECK(DicomFile(disk.path()).cells().values[11] == 11);
  // Cut in half, but ended properly: the decoders see that it is not whole.
  for (const auto& [syntax, name] :
       {std::pair{kLossless, "jpeg_lossless_sv1.dcm"}, std::pair{kJpegLs, "jpegls_lossless.dcm"}}) {
    const std::string whole = stream_of(name);
    CHECK(says(refusal(compressed(syntax, whole.substr(0, whole.size() / 2) + "\xFF\xD9")), "is damaged"));
  }
}

TEST_CASE("a stream deeper than BitsStored is refused where HighBit does not say which bits count") {
  for (const auto& [syntax, name] :
       {std::pair{kLossless, "jpeg_lossless_sv1.dcm"}, std::pair{kJpegLs, "jpegls_lossless.dcm"}}) {
    INFO(name);
    // Both streams have 16 bits.
    CHECK(refusal(compressed(syntax, stream_of(name))).empty());
    CHECK(says(refusal(compressed(syntax, stream_of(name)).word(0x00280102, 15)),
               "its JPEG stream has 16 bits a pixel, which BitsStored 10 and HighBit 15 contradict"));
    CHECK(refusal(compressed(syntax, stream_of(name)).word(0x00280101, 16).word(0x00280102, 15)).empty());
  }
}

TEST_CASE("frames that no number declares are refused, too") {
  // Native: as long as two, and what is no frame.
  const auto native = [](std::size_t bytes) {
    return DicomBytes().text(0x7FE00010, "OW", std::string(bytes, '\0'));
  };
  CHECK(says(refusal(native(48)), "several frames (its pixel data has 48 bytes, an image of it 24)"));
  CHECK(says(refusal(native(480)), "several frames"));
  CHECK(refusal(native(46)).empty());
  const auto tiny = [](std::size_t bytes) {
    DicomBytes out;
    out.word(0x00280010, 1).word(0x00280011, 1).word(0x00280100, 8).word(0x00280101, 8).word(0x00280102, 7);
    return out.text(0x7FE00010, "OW", std::string(bytes, '\0'));
  };
  CHECK(refusal(tiny(2)).empty());  // one byte and its padding
  CHECK(says(refusal(tiny(4)), "several frames"));

  // In fragments: two in the offset table, two streams, two fragments of run lengths.
  const std::string jpeg = stream_of("jpeg_lossless_sv1.dcm");
  const std::string whole = jpeg + std::string(jpeg.size() % 2, '\0');
  const auto file = [&](const std::vector<std::string>& pieces, std::size_t offsets) {
    return compressed(kLossless, jpeg).fragments(kLossless, pieces, offsets);
  };
  CHECK(refusal(file({whole}, 1)).empty());
  CHECK(refusal(file({whole.substr(0, 1000), whole.substr(1000)}, 1)).empty());
  CHECK(says(refusal(file({whole, whole}, 2)), "several frames (2 in its offset table)"));
  CHECK(says(refusal(file({whole, whole}, 0)), "several frames (a fragment begins a stream of its own)"));
  DicomBytes extended = file({whole, whole}, 0);
  CHECK(says(refusal(extended.text(0x7FE00001, "OV", std::string(16, '\0'))), "2 in its offset table"));
  const std::string runs =
      std::string("\x02\0\0\0\x40\0\0\0\x42", 9) + std::string(55, '\0') + std::string("\xF5\x01\xF5\x02", 4);
  CHECK(refusal(DicomBytes().fragments("1.2.840.10008.1.2.5", {runs})).empty());
  CHECK(says(refusal(DicomBytes().fragments("1.2.840.10008.1.2.5", {runs, runs})),
             "several frames (2 fragments of run lengths)"));
}

TEST_CASE("items in items are read, but not so many that the stack would not hold them") {
  CHECK(refusal(nested(50)).empty());
  CHECK(refusal(deflated(nested(50, kDeflated))).empty());
  CHECK(says(refusal(nested(200'000)), "more than 2000 items"));
  CHECK(says(refusal(deflated(nested(200'000, kDeflated))), "more than 2000 items"));
}

TEST_CASE("elements in no order are read, but not so many that DCMTK would take minutes over them") {
  constexpr int kMany = 60'000;
  const auto elements = [](int count, bool falling, const std::string& vr = "CS") {
    std::string out;
    for (int i = 0; i < count; ++i) {
      const int number = falling ? kMany - i : 1 + i;
      out += std::string("\xE1\x7F", 2) + static_cast<char>(number & 0xFF) + static_cast<char>(number >> 8);
      out += vr + std::string(vr.empty() ? 4 : 2, '\0');
    }
    return out;
  };
  const auto item = [](const std::string& content, bool endless) {
    const auto size = static_cast<std::uint32_t>(content.size());
    std::string out("\xFE\xFF\x00\xE0", 4);
    for (unsigned i = 0; i < 4; ++i) out += endless ? '\xFF' : static_cast<char>(size >> (8 * i) & 0xFFU);
    return out + content + (endless ? std::string("\xFE\xFF\x0D\xE0\0\0\0\0", 8) : "");
  };
  const auto sequence = [&](const std::string& content) {
    return std::string("\xE1\x7F\xFF\xFFSQ\0\0\xFF\xFF\xFF\xFF", 12) + content +
           std::string("\xFE\xFF\xDD\xE0\0\0\0\0", 8);
  };
  const std::string file = DicomBytes().file();
  const std::string in_implicit = DicomBytes().syntax("1.2.840.10008.1.2").file();
  const std::string implicit = in_implicit.substr(0, in_implicit.find(std::string("\x08\x00\x16\x00UI", 6)));
  const std::string deflatable = DicomBytes().syntax(kDeflated).file();
  CHECK(refusal(file + elements(kMany, false)).empty());
  CHECK(refusal(file + elements(2000, true)).empty());
  CHECK(
      refusal(file + sequence(item(elements(2000, true), true) + item(elements(2000, true), false))).empty());
  CHECK(refusal(deflated(deflatable + elements(2000, true))).empty());

  const std::string falling = elements(kMany, true);
  for (const auto& bad :
       {file + falling, file + sequence(item(falling, true)), file + sequence(item(falling, false)),
        implicit + elements(kMany, true, ""), deflated(deflatable + falling)}) {
    std::string said;
    const test::Cost cost = test::cost_of([&] { said = refusal(bad); });
    CHECK(says(said, "its elements are in no order"));
    CHECK(cost.time < std::chrono::milliseconds(500));
  }
}

TEST_CASE("what declares more than it holds is refused at once and without memory for it") {
  (void)refusal(DicomBytes());  // DCMTK's dictionary is read here
  const auto check_cheap = [](const auto& bytes, const std::string& part, imaging::DecodeLimits limits) {
    const OnDisk disk(bytes);
    std::string said;
    const test::Cost cost = test::cost_of([&] {
      try {
        (void)DicomFile(disk.path(), limits).cells();
      } catch (const Error& error) {
        said = error.message();
      }
    });
    CHECK(says(said, part));
    CHECK(cost.time < std::chrono::milliseconds(200));
    CHECK(cost.megabytes < 64);
  };
  const auto large = [](DicomBytes bytes) { return bytes.word(0x00280010, 10'000).word(0x00280011, 10'000); };
  check_cheap(large(DicomBytes()), "200000000", DicomFile::kLimits);
  check_cheap(large(DicomBytes().fragments("1.2.840.10008.1.2.5", {std::string(600, '\0')})), "do not fill",
              DicomFile::kLimits);
  // A JPEG stream whose own header (SOF3: marker, length, precision, height, width) declares as much.
  std::string stream = stream_of("jpeg_lossless_sv1.dcm");
  const auto header = stream.find("\xFF\xC3");
  REQUIRE(header != std::string::npos);
  stream.replace(header + 5, 4, "\x27\x10\x27\x10");
  check_cheap(large(compressed(kLossless, stream)), "cannot hold its pixels", DicomFile::kLimits);
  // 60 MB of zeros, deflated.
  std::string bomb = DicomBytes().syntax(kDeflated).file();
  bomb += std::string(60'000'000, '\0');
  check_cheap(deflated(bomb), "larger than an image can be", {1000});
  // A file larger than that to begin with; the reason must not name its path, either.
  const std::string padded = deflated(DicomBytes().syntax(kDeflated).file()) + std::string(20'000'000, '\0');
  CHECK(says(refusal(padded, {1000}), "larger than an image can be"));
}

TEST_CASE("room is made for a deflated data set before it is inflated, and for no other file") {
  std::vector<std::int64_t> asked;
  const auto open = [&](const std::string& bytes, imaging::DecodeLimits limits = DicomFile::kLimits) {
    const OnDisk disk(bytes);
    asked.clear();
    (void)DicomFile(disk.path(), limits, [&](std::int64_t size) { asked.push_back(size); });
  };
  const std::string plain =
      DicomBytes().syntax(kDeflated).text(0x7FE00010, "OW", std::string(200'000, 'x')).file();
  open(deflated(plain));
  CHECK(asked == std::vector<std::int64_t>{static_cast<std::int64_t>(plain.size() - test::kMetaSize)});
  open(DicomBytes().file());
  CHECK(asked.empty());
  CHECK_THROWS_AS(open(deflated(plain + std::string(20'000'000, '\0')), {1000}), Error);
  CHECK(asked.empty());
  CHECK_THROWS_AS(open(deflated(plain).substr(0, test::kMetaSize + 100)), Error);
  CHECK(asked.empty());
}

TEST_CASE("what is odd but plain is noted") {
  const auto notes = [](const DicomBytes& bytes) {
    const OnDisk disk(bytes);
    DicomFile file(disk.path());
    (void)file.frame();
    return file.notes();
  };
  CHECK(notes(DicomBytes().text(0x00200060, "CS", "L").text(0x00200062, "CS", "R")) ==
        DicomNotes{"laterality_conflict"});
  CHECK(notes(DicomBytes().text(0x20500020, "CS", "INVERSE")) == DicomNotes{"shape_ignored"});
  CHECK(notes(DicomBytes().text(0x20500020, "CS", "IDENTITY")).empty());
  CHECK(notes(DicomBytes().text(0x00280008, "IS", "0")) == DicomNotes{"frames_0"});
  CHECK(notes(DicomBytes().word(0x00280010, 2)) == DicomNotes{"extra_bytes"});
}

TEST_CASE("a report has no image") {
  DicomBytes report;
  report.drop(0x00280010).drop(0x00280011).drop(0x7FE00010).text(0x00080060, "CS", "SR");
  const OnDisk disk(report);
  const DicomFile file(disk.path());
  CHECK_FALSE(file.has_image());
  CHECK(file.attributes().modality == "SR");
}
