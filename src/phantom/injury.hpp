// A lesion at one site of an anatomy: what it does to the outlines, to a bone's picture, and the metal it
// adds.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "bone_layer.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/phantom/anatomy.hpp"
#include "tagconf/phantom/radiograph.hpp"

namespace tagconf::phantom {

class Injury {
 public:
  // `anatomy` in pixels, `scale` pixels a millimetre. Moves what follows a broken bone's far piece and widens
  // the outline over a growing focus, so `anatomy` changes.
  Injury(const LesionPlan& plan, Anatomy& anatomy, double scale, int width, int height);

  [[nodiscard]] bool in(std::size_t bone) const { return plan_.kind != Lesion::none && bone == bone_; }
  // Breaks the bone's picture, or thins or thickens it at the focus.
  void apply(BoneLayer& layer) const;
  // Adds implants, mm of steel along the ray (float, height x width).
  void add_metal(cv::Mat& metal);
  // Of what can be seen, in pixels; empty when there is no lesion.
  [[nodiscard]] Rect box() const { return box_; }

 private:
  struct Break {
    double slope_c = 1;  // direction across the line, in the bone's frame
    double slope_s = 0;
    double gap = 1;
    double depth = 1;
    double turn = 0;  // of the far piece, radians
    double shift = 0;
    double overlap = 0;
    std::vector<double> near_edge;
    std::vector<double> far_edge;
  };

  // `lever`: pixels from the break to the far end of what moves; `drift`: how far that end may go by turning.
  void draw_break(double severity, double lever, double drift, Rng& rng);
  void draw_focus(Anatomy& anatomy, Rng& rng);
  [[nodiscard]] cv::Matx23d far_motion() const;
  [[nodiscard]] double side_of_line(double x, double y, const std::vector<double>& edge) const;
  void break_layer(BoneLayer& layer) const;
  void change_focus(BoneLayer& layer) const;
  void note(const Point& p, double radius);

  LesionPlan plan_;
  std::size_t bone_ = 0;
  Bone shape_;
  BoneFrame frame_;
  double scale_;
  int width_;
  int height_;
  double u_ = 0.5;
  double half_ = 1;  // of the bone's width at the site
  Point centre_;
  Break break_;
  bool broken_ = false;
  double focus_along_ = 1;
  double focus_across_ = 1;
  double focus_v_ = 0;
  double focus_phase_ = 0;
  Rect box_;
};

}  // namespace tagconf::phantom
