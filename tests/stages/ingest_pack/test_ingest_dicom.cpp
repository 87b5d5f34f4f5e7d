// The ingest stage on DICOM trees: what goes out, and that no name does.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "dicom_bytes.hpp"
#include "stage_call.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/utf8.hpp"
#include "tagconf/cohort/manifest.hpp"

using namespace tagconf;
using test::DicomBytes;
using test::ScratchFolder;
using test::StageCall;
namespace fs = std::filesystem;

namespace {

StageCall call(const fs::path& source, const fs::path& out, std::map<std::string, Json> options = {}) {
  return {stages::ingest(), {{"source", source}}, out, std::move(options), {}};
}

// Patient, study and image by number; the pixels differ by image.
DicomBytes film(int patient, int study, int image) {
  DicomBytes out;
  const std::string number = std::to_string(image);
  out.text(0x00080018, "UI", "1.2.3." + number);
  out.text(0x00080050, "SH", "QXN" + std::to_string(study));
  out.text(0x00100010, "PN", "Secret^Name");
  out.text(0x00100020, "LO", "PID" + std::to_string(patient));
  out.text(0x00180015, "CS", "HAND");
  out.text(0x0020000D, "UI", "1.2.9." + std::to_string(study));
  std::vector<std::uint16_t> pixels;
  for (int i = 0; i < 12; ++i) pixels.push_back(static_cast<std::uint16_t>(i * i * (7 + image) % 4096));
  return out.words(0x7FE00010, "OW", pixels);
}

// 12 patients with one study of two films each, in folders and files that name them.
void write_tree(const fs::path& root) {
  for (int p = 0; p < 12; ++p) {
    for (int k = 0; k < 2; ++k) {
      write_text(
          root / ("Secret^Name_" + std::to_string(p)) / ("PID" + std::to_string(p) + (k == 0 ? "" : " b")),
          film(p, p, 2 * p + k).file());
    }
  }
}

bool holds(std::string text, std::string word) {
  const auto lower = [](std::string& s) {
    std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return std::tolower(c); });
  };
  lower(text);
  lower(word);
  return text.find(word) != std::string::npos;
}

// Names of files and their bytes, of everything below the folder.
std::vector<std::string> all_texts(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    out.push_back(entry.path().lexically_relative(folder).string());
    if (entry.is_regular_file()) out.push_back(read_text(entry.path()));
  }
  return out;
}

fs::path shipped() {
  return test::source_folder() / "tests/oracle/data/dicom";
}

bool left_nothing(const fs::path& folder) {
  return !fs::exists(folder) || fs::is_empty(folder);
}

// Takes the place of the system's flush while a test looks at what lies there at that moment.
std::function<int()> at_flush;

constexpr auto kPrivate = fs::perms::owner_read | fs::perms::owner_write;

}  // namespace

extern "C" int syncfs(int descriptor) noexcept {
  return at_flush ? at_flush() : static_cast<int>(::syscall(SYS_syncfs, descriptor));
}

TEST_CASE("a DICOM tree becomes pictures, pseudonyms and splits; no name goes out") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  write_text(scratch / "in/Secret^Name_0/report.txt", "Secret Name");
  write_text(scratch / "in/DICOMDIR", film(1, 1, 1).file());
  auto ingest = call(scratch / "in", scratch / "out", {{"source_map", (scratch / "map.csv").string()}});
  const Json summary = ingest.run();
  CHECK(summary["reader"] == "dicom");
  CHECK(summary["found"] == 24);
  CHECK(summary["images"] == 24);
  CHECK(summary["passed_over"] == 2);
  CHECK(summary["warnings"][0] == "1 files are no DICOM files and were passed over");
  CHECK(summary["splits"]["train"]["patients"].get<int>() +
            summary["splits"]["valid"]["patients"].get<int>() +
            summary["splits"]["test"]["patients"].get<int>() ==
        12);
  CHECK(ingest.progress.last == 24);

  const auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
  REQUIRE(manifest.rows.size() == 24);
  const auto& row = manifest.rows.front();
  CHECK(row.path == "images/" + row.sample.image_id + ".png");
  CHECK(row.scaling == "min_max");
  CHECK(row.sample.body_part == "HAND");
  CHECK(row.sample.patient_id == manifest.rows[1].sample.patient_id);
  CHECK(imaging::read_image(manifest.image_path(row)).width == 4);
  for (const auto& text : all_texts(scratch / "out")) {
    for (const auto* word : {"Secret", "PID", "QXN", "1.2.3", "1.2.9"}) CHECK_FALSE(holds(text, word));
  }
  CHECK_FALSE(holds(canonical_json(summary), "Secret"));

  const CsvTable map = read_csv(scratch / "map.csv");
  CHECK(map.columns() == std::vector<std::string>{"image_id", "source", "reason", "file"});
  CHECK(map.at(0, 0) == row.sample.image_id);
  CHECK(map.at(0, 1) == "Secret^Name_0/PID0");
  CHECK(fs::status(scratch / "map.csv").permissions() == kPrivate);
  CHECK(fs::status(scratch / "out.key").permissions() == kPrivate);
  CHECK(summary["key_file"] == (scratch / "out.key").string());
}

