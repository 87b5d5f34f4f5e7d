#include "finder_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/nn/compute.hpp"
#include "tagconf/nn/finder_trainer.hpp"
#include "tagconf/nn/shipped_finder.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/practice_crop.hpp"
#include "tagconf/phantom/render.hpp"

namespace tagconf::stages {
namespace {

namespace fs = std::filesystem;
using phantom::Background;

// Labelling one's own pictures needs less searching and sharper edges than learning from nothing.
constexpr double kSelfGamma = 1;
constexpr double kSelfRate = 2.0 / 3;
constexpr const char* kRecipe = "tagconf tag finder/4";
constexpr const char* kFirstRound = "first.safetensors";
constexpr const char* kOriginKey = "origin";

// Images spread over the body parts of a synthetic cohort, without tags.
std::vector<Background> phantom_backgrounds(const FinderTrainingPlan& plan, int threads,
                                            const stage::Context& context) {
  if (plan.phantom_images == 0) return {};
  phantom::PlanOptions wanted;
  wanted.seed = plan.seed;
  wanted.patients_train = plan.phantom_images;
  wanted.patients_valid = 1;
  wanted.visibility = 0.9;
  const auto cohort = phantom::plan_cohort(wanted);
  const auto count = std::min(cohort.size(), static_cast<std::size_t>(plan.phantom_images));
  std::vector<Background> out(count);
  std::size_t done = 0;
  std::mutex guard;
  parallel_for(count, threads, [&](std::size_t i) {
    if (context.stop_requested && context.stop_requested())
      throw Error(ErrorCode::incomplete, "stopped before training began", "run it again");
    out[i].image = phantom::render_without_tags(cohort[i * cohort.size() / count]);
    out[i].weight = plan.phantom_share / static_cast<double>(count);
    const std::lock_guard lock(guard);
    context.progress->update(++done, count, "backgrounds", "");
  });
  return out;
}

// A user's images, with a digest of their pixels.
struct Images {
  std::vector<imaging::GreyImage> images;
  std::string digest = "none";
};

// At most `most` of them (0 = all), spread evenly over the manifest.
cohort::Manifest spread(cohort::Manifest manifest, std::size_t most) {
  const std::size_t count = manifest.rows.size();
  if (most == 0 || count <= most) return manifest;
  for (std::size_t i = 0; i < most; ++i) manifest.rows[i] = manifest.rows[i * count / most];
  manifest.rows.resize(most);
  return manifest;
}

std::string digest_of(const imaging::GreyImage& image) {
  Sha256 digest;
  digest.update(fmt::format("{} x {}, {} bits ", image.width, image.height, image.bits));
  digest.update(std::string_view(reinterpret_cast<const char*>(image.pixels.data()),
                                 image.pixels.size() * sizeof(image.pixels[0])));
  return digest.hex();
}

Images read_images(const std::optional<fs::path>& input, std::size_t most, int threads,
                   const fs::path& refused, const stage::Context& context) {
  if (!input) return {};
  const cohort::Manifest manifest = spread(arms::open_images(*input), most);
  const std::size_t count = manifest.rows.size();
  Images out;
  out.images.resize(count);
  std::vector<std::string> digests(count);
  std::mutex guard;
  const auto skipped = arms::for_each_image(
      manifest, threads,
      [&](std::size_t i, const imaging::GreyImage& image) {
        out.images[i] = image;
        digests[i] = digest_of(image);
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, count, "images", "");
      },
      context.stop_requested);
  cohort::check_skips(count, skipped, refused);
  Sha256 all;
  for (const auto& digest : digests) all.update(digest);
  out.digest = all.hex();
  std::erase_if(out.images, [](const imaging::GreyImage& image) { return image.empty(); });
  return out;
}

using Labeller = std::function<std::vector<std::uint8_t>(const imaging::GreyImage&)>;

// The images with what `label` says of them; together they weigh `weight`.
void add_labelled(const std::vector<imaging::GreyImage>& images, const Labeller& label, double weight,
                  int threads, const stage::Context& context, std::vector<Background>& out) {
  const std::size_t first = out.size();
  const std::size_t count = images.size();
  out.resize(first + count);
  std::size_t done = 0;
  std::mutex guard;
  parallel_for(count, threads, [&](std::size_t i) {
    if (context.stop_requested && context.stop_requested())
      throw Error(ErrorCode::incomplete, "stopped while labelling images",
                  "run the same command again to go on");
    Background& background = out[first + i];
    background.image = images[i];
    background.known = label(images[i]);
    background.weight = weight / static_cast<double>(count);
    const std::lock_guard lock(guard);
    context.progress->update(++done, count, "images labelled", "");
  });
}

std::vector<std::uint8_t> frame_unknown(const imaging::GreyImage& image) {
  return phantom::unknown_frame(image.width, image.height);
}

nn::FinderExample example_of(phantom::Crop crop) {
  return {std::move(crop.grey), std::move(crop.inside), std::move(crop.target), std::move(crop.weight)};
}

class Training {
 public:
  Training(const FinderTrainingPlan& plan, fs::path partial, const stage::Context& context)
      : plan_(plan),
        partial_(std::move(partial)),
        compute_(nn::resolve(plan.compute)),
        threads_(compute_.threads),
        context_(context),
        backgrounds_(read_images(plan.backgrounds, plan.most_images, threads_, plan.refused, context)),
        adapt_(read_images(plan.adapt, plan.most_images, threads_, plan.refused, context)),
        phantoms_(phantom_backgrounds(plan, threads_, context)) {
    start_ = plan.weights        ? sha256_file(*plan.weights)
             : plan.from_shipped ? nn::shipped_finder_digest()
                                 : "random";
  }

