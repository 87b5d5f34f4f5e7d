#include "tagconf/options/apply.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::options {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// The object at the pointer; null when there is none.
const Json* section_at(const Document& document, const std::string& pointer) {
  const Json::json_pointer where(pointer);
  if (!document.value.contains(where)) return nullptr;
  const Json& section = document.value.at(where);
  if (section.is_null()) return nullptr;
  if (!section.is_object())
    throw_config(document.at_value(pointer) + "expected an object with keys and values");
  return &section;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  std::size_t start = 0;
  while (true) {
    const auto end = text.find(separator, start);
    out.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return out;
    start = end + 1;
  }
}

Json scalar_value(Shape shape, const std::string& text) {
  if (shape == Shape::boolean && (text == "true" || text == "false")) return text == "true";
  if (shape == Shape::integer || shape == Shape::number) {
    if (const auto integer = parse_int(text)) return *integer;
    std::uint64_t large = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), large);
    if (error == std::errc() && end == text.data() + text.size()) return large;
    if (const auto number = parse_double(text); number && std::isfinite(*number)) return *number;
  }
  return text;
}

bool looks_like(const std::string& text, char open) {
  return !text.empty() && text.front() == open;
}

Json structured_value(const BoundField& field, std::span<const std::string> texts) {
  const bool list = field.shape == Shape::list;
  Json out = list ? Json::array() : Json::object();
  for (const auto& text : texts) {
    if (looks_like(text, list ? '[' : '{') && Json::accept(text)) {
      Json given = parse_json(text, flag_name(field.key), true);
      if (list) {
        for (auto& item : given) out.push_back(std::move(item));
      } else {
        out.update(given);
      }
      continue;
    }
    for (const auto& word : split(text, ',')) {
      const auto equals = word.find('=');
      if (list) {
        out.push_back(scalar_value(field.element, word));
      } else if (equals == std::string::npos) {
        return text;  // no name=value: `set` says what was expected
      } else {
        out[word.substr(0, equals)] = word.substr(equals + 1);
      }
    }
  }
  return out;
}

}  // namespace

const BoundField* find_field(std::span<const BoundField> fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

void refuse_unknown_keys(const Document& document, const std::string& pointer,
                         const std::vector<std::string>& known) {
  const Json* section = section_at(document, pointer);
  if (section == nullptr) return;
  for (const auto& [key, value] : section->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw_config(
        document.at_key(pointer + pointer_step(key)) + "unknown key '" + key + "'" + did_you_mean(key, known),
        known.empty() ? "no keys are accepted here" : "accepted: " + joined(known));
  }
}

void apply_section(std::span<const BoundField> fields, const Document& document, const std::string& pointer,
                   const SectionRules& rules) {
  const Json* section = section_at(document, pointer);
  if (section == nullptr) return;
  std::vector<std::string> known = rules.also;
  for (const auto& field : fields) {
    if (!field.wiring || rules.wiring) {
      known.push_back(field.key);
    } else if (section->contains(field.key)) {
      throw_config(document.at_key(pointer + pointer_step(field.key)) + "'" + field.key +
                       "' differs between the instances of a run and is set by it",
                   "list the values at the top of the config (arms, seeds)");
    }
  }
  refuse_unknown_keys(document, pointer, known);
  for (const auto& field : fields) {
    const auto value = section->find(field.key);
    if (value == section->end() || (field.wiring && !rules.wiring)) continue;
    try {
      field.set(*value);
    } catch (const std::invalid_argument& error) {
      throw_config(document.at_value(pointer + pointer_step(field.key)) + error.what(), field.help);
    }
  }
}

Json flag_value(const BoundField& field, std::span<const std::string> texts) {
  if (field.shape == Shape::list || field.shape == Shape::map) return structured_value(field, texts);
  const std::string text = texts.empty() ? "" : texts.back();
  if (field.nullable && text == "none" && field.shape != Shape::text) return nullptr;
  return scalar_value(field.shape, text);
}

std::string flag_name(std::string_view key) {
  std::string out = "--" + std::string(key);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

Json all_values(std::span<const BoundField> fields) {
  Json out = Json::object();
  for (const auto& field : fields) out[field.key] = field.get();
  return out;
}

Json hashed_values(std::span<const BoundField> fields) {
  Json out = Json::object();
  for (const auto& field : fields) {
    if (field.hashed) out[field.key] = field.get();
  }
  return out;
}

}  // namespace tagconf::options
