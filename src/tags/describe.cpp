#include <algorithm>
#include <cmath>
#include <vector>

#include "marks.hpp"

namespace tagconf::tags {
namespace {

constexpr double kReadable = 0.88;   // match from which a shape is read as a letter
constexpr double kLeastLead = 0.02;  // by which L or R must beat, or may trail, the next letter

int extent(const Component& part) {
  return std::max(part.box.w, part.box.h);
}

// The part that carries the side: an L or an R that is no smaller than most others.
const Component* laterality_letter(const std::vector<Component>& letters, int tallest) {
  for (const Component& part : letters) {
    const LetterMatch& m = part.letter;
    if ((m.letter == 'L' || m.letter == 'R') && m.match >= kReadable && m.lead >= kLeastLead &&
        extent(part) >= 0.75 * tallest)
      return &part;
  }
  return nullptr;
}

// Four and more letters of about one height make a line of text.
bool is_text(const std::vector<Component>& letters, int tallest) {
  const auto alike = std::count_if(letters.begin(), letters.end(),
                                   [&](const Component& part) { return extent(part) >= 0.65 * tallest; });
  return alike >= 4;
}

double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

}  // namespace

TagBox describe(const WorkingImage& work, const Mark& mark) {
  TagBox tag;
  tag.source = TagSource::classical;
  tag.score = rounded(mark.score);
  tag.plate = mark.plate;
  tag.ring = mark.ring;
  const Component& best = mark.parts.front();
  tag.polarity = best.dark ? "dark" : "bright";
  tag.contrast = rounded((best.dark ? -1 : 1) * best.measures.contrast / work.stretch);
  std::vector<Component> letters = mark.parts;
  std::stable_sort(letters.begin(), letters.end(),
                   [](const auto& a, const auto& b) { return extent(a) > extent(b); });
  const int tallest = extent(letters.front());
  if (is_text(letters, tallest)) {
    tag.kind = TagKind::text;
    return tag;
  }
  if (const Component* side = laterality_letter(letters, tallest)) {
    tag.kind = TagKind::laterality;
    tag.letter = std::string(1, side->letter.letter);
    tag.rotation = side->letter.turn;
    tag.mirrored = side->letter.mirrored;
    return tag;
  }
  const auto readable = std::count_if(letters.begin(), letters.end(),
                                      [](const Component& part) { return part.letter.match >= kReadable; });
  if (letters.size() >= 2 && readable >= 1)
    tag.kind = TagKind::technologist;
  else if (readable == 0 && letters.size() == 1 && best.letter.match < 0.75)
    tag.kind = TagKind::marker;
  return tag;
}

}  // namespace tagconf::tags