TEST_CASE("the key beside the output is used again; another gives other pseudonyms") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  (void)call(scratch / "in", scratch / "out").run();
  const std::string first = read_text(scratch / "out/manifest.csv");
  const std::string key = read_text(scratch / "out.key");
  (void)call(scratch / "in", scratch / "out", {{"threads", 1}}).run();
  CHECK(read_text(scratch / "out/manifest.csv") == first);
  CHECK(read_text(scratch / "out.key") == key);

  auto same = call(scratch / "in", scratch / "same");
  same.inputs["key_file"] = scratch / "out.key";
  (void)same.run();
  CHECK(read_text(scratch / "same/manifest.csv") == first);
  CHECK_FALSE(fs::exists(scratch / "same.key"));
  (void)call(scratch / "in", scratch / "other").run();
  CHECK(read_text(scratch / "other/manifest.csv") != first);

  write_text(scratch / "short", "1234\n");
  auto weak = call(scratch / "in", scratch / "weak");
  weak.inputs["key_file"] = scratch / "short";
  CHECK(weak.failure().message().find("16 characters") != std::string::npos);
}

TEST_CASE("ids are kept when asked for, and 16 bits") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  (void)call(scratch / "in", scratch / "out", {{"keep_ids", true}, {"bits", 16}}).run();
  const auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
  CHECK(manifest.rows.front().sample.image_id == "1.2.3.0");
  CHECK(manifest.rows.front().sample.patient_id == "PID0");
  CHECK(manifest.rows.front().sample.study_id == "1.2.9.0");
  CHECK(manifest.rows.front().bits == 16);
  CHECK(imaging::read_image(manifest.image_path(manifest.rows.front())).bits == 16);
  CHECK_FALSE(fs::exists(scratch / "out.key"));
}

TEST_CASE("ids that are kept are UTF-8, and so is the manifest; labels are looked up by them") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  const auto latin = [](int image) {
    return film(20, 20, image).text(0x00080005, "CS", "ISO_IR 100").text(0x00080050, "SH", "\xC4rzte 1");
  };
  write_text(scratch / "in/latin", latin(80).text(0x00100020, "LO", "M\xFCller").file());
  write_text(scratch / "in/none", film(21, 21, 81).text(0x00100020, "LO", "M\xFCller").file());
  write_text(scratch / "labels.csv", "AccessionNumber,label\nÄrzte 1,1\n");
  auto ingest = call(scratch / "in", scratch / "out", {{"keep_ids", true}, {"label_key", "accession"}});
  ingest.inputs["label_table"] = scratch / "labels.csv";
  (void)ingest.run();
  CHECK(find_not_utf8(read_text(scratch / "out/manifest.csv")) == std::string_view::npos);
  std::map<std::string, std::optional<int>> labels;
  for (const auto& row : cohort::read_manifest(scratch / "out/manifest.csv").rows)
    labels[row.sample.patient_id] = row.sample.label;
  CHECK(labels.at("Müller") == 1);
  CHECK(labels.at("M%FCller") == std::nullopt);
}

TEST_CASE("labels are looked up by the real ids, before they are hashed") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  std::string uids = "StudyInstanceUID,label\n";
  std::string accessions = "acc,label,split\n";
  for (int p = 0; p < 11; ++p) {
    uids += "1.2.9." + std::to_string(p) + "," + std::to_string(p % 2) + "\n";
  }
  for (int p = 0; p < 12; ++p) {
    accessions += "QXN" + std::to_string(p) + "," + std::to_string(p % 2) + (p < 9 ? ",train\n" : ",test\n");
  }
  write_text(scratch / "uids.csv", uids);
  write_text(scratch / "accessions.csv", accessions);
  auto by_uid = call(scratch / "in", scratch / "by_uid");
  by_uid.inputs["label_table"] = scratch / "uids.csv";
  const Json summary = by_uid.run();
  CHECK(summary["warnings"].dump().find("2 images are of studies that the table of labels lacks") !=
        std::string::npos);
  std::map<std::string, int> labels;
  for (const auto& row : cohort::read_manifest(scratch / "by_uid/manifest.csv").rows)
    ++labels[row.sample.label ? std::to_string(*row.sample.label) : ""];
  CHECK(labels == std::map<std::string, int>{{"0", 12}, {"1", 10}, {"", 2}});

  auto by_accession = call(scratch / "in", scratch / "by_accession",
                           {{"label_key", "accession"}, {"columns", {{"accession", "acc"}}}});
  by_accession.inputs["label_table"] = scratch / "accessions.csv";
  const Json told = by_accession.run();
  CHECK(told["splits"]["test"]["images"] == 6);
  CHECK(told["splits"]["test"]["abnormal"] == 4);
  for (const auto& text : all_texts(scratch / "by_accession")) CHECK_FALSE(holds(text, "QXN"));
}

