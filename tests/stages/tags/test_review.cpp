// review as a command: pages of pictures, and corrections that outlast the next run of the finder.
#include "small_cohort.hpp"
#include "tagconf/tags/review.hpp"

using namespace tagconf;
using test::SmallCohort;
using test::StageCall;

namespace {

const std::string kFirst = "train/XR_HAND/p1/image1";
const std::string kSecond = "train/XR_HAND/p1/image2";
const std::string kThird = "valid/p2/image1";

struct Reviewing {
  SmallCohort cohort;
  std::filesystem::path table =
      cohort.table(kFirst + ",10,10,20,20,laterality\n" + kSecond + ",1,2,3,4,text\n" + kThird + ",,,,,\n");

  [[nodiscard]] StageCall page() const {
    return {stages::review(), {{"tags", table}, {"images", cohort.manifest_path()}}, cohort / "out", {}, {}};
  }
  // `images` as in edits.json.
  [[nodiscard]] StageCall apply(const std::string& images) const {
    const auto digest = tags::table_digest(tags::read_tags(table));
    write_text(cohort / "edits.json", R"({"schema": "tagconf.review/1", "table": ")" + digest +
                                          R"(", "page": 1, "images": [)" + images + "]}");
    return {stages::review(), {{"tags", table}, {"apply", cohort / "edits.json"}}, cohort / "out", {}, {}};
  }
};

std::string image(const std::string& id, const std::string& boxes) {
  return R"({"id": ")" + id + R"(", "width": 80, "height": 60, "boxes": [)" + boxes + "]}";
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a page holds every image of the table and loads nothing") {
  const Reviewing reviewing;
  auto call = reviewing.page();
  call.options = {{"title", "R & </script> <b>"}};
  const auto summary = call.run();
  CHECK(summary.at("images") == 3);
  CHECK(summary.at("pages") == 1);
  const std::string html = read_text(reviewing.cohort / "out/review.html");
  CHECK(summary.at("largest_page_bytes") == html.size());
  CHECK(count(html, "\"jpeg\":\"/9j/") == 3);
  CHECK(html.find("default-src 'none'; img-src data:; style-src 'sha256-") != std::string::npos);
  CHECK(html.find("<title>R &amp; &lt;/script&gt; &lt;b&gt;</title>") != std::string::npos);
  CHECK(count(html, "</script>") == 2);
  for (const std::string word : {"http://", "https://"}) {
    // The name space of SVG is an address, but loads nothing.
    CHECK(count(html, word) == (word == "http://" ? 1U : 0U));
  }
  (void)call.run();
  CHECK(read_text(reviewing.cohort / "out/review.html") == html);
}

TEST_CASE("more images than a page takes: numbered pages that link to each other") {
  const Reviewing reviewing;
  auto call = reviewing.page();
  call.options = {{"per_page", 2}};
  CHECK(call.run().at("pages") == 2);
  const std::string first = read_text(reviewing.cohort / "out/review.html");
  const std::string second = read_text(reviewing.cohort / "out/review_2.html");
  CHECK(count(first, "\"jpeg\":") == 2);
  CHECK(count(second, "\"jpeg\":") == 1);
  for (const auto& html : {first, second})
    CHECK(html.find(R"("pages":["review.html","review_2.html"])") != std::string::npos);
  CHECK(second.find(R"("page":2)") != std::string::npos);
}

TEST_CASE("corrections are applied and survive the next run of the finder") {
  const Reviewing reviewing;
  const auto summary =
      reviewing
          .apply(image(kFirst, "") + "," +
                 image(kThird, R"({"x": 70, "y": 50, "w": 10, "h": 10, "kind": "technologist"})"))
          .run();
  CHECK(summary.at("examined") == 2);
  CHECK(summary.at("added") == 1);
  CHECK(summary.at("removed") == 1);
  const auto corrected = reviewing.cohort / "out/tags.csv";
  const auto table = tags::read_tags(corrected);
  CHECK(table.boxes(kFirst).empty());
  CHECK(table.none_by(kFirst) == TagSource::person);
  CHECK(table.boxes(kSecond).size() == 1);

  // The second image's box came from a file, not from a finder: it holds as well.
  StageCall detect{stages::detect(),
                   {{"images", reviewing.cohort.manifest_path()}, {"boxes", corrected}},
                   reviewing.cohort / "again",
                   {{"finder", "classical"}},
                   {}};
  CHECK(detect.run().at("given_images") == 3);
  const auto again = tags::read_tags(reviewing.cohort / "again/tags.csv");
  CHECK(again.boxes(kFirst).empty());
  CHECK(again.none_by(kFirst) == TagSource::person);
  REQUIRE(again.boxes(kThird).size() == 1);
  CHECK(again.boxes(kThird)[0].source == TagSource::person);
  CHECK(again.boxes(kThird)[0].box == Rect{70, 50, 10, 10});
  CHECK(again.boxes(kSecond)[0].source == TagSource::given);
}

TEST_CASE("the table that the edits belong to is not written over") {
  const Reviewing reviewing;
  const std::string before = read_text(reviewing.table);
  auto call = reviewing.apply(image(kFirst, ""));
  call.out = reviewing.table.parent_path();
  CHECK(call.failure().message() ==
        reviewing.table.string() + ": is the table that the edits were made from");
  CHECK(read_text(reviewing.table) == before);
}

TEST_CASE("what an earlier finder said of images that no person examined is found anew") {
  Reviewing reviewing;
  write_text(reviewing.table, "image_id,x,y,w,h,kind,score,source\n" + kFirst +
                                  ",10,10,20,20,laterality,0.8,learned\n" + kSecond +
                                  ",1,2,3,4,text,0.7,learned\n" + kThird + ",,,,,,,\n");
  (void)reviewing
      .apply(image(kFirst, R"({"x": 11, "y": 10, "w": 20, "h": 20, "kind": "laterality", "from": 0})"))
      .run();
  StageCall detect{
      stages::detect(),
      {{"images", reviewing.cohort.manifest_path()}, {"boxes", reviewing.cohort / "out/tags.csv"}},
      reviewing.cohort / "again",
      {{"finder", "classical"}},
      {}};
  CHECK(detect.run().at("given_images") == 1);
  const auto again = tags::read_tags(reviewing.cohort / "again/tags.csv");
  REQUIRE(again.boxes(kFirst).size() == 1);
  CHECK(again.boxes(kFirst)[0].box == Rect{11, 10, 20, 20});
  // Pure noise: the finder finds nothing there.
  CHECK(again.boxes(kSecond).empty());
  CHECK_FALSE(again.none_by(kThird));
}

TEST_CASE("wrong calls are refused and leave nothing") {
  const Reviewing reviewing;
  auto call = reviewing.page();
  SECTION("neither images nor edits") {
    call.inputs.erase("images");
    CHECK(call.failure().code() == ErrorCode::usage);
  }
  SECTION("images of another cohort") {
    call.inputs["tags"] = reviewing.cohort.table("x,1,1,2,2,\n", "x.csv");
    CHECK(call.failure().message() ==
          (reviewing.cohort / "x.csv").string() + ": lists no image of these; its first is 'x'");
  }
  SECTION("a box outside its image") {
    call.inputs["tags"] = reviewing.cohort.table(kFirst + ",70,1,20,2,\n", "x.csv");
    CHECK(call.failure().message() ==
          (reviewing.cohort / "x.csv").string() + ":2: box outside image (x 70 + w 20 > 80)");
  }
  CHECK_FALSE(std::filesystem::exists(reviewing.cohort / "out/review.html"));
}
