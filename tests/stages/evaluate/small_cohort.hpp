// A small synthetic cohort for the evaluate stage, and how to look into its results.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "run_stage.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::test {

struct Row {
  std::string image_id, study_id, patient_id, body_part;
  int label = 0;
  double logit = 0;
  bool tagged = false;
};

// 80 images of 20 patients in 40 studies; patients mix labels; two body parts; every third study is tagged.
inline std::vector<Row> cohort(std::uint64_t seed, double signal) {
  Rng rng(seed, "evaluate test");
  std::vector<Row> rows;
  for (int i = 0; i < 80; ++i) {
    const int study = i / 2;
    Row row;
    row.image_id = "image" + std::to_string(i);
    row.study_id = "study" + std::to_string(study);
    row.patient_id = "patient" + std::to_string(study / 2);
    row.body_part = study % 4 < 2 ? "WRIST" : "ELBOW";
    row.label = (study * 7 % 5) % 2;
    row.logit = signal * row.label + rng.normal();
    row.tagged = study % 3 == 0;
    rows.push_back(row);
  }
  return rows;
}

inline double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

inline std::string csv(const std::vector<Row>& rows, const std::string& split = "") {
  CsvWriter out({"image_id", "study_id", "patient_id", "body_part", "label", "logit", "probability", "tagged",
                 "split"});
  for (const Row& r : rows) {
    out.row({r.image_id, r.study_id, r.patient_id, r.body_part, std::to_string(r.label),
             format_number(r.logit), format_number(sigmoid(r.logit)), r.tagged ? "1" : "0", split});
  }
  return out.text();
}

// Straight from the definition, pair by pair.
inline double auc_by_pairs(const std::vector<double>& scores, const std::vector<Row>& rows) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (rows[i].label != 1 || rows[j].label != 0) continue;
      pairs += 1;
      sum += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
    }
  }
  return sum / pairs;
}

inline std::vector<double> logits(const std::vector<Row>& rows) {
  std::vector<double> out;
  for (const Row& r : rows) out.push_back(r.logit);
  return out;
}

inline const Json& unit_of(const Json& results, const std::string& unit, const std::string& subset) {
  for (const Json& u : results.at("units")) {
    if (u.at("unit") == unit && u.at("subset") == subset) return u;
  }
  throw std::out_of_range(unit + " " + subset);
}

inline const Json& model_of(const Json& unit, const std::string& name) {
  for (const Json& m : unit.at("models")) {
    if (m.at("name") == name) return m;
  }
  throw std::out_of_range(name);
}

inline std::string message_of(const EvaluateRun& run, ErrorCode code = ErrorCode::input) {
  try {
    (void)run.run();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.message();
  }
  return "";
}

inline bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace tagconf::test