TEST_CASE("films of one study stay in one split, whatever their patient is called") {
  const ScratchFolder scratch;
  for (int s = 0; s < 30; ++s) {
    const std::string name = "in/" + std::to_string(s);
    write_text(scratch / (name + "a"), film(s, s, 2 * s).file());
    auto other = film(s + (s % 2 == 0 ? 0 : 100), s, 2 * s + 1);
    write_text(scratch / (name + "b"), (s % 2 == 0 ? other.drop(0x00100020) : other).file());
  }
  auto ingest = call(scratch / "in", scratch / "out", {{"valid_fraction", 0.3}, {"test_fraction", 0.3}});
  const Json summary = ingest.run();
  CHECK(summary["splits"]["test"]["images"] == 18);
  std::map<std::string, std::set<Split>> splits;
  auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
  for (const auto& row : manifest.rows) splits[row.sample.study_id].insert(row.sample.split);
  REQUIRE(splits.size() == 30);
  for (const auto& [study, own] : splits) CHECK(own.size() == 1);

  // The audit knows such ids by the manifest's columns.
  for (auto& row : manifest.rows) row.sample.split = Split::train;
  manifest.rows[3].sample.split = Split::test;
  cohort::write_manifest(scratch / "out/moved.csv", manifest);
  StageCall audit{stages::audit(), {{"images", scratch / "out/moved.csv"}}, scratch / "audit", {}, {}};
  CHECK(audit.run()["kinds"]["study"]["across"]["pairs"] == 1);
}

TEST_CASE("refused files are rows until they are too many; what is no radiograph is set aside") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  write_text(scratch / "in/Secret^Name_0/a.dcm", film(0, 0, 90).syntax("1.2.840.10008.1.2.4.201").file());
  write_text(scratch / "in/Secret^Name_0/b.dcm", "");
  write_text(scratch / "in/Secret^Name_1/c", film(1, 1, 91).text(0x00080060, "CS", "CT").file());
  write_text(scratch / "in/Secret^Name_1/d", film(1, 1, 92).text(0x00080068, "CS", "FOR PROCESSING").file());
  write_text(scratch / "in/Secret^Name_1/e", film(1, 1, 2).file());
  write_text(scratch / "in/Secret^Name_1/f",
             film(1, 1, 93).drop(0x00280010).drop(0x7FE00010).text(0x00080060, "CS", "SR").file());
  const Json summary = call(scratch / "in", scratch / "out").run();
  CHECK(summary["images"] == 24);
  CHECK(summary["skipped"] == 2);
  CHECK(summary["set_aside"] == 3);
  CHECK(summary["copies"] == 1);
  CHECK(read_text(scratch / "out/skipped.csv") ==
        "image_id,reason\n"
        "file 3,transfer syntax 1.2.840.10008.1.2.4.201 is not supported\n"
        "file 4,is empty\n"
        "file 7,modality CT is not among those asked for\n"
        "file 8,\"raw detector data (FOR PROCESSING), not meant to be seen\"\n"
        "file 9,a copy of file 5\n"
        "file 10,holds no image (SOP class 1.2.840.10008.5.1.4.1.1.1)\n");
  CHECK(call(scratch / "in", scratch / "all", {{"modalities", Json::array()}}).run()["images"] == 25);

  write_text(scratch / "in/Secret^Name_1/g.dcm", "");
  write_text(scratch / "in/Secret^Name_1/h.dcm", "no");
  auto over = call(scratch / "in", scratch / "over", {{"source_map", (scratch / "map.csv").string()}});
  const Error error = over.failure();
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("4 of 28 images cannot be used") != std::string::npos);
  CHECK_FALSE(holds(error.message() + error.hint(), "Secret"));
  CHECK(read_text(scratch / "map.csv").find("Secret^Name_1/h.dcm") != std::string::npos);
  CHECK(left_nothing(scratch / "over"));
  CHECK_FALSE(fs::exists(scratch / "over.key"));
  CHECK(read_csv(scratch / "over.skipped.csv").rows() == 4);
  CHECK_FALSE(holds(read_text(scratch / "over.skipped.csv"), "Secret"));
}

