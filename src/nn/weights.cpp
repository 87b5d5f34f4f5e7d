#include "tagconf/nn/weights.hpp"

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"

namespace tagconf::nn {
namespace {

using torch::Tensor;

constexpr std::string_view kTracked = "num_batches_tracked";

std::optional<torch::ScalarType> scalar_type(Element element) {
  switch (element) {
    case Element::f16:
      return torch::kHalf;
    case Element::bf16:
      return torch::kBFloat16;
    case Element::f32:
      return torch::kFloat;
    case Element::f64:
      return torch::kDouble;
    case Element::i64:
      return torch::kLong;
    default:
      return std::nullopt;
  }
}

Element element_of(torch::ScalarType type) {
  switch (type) {
    case torch::kHalf:
      return Element::f16;
    case torch::kBFloat16:
      return Element::bf16;
    case torch::kDouble:
      return Element::f64;
    case torch::kLong:
      return Element::i64;
    case torch::kFloat:
      return Element::f32;
    default:
      throw Error(ErrorCode::bug, "a tensor of this type cannot be written");
  }
}

constexpr const char* kDenseNet = "a DenseNet-121";

bool is_head(std::string_view name) {
  return name.starts_with("classifier.");
}

// Checks one tensor against its place and returns it ready to be copied there.
Tensor checked(const TensorView& view, const std::string& name, const Tensor& place,
               const std::string& source, const std::string& what) {
  const std::string where = source + ": " + view.name;
  if (view.shape != place.sizes().vec()) {
    throw_input(fmt::format("{} has shape {}, expected {}", where, shape_text(view.shape),
                            shape_text(place.sizes().vec())),
                "the file does not hold " + what + " of this form");
  }
  Tensor tensor = to_tensor(view, source);
  if (place.is_floating_point() != tensor.is_floating_point()) {
    throw_input(fmt::format("{} holds {}, expected {}", where, name_of(view.element),
                            place.is_floating_point() ? "floating-point weights" : "I64"),
                "the file does not hold " + what + " of this form");
  }
  tensor = tensor.to(place.scalar_type());
  if (!torch::isfinite(tensor).all().item<bool>())
    throw_input(where + " holds values that are not finite", "the training that wrote the file went wrong");
  if (name.ends_with("running_var") && tensor.lt(0).any().item<bool>())
    throw_input(where + " holds a negative variance", "the file is broken");
  return tensor;
}

using Places = std::vector<std::pair<Tensor, Tensor>>;  // where a value goes, and the value

void fill(Places& places) {
  const torch::NoGradGuard no_grad;
  for (auto& [place, value] : places) place.copy_(value);
}

}  // namespace

TensorMap weights_of(torch::nn::Module& network) {
  TensorMap out;
  for (auto& item : network.named_parameters()) out.emplace(item.key(), item.value());
  for (auto& item : network.named_buffers()) out.emplace(item.key(), item.value());
  return out;
}

std::string torchvision_name(std::string_view name) {
  constexpr std::string_view kPrefix = "module.";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  std::string out(name);
  // 2017: "denselayer1.norm.1.weight" for today's "denselayer1.norm1.weight".
  const auto layer = out.find(".denselayer");
  if (layer == std::string::npos) return out;
  for (const std::string_view kind : {".norm.", ".conv."}) {
    const auto at = out.find(kind, layer);
    if (at != std::string::npos) out.erase(at + kind.size() - 1, 1);
  }
  return out;
}

Tensor to_tensor(const TensorView& view, const std::string& source) {
  const auto type = scalar_type(view.element);
  if (!type) {
    throw_input(fmt::format("{}: {} holds {}, expected a floating-point type or I64", source, view.name,
                            name_of(view.element)));
  }
  Tensor tensor = torch::empty(view.shape, *type);
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

TensorView view_of(const std::string& name, const Tensor& tensor) {
  return {name,
          element_of(tensor.scalar_type()),
          tensor.sizes().vec(),
          {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}};
}

LoadReport load_weights(DenseNet121Impl& network, const Safetensors& file, Head head) {
  const auto places = weights_of(network);
  LoadReport report;
  std::map<std::string, const TensorView*> given;
  for (const auto& view : file.tensors()) {
    const std::string name = torchvision_name(view.name);
    if (!places.contains(name)) {
      throw_input(fmt::format("{}: unknown tensor {}", file.source(), view.name),
                  "expected the weights of torchvision's densenet121");
    }
    const auto [at, fresh] = given.emplace(name, &view);
    if (!fresh)
      throw_input(
          fmt::format("{}: {} and {} are the same tensor", file.source(), at->second->name, view.name));
  }
  const auto weight = given.find("classifier.weight");
  if (weight != given.end() && weight->second->shape.size() == 2) {
    const auto& place = places.at("classifier.weight");
    report.head_outputs = weight->second->shape[0];
    report.head_replaced = head == Head::replace && report.head_outputs != place.size(0) &&
                           weight->second->shape[1] == place.size(1);
  }
  Places copies;
  for (const auto& [name, place] : places) {
    const auto at = given.find(name);
    if (at == given.end()) {
      if (!name.ends_with(kTracked)) {
        throw_input(fmt::format("{}: tensor {} is missing", file.source(), name),
                    "expected the weights of torchvision's densenet121");
      }
      copies.emplace_back(place, torch::zeros_like(place));
    } else if (!(report.head_replaced && is_head(name))) {
      copies.emplace_back(place, checked(*at->second, name, place, file.source(), kDenseNet));
    }
  }
  fill(copies);
  if (report.head_replaced) {
    log_info(fmt::format("{}: its head of {} outputs is left out; a fresh head of {} takes its place",
                         file.source(), report.head_outputs, places.at("classifier.weight").size(0)));
  }
  return report;
}

void load_weights(torch::nn::Module& network, const Safetensors& file, const std::string& what) {
  const auto places = weights_of(network);
  for (const auto& view : file.tensors()) {
    if (!places.contains(view.name))
      throw_input(fmt::format("{}: unknown tensor {}", file.source(), view.name),
                  "expected the weights of " + what);
  }
  Places copies;
  for (const auto& [name, place] : places) {
    const TensorView* view = file.find(name);
    if (view == nullptr)
      throw_input(fmt::format("{}: tensor {} is missing", file.source(), name),
                  "expected the weights of " + what);
    copies.emplace_back(place, checked(*view, name, place, file.source(), what));
  }
  fill(copies);
}

void save_weights(torch::nn::Module& network, const std::filesystem::path& path, const Metadata& metadata,
                  torch::ScalarType type) {
  std::vector<Tensor> kept;
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : weights_of(network)) {
    kept.push_back(
        tensor.detach().to(torch::kCPU, tensor.is_floating_point() ? type : torch::kLong).contiguous());
    views.push_back(view_of(name, kept.back()));
  }
  write_safetensors(path, views, metadata);
}

}  // namespace tagconf::nn
