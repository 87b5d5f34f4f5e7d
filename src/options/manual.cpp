#include "tagconf/options/manual.hpp"

#include <cmath>
#include <cstdint>

#include "tagconf/base/number.hpp"
#include "tagconf/options/apply.hpp"

namespace tagconf::options {
namespace {

const char* type_name(Shape shape) {
  switch (shape) {
    case Shape::boolean:
      return "boolean";
    case Shape::integer:
      return "integer";
    case Shape::number:
      return "number";
    case Shape::list:
      return "array";
    case Shape::map:
      return "object";
    case Shape::text:
    case Shape::choice:
      break;
  }
  return "string";
}

constexpr double kLargestWritten = 1e15;

bool is_whole(double value) {
  return std::abs(value) < kLargestWritten && value == std::floor(value);
}

// 64 and not 64.0 where the limit is a whole number.
Json limit(double value) {
  return is_whole(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : separator) + word;
  return out;
}

std::string noun(Shape shape) {
  switch (shape) {
    case Shape::integer:
      return "INT";
    case Shape::number:
      return "NUM";
    default:
      return "TEXT";
  }
}

std::string number_form(const BoundField& field, Shape shape) {
  if (field.low && field.high) return limit_text(*field.low) + ".." + limit_text(*field.high);
  if (field.low) return ">=" + limit_text(*field.low);
  if (field.high) return "<=" + limit_text(*field.high);
  return noun(shape);
}

std::string plain_text(const Json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_number(value.get<double>());
  return canonical_json(value);
}

std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

}  // namespace

std::string limit_text(double value) {
  return is_whole(value) ? std::to_string(static_cast<std::int64_t>(value)) : format_number(value);
}

Json schema_of(const BoundField& field) {
  Json schema{{"description", field.help}, {"default", field.initial}};
  Json& inner = field.shape == Shape::list ? schema["items"] : schema;
  const Shape shape = field.shape == Shape::list ? field.element : field.shape;
  inner["type"] = type_name(shape);
  if (!field.choices.empty()) inner["enum"] = field.choices;
  if (field.low) inner["minimum"] = limit(*field.low);
  if (field.high) inner["maximum"] = limit(*field.high);
  if (field.shape == Shape::list) schema["type"] = "array";
  if (field.shape == Shape::map) schema["additionalProperties"] = {{"type", "string"}};
  if (field.nullable) {
    schema["type"] = Json::array({schema["type"], "null"});
    if (schema.contains("enum")) schema["enum"].push_back(nullptr);
  }
  return schema;
}

Json schema_of(std::span<const BoundField> fields) {
  Json properties = Json::object();
  for (const auto& field : fields) {
    if (!field.wiring) properties[field.key] = schema_of(field);
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
}

std::string value_form(const BoundField& field) {
  switch (field.shape) {
    case Shape::boolean:
      return "";
    case Shape::choice:
      return joined(field.choices, "|");
    case Shape::map:
      return "NAME=TEXT,...";
    case Shape::list: {
      if (!field.choices.empty()) return joined(field.choices, "|") + ",...";
      const std::string one = number_form(field, field.element);
      return one + "," + one + ",...";
    }
    default:
      return number_form(field, field.shape);
  }
}

std::string default_text(const BoundField& field) {
  std::string out;
  if (field.initial.is_array()) {
    for (const auto& item : field.initial) out += (out.empty() ? "" : ",") + plain_text(item);
  } else if (field.initial.is_object()) {
    for (const auto& [name, value] : field.initial.items()) {
      out += (out.empty() ? "" : ",") + name + "=" + plain_text(value);
    }
  } else {
    out = plain_text(field.initial);
  }
  return out;
}

std::string reference_table(std::span<const BoundField> fields) {
  if (fields.empty()) return "No options.\n";
  std::string out = "| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const auto& field : fields) {
    const std::string form = field.shape == Shape::boolean ? "true or false" : value_form(field);
    const std::string initial = default_text(field);
    out += "| `" + field.key + "` | " + escaped(form) + " | " +
           (initial.empty() ? "" : "`" + escaped(initial) + "`") + " | " + escaped(field.help);
    if (!field.hashed) out += " (cannot change a result)";
    if (field.wiring) out += " (set per instance in a run)";
    out += " |\n";
  }
  return out;
}

}  // namespace tagconf::options
