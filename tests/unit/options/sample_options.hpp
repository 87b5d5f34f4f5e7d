// An options struct with every kind of field.
#pragma once

#include "tagconf/options/field.hpp"

namespace tagconf::test {
enum class Paint { black, white };
}
template <>
struct tagconf::EnumNames<tagconf::test::Paint> {
  static constexpr std::array kNames{std::pair{tagconf::test::Paint::black, "black"},
                                     std::pair{tagconf::test::Paint::white, "white"}};
};
namespace tagconf::test {

struct SampleOptions {
  int pad = 4;
  Paint paint = Paint::black;
  double rate = 0.5;
  bool flip = true;
  std::string title = "a";
  std::vector<Paint> paints{Paint::black};
  std::vector<int> sizes;
  std::map<std::string, std::string> labels;
  std::optional<double> limit;
  std::optional<int> count;
  std::int64_t shift = 0;
  std::uint64_t seed = 1;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    v(options::within(field<int>("pad", "pixels added on every side"), 0, 64), pad);
    v(field<Paint>("paint", "grey painted over"), paint);
    v(options::within(field<double>("rate", "share of steps"), 0, 1), rate);
    v(field<bool>("flip", "mirror at random"), flip);
    v(field<std::string>("title", "heading"), title);
    v(field<std::vector<Paint>>("paints", "greys used"), paints);
    v(options::within(field<std::vector<int>>("sizes", "pixels"), 1, 9), sizes);
    v(field<std::map<std::string, std::string>>("labels", "label of each word"), labels);
    v(field<std::optional<double>>("limit", "upper end"), limit);
    v(field<std::optional<int>>("count", "at most so many"), count);
    v(field<std::int64_t>("shift", "pixels"), shift);
    v(options::per_instance(field<std::uint64_t>("seed", "seed of every draw")), seed);
    v(options::unhashed(field<int>("threads", "worker threads, 0 = all")), threads);
  }
};

}  // namespace tagconf::test
