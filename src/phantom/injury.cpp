#include "injury.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "implants.hpp"

namespace tagconf::phantom {
namespace {

// A jagged line as offsets at even steps: midpoint displacement, as rough as a break.
std::vector<double> jagged(double amplitude, Rng& rng) {
  std::vector<double> line{0.4 * amplitude * rng.normal(), 0.4 * amplitude * rng.normal()};
  for (int level = 0; level < 5; ++level) {
    std::vector<double> finer;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      finer.push_back(line[i]);
      finer.push_back(0.5 * (line[i] + line[i + 1]) + amplitude * rng.normal());
    }
    finer.push_back(line.back());
    line = std::move(finer);
    amplitude *= 0.58;
  }
  return line;
}

double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

bool inside(const Point& p, int width, int height, double margin) {
  return p.x > margin * width && p.x < (1 - margin) * width && p.y > margin * height &&
         p.y < (1 - margin) * height;
}

}  // namespace

Injury::Injury(const LesionPlan& plan, Anatomy& anatomy, double scale, int width, int height)
    : plan_(plan), frame_(Bone{}), scale_(scale), width_(width), height_(height) {
  if (plan_.kind == Lesion::none || anatomy.sites.empty()) {
    plan_.kind = Lesion::none;
    return;
  }
  // The site drawn, or the next one that this picture shows.
  const std::size_t count = anatomy.sites.size();
  const auto first = std::min(count - 1, static_cast<std::size_t>(plan.site * static_cast<double>(count)));
  const Site* site = nullptr;
  for (std::size_t k = 0; k < count && site == nullptr; ++k) {
    const Site& candidate = anatomy.sites[(first + k) % count];
    const BoneFrame frame(anatomy.bones[candidate.bone]);
    for (int attempt = 0; attempt < 9 && site == nullptr; ++attempt) {
      const double t = std::fmod(plan.place + attempt / 9.0, 1.0);
      const double u = candidate.from + t * (candidate.to - candidate.from);
      if (!inside(frame.at({u, 0}), width, height, 0.09)) continue;
      site = &candidate;
      u_ = u;
    }
  }
  if (site == nullptr) {
    site = &anatomy.sites[first];
    u_ = 0.5 * (site->from + site->to);
  }
  bone_ = site->bone;
  shape_ = anatomy.bones[bone_];
  frame_ = BoneFrame(shape_);
  const Extent extent = extent_at(shape_, u_);
  half_ = std::max(1.5, extent.half());
  centre_ = frame_.at({u_, extent.middle()});

  // From the site to the far end of what moves with it.
  const Point last = anatomy.bones[site->follows.empty() ? bone_ : site->follows.back()].b;
  const double lever = std::hypot(last.x - centre_.x, last.y - centre_.y);
  // What moves must not leave the flesh: a finger has less of it than an arm.
  const double drift = scale * (site->follows.empty() ? 11 : 4);
  Rng rng(plan.seed, "phantom.lesion_shape", plan.study);
  switch (plan_.kind) {
    case Lesion::fracture:
      draw_break(plan_.severity, lever, drift, rng);
      break;
    case Lesion::hardware:
      // What was fixed was broken; most of it has healed.
      if (rng.chance(0.6)) draw_break(0.35 * plan_.severity, lever, drift, rng);
      break;
    case Lesion::lytic:
    case Lesion::sclerotic:
      draw_focus(anatomy, rng);
      break;
    case Lesion::none:
      break;
  }
  if (!broken_) return;
  const cv::Matx23d motion = far_motion();
  const auto move = [&](Point& p) {
    p = {motion(0, 0) * p.x + motion(0, 1) * p.y + motion(0, 2),
         motion(1, 0) * p.x + motion(1, 1) * p.y + motion(1, 2)};
  };
  for (const std::size_t follower : site->follows) {
    Bone& bone = anatomy.bones[follower];
    for (auto& p : bone.outline) move(p);
    for (auto& hollow : bone.hollows) move(hollow.centre);
    move(bone.a);
    move(bone.b);
  }
}

