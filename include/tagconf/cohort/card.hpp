// A cohort in numbers: what its images are, by split and label. Whatever goes with the label besides the
// anatomy is something a model can learn in its place.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/cohort/manifest.hpp"

namespace tagconf::cohort {

enum class CardTable { all, body_part, size, bits, scaling, tag };

// Images, and the patients and studies they are of (images without an id count in neither).
struct CardCount {
  std::size_t images = 0;
  std::size_t patients = 0;
  std::size_t studies = 0;
};

// One value of one table ("body_part", "WRIST") by split and label; label index 0 normal, 1 abnormal, 2 none.
struct CardRow {
  CardTable table = CardTable::all;
  std::string value;
  CardCount total;
  std::array<std::array<CardCount, 3>, 4> counts;  // [split][label]

  // Images with that label index in all splits.
  [[nodiscard]] std::size_t of_label(std::size_t label) const;
};

// Least, middle and greatest of one measure; the middle of an even number is the lower one.
struct Spread {
  int least = 0;
  int middle = 0;
  int greatest = 0;
};
struct SizeRange {
  std::size_t label = 0;  // as above
  std::size_t images = 0;
  Spread width;
  Spread height;
};

struct Card {
  std::vector<CardRow> rows;     // table by table, values sorted; sizes from small to large
  std::vector<SizeRange> sizes;  // of the labels that occur; images of known size only
};

// Value of size: the long side's class, "below 512", "512 to 1023", "1024 to 2047", "2048 and more",
// "unknown". `tagged`: empty, or one a row: whether the image carries a tag, nothing where it was not
// examined (value "not examined"; else "tag", "no tag"). Empty body parts and scalings are "none".
[[nodiscard]] Card make_card(std::span<const ManifestRow> rows, std::span<const std::optional<bool>> tagged);

// card.csv: table,value,split,label,images,patients,studies: cells with an image.
[[nodiscard]] std::string card_csv(const Card& card);

}  // namespace tagconf::cohort

template <>
struct tagconf::EnumNames<tagconf::cohort::CardTable> {
  using T = tagconf::cohort::CardTable;
  static constexpr std::array kNames{std::pair{T::all, "all"},         std::pair{T::body_part, "body_part"},
                                     std::pair{T::size, "size"},       std::pair{T::bits, "bits"},
                                     std::pair{T::scaling, "scaling"}, std::pair{T::tag, "tag"}};
};
