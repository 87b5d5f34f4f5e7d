// What the two readers of document.cpp share.
#pragma once

#include <string>
#include <string_view>

#include "tagconf/options/document.hpp"

namespace tagconf::options {

constexpr std::size_t kDeepest = 64;

[[noreturn]] void fail_at(const std::string& source, const Place& place, const std::string& message,
                          const std::string& hint);
[[noreturn]] void fail_duplicate(const std::string& source, const Place& second, const Place& first,
                                 const std::string& pointer, const std::string& key);
[[noreturn]] void fail_deep(const std::string& source, const Place& place);

// Fill value, keys and values of a document whose source is set.
void read_json(std::string_view text, Document& document);
void read_yaml(std::string_view text, Document& document);

}  // namespace tagconf::options
