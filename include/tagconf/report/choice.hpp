// Which images a report shows. By rule and seed, so that nobody picks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tagconf::report {

struct Candidate {
  std::string id;
  std::string patient;  // may be empty
  std::optional<int> label;
  bool tagged = false;
};

// At most `count` indices into `all`: as many of each label as can be had, tagged images first, one image a
// patient while there are patients left, otherwise in an order drawn from seed and id. Sorted by label, then
// as drawn.
[[nodiscard]] std::vector<std::size_t> choose_examples(const std::vector<Candidate>& all, std::size_t count,
                                                       std::uint64_t seed);

// A map of a Grad-CAM table, for choosing which to show.
struct CamCandidate {
  std::string id;
  std::optional<double> in_tag;       // share of the map's energy inside tags; none for images without tags
  std::optional<double> probability;  // of abnormal
  std::optional<int> label;
};
struct CamChoice {
  std::size_t index = 0;
  std::string why;  // "most in tags", "least in tags", "worst error", "drawn"
};
// At most `count`, without repeats: a quarter each with the most and the least energy in tags, the worst
// errors (largest |probability - label|), and drawn by seed; a kind that runs out leaves its room to the
// draw.
[[nodiscard]] std::vector<CamChoice> choose_cams(const std::vector<CamCandidate>& all, std::size_t count,
                                                 std::uint64_t seed);

}  // namespace tagconf::report
