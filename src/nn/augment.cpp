#include "tagconf/nn/augment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::nn {
namespace {

std::vector<std::size_t> cut_into_batches(std::size_t images, std::size_t batch) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < images; at += batch) starts.push_back(at);
  if (starts.size() > 1 && images - starts.back() == 1) starts.pop_back();
  starts.push_back(images);
  return starts;
}

std::string digest_of(const EpochPlan& plan, std::span<const std::string> ids) {
  Sha256 hash;
  const auto numbers = [&hash](auto... values) {
    const std::array words{values...};
    hash.update(std::as_bytes(std::span(words)));
  };
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    hash.update(ids[plan.order[i]]);
    hash.update("\n");
    const Draw& d = plan.draws[i];
    numbers(d.flip ? 1.0 : 0.0, d.rotation_deg, d.scale, d.shift_x, d.shift_y, d.brightness, d.contrast);
  }
  for (const std::size_t start : plan.starts) numbers(std::uint64_t{start});
  return hash.hex();
}

// The affine map from output to source pixels: sx = xx x + xy y + x0, sy = yx x + yy y + y0.
struct Affine {
  double xx, xy, x0, yx, yy, y0;
};

Affine inverse_map(const Draw& draw, int size) {
  const double angle = draw.rotation_deg * std::numbers::pi / 180;
  const double cosine = std::cos(angle) / draw.scale;
  const double sine = std::sin(angle) / draw.scale;
  const double centre = (size - 1) / 2.0;
  const double mirror = draw.flip ? -1 : 1;
  const double from_x = centre + draw.shift_x * size;
  const double from_y = centre + draw.shift_y * size;
  Affine map{mirror * cosine, -mirror * sine, 0, sine, cosine, 0};
  map.x0 = centre - map.xx * from_x - map.xy * from_y;
  map.y0 = centre - map.yx * from_x - map.yy * from_y;
  return map;
}

void warp(std::span<const float> in, int size, const Affine& map, std::span<float> out) {
  const auto width = static_cast<std::size_t>(size);
  const auto value = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < size && y < size
               ? in[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)]
               : 0.0F;
  };
  for (int y = 0; y < size; ++y) {
    const double row_x = map.xy * y + map.x0;
    const double row_y = map.yy * y + map.y0;
    float* target = out.data() + static_cast<std::size_t>(y) * width;
    for (int x = 0; x < size; ++x) {
      const double sx = row_x + map.xx * x;
      const double sy = row_y + map.yx * x;
      if (!(sx > -1 && sy > -1 && sx < size && sy < size)) {
        target[x] = 0;
        continue;
      }
      // Truncation is floor here: the arguments are positive.
      const int ix = static_cast<int>(sx + 1) - 1;
      const int iy = static_cast<int>(sy + 1) - 1;
      const auto fx = static_cast<float>(sx - ix);
      const auto fy = static_cast<float>(sy - iy);
      float a, b, c, d;
      if (ix >= 0 && iy >= 0 && ix + 1 < size && iy + 1 < size) {
        const float* p = in.data() + static_cast<std::size_t>(iy) * width + static_cast<std::size_t>(ix);
        a = p[0];
        b = p[1];
        c = p[width];
        d = p[width + 1];
      } else {
        a = value(ix, iy);
        b = value(ix + 1, iy);
        c = value(ix, iy + 1);
        d = value(ix + 1, iy + 1);
      }
      const float top = a + fx * (b - a);
      const float bottom = c + fx * (d - c);
      target[x] = top + fy * (bottom - top);
    }
  }
}

}  // namespace

Draw draw_augmentation(std::uint64_t seed, std::uint64_t epoch, const std::string& image_id,
                       const AugmentOptions& options) {
  // Every part is drawn whether wanted or not: switching one on leaves the others as they were.
  Rng rng(seed, "augment", epoch, key_word(image_id));
  const auto around = [&rng](double half_width) { return half_width * rng.uniform(-1, 1); };
  Draw draw;
  draw.flip = rng.chance(0.5) && options.flip;
  draw.rotation_deg = around(options.rotation_deg);
  draw.scale = 1 + around(options.scale);
  draw.shift_x = around(options.shift);
  draw.shift_y = around(options.shift);
  draw.brightness = around(options.brightness);
  draw.contrast = 1 + around(options.contrast);
  return draw;
}

EpochPlan plan_epoch(std::uint64_t seed, std::uint64_t epoch, std::span<const std::string> image_ids,
                     std::size_t batch, const AugmentOptions& options) {
  EpochPlan plan = plan_in_order(image_ids.size(), batch);
  std::sort(plan.order.begin(), plan.order.end(),
            [&](std::size_t a, std::size_t b) { return image_ids[a] < image_ids[b]; });
  Rng rng(seed, "order", epoch);
  rng.shuffle(plan.order);
  for (std::size_t i = 0; i < plan.order.size(); ++i)
    plan.draws[i] = draw_augmentation(seed, epoch, image_ids[plan.order[i]], options);
  plan.digest = digest_of(plan, image_ids);
  return plan;
}

EpochPlan plan_in_order(std::size_t images, std::size_t batch) {
  if (batch == 0) throw Error(ErrorCode::bug, "a batch holds at least one image");
  EpochPlan plan;
  plan.order.resize(images);
  std::iota(plan.order.begin(), plan.order.end(), std::size_t{0});
  plan.starts = cut_into_batches(images, batch);
  plan.draws.resize(images);
  return plan;
}

double share_in_frame(std::span<const float> plane, int size, const Draw& draw) {
  const Affine map = inverse_map(draw, size);
  const double determinant = map.xx * map.yy - map.xy * map.yx;
  const auto inside = [size](double v) { return v >= -0.5 && v <= size - 0.5; };
  double all = 0;
  double kept = 0;
  std::size_t at = 0;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x, ++at) {
      const double grey = plane[at];
      if (grey == 0) continue;
      all += grey;
      const double from_x = (map.yy * (x - map.x0) - map.xy * (y - map.y0)) / determinant;
      const double from_y = (map.xx * (y - map.y0) - map.yx * (x - map.x0)) / determinant;
      if (inside(from_x) && inside(from_y)) kept += grey;
    }
  }
  return all > 0 ? kept / all : 1;
}

void augment(std::span<const float> plane, int size, const Draw& draw, std::span<float> out) {
  std::vector<float> changed;
  if (draw.brightness != 0 || draw.contrast != 1) {
    const auto gain = static_cast<float>(draw.contrast);
    const auto offset = static_cast<float>(0.5 - 0.5 * draw.contrast + draw.brightness);
    changed.resize(plane.size());
    std::transform(plane.begin(), plane.end(), changed.begin(),
                   [&](float v) { return std::clamp(gain * v + offset, 0.0F, 1.0F); });
    plane = changed;
  }
  if (draw.rotation_deg == 0 && draw.scale == 1 && draw.shift_x == 0 && draw.shift_y == 0 && !draw.flip) {
    std::copy(plane.begin(), plane.end(), out.begin());
  } else {
    warp(plane, size, inverse_map(draw, size), out);
  }
}

}  // namespace tagconf::nn
