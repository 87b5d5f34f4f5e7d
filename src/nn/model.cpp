#include "tagconf/nn/model.hpp"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/base/memory.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/nn/densenet.hpp"
#include "tagconf/nn/preprocess.hpp"
#include "tagconf/nn/weights.hpp"
#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

bool processor_multiplies_bf16() {
#if defined(__x86_64__)
  // Every processor with AMX tiles has these instructions too.
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

void warn_of_emulation() {
  static std::once_flag once;
  std::call_once(once, [] {
    log_warning(
        "this processor is not known to multiply bf16 in hardware: fp32 (--dtype auto) should be several "
        "times faster");
  });
}

ModelInfo info_of(const Metadata& metadata) {
  const auto text = [&](const char* key) {
    const auto at = metadata.find(key);
    return at == metadata.end() ? std::string() : at->second;
  };
  ModelInfo info;
  info.arm = text("arm");
  info.seed = text("seed");
  if (const auto size = parse_int(text("input_size"))) info.input_size = static_cast<int>(*size);
  return info;
}

}  // namespace

torch::Device device_of(const Compute& compute) {
  return torch::Device(compute.device);
}

Autocast::Autocast(const Compute& compute)
    : device_(device_of(compute).type()), on_(compute.precision == Precision::bf16) {
  if (!on_) return;
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, torch::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, false);
}

torch::Tensor input_tensor(std::span<float> values, std::int64_t count, std::int64_t size,
                           const Compute& compute) {
  const std::int64_t row = size * 3;
  const torch::Tensor host =
      torch::from_blob(values.data(), {count, 3, size, size}, {size * row, 1, row, 3}, torch::kFloat);
  const torch::Device device = device_of(compute);
  // From locked memory the copy runs beside what the GPU is still busy with; `values` is free at once.
  return device.is_cuda() ? host.pin_memory().to(device, /*non_blocking=*/true) : host;
}

Compute resolve(const Compute& request) {
  Compute out = request;
  out.threads = resolve_threads(request.threads);
  torch::set_num_threads(out.threads);
  keep_freed_memory();
  torch::Device device(torch::kCPU);
  try {
    device = torch::Device(request.device);
  } catch (const c10::Error&) {
    throw Error(ErrorCode::usage, "device '" + request.device + "' does not exist",
                "use cpu, cuda or cuda:N");
  }
  if (!device.is_cpu() && !device.is_cuda())
    throw Error(ErrorCode::usage, "device '" + request.device + "' is not supported",
                "use cpu, cuda or cuda:N");
  if (device.is_cuda() && (!torch::cuda::is_available() || device.index() >= torch::cuda::device_count())) {
    throw Error(ErrorCode::environment, "device '" + request.device + "' is not available",
                "use --device cpu, or build with TAGCONF_CUDA=1 on a machine with a GPU");
  }
  // fp32 means fp32: cuDNN would round convolutions' factors to TF32's ten bits.
  if (device.is_cuda()) at::globalContext().setAllowTF32CuDNN(false);
  const bool in_hardware = device.is_cuda() || processor_multiplies_bf16();
  if (out.precision == Precision::automatic)
    out.precision = in_hardware ? Precision::bf16 : Precision::fp32;
  else if (out.precision == Precision::bf16 && !in_hardware)
    warn_of_emulation();
  return out;
}

std::string torch_version() {
  return TORCH_VERSION;
}

void check_input_size(int size, const std::string& what) {
  if (size < 32 || size % 32 != 0)
    throw_input(fmt::format("{} is {} pixels, expected a multiple of 32", what, size));
}

Model::Model() : network_(std::make_shared<DenseNet121Impl>(1)) {
  network_->to(torch::kCPU);
  network_->eval();
}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Model Model::random(std::uint64_t seed) {
  Model model;
  initialise(*model.network_, seed);
  return model;
}

Model Model::pretrained(const std::filesystem::path& weights, std::uint64_t seed) {
  Model model;
  initialise_head(*model.network_, seed);
  const Safetensors file = Safetensors::read(weights);
  load_weights(*model.network_, file, Head::replace);
  model.info_ = info_of(file.metadata());
  return model;
}

Model Model::trained(const std::filesystem::path& weights) {
  Model model;
  const Safetensors file = Safetensors::read(weights);
  load_weights(*model.network_, file, Head::exact);
  model.info_ = info_of(file.metadata());
  return model;
}

void Model::write(const std::filesystem::path& path, const Metadata& metadata) const {
  save_weights(*network_, path, metadata);
}

void Model::use(const Compute& compute) {
  compute_ = compute;
  network_->to(device_of(compute));
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network_->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

std::vector<double> Model::logits(std::span<const float> planes, int size) {
  check_input_size(size, "the input");
  const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  const std::size_t count = planes.size() / pixels;
  std::vector<float> input(3 * pixels * kGroup);
  const c10::InferenceMode inference;
  const Autocast autocast(compute_);
  network_->eval();
  std::vector<double> logits;
  for (std::size_t start = 0; start < count; start += kGroup) {
    const std::size_t present = std::min(kGroup, count - start);
    normalise(planes.subspan(start * pixels, present * pixels), input);
    std::fill(input.begin() + static_cast<std::ptrdiff_t>(3 * pixels * present), input.end(), 0.0F);
    const torch::Tensor out = network_->forward(input_tensor(input, kGroup, size, compute_))
                                  .to(torch::kCPU, torch::kDouble)
                                  .contiguous();
    logits.insert(logits.end(), out.const_data_ptr<double>(), out.const_data_ptr<double>() + present);
  }
  return logits;
}

}  // namespace tagconf::nn
