#include "tagconf/cohort/dicom_tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/imaging/codec.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

// Paths below the root may name patients: nothing of them goes into a message.
[[noreturn]] void refuse_tree(const fs::path& root, const std::string& what, const std::string& hint) {
  throw_input(root.string() + ": " + what, hint);
}

std::vector<fs::directory_entry> sorted_entries(const fs::path& folder, const fs::path& root) {
  std::error_code error;
  std::vector<fs::directory_entry> out;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().filename().string().front() != '.') out.push_back(*it);
  }
  if (error) {
    refuse_tree(root, "a folder in it cannot be read: " + error.message(),
                "find it by: find -type d ! -readable");
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_directory(error) && !entry.is_symlink(error);
}

bool named_like_dicom(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  return extension == ".dcm" || extension == ".dicom";
}

// What cannot be opened is listed, so that it is told as unreadable.
bool is_closed(const fs::path& path) {
  return !std::ifstream(path, std::ios::binary);
}

bool is_picture(const fs::path& path) {
  std::array<char, 8> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  return imaging::looks_like_image(
      std::as_bytes(std::span(start)).first(static_cast<std::size_t>(in.gcount())));
}

void check_link(const fs::directory_entry& entry, const fs::path& root) {
  std::error_code error;
  if (!entry.is_symlink(error)) return;
  const fs::path relative = entry.path().lexically_relative(root);
  try {
    (void)resolve_below(root, relative.generic_string(), "");
  } catch (const Error&) {
    refuse_tree(root, "a symbolic link in it leaves it", "find it by: find -type l");
  }
}

void walk(const fs::path& folder, DicomTree& tree) {
  for (const auto& entry : sorted_entries(folder, tree.root)) {
    std::error_code error;
    if (is_folder(entry)) {
      walk(entry.path(), tree);
      continue;
    }
    if (!entry.is_regular_file(error)) {
      ++(entry.is_symlink(error) ? tree.links : tree.passed_over);
      continue;
    }
    const bool index = upper(entry.path().filename().string()) == "DICOMDIR";
    if (index || !(named_like_dicom(entry.path()) || is_dicom(entry.path()) || is_closed(entry.path()))) {
      ++tree.passed_over;
      tree.indexes += index ? 1 : 0;
      continue;
    }
    check_link(entry, tree.root);
    tree.files.push_back(entry.path().lexically_relative(tree.root).generic_string());
  }
}

// Of the first picture below the folder; nothing when there is none.
std::optional<bool> first_is_dicom(const fs::path& folder, const fs::path& root) {
  for (const auto& entry : sorted_entries(folder, root)) {
    std::error_code error;
    if (is_folder(entry)) {
      if (const auto found = first_is_dicom(entry.path(), root)) return found;
    } else if (entry.is_regular_file(error)) {
      if (is_dicom(entry.path())) return true;
      if (is_picture(entry.path())) return false;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> DicomTree::warnings() const {
  std::vector<std::string> out;
  const std::size_t others = passed_over - indexes;
  if (others > 0) out.push_back(std::to_string(others) + " files are no DICOM files and were passed over");
  if (links > 0) {
    out.push_back(std::to_string(links) +
                  " links to folders or to nothing were not followed: find them by find -type l");
  }
  return out;
}

DicomTree walk_dicom(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) throw_input(root.string() + ": no such folder", "check the path");
  DicomTree tree;
  tree.root = root;
  walk(root, tree);
  if (tree.files.empty()) {
    refuse_tree(root, "holds no DICOM file",
                std::to_string(tree.passed_over) + " other files lie in it, and " +
                    std::to_string(tree.links) + " links to folders or to nothing");
  }
  // As a user's sort has them, whatever folders they lie in.
  std::sort(tree.files.begin(), tree.files.end());
  return tree;
}

bool begins_with_dicom(const fs::path& root) {
  return first_is_dicom(root, root).value_or(false);
}

std::string name_of_file(std::size_t index) {
  return "file " + std::to_string(index + 1);
}

}  // namespace tagconf::cohort