void Injury::draw_break(double severity, double lever, double drift, Rng& rng) {
  broken_ = true;
  const double s = severity;
  const double sign = rng.chance(0.5) ? 1.0 : -1.0;
  const double kind = rng.uniform();
  // Transverse, oblique or long oblique.
  const double degrees = kind < 0.45 ? rng.uniform(0.0, 18.0)
                                     : (kind < 0.85 ? rng.uniform(25.0, 50.0) : rng.uniform(52.0, 64.0));
  const double slant = (rng.chance(0.5) ? degrees : -degrees) * std::numbers::pi / 180;
  break_.slope_c = std::cos(slant);
  break_.slope_s = std::sin(slant);
  break_.gap = scale_ * (0.30 + 1.1 * s * rng.uniform(0.6, 1.2));
  break_.depth = std::min(1.0, 0.30 + 1.1 * s);
  // Pieces slide along an oblique line, which shortens the bone, or to either side of a transverse one.
  const double slide = break_.slope_s != 0 && std::abs(slant) > 0.4 ? (slant > 0 ? 1.0 : -1.0) : sign;
  break_.shift = slide * half_ * (0.02 + 0.95 * std::pow(s, 1.6) * rng.uniform(0.45, 1.0));
  const double bend = std::min(15.0 * std::numbers::pi / 180, drift / std::max(1.0, lever));
  const double turn = bend * std::pow(s, 1.3) * rng.uniform(0.25, 1.0);
  break_.turn = rng.chance(0.5) ? turn : -turn;
  break_.overlap = half_ * 0.40 * s * s * rng.uniform(-0.25, 1.0);
  break_.near_edge = jagged(0.10 * half_, rng);
  break_.far_edge = break_.near_edge;
  for (auto& e : break_.far_edge) e += 0.18 * scale_ * rng.normal();
  note(centre_, half_ * (1.25 + 0.8 * std::abs(break_.slope_s)) + std::abs(break_.shift));
}

void Injury::draw_focus(Anatomy& anatomy, Rng& rng) {
  focus_across_ = half_ * rng.uniform(0.50, 0.85) * (0.75 + 0.3 * plan_.severity);
  focus_along_ = focus_across_ * rng.uniform(1.2, 2.6);
  focus_v_ = extent_at(shape_, u_).middle() + half_ * rng.uniform(-0.35, 0.35);
  focus_phase_ = rng.uniform(0.0, 2 * std::numbers::pi);
  const Point at = frame_.at({u_, focus_v_});
  note(at, std::max(focus_along_, focus_across_) * 1.15);
  if (plan_.kind != Lesion::lytic || !rng.chance(0.5)) return;
  // A slow one blows the bone up.
  const double swell = 0.28 * plan_.severity * rng.uniform(0.5, 1.0);
  const double middle = extent_at(shape_, u_).middle();
  for (auto& p : anatomy.bones[bone_].outline) {
    const Local q = frame_.local(p.x, p.y);
    const double along = (q.u - u_) * frame_.length() / (1.1 * focus_along_);
    const double grown = middle + (q.v - middle) * (1 + swell * std::exp(-along * along));
    p = frame_.at({q.u, grown});
  }
}

void Injury::note(const Point& p, double radius) {
  const int x0 = static_cast<int>(std::floor(p.x - radius));
  const int y0 = static_cast<int>(std::floor(p.y - radius));
  const int side = static_cast<int>(std::ceil(2 * radius)) + 1;
  box_ = bounding(box_, intersect({x0, y0, side, side}, {0, 0, width_, height_}));
}

cv::Matx23d Injury::far_motion() const {
  const double c = std::cos(break_.turn);
  const double s = std::sin(break_.turn);
  const Point along = frame_.along();
  const Point right = frame_.right();
  const double side = break_.shift * break_.slope_c;
  const double up = -break_.shift * break_.slope_s - break_.overlap;
  const double tx = side * right.x + up * along.x;
  const double ty = side * right.y + up * along.y;
  return {c, -s, centre_.x - c * centre_.x + s * centre_.y + tx,
          s, c,  centre_.y - s * centre_.x - c * centre_.y + ty};
}

// Pixels beyond the line, towards the far end.
double Injury::side_of_line(double x, double y, const std::vector<double>& edge) const {
  const Point along = frame_.along();
  const Point right = frame_.right();
  const double px = x - centre_.x;
  const double py = y - centre_.y;
  const double a = px * along.x + py * along.y;
  const double r = px * right.x + py * right.y;
  const double across = break_.slope_c * a + break_.slope_s * r;
  const double on = -break_.slope_s * a + break_.slope_c * r;
  const double t = std::clamp((on / (3.2 * half_) + 0.5), 0.0, 0.9999) * static_cast<double>(edge.size() - 1);
  const auto i = static_cast<std::size_t>(t);
  const double f = t - static_cast<double>(i);
  return across - ((1 - f) * edge[i] + f * edge[i + 1]);
}

