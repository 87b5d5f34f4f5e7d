#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/cohort/readers.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* kName = "MURA-v1.1";
constexpr const char* kWhereToGet =
    "get MURA v1.1 from Stanford ML Group as data/README.md says, or give the folder that holds MURA-v1.1";

struct TreeName {
  Split split;
  std::string name;
};

// What Stanford counts (data/README.md); of studies also normal and abnormal ones, by body part.
struct PublishedCounts {
  std::string_view tree;
  std::size_t patients;
  std::size_t studies;
  std::size_t images;
  std::array<std::pair<std::string_view, std::array<std::size_t, 2>>, 7> by_part;
};

constexpr std::array kPublished{PublishedCounts{"train",
                                                11184,
                                                13457,
                                                36808,
                                                {{{"ELBOW", {1094, 660}},
                                                  {"FINGER", {1280, 655}},
                                                  {"FOREARM", {590, 287}},
                                                  {"HAND", {1497, 521}},
                                                  {"HUMERUS", {321, 271}},
                                                  {"SHOULDER", {1364, 1457}},
                                                  {"WRIST", {2134, 1326}}}}},
                                PublishedCounts{"valid",
                                                783,
                                                1199,
                                                3197,
                                                {{{"ELBOW", {92, 66}},
                                                  {"FINGER", {92, 83}},
                                                  {"FOREARM", {69, 64}},
                                                  {"HAND", {101, 66}},
                                                  {"HUMERUS", {68, 67}},
                                                  {"SHOULDER", {99, 95}},
                                                  {"WRIST", {140, 97}}}}}};

[[noreturn]] void refuse_old(const fs::path& at) {
  throw_input(at.string() + ": is MURA v1.0, expected v1.1",
              std::string("v1.0 has other files and no tables of studies; ") + kWhereToGet);
}

// The folder that holds train/, valid/ and the tables.
fs::path base_folder(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) throw_input(root.string() + ": no such folder", kWhereToGet);
  if (fs::is_directory(root / kName, error)) return root / kName;
  if (fs::weakly_canonical(root).filename() == "MURA-v1.0") refuse_old(root);
  if (fs::exists(root / "train_image_paths.csv", error)) return root;
  if (fs::is_directory(root / "MURA-v1.0", error)) refuse_old(root / "MURA-v1.0");
  if (fs::weakly_canonical(root).filename() == kName) return root;  // its tables are missing: say which
  throw_input(root.string() + ": holds no MURA-v1.1 (no folder of that name, no train_image_paths.csv)",
              kWhereToGet);
}

CsvTable read_part(const fs::path& base, const std::string& name) {
  const fs::path path = base / name;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) throw_input(path.string() + ": missing", kWhereToGet);
  return read_csv(path, {',', false});
}

// The path below the tree's root; its first step is the data set's name.
std::string below_root(const std::string& cell, const std::string& where) {
  const auto slash = cell.find('/');
  const std::string first = cell.substr(0, slash);
  if (first == "MURA-v1.0") refuse_old(where);
  if (first != kName || slash == std::string::npos) {
    throw_input(where + ": '" + cell + "', expected a path that begins with MURA-v1.1/");
  }
  return cell.substr(slash + 1);
}

// Labels by study, "train/XR_WRIST/patient00001/study1_positive".
std::map<std::string, std::pair<int, std::string>> read_studies(const fs::path& base,
                                                                const std::string& tree) {
  const CsvTable table = read_part(base, tree + "_labeled_studies.csv");
  std::map<std::string, std::pair<int, std::string>> out;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (table.columns().size() != 2 || (table.at(i, 1) != "0" && table.at(i, 1) != "1")) {
      throw_input(table.where(i) + ": expected a study's folder and its label, 0 or 1");
    }
    std::string study = below_root(table.at(i, 0), table.where(i));
    if (!study.empty() && study.back() == '/') study.pop_back();
    if (!out.emplace(study, std::pair(table.at(i, 1) == "1" ? 1 : 0, table.where(i))).second) {
      throw_input(table.where(i) + ": study '" + study + "' stands twice");
    }
  }
  return out;
}

// What a path says: <tree>/XR_<PART>/patient<N>/study<N>_positive|negative/<image>.
struct PathFacts {
  std::string body_part;
  std::string patient;
  int label = 0;
};

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What follows `prefix`, where `text` starts with it.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::optional<int> label_of_study(std::string_view folder) {
  const auto rest = after(folder, "study");
  if (!rest) return std::nullopt;
  const std::size_t bar = rest->find('_');
  if (bar == std::string_view::npos || !all_digits(rest->substr(0, bar))) return std::nullopt;
  const std::string_view word = rest->substr(bar + 1);
  if (word == "positive") return 1;
  if (word == "negative") return 0;
  return std::nullopt;
}

