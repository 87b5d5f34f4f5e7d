// A tree of DICOM files: what is walked, and that neither links nor ids lead out of it.
#include <mutex>

#include "cohort_support.hpp"
#include "cost.hpp"
#include "deflated.hpp"
#include "dicom_bytes.hpp"
#include "tagconf/cohort/dicom_tree.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::DicomBytes;
namespace fs = std::filesystem;

namespace {

struct Converted {
  std::vector<DicomResult> results;
  std::vector<std::string> paths;  // of the pictures stored
};

// With ids as they stand.
Converted convert(const fs::path& root) {
  Converted out;
  std::mutex guard;
  out.results = convert_dicom(
      walk_dicom(root), {}, {}, 2,
      [&](const std::string& path, std::span<const std::byte>) {
        const std::lock_guard lock(guard);
        out.paths.push_back(path);
      },
      [](std::size_t) {}, [] { return false; });
  return out;
}

}  // namespace

TEST_CASE("files are found by content or name, folders that are links are not entered") {
  const test::ScratchFolder scratch;
  write_text(scratch / "in/b/film", DicomBytes().file());
  write_text(scratch / "in/a.DCM", "not even DICOM");
  write_text(scratch / "in/notes.txt", "x");
  write_text(scratch / "in/.hidden.dcm", DicomBytes().file());
  write_text(scratch / "outside/c.dcm", DicomBytes().file());
  fs::create_directory_symlink(scratch / "outside", scratch / "in/link");
  fs::create_symlink("loop.dcm", scratch / "in/loop.dcm");
  fs::create_symlink("b/film", scratch / "in/same.dcm");
  const DicomTree tree = walk_dicom(scratch / "in");
  CHECK(tree.files == std::vector<std::string>{"a.DCM", "b/film", "same.dcm"});
  CHECK(tree.passed_over == 1);
  CHECK(tree.links == 2);
  CHECK(tree.warnings() ==
        std::vector<std::string>{
            "1 files are no DICOM files and were passed over",
            "2 links to folders or to nothing were not followed: find them by find -type l"});
  fs::remove(scratch / "in/notes.txt");
  fs::remove(scratch / "in/link");
  fs::remove(scratch / "in/loop.dcm");
  write_text(scratch / "in/DICOMDIR", DicomBytes().file());
  CHECK(walk_dicom(scratch / "in").warnings().empty());
}

TEST_CASE("a link out of the tree is refused, and nothing below the root is named") {
  const test::ScratchFolder scratch;
  write_text(scratch / "Eva Muster.dcm", DicomBytes().file());
  fs::create_directories(scratch / "in");
  fs::create_symlink(scratch / "Eva Muster.dcm", scratch / "in/Muster.dcm");
  const Error error = test::error_of([&] { (void)walk_dicom(scratch / "in"); });
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message() == (scratch / "in").string() + ": a symbolic link in it leaves it");
}

TEST_CASE("an instance id that would be a path is refused, and no picture stored for it") {
  const test::ScratchFolder scratch;
  write_text(scratch / "in/1.dcm", DicomBytes().text(0x00080018, "UI", "..").file());
  write_text(scratch / "in/2.dcm", DicomBytes().text(0x00080018, "UI", "../../1.2").file());
  write_text(scratch / "in/3.dcm", DicomBytes().text(0x00080018, "UI", "/1.2").file());
  write_text(scratch / "in/4.dcm", DicomBytes().drop(0x00080018).file());
  write_text(scratch / "in/5.dcm", DicomBytes().file());
  const Converted found = convert(scratch / "in");
  for (std::size_t i = 0; i < 4; ++i) {
    INFO(found.results[i].reason);
    CHECK(found.results[i].fate == DicomFate::refused);
    CHECK(found.results[i].reason.find("SOPInstanceUID") != std::string::npos);
  }
  CHECK(found.paths == std::vector<std::string>{"images/1.2.3.1.png"});
}

TEST_CASE("small files that inflate to much take their share of memory before they do") {
  const test::ScratchFolder scratch;
  write_text(scratch / "small/film", DicomBytes().file());
  (void)convert(scratch / "small");  // DCMTK's dictionary is read here
  DicomBytes film;
  film.text(0x00080068, "CS", "FOR PROCESSING").text(0x7FE00010, "OW", std::string(60'000'000, '\0'));
  const std::string file = test::deflated(film.syntax(test::kDeflated).file());
  CHECK(file.size() < 100'000);
  constexpr int kFiles = 6;
  for (int i = 0; i < kFiles; ++i) write_text(scratch / "in" / std::to_string(i), file);
  std::vector<DicomResult> results;
  const test::Cost cost = test::cost_of([&] {
    results = convert_dicom(
        walk_dicom(scratch / "in"), {}, {}, kFiles, [](const std::string&, std::span<const std::byte>) {},
        [](std::size_t) {}, [] { return false; });
  });
  for (const auto& result : results) CHECK(result.fate == DicomFate::set_aside);
  CHECK(cost.megabytes < 400);  // all at once: 6 x 120
}
