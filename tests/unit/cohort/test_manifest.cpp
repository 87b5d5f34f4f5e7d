#include "cohort_support.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/cohort/manifest.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::check_refused;
namespace fs = std::filesystem;

namespace {

const std::string kHeader =
    "image_id,patient_id,study_id,body_part,split,label,path,width,height,bits,scaling,sha256\n";

// Reads a manifest of the given text beside images a.png and sub/b.png.
Manifest read_back(const std::string& text) {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "a.png");
  test::write_image(scratch / "sub/b.png");
  write_text(scratch / "manifest.csv", text);
  return read_manifest(scratch / "manifest.csv");
}

}  // namespace

TEST_CASE("a manifest comes back as it was written") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "x/a.png");
  test::write_image(scratch / "x/b, c.png");
  Manifest manifest;
  manifest.folder = scratch.path();
  ManifestRow row;
  row.sample = {"x/a", "p\"1\"", "s1", "WRIST", Split::valid, 1};
  row.path = "x/a.png";
  row.width = 6;
  row.height = 4;
  row.bits = 16;
  row.scaling = "window";
  row.sha256 = std::string(64, 'a');
  manifest.rows.push_back(row);
  row = ManifestRow{};
  row.sample.image_id = "x/b, c";
  row.path = "x/b, c.png";
  manifest.rows.push_back(row);
  write_manifest(scratch / "manifest.csv", manifest);
  CHECK(read_text(scratch / "manifest.csv") ==
        kHeader + "x/a,\"p\"\"1\"\"\",s1,WRIST,valid,1,x/a.png,6,4,16,window," + std::string(64, 'a') +
            "\n\"x/b, c\",,,,,,\"x/b, c.png\",,,8,stored,\n");
  const Manifest found = read_manifest(scratch / "manifest.csv");
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].sample.patient_id == "p\"1\"");
  CHECK(found.rows[0].sample.split == Split::valid);
  CHECK(found.rows[0].sample.label == 1);
  CHECK(found.rows[0].bits == 16);
  CHECK(found.rows[0].scaling == "window");
  CHECK_FALSE(found.rows[1].sample.label.has_value());
  CHECK(found.rows[1].width == 0);
  CHECK(fs::equivalent(found.image_path(found.rows[1]), scratch / "x/b, c.png"));
  write_manifest(scratch / "again.csv", found);
  CHECK(read_text(scratch / "again.csv") == read_text(scratch / "manifest.csv"));
}

TEST_CASE("images elsewhere are named by a relative root, also through a link to the manifest's folder") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "data/films/a.png");
  Manifest manifest;
  manifest.folder = scratch / "data/films";
  ManifestRow row;
  row.sample.image_id = "a";
  row.path = "a.png";
  manifest.rows.push_back(row);
  write_manifest(scratch / "cache/ingest/key/out/manifest.csv", manifest);
  const CsvTable table = read_csv(scratch / "cache/ingest/key/out/manifest.csv");
  CHECK(table.at(0, table.require("root")) == "../../../../data/films");
  fs::create_directories(scratch / "runs/one");
  fs::create_directory_symlink("../../cache/ingest/key/out", scratch / "runs/one/ingest");
  for (const auto* where : {"cache/ingest/key/out/manifest.csv", "runs/one/ingest/manifest.csv"}) {
    const Manifest found = read_manifest(scratch / where);
    CHECK(fs::equivalent(found.image_path(found.rows[0]), scratch / "data/films/a.png"));
  }
  fs::rename(scratch / "data", scratch / "moved");
  check_refused([&] { (void)read_manifest(scratch / "cache/ingest/key/out/manifest.csv"); }, "is not there");
}

TEST_CASE("two columns are enough; BOM, CRLF and lower-case body parts are taken") {
  const Manifest found =
      read_back("\xEF\xBB\xBFpath,image_id,body_part\r\na.png,a,wrist\r\nsub/b.png,b,\r\n");
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].sample.body_part == "WRIST");
  CHECK(found.rows[0].bits == 8);
  CHECK(found.rows[0].scaling == "stored");
}

