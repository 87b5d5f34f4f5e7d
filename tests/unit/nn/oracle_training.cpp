// Three optimiser steps in float64 against PyTorch (oracles/model/train_expected.json): losses, gradients,
// clipping, batch statistics, updates. And its schedules.
#include <torch/torch.h>
#undef CHECK

#include <cmath>

#include "../../../src/nn/optimizer.hpp"
#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/nn/schedule.hpp"
#include "tagconf/nn/weights.hpp"

using namespace tagconf;
using namespace tagconf::nn;
namespace fs = std::filesystem;
using torch::Tensor;

namespace {

constexpr double kTolerance = 1e-9;

fs::path oracle() {
  return test::shared_folder_or_skip() / "oracles/model";
}

const Json& expected() {
  static const Json document = parse_json(read_text(oracle() / "train_expected.json"), "train_expected.json");
  return document;
}

// grey / 255, resized in float64 by torch's own anti-aliased kernel: a float32 plane would hide 1e-9.
Tensor input_of(const std::vector<std::string>& ids, std::int64_t size) {
  std::vector<Tensor> out;
  for (const auto& id : ids) {
    const auto image = imaging::read_image(oracle() / "images" / (id + ".png"));
    Tensor grey = torch::empty({1, 1, image.height, image.width}, torch::kDouble);
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      grey.data_ptr<double>()[i] = static_cast<double>(image.pixels[i]) / 255;
    grey = at::_upsample_bilinear2d_aa(grey, {size, size}, false).repeat({1, 3, 1, 1});
    const auto channel = [](std::vector<double> v) {
      return torch::tensor(v, torch::kDouble).view({1, 3, 1, 1});
    };
    out.push_back((grey - channel({0.485, 0.456, 0.406})) / channel({0.229, 0.224, 0.225}));
  }
  return torch::cat(out).contiguous(torch::MemoryFormat::ChannelsLast);
}

std::shared_ptr<DenseNet121Impl> network_in_float64() {
  auto network = std::make_shared<DenseNet121Impl>(1);
  load_weights(*network, Safetensors::read(oracle() / "densenet121_seed7.safetensors"), Head::exact);
  network->to(torch::kDouble);
  return network;
}

bool close(double found, double wanted, double scale = 0) {
  return std::abs(found - wanted) <= kTolerance * std::max({std::abs(wanted), scale, 1e-3});
}

// Sum, sum of squares and samples of a tensor.
void check_tensor(const Tensor& tensor, const Json& wanted, const std::string& name) {
  INFO(name);
  const Tensor flat = tensor.detach().to(torch::kDouble).contiguous().flatten();
  const double squares = wanted["sumsq"];
  CHECK(close(flat.square().sum().item<double>(), squares));
  // A sum of n values may cancel: its error is judged against the values' size.
  CHECK(close(flat.sum().item<double>(), wanted["sum"],
              std::sqrt(squares * static_cast<double>(flat.numel()))));
  const double size = std::sqrt(squares / static_cast<double>(flat.numel()));
  for (std::size_t i = 0; i < wanted["at"].size(); ++i)
    CHECK(close(flat[wanted["at"][i].get<std::int64_t>()].item<double>(), wanted["value"][i], size));
}

struct Run {
  const char* name;
  OptimizerOptions options;
  double rate;
};

}  // namespace

