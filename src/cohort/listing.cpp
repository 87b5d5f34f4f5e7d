#include "tagconf/cohort/listing.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/codec.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

bool named_like_image(const fs::path& path) {
  static const std::set<std::string> kExtensions{".png", ".jpg", ".jpeg"};
  return kExtensions.contains(lower(path.extension().string()));
}

bool is_image(const fs::path& path) {
  if (named_like_image(path)) return true;
  std::array<char, 8> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  return imaging::looks_like_image(
      std::as_bytes(std::span(start)).first(static_cast<std::size_t>(in.gcount())));
}

}  // namespace

std::vector<std::string> walk_images(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) throw_input(root.string() + ": no such folder", "check the path");
  std::vector<std::string> out;
  for (auto it = fs::recursive_directory_iterator(root, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code nowhere;  // a link that leads to nothing, or to itself, is no image
    if (it->path().filename().string().front() == '.') {
      if (it->is_directory(nowhere)) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file(nowhere) || !is_image(it->path())) continue;
    std::string relative = it->path().lexically_relative(root).generic_string();
    if (it->is_symlink(nowhere)) (void)resolve_below(root, relative, root.string());
    out.push_back(std::move(relative));
  }
  if (error) {
    throw_input(root.string() + ": a folder in it cannot be read: " + error.message(),
                "find it by: find -type d ! -readable");
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string id_of_path(const std::string& path) {
  fs::path out = fs::path(path).lexically_normal();
  return out.replace_extension().generic_string();
}

void check_unique(const std::vector<Listed>& images) {
  std::map<std::string, const Listed*> first;
  for (const auto& image : images) {
    check_image_id(image.sample.image_id, image.where);
    const auto [place, fresh] = first.emplace(image.sample.image_id, &image);
    if (!fresh) {
      throw_input(image.where + ": image_id '" + image.sample.image_id + "' (" + image.path +
                      ") is taken already by " + place->second->path + " (" + place->second->where + ")",
                  "an image_id is the path without extension and must be unique");
    }
  }
}

}  // namespace tagconf::cohort
