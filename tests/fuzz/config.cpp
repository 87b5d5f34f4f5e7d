#include "config.hpp"

#include "../unit/options/sample_options.hpp"
#include "fuzz.hpp"
#include "tagconf/options/apply.hpp"

namespace tagconf::fuzz {
namespace {

void check_places(const options::Document& document) {
  for (const auto& [pointer, place] : document.values) {
    check(document.value.contains(Json::json_pointer(pointer)), "every place belongs to a value");
    check(place.line > 0 && place.column > 0, "places count from 1");
  }
  for (const auto& [pointer, place] : document.keys) {
    check(document.values.contains(pointer), "every key has a value");
  }
}

// What a cache key is made of must not vary.
void check_canonical(const Json& value) {
  const std::string text = canonical_json(value);
  const Json again = options::parse_document(text, "canonical.json", options::Format::json).value;
  check(again == value, "the canonical form reads back");
  check(canonical_json(again) == text, "the canonical form is stable");
}

void try_options(const options::Document& document) {
  test::SampleOptions sample;
  const auto fields = options::bind(sample);
  const bool taken = accepts(ErrorCode::config, [&] { options::apply_section(fields, document, ""); });
  if (taken) check(sample.pad >= 0 && sample.pad <= 64, "a value out of range is refused");
}

}  // namespace

void try_config(std::string_view text, options::Format format) {
  options::Document document;
  if (!accepts(ErrorCode::config, [&] { document = options::parse_document(text, "f", format); })) return;
  check_places(document);
  check_canonical(document.value);
  try_options(document);
}

}  // namespace tagconf::fuzz
