// tagconf train-finder: trains the tag finder's network on synthetic tags, laid onto synthetic radiographs
// and onto images of your own. Nothing needs labels. On `backgrounds` the frame, where marks are put, counts
// only where a synthetic tag was laid. On the images of `adapt` the finder that training starts from says
// what is a tag and what is not, and where it doubts nothing counts: it learns what the background of these
// images is like.
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <mutex>

#include "learned_scores.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/nn/finder_trainer.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/practice_crop.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/self_label.hpp"

namespace tagconf::stages {
namespace {

using phantom::Background;

struct TrainFinderOptions {
  nn::FinderTrainOptions train;
  std::uint64_t seed = 1;
  int phantom_images = 600;
  double phantom_share = 0.5;
  double sure = tags::SelfLabelOptions{}.sure;
  double doubtful = tags::SelfLabelOptions{}.doubtful;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::unhashed;
    using options::within;
    v(field<std::uint64_t>("seed", "everything drawn follows from it"), seed);
    v(within(field<int>("steps", "steps of training"), 1, 10000000), train.steps);
    v(within(field<int>("batch", "crops of 256 x 256 a step"), 2, 1024), train.batch);
    v(within(field<double>("lr", "highest learning rate; it rises over 100 steps and falls to 0 as a cosine"),
             0, 10),
      train.rate);
    v(within(field<double>("focal_gamma", "how much easy places are passed over in the loss"), 0, 10),
      train.focal_gamma);
    v(within(field<int>("phantom_images", "synthetic radiographs to lay tags onto"), 0, 100000),
      phantom_images);
    v(within(field<double>("phantom_share", "share of the crops that come from them, where images are given"),
             0, 1),
      phantom_share);
    v(within(field<double>("sure", "adapt: confidence from which the finder's answer is taken for a tag"), 0,
             1),
      sure);
    v(within(field<double>("doubtful", "adapt: confidence from which it is left open"), 0, 1), doubtful);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo train_finder_info() {
  stage::StageInfo info;
  info.name = "train-finder";
  info.version = 1;
  info.summary = "train the tag finder on synthetic tags, or adapt it to a cohort";
  info.inputs = {
      {"backgrounds", "manifest, folder of images or image to lay tags onto, without labels", false, false},
      {"weights", "safetensors of an earlier training to start from; default: random", false, false},
      {"adapt", "manifest, folder of images or image that the finder gets used to; needs weights", false,
       false}};
  info.outputs = {{"weights", "finder.safetensors", "for `tagconf detect --weights`"},
                  {"record", "finder.json", "what was trained on what"}};
  info.examples = {
      "tagconf train-finder films/ --steps 12000 --out finder",
      "tagconf train-finder --adapt cohort/manifest.csv --weights finder/finder.safetensors --steps 1500 "
      "--lr 2e-3 --focal-gamma 1 --out adapted"};
  return info;
}

// Images spread over the body parts of a synthetic cohort, without tags.
void add_phantoms(const TrainFinderOptions& options, int threads, const stage::Context& context,
                  std::vector<Background>& out) {
  if (options.phantom_images == 0) return;
  phantom::PlanOptions wanted;
  wanted.seed = options.seed;
  wanted.patients_train = options.phantom_images;
  wanted.patients_valid = 1;
  wanted.visibility = 0.9;
  const auto plan = phantom::plan_cohort(wanted);
  const auto count = std::min(plan.size(), static_cast<std::size_t>(options.phantom_images));
  const std::size_t first = out.size();
  out.resize(first + count);
  std::size_t done = 0;
  std::mutex guard;
  parallel_for(count, threads, [&](std::size_t i) {
    if (context.stop_requested && context.stop_requested())
      throw Error(ErrorCode::incomplete, "train-finder: stopped before training began", "run it again");
    Background& background = out[first + i];
    background.image = phantom::render_without_tags(plan[i * plan.size() / count]);
    background.weight = options.phantom_share / static_cast<double>(count);
    const std::lock_guard lock(guard);
    context.progress->update(++done, count, "backgrounds", "");
  });
}

using Labeller = std::function<std::vector<std::uint8_t>(const imaging::GreyImage&)>;

// Adds the images with what `label` says of them; together they weigh `weight`. Returns a digest of them.
std::string add_images(const std::filesystem::path& input, const Labeller& label, double weight, int threads,
                       const stage::Context& context, std::vector<Background>& out) {
  const cohort::Manifest manifest = arms::open_images(input);
  const std::size_t first = out.size();
  const std::size_t count = manifest.rows.size();
  out.resize(first + count);
  std::vector<std::string> digests(count);
  std::mutex guard;
  const auto skipped = arms::for_each_image(
      manifest, threads,
      [&](std::size_t i, const imaging::GreyImage& image) {
        Background& background = out[first + i];
        background.image = image;
        background.known = label(image);
        background.weight = weight / static_cast<double>(count);
        digests[i] = sha256_hex(std::string_view(reinterpret_cast<const char*>(image.pixels.data()),
                                                 image.pixels.size() * sizeof(image.pixels[0])));
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, count, "images", "");
      },
      context.stop_requested);
  cohort::check_skips(count, skipped);
  Sha256 all;
  for (const auto& digest : digests) all.update(digest);
  return all.hex();
}

// Digests of the user's images.
struct Own {
  std::string backgrounds = "none";
  std::string adapt = "none";
};

Own add_own(const TrainFinderOptions& options, const stage::StageIo& io, int threads,
            const stage::Context& context, std::vector<Background>& out) {
  Own own;
  const bool plain = io.has("backgrounds");
  const bool adapt = io.has("adapt");
  if (adapt && !io.has("weights")) {
    throw Error(ErrorCode::usage, "--adapt needs a finder to start from",
                "give --weights FILE; `tagconf train-finder` makes one");
  }
  const double weight = (1 - options.phantom_share) / (plain && adapt ? 2 : 1);
  if (plain) {
    const auto frame = [](const imaging::GreyImage& image) {
      return phantom::unknown_frame(image.width, image.height);
    };
    own.backgrounds = add_images(io.input("backgrounds"), frame, weight, threads, context, out);
  }
  if (adapt) {
    tags::SelfLabelOptions labels;
    labels.sure = options.sure;
    labels.doubtful = options.doubtful;
    const tags::TagScores scores = read_scores(io.input("weights"));
    const auto by_finder = [&](const imaging::GreyImage& image) {
      return tags::self_labels(image, scores, labels);
    };
    own.adapt = add_images(io.input("adapt"), by_finder, weight, threads, context, out);
  }
  return own;
}

nn::FinderExample example_of(phantom::Crop crop) {
  return {std::move(crop.grey), std::move(crop.inside), std::move(crop.target), std::move(crop.weight)};
}

stage::Summary run_train_finder(const TrainFinderOptions& options, const stage::StageIo& io,
                                const stage::Context& context) {
  const int threads = resolve_threads(options.threads > 0 ? options.threads : context.threads);
  const bool given = io.has("weights");
  nn::FinderNet net = given ? nn::FinderNet::read(io.input("weights")) : nn::FinderNet::random(options.seed);
  std::vector<Background> backgrounds;
  const Own own = add_own(options, io, threads, context, backgrounds);
  const std::size_t own_images = backgrounds.size();
  add_phantoms(options, threads, context, backgrounds);
  const std::size_t phantom_images = backgrounds.size() - own_images;
  const phantom::CropSource source(std::move(backgrounds), options.seed);

  const std::string start = given ? sha256_file(io.input("weights")) : "random";
  const Json origin{{"weights", start},
                    {"seed", options.seed},
                    {"images", {own.backgrounds, own.adapt, options.sure, options.doubtful}},
                    {"phantom", {options.phantom_images, options.phantom_share}}};
  nn::FinderTrainHooks hooks;
  hooks.stop_requested = context.stop_requested;
  hooks.progress = [&](int step, double loss) {
    context.progress->update(static_cast<std::size_t>(step), static_cast<std::size_t>(options.train.steps),
                             "steps", fmt::format("loss {:.4f}", loss));
  };
  const double loss = nn::train_finder(
      net, [&](std::uint64_t i) { return example_of(source.crop(i)); }, phantom::kCropSide, options.train,
      canonical_json(origin), threads, hooks, io.partial);

  net.write(io.output("weights"), {{"recipe", "tagconf tag finder/1"},
                                   {"seed", std::to_string(options.seed)},
                                   {"steps", std::to_string(options.train.steps)},
                                   {"start", start}});
  const Json record{{"schema", "tagconf.finder/1"},
                    {"start", start},
                    {"seed", options.seed},
                    {"steps", options.train.steps},
                    {"batch", options.train.batch},
                    {"lr", options.train.rate},
                    {"focal_gamma", options.train.focal_gamma},
                    {"images", own_images},
                    {"backgrounds_sha256", own.backgrounds},
                    {"adapt_sha256", own.adapt},
                    {"phantom_images", phantom_images},
                    {"phantom_share", options.phantom_share},
                    {"loss", loss},
                    {"weights_sha256", sha256_file(io.output("weights"))}};
  write_text(io.output("record"), pretty_json(record));
  return record;
}

}  // namespace

stage::Stage train_finder() {
  return stage::make_stage<TrainFinderOptions>(train_finder_info(), run_train_finder);
}

}  // namespace tagconf::stages
