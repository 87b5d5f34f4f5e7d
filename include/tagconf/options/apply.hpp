// From documents and flags to a stage's options, strictly, and back to JSON. Later calls win: defaults, then
// file, then flags.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tagconf/options/document.hpp"
#include "tagconf/options/field.hpp"

namespace tagconf::options {

struct SectionRules {
  bool wiring = false;              // may per_instance fields (arm, seed) be set?
  std::vector<std::string> also{};  // further keys of the section, which the caller reads itself
};

// Sets fields from the object at the pointer ("" = the whole document; a missing or null section sets
// nothing). Error config with place, pointer and suggestion: unknown key, wrong type, out of range.
void apply_section(std::span<const BoundField> fields, const Document& document, const std::string& pointer,
                   const SectionRules& rules = {});

// Refuses keys of the object at the pointer that are not among `known`; the message carries a suggestion and
// the hint lists what is accepted.
void refuse_unknown_keys(const Document& document, const std::string& pointer,
                         const std::vector<std::string>& known);

[[nodiscard]] const BoundField* find_field(std::span<const BoundField> fields, std::string_view key);

// What a key's texts on the command line mean: the JSON value that a config would hold. Text that does not
// fit the field stays text, so that BoundField::set tells what was expected. Lists take "a,b" and repeated
// flags, maps "name=value,..." and repeated flags; both take JSON as well ('["a, b"]').
[[nodiscard]] Json flag_value(const BoundField& field, std::span<const std::string> texts);

// "--valid-fraction" of "valid_fraction".
[[nodiscard]] std::string flag_name(std::string_view key);

// Every field's present value; only those that may change a result. Objects.
[[nodiscard]] Json all_values(std::span<const BoundField> fields);
[[nodiscard]] Json hashed_values(std::span<const BoundField> fields);

}  // namespace tagconf::options
