#include "tagconf/tags/box_formats.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "tagconf/base/error.hpp"

namespace tagconf::tags {
namespace {

constexpr double kFileRounding = 0.01;  // pixels: six decimals of a share of a large image
constexpr int kOvershoot = 1;           // pixels
constexpr double kLargestCoordinate = 1 << 24;

// Ids may hold dots: only what images are called is an extension.
std::string without_extension(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name[dot - 1] == '/') return name;
  std::string extension = name.substr(dot + 1);
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* known : {"png", "jpg", "jpeg", "bmp", "tif", "tiff", "dcm"}) {
    if (extension == known) return name.substr(0, dot);
  }
  return name;
}

std::string last_step(const std::string& id) {
  const auto slash = id.rfind('/');
  return without_extension(slash == std::string::npos ? id : id.substr(slash + 1));
}

// Is `end` the last steps of `path`?
bool ends_path(const std::string& path, const std::string& end) {
  return path.ends_with("/" + end);
}

std::vector<std::string> ids_of(const std::vector<KnownImage>& images) {
  std::vector<std::string> ids;
  for (const auto& image : images) ids.push_back(image.id);
  return ids;
}

std::map<std::string, TagKind> kinds_by_name(const std::map<std::string, std::string>& categories) {
  std::map<std::string, TagKind> out;
  for (const auto& [kind, name] : EnumNames<TagKind>::kNames) out.emplace(name, kind);
  for (const auto& [category, name] : categories) {
    const auto kind = value_of<TagKind>(name);
    if (!kind) {
      throw Error(ErrorCode::usage, "categories: '" + name + "' is no kind of tag",
                  "give NAME=KIND with a kind of " + all_names<TagKind>());
    }
    out[category] = *kind;
  }
  return out;
}

std::string side_text(double from, double to, int limit) {
  return std::to_string(from) + " to " + std::to_string(to) + ", image 0 to " + std::to_string(limit);
}

// One axis: floor and ceiling, cut where the overshoot is that of rounding.
std::pair<int, int> axis(double from, double to, int limit, const char* name, const std::string& where) {
  if (!std::isfinite(from) || !std::isfinite(to) || std::abs(from) > kLargestCoordinate ||
      std::abs(to) > kLargestCoordinate)
    throw_input(where + ": a box that is no place in an image");
  int low = static_cast<int>(std::floor(from + kFileRounding));
  int high = static_cast<int>(std::ceil(to - kFileRounding));
  if (limit > 0) {
    if (low < -kOvershoot || high > limit + kOvershoot)
      throw_input(where + ": box outside image (" + name + " " + side_text(from, to, limit) + ")",
                  "boxes are in pixels of the stored image");
    low = std::max(low, 0);
    high = std::min(high, limit);
  } else if (low < 0) {
    if (low < -kOvershoot)
      throw_input(where + ": box outside image (" + name + " " + std::to_string(from) + " < 0)",
                  "boxes are in pixels of the stored image");
    low = 0;
  }
  if (high <= low)
    throw_input(where + ": a box without area (" + name + " " + std::to_string(from) + " to " +
                std::to_string(to) + ")");
  return {low, high};
}

}  // namespace

void fail_ambiguous(const std::string& source, const std::string& id, const std::string& one,
                    const std::string& other) {
  throw_input(source + ": '" + id + "' may be '" + one + "' or '" + other + "'",
              "use the manifest's image ids throughout");
}

IdLookup::IdLookup(std::vector<std::string> ids, std::string source)
    : ids_(std::move(ids)), source_(std::move(source)) {
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    exact_.emplace(ids_[i], i);
    by_step_[last_step(ids_[i])].push_back(i);
  }
}

std::optional<std::size_t> IdLookup::find_exact(const std::string& id) const {
  const auto hit = exact_.find(id);
  return hit == exact_.end() ? std::nullopt : std::optional(hit->second);
}

std::optional<std::size_t> IdLookup::find(const std::string& id) const {
  if (const auto hit = find_exact(id)) return hit;
  const auto named = by_step_.find(last_step(id));
  if (named == by_step_.end()) return std::nullopt;
  const std::string wanted = without_extension(id);
  std::vector<std::size_t> same;
  std::vector<std::size_t> hits;
  for (const std::size_t i : named->second) {
    const std::string other = without_extension(ids_[i]);
    if (other == wanted) same.push_back(i);
    if (ends_path(wanted, other) || ends_path(other, wanted)) hits.push_back(i);
  }
  if (!same.empty()) hits = same;
  if (hits.empty()) return std::nullopt;
  if (hits.size() > 1) fail_ambiguous(source_, id, ids_[hits[0]], ids_[hits[1]]);
  return hits.front();
}

BoxReading::BoxReading(std::vector<KnownImage> images, std::map<std::string, std::string> categories)
    : images_(std::move(images)), lookup_(ids_of(images_), "the images"), kinds_(kinds_by_name(categories)) {
  for (std::size_t i = 0; i < images_.size(); ++i) by_path_.emplace(images_[i].path, i);
}

KnownImage BoxReading::image_of(const std::string& name, const std::string& where) const {
  if (images_.empty()) return {without_extension(name), name, 0, 0};
  if (const auto by_path = by_path_.find(name); by_path != by_path_.end()) return images_[by_path->second];
  const auto exact = lookup_.find_exact(without_extension(name));
  const auto hit = exact ? exact : lookup_.find(name);
  if (!hit) throw_input(where + ": no image for '" + name + "'", "its first is '" + images_.front().id + "'");
  return images_[*hit];
}

TagKind BoxReading::kind_of(const std::string& category) {
  if (const auto found = kinds_.find(category); found != kinds_.end()) return found->second;
  if (std::find(unknown_.begin(), unknown_.end(), category) == unknown_.end()) unknown_.push_back(category);
  return TagKind::unknown;
}

void BoxReading::check_categories(const std::string& source) const {
  if (unknown_.empty()) return;
  std::string list;
  for (const auto& name : unknown_) list += (list.empty() ? "'" : ", '") + name + "'";
  throw_input(source + ": " + (unknown_.size() == 1 ? "category " : "categories ") + list + " " +
                  (unknown_.size() == 1 ? "is" : "are") + " no kind of tag",
              "say what is meant: --categories " + unknown_.front() + "=KIND, of " + all_names<TagKind>());
}

Rect outward(double x0, double y0, double x1, double y1, int width, int height, const std::string& where) {
  const auto [left, right] = axis(x0, x1, width, "x", where);
  const auto [top, bottom] = axis(y0, y1, height, "y", where);
  return {left, top, right - left, bottom - top};
}

}  // namespace tagconf::tags
