// tagconf gradcam: where a model looks. One class activation map an image, the share of its energy that lies
// inside the tags against boxes placed by chance, and pictures chosen by rule.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "cover_choice.hpp"
#include "split_choice.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/arms/render.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/colour.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/nn/preprocess.hpp"
#include "tagconf/report/choice.hpp"
#include "tagconf/saliency/cam.hpp"
#include "tagconf/saliency/energy.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/tag_table.hpp"
#include "torch_facts.hpp"

namespace tagconf::stages {
namespace {

namespace fs = std::filesystem;
using saliency::CamTarget;

constexpr std::size_t kStep = 16;  // images computed together

struct GradcamOptions {
  SplitChoice split = SplitChoice::test;
  int limit = 0;
  saliency::CamMethod method = saliency::CamMethod::gradcam;
  CamTarget target = CamTarget::positive;
  int null_draws = 999;
  int overlays = 12;
  std::uint64_t seed = 1;
  tags::CoverOptions cover;  // as the pack was made
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::per_instance;
    using options::unhashed;
    using options::within;
    v(field<SplitChoice>("split", "which images; all of them where none is in a split"), split);
    v(within(field<int>("limit", "images at most, drawn by seed; 0 = all"), 0, 10000000), limit);
    v(field<saliency::CamMethod>("method", "kind of map"), method);
    v(field<CamTarget>("target", "evidence for abnormal (positive), against it, or for what is predicted"),
      target);
    v(within(field<int>("null_draws", "placements of the boxes by chance; 0 = no null"), 0, 100000),
      null_draws);
    v(within(field<int>("overlays", "pictures at most: most and least energy in tags, worst errors, drawn"),
             0, 10000),
      overlays);
    v(per_instance(field<std::uint64_t>("seed", "seed of the draws")), seed);
    describe_cover(v, cover);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo gradcam_info() {
  stage::StageInfo info;
  info.name = "gradcam";
  info.version = 1;
  info.summary = "class activation maps, and how much of their energy lies inside tags";
  info.inputs = {{"model", "model.safetensors, as `tagconf train` writes it", true, false},
                 {"pack", "folder made by `tagconf pack`", true, false},
                 {"tags", "tags.csv, for the energy inside tags", false, false},
                 {"images", "manifest of the stored images, for overlays", false, false}};
  info.outputs = {
      {"cams", "cams.npy", "N x h x w float32, not normalised"},
      {"table", "cam.csv",
       "a row a map: image_id, model, test_arm, target, map_index (in cams.npy), in_tag (share of the energy "
       "inside tags), area_share (of the tags), null_mean, null_p, empty, method, label, logit"},
      {"overlays", "overlays", "maps over the images, with tag outlines"}};
  info.examples = {
      "tagconf gradcam models/covered/model.safetensors --pack packs/covered --tags tags.csv --out cams",
      "tagconf gradcam model.safetensors --pack packs/original --tags tags.csv --images manifest.csv --out "
      "cams"};
  return info;
}

// One image's result.
struct CamResult {
  std::size_t row = 0;  // of the pack
  double logit = 0;
  CamTarget target = CamTarget::positive;
  imaging::Plane map;  // raw
  saliency::InTagEnergy energy;
};

imaging::Plane enlarged(const CamResult& cam, const arms::PackRow& row) {
  return imaging::upsample(cam.map, row.width, row.height);
}

std::vector<std::size_t> chosen_rows(const arms::Pack& pack, const GradcamOptions& options,
                                     const std::string& source) {
  std::vector<std::size_t> rows = rows_of_split(pack.rows, options.split, source);
  const auto limit = static_cast<std::size_t>(options.limit);
  if (limit == 0 || rows.size() <= limit) return rows;
  Rng(options.seed, "cam_limit").shuffle(rows);
  rows.resize(limit);
  std::sort(rows.begin(), rows.end());
  return rows;
}

class Run {
 public:
  Run(const GradcamOptions& options, const stage::StageIo& io, const stage::Context& context)
      : options_(options),
        io_(io),
        context_(context),
        threads_(options.threads > 0 ? options.threads : context.threads),
        cover_(options.cover),
        pack_(arms::read_pack(io.input("pack"))),
        model_(nn::Model::trained(io.input("model"))) {
    const auto size = model_.info().input_size;
    if (size && *size != pack_.size) {
      throw_input(fmt::format("{}: holds images of {} pixels, the model takes {}", io.input("pack").string(),
                              pack_.size, *size),
                  "make a pack of the model's size");
    }
    nn::check_input_size(pack_.size, io.input("pack").string() + ": the pack's image size");
    model_.use(nn::resolve({nn::Precision::fp32, context.device, threads_}));
    if (io.has("tags")) tags_ = tags::read_tags(io.input("tags"));
  }

