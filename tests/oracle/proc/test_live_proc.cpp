// The library against pROC (Robin et al., BMC Bioinformatics 2011;12:77), run on the spot over random data
// with ties. Skipped where Rscript or the package pROC is not installed.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/power.hpp"

namespace tagconf::test {
namespace {

// The numbers that the script printed: [file name][key].
using Numbers = std::map<std::string, std::map<std::string, double>>;

Numbers ask_proc(const std::string& arguments) {
  const std::string script = (source_folder() / "scripts/oracle/proc.R").string();
  const std::string command = "Rscript --vanilla '" + script + "' " + arguments;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
  REQUIRE(pclose(pipe) == 0);
  Numbers numbers;
  std::istringstream lines(text);
  for (std::string file, key, value; lines >> file >> key >> value;) {
    const auto number = parse_double(value);
    REQUIRE(number);
    numbers[std::filesystem::path(file).filename().string()][key] = *number;
  }
  return numbers;
}

void skip_without_proc() {
  static const bool there = std::system("Rscript --vanilla -e 'library(pROC)' >/dev/null 2>&1") ==
                            0;  // NOLINT(concurrency-mt-unsafe)
  if (there) return;
  std::cerr << "skipped: Rscript with the package pROC is not installed (Debian: r-cran-proc)\n";
  std::exit(42);
}

struct Data {
  std::vector<std::uint8_t> labels;
  std::vector<double> a;
  std::vector<double> b;
};

// Sizes from 12 to 1500; grids from coarse ratings to scores hardly ever tied; good, useless and reversed
// models.
Data random_data(std::uint64_t seed) {
  Rng rng(seed, "live pROC");
  const auto n = static_cast<std::size_t>(std::exp(rng.uniform(std::log(12.0), std::log(1500.0))));
  const double grid = std::array{2.0, 8.0, 64.0, 1e6}[rng.below(4)];
  const double effect_a = rng.uniform(-0.5, 2.0);
  const double effect_b = rng.uniform(-0.5, 2.0);
  const double shared = rng.uniform(0.0, 1.5);
  Data data;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t label = i < 3 ? 1 : i < 6 ? 0 : rng.chance(0.35) ? 1 : 0;
    const double common = shared * rng.normal();
    data.labels.push_back(label);
    data.a.push_back(std::round((common + effect_a * label + rng.normal()) * grid) / grid);
    data.b.push_back(std::round((common + effect_b * label + rng.normal()) * grid) / grid);
  }
  return data;
}

std::string csv(const Data& data) {
  std::string text = "label,a,b\n";
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    text += std::to_string(data.labels[i]) + "," + format_number(data.a[i]) + "," + format_number(data.b[i]) +
            "\n";
  }
  return text;
}

void check_close(const char* what, double ours, double theirs, double tolerance = 1e-9) {
  INFO(what << ": ours " << format_number(ours) << ", pROC " << format_number(theirs));
  CHECK(std::abs(ours - theirs) <= tolerance * std::abs(theirs));
}

void check_data(const Data& data, const std::map<std::string, double>& proc) {
  const stats::Labels labels(data.labels);
  const auto a = stats::place(stats::rank_scores(data.a), labels);
  const auto b = stats::place(stats::rank_scores(data.b), labels);
  const stats::Contrast<stats::Placements> pair{&a, &b};
  const double var_a = stats::delong_covariance({&a}, {&a}, labels);
  const double var_b = stats::delong_covariance({&b}, {&b}, labels);
  const double cov = stats::delong_covariance({&a}, {&b}, labels);
  check_close("AUC of a", stats::auc(a, labels), proc.at("auc_a"), 1e-12);
  check_close("AUC of b", stats::auc(b, labels), proc.at("auc_b"), 1e-12);
  check_close("variance of a", var_a, proc.at("var_a"));
  check_close("variance of b", var_b, proc.at("var_b"));
  // Near zero a covariance has no relative digits.
  CHECK(std::abs(cov - proc.at("cov")) <= 1e-9 * std::sqrt(var_a * var_b));
  const auto single = stats::infer_auc(stats::auc(a, labels), var_a);
  REQUIRE(single.clipped);
  check_close("lower end of a", single.clipped->low, proc.at("ci_low_a"));
  check_close("upper end of a", single.clipped->high, proc.at("ci_high_a"));
  const auto test = stats::infer_difference(stats::difference_of_auc(a, b, labels),
                                            stats::delong_covariance(pair, pair, labels), var_a, var_b, cov);
  REQUIRE(test.z);
  // pROC takes the difference of two rounded AUCs: digits are lost where they are close.
  const double scale = std::max(std::abs(*test.z), 1e-3);
  CHECK(std::abs(*test.z - proc.at("z")) <= 1e-9 * scale);
  CHECK(std::abs(*test.p - proc.at("p")) <= 1e-9 * (1.0 + *test.z * *test.z) * proc.at("p"));
  CHECK(std::abs(test.ci->low - proc.at("diff_low")) <= 1e-9 * *test.se);
  CHECK(std::abs(test.ci->high - proc.at("diff_high")) <= 1e-9 * *test.se);
}

}  // namespace

TEST_CASE("AUC, DeLong's variance, the interval and the paired test are pROC's") {
  skip_without_proc();
  constexpr std::uint64_t kSets = 120;
  const ScratchFolder folder;
  std::string arguments;
  std::map<std::string, Data> sets;
  for (std::uint64_t seed = 0; seed < kSets; ++seed) {
    const std::string name = "data" + std::to_string(seed) + ".csv";
    const Data& data = sets.emplace(name, random_data(seed)).first->second;
    write_text(folder / name, csv(data));
    arguments += " '" + (folder / name).string() + "'";
  }
  const Numbers numbers = ask_proc(arguments);
  REQUIRE(numbers.size() == kSets);
  for (const auto& [name, data] : sets) {
    INFO(name << " with " << data.labels.size() << " rows");
    check_data(data, numbers.at(name));
  }
}

TEST_CASE("variance and covariance of binormal AUCs are pROC's") {
  skip_without_proc();
  const stats::ClassCounts counts{200, 500};
  for (const auto& [auc_a, auc_b, r_positives, r_negatives] :
       {std::array{0.85, 0.8, 0.6, 0.4}, {0.7, 0.7, 0.9, 0.2}, {0.95, 0.9, 0.3, 0.3}}) {
    std::string arguments = "--binormal";
    for (const double x : {auc_a, auc_b, r_positives, r_negatives, 2.5}) arguments += " " + format_number(x);
    const auto proc = ask_proc(arguments).at("binormal");
    // pROC's are per positive, and its variance is the published one without the parameters' covariance.
    check_close("variance", stats::auc_variance(stats::AucVariance::obuchowski, auc_a, counts) * 200.0,
                proc.at("variance_a"), 1e-12);
    const double r = stats::binormal_auc_correlation(auc_a, auc_b, r_positives, r_negatives, counts);
    const double spread = std::sqrt(stats::auc_variance(stats::AucVariance::binormal, auc_a, counts) *
                                    stats::auc_variance(stats::AucVariance::binormal, auc_b, counts));
    check_close("covariance", r * spread * 200.0, proc.at("covariance"), 1e-12);
  }
}

}  // namespace tagconf::test