  Json run(const fs::path& out) {
    nn::FinderNet net = first_net();
    double loss = 0;
    if (const auto trained = after_first_round()) {
      net = nn::FinderNet::read(*trained);
    } else {
      loss = round(net, source(frame_unknown, by_finder(net)), first_options(), origin(), partial_);
      net.round();
      if (plan_.self_steps > 0 && !partial_.empty())
        net.write(partial_ / kFirstRound, {{kOriginKey, origin()}});
    }
    if (plan_.self_steps > 0) {
      const Labeller label = by_finder(net);
      loss = round(net, source(label, label), self_options(), origin() + " self",
                   partial_.empty() ? partial_ : partial_ / "self");
    }
    if (plan_.blend < 1) net.move_towards(first_net(), 1 - plan_.blend);
    Json told = record(loss);
    net.write(out, {{"recipe", kRecipe}, {"record", canonical_json(told)}});
    told["weights_sha256"] = sha256_file(out);
    return told;
  }

 private:
  [[nodiscard]] nn::FinderNet first_net() const {
    if (plan_.weights) return nn::FinderNet::read(*plan_.weights);
    return plan_.from_shipped ? nn::shipped_finder() : nn::FinderNet::random(plan_.seed);
  }

  // `net` must outlive the labeller. Images are labelled side by side, one thread each.
  [[nodiscard]] Labeller by_finder(const nn::FinderNet& net) const {
    return [this, &net](const imaging::GreyImage& image) {
      const tags::TagScores scores = [&net](std::span<const float> grey, std::span<const std::uint8_t> inside,
                                            int width, int height) {
        return net.probabilities(grey, inside, width, height);
      };
      return tags::self_labels(image, scores, plan_.labels);
    };
  }

  [[nodiscard]] phantom::CropSource source(const Labeller& of_backgrounds, const Labeller& of_adapt) const {
    (void)nn::resolve({nn::Precision::fp32, "cpu", 1});
    const bool both = !backgrounds_.images.empty() && !adapt_.images.empty();
    const double weight = (1 - plan_.phantom_share) / (both ? 2 : 1);
    std::vector<Background> all = phantoms_;
    add_labelled(backgrounds_.images, of_backgrounds, weight, threads_, context_, all);
    add_labelled(adapt_.images, of_adapt, weight, threads_, context_, all);
    return {std::move(all), plan_.seed};
  }