  stage::Summary operator()() {
    const auto rows = chosen_rows(pack_, options_, io_.input("pack").string());
    std::vector<CamResult> cams;
    for (std::size_t start = 0; start < rows.size(); start += kStep) {
      const std::size_t count = std::min(kStep, rows.size() - start);
      add_batch(std::span(rows).subspan(start, count), cams);
      context_.progress->update(cams.size(), rows.size(), "images", "");
      check_stop();
    }
    write_maps(cams);
    write_table(cams);
    const std::size_t pictures = write_overlays(cams);
    return summary(cams, pictures);
  }

 private:
  void check_stop() const {
    if (context_.stop_requested && context_.stop_requested())
      throw Error(ErrorCode::incomplete, "gradcam: stopped", "run it again");
  }

  [[nodiscard]] std::vector<TagBox> boxes_of(const std::string& image_id) const {
    if (!tags_) return {};
    if (!tags_->examined(image_id)) {
      throw_input(io_.input("tags").string() + ": has no row for " + image_id,
                  "an image without tags needs a row with empty x,y,w,h");
    }
    return tags_->boxes(image_id);
  }

  void add_batch(std::span<const std::size_t> rows, std::vector<CamResult>& cams) {
    const std::size_t area = static_cast<std::size_t>(pack_.size) * static_cast<std::size_t>(pack_.size);
    std::vector<float> planes(rows.size() * area);
    for (std::size_t i = 0; i < rows.size(); ++i)
      nn::read_plane(pack_.pixels, rows[i], std::span(planes).subspan(i * area, area));
    const auto batch =
        saliency::class_activation_maps(model_, planes, pack_.size, options_.method, options_.target);
    const std::size_t cells = static_cast<std::size_t>(batch.height) * static_cast<std::size_t>(batch.width);
    const std::size_t first = cams.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CamResult cam{rows[i], batch.logits[i], batch.targets[i], {batch.width, batch.height}, {}};
      const auto begin = batch.maps.begin() + static_cast<std::ptrdiff_t>(i * cells);
      std::copy(begin, begin + static_cast<std::ptrdiff_t>(cells), cam.map.values.begin());
      const auto finite = [](float v) { return std::isfinite(v); };
      if (!std::isfinite(cam.logit) || !std::all_of(cam.map.values.begin(), cam.map.values.end(), finite)) {
        throw Error(ErrorCode::failed, pack_.rows[rows[i]].sample.image_id + ": the map is not finite",
                    "the model's weights are too large");
      }
      cams.push_back(std::move(cam));
    }
    parallel_for(rows.size(), threads_, [&](std::size_t i) { measure(cams[first + i]); });
  }

  void measure(CamResult& cam) const {
    const arms::PackRow& row = pack_.rows[cam.row];
    const std::string& id = row.sample.image_id;
    const auto boxes = tags::cover_boxes(boxes_of(id), cover_, row.width, row.height);
    const imaging::Plane large = enlarged(cam, row);
    cam.energy = saliency::in_tag_energy(saliency::EnergyMap(large.values, large.width, large.height), boxes,
                                         static_cast<std::size_t>(options_.null_draws),
                                         Rng(options_.seed, "cam_null", key_word(id)));
  }

  void write_maps(const std::vector<CamResult>& cams) const {
    const imaging::Plane& first = cams.front().map;
    NpyWriter writer(io_.output("cams"), NpyType::float32,
                     {static_cast<std::size_t>(first.height), static_cast<std::size_t>(first.width)});
    for (const auto& cam : cams) writer.append(std::as_bytes(std::span(cam.map.values)));
    writer.commit();
  }

  [[nodiscard]] std::string model_name() const {
    const auto& info = model_.info();
    if (!info.arm.empty()) return info.seed.empty() ? info.arm : info.arm + ".s" + info.seed;
    return io_.input("model").stem().string();
  }

  void write_table(const std::vector<CamResult>& cams) const {
    CsvWriter table({"image_id", "model", "test_arm", "target", "map_index", "in_tag", "area_share",
                     "null_mean", "null_p", "empty", "method", "label", "logit"});
    const auto cell = [](const std::optional<double>& v) { return v ? format_number(*v) : std::string(); };
    for (std::size_t i = 0; i < cams.size(); ++i) {
      const CamResult& cam = cams[i];
      const Sample& sample = pack_.rows[cam.row].sample;
      table.row({sample.image_id, model_name(), std::string(name_of(pack_.arm)),
                 std::string(name_of(cam.target)), std::to_string(i), cell(cam.energy.share),
                 cell(cam.energy.area_share), cell(cam.energy.null_mean), cell(cam.energy.null_p),
                 cam.energy.empty ? "1" : "0", std::string(name_of(options_.method)),
                 sample.label ? std::to_string(*sample.label) : "", format_number(cam.logit)});
    }
    write_text(io_.output("table"), table.text());
  }

