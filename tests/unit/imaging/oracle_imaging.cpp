// Decoding, resizing and enlarging against results computed outside the project (shared oracles: model,
// resize).
#include <cmath>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/resize.hpp"

using namespace tagconf;
using namespace tagconf::imaging;

namespace {

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_text(path), path.string());
}

std::vector<float> read_floats(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

GreyImage model_image(const std::string& id) {
  return read_image(test::shared_folder_or_skip() / "oracles/model/images" / (id + ".png"));
}

// Largest difference from the checksums' sampled values and, where they are given, minimum and maximum.
template <class Values>
double worst_difference(const Json& expected, const Values& values) {
  double worst = 0;
  for (std::size_t i = 0; i < expected["at"].size(); ++i) {
    const double found = values[expected["at"][i].get<std::size_t>()];
    worst = std::max(worst, std::abs(found - expected["value"][i].get<double>()));
  }
  if (!expected.contains("min")) return worst;
  double low = values[0];
  double high = values[0];
  for (const double v : values) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  worst = std::max(worst, std::abs(low - expected["min"].get<double>()));
  return std::max(worst, std::abs(high - expected["max"].get<double>()));
}

template <class Values>
double sum_of(const Values& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum;
}

}  // namespace

TEST_CASE("pictures decode to the oracle's pixels") {
  const Json oracle = read_json(test::shared_folder_or_skip() / "oracles/model/expected.json");
  for (const auto& image : oracle["images"]) {
    const GreyImage found = model_image(image["id"]);
    INFO(image["id"]);
    REQUIRE(found.bits == 8);
    CHECK(found.width == image["width"].get<int>());
    CHECK(found.height == image["height"].get<int>());
    std::string bytes;
    for (const auto v : found.pixels) bytes += static_cast<char>(v);
    CHECK(sha256_hex(bytes) == image["pixel_sha256"].get<std::string>());
  }
}

TEST_CASE("the anti-aliased resize equals the float64 truth") {
  const auto folder = test::shared_folder_or_skip() / "oracles/resize";
  double worst_exact = 0;
  double worst_float = 0;
  const Json oracle = read_json(folder / "expected.json");
  for (const auto& expected : oracle["images"]) {
    const GreyImage image = model_image(expected["id"]);
    REQUIRE(image.width == expected["from"][0].get<int>());
    REQUIRE(image.height == expected["from"][1].get<int>());
    const int size = expected["to"].get<int>();
    Plane plane(image.width, image.height);
    for (std::size_t i = 0; i < plane.values.size(); ++i) plane.values[i] = image.pixels[i];
    const auto exact = resize_exact(plane.values, plane.width, plane.height, size, size);
    const Json& truth = expected["truth_f64"];
    worst_exact = std::max(worst_exact, worst_difference(truth, exact));
    CHECK(sum_of(exact) == Approx(truth["sum"].get<double>()).epsilon(1e-11));
    const Plane single = resize(plane, size, size);
    worst_float = std::max(worst_float, worst_difference(truth, single.values));

    // Pillow rounds between the passes: within 1 of the once-rounded picture's truth.
    const GreyImage rounded = resize(image, size, size);
    const GreyImage pillow =
        read_image(folder / (expected["id"].get<std::string>() + "_" + std::to_string(size) + ".png"));
    int worst_grey = 0;
    for (std::size_t i = 0; i < rounded.pixels.size(); ++i) {
      worst_grey = std::max(worst_grey, std::abs(int{rounded.pixels[i]} - int{pillow.pixels[i]}));
      REQUIRE(std::abs(rounded.pixels[i] - exact[i]) <= 0.5 + 1e-9);
    }
    CHECK(worst_grey <= 1);
  }
  // The expected values carry 12 significant digits.
  CHECK(worst_exact < 1e-9);
  CHECK(worst_float < 1e-4);
  WARN("largest difference on 0..255: double " << worst_exact << ", float " << worst_float);
}

TEST_CASE("the network's planes equal the oracle's") {
  double worst = 0;
  const auto folder = test::shared_folder_or_skip() / "oracles/model";
  const Json oracle = read_json(folder / "expected.json");
  for (const auto& image : oracle["images"]) {
    const std::string id = image["id"];
    const Plane plane = to_plane(model_image(id));
    for (const int size : {224, 320}) {
      const Plane found = resize(plane, size, size);
      worst = std::max(worst, worst_difference(image["sizes"][std::to_string(size)]["grey01"], found.values));
      if (size == 224) {
        const auto expected = read_floats(folder / "maps" / (id + "_grey01_224.f32"));
        REQUIRE(expected.size() == found.values.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
          worst = std::max(worst, static_cast<double>(std::abs(expected[i] - found.values[i])));
        }
      }
    }
  }
  CHECK(worst < 5e-5);
  WARN("largest difference of a plane: " << worst);
}

TEST_CASE("enlarged maps equal the oracle's") {
  double worst = 0;
  std::size_t maps = 0;
  const Json oracle = read_json(test::shared_folder_or_skip() / "oracles/model/expected.json");
  for (const auto& image : oracle["images"]) {
    for (const auto& [size_text, size] : image["sizes"].items()) {
      for (const auto& [key, enlarged] : size["upsampled"].items()) {
        const auto rows = size["maps"][key].get<std::vector<std::vector<double>>>();
        Plane map(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()));
        double largest = 0;
        for (std::size_t y = 0; y < rows.size(); ++y) {
          for (std::size_t x = 0; x < rows[y].size(); ++x) {
            map.at(static_cast<int>(x), static_cast<int>(y)) = static_cast<float>(rows[y][x]);
            largest = std::max(largest, std::abs(rows[y][x]));
          }
        }
        if (largest == 0) continue;
        for (const auto* name : {"to_input", "to_image"}) {
          const Json& expected = enlarged[name];
          const Plane found = upsample(map, expected["shape"][1].get<int>(), expected["shape"][0].get<int>());
          worst = std::max(worst, worst_difference(expected, found.values) / largest);
          CHECK(sum_of(found.values) == Approx(expected["sum"].get<double>()).epsilon(1e-6));
          ++maps;
        }
      }
    }
  }
  CHECK(maps > 100);
  CHECK(worst < 1e-6);
  WARN("largest difference of an enlarged map, relative to its maximum: " << worst << " over " << maps);
}
