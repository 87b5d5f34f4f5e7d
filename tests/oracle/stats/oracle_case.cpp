#include "oracle_case.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stats/studies.hpp"

namespace tagconf::test {
namespace {

std::string id_text(const Json& id) {
  return id.is_string() ? id.get<std::string>() : id.dump();
}

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

void generate(OracleCase& oracle) {
  const Json& g = oracle.json.at("generator");
  SplitMix64 random(g.at("seed").get<std::uint64_t>());
  const auto n = g.at("n").get<std::uint64_t>();
  const auto cluster_size = g.at("cluster_size").get<std::uint64_t>();
  const auto da = g.at("da").get<std::uint64_t>();
  const auto db = g.at("db").get<std::uint64_t>();
  const auto dc = g.at("dc").get<std::uint64_t>();
  const auto shift = g.at("c_shift").get<unsigned>();
  const auto modulus = g.at("label_modulus").get<std::uint64_t>();
  const auto threshold = g.at("label_threshold").get<std::uint64_t>();
  std::uint64_t group = 0;
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  std::uint64_t positives = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (i % cluster_size == 0) group = random.next() >> 14U;
    const std::uint64_t r1 = random.next() >> 14U;
    const std::uint64_t r2 = random.next() >> 14U;
    const std::uint64_t r3 = random.next() >> 14U;
    const std::uint64_t r4 = random.next() >> 14U;
    const std::uint64_t label = random.next() % modulus < threshold ? 1 : 0;
    const std::uint64_t a = group + r1 + r2 + label * da;
    const std::uint64_t b = group + r1 + r3 + label * db;
    const std::uint64_t c = ((r4 + label * dc) >> shift) << shift;
    for (const std::uint64_t v : {label, a, b, c}) hash = (hash ^ v) * 0x100000001b3ULL;
    positives += label;
    oracle.labels.push_back(static_cast<double>(label));
    oracle.scores["A"].push_back(static_cast<double>(a) * 0x1.0p-53);
    oracle.scores["B"].push_back(static_cast<double>(b) * 0x1.0p-53);
    oracle.scores["C"].push_back(static_cast<double>(c) * 0x1.0p-53);
    oracle.ids["clusters"].push_back(std::to_string(i / cluster_size));
  }
  const Json& sum = oracle.json.at("checksum");
  REQUIRE(positives == sum.at("n_pos").get<std::uint64_t>());
  REQUIRE(hash == std::stoull(sum.at("fnv1a_words").get<std::string>(), nullptr, 16));
}

}  // namespace

OracleCase read_case(const std::filesystem::path& path) {
  OracleCase oracle;
  oracle.json = parse_json(read_text(path), path.filename().string());
  oracle.name = oracle.json.at("name").get<std::string>();
  oracle.kind = oracle.json.at("kind").get<std::string>();
  if (oracle.kind == "generator") generate(oracle);
  if (!oracle.json.contains("labels")) return oracle;
  oracle.labels = oracle.json.at("labels").get<std::vector<double>>();
  const bool as_text = oracle.json.contains("score_text");
  for (const auto& [model, values] : oracle.json.at(as_text ? "score_text" : "scores").items()) {
    for (const Json& value : values) {
      const auto number =
          value.is_string() ? parse_double(value.get<std::string>()) : std::optional(value.get<double>());
      REQUIRE(number);
      oracle.scores[model].push_back(*number);
    }
  }
  for (const std::string column : {"clusters", "studies"}) {
    if (!oracle.json.contains(column)) continue;
    for (const Json& id : oracle.json.at(column)) oracle.ids[column].push_back(id_text(id));
  }
  return oracle;
}

std::vector<std::filesystem::path> case_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Level make_level(const OracleCase& oracle, const std::string& level) {
  Level out;
  const auto image_labels = stats::Labels::parse(oracle.labels);
  for (const auto& [model, scores] : oracle.scores) {
    stats::require_scores(model, scores, image_labels);
    out.models.push_back(model);
  }
  const Json& expected = oracle.json.at("expected");
  if (expected.contains(level) && expected.at(level).contains("model_order"))
    out.models = expected.at(level).at("model_order").get<std::vector<std::string>>();
  if (level == "image") {
    out.labels = image_labels;
    out.scores = oracle.scores;
    out.ids = oracle.ids;
  } else {
    const auto clusters = oracle.ids.find("clusters");
    const stats::Studies studies = stats::group_studies(
        oracle.ids.at("studies"), image_labels,
        clusters == oracle.ids.end() ? std::span<const std::string>{} : std::span(clusters->second));
    const auto how = level == "study_max" ? stats::Aggregation::max : stats::Aggregation::mean;
    for (const auto& [model, scores] : oracle.scores)
      out.scores[model] = stats::aggregate(scores, studies, how);
    out.labels = studies.labels;
    if (!studies.cluster.empty()) out.ids["clusters"] = studies.cluster;
    if (expected.contains(level) && expected.at(level).contains("study_scores")) {
      CHECK(expected.at(level).at("study_scores").get<std::map<std::string, std::vector<double>>>() ==
            out.scores);
    }
  }
  stats::require_two_classes(out.labels);
  for (const auto& [column, ids] : out.ids) stats::require_length(column, ids.size(), out.labels.size());
  for (const std::string& model : out.models) {
    out.rankings[model] = stats::rank_scores(out.scores.at(model));
    out.placements[model] = stats::place(out.rankings.at(model), out.labels);
  }
  return out;
}

