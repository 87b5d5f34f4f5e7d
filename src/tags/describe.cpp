#include <algorithm>
#include <cmath>
#include <vector>

#include "marks.hpp"

namespace tagconf::tags {
namespace {

constexpr double kReadable = 0.85;   // match from which a shape is read as a letter
constexpr double kShapeless = 0.75;  // match below which a lone part is no letter: arrow, disc, square
constexpr double kLeastLead = 0.02;  // by which L or R must beat the next letter
constexpr double kLineAspect = 2.2;  // of a word whose letters have run together

// Height of a part as a letter: across its line.
int letter_height(const Component& part) {
  const bool lies = part.letter.turn == 90 || part.letter.turn == 270;
  return lies ? part.box.w : part.box.h;
}

bool encloses(const Component& outer, const Component& inner) {
  return outer.box.area() > inner.box.area() && bounding(outer.box, inner.box) == outer.box;
}

// The parts that can be letters: rings and frames round other parts left out.
std::vector<Component> letters_of(const Mark& mark) {
  std::vector<Component> letters;
  for (const Component& part : mark.parts) {
    const bool frame = std::any_of(mark.parts.begin(), mark.parts.end(),
                                   [&](const Component& other) { return encloses(part, other); });
    if (!frame) letters.push_back(part);
  }
  std::stable_sort(letters.begin(), letters.end(),
                   [](const auto& a, const auto& b) { return letter_height(a) > letter_height(b); });
  return letters;
}

// The part that carries the side: an L or an R about as high as the highest letter.
const Component* laterality_letter(const std::vector<Component>& letters) {
  for (const Component& part : letters) {
    const LetterMatch& m = part.letter;
    const bool side = m.letter == 'L' || m.letter == 'R';
    if (side && m.match >= kReadable && m.lead >= kLeastLead &&
        letter_height(part) >= 0.75 * letter_height(letters.front()))
      return &part;
  }
  return nullptr;
}

// Four and more letters of about one height.
bool is_text(const std::vector<Component>& letters) {
  const auto alike = std::count_if(letters.begin(), letters.end(), [&](const Component& part) {
    return letter_height(part) >= 0.65 * letter_height(letters.front());
  });
  return alike >= 4;
}

TagKind kind_without_side(const Mark& mark, const std::vector<Component>& letters) {
  const double longer = std::max(mark.box.w, mark.box.h);
  const double shorter = std::max(1, std::min(mark.box.w, mark.box.h));
  const auto readable = std::count_if(letters.begin(), letters.end(),
                                      [](const Component& part) { return part.letter.match >= kReadable; });
  if (letters.size() >= 2 && longer / shorter >= kLineAspect) return TagKind::text;
  if (letters.size() >= 2 && readable >= 1) return TagKind::technologist;
  if (letters.size() == 1 && letters.front().letter.match < kShapeless) return TagKind::marker;
  return TagKind::unknown;
}

}  // namespace

TagBox describe(const Mark& mark) {
  TagBox tag;
  tag.source = TagSource::classical;
  tag.score = std::round(mark.score * 1e4) / 1e4;
  const std::vector<Component> letters = letters_of(mark);
  tag.plate = mark.plate;
  tag.ring = mark.ring || letters.size() < mark.parts.size();
  tag.polarity = mark.parts.front().dark ? "dark" : "bright";
  if (is_text(letters)) {
    tag.kind = TagKind::text;
  } else if (const Component* side = laterality_letter(letters)) {
    tag.kind = TagKind::laterality;
    tag.letter = std::string(1, side->letter.letter);
    tag.letter_score = std::round(confidence_of(side->letter) * 1e4) / 1e4;
    tag.rotation = side->letter.turn;
    tag.mirrored = side->letter.mirrored;
  } else {
    tag.kind = kind_without_side(mark, letters);
  }
  return tag;
}

}  // namespace tagconf::tags
