// A configuration as a value that remembers where each part of it was written. JSON and YAML are read into
// the same value, strictly: no duplicate keys, nothing that one reader takes for a boolean and the next for a
// word.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tagconf/base/json_text.hpp"

namespace tagconf::options {

enum class Format { json, yaml };

// Where a key and its value stand in the text; 1-based.
struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
};

struct Document {
  std::string source;  // file name as the user gave it
  Json value;
  std::map<std::string, Place> keys;             // JSON pointer -> place of the key
  std::map<std::string, Place> values;           // JSON pointer -> place of the value
  std::map<std::string, std::string> overrides;  // JSON pointer -> where it was set instead ("--set a.b=1")

  // "demo.json:12:5: /train/epochs: ", the start of a message about the key (or value) at the pointer; of the
  // nearest part above it when it has no place of its own.
  [[nodiscard]] std::string at_key(const std::string& pointer) const;
  [[nodiscard]] std::string at_value(const std::string& pointer) const;
  // Sets the value at the pointer, making the objects above it, and remembers who did it. Error config when
  // a part above it is no object.
  void override_value(const std::string& pointer, Json replacement, const std::string& origin);
};

// Error config naming source, line and column: broken syntax, a duplicate key, nesting deeper than 64, and in
// YAML also anchors, aliases, tags, several documents, keys that are no plain words, and unquoted
// yes/no/on/off, octal, hexadecimal, infinite or not-a-number scalars, which YAML 1.1 and 1.2 read
// differently.
[[nodiscard]] Document parse_document(std::string_view text, std::string source, Format format);

// By the file's name: .yaml and .yml are YAML, all else JSON. A missing file is an error of code config.
[[nodiscard]] Document load_document(const std::filesystem::path& path);

// One step of a JSON pointer: '~' and '/' escaped.
[[nodiscard]] std::string pointer_step(std::string_view key);

}  // namespace tagconf::options
