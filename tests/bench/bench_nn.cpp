// Speed of training and prediction by the layer nn alone, in the form of `tagconf bench --json`: for machines
// where the whole program cannot be built.
//
//   bench_nn [--device D] [--threads N] [--seconds S] [--sizes N,N] [--batches N,N] [--dtypes fp32,bf16]
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tagconf/base/error.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/nn/speed.hpp"

namespace {

using namespace tagconf;

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

int number_of(const std::string& text) {
  const auto value = parse_int(text);
  if (!value) throw Error(ErrorCode::usage, "'" + text + "' is no number");
  return static_cast<int>(*value);
}

std::map<std::string, std::string> flags_of(int argc, char** argv) {
  std::map<std::string, std::string> flags{
      {"--device", "cpu"}, {"--threads", "0"},        {"--seconds", "5"},         {"--sizes", "224"},
      {"--batches", "16"}, {"--dtypes", "fp32,bf16"}, {"--work", "train,predict"}};
  for (int i = 1; i < argc; i += 2) {
    const auto flag = flags.find(argv[i]);
    if (flag == flags.end() || i + 1 == argc)
      throw Error(ErrorCode::usage, std::string("cannot use ") + argv[i]);
    flag->second = argv[i + 1];
  }
  return flags;
}

Json measured(const nn::SpeedCase& what, const nn::Compute& request, double seconds) {
  const nn::Compute compute = nn::resolve(request);
  const nn::Speed speed = nn::measure_speed(what, compute, seconds, {});
  return {{"work", name_of(what.work)},
          {"size", what.size},
          {"batch", what.batch},
          {"dtype", name_of(compute.precision)},
          {"images_per_s", speed.images_per_s},
          {"steps", speed.steps},
          {"peak_mb", speed.peak_bytes ? Json(static_cast<double>(*speed.peak_bytes) / 1e6) : Json(nullptr)}};
}

Json measured_all(const std::map<std::string, std::string>& flags) {
  Json cases = Json::array();
  for (const std::string& word : parts_of(flags.at("--work"))) {
    const auto work = value_of<nn::Work>(word);
    if (!work) throw Error(ErrorCode::usage, "unknown work '" + word + "'");
    for (const std::string& size : parts_of(flags.at("--sizes"))) {
      for (const std::string& batch : parts_of(flags.at("--batches"))) {
        for (const std::string& dtype : parts_of(flags.at("--dtypes"))) {
          const auto precision = value_of<nn::Precision>(dtype);
          if (!precision) throw Error(ErrorCode::usage, "unknown dtype '" + dtype + "'");
          cases.push_back(measured({*work, number_of(size), number_of(batch)},
                                   {*precision, flags.at("--device"), number_of(flags.at("--threads"))},
                                   number_of(flags.at("--seconds"))));
        }
      }
    }
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::cout << Json{{"libtorch", nn::torch_version()}, {"cases", measured_all(flags_of(argc, argv))}}.dump(
                     2)
              << "\n";
    return 0;
  } catch (const Error& error) {
    std::cerr << "bench_nn: " << error.what() << "\n";
    return 1;
  }
}
