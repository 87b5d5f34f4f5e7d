// Results held against targets: what was expected, what was found, and whether that passes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tagconf/report/consistency.hpp"
#include "tagconf/report/results.hpp"
#include "tagconf/report/targets.hpp"

namespace tagconf::report {

struct VerdictRow {
  std::string name;
  std::string of;         // "covered", or "covered minus original"
  std::string metric;     // as in the targets file
  std::string unit;       // image or study
  std::string subset;     // all or tagged
  std::string criterion;  // "0.844 ± 0.020", "at least 0.5", "CI holds 0.612"
  std::optional<double> expected;
  std::optional<double> tolerance;
  std::optional<double> found;
  std::optional<Interval> interval;  // where one was asked for
  bool judged = true;
  std::optional<bool> pass;  // empty when not judged
  std::string reason;        // why it fails, or why nothing was found
};

struct Verdict {
  Json source = Json::object();
  std::string note;
  std::vector<VerdictRow> rows;
  std::vector<ConsistencyCheck> consistency;  // do the published numbers fit together? shown only

  [[nodiscard]] int judged() const;
  [[nodiscard]] int passed() const;
  [[nodiscard]] bool match() const { return judged() == passed(); }
};

// A value that is not estimable, or a model that is not there, fails its target. `truth` is the content of
// truth.json, null when not given; Error input (naming `truth_source`) when a target points to a number that
// is not there.
[[nodiscard]] Verdict judge(const Results& results, const Targets& targets, const Json& truth,
                            const std::string& truth_source);

// verify.json, schema tagconf.verify/1. `parse_verdict` leaves `consistency` empty.
[[nodiscard]] Json to_json(const Verdict& verdict);
[[nodiscard]] Verdict parse_verdict(const Json& json, const std::string& source);

// "expected" and "found" as people read them.
[[nodiscard]] std::string found_text(const VerdictRow& row);
[[nodiscard]] std::string state_text(const VerdictRow& row);  // pass, FAIL or shown
// The rows as an aligned table for a terminal, with a closing line and what the consistency checks show.
[[nodiscard]] std::string verdict_table(const Verdict& verdict);

}  // namespace tagconf::report