  // Pictures of the stored images as this arm shows them; none without the manifest.
  std::size_t write_overlays(const std::vector<CamResult>& cams) const {
    const fs::path folder = io_.output("overlays");
    make_folder(folder);
    CsvWriter list({"file", "image_id", "why", "in_tag", "probability", "label"});
    std::size_t written = 0;
    if (io_.has("images")) {
      const cohort::Manifest manifest = cohort::read_manifest(io_.input("images"));
      std::map<std::string, const cohort::ManifestRow*> by_id;
      for (const auto& row : manifest.rows) by_id[row.sample.image_id] = &row;
      std::vector<report::CamCandidate> candidates;
      for (const auto& cam : cams) {
        const Sample& sample = pack_.rows[cam.row].sample;
        candidates.push_back(
            {sample.image_id, cam.energy.share, 1 / (1 + std::exp(-cam.logit)), sample.label});
      }
      for (const auto& choice :
           report::choose_cams(candidates, static_cast<std::size_t>(options_.overlays), options_.seed)) {
        check_stop();
        const auto& candidate = candidates[choice.index];
        const auto at = by_id.find(candidate.id);
        if (at == by_id.end())
          throw_input(io_.input("images").string() + ": has no row for " + candidate.id,
                      "give the pack's manifest");
        std::string name = fmt::format("{:03}_{}.png", ++written, candidate.id);
        std::replace(name.begin(), name.end(), '/', '_');
        imaging::write_png(folder / name, drawn(cams[choice.index], manifest.image_path(*at->second)));
        list.row({name, candidate.id, choice.why, candidate.in_tag ? format_number(*candidate.in_tag) : "",
                  format_number(*candidate.probability),
                  candidate.label ? std::to_string(*candidate.label) : ""});
      }
    }
    write_text(folder / "overlays.csv", list.text());
    return written;
  }

  [[nodiscard]] imaging::RgbImage drawn(const CamResult& cam, const fs::path& path) const {
    const arms::PackRow& row = pack_.rows[cam.row];
    const auto boxes = boxes_of(row.sample.image_id);
    const imaging::GreyImage image = arms::render(imaging::read_image(path), boxes, pack_.arm, cover_);
    imaging::Plane map = imaging::upsample(cam.map, image.width, image.height);
    const float largest = *std::max_element(map.values.begin(), map.values.end());
    // Divided by its maximum, never stretched from its minimum: an even map stays even, an empty one empty.
    if (largest > 0) {
      for (float& v : map.values) v = std::clamp(v / largest, 0.0F, 1.0F);
    }
    imaging::RgbImage out = imaging::overlay(image, map, imaging::ColourMap::magma, 0.6);
    const int thickness = std::max(1, std::max(image.width, image.height) / 400);
    for (const Rect& box : tags::cover_boxes(boxes, cover_, image.width, image.height))
      imaging::draw_outline(out, box, 86, 180, 233, thickness);
    return out;
  }

  [[nodiscard]] stage::Summary summary(const std::vector<CamResult>& cams, std::size_t pictures) const {
    double share = 0;
    double null = 0;
    std::size_t measured = 0;
    std::size_t empty = 0;
    for (const auto& cam : cams) {
      if (cam.energy.empty) ++empty;
      if (!cam.energy.share) continue;
      share += *cam.energy.share;
      null += cam.energy.null_mean.value_or(0);
      ++measured;
    }
    const auto mean = [&](double sum) {
      return measured > 0 ? Json(sum / static_cast<double>(measured)) : Json(nullptr);
    };
    return {{"model", model_name()},
            {"test_arm", name_of(pack_.arm)},
            {"maps", cams.size()},
            {"empty", empty},
            {"measured", measured},
            {"mean_in_tag", mean(share)},
            {"mean_null", options_.null_draws > 0 ? mean(null) : Json(nullptr)},
            {"overlays", pictures}};
  }

  const GradcamOptions& options_;
  const stage::StageIo& io_;
  const stage::Context& context_;
  int threads_;
  tags::CoverOptions cover_;
  arms::Pack pack_;
  nn::Model model_;
  std::optional<tags::TagTable> tags_;
};

stage::Summary run_gradcam(const GradcamOptions& options, const stage::StageIo& io,
                           const stage::Context& context) {
  return Run(options, io, context)();
}

}  // namespace

stage::Stage gradcam() {
  auto made = stage::make_stage<GradcamOptions>(gradcam_info(), run_gradcam);
  made.machine_facts = [](const stage::Stage::Options&, const stage::Context& context) {
    return torch_facts(nn::Precision::fp32, context);
  };
  return made;
}

}  // namespace tagconf::stages
