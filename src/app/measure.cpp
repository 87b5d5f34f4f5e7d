#include "measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tagconf/base/error.hpp"
#include "tagconf/nn/speed.hpp"
#include "tagconf/nn/training_memory.hpp"

namespace tagconf::app {
namespace {

struct Case {
  nn::SpeedCase what;
  nn::Precision precision = nn::Precision::fp32;
};

template <class Word>
Word word_of(const std::string& text, const std::string& kind) {
  const auto value = value_of<Word>(text);
  if (!value) {
    throw Error(ErrorCode::usage, "unknown " + kind + " '" + text + "'",
                "expected one of " + all_names<Word>());
  }
  return *value;
}

std::vector<Case> cases_of(const stage::BenchRequest& request) {
  std::vector<Case> cases;
  for (const std::string& work : request.work) {
    for (const int size : request.sizes) {
      for (const int batch : request.batches) {
        for (const std::string& dtype : request.dtypes)
          cases.push_back(
              {{word_of<nn::Work>(work, "work"), size, batch}, word_of<nn::Precision>(dtype, "dtype")});
      }
    }
  }
  return cases;
}

double rounded(double value) {
  return std::round(value * 100) / 100;
}

// Why a case cannot be measured here; empty when it can.
std::string obstacle(const Case& c, const nn::Compute& compute, std::optional<std::uint64_t> available) {
  if (c.what.work != nn::Work::train || compute.device != "cpu" || !available) return "";
  nn::TrainOptions options;
  options.batch = c.what.batch;
  options.select = nn::Select::last;
  const auto images = static_cast<std::size_t>(c.what.batch);
  const auto need = nn::training_memory(options, images, c.what.size, compute.precision).total();
  if (need <= *available) return "";
  return fmt::format("needs about {:.1f} GB of memory", static_cast<double>(need) / 1e9);
}

Json measure_case(const Case& c, const stage::BenchRequest& request) {
  const nn::Compute compute = nn::resolve({c.precision, request.device, request.threads});
  Json row{{"work", name_of(c.what.work)},
           {"size", c.what.size},
           {"batch", c.what.batch},
           {"dtype", name_of(compute.precision)}};
  if (const std::string why = obstacle(c, compute, request.memory); !why.empty()) {
    row["skipped"] = why;
    return row;
  }
  const nn::Speed speed = nn::measure_speed(c.what, compute, request.seconds, request.stop_requested);
  row["images_per_s"] = rounded(speed.images_per_s);
  row["steps"] = speed.steps;
  row["peak_mb"] =
      speed.peak_bytes ? Json(std::round(static_cast<double>(*speed.peak_bytes) / 1e6)) : Json(nullptr);
  return row;
}

// How many times faster than training takes images, with the largest batch measured at this size.
Json times_training(double images_per_s, int size, const Json& cases) {
  Json out = Json::object();
  for (const Json& row : cases) {
    if (row["work"] == "train" && row["size"] == size && row.contains("images_per_s"))
      out[row["dtype"].get<std::string>()] = rounded(images_per_s / row["images_per_s"].get<double>());
  }
  return out;
}

}  // namespace

Json measure(const stage::BenchRequest& request) {
  const std::vector<Case> cases = cases_of(request);
  const std::size_t total = cases.size() + request.sizes.size();
  std::size_t done = 0;
  Json rows = Json::array();
  for (const Case& c : cases) {
    rows.push_back(measure_case(c, request));
    request.progress(++done, total);
  }
  Json loader = Json::array();
  nn::AugmentOptions augment;
  augment.flip = true;
  augment.rotation_deg = 10;
  for (const int size : request.sizes) {
    const double speed = nn::measure_loader(size, augment, request.seconds, request.scratch);
    loader.push_back({{"size", size},
                      {"images_per_s", rounded(speed)},
                      {"times_training", times_training(speed, size, rows)}});
    request.progress(++done, total);
  }
  return {{"cases", rows}, {"loader", loader}};
}

}  // namespace tagconf::app
