// train, predict and gradcam as stages on a tiny cohort: files, agreement between inputs, resume, refusals.
#include <cmath>

#include "../ingest_pack/stage_call.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/jsonl.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/nn/augment.hpp"
#include "tagconf/nn/preprocess.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::test {
namespace {

namespace fs = std::filesystem;

// 20 noisy 60 x 48 pictures: 10 train, 4 valid, 6 test; every third has a bright tag of 10 x 8 at (40, 4).
class TinyCohort {
 public:
  TinyCohort() {
    cohort::Manifest manifest;
    manifest.folder = folder_ / "source";
    std::string tags = "image_id,x,y,w,h,kind\n";
    for (int i = 0; i < 20; ++i) {
      const std::string id = "hand/image" + std::to_string(i);
      imaging::GreyImage image(60, 48, 8);
      Rng rng(1, "tiny", static_cast<std::uint64_t>(i));
      for (auto& p : image.pixels) p = static_cast<std::uint16_t>(60 + rng.below(60) + (i % 2 == 1 ? 40 : 0));
      const bool tagged = i % 3 == 0;
      for (int y = 4; tagged && y < 12; ++y) {
        for (int x = 40; x < 50; ++x) image.at(x, y) = 250;
      }
      tags += id + (tagged ? ",40,4,10,8,laterality\n" : ",,,,,\n");
      imaging::write_png(manifest.folder / (id + ".png"), image);
      cohort::ManifestRow row;
      row.sample = {id,
                    "p" + std::to_string(i),
                    "s" + std::to_string(i),
                    "HAND",
                    i < 10   ? Split::train
                    : i < 14 ? Split::valid
                             : Split::test,
                    i % 2};
      row.path = id + ".png";
      row.width = 60;
      row.height = 48;
      manifest.rows.push_back(row);
    }
    cohort::write_manifest(manifest_path(), manifest);
    write_text(tags_path(), tags);
    for (const char* arm : {"original", "covered", "tags_only"}) {
      StageCall pack{
          stages::pack(), {{"images", manifest_path()}, {"tags", tags_path()}}, folder_ / arm, {}, {}};
      pack.options = {{"arm", arm}, {"size", 32}};
      (void)pack.run();
    }
  }

  [[nodiscard]] fs::path manifest_path() const { return folder_ / "source/manifest.csv"; }
  [[nodiscard]] fs::path tags_path() const { return folder_ / "tags.csv"; }
  [[nodiscard]] fs::path pack(const std::string& arm = "original") const { return folder_ / arm / "pack"; }
  [[nodiscard]] fs::path operator/(const std::string& name) const { return folder_ / name; }

  [[nodiscard]] StageCall train(const std::string& out, const std::string& arm = "original") const {
    StageCall call{stages::train(), {{"pack", pack(arm)}}, folder_ / out, {}, {}};
    call.options = {{"epochs", 2}, {"batch", 4}, {"lr", 1e-3}, {"threads", 1}};
    return call;
  }
  [[nodiscard]] StageCall predict(const fs::path& images, const std::string& out) const {
    StageCall call{stages::predict(), {{"model", model()}, {"images", images}}, folder_ / out, {}, {}};
    call.options = {{"threads", 1}};
    return call;
  }
  [[nodiscard]] fs::path model() const { return folder_ / "model/model.safetensors"; }

 private:
  ScratchFolder folder_;
};

std::vector<std::string> column(const CsvTable& table, const char* name) {
  std::vector<std::string> out;
  for (std::size_t row = 0; row < table.rows(); ++row) out.push_back(table.at(row, table.require(name)));
  return out;
}

}  // namespace