std::optional<PathFacts> facts_of(std::string_view path, std::string_view tree) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= path.size() && parts.size() <= 5;) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    parts.push_back(path.substr(from, end - from));
    from = end + 1;
  }
  if (parts.size() != 5 || parts[0] != tree || parts[4].empty()) return std::nullopt;
  const auto body_part = after(parts[1], "XR_");
  const auto patient = after(parts[2], "patient");
  const auto label = label_of_study(parts[3]);
  const auto no_letter = [](char c) { return c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z'); };
  if (!body_part || body_part->empty() || std::any_of(body_part->begin(), body_part->end(), no_letter) ||
      !patient || !all_digits(*patient) || !label) {
    return std::nullopt;
  }
  return PathFacts{std::string(*body_part), std::string(parts[2]), *label};
}

void read_tree(const fs::path& base, const TreeName& tree, Listing& listing) {
  const auto studies = read_studies(base, tree.name);
  const CsvTable table = read_part(base, tree.name + "_image_paths.csv");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string path = below_root(table.at(i, 0), table.where(i));
    if (fs::path(path).filename().string().rfind("._", 0) == 0) continue;  // left behind by macOS
    const auto facts = facts_of(path, tree.name);
    if (!facts) {
      throw_input(table.where(i) + ": '" + table.at(i, 0) + "', expected MURA-v1.1/" + tree.name +
                  "/XR_<PART>/patient<N>/study<N>_positive|negative/<image>");
    }
    Listed image;
    image.path = path;
    image.where = table.where(i);
    image.sample.image_id = id_of_path(path);
    image.sample.patient_id = facts->patient;
    image.sample.study_id = path.substr(0, path.rfind('/'));
    image.sample.body_part = facts->body_part;
    image.sample.split = tree.split;
    image.sample.label = facts->label;
    const auto study = studies.find(image.sample.study_id);
    if (study == studies.end()) {
      throw_input(image.where + ": study '" + image.sample.study_id + "' is not in " + tree.name +
                  "_labeled_studies.csv");
    }
    if (study->second.first != *image.sample.label) {
      throw_input(study->second.second + ": label " + std::to_string(study->second.first) + " of study '" +
                  image.sample.study_id + "' disagrees with its folder's name");
    }
    listing.images.push_back(std::move(image));
  }
}

// Images that lie in the folders but in no table take no part: say so.
void report_unlisted(const fs::path& base, Listing& listing) {
  std::set<std::string> listed;
  for (const auto& image : listing.images) listed.insert(image.path);
  std::size_t count = 0;
  std::string first;
  for (const auto* tree : {"train", "valid"}) {
    std::error_code error;
    if (!fs::is_directory(base / tree, error)) continue;
    for (const auto& path : walk_images(base / tree).paths) {
      const std::string full = std::string(tree) + "/" + path;
      if (listed.contains(full)) continue;
      if (count++ == 0) first = full;
    }
  }
  if (count > 0) {
    listing.warnings.push_back(std::to_string(count) +
                               " images in the folders stand in no table and are left out, such as " + first);
  }
}

// `tagconf phantom` writes trees of this form, and its truth beside them.
bool is_phantom(const fs::path& base) {
  std::error_code error;
  return fs::is_regular_file(fs::weakly_canonical(base, error).parent_path() / "truth" / "truth.json", error);
}

// The counts that differ, "783 patients, found 782"; empty when none does.
std::string differences(const PublishedCounts& published, const Listing& listing) {
  std::set<std::string_view> patients;
  std::set<std::string_view> studies;
  std::map<std::pair<std::string_view, int>, std::size_t> by_part;
  std::size_t images = 0;
  for (const auto& image : listing.images) {
    const Sample& sample = image.sample;
    if (image.path.rfind(published.tree, 0) != 0) continue;
    ++images;
    patients.insert(sample.patient_id);
    if (studies.insert(sample.study_id).second) ++by_part[{sample.body_part, *sample.label}];
  }
  std::string out;
  const auto compare = [&](std::size_t expected, std::size_t found, const std::string& what) {
    if (expected != found)
      out += (out.empty() ? "" : "; ") + std::to_string(expected) + " " + what + ", found " +
             std::to_string(found);
  };
  compare(published.patients, patients.size(), "patients");
  compare(published.studies, studies.size(), "studies");
  compare(published.images, images, "images");
  for (const auto& [part, labels] : published.by_part) {
    compare(labels[0], by_part[{part, 0}], "normal studies of " + std::string(part));
    compare(labels[1], by_part[{part, 1}], "abnormal studies of " + std::string(part));
  }
  return out;
}

// A table that was cut short or changed makes another cohort than the one that others report on.
void compare_counts(Listing& listing) {
  for (const auto& published : kPublished) {
    const std::string found = differences(published, listing);
    if (found.empty()) continue;
    listing.warnings.push_back("the tables of " + std::string(published.tree) +
                               " are not MURA v1.1's as published: " + found);
  }
}

}  // namespace

Listing read_mura(const fs::path& root) {
  Listing listing;
  listing.root = base_folder(root);
  listing.published = true;
  for (const TreeName& tree : {TreeName{Split::train, "train"}, TreeName{Split::valid, "valid"}}) {
    read_tree(listing.root, tree, listing);
  }
  if (listing.images.empty()) throw_input(listing.root.string() + ": its tables list no image", kWhereToGet);
  check_unique(listing.images);
  report_unlisted(listing.root, listing);
  if (!is_phantom(listing.root)) compare_counts(listing);
  return listing;
}

}  // namespace tagconf::cohort