TEST_CASE("three steps of every optimiser equal PyTorch's in float64") {
  torch::set_num_threads(1);
  const auto [run] = GENERATE(table<Run>({
      {Run{"adam", {OptimizerKind::adam, 0, 0.9, false, 0}, 1e-4}},
      {Run{"adam_l2_0.01", {OptimizerKind::adam, 0.01, 0.9, false, 0}, 1e-4}},
      {Run{"adamw", {OptimizerKind::adamw, 0.01, 0.9, false, 0}, 1e-4}},
      {Run{"sgd_momentum", {OptimizerKind::sgd, 1e-4, 0.9, false, 0}, 1e-3}},
      {Run{"sgd_nesterov", {OptimizerKind::sgd, 0, 0.9, true, 0}, 1e-3}},
      {Run{"sgd_momentum_clip1.0", {OptimizerKind::sgd, 1e-4, 0.9, false, 1.0}, 1e-3}},
  }));
  INFO(run.name);
  const Json& wanted = expected()["runs"][run.name];
  const Tensor input = input_of(expected()["images"], expected()["size"]);
  const Tensor labels = torch::tensor(expected()["labels"].get<std::vector<double>>(), torch::kDouble);
  const double pos_weight = expected()["pos_weight"];
  auto network = network_in_float64();
  Optimizer optimizer(*network, run.options);
  network->train();
  for (std::size_t step = 0; step < 3; ++step) {
    const double loss = train_step(*network, optimizer, input, labels, pos_weight, run.rate, {});
    INFO("step " << step + 1);
    CHECK(close(loss, wanted["loss"][step]));
    double squares = 0;
    for (const auto& p : network->parameters()) squares += p.grad().square().sum().item<double>();
    // Clipping leaves the clipped gradients behind.
    const double norm = wanted["grad_norm"][step];
    const double left = run.options.clip_norm > 0 ? std::min(norm, norm / (norm + 1e-6)) : norm;
    CHECK(close(std::sqrt(squares), left));
    if (step == 0 && std::string(run.name) == "adam") {
      const auto parameters = network->named_parameters();
      for (const auto& [name, value] : expected()["first_gradients"].items())
        check_tensor(parameters[name].grad(), value, name);
    }
  }
  const auto parameters = network->named_parameters();
  const auto buffers = network->named_buffers();
  for (const auto& [name, value] : wanted["parameters"].items()) check_tensor(parameters[name], value, name);
  for (const auto& [name, value] : wanted["buffers"].items()) check_tensor(buffers[name], value, name);
  network->eval();
  const torch::NoGradGuard no_grad;
  const Tensor logits = network->forward(input).flatten();
  std::vector<int> whole_labels;
  std::vector<double> values;
  for (std::int64_t i = 0; i < logits.size(0); ++i) {
    CHECK(close(logits[i].item<double>(), wanted["eval_logits_after"][static_cast<std::size_t>(i)]));
    values.push_back(logits[i].item<double>());
    whole_labels.push_back(static_cast<int>(labels[i].item<double>()));
  }
  CHECK(close(weighted_loss(whole_labels, values, pos_weight), wanted["eval_loss_after"]));
}

TEST_CASE("schedules equal PyTorch's") {
  const Json& all = expected()["schedules"];
  const std::vector<double> metrics = all["metric"];
  const auto compare = [](const std::vector<double>& found, const Json& wanted) {
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK(std::abs(found[i] - wanted[i].get<double>()) < 1e-14);
  };
  std::vector<double> cosine, past, warm;
  for (int t = 0; t <= 10; ++t) cosine.push_back(cosine_rate(1e-4, 0, t, 10));
  for (int t = 0; t <= 14; ++t) past.push_back(cosine_rate(1e-4, 1e-6, t, 10));
  for (int t = 0; t <= 10; ++t)
    warm.push_back(t < 3 ? 1e-4 * warmup_factor(0.1, t, 3) : cosine_rate(1e-4, 0, t - 3, 7));
  compare(cosine, all["cosine_T10_eta0_lr1e-4"]);
  compare(past, all["cosine_T10_eta1e-6_lr1e-4_past_the_end_14"]);
  compare(warm, all["linear_warmup3_from0.1_then_cosine_T7"]);

  const auto course = [&](PlateauOptions options, double rate) {
    Plateau plateau(options, rate);
    std::vector<double> out;
    for (const double m : metrics) out.push_back(plateau.step(options.better == Better::higher ? m : 1 - m));
    return out;
  };
  compare(course({Better::higher, 0.1, 2, 1e-4, Threshold::relative, 0, 0, 1e-8}, 1e-3),
          all["plateau_max_p2_f0.1_rel1e-4"]);
  compare(course({Better::higher, 0.5, 1, 1e-3, Threshold::absolute, 2, 0, 1e-8}, 1e-3),
          all["plateau_max_p1_f0.5_abs1e-3_cooldown2"]);
  compare(course({Better::lower, 0.1, 2, 1e-4, Threshold::relative, 0, 5e-5, 1e-8}, 1e-3),
          all["plateau_min_of_1-metric_p2_f0.1_rel1e-4_minlr5e-5"]);
  compare(course({Better::higher, 0.1, 0, 1e-4, Threshold::relative, 0, 0, 1e-8}, 1e-7),
          all["plateau_max_p0_f0.1_eps_default_lr1e-7"]);
}

