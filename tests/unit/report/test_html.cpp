// Markup: escaping, base64 against RFC 4648, drawings that stay inside their frame, pages that load nothing.
#include <cmath>
#include <cstring>
#include <limits>
#include <regex>

#include "catch.hpp"
#include "html_check.hpp"
#include "results_fixture.hpp"
#include "tagconf/report/sections.hpp"

using namespace tagconf;
using namespace tagconf::report;

namespace {

const std::string kHostile =
    "</title><script src=\"http\x3a//x\">alert('1')</script>&{{{body}}}{{title}}\x01\xff";

std::string encoded(const std::string& text) {
  return base64(std::as_bytes(std::span(text)));
}

// Every number of an SVG attribute.
std::vector<double> numbers_of(const std::string& svg, const std::string& attribute) {
  std::vector<double> out;
  const std::regex find(" " + attribute + "=\"([^\"]*)\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), find), end; it != end; ++it) {
    const std::string list = (*it)[1];
    const std::regex number("-?[0-9.]+");
    for (std::sregex_iterator n(list.begin(), list.end(), number); n != end; ++n)
      out.push_back(std::stod(n->str()));
  }
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("base64 equals the vectors of RFC 4648") {
  CHECK(encoded("").empty());
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foob") == "Zm9vYg==");
  CHECK(encoded("fooba") == "Zm9vYmE=");
  CHECK(encoded("foobar") == "Zm9vYmFy");
  CHECK(encoded("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("text cannot become markup") {
  CHECK(escaped("<a href=\"x\">'&'</a>").bytes == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(escaped("S\u00e3o Jos\u00e9 \u6f22 \U0001F600").bytes == "S\u00e3o Jos\u00e9 \u6f22 \U0001F600");
  // Overlong, surrogate, cut short, beyond Unicode, control characters.
  CHECK(escaped("\xc0\xaf").bytes == "\uFFFD\uFFFD");
  CHECK(escaped("\xed\xa0\x80").bytes == "\uFFFD\uFFFD\uFFFD");
  CHECK(escaped("a\xe2\x82").bytes == "a\uFFFD\uFFFD");
  CHECK(escaped("\xf5\x80\x80\x80").bytes == "\uFFFD\uFFFD\uFFFD\uFFFD");
  CHECK(escaped(std::string("a\0b\x1b", 4)).bytes == "a\uFFFDb\uFFFD");
}

TEST_CASE("hostile names pass through every piece as text") {
  Table t;
  t.caption = kHostile;
  t.columns = {{kHostile, false}, {kHostile, true}};
  t.rows = {{escaped(kHostile), code(kHostile)}};
  IntervalPlot plot;
  plot.words = {"p", kHostile, kHostile};
  plot.axis = kHostile;
  plot.groups = {
      {kHostile, {{kHostile, 0.5, Interval{0.4, 0.6}, std::nullopt, style_of(kHostile, 0), true, kHostile}}}};
  plot.references = {{0.5, kHostile}};
  Picture picture{{}, 1, 1, kHostile, {kHostile}};
  const Card card{kHostile, kHostile, {kHostile}, "#000000"};
  Html body = table(t) + interval_plot(plot) + gallery(std::span(&picture, 1), 6) +
              cards(std::span(&card, 1)) + paragraph(kHostile) + note(kHostile) + heading(kHostile) +
              badge(kHostile, "pass") + limits(kHostile);
  const std::string html =
      render_page({kHostile, kHostile, kHostile, kHostile, {{"a", kHostile, body, false}}});
  const auto page = test::check_page(html);
  CHECK(page.problems == std::vector<std::string>{});
  CHECK(
      std::none_of(page.tags.begin(), page.tags.end(), [](const auto& tag) { return tag.name == "script"; }));
  CHECK(contains(page.text, "{{{body}}}{{title}}"));
}

TEST_CASE("the checker itself sees what it should") {
  CHECK(test::check_page("<p><b></p></b>").problems.size() == 2);
  CHECK_FALSE(test::loads("<img src=\"x.png\">").empty());
  CHECK_FALSE(test::loads("<p style=\"background:url(x)\"></p>").empty());
  CHECK_FALSE(test::loads("<script></script>").empty());
  CHECK(test::loads("<img src=\"data:image/jpeg;base64,AA==\">").empty());
}

TEST_CASE("axis ticks are round, cover the data and are few") {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {0, 1}, {0.617, 0.871}, {-0.02, 0.013}, {3, 3}, {0, 40561}, {1e-9, 2e-9}}) {
    CAPTURE(low, high);
    const auto ticks = nice_ticks(low, high, 6);
    REQUIRE(ticks.size() >= 2);
    CHECK(ticks.size() <= 9);
    CHECK(ticks.front() <= low + 1e-9 * std::abs(low));
    CHECK(ticks.back() >= high - 1e-9 * std::abs(high));
    const double step = ticks[1] - ticks[0];
    const double mantissa = step / std::pow(10, std::floor(std::log10(step) + 1e-9));
    const bool round = std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 ||
                       std::abs(mantissa - 2.5) < 1e-6 || std::abs(mantissa - 5) < 1e-6;
    CHECK(round);
  }
}

TEST_CASE("a ROC curve runs from corner to corner of its frame") {
  RocCurve curve;
  curve.style = style_of("covered", 0);
  curve.points = {{0, 0}, {0, 0.5}, {0.5, 1}, {1, 1}};
  curve.band = {{0, {0, 0.1}}, {0.5, {0.9, 1}}, {1, {1, 1}}};
  const std::string svg = roc_plot({"r", "t", "d"}, {curve}).bytes;
  const std::regex line("<polyline points=\"([^ ]*) ([^ ]*) ([^ ]*) ([^\"]*)\"");
  std::smatch m;
  REQUIRE(std::regex_search(svg, m, line));
  CHECK(m[1] == "62.00,354.00");
  CHECK(m[2] == "62.00,184.00");
  CHECK(m[3] == "232.00,14.00");
  CHECK(m[4] == "402.00,14.00");
  CHECK(contains(svg, "stroke-dasharray=\"7 3\""));
  CHECK(contains(svg, "<title id=\"r-t\">t</title>"));
  CHECK(contains(svg, "aria-labelledby=\"r-t r-d\""));
}

TEST_CASE("missing and endless values leave no trace in a drawing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  IntervalPlot plot;
  plot.words = {"p", "t", "d"};
  plot.references = {{nan, "r"}};
  plot.groups = {{"",
                  {{"a", nan, Interval{nan, inf}, Interval{-inf, 1}, style_of("a", 0), true, ""},
                   {"b", std::nullopt, std::nullopt, std::nullopt, style_of("b", 1), true, ""}}}};
  LinePlot lines;
  lines.words = {"l", "t", "d"};
  lines.series = {{"a", style_of("a", 0), {{1, nan}, {2, inf}}, Point{nan, 1}},
                  {"b", style_of("b", 1), {}, std::nullopt}};
  Histogram h;
  h.words = {"h", "t", "d"};
  h.series = {{style_of("a", 0), {nan, inf, 0.5}}};
  RocCurve roc;
  roc.points = {{nan, 0}, {0, inf}};
  const Html all = interval_plot(plot) + line_plot(lines) + histogram_plot(h) +
                   bar_plot({"b", "t", "d"}, {{"x", nan, "", "#000000"}}) + roc_plot({"r", "t", "d"}, {roc});
  CHECK_FALSE(contains(all.bytes, "nan"));
  CHECK_FALSE(contains(all.bytes, "inf"));
  CHECK(test::check_page(all.bytes).problems == std::vector<std::string>{});
}

TEST_CASE("nothing is drawn outside the frame, whatever the values") {
  IntervalPlot plot;
  plot.words = {"p", "t", "d"};
  plot.domain = Interval{0.4, 0.6};
  plot.groups = {{"g", {{"a", 7.0, Interval{-3, 12}, Interval{-9, 99}, style_of("a", 0), true, "x"}}}};
  const std::string svg = interval_plot(plot).bytes;
  for (const char* attribute : {"x1", "x2", "cx"}) {
    for (const double x : numbers_of(svg, attribute)) {
      CHECK(x >= 0);
      CHECK(x <= 760);
    }
  }
}

TEST_CASE("a section without data says what would fill it") {
  const Privacy privacy(false, "");
  const Results none = parse_results({{"schema", "tagconf.evaluate/1"}, {"units", Json::array()}}, "r.json");
  for (const Section& s : {verdict_section({none, std::nullopt, std::nullopt, std::nullopt, false}),
                           cohort_section(std::nullopt, privacy), tags_section(std::nullopt),
                           arms_section(std::nullopt), roc_section({}, none), matrix_section(none),
                           body_part_section(none), cam_section(std::nullopt), training_section({})}) {
    CAPTURE(s.title);
    CHECK(s.empty);
    CHECK(contains(s.body.bytes, "<p>"));
  }
}

TEST_CASE("the verdict holds the numbers of the results, whatever else is missing") {
  const Results results = parse_results(test::made_up_results(), "results.json");
  const Section s = verdict_section({results, std::nullopt, 0.641, 0.633, true});
  for (const char* text : {"0.844", "0.857", "0.638", "+0.013", "p = 0.021", "p = 0.083", "0.641",
                           "0.830 to 0.858", "synthetic", "+0.138"}) {
    CAPTURE(text);
    CHECK(contains(s.body.bytes, text));
  }
  Json bare = test::made_up_results();
  bare["cluster"] = nullptr;
  for (auto& unit : bare["units"]) {
    for (auto& m : unit["models"]) {
      m.erase("clustered");
      m["auc"] = nullptr;
      m["delong"] = {{"se", nullptr}, {"ci", nullptr}};
      m["not_estimable"] = {{"auc", "one_class"}, {"delong", "fewer_than_two_positives"}};
    }
    for (auto& c : unit["comparisons"]) {
      c.erase("clustered");
      c["difference"] = nullptr;
      c["delong"] = {{"p", nullptr}, {"ci", nullptr}};
    }
  }
  const Section empty =
      verdict_section({parse_results(bare, "r"), std::nullopt, std::nullopt, std::nullopt, false});
  CHECK(contains(empty.body.bytes, "not estimable: one class"));
  CHECK_FALSE(contains(empty.body.bytes, "nan"));
  CHECK_FALSE(contains(empty.body.bytes, "by patient"));
  CHECK(test::check_page(empty.body.bytes).problems == std::vector<std::string>{});
}

TEST_CASE("pseudonyms are stable within a report and leave no id behind") {
  const Privacy off(false, "s");
  const Privacy on(true, "s");
  const std::string id = "valid/XR_WRIST/patient11185/study1_positive/image1";
  CHECK(off.name(id) == id);
  CHECK(on.name(id) == on.name(id));
  CHECK(on.name(id) != on.name(id + "0"));
  CHECK(on.name(id) != Privacy(true, "t").name(id));
  const std::string said = on.message(id + ": cut short (/data/MURA-v1.1/" + id + ".png, C:\\x\\y.png)", id);
  CHECK_FALSE(contains(said, "patient"));
  CHECK_FALSE(contains(said, "MURA"));
  CHECK_FALSE(contains(said, "\\"));
  CHECK(contains(said, on.name(id)));
  CHECK(contains(said, "cut short"));
}
