// Logits, published weight files and preprocessing against torchvision's DenseNet-121 (oracles/model).
#include <cmath>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/nn/model.hpp"

using namespace tagconf;
namespace fs = std::filesystem;

namespace {

fs::path oracle() {
  return test::shared_folder_or_skip() / "oracles/model";
}

Json expected(const std::string& file) {
  return parse_json(read_text(oracle() / file), file);
}

imaging::Plane plane_of(const std::string& id, int size) {
  return imaging::resize(imaging::to_plane(imaging::read_image(oracle() / "images" / (id + ".png"))), size,
                         size);
}

nn::Model model_of(const fs::path& weights) {
  nn::Model model = nn::Model::trained(weights);
  model.use(nn::resolve({nn::Precision::fp32, "cpu", 1}));
  return model;
}

}  // namespace

TEST_CASE("logits of twelve radiographs at two sizes equal torchvision's") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  const Json images = expected("expected.json")["images"];
  REQUIRE(images.size() == 12);
  for (const int size : {224, 320}) {
    std::vector<float> planes;
    for (const Json& image : images) {
      const auto plane = plane_of(image["id"], size);
      planes.insert(planes.end(), plane.values.begin(), plane.values.end());
    }
    const auto logits = model.logits(planes, size);
    REQUIRE(logits.size() == 12);
    for (std::size_t i = 0; i < 12; ++i) {
      INFO(images[i]["id"] << " at " << size);
      CHECK(std::abs(logits[i] - images[i]["sizes"][std::to_string(size)]["logit_f64"].get<double>()) < 1e-4);
    }
  }
}

TEST_CASE("an image's logit is the same to the bit alone and among others") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  std::vector<float> planes;
  const Json images = expected("expected.json")["images"];
  for (std::size_t i = 0; i < 11; ++i) {
    const auto plane = plane_of(images[i]["id"], 96);
    planes.insert(planes.end(), plane.values.begin(), plane.values.end());
  }
  const auto together = model.logits(planes, 96);
  REQUIRE(together.size() == 11);
  const std::size_t pixels = 96UL * 96UL;
  for (std::size_t i = 0; i < 11; ++i) {
    const double alone = model.logits(std::span(planes).subspan(i * pixels, pixels), 96).at(0);
    CHECK(alone == together[i]);
  }
}

TEST_CASE("the names of 2017 load, and a head of 1000 classes gives way to a seeded one") {
  CHECK_THROWS_AS(nn::Model::trained(oracle() / "densenet121_legacy_1000.safetensors"), Error);
  nn::Model legacy = nn::Model::pretrained(oracle() / "densenet121_legacy_1000.safetensors", 3);
  nn::Model same = nn::Model::pretrained(oracle() / "densenet121_legacy_1000.safetensors", 3);
  nn::Model other = nn::Model::pretrained(oracle() / "densenet121_legacy_1000.safetensors", 4);
  for (nn::Model* model : {&legacy, &same, &other}) model->use(nn::resolve({nn::Precision::fp32, "cpu", 1}));
  const auto plane = plane_of("nih_00000573_008_crop", 96);
  CHECK(legacy.logits(plane.values, 96) == same.logits(plane.values, 96));
  CHECK(legacy.logits(plane.values, 96) != other.logits(plane.values, 96));
}

TEST_CASE("a model written and read again gives the same logits and the same bytes") {
  test::ScratchFolder scratch;
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  model.write(scratch / "a.safetensors", {{"input_size", "224"}, {"arm", "covered"}, {"seed", "3"}});
  nn::Model again = model_of(scratch / "a.safetensors");
  again.write(scratch / "b.safetensors", {{"input_size", "224"}, {"arm", "covered"}, {"seed", "3"}});
  CHECK(read_bytes(scratch / "a.safetensors") == read_bytes(scratch / "b.safetensors"));
  CHECK(again.info().input_size == 224);
  CHECK(again.info().arm == "covered");
  const auto plane = plane_of("d5b4a306", 224);
  CHECK(model.logits(plane.values, 224) == again.logits(plane.values, 224));
}

TEST_CASE("edge images: black, white, one pixel, one row, checkerboard") {
  nn::Model model = model_of(oracle() / "densenet121_seed7.safetensors");
  const Json cases = expected("edge_expected.json");
  const auto logit = [&](const imaging::GreyImage& image) {
    return model.logits(imaging::resize(imaging::to_plane(image), 224, 224).values, 224).at(0);
  };
  const auto wanted = [&](const char* name) { return cases[name]["logit_f64"].get<double>(); };
  CHECK(std::abs(logit({300, 200, 8, 0}) - wanted("black_300x200")) < 1e-4);
  CHECK(std::abs(logit({300, 200, 8, 255}) - wanted("white_300x200")) < 1e-4);
  CHECK(std::abs(logit({1, 1, 8, 128}) - wanted("one_pixel_128")) < 1e-4);
}