TEST_CASE("the 2017 file holds the same trunk, and its own 1000-class head gives torchvision's logits") {
  const auto modern = Safetensors::read(oracle() / "densenet121_seed7.safetensors");
  const auto legacy = Safetensors::read(oracle() / "densenet121_legacy_1000.safetensors");
  DenseNet121Impl a(1);
  DenseNet121Impl b(1);
  load_weights(a, modern, Head::exact);
  const LoadReport report = load_weights(b, legacy, Head::replace);
  CHECK(report.head_replaced);
  CHECK(report.head_outputs == 1000);
  const auto other = b.named_parameters();
  for (const auto& item : a.named_parameters()) {
    if (item.key().rfind("classifier.", 0) != 0) REQUIRE(torch::equal(item.value(), other[item.key()]));
  }
  DenseNet121Impl whole(1000);
  load_weights(whole, legacy, Head::exact);
  whole.to(torch::kDouble);
  whole.eval();
  const Json cases = parse_json(read_text(oracle() / "legacy_expected.json"), "legacy_expected.json");
  const torch::NoGradGuard no_grad;
  for (const Json& item : cases)
    check_tensor(whole.forward(input_of({item["id"]}, 224)), item["logits"], item["id"]);
}

TEST_CASE("weights that do not fit are refused, naming the tensor") {
  const auto file = Safetensors::read(oracle() / "densenet121_seed7.safetensors");
  test::ScratchFolder scratch;
  // The file with one change; returns the complaint, or nothing when it is accepted.
  const auto load = [&](const std::function<void(std::map<std::string, TensorView>&)>& change) {
    std::map<std::string, TensorView> tensors;
    for (const auto& view : file.tensors()) tensors.emplace(view.name, view);
    change(tensors);
    std::vector<TensorView> list;
    for (const auto& [name, view] : tensors) {
      list.push_back(view);
      list.back().name = name;
    }
    write_safetensors(scratch / "w.safetensors", list, {});
    DenseNet121Impl network(1);
    try {
      load_weights(network, Safetensors::read(scratch / "w.safetensors"), Head::exact);
      return std::string();
    } catch (const Error& error) {
      return error.message();
    }
  };
  const auto names = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  const std::string conv = "features.denseblock1.denselayer1.conv1.weight";
  using Map = std::map<std::string, TensorView>;
  names(load([&](Map& t) { t.erase(conv); }), conv);
  names(load([&](Map& t) { t.erase("features.norm5.running_var"); }), "features.norm5.running_var");
  CHECK(load([&](Map& t) {
          std::erase_if(t, [](auto& i) { return i.first.ends_with("num_batches_tracked"); });
        }).empty());
  names(load([&](Map& t) { t["features.extra.weight"] = t["classifier.bias"]; }), "features.extra.weight");
  names(load([&](Map& t) { t[conv].shape = {64, 128, 1, 1}; }), "64x128x1x1, expected 128x64x1x1");
  names(load([&](Map& t) { t["classifier.weight"].shape = {1024, 1}; }), "1024x1, expected 1x1024");
  const std::int64_t whole = 0;
  names(load([&](Map& t) {
          t["classifier.bias"] = {"", Element::i64, {1}, std::as_bytes(std::span(&whole, 1))};
        }),
        "I64, expected floating-point");
  const double exact = -0.25;
  CHECK(load([&](Map& t) {
          t["classifier.bias"] = {"", Element::f64, {1}, std::as_bytes(std::span(&exact, 1))};
        }).empty());
  const float nan = std::nanf("");
  names(load([&](Map& t) {
          t["classifier.bias"] = {"", Element::f32, {1}, std::as_bytes(std::span(&nan, 1))};
        }),
        "classifier.bias");
  const std::vector<float> negative(64, -1.0F);
  names(load([&](Map& t) {
          t["features.norm0.running_var"] = {"", Element::f32, {64}, std::as_bytes(std::span(negative))};
        }),
        "features.norm0.running_var holds a negative variance");
  CHECK(load([&](Map& t) {
          Map prefixed;
          for (auto& [name, view] : t) prefixed["module." + name] = view;
          t = prefixed;
        }).empty());
  names(load([&](Map& t) { t["module.classifier.bias"] = t["classifier.bias"]; }), "are the same tensor");
}
