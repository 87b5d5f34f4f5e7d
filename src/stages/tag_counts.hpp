// Boxes counted by kind, for the summaries of detect, mask and strip.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "tagconf/base/json_text.hpp"
#include "tagconf/base/tag_box.hpp"

namespace tagconf::stages {

class KindCounts {
 public:
  void add(std::span<const TagBox> boxes) {
    for (const TagBox& tag : boxes) ++counts_[index_of(tag.kind)];
  }
  // Of the given kinds alone.
  void add(std::span<const TagBox> boxes, std::span<const TagKind> kinds) {
    for (const TagBox& tag : boxes) {
      if (std::find(kinds.begin(), kinds.end(), tag.kind) != kinds.end()) ++counts_[index_of(tag.kind)];
    }
  }
  [[nodiscard]] std::size_t total() const {
    std::size_t sum = 0;
    for (const std::size_t count : counts_) sum += count;
    return sum;
  }
  // {"laterality": 12, ...}: every kind, 0 too.
  [[nodiscard]] Json json() const {
    Json out = Json::object();
    for (const auto& [kind, name] : EnumNames<TagKind>::kNames)
      out[std::string(name)] = counts_[index_of(kind)];
    return out;
  }
  // "12 laterality, 3 text": those that occur.
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [kind, name] : EnumNames<TagKind>::kNames) {
      const std::size_t count = counts_[index_of(kind)];
      if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(name);
    }
    return out.empty() ? "none" : out;
  }

 private:
  [[nodiscard]] static std::size_t index_of(TagKind kind) { return static_cast<std::size_t>(kind); }
  std::array<std::size_t, EnumNames<TagKind>::kNames.size()> counts_{};
};

}  // namespace tagconf::stages
