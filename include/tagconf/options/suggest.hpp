// "Did you mean": the nearest of the accepted names to a word that is not one of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tagconf::options {

// Count of insertions, deletions, substitutions and swaps of neighbours that turn a into b (optimal string
// alignment: no part is edited twice).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to the word (the first of equals), or nullopt when none is near: more than a third of
// the word would have to change.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

// " (did you mean 'pad'?)", or "".
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tagconf::options
