// train-finder and detect with its weights, as stages: files, the same bytes again, resume, refusals.
#include "../ingest_pack/stage_call.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/nn/shipped_finder.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::test {
namespace {

namespace fs = std::filesystem;

class Films {
 public:
  Films() {
    for (int i = 0; i < 3; ++i) {
      imaging::GreyImage image(160, 120, 8, 40);
      for (int y = 20; y < 50; ++y) {
        for (int x = 30 + 20 * i; x < 60 + 20 * i; ++x) image.at(x, y) = 240;
      }
      imaging::write_png(folder_ / "films" / ("film" + std::to_string(i) + ".png"), image);
    }
  }
  [[nodiscard]] fs::path films() const { return folder_ / "films"; }
  [[nodiscard]] fs::path operator/(const std::string& name) const { return folder_ / name; }

  [[nodiscard]] StageCall train(const std::string& out) const {
    StageCall call{stages::train_finder(), {{"backgrounds", films()}}, folder_ / out, {}, {}};
    call.options = {{"steps", 3}, {"batch", 2}, {"phantom_images", 2}, {"threads", 1}};
    return call;
  }

  // With the weights of a training; nearly everything is a tag to it.
  [[nodiscard]] StageCall detect(const std::string& trained) const {
    StageCall call{stages::detect(),
                   {{"images", films()}, {"weights", folder_ / trained / "finder.safetensors"}},
                   folder_ / "tags",
                   {},
                   {}};
    call.options = {{"min_score", 0.01}, {"threads", 1}};
    return call;
  }

 private:
  ScratchFolder folder_;
};

// What a weights file says of its training.
Json record_of(const fs::path& weights) {
  return parse_json(nn::FinderNet::read(weights).metadata().at("record"), weights.string());
}

}  // namespace

TEST_CASE("a finder trained twice gives the same weights, and detect takes them") {
  const Films films;
  const auto summary = films.train("a").run();
  (void)films.train("b").run();
  CHECK(read_text(films / "a/finder.safetensors") == read_text(films / "b/finder.safetensors"));
  const Json record = record_of(films / "a/finder.safetensors");
  CHECK(record.at("backgrounds") == 3);
  CHECK(record.at("phantom_images") == 2);
  CHECK(record.at("start") == "random");
  CHECK(summary.at("weights_sha256") == sha256_file(films / "a/finder.safetensors"));

  StageCall detect = films.detect("a");
  CHECK(detect.run().at("images") == 3);
  const tags::TagTable table = tags::read_tags(films / "tags/tags.csv");
  for (const auto& id : table.images()) {
    for (const TagBox& tag : table.boxes(id)) CHECK(tag.source == TagSource::learned);
  }
}

TEST_CASE("detect looks at the sizes it is told") {
  const Films films;
  (void)films.train("a").run();
  StageCall detect = films.detect("a");
  detect.options["sides"] = {64};
  (void)detect.run();
  const std::string small = read_text(films / "tags/tags.csv");
  detect.options["sides"] = {64, 160};
  (void)detect.run();
  CHECK(read_text(films / "tags/tags.csv") != small);
  detect.options["sides"] = Json::array();
  const Error error = detect.failure();
  CHECK(error.code() == ErrorCode::config);
  CHECK(std::string(error.what()) == "detect: sides is an empty list");
}

TEST_CASE("a finder's second round, stopped and taken up again, ends with the same weights") {
  const Films films;
  StageCall whole = films.train("whole");
  whole.options["self_steps"] = 3;
  whole.partial = films / "whole-partial";
  (void)whole.run();
  const Json record = record_of(films / "whole/finder.safetensors");
  CHECK(record.at("self_steps") == 3);
  (void)films.train("first").run();
  CHECK(read_text(films / "whole/finder.safetensors") != read_text(films / "first/finder.safetensors"));

  // Stopped while the backgrounds are labelled for the second round, and between its steps.
  for (const int polls : {1, 5}) {
    StageCall call = films.train("again" + std::to_string(polls));
    call.options["self_steps"] = 3;
    call.partial = films / ("partial" + std::to_string(polls));
    call.stop_requested = [first = call.partial / "first.safetensors", polls, seen = 0]() mutable {
      return fs::exists(first) && ++seen >= polls;
    };
    CHECK(call.failure().code() == ErrorCode::incomplete);
    call.stop_requested = [] { return false; };
    (void)call.run();
    CHECK(read_text(call.out / "finder.safetensors") == read_text(films / "whole/finder.safetensors"));
  }
}