TEST_CASE("train writes a model that names itself, a line an epoch, and a record matched across arms") {
  const TinyCohort cohort;
  auto call = cohort.train("model");
  const auto summary = call.run();
  CHECK(call.progress.last == 20);
  CHECK(summary.at("threads") == 1);
  const auto file = nn::Safetensors::read(cohort.model());
  CHECK(file.metadata().at("arm") == "original");
  CHECK(file.metadata().at("input_size") == "32");
  CHECK(file.metadata().at("seed") == "1");
  const auto lines = read_jsonl(cohort / "model/epochs.jsonl");
  REQUIRE(lines.size() == 2);
  for (const char* key : {"epoch", "train_loss", "valid_loss", "valid_auc", "lr"})
    CHECK(lines[1].contains(key));
  const Json record = parse_json(read_text(cohort / "model/train.json"), "train.json");
  CHECK(record["train_images"] == 10);
  CHECK(record["valid_images"] == 4);
  CHECK(record["steps"] == 2 * 3);
  CHECK(record["pos_weight"] == 1);

  (void)cohort.train("covered_model", "covered").run();
  const Json covered = parse_json(read_text(cohort / "covered_model/train.json"), "train.json");
  CHECK(covered["arm"] == "covered");
  CHECK(covered["draws_sha256"] == record["draws_sha256"]);
  CHECK(sha256_file(cohort / "covered_model/model.safetensors") != sha256_file(cohort.model()));

  // Twice the same.
  (void)cohort.train("again").run();
  for (const char* name : {"model.safetensors", "epochs.jsonl", "train.json"}) {
    INFO(name);
    CHECK(sha256_file(cohort / "again" / name) == sha256_file(cohort / "model" / name));
  }
}

TEST_CASE("tags that augmentation moves out of a tags-only image are counted, and in no other arm") {
  const TinyCohort cohort;
  const auto record_of = [&](const std::string& name, const std::string& arm, double shift) {
    auto call = cohort.train(name, arm);
    call.options["shift"] = shift;
    call.options["batch"] = 10;  // never black pictures alone: equal ones have no variance to divide by
    (void)call.run();
    return parse_json(read_text(cohort / name / "train.json"), "train.json");
  };
  const Json still = record_of("still", "tags_only", 0);
  // Images 0, 3, 6 and 9 of the ten are tagged.
  CHECK(still["tags_moved_out"]["tagged_train_images"] == 4);
  CHECK(still["tags_moved_out"]["share"] == 0);
  // By the draws alone: the tag lies in the upper right quarter of the frame.
  const Json moved = record_of("moved", "tags_only", 0.5)["tags_moved_out"];
  nn::AugmentOptions augment;
  augment.flip = true;
  augment.rotation_deg = 10;
  augment.shift = 0.5;
  const arms::Pack pack = arms::read_pack(cohort.pack("tags_only"));
  std::vector<float> plane(32 * 32);
  const auto lines = read_jsonl(cohort / "moved/epochs.jsonl");
  std::size_t all = 0;
  for (std::size_t epoch = 1; epoch <= 2; ++epoch) {
    std::size_t wanted = 0;
    for (std::size_t row = 0; row < 10; ++row) {
      nn::read_plane(pack.pixels, row, plane);
      const auto draw = nn::draw_augmentation(1, epoch, pack.rows[row].sample.image_id, augment);
      wanted += nn::share_in_frame(plane, 32, draw) < 0.5 ? 1 : 0;
    }
    CHECK(moved["images_per_epoch"][epoch - 1] == wanted);
    CHECK(lines[epoch - 1].at("moved_out") == wanted);
    all += wanted;
  }
  CHECK(all > 0);
  CHECK(moved["share"].get<double>() == Approx(static_cast<double>(all) / 8));
  CHECK_FALSE(record_of("other", "covered", 0.5).contains("tags_moved_out"));
  CHECK_FALSE(read_jsonl(cohort / "other/epochs.jsonl")[0].contains("moved_out"));
}

TEST_CASE("a training that will not fit the memory is refused before it begins") {
  const TinyCohort cohort;
  auto call = cohort.train("model");
  call.memory = 100'000'000;
  const Error error = call.failure();
  CHECK(error.code() == ErrorCode::environment);
  CHECK(error.message().find("0.10 GB are available") != std::string::npos);
  CHECK(call.progress.calls == 0);
  CHECK_FALSE(fs::exists(cohort / "model/epochs.jsonl"));
  call.memory = 4'000'000'000;
  (void)call.run();
}