TEST_CASE("one instance in two forms is an error; a stop leaves nothing") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  write_text(scratch / "in/Secret^Name_1/z", film(2, 1, 0).file());
  auto twice = call(scratch / "in", scratch / "out", {{"source_map", (scratch / "map.csv").string()}});
  CHECK(twice.failure().message().find("1 files have the SOPInstanceUID of another") == 0);
  CHECK(twice.failure().message().find("file 5: another image than file 1") != std::string::npos);
  CHECK(read_text(scratch / "map.csv").find("Secret^Name_1/z,\"another image than file 1") !=
        std::string::npos);
  CHECK(left_nothing(scratch / "out"));

  fs::remove(scratch / "in/Secret^Name_1/z");
  auto stopped = call(scratch / "in", scratch / "out");
  stopped.stop_requested = [] { return true; };
  CHECK(stopped.failure().code() == ErrorCode::incomplete);
  CHECK(left_nothing(scratch / "out"));
}

TEST_CASE("options and places that make no sense are refused") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  CHECK(call(scratch / "in", scratch / "in/out").failure().message().find("the folder to read") !=
        std::string::npos);
  CHECK(call(scratch / "in", scratch / "out", {{"bits", 12}}).failure().code() == ErrorCode::config);
  CHECK(call(scratch / "in", scratch / "out", {{"labels", {{"a", "1"}}}}).failure().code() ==
        ErrorCode::config);
  auto map = call(scratch / "in", scratch / "out", {{"source_map", (scratch / "out/map.csv").string()}});
  CHECK(map.failure().message().find("source map") != std::string::npos);
  imaging::write_png(scratch / "films/normal/a.png", imaging::GreyImage(8, 8, 8));
  CHECK(call(scratch / "films", scratch / "out", {{"keep_ids", true}}).failure().code() == ErrorCode::config);
  auto key = call(scratch / "films", scratch / "out");
  key.inputs["key_file"] = scratch / "in";
  CHECK(key.failure().code() == ErrorCode::config);
  CHECK(call(scratch / "films", scratch / "out", {{"reader", "dicom"}})
            .failure()
            .message()
            .find("no DICOM file") != std::string::npos);
  write_text(scratch / "out/images/mine.png", "x");
  CHECK(call(scratch / "in", scratch / "out").failure().message().find("not made by this command") !=
        std::string::npos);
}

TEST_CASE("nothing of a file that is full of names goes out") {
  const ScratchFolder scratch;
  fs::create_directories(scratch / "in/Muster^Eva");
  fs::copy_file(shipped() / "phi_burned_in.dcm", scratch / "in/Muster^Eva/Muster Eva ID-4711.dcm");
  fs::copy_file(shipped() / "bad_rgb.dcm", scratch / "in/Muster^Eva/Arzt.dcm");
  auto ingest = call(scratch / "in", scratch / "out");
  const Json summary = ingest.run();
  CHECK(summary["images"] == 1);
  CHECK(summary["warnings"].dump().find("burned-in") != std::string::npos);
  std::vector<std::string> texts = all_texts(scratch / "out");
  texts.push_back(summary.dump());
  std::istringstream words(read_text(shipped() / "phi_strings.txt"));
  for (std::string word; std::getline(words, word);) {
    if (word.empty()) continue;
    INFO(word);
    for (const auto& text : texts) CHECK_FALSE(holds(text, word));
  }
}

TEST_CASE("the pictures are on the disk before they are found, and before the manifest") {
  const ScratchFolder scratch;
  write_tree(scratch / "in");
  int flushes = 0;
  int answer = 0;
  at_flush = [&] {
    ++flushes;
    const auto draft = fs::directory_iterator(scratch / "out/images.partial");
    CHECK(std::distance(fs::begin(draft), fs::end(draft)) == 24);
    CHECK_FALSE(fs::exists(scratch / "out/images"));
    CHECK_FALSE(fs::exists(scratch / "out/manifest.csv"));
    errno = EIO;
    return answer;
  };
  (void)call(scratch / "in", scratch / "out").run();
  CHECK(flushes == 1);
  CHECK(fs::exists(scratch / "out/manifest.csv"));

  fs::remove_all(scratch / "out");
  answer = -1;
  const Error error = call(scratch / "in", scratch / "out").failure();
  at_flush = nullptr;
  CHECK(error.code() == ErrorCode::environment);
  CHECK(error.message().find("images.partial: flushing to disk failed") != std::string::npos);
  CHECK_FALSE(fs::exists(scratch / "out/images"));
  CHECK_FALSE(fs::exists(scratch / "out/images.partial"));
  CHECK_FALSE(fs::exists(scratch / "out/manifest.csv"));
}