TEST_CASE("the record names the number format of a finder's training") {
  const Films films;
  StageCall call = films.train("wide");
  call.options["dtype"] = "fp32";
  (void)call.run();
  CHECK(record_of(films / "wide/finder.safetensors").at("precision") == "fp32");
  call.options["dtype"] = "bf16";
  call.out = films / "narrow";
  (void)call.run();
  CHECK(record_of(films / "narrow/finder.safetensors").at("precision") == "bf16");
  const auto weights = [](const fs::path& file) {
    nn::FinderNet net = nn::FinderNet::read(file);
    net.write(file.parent_path() / "bare.safetensors", {});
    return sha256_file(file.parent_path() / "bare.safetensors");
  };
  CHECK(weights(films / "wide/finder.safetensors") != weights(films / "narrow/finder.safetensors"));
}

TEST_CASE("adapting starts from weights and labels the images by them") {
  const Films films;
  (void)films.train("a").run();
  StageCall adapt{stages::train_finder(),
                  {{"adapt", films.films()}, {"weights", films / "a/finder.safetensors"}},
                  films / "adapted",
                  {},
                  {}};
  adapt.options = {{"steps", 2}, {"batch", 2}, {"phantom_images", 2}, {"threads", 1}};
  (void)adapt.run();
  const Json record = record_of(films / "adapted/finder.safetensors");
  CHECK(record.at("adapt") == 3);
  CHECK(record.at("adapt_sha256").get<std::string>().size() == 64);
  CHECK(record.at("backgrounds_sha256") == "none");
  CHECK(record.at("start") == sha256_file(films / "a/finder.safetensors"));
  CHECK(record.at("lr") == 2e-3);
  CHECK(record.at("blend") == 0.5);
  CHECK(record.at("labels") == Json{{"sure", 0.9}, {"doubtful", 0.5}, {"sides", {512, 704, 960}}});
  adapt.options["blend"] = 0.0;  // there and back
  adapt.out = films / "back";
  (void)adapt.run();
  const auto answer = [&](const char* folder) {
    const std::vector<float> grey(64 * 64, 0.5F);
    const std::vector<std::uint8_t> inside(64 * 64, 1);
    return nn::FinderNet::read(films / folder / "finder.safetensors").probabilities(grey, inside, 64, 64);
  };
  CHECK(answer("back") == answer("a"));
  CHECK(answer("adapted") != answer("a"));

  adapt.inputs.erase("weights");
  adapt.out = films / "from-own";
  (void)adapt.run();
  CHECK(record_of(films / "from-own/finder.safetensors").at("start") == nn::shipped_finder_digest());
}

TEST_CASE("a finder trained from random weights has none to stay near to") {
  const Films films;
  StageCall call = films.train("a");
  call.options["blend"] = 0.5;
  const Error error = call.failure();
  CHECK(error.code() == ErrorCode::usage);
  CHECK(std::string(error.what()).find("--blend") != std::string::npos);
}

TEST_CASE("a small cohort keeps the finder as it is, a larger one gets its own") {
  const Films films;
  StageCall adapt{stages::adapt(), {{"images", films.films()}}, films / "few", {}, {}};
  CHECK(adapt.run().at("adapted") == false);
  CHECK(sha256_file(films / "few/finder.safetensors") == nn::shipped_finder_digest());

  adapt.out = films / "many";
  adapt.options = {{"more_than", 2}, {"images", 2}, {"steps", 1}, {"threads", 1}};
  const auto summary = adapt.run();
  CHECK(summary.at("adapted") == true);
  CHECK(summary.at("record").at("adapt") == 2);
  CHECK(sha256_file(films / "many/finder.safetensors") != nn::shipped_finder_digest());
}

TEST_CASE("the learned finder has weights of its own, and broken ones are named") {
  const Films films;
  StageCall detect{stages::detect(), {{"images", films.films()}}, films / "tags", {}, {}};
  detect.options = {{"finder", "learned"}};
  CHECK(detect.run().at("images") == 3);
  write_text(films / "broken.safetensors", "no weights");
  detect.inputs["weights"] = films / "broken.safetensors";
  const Error error = detect.failure();
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("broken.safetensors") != std::string::npos);
}

}  // namespace tagconf::test
