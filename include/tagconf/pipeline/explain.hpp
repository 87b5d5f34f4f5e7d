// What moved between two sets of key parts, in words.
#pragma once

#include <string>
#include <vector>

#include "tagconf/pipeline/graph.hpp"

namespace tagconf::pipeline {

// The port under which a key holds the files that a stage reads besides its inputs.
inline constexpr const char* kFilesRead = "(files)";

// One part of a key, old and new. Digests are shortened for reading.
struct PartChange {
  enum class Kind { version, option, fact, input };
  Kind kind = Kind::option;
  std::string label;   // "mask.pad", "version", "input pack"
  std::string before;  // empty: was not there
  std::string after;   // empty: is not there any more, or not known yet
  std::string port;    // of an input
  Source source;       // of an input that is there now
  bool changed = false;
  bool known = true;  // false: an input that is not produced yet
};

// Every part, changed or not, in the order version, options, facts, inputs. `before` may be null (nothing to
// compare with: nothing counts as changed).
[[nodiscard]] std::vector<PartChange> compare_parts(const Instance& instance, const Json& before,
                                                    const Json& after);

// "mask.pad 4 -> 6"; for an input "input pack from pack.covered" or "input source (data/nih)".
[[nodiscard]] std::string text_of(const PartChange& change);

}  // namespace tagconf::pipeline
