// What the evaluate stage writes and prints besides results.json: ROC, tables, text.
#include <cmath>
#include <sstream>

#include "small_cohort.hpp"

namespace tagconf::test {

TEST_CASE("the ROC file starts at 0,0, ends at 1,1, and encloses the AUC") {
  const auto rows = cohort(1, 1.0);
  EvaluateRun run;
  run.options = {{"bootstrap", 0}, {"unit", {"image"}}};
  run.predictions = {{"a", csv(rows)}};
  const auto out = run.run();
  const CsvTable roc = parse_csv(out.roc, "roc.csv");
  CHECK(roc.columns() == std::vector<std::string>{"model", "unit", "subset", "threshold", "fpr", "tpr",
                                                  "tpr_low", "tpr_high"});
  double area = 0;
  double x = 0;
  double y = 0;
  std::size_t tagged = 0;
  for (std::size_t row = 0; row < roc.rows(); ++row) {
    CHECK(roc.at(row, 1) == "image");
    tagged += roc.at(row, 2) == "tagged" ? 1 : 0;
    if (roc.at(row, 2) != "all") continue;
    const double fpr = *parse_double(roc.at(row, 4));
    const double tpr = *parse_double(roc.at(row, 5));
    CHECK(*parse_double(roc.at(row, 6)) <= tpr);
    CHECK(*parse_double(roc.at(row, 7)) >= tpr);
    if (row == 0) CHECK((fpr == 0.0 && tpr == 0.0 && roc.at(row, 3) == "inf"));
    area += (fpr - x) * (tpr + y) / 2.0;
    x = fpr;
    y = tpr;
  }
  CHECK(tagged > 2);
  CHECK(x == 1.0);
  CHECK(y == 1.0);
  CHECK(area == Approx(auc_by_pairs(logits(rows), rows)).epsilon(1e-12));
}

TEST_CASE("tables as CSV hold the values of results.json, a row a model and a row a comparison") {
  EvaluateRun run;
  run.options = {{"bootstrap", 50}, {"unit", {"image"}}, {"by_tag", false}};
  run.predictions = {{"original", csv(cohort(1, 1.0))}, {"covered", csv(cohort(2, 1.5))}};
  const auto out = run.run();
  const Json& unit = unit_of(out.results, "image", "all");
  const CsvTable models = parse_csv(out.models, "models.csv");
  REQUIRE(models.rows() == 6);  // all, ELBOW, WRIST
  const auto at = [](const CsvTable& table, std::size_t row, const char* column) {
    return table.at(row, table.require(column));
  };
  CHECK(at(models, 1, "model") == "covered");
  CHECK(*parse_double(at(models, 1, "auc")) == unit.at("models").at(1).at("auc").get<double>());
  CHECK(*parse_double(at(models, 1, "clustered_high")) ==
        unit.at("models").at(1).at("clustered").at("ci_clipped").at(1).get<double>());
  CHECK(at(models, 2, "part") == "ELBOW");
  const CsvTable comparisons = parse_csv(out.comparisons, "comparisons.csv");
  REQUIRE(comparisons.rows() == 3);
  CHECK(at(comparisons, 0, "primary") == "1");
  CHECK(*parse_double(at(comparisons, 0, "clustered_p")) ==
        unit.at("comparisons").at(0).at("clustered").at("p").get<double>());
  CHECK(at(comparisons, 0, "not_estimable").empty());
  CHECK(unit.at("comparisons").at(0).at("delong").at("p_text").is_string());
}

TEST_CASE("LaTeX tables are whole, escaped, and say what has no value") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  std::string good = "image_id,label,probability\n";
  std::string bad = good;
  for (int i = 0; i < 400; ++i) {
    const int label = i % 2;
    good += "i" + std::to_string(i) + "," + std::to_string(label) + "," +
            format_number(0.3 + 0.2 * label + 0.001 * (i % 97)) + "\n";
    bad += "i" + std::to_string(i) + "," + std::to_string(label) + "," +
           format_number(0.001 * (i * 37 % 401)) + "\n";
  }
  run.predictions = {{"tags_only", good}, {"50%&co", bad}, {"again", good}};
  const auto out = run.run();
  CHECK(holds(out.tables, "tags\\_only"));
  CHECK(holds(out.tables, "50\\%\\&co"));
  CHECK(holds(out.tables, "$< 0.001$"));
  CHECK(holds(out.tables, "again minus tags\\_only & $0.000$ & not estimable (zero variance of difference)"));
  CHECK(holds(out.comparisons, "zero_variance_of_difference"));
  for (const char* word : {"\\toprule", "\\midrule", "\\bottomrule", "\\begin{tabular}", "\\end{tabular}"}) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = out.tables.find(word, at)) != std::string::npos; ++at) ++count;
    INFO(word);
    CHECK(count == 3);
  }
  // Every row of a table has as many cells as its column list.
  std::istringstream lines(out.tables);
  std::string line;
  std::size_t columns = 0;
  while (std::getline(lines, line)) {
    const auto list = line.find("\\begin{tabular}{");
    if (list != std::string::npos) columns = line.size() - list - std::string("\\begin{tabular}{}").size();
    if (line.size() < 2 || line.substr(line.size() - 2) != "\\\\") continue;
    std::size_t cells = 1;
    for (std::size_t i = 1; i < line.size(); ++i) cells += line[i] == '&' && line[i - 1] != '\\' ? 1 : 0;
    INFO(line);
    CHECK(cells == columns);
  }
}

TEST_CASE("a p below what float64 holds is printed as a bound") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  std::string good = "image_id,label,logit\n";
  std::string bad = good;
  for (std::int64_t i = 0; i < 40000; ++i) {
    const std::int64_t label = i % 2;
    const std::int64_t noise = (i * 7919) % 10007;
    good += "i" + std::to_string(i) + "," + std::to_string(label) + "," +
            std::to_string(label * 8000 + noise) + "\n";
    bad += "i" + std::to_string(i) + "," + std::to_string(label) + "," +
           std::to_string((i * 104729) % 20011) + "\n";
  }
  run.predictions = {{"good", good}, {"bad", bad}};
  const auto out = run.run();
  const Json& test = unit_of(out.results, "image", "all").at("comparisons").at(0).at("delong");
  CHECK(test.at("p").get<double>() < 1e-300);
  CHECK(test.at("p_text") == "< 1e-300");
  CHECK(holds(out.comparisons, ",< 1e-300,"));
  CHECK(holds(out.summary.at("text"), "p < 1e-300"));
}

}  // namespace tagconf::test
