// What the option list says to readers: JSON Schema for editors, a Markdown table for the reference page, and
// short value forms for help texts.
#pragma once

#include <span>
#include <string>

#include "tagconf/options/field.hpp"

namespace tagconf::options {

// {"type": "integer", "minimum": 0, "maximum": 64, "default": 4, "description": ...} (JSON Schema 2020-12).
[[nodiscard]] Json schema_of(const BoundField& field);
// A closed object of the fields that a config section may set (per_instance ones left out).
[[nodiscard]] Json schema_of(std::span<const BoundField> fields);

// Rows "| key | value | default | meaning |" under a header. Fields that cannot change a result are marked,
// and those set by a run per instance as well.
[[nodiscard]] std::string reference_table(std::span<const BoundField> fields);

// 64 and not 6.4e+01: whole limits are written out.
[[nodiscard]] std::string limit_text(double value);
// "0..64", "black|white", "A,B,...", "" for a boolean.
[[nodiscard]] std::string value_form(const BoundField& field);
// The default as a command line would write it: "4", "black", "laterality,text", "none".
[[nodiscard]] std::string default_text(const BoundField& field);

}  // namespace tagconf::options