TEST_CASE("a pack that cannot be read is named") {
  const TinyCohort cohort;
  const fs::path file = cohort.pack() / "pack.npy";
  fs::resize_file(file, fs::file_size(file) - 1);
  const Error cut = cohort.train("out").failure();
  CHECK(cut.code() == ErrorCode::input);
  CHECK(cut.message().find(file.string()) != std::string::npos);
  fs::remove(file);
  const Error gone = cohort.train("out").failure();
  CHECK(gone.code() == ErrorCode::input);
  CHECK(gone.message().find(file.string()) != std::string::npos);
}

TEST_CASE("a stopped training keeps a checkpoint and ends with the same bytes when called again") {
  const TinyCohort cohort;
  (void)cohort.train("model").run();
  StageCall call = cohort.train("stopped");
  const auto options = call.stage.make_options();
  for (const auto& field : options.fields) {
    if (call.options.contains(field.key)) field.set(call.options.at(field.key));
  }
  stage::StageIo io;
  io.inputs["pack"] = {{"", cohort.pack()}};
  for (const auto& port : call.stage.info.outputs) io.outputs[port.name] = cohort / "stopped" / port.file;
  io.partial = cohort / "partial";
  stage::Context context;
  int asked = 0;
  context.stop_requested = [&] { return ++asked == 6; };
  context.progress = &call.progress;
  try {
    (void)call.stage.run(options, io, context);
    FAIL("was not stopped");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::incomplete);
  }
  CHECK_FALSE(fs::exists(cohort / "stopped/model.safetensors"));
  (void)call.stage.run(options, io, context);
  for (const char* name : {"model.safetensors", "epochs.jsonl", "train.json"}) {
    INFO(name);
    CHECK(sha256_file(cohort / "stopped" / name) == sha256_file(cohort / "model" / name));
  }
}

TEST_CASE("predict gives the same numbers for a pack, its manifest, a folder and a single picture") {
  const TinyCohort cohort;
  (void)cohort.train("model").run();
  (void)cohort.predict(cohort.pack(), "from_pack").run();
  (void)cohort.predict(cohort.manifest_path(), "from_manifest").run();
  auto single = cohort.predict(cohort / "source/hand/image15.png", "single");
  (void)single.run();
  const CsvTable packed = read_csv(cohort / "from_pack/predictions.csv");
  const CsvTable listed = read_csv(cohort / "from_manifest/predictions.csv");
  const CsvTable alone = read_csv(cohort / "single/predictions.csv");
  REQUIRE(packed.rows() == 6);
  CHECK(column(packed, "image_id").front() == "hand/image14");
  CHECK(column(packed, "image_id") == column(listed, "image_id"));
  CHECK(column(packed, "logit") == column(listed, "logit"));
  CHECK(column(packed, "tagged") == std::vector<std::string>{"0", "1", "0", "0", "1", "0"});
  REQUIRE(alone.rows() == 1);
  CHECK(column(alone, "logit")[0] == column(packed, "logit")[1]);
  for (std::size_t row = 0; row < packed.rows(); ++row) {
    const double logit = parse_double(column(packed, "logit")[row]).value();
    CHECK(parse_double(column(packed, "probability")[row]).value() == Approx(1 / (1 + std::exp(-logit))));
  }
  auto all = cohort.predict(cohort.pack(), "all");
  all.options["split"] = "all";
  (void)all.run();
  CHECK(read_csv(cohort / "all/predictions.csv").rows() == 20);
}

TEST_CASE("predict leaves out a broken picture and says so") {
  const TinyCohort cohort;
  (void)cohort.train("model").run();
  fs::resize_file(cohort / "source/hand/image16.png", 40);
  (void)cohort.predict(cohort.manifest_path(), "out").run();
  CHECK(read_csv(cohort / "out/predictions.csv").rows() == 5);
  const CsvTable skipped = read_csv(cohort / "out/skipped.csv");
  REQUIRE(skipped.rows() == 1);
  CHECK(skipped.at(0, 0) == "hand/image16");
  for (const auto* name : {"image14", "image15", "image17"})
    fs::resize_file(cohort / "source/hand" / (std::string(name) + ".png"), 40);
  auto over = cohort.predict(cohort.manifest_path(), "over");
  CHECK(over.failure().message().find("4 of 6") != std::string::npos);
  CHECK(read_csv(cohort / "over.skipped.csv").rows() == 4);
}

