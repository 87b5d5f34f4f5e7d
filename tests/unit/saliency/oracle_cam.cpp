// Class activation maps and the energy in boxes against the plain formulas in float64 (oracles/model).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/nn/model.hpp"
#include "tagconf/nn/safetensors.hpp"
#include "tagconf/saliency/cam.hpp"
#include "tagconf/saliency/energy.hpp"

using namespace tagconf;
using namespace tagconf::saliency;
namespace fs = std::filesystem;

namespace {

fs::path oracle() {
  return test::shared_folder_or_skip() / "oracles/model";
}

nn::Model model_of(const fs::path& weights) {
  nn::Model model = nn::Model::trained(weights);
  model.use(nn::resolve({nn::Precision::fp32, "cpu", 1}));
  return model;
}

imaging::Plane plane_of(const std::string& id, int size) {
  return imaging::resize(imaging::to_plane(imaging::read_image(oracle() / "images" / (id + ".png"))), size,
                         size);
}

// Largest difference, relative to the wanted map's maximum.
double difference(const std::vector<float>& found, const Json& wanted) {
  double largest = 0;
  double worst = 0;
  std::size_t i = 0;
  for (const Json& row : wanted) {
    for (const Json& value : row) {
      largest = std::max(largest, value.get<double>());
      worst = std::max(worst, std::abs(static_cast<double>(found.at(i++)) - value.get<double>()));
    }
  }
  REQUIRE(i == found.size());
  return worst / largest;
}

imaging::Plane map_of(const Cams& cams, std::size_t i) {
  imaging::Plane map(cams.width, cams.height);
  const auto begin = cams.maps.begin() + static_cast<std::ptrdiff_t>(i * map.values.size());
  std::copy(begin, begin + static_cast<std::ptrdiff_t>(map.values.size()), map.values.begin());
  return map;
}

}  // namespace

TEST_CASE("maps of twelve radiographs, two sizes, three methods, both targets") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  const Json images = parse_json(read_text(oracle() / "expected.json"), "expected.json")["images"];
  REQUIRE(images.size() == 12);
  for (const int size : {224, 320}) {
    std::vector<float> planes;
    for (const Json& image : images) {
      const auto plane = plane_of(image["id"], size);
      planes.insert(planes.end(), plane.values.begin(), plane.values.end());
    }
    for (const auto& [method, method_name] : EnumNames<CamMethod>::kNames) {
      // The larger size for the map that the study uses.
      if (size == 320 && method != CamMethod::gradcam) continue;
      for (const CamTarget target : {CamTarget::positive, CamTarget::negative}) {
        const auto cams = class_activation_maps(model, planes, size, method, target);
        REQUIRE(cams.logits.size() == 12);
        const std::string key = std::string("relu/") + method_name + "/" + std::string(name_of(target));
        for (std::size_t i = 0; i < 12; ++i) {
          INFO(images[i]["id"] << " at " << size << " " << key);
          const Json& wanted = images[i]["sizes"][std::to_string(size)];
          CHECK(difference(map_of(cams, i).values, wanted["maps"][key]) < 1e-3);
          CHECK(std::abs(cams.logits[i] - wanted["logit_f64"].get<double>()) < 1e-4);
        }
      }
    }
  }
}

TEST_CASE("enlarged to the stored image, the energy in a box is the oracle's") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  const Json images = parse_json(read_text(oracle() / "expected.json"), "expected.json")["images"];
  std::vector<float> planes;
  for (const Json& image : images) {
    const auto plane = plane_of(image["id"], 224);
    planes.insert(planes.end(), plane.values.begin(), plane.values.end());
  }
  for (const CamTarget target : {CamTarget::positive, CamTarget::negative}) {
    const auto cams = class_activation_maps(model, planes, 224, CamMethod::gradcam, target);
    for (std::size_t i = 0; i < images.size(); ++i) {
      const Json& image = images[i];
      const auto large = imaging::upsample(map_of(cams, i), image["width"], image["height"]);
      const Json& wanted = image["sizes"]["224"]["upsampled"]["relu/gradcam/" + std::string(name_of(target))];
      const std::vector<int> corners = wanted["box"];
      const Rect box{corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]};
      const EnergyMap map(large.values, large.width, large.height);
      INFO(image["id"] << " " << name_of(target));
      CHECK(map.total() == Approx(wanted["to_image"]["sum"].get<double>()).epsilon(1e-3));
      if (wanted["energy_in_box"].is_null()) continue;
      CHECK(*in_tag_energy(map, std::vector<Rect>{box}, 0, Rng(1, "n")).share ==
            Approx(wanted["energy_in_box"].get<double>()).margin(2e-4));
    }
  }
}

TEST_CASE("a map is its logit: without the last ReLU it sums to logit minus bias") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  const auto plane = plane_of("d5b4a306", 224);
  const auto positive =
      class_activation_maps(model, plane.values, 224, CamMethod::hirescam, CamTarget::positive);
  const auto negative =
      class_activation_maps(model, plane.values, 224, CamMethod::hirescam, CamTarget::negative);
  double sum = 0;
  for (std::size_t i = 0; i < positive.maps.size(); ++i)
    sum += static_cast<double>(positive.maps[i]) - static_cast<double>(negative.maps[i]);
  // The oracle's head has bias -0.25.
  CHECK(sum - 0.25 == Approx(positive.logits[0]).margin(1e-4));
}

TEST_CASE("a head without positive weights leaves the positive map empty") {
  const auto file = nn::Safetensors::read(oracle() / "densenet121_seed7.safetensors");
  std::vector<nn::TensorView> tensors = file.tensors();
  std::vector<std::uint16_t> head;
  for (auto& view : tensors) {
    if (view.name != "classifier.weight") continue;
    head.resize(view.bytes.size() / 2);
    std::memcpy(head.data(), view.bytes.data(), view.bytes.size());
    for (auto& half : head) half = static_cast<std::uint16_t>(half | 0x8000U);  // the sign bit of a half
    view.bytes = std::as_bytes(std::span(head));
  }
  test::ScratchFolder scratch;
  nn::write_safetensors(scratch / "negative.safetensors", tensors, {});
  nn::Model model = model_of(scratch / "negative.safetensors");
  const Json wanted =
      parse_json(read_text(oracle() / "edge_expected.json"), "edge")["negative_head_d5b4a306"];
  const auto plane = plane_of("d5b4a306", 224);
  const auto cams = class_activation_maps(model, plane.values, 224, CamMethod::gradcam, CamTarget::positive);
  CHECK(cams.logits[0] == Approx(wanted["logit_f64"].get<double>()).margin(1e-3));
  CHECK(*std::max_element(cams.maps.begin(), cams.maps.end()) == 0);
  CHECK(EnergyMap(cams.maps, cams.width, cams.height).total() == 0);
  const auto other =
      class_activation_maps(model, plane.values, 224, CamMethod::gradcam, CamTarget::predicted);
  CHECK(other.targets[0] == CamTarget::negative);
  CHECK(difference(other.maps, wanted["relu/gradcam/negative"]) < 1e-3);
}
