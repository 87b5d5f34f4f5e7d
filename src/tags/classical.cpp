// The classical finder: components -> scores -> marks -> plates -> boxes of the stored picture.
#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/core.hpp>

#include "box_shape.hpp"
#include "marks.hpp"
#include "tagconf/tags/finder.hpp"

namespace tagconf::tags {
namespace {

// Score of a component at which the finder is in two minds (0.5), and the width of the doubt about it.
constexpr double kEven = 0.66;
constexpr double kDoubt = 0.06;
constexpr double kLeastComponent = 0.42;
double confidence(double score) {
  return 1 / (1 + std::exp(-(score - kEven) / kDoubt));
}
double score_of(double wanted) {
  const double p = std::clamp(wanted, 1e-6, 1 - 1e-6);
  return kEven + kDoubt * std::log(p / (1 - p));
}

}  // namespace

std::vector<TagBox> find_classical(const imaging::GreyImage& image, const ClassicalOptions& options) {
  // Callers work on several images at a time: OpenCV's own threads would only get in each other's way.
  static std::once_flag single_threaded;
  std::call_once(single_threaded, [] { cv::setNumThreads(1); });
  const WorkingImage work = working_image(image);
  if (work.grey.empty()) return {};
  const double wanted = std::max(kLeastComponent, score_of(options.min_score));
  std::vector<TagBox> tags;
  for (Mark& mark : group_marks(work, find_components(work, kLeastComponent, work.frame()), wanted)) {
    enlarge_to_plate(work, mark);
    mark.score = confidence(mark.score);
    TagBox tag = describe(mark);
    tag.contrast = stored_contrast(image, work, mark.parts.front());
    const Rect seen = work.to_stored(mark.box);
    tag.clipped = at_border(seen, image.width, image.height);
    tag.box = snapped(padded(seen, options.pad, image.width, image.height), image.width, image.height);
    tags.push_back(std::move(tag));
  }
  return merged(tags);
}

}  // namespace tagconf::tags
