#include "tagconf/imaging/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

// How each output of one axis is made: `count` inputs from `first` on, with weights that sum to 1.
struct Axis {
  std::vector<std::size_t> first;
  std::vector<std::size_t> count;
  std::vector<double> weights;  // outputs x taps
  std::size_t taps = 0;
};

Axis triangle_axis(int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  const double support = std::max(scale, 1.0);
  Axis axis;
  axis.taps = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  axis.weights.assign(static_cast<std::size_t>(n_out) * axis.taps, 0.0);
  for (int i = 0; i < n_out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int low = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int high = std::min(static_cast<int>(centre + support + 0.5), n_in);
    double* const weights = axis.weights.data() + static_cast<std::size_t>(i) * axis.taps;
    double sum = 0;
    for (int j = low; j < high; ++j) {
      weights[j - low] = std::max(0.0, 1.0 - std::abs(j - centre + 0.5) / support);
      sum += weights[j - low];
    }
    for (int j = low; j < high; ++j) weights[j - low] /= sum;
    axis.first.push_back(static_cast<std::size_t>(low));
    axis.count.push_back(static_cast<std::size_t>(high - low));
  }
  return axis;
}

// Two neighbours of the centre, the border repeated.
Axis bilinear_axis(int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  Axis axis;
  axis.taps = 2;
  for (int i = 0; i < n_out; ++i) {
    const double centre = std::clamp((i + 0.5) * scale - 0.5, 0.0, n_in - 1.0);
    const int low = std::max(std::min(static_cast<int>(centre), n_in - 2), 0);
    const double part = centre - low;
    axis.first.push_back(static_cast<std::size_t>(low));
    axis.count.push_back(n_in > 1 ? 2 : 1);
    axis.weights.push_back(1.0 - part);
    axis.weights.push_back(part);
  }
  return axis;
}

// line = weight x row, or line += weight x row.
template <class Value>
using AddRow = void (*)(double weight, const Value* row, std::size_t size, bool first, double* line);

template <class Value>
inline __attribute__((always_inline)) void add_row(double weight, const Value* row, std::size_t size,
                                                   bool first, double* line) {
  if (first) {
    for (std::size_t x = 0; x < size; ++x) line[x] = weight * static_cast<double>(row[x]);
  } else {
    for (std::size_t x = 0; x < size; ++x) line[x] += weight * static_cast<double>(row[x]);
  }
}

template <class Value>
void add_row_anywhere(double weight, const Value* row, std::size_t size, bool first, double* line) {
  add_row(weight, row, size, first, line);
}

#if defined(__x86_64__)
// Without fused multiply-add: the same bits on every processor.
template <class Value>
__attribute__((target("avx2"))) void add_row_avx2(double weight, const Value* row, std::size_t size,
                                                  bool first, double* line) {
  add_row(weight, row, size, first, line);
}
#endif

template <class Value>
AddRow<Value> fastest_add_row() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return add_row_avx2<Value>;
#endif
  return add_row_anywhere<Value>;
}

// Columns first, then rows, in double throughout.
template <class Value>
std::vector<double> apply(const Axis& across, const Axis& down, std::span<const Value> values,
                          std::size_t width_in) {
  const std::size_t width = across.first.size();
  const std::size_t height = down.first.size();
  const AddRow<Value> add = fastest_add_row<Value>();
  std::vector<double> line(width_in);
  std::vector<double> out(width * height);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t k = 0; k < down.count[y]; ++k) {
      add(down.weights[y * down.taps + k], values.data() + (down.first[y] + k) * width_in, width_in, k == 0,
          line.data());
    }
    for (std::size_t x = 0; x < width; ++x) {
      const double* const weights = across.weights.data() + x * across.taps;
      const double* const from = line.data() + across.first[x];
      double sum = 0;
      for (std::size_t k = 0; k < across.count[x]; ++k) sum += weights[k] * from[k];
      out[y * width + x] = sum;
    }
  }
  return out;
}

void check(int width_in, int height_in, int width, int height) {
  if (width_in <= 0 || height_in <= 0 || width <= 0 || height <= 0) {
    throw Error(ErrorCode::bug, "a picture without pixels cannot be resized");
  }
}

Plane to_float(std::span<const double> values, int width, int height) {
  Plane out(width, height);
  std::transform(values.begin(), values.end(), out.values.begin(),
                 [](double v) { return static_cast<float>(v); });
  return out;
}

}  // namespace

std::vector<double> resize_exact(std::span<const float> values, int width_in, int height_in, int width,
                                 int height) {
  check(width_in, height_in, width, height);
  return apply(triangle_axis(width_in, width), triangle_axis(height_in, height), values,
               static_cast<std::size_t>(width_in));
}

Plane resize(const Plane& plane, int width, int height) {
  return to_float(resize_exact(plane.values, plane.width, plane.height, width, height), width, height);
}

GreyImage resize(const GreyImage& image, int width, int height) {
  check(image.width, image.height, width, height);
  const auto values =
      apply(triangle_axis(image.width, width), triangle_axis(image.height, height),
            std::span<const std::uint16_t>(image.pixels), static_cast<std::size_t>(image.width));
  GreyImage out(width, height, image.bits);
  std::transform(values.begin(), values.end(), out.pixels.begin(), [full = image.full_scale()](double v) {
    return static_cast<std::uint16_t>(std::clamp(std::floor(v + 0.5), 0.0, static_cast<double>(full)));
  });
  return out;
}

Plane upsample(const Plane& plane, int width, int height) {
  check(plane.width, plane.height, width, height);
  return to_float(apply(bilinear_axis(plane.width, width), bilinear_axis(plane.height, height),
                        std::span<const float>(plane.values), static_cast<std::size_t>(plane.width)),
                  width, height);
}

}  // namespace tagconf::imaging
