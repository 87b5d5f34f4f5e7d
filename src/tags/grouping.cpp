#include <algorithm>
#include <cmath>

#include "marks.hpp"

namespace tagconf::tags {
namespace {

constexpr double kReach = 0.5;            // gap between parts of a mark, in extents of the larger,
constexpr double kLargestGap = 20;        // but not more than this, in working pixels
constexpr double kLineGap = 0.8;          // gap between letters of a line, in letter heights
constexpr double kSameSize = 0.6;         // least ratio of the heights of letters of a line
constexpr double kSameLine = 0.35;        // largest offset from the line, in letter heights
constexpr double kLineLetter = 0.8;       // match from which a part counts as a letter of a line
constexpr double kLeastCompanion = 0.55;  // score of what joins a mark
constexpr double kLeastInLine = 0.45;     // score of what gains by standing in a line
constexpr double kLineSupport = 0.7;      // doubt left by each neighbour in line, two at most

// Distance between two boxes along each axis, 0 where they overlap.
int gap_between(const Rect& a, const Rect& b) {
  const int across = std::max({0, a.x - b.right(), b.x - a.right()});
  const int down = std::max({0, a.y - b.bottom(), b.y - a.bottom()});
  return std::max(across, down);
}

int extent(const Component& c) {
  return std::max(c.box.w, c.box.h);
}

bool alike_in_grey(const Component& a, const Component& b) {
  const double ratio = a.measures.contrast / b.measures.contrast;
  return a.dark == b.dark && ratio > 0.6 && ratio < 1.67;
}

// Initials beside or below a letter, the further letters of a word.
bool stands_with(const Component& part, const Component& other) {
  const double larger = std::max(extent(part), extent(other));
  const double ratio = static_cast<double>(extent(other)) / extent(part);
  return alike_in_grey(part, other) && ratio > 0.25 && ratio < 2.5 &&
         gap_between(part.box, other.box) <= std::min(kReach * larger, kLargestGap);
}

// Letters of one line: nearly the same height, on one line, a letter apart.
bool same_line(const Component& a, const Component& b) {
  const double height = std::max(a.box.h, b.box.h);
  const bool same_height = std::min(a.box.h, b.box.h) >= kSameSize * height;
  const double offset = std::abs((a.box.y + 0.5 * a.box.h) - (b.box.y + 0.5 * b.box.h));
  const int across = std::max(a.box.x - b.box.right(), b.box.x - a.box.right());
  return same_height && offset <= kSameLine * height && across >= -2 && across <= kLineGap * height &&
         alike_in_grey(a, b);
}

// The same for a line that runs down the picture.
bool same_column(const Component& a, const Component& b) {
  const double width = std::max(a.box.w, b.box.w);
  const bool same_width = std::min(a.box.w, b.box.w) >= kSameSize * width;
  const double offset = std::abs((a.box.x + 0.5 * a.box.w) - (b.box.x + 0.5 * b.box.w));
  const int down = std::max(a.box.y - b.box.bottom(), b.box.y - a.box.bottom());
  return same_width && offset <= kSameLine * width && down >= -2 && down <= kLineGap * width &&
         alike_in_grey(a, b);
}

bool reads_as_letter(const Component& part) {
  return part.letter.match >= kLineLetter && part.letter.letter != 'I';
}

// Letters in one line or column with part i.
int neighbours(const std::vector<Component>& all, std::size_t i) {
  if (!reads_as_letter(all[i])) return 0;
  int line = 0;
  int column = 0;
  for (std::size_t j = 0; j < all.size(); ++j) {
    if (j == i || !reads_as_letter(all[j])) continue;
    line += same_line(all[i], all[j]) ? 1 : 0;
    column += same_column(all[i], all[j]) ? 1 : 0;
  }
  return std::max(line, column);
}

}  // namespace

std::vector<Mark> group_marks(const WorkingImage& work, const std::vector<Component>& components,
                              double least) {
  std::vector<Component> ranked = components;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const int supporters = std::min(2, neighbours(components, i));
    if (supporters > 0 && components[i].score >= kLeastInLine)
      ranked[i].score = 1 - (1 - components[i].score) * std::pow(kLineSupport, supporters);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<bool> taken(ranked.size(), false);
  std::vector<Mark> marks;
  for (std::size_t seed = 0; seed < ranked.size() && ranked[seed].score >= least; ++seed) {
    if (taken[seed]) continue;
    taken[seed] = true;
    Mark mark;
    mark.parts.push_back(ranked[seed]);
    mark.box = ranked[seed].box;
    mark.score = ranked[seed].score;
    for (std::size_t p = 0; p < mark.parts.size(); ++p) {
      for (std::size_t i = 0; i < ranked.size(); ++i) {
        if (taken[i] || ranked[i].score < kLeastCompanion || !stands_with(mark.parts[p], ranked[i])) continue;
        taken[i] = true;
        mark.parts.push_back(ranked[i]);
        mark.box = bounding(mark.box, ranked[i].box);
      }
    }
    mark.box = intersect(mark.box, work.frame());
    marks.push_back(std::move(mark));
  }
  return marks;
}

}  // namespace tagconf::tags
