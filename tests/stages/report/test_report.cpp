// The report of a whole small study, from real files of the other stages: what it shows, and what it must
// not.
#include <regex>

#include "../../unit/report/html_check.hpp"
#include "catch.hpp"
#include "study.hpp"
#include "tagconf/base/error.hpp"

using namespace tagconf;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string report_of(const test::Study& study,
                      const std::map<std::string, std::vector<stage::NamedPath>>& inputs,
                      const std::map<std::string, Json>& options = {}) {
  const auto out = study.folder / "out";
  (void)test::run_stage(stages::report(), inputs, out, options);
  return read_text(out / "report.html");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Every number with a decimal point that stands between tags: what a reader reads.
std::vector<std::string> numbers_in(const std::string& html) {
  const std::string text = test::check_page(html).text;
  const std::regex number("[0-9]+\\.[0-9]+");
  return {std::sregex_token_iterator(text.begin(), text.end(), number), {}};
}

}  // namespace

TEST_CASE("a full report is one well-formed page that loads nothing") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  const std::string html = report_of(study, study.inputs);
  const auto page = test::check_page(html);
  CHECK(page.problems == std::vector<std::string>{});
  CHECK(test::loads(html) == std::vector<std::string>{});
  CHECK(contains(html, "default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
  CHECK(count(html, "<section id=") == 11);
  CHECK(count(html, "class=\"empty\"") == 2);  // no off-diagonal models: the section and its link
  CHECK_FALSE(std::regex_search(page.text, std::regex("\\b(nan|inf|NaN)\\b")));
  CHECK(contains(html, "Synthetic images."));
  auto real = study.inputs;
  real.erase("truth");
  CHECK(contains(report_of(study, real), "Not to be passed on"));
  // 6 examples of tags, 6 images in 3 arms, 24 maps.
  CHECK(count(html, "data:image/jpeg") == 48);
  CHECK(contains(page.text, "would reach 0.520"));
  CHECK(contains(page.text, "on these very images 0.537"));
  CHECK(contains(page.text,
                 "at 224 \u00d7 224 pixels, from random weights, for 2 epochs, on 123 training images"));

  // The numbers are those of results.json.
  const Json results = parse_json(read_text(study.folder / "results.json"), "results.json");
  for (const auto& unit : results["units"]) {
    for (const auto& m : unit["models"]) CHECK(contains(page.text, format_fixed(m["auc"].get<double>(), 3)));
  }
  // 24 of 32 true tags were found, and nothing else.
  CHECK(contains(page.text, "75.0 % (24 of 32)"));
  CHECK(contains(page.text, "100.0 % (24 of 24)"));
  CHECK(contains(page.text, "secretpatient99"));
}

TEST_CASE("the same inputs give the same bytes wherever they lie") {
  test::ScratchFolder one;
  test::ScratchFolder two;
  const test::Study a = test::make_study(one.path());
  const test::Study b = test::make_study(two.path() / "deep/er");
  const std::string html = report_of(a, a.inputs);
  CHECK(html == report_of(a, a.inputs));
  CHECK(html == report_of(b, b.inputs));
  CHECK(html != report_of(a, a.inputs, {{"seed", 2}}));
}

TEST_CASE("a shared report has no pixels and no ids, and every number") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  const std::string full = report_of(study, study.inputs);
  const std::string shared = report_of(study, study.inputs, {{"share", true}});
  CHECK(test::check_page(shared).problems == std::vector<std::string>{});
  CHECK(test::loads(shared) == std::vector<std::string>{});
  CHECK_FALSE(contains(shared, "<img"));
  CHECK_FALSE(contains(shared, "data:image"));
  CHECK_FALSE(contains(shared, "secretpatient"));
  CHECK_FALSE(contains(shared, "/home"));
  CHECK(contains(shared, "Copy to pass on"));
  // Numbers below pictures go with the pictures; all others stay, in order.
  std::string without = full;
  for (std::size_t at = without.find("<figure class=\"picture\">"); at != std::string::npos;
       at = without.find("<figure class=\"picture\">")) {
    without.erase(at, without.find("</figure>", at) + 9 - at);
  }
  CHECK(numbers_in(without) == numbers_in(shared));
}

TEST_CASE("results alone make a report; every other section says what would fill it") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  const std::string html =
      report_of(study, {{"results", study.inputs.at("results")}}, {{"title", "<script>x</script>"}});
  CHECK(test::check_page(html).problems == std::vector<std::string>{});
  CHECK(test::loads(html) == std::vector<std::string>{});
  CHECK(count(html, "<section id=") == 11);
  CHECK(count(html, "<section id=\"verdict\">") == 1);
  CHECK(contains(html, "--manifest manifest.csv"));
  CHECK_FALSE(contains(html, "<p class=\"banner\">"));
}

TEST_CASE("an image that is gone costs its pictures and nothing else") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  for (int i = 0; i < 64; ++i)
    std::ofstream(study.folder / ("image" + std::to_string(i) + ".png")) << "no image";
  const std::string html = report_of(study, study.inputs);
  CHECK(count(html, "data:image") == 0);
  CHECK(test::check_page(html).problems == std::vector<std::string>{});
}

TEST_CASE("an image that several stages left out counts once, and not among those used") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  auto inputs = study.inputs;
  CsvWriter pack({"image_id", "reason"});
  pack.row({study.samples[0].image_id, "truncated"});
  write_text(study.folder / "pack1.csv", pack.text());
  write_text(study.folder / "pack2.csv", pack.text());
  inputs["skipped"].push_back({"", study.folder / "pack1.csv"});
  inputs["skipped"].push_back({"", study.folder / "pack2.csv"});
  const std::string html = report_of(study, inputs);
  CHECK(contains(html, "65 images found, 2 left out, 63 used."));
}

TEST_CASE("a gallery of none and of the most pictures") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  CHECK(count(report_of(study, study.inputs, {{"gallery", 0}}), "data:image/jpeg") == 24);
  CHECK(count(report_of(study, study.inputs, {{"gallery", 36}}), "data:image/jpeg") == 60);
  CHECK_THROWS(report_of(study, study.inputs, {{"gallery", 37}}));
}

TEST_CASE("a broken input is named and no report is left") {
  test::ScratchFolder scratch;
  const test::Study study = test::make_study(scratch.path());
  const std::map<std::string, std::string> broken{
      {"results", "{\"schema\": 3}"},
      {"roc", "model,fpr,tpr\na,x,1\n"},
      {"verdict", "{}"},
      {"tags", "image_id,x\n"},
      {"skipped", "a,b\n1,2\n"},
      {"epochs", "no json\n{}\n"},
      {"records", "{\"schema\": \"tagconf.train/1\", \"input_size\": \"x\"}"},
      {"cams", "image_id,in_tag\na,much\n"},
      {"truth", "["}};
  for (const auto& [port, text] : broken) {
    CAPTURE(port);
    auto inputs = study.inputs;
    const auto path = study.folder / "broken" / (port + ".txt");
    write_text(path, text);
    inputs[port] = {{"", path}};
    std::filesystem::remove_all(study.folder / "out");
    try {
      (void)report_of(study, inputs);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
      CHECK(contains(error.message(), port + ".txt"));
    }
    CHECK_FALSE(std::filesystem::exists(study.folder / "out/report.html"));
  }
}
