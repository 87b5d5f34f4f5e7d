#include "tagconf/options/document.hpp"

#include <algorithm>

#include "document_parts.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf::options {
namespace {

std::string text_of(const Place& place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

// The pointer itself, then what stands above it, up to "".
std::string start_of_message(const Document& document, const std::map<std::string, Place>& places,
                             const std::string& pointer) {
  const std::string shown = pointer.empty() ? "" : pointer + ": ";
  std::string part = pointer;
  while (true) {
    if (const auto set = document.overrides.find(part); set != document.overrides.end()) {
      return set->second + ": " + shown;
    }
    if (const auto place = places.find(part); place != places.end()) {
      return document.source + ":" + text_of(place->second) + ": " + shown;
    }
    if (part.empty()) return document.source + ": " + shown;
    part.erase(part.rfind('/'));
  }
}

}  // namespace

void fail_at(const std::string& source, const Place& place, const std::string& message,
             const std::string& hint) {
  throw_config(source + ":" + text_of(place) + ": " + message, hint);
}

void fail_duplicate(const std::string& source, const Place& second, const Place& first,
                    const std::string& pointer, const std::string& key) {
  fail_at(source, second,
          pointer + ": key '" + key + "' stands twice, first in line " + std::to_string(first.line),
          "keep one of them");
}

void fail_deep(const std::string& source, const Place& place) {
  fail_at(source, place, "nested deeper than " + std::to_string(kDeepest), "");
}

std::string Document::at_key(const std::string& pointer) const {
  return start_of_message(*this, keys, pointer);
}

std::string Document::at_value(const std::string& pointer) const {
  return start_of_message(*this, values, pointer);
}

void Document::override_value(const std::string& pointer, Json replacement, const std::string& origin) {
  Json::json_pointer above(pointer);
  while (!above.empty()) {
    above.pop_back();
    if (value.contains(above) && !value[above].is_object() && !value[above].is_null()) {
      throw_config(at_value(above.to_string()) + "is no section, so " + origin + " cannot be set");
    }
  }
  value[Json::json_pointer(pointer)] = std::move(replacement);
  // What stood below the pointer is gone, and so are its places.
  const auto forget = [&pointer](auto& places) {
    std::erase_if(places, [&](const auto& entry) { return entry.first.rfind(pointer + "/", 0) == 0; });
  };
  forget(keys);
  forget(values);
  overrides[pointer] = origin;
}

Document parse_document(std::string_view text, std::string source, Format format) {
  Document document;
  document.source = std::move(source);
  if (format == Format::json) {
    read_json(text, document);
  } else {
    read_yaml(text, document);
  }
  return document;
}

Document load_document(const std::filesystem::path& path) {
  constexpr std::size_t kLargest = std::size_t{16} << 20U;
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string text;
  try {
    text = read_text(path, kLargest);
  } catch (const Error& error) {
    throw_config(error.message(), error.hint());
  }
  const bool yaml = extension == ".yaml" || extension == ".yml";
  return parse_document(text, path.string(), yaml ? Format::yaml : Format::json);
}

std::string pointer_step(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace tagconf::options