TEST_CASE("models and packs that do not belong together are refused") {
  const TinyCohort cohort;
  (void)cohort.train("model").run();
  auto predict = cohort.predict(cohort.pack(), "out");
  predict.options["size"] = 64;
  CHECK(predict.failure().code() == ErrorCode::input);
  auto bytes = read_bytes(cohort.model());
  bytes.resize(bytes.size() / 2);
  write_bytes(cohort.model(), bytes);
  const Error cut = cohort.predict(cohort.pack(), "out").failure();
  CHECK(cut.code() == ErrorCode::input);
  CHECK(cut.message().find("model.safetensors") != std::string::npos);
  CHECK_FALSE(fs::exists(cohort / "out/predictions.csv"));
}

TEST_CASE("gradcam writes maps, energy inside tags, and pictures chosen by rule") {
  const TinyCohort cohort;
  (void)cohort.train("model").run();
  StageCall call{stages::gradcam(),
                 {{"model", cohort.model()},
                  {"pack", cohort.pack()},
                  {"tags", cohort.tags_path()},
                  {"images", cohort.manifest_path()}},
                 cohort / "cams",
                 {},
                 {}};
  call.options = {
      {"split", "all"}, {"target", "predicted"}, {"overlays", 4}, {"null_draws", 99}, {"threads", 1}};
  const auto summary = call.run();
  CHECK(summary.at("maps") == 20);
  CHECK(summary.at("model") == "original.s1");
  const NpyMap maps(cohort / "cams/cams.npy");
  CHECK(maps.shape() == std::vector<std::size_t>{20, 1, 1});
  const CsvTable table = read_csv(cohort / "cams/cam.csv");
  REQUIRE(table.rows() == 20);
  const auto in_tag = column(table, "in_tag");
  const auto area = column(table, "area_share");
  const auto empty = column(table, "empty");
  for (std::size_t i = 0; i < 20; ++i) {
    INFO("image " << i);
    CHECK(in_tag[i].empty() == (i % 3 != 0 || empty[i] == "1"));
    if (in_tag[i].empty()) continue;
    // A map of one cell is even when enlarged: the share is the padded box's area, cut by the upper border.
    CHECK(parse_double(in_tag[i]).value() == Approx(18.0 * 16 / (60 * 48)));
    CHECK(parse_double(area[i]).value() == Approx(18.0 * 16 / (60 * 48)));
    CHECK(column(table, "null_p")[i] == "1");
  }
  const CsvTable list = read_csv(cohort / "cams/overlays/overlays.csv");
  REQUIRE(list.rows() == 4);
  for (const auto& name : column(list, "file")) {
    const auto bytes = read_bytes(cohort / "cams/overlays" / name);
    const auto header = imaging::read_header(bytes, name);
    CHECK(header.width == 60);
    CHECK(header.height == 48);
  }
  // The same call, the same bytes.
  const auto first = sha256_tree(cohort / "cams");
  (void)call.run();
  CHECK(sha256_tree(cohort / "cams") == first);
  call.options["limit"] = 5;
  CHECK(call.run().at("maps") == 5);
}

TEST_CASE("a pack without labels, or without a train split, cannot be trained on") {
  const TinyCohort cohort;
  const auto edit = [&](const std::string& from, const std::string& to) {
    std::string text = read_text(cohort.pack() / "pack.csv");
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    write_text(cohort.pack() / "pack.csv", text);
  };
  edit(",train,1,", ",train,,");
  const Error unlabelled = cohort.train("out").failure();
  CHECK(unlabelled.code() == ErrorCode::input);
  CHECK(unlabelled.message().find("hand/image1 (train) has no label") != std::string::npos);
  edit(",train,", ",test,");
  CHECK(cohort.train("out").failure().message().find("no image of the train split") != std::string::npos);
  CHECK_FALSE(fs::exists(cohort / "out/model.safetensors"));
}

}  // namespace tagconf::test