TEST_CASE("a broken manifest is refused with file and line") {
  check_refused([] { (void)read_back("image_id,path\na,a.png\nb,sub/b.png\na,a.png\n"); },
                "manifest.csv:4: image_id 'a' stands on line 2 already");
  check_refused([] { (void)read_back("image_id,path\na,../a.png\n"); }, "manifest.csv:2: path '../a.png'");
  check_refused([] { (void)read_back("image_id,path\na,/etc/passwd\n"); },
                "manifest.csv:2: path '/etc/passwd'");
  check_refused([] { (void)read_back("image_id,path\n../a,a.png\n"); }, "manifest.csv:2: image_id '../a'");
  check_refused([] { (void)read_back("image_id,path\n/a,a.png\n"); }, "manifest.csv:2: image_id '/a'");
  check_refused([] { (void)read_back("image_id,path\na,none.png\n"); }, "manifest.csv:2: no such image");
  check_refused([] { (void)read_back("image_id,path\na,sub\n"); }, "manifest.csv:2: no such image");
  check_refused([] { (void)read_back("image_id,path\n,a.png\n"); }, "manifest.csv:2: image_id '' is empty");
  check_refused([] { (void)read_back("image_id,path,label\na,a.png,2\n"); }, "manifest.csv:2: label '2'");
  check_refused([] { (void)read_back("image_id,path,split\na,a.png,tset\n"); },
                "manifest.csv:2: split 'tset'");
  check_refused([] { (void)read_back("image_id,path,width\na,a.png,6.5\n"); }, "manifest.csv:2: width '6.5'");
  check_refused([] { (void)read_back("image_id,path,bits\na,a.png,12\n"); }, "manifest.csv:2: bits 12");
  check_refused([] { (void)read_back("image_id\na\n"); }, "no column 'path'");
  check_refused([] { (void)read_back("image_id,path\n"); }, "holds no image");
  check_refused([] { (void)read_back("image_id,path,root\na,a.png,\nb,sub/b.png,x\n"); },
                "manifest.csv:3: root");
}

TEST_CASE("a link out of the root is refused") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "outside.png");
  fs::create_directories(scratch / "in");
  fs::create_symlink(scratch / "outside.png", scratch / "in/a.png");
  write_text(scratch / "in/manifest.csv", "image_id,path\na,a.png\n");
  check_refused([&] { (void)read_manifest(scratch / "in/manifest.csv"); }, "symbolic link");
}

TEST_CASE("a few skips are allowed, more are not, and nothing left never is") {
  const std::vector<Skipped> four(4, {"x", "is empty"});
  CHECK_NOTHROW(check_skips(100, std::span(four).first(3)));
  check_refused([&] { check_skips(100, four); }, "4 of 100 images cannot be used, at most 3");
  CHECK_NOTHROW(check_skips(800, four));
  check_refused([&] { check_skips(2, std::span(four).first(2)); }, "no usable image is left of 2");
  check_refused([] { check_skips(0, {}); }, "no usable image is left");
  check_refused([&] { check_skips(100, four); }, "x: is empty");
}

TEST_CASE("over the limit all reasons are listed where asked for; an earlier list goes when all is well") {
  const test::ScratchFolder scratch;
  const auto list = scratch / "out.skipped.csv";
  std::vector<Skipped> many;
  for (int i = 0; i < 9; ++i) many.push_back({"x" + std::to_string(i), "is empty"});
  check_refused([&] { check_skips(100, many, list); }, "and 6 more\n  all of them: " + list.string());
  std::string expected = "image_id,reason\n";
  for (const auto& one : many) expected += one.source + ",is empty\n";
  CHECK(read_text(list) == expected);
  check_refused([&] { check_skips(9, many, list); }, "all of them: " + list.string());
  check_skips(100, std::span(many).first(3), list);
  CHECK_FALSE(std::filesystem::exists(list));
  // Where it cannot be written, the reasons remain.
  write_text(scratch / "file", "");
  const Error error = test::error_of([&] { check_skips(100, many, scratch / "file/list.csv"); });
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("all of them") == std::string::npos);
}

TEST_CASE("skipped.csv has its header also when empty") {
  const test::ScratchFolder scratch;
  write_skipped(scratch / "skipped.csv", {});
  CHECK(read_text(scratch / "skipped.csv") == "image_id,reason\n");
  write_skipped(scratch / "skipped.csv", std::vector<Skipped>{{"a", "cut, short"}});
  CHECK(read_text(scratch / "skipped.csv") == "image_id,reason\na,\"cut, short\"\n");
}

TEST_CASE("columns beside the contract's are kept") {
  const Manifest read = read_back("image_id,view,path,note\na,PA,a.png,\nb,AP,sub/b.png,x\n");
  CHECK(read.further == std::vector<std::string>{"view", "note"});
  CHECK(read.rows[1].further == std::vector<std::string>{"AP", "x"});
  const test::ScratchFolder scratch;
  test::write_image(scratch / "a.png");
  test::write_image(scratch / "sub/b.png");
  Manifest again = read;
  again.folder = scratch.path();
  again.rows[0].further.clear();  // all empty
  write_manifest(scratch / "manifest.csv", again);
  const CsvTable table = read_csv(scratch / "manifest.csv");
  CHECK(table.columns().back() == "note");
  CHECK(table.at(0, table.require("view")).empty());
  CHECK(table.at(1, table.require("view")) == "AP");
  CHECK(read_manifest(scratch / "manifest.csv").rows[1].further == read.rows[1].further);
}
