// The source tree against the layer table of CMakeLists.txt: who includes whom, and which third-party headers
// may show where.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/files.hpp"

namespace fs = std::filesystem;

namespace {

using Table = std::map<std::string, std::set<std::string>>;

// "base=|options=base|..." as CMake passes it.
Table layer_table() {
  Table table;
  std::istringstream entries(TAGCONF_LAYER_TABLE);
  for (std::string entry; std::getline(entries, entry, '|');) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos) continue;
    auto& uses = table[entry.substr(0, equals)];
    std::istringstream names(entry.substr(equals + 1));
    for (std::string name; std::getline(names, name, ',');) uses.insert(name);
  }
  return table;
}

struct Include {
  fs::path file;
  std::string target;
};

std::vector<Include> includes_below(const fs::path& folder) {
  std::vector<Include> out;
  if (!fs::exists(folder)) return out;
  const std::regex line("(^|\n)[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]");
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = tagconf::read_text(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
      out.push_back({entry.path(), (*it)[2].str()});
    }
  }
  return out;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& starts) {
  return std::any_of(starts.begin(), starts.end(), [&](const auto& s) { return text.rfind(s, 0) == 0; });
}

// Layers whose headers or sources may name a third-party header.
const std::map<std::string, std::set<std::string>> kOwners{{"torch/", {"nn", "saliency"}},
                                                           {"ATen/", {"nn", "saliency"}},
                                                           {"c10/", {"nn", "saliency"}},
                                                           {"opencv2/", {"imaging", "tags", "phantom"}},
                                                           {"CLI/", {"app"}},
                                                           {"yaml-cpp/", {"options"}},
                                                           {"kainjow/", {"report"}},
                                                           {"openssl/", {"base"}},
                                                           {"png.h", {"imaging"}},
                                                           {"jpeglib.h", {"imaging"}},
                                                           {"openjpeg.h", {"imaging"}},
                                                           {"dcmtk/", {"cohort"}},
                                                           {"zlib.h", {"cohort"}},
                                                           {"boost/", {"stats"}},
                                                           {"Eigen/", {"stats"}},
                                                           {"Random123/", {"base"}}};

}  // namespace

TEST_CASE("every layer includes only the layers that the table allows") {
  const Table table = layer_table();
  REQUIRE(table.size() > 10);
  const fs::path source = tagconf::test::source_folder();
  std::size_t edges = 0;
  for (const auto& [layer, uses] : table) {
    for (const fs::path& folder : {source / "include/tagconf" / layer, source / "src" / layer}) {
      for (const auto& [file, target] : includes_below(folder)) {
        if (target.rfind("tagconf/", 0) != 0) continue;
        const std::string used = target.substr(8, target.find('/', 8) - 8);
        INFO(file.string() << " includes " << target);
        CHECK((used == layer || uses.contains(used)));
        ++edges;
      }
    }
  }
  CHECK(edges > 20);
}

TEST_CASE("every source folder is a layer or the app") {
  const Table table = layer_table();
  const fs::path source = tagconf::test::source_folder();
  for (const auto& entry : fs::directory_iterator(source / "src")) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    CHECK((name == "app" || table.contains(name)));
  }
}

TEST_CASE("third-party headers stay where they belong") {
  const fs::path source = tagconf::test::source_folder();
  for (const fs::path& tree : {source / "include/tagconf", source / "src"}) {
    for (const auto& [file, target] : includes_below(tree)) {
      const std::string layer = (*file.lexically_relative(tree).begin()).string();
      const bool is_public = tree.filename() == "tagconf";
      INFO(file.string() << " includes " << target);
      for (const auto& [start, owners] : kOwners) {
        if (target.rfind(start, 0) == 0) CHECK(owners.contains(layer));
      }
      if (is_public) {
        CHECK_FALSE(starts_with_any(target, {"fmt/", "spdlog/", "CLI/"}));
        if (starts_with_any(target, {"torch/", "ATen/", "c10/"})) CHECK(layer == "nn");
        if (starts_with_any(target, {"opencv2/"})) CHECK((layer == "imaging" || layer == "tags"));
      }
      // Debian's imgcodecs and highgui load some 140 libraries at every start.
      CHECK_FALSE(starts_with_any(target, {"opencv2/imgcodecs", "opencv2/highgui", "opencv2/opencv.hpp"}));
    }
  }
}

TEST_CASE("the top level holds what the README's tour names, and nothing else") {
  const std::set<std::string> expected{
      "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "cmake", "src",
      "include",        "configs",           "scripts",   "tests",   "data"};
  const std::set<std::string> made{"build", "cache", "runs"};  // ignored by git
  for (const auto& entry : fs::directory_iterator(tagconf::test::source_folder())) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' || made.contains(name) || name.rfind("build-", 0) == 0) continue;
    INFO(name);
    CHECK(expected.contains(name));
  }
}
