#include "tagconf/base/error.hpp"
#include "tagconf/cohort/readers.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;

Listing read_folder(const fs::path& root, const std::map<std::string, std::string>& label_words) {
  const LabelWords labels(label_words);
  Listing listing;
  listing.root = root;
  std::size_t unlabelled = 0;
  for (const auto& path : walk_images(root)) {
    Listed image;
    image.path = path;
    image.where = (root / path).string();
    image.sample.image_id = id_of_path(path);
    bool labelled = false;
    for (const auto& part : fs::path(path).parent_path()) {
      const std::string step = part.string();
      if (labels.known(step)) {
        image.sample.label = labels.label(step);
        labelled = true;
      } else if (const auto split = split_of_word(step); split && image.sample.split == Split::none) {
        image.sample.split = *split;
      } else if (lower(step).rfind("patient", 0) == 0) {
        image.sample.patient_id = step;
      }
    }
    if (!labelled) ++unlabelled;
    listing.images.push_back(std::move(image));
  }
  if (listing.images.empty()) throw_input(root.string() + ": holds no image", "expected PNG or JPEG files");
  if (unlabelled > 0) {
    listing.warnings.push_back(std::to_string(unlabelled) + " of " + std::to_string(listing.images.size()) +
                               " images lie in no folder that names a label (" + labels.all() + ")");
  }
  check_unique(listing.images);
  return listing;
}

}  // namespace tagconf::cohort