void Injury::apply(BoneLayer& layer) const {
  if (layer.area.empty()) return;
  if (plan_.kind == Lesion::lytic || plan_.kind == Lesion::sclerotic) change_focus(layer);
  if (broken_) break_layer(layer);
}

void Injury::break_layer(BoneLayer& layer) const {
  // Room for the piece that moves.
  const int room = static_cast<int>(std::ceil(std::abs(break_.shift) + std::abs(break_.overlap) +
                                              std::abs(std::sin(break_.turn)) * frame_.length())) +
                   2;
  const Rect area{layer.area.x - room, layer.area.y - room, layer.area.w + 2 * room, layer.area.h + 2 * room};
  cv::Mat near(area.h, area.w, CV_32F, cv::Scalar(0));
  cv::Mat far(area.h, area.w, CV_32F, cv::Scalar(0));
  const cv::Rect place(layer.area.x - area.x, layer.area.y - area.y, layer.area.w, layer.area.h);
  layer.mineral.copyTo(near(place));
  near.copyTo(far);
  const double g = 0.5 * break_.gap;
  for (int y = 0; y < area.h; ++y) {
    auto* n = near.ptr<float>(y);
    auto* f = far.ptr<float>(y);
    for (int x = 0; x < area.w; ++x) {
      if (n[x] <= 0) continue;
      const double px = area.x + x;
      const double py = area.y + y;
      const double before = -side_of_line(px, py, break_.near_edge);
      const double after = side_of_line(px, py, break_.far_edge);
      // Which piece, and how much of the gap is open.
      const double share = std::clamp(before + 0.5, 0.0, 1.0);
      const double open_n = 1 - break_.depth * (1 - smooth_step(g - 0.7, g + 0.7, before));
      const double open_f = 1 - break_.depth * (1 - smooth_step(g - 0.7, g + 0.7, after));
      n[x] = static_cast<float>(n[x] * share * open_n);
      f[x] = static_cast<float>(f[x] * (1 - share) * open_f);
    }
  }
  cv::Matx23d motion = far_motion();
  motion(0, 2) += motion(0, 0) * area.x + motion(0, 1) * area.y - area.x;
  motion(1, 2) += motion(1, 0) * area.x + motion(1, 1) * area.y - area.y;
  cv::Mat moved;
  cv::warpAffine(far, moved, motion, far.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  layer.area = area;
  layer.mineral = near + moved;
}

void Injury::change_focus(BoneLayer& layer) const {
  const double s = plan_.severity;
  for (int y = 0; y < layer.area.h; ++y) {
    auto* m = layer.mineral.ptr<float>(y);
    for (int x = 0; x < layer.area.w; ++x) {
      if (m[x] <= 0) continue;
      const Local p = frame_.local(layer.area.x + x, layer.area.y + y);
      const double du = (p.u - u_) * frame_.length() / focus_along_;
      const double dv = (p.v - focus_v_) / focus_across_;
      const double angle = std::atan2(dv, du);
      const double lobes =
          1 + 0.10 * std::sin(3 * angle + focus_phase_) + 0.06 * std::sin(5 * angle - 2 * focus_phase_);
      const double q = std::sqrt(du * du + dv * dv) * lobes;
      if (q > 1.6) continue;
      if (plan_.kind == Lesion::lytic) {
        const double hole = 1 - smooth_step(0.70, 1.02, q);
        const double rim = std::exp(-std::pow((q - 1.08) / 0.11, 2));
        m[x] = static_cast<float>(m[x] * (1 - (0.18 + 0.66 * s) * hole + 0.30 * s * rim));
      } else {
        const double blob = 1 - smooth_step(0.45, 1.05, q);
        const double ray = 2 * half_ / scale_ * std::sqrt(std::max(0.0, 1 - 0.8 * dv * dv));
        m[x] = static_cast<float>(m[x] + (0.08 + 0.62 * s) * blob * ray);
      }
    }
  }
}

void Injury::add_metal(cv::Mat& metal) {
  if (plan_.kind != Lesion::hardware) return;
  Rng rng(plan_.seed, "phantom.implant", plan_.study);
  const ImplantSite site{shape_, frame_, u_, half_, scale_};
  box_ = intersect(draw_implant(metal, site, plan_.severity, plan_.view == 2, rng), {0, 0, width_, height_});
}

}  // namespace tagconf::phantom