void check_number(double found, double expected, const Level& level) {
  INFO("found " << format_number(found) << " expected " << format_number(expected));
  if (expected == 0.0) {
    CHECK(std::abs(found) <= 1e-15);
    return;
  }
  const double tolerance = level.labels.size() > 5000 ? 1e-11 : 1e-12;
  CHECK(std::abs(found - expected) <= tolerance * std::abs(expected));
}

void check_optional(const std::optional<double>& found, const Json& expected, const Level& level) {
  REQUIRE(found.has_value() == !expected.is_null());
  if (found) check_number(*found, expected.get<double>(), level);
}

void check_interval(const std::optional<stats::Interval>& found, const Json& expected, const Level& level) {
  REQUIRE(found.has_value() == !expected.is_null());
  if (!found) return;
  check_number(found->low, expected.at(0).get<double>(), level);
  check_number(found->high, expected.at(1).get<double>(), level);
}

void check_p(const std::optional<double>& found, const Json& expected, double statistic) {
  REQUIRE(found.has_value() == !expected.is_null());
  if (!found) return;
  const double p = expected.get<double>();
  INFO("found " << format_number(*found) << " expected " << format_number(p));
  CHECK(std::abs(*found - p) <= 1e-12 * (1.0 + statistic) * p);
}

namespace {

void check_data(const OracleCase& oracle) {
  for (const std::string name : {"image", "study_mean", "study_max"}) {
    if (!oracle.json.at("expected").contains(name)) continue;
    INFO(name);
    const Json& expected = oracle.json.at("expected").at(name);
    const Level level = make_level(oracle, name);
    CHECK(level.labels.size() == expected.at("n").get<std::size_t>());
    CHECK(level.labels.positives() == expected.at("n_pos").get<std::size_t>());
    CHECK(level.labels.negatives() == expected.at("n_neg").get<std::size_t>());
    check_models(level, expected);
    check_delong_pairs(level, expected);
    check_clustered(level, expected);
    check_bootstrap(level, expected);
  }
}

bool holds_token(const std::string& text, const std::string& token) {
  static const std::regex kSpecial(R"([.^$|()\[\]{}*+?\\])");
  const std::string quoted = std::regex_replace(token, kSpecial, R"(\$&)");
  return std::regex_search(text, std::regex("(^|[^A-Za-z0-9_.])" + quoted + "($|[^A-Za-z0-9_])"));
}

void check_error(const OracleCase& oracle) {
  const Json& expected = oracle.json.at("expected");
  std::string message;
  try {
    const Level level = make_level(oracle, oracle.json.value("level", "image"));
    FAIL("no error was raised");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    message = error.message();
  }
  INFO(message);
  CHECK(holds_token(message, "reason=" + expected.at("error").get<std::string>()));
  for (const Json& text : expected.at("message_should_name"))
    CHECK(holds_token(message, text.get<std::string>()));
}

void check_holm(const OracleCase& oracle) {
  for (const Json& set : oracle.json.at("expected").at("sets")) {
    std::vector<std::optional<double>> p;
    for (const Json& value : set.at("p"))
      p.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
    const auto adjusted = stats::holm(p);
    REQUIRE(adjusted.size() == set.at("p_holm").size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) check_p(adjusted[i], set.at("p_holm").at(i), 0.0);
  }
}

void check_summary(const OracleCase& oracle) {
  const Level any;
  for (const Json& row : oracle.json.at("expected").at("single")) {
    check_number(stats::hanley_mcneil_se(row.at("auc"), row.at("n_pos"), row.at("n_neg")),
                 row.at("se").get<double>(), any);
  }
  for (const Json& row : oracle.json.at("expected").at("pairs")) {
    const auto test = stats::hanley_mcneil_difference(row.at("auc_a"), row.at("auc_b"), row.at("n_pos"),
                                                      row.at("n_neg"), row.at("r"));
    check_optional(test.se, row.at("se_diff"), any);
    check_optional(test.z, row.at("z"), any);
    check_p(test.p, row.at("p_two_sided"), *test.z * *test.z);
  }
}

}  // namespace

void check_case(const OracleCase& oracle) {
  INFO(oracle.name);
  if (oracle.kind == "auc" || oracle.kind == "generator") {
    check_data(oracle);
  } else if (oracle.kind == "error") {
    check_error(oracle);
  } else if (oracle.kind == "holm") {
    check_holm(oracle);
  } else {
    REQUIRE(oracle.kind == "summary");
    check_summary(oracle);
  }
}

}  // namespace tagconf::test