  double round(nn::FinderNet& net, const phantom::CropSource& crops, const nn::FinderTrainOptions& options,
               const std::string& start, const fs::path& folder) const {
    nn::FinderTrainHooks hooks;
    hooks.stop_requested = context_.stop_requested;
    hooks.checkpoint_due = every_minutes(plan_.checkpoint_minutes);
    hooks.progress = [&](int step, double loss) {
      context_.progress->update(static_cast<std::size_t>(step), static_cast<std::size_t>(options.steps),
                                "steps", fmt::format("loss {:.4f}", loss));
    };
    return nn::train_finder(
        net, [&](std::uint64_t i) { return example_of(crops.crop(i)); }, phantom::kCropSide, options, start,
        compute_, hooks, folder);
  }

  [[nodiscard]] nn::FinderTrainOptions first_options() const {
    nn::FinderTrainOptions options;
    options.steps = plan_.steps;
    options.batch = plan_.batch;
    options.rate = plan_.rate;
    options.focal_gamma = plan_.focal_gamma;
    return options;
  }

  [[nodiscard]] nn::FinderTrainOptions self_options() const {
    nn::FinderTrainOptions options = first_options();
    options.steps = plan_.self_steps;
    options.rate = kSelfRate * plan_.rate;
    options.focal_gamma = kSelfGamma;
    options.first_example = static_cast<std::uint64_t>(plan_.steps) * static_cast<std::uint64_t>(plan_.batch);
    return options;
  }

  // The file of a first round that was finished before a stop.
  [[nodiscard]] std::optional<fs::path> after_first_round() const {
    const fs::path file = partial_ / kFirstRound;
    if (partial_.empty() || plan_.self_steps == 0 || !fs::exists(file)) return std::nullopt;
    const auto metadata = nn::FinderNet::read(file).metadata();
    const auto found = metadata.find(kOriginKey);
    if (found == metadata.end() || found->second != origin()) return std::nullopt;
    return file;
  }

  // Everything that the first round's weights follow from.
  [[nodiscard]] std::string origin() const {
    return canonical_json(
        {{"recipe", kRecipe},
         {"weights", start_},
         {"seed", plan_.seed},
         {"steps", {plan_.steps, plan_.batch, plan_.rate, plan_.focal_gamma}},
         {"images",
          {backgrounds_.digest, adapt_.digest, plan_.labels.sure, plan_.labels.doubtful, plan_.labels.sides}},
         {"phantom", {phantoms_.size(), plan_.phantom_share}},
         {"precision", name_of(compute_.precision)}});
  }

  [[nodiscard]] Json record(double loss) const {
    return {
        {"schema", "tagconf.finder/1"},
        {"start", start_},
        {"seed", plan_.seed},
        {"steps", plan_.steps},
        {"self_steps", plan_.self_steps},
        {"batch", plan_.batch},
        {"lr", plan_.rate},
        {"focal_gamma", plan_.focal_gamma},
        {"blend", plan_.blend},
        {"labels",
         {{"sure", plan_.labels.sure}, {"doubtful", plan_.labels.doubtful}, {"sides", plan_.labels.sides}}},
        {"backgrounds", backgrounds_.images.size()},
        {"backgrounds_sha256", backgrounds_.digest},
        {"adapt", adapt_.images.size()},
        {"adapt_sha256", adapt_.digest},
        {"phantom_images", phantoms_.size()},
        {"phantom_share", plan_.phantom_share},
        {"precision", name_of(compute_.precision)},
        {"loss", loss}};
  }

  const FinderTrainingPlan& plan_;
  fs::path partial_;
  nn::Compute compute_;
  int threads_;
  const stage::Context& context_;
  Images backgrounds_;
  Images adapt_;
  std::vector<Background> phantoms_;
  std::string start_;
};

}  // namespace

tags::SelfLabelOptions adapting_labels() {
  tags::SelfLabelOptions labels;
  labels.doubtful = 0.5;
  labels.sides = tags::LearnedOptions{}.sides;
  return labels;
}

Json train_finder_by(const FinderTrainingPlan& plan, const fs::path& out, const fs::path& partial,
                     const stage::Context& context) {
  return Training(plan, partial, context).run(out);
}

void copy_finder(const std::optional<fs::path>& weights, const fs::path& out) {
  const nn::FinderNet net = weights ? nn::FinderNet::read(*weights) : nn::shipped_finder();
  net.write(out, net.metadata());
}

}  // namespace tagconf::stages
