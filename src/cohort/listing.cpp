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

void pass_over(PassedOver& kind, const std::string& path) {
  if (kind.count++ == 0 || path < kind.first) kind.first = path;
}

}  // namespace

std::vector<std::string> FoundImages::warnings() const {
  std::vector<std::string> out;
  if (links.count > 0) {
    out.push_back(std::to_string(links.count) +
                  " links to folders or to nothing were not followed, the first " + links.first);
  }
  if (others.count > 0) {
    out.push_back(std::to_string(others.count) +
                  " files are neither PNG nor JPEG and were passed over, the first " + others.first);
  }
  return out;
}

FoundImages walk_images(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) throw_input(root.string() + ": no such folder", "check the path");
  FoundImages out;
  for (auto it = fs::recursive_directory_iterator(root, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code nowhere;  // a link that leads to nothing, or to itself, is no image
    if (it->path().filename().string().front() == '.') {
      if (it->is_directory(nowhere)) it.disable_recursion_pending();
      continue;
    }
    std::string relative = it->path().lexically_relative(root).generic_string();
    const bool link = it->is_symlink(nowhere);
    if (it->is_regular_file(nowhere)) {
      if (!is_image(it->path())) {
        pass_over(out.others, relative);
        continue;
      }
      if (link) (void)resolve_below(root, relative, root.string());
      out.paths.push_back(std::move(relative));
    } else if (link) {
      pass_over(out.links, relative);
    } else if (!it->is_directory(nowhere)) {
      pass_over(out.others, relative);
    }
  }
  if (error) {
    throw_input(root.string() + ": a folder in it cannot be read: " + error.message(),
                "find it by: find -type d ! -readable");
  }
  std::sort(out.paths.begin(), out.paths.end());
  return out;
}

void throw_no_image(const fs::path& root, const FoundImages& found) {
  std::string hint = "expected PNG or JPEG files";
  for (const auto& warning : found.warnings()) hint += "; " + warning;
  throw_input(root.string() + ": holds no image", hint);
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
