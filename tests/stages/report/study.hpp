// A small study on disk: images with a bright mark, boxes, truth, predictions of three arms, training records
// and maps. Ids hold what a hostile file name could hold.
#pragma once

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::test {

namespace fs = std::filesystem;

class QuietProgress : public stage::Progress {
 public:
  void update(std::size_t done, std::size_t total, const std::string&, const std::string&) override {
    if (done > total) throw std::logic_error("progress beyond its end");
  }
};

// Runs a stage with options by key and files by port.
inline stage::Summary run_stage(const stage::Stage& stage,
                                const std::map<std::string, std::vector<stage::NamedPath>>& inputs,
                                const fs::path& out, const std::map<std::string, Json>& options = {}) {
  stage::StageIo io;
  io.inputs = inputs;
  for (const auto& port : stage.info.outputs) io.outputs[port.name] = out / port.file;
  const auto set = stage.make_options();
  for (const auto& [key, value] : options) {
    bool known = false;
    for (const auto& field : set.fields) {
      if (field.key != key) continue;
      field.set(value);
      known = true;
    }
    if (!known) throw std::invalid_argument("no option " + key);
  }
  QuietProgress progress;
  stage::Context context;
  context.stop_requested = [] { return false; };
  context.progress = &progress;
  context.threads = 2;
  return stage.run(set, io, context);
}

inline std::string spiteful_id(int i) {
  return "valid/XR_<b>&\"'" + std::to_string(i / 4) + "/secretpatient" + std::to_string(i);
}

struct Study {
  fs::path folder;
  std::vector<Sample> samples;
  std::map<std::string, std::vector<stage::NamedPath>> inputs;  // of the report, all ports
};

inline imaging::GreyImage film(int i, const Rect& mark) {
  imaging::GreyImage image(64, 80, 8);
  for (int y = 0; y < 80; ++y) {
    for (int x = 0; x < 64; ++x) image.at(x, y) = static_cast<std::uint16_t>((x * 2 + y + i) % 160);
  }
  for (int y = mark.y; y < mark.bottom(); ++y) {
    for (int x = mark.x; x < mark.right(); ++x) image.at(x, y) = 250;
  }
  return image;
}

inline void write_predictions(const fs::path& path, const std::vector<Sample>& samples, double signal,
                              const char* purpose) {
  CsvWriter csv({"image_id", "study_id", "patient_id", "body_part", "label", "logit", "probability", "tagged",
                 "split"});
  Rng rng(3, purpose);
  for (const auto& s : samples) {
    const double z = signal * (*s.label == 1 ? 1 : -1) + rng.normal();
    csv.row({s.image_id, s.study_id, s.patient_id, s.body_part, std::to_string(*s.label), format_number(z),
             format_number(1 / (1 + std::exp(-z))), s.image_id.back() % 2 == 0 ? "1" : "0", "test"});
  }
  write_text(path, csv.text());
}

// 64 test images of 32 patients; every second one carries a mark, found in three of four.
inline Study make_study(const fs::path& folder) {
  Study study;
  study.folder = folder;
  make_folder(folder);
  cohort::Manifest manifest;
  manifest.folder = folder;
  tags::TagTable found;
  tags::TagTable truth;
  for (int i = 0; i < 64; ++i) {
    Sample s;
    s.image_id = spiteful_id(i);
    s.patient_id = "secretpatient" + std::to_string(i / 2);
    s.study_id = s.patient_id + "/study1";
    s.body_part = i % 4 < 2 ? "WRIST" : "HAND";
    s.split = Split::test;
    s.label = i / 2 % 2;
    const Rect mark = i % 2 == 0 ? Rect{6 + i % 40, 8, 10, 8} : Rect{};
    const std::string name = "image" + std::to_string(i) + ".png";
    const auto png = imaging::encode_png(film(i, mark));
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
    manifest.rows.push_back({s, name, 64, 80, 8, "stored", ""});
    found.add_image(s.image_id);
    truth.add_image(s.image_id);
    TagBox box;
    box.box = mark;
    box.kind = TagKind::laterality;
    box.score = 0.9;
    box.source = TagSource::classical;
    box.letter = i % 4 == 0 ? "R" : "L";
    box.polarity = "bright";
    if (!mark.empty()) truth.add(s.image_id, box);
    if (!mark.empty() && i % 8 != 0) found.add(s.image_id, box);
    study.samples.push_back(std::move(s));
  }
  cohort::write_manifest(folder / "manifest.csv", manifest);
  tags::write_tags(folder / "tags.csv", found);
  tags::write_tags(folder / "truth/tags.csv", truth);
  write_text(folder / "truth/truth.json", R"({"valid": {"ideal_auc": 0.52, "ideal_auc_on_images": 0.537}})");
  write_text(folder / "skipped.csv",
             "image_id,reason\n\""
             "secretpatient99/image1"
             "\",\"cut short: /home/x/secretpatient99/image1.png\"\n");
  std::map<std::string, double> signals{{"original", 0.8}, {"covered", 1.0}, {"tags_only", 0.2}};
  auto& in = study.inputs;
  for (const auto& [arm, signal] : signals) {
    write_predictions(folder / (arm + ".csv"), study.samples, signal, arm.c_str());
    write_text(folder / (arm + ".jsonl"),
               "{\"epoch\": 1, \"train_loss\": 0.7, \"valid_loss\": 0.69, \"valid_auc\": 0.61}\n"
               "{\"epoch\": 2, \"train_loss\": 0.5, \"valid_loss\": 0.60, \"valid_auc\": 0.72}\n");
    in["predictions"].push_back({arm, folder / (arm + ".csv")});
    in["epochs"].push_back({arm, folder / (arm + ".jsonl")});
    write_text(folder / (arm + ".json"),
               R"({"schema": "tagconf.train/1", "input_size": 224, "start": "random",
      "train_images": 123, "valid_images": 45, "pos_weight": 1.25, "kept": {"epoch": 2}, "precision": "fp32"})");
    in["records"].push_back({arm, folder / (arm + ".json")});
  }
  CsvWriter cams({"image_id", "model", "test_arm", "target", "map_index", "in_tag", "area_share", "null_mean",
                  "null_p", "empty"});
  NpyWriter maps(folder / "cams/cams.npy", NpyType::float32, {4, 4});
  for (std::size_t i = 0; i < study.samples.size(); ++i) {
    const bool tagged = !found.boxes(study.samples[i].image_id).empty();
    std::vector<float> map(16, -0.5F);
    map[i % 16] = 1.0F;
    maps.append(std::as_bytes(std::span(map)));
    cams.row({study.samples[i].image_id, "covered", "covered", "positive", std::to_string(i),
              tagged ? "0.125" : "", tagged ? "0.015625" : "", tagged ? "0.0625" : "", tagged ? "0.03" : "",
              "0"});
  }
  maps.commit();
  write_text(folder / "cams/cam.csv", cams.text());
  (void)run_stage(stages::evaluate(), {{"predictions", in["predictions"]}}, folder, {{"bootstrap", 200}});
  in["results"] = {{"", folder / "results.json"}};
  in["roc"] = {{"", folder / "roc.csv"}};
  in["manifest"] = {{"", folder / "manifest.csv"}};
  in["skipped"] = {{"", folder / "skipped.csv"}};
  in["tags"] = {{"", folder / "tags.csv"}};
  in["truth"] = {{"", folder / "truth"}};
  in["cams"] = {{"covered", folder / "cams"}};
  return study;
}

}  // namespace tagconf::test
