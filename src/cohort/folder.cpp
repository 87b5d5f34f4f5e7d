#include <algorithm>
#include <string_view>

#include "tagconf/base/error.hpp"
#include "tagconf/cohort/readers.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_number(const std::string& step) {
  return !step.empty() && std::all_of(step.begin(), step.end(), is_digit);
}

// patient7, Patient_A, patient-x; not patients, which lie in such a folder together.
bool names_patient(const std::string& step) {
  constexpr std::string_view kWord = "patient";
  if (step.size() <= kWord.size() || lower(step).rfind(kWord, 0) != 0) return false;
  const char next = step[kWord.size()];
  return is_digit(next) || next == '_' || next == '-';
}

// The label that `steps`, each of which names one, name together. A number may as well count views or
// studies: it says nothing beside a word.
std::optional<int> label_of(std::vector<std::string> steps, const LabelWords& labels,
                            const std::string& where) {
  if (!std::all_of(steps.begin(), steps.end(), is_number)) std::erase_if(steps, is_number);
  for (const auto& step : steps) {
    if (labels.label(step) == labels.label(steps.front())) continue;
    throw_input(where + ": its folders '" + steps.front() + "' and '" + step + "' name different labels",
                "rename one of them, or say by the option labels which words name a label");
  }
  return steps.empty() ? std::nullopt : labels.label(steps.front());
}

}  // namespace

Listing read_folder(const fs::path& root, const std::map<std::string, std::string>& label_words) {
  const LabelWords labels(label_words);
  Listing listing;
  listing.root = root;
  const FoundImages found = walk_images(root);
  listing.warnings = found.warnings();
  std::size_t unlabelled = 0;
  for (const auto& path : found.paths) {
    Listed image;
    image.path = path;
    image.where = (root / path).string();
    image.sample.image_id = id_of_path(path);
    std::vector<std::string> naming;
    for (const auto& part : fs::path(path).parent_path()) {
      const std::string step = part.string();
      if (labels.known(step)) {
        naming.push_back(step);
      } else if (const auto split = split_of_word(step); split && image.sample.split == Split::none) {
        image.sample.split = *split;
      } else if (names_patient(step)) {
        image.sample.patient_id = step;
      }
    }
    if (naming.empty()) ++unlabelled;
    image.sample.label = label_of(std::move(naming), labels, image.where);
    listing.images.push_back(std::move(image));
  }
  if (listing.images.empty()) throw_no_image(root, found);
  if (unlabelled > 0) {
    listing.warnings.push_back(std::to_string(unlabelled) + " of " + std::to_string(listing.images.size()) +
                               " images lie in no folder that names a label (" + labels.all() + ")");
  }
  check_unique(listing.images);
  return listing;
}

}  // namespace tagconf::cohort
