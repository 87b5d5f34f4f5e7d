// The power stage: what it answers, and what it refuses.
#include <cmath>
#include <map>

#include "../report/study.hpp"
#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/stats/power.hpp"

using namespace tagconf;

namespace {

using Options = std::map<std::string, Json>;

stage::Summary ask(const Options& options) {
  return test::run_stage(stages::power(), {}, "", options);
}

ErrorCode refusal(const Options& options, const std::string& part) {
  try {
    (void)ask(options);
  } catch (const Error& error) {
    INFO(error.message());
    CHECK(error.message().find(part) != std::string::npos);
    return error.code();
  }
  FAIL("accepted");
  return ErrorCode::bug;
}

const Options kPair{{"auc_a", 0.857}, {"auc_b", 0.844}, {"correlation", 0.68}};

Options with(Options options, const Options& more) {
  for (const auto& [key, value] : more) options[key] = value;
  return options;
}

}  // namespace

TEST_CASE("the power of given counts") {
  const auto answer = ask(with(kPair, {{"positives", 1530}, {"negatives", 1667}}));
  CHECK(answer.at("n") == 3197);
  // From the reference results of this pair: SE of the difference, z.
  CHECK(answer.at("se").get<double>() == Approx(0.005554566667702781).epsilon(1e-12));
  CHECK(answer.at("power").get<double>() == Approx(0.6485).margin(5e-4));
  CHECK(answer.at("wanted_power").is_null());
  const std::string text = answer.at("text");
  CHECK(text.find("1530 positives + 1667 negatives = 3197 cases") != std::string::npos);
  CHECK(text.find("a two-sided test for a difference at 5 %: 64.8 %") != std::string::npos);
}

TEST_CASE("the smallest sample for a power") {
  const auto answer = ask(with(kPair, {{"share", 0.4}, {"power", 0.9}}));
  const auto n = answer.at("n").get<std::int64_t>();
  CHECK(answer.at("positives").get<std::int64_t>() == std::llround(0.4 * static_cast<double>(n)));
  CHECK(answer.at("power").get<double>() >= 0.9);
  const auto one_less = stats::split_by_share(n - 1, 0.4);
  const auto less = ask(with(kPair, {{"positives", one_less.positives}, {"negatives", one_less.negatives}}));
  CHECK(less.at("power").get<double>() < 0.9);
  const auto clustered = ask(with(kPair, {{"share", 0.4}, {"power", 0.9}, {"design_effect", 2.0}}));
  CHECK(clustered.at("n").get<double>() == Approx(2.0 * static_cast<double>(n)).epsilon(0.001));
}

TEST_CASE("a margin asks for equivalence or non-inferiority") {
  const Options same{{"auc_a", 0.85}, {"auc_b", 0.85}, {"correlation", 0.7}, {"margin", 0.02}};
  const auto equivalence = ask(with(same, {{"test", "equivalence"}}));
  const auto inferiority = ask(with(same, {{"test", "non_inferiority"}}));
  CHECK(equivalence.at("n").get<int>() > inferiority.at("n").get<int>());
  CHECK(equivalence.at("margin") == 0.02);
  CHECK(equivalence.at("text").get<std::string>().find("equivalence with a margin of 0.02") !=
        std::string::npos);
}

TEST_CASE("the correlation of the AUCs follows from that of the scores") {
  const Options scores{{"auc_a", 0.857}, {"auc_b", 0.844}, {"score_correlation", 0.8}};
  const auto answer = ask(with(scores, {{"positives", 1530}, {"negatives", 1667}}));
  CHECK(answer.at("correlation").get<double>() ==
        Approx(stats::binormal_auc_correlation(0.857, 0.844, 0.8, 0.8, {1530, 1667})));
  // By ratio alone: a sample size can be found before it is known.
  CHECK(ask(with(scores, {{"share", 0.4786}})).at("correlation").get<double>() ==
        Approx(answer.at("correlation").get<double>()).epsilon(1e-3));
}

TEST_CASE("what does not go together is refused") {
  CHECK(refusal({{"auc_b", 0.8}, {"correlation", 0.5}}, "--auc-a is missing") == ErrorCode::usage);
  CHECK(refusal({{"auc_a", 0.9}, {"auc_b", 0.8}}, "--correlation is missing") == ErrorCode::usage);
  CHECK(refusal(with(kPair, {{"score_correlation", 0.5}}), "twice") == ErrorCode::usage);
  CHECK(refusal(with(kPair, {{"positives", 10}}), "one class") == ErrorCode::usage);
  CHECK(refusal(with(kPair, {{"test", "equivalence"}}), "--margin is missing") == ErrorCode::usage);
  CHECK(refusal(with(kPair, {{"margin", 0.01}}), "--margin belongs to") == ErrorCode::usage);
  CHECK(refusal(with(kPair, {{"test", "equivalence"}, {"margin", 0.01}, {"null_variance", true}}),
                "--null-variance belongs to") == ErrorCode::usage);
  CHECK(refusal({{"auc_a", 0.8}, {"auc_b", 0.8}, {"correlation", 0.5}}, "no sample") == ErrorCode::config);
  CHECK(refusal({{"auc_a", 1.0}, {"auc_b", 0.8}, {"correlation", 0.5}}, "the AUC of a is 1") ==
        ErrorCode::config);
}
