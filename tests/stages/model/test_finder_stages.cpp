// train-finder and detect with its weights, as stages: files, the same bytes again, resume, refusals.
#include "../ingest_pack/stage_call.hpp"
#include "tagconf/base/json_text.hpp"
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

 private:
  ScratchFolder folder_;
};

}  // namespace

TEST_CASE("a finder trained twice gives the same weights, and detect takes them") {
  const Films films;
  (void)films.train("a").run();
  (void)films.train("b").run();
  CHECK(read_text(films / "a/finder.safetensors") == read_text(films / "b/finder.safetensors"));
  const Json record = parse_json(read_text(films / "a/finder.json"), "finder.json");
  CHECK(record.at("images") == 3);
  CHECK(record.at("phantom_images") == 2);
  CHECK(record.at("start") == "random");

  StageCall detect{stages::detect(),
                   {{"images", films.films()}, {"weights", films / "a/finder.safetensors"}},
                   films / "tags",
                   {},
                   {}};
  detect.options = {{"min_score", 0.01}, {"threads", 1}};
  const auto summary = detect.run();
  CHECK(summary.at("images") == 3);
  const tags::TagTable table = tags::read_tags(films / "tags/tags.csv");
  for (const auto& id : table.images()) {
    for (const TagBox& tag : table.boxes(id)) CHECK(tag.source == TagSource::learned);
  }
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
  const Json record = parse_json(read_text(films / "adapted/finder.json"), "finder.json");
  CHECK(record.at("adapt_sha256").get<std::string>().size() == 64);
  CHECK(record.at("backgrounds_sha256") == "none");
  CHECK(record.at("start").get<std::string>().size() == 64);

  adapt.inputs.erase("weights");
  CHECK(adapt.failure().code() == ErrorCode::usage);
}

TEST_CASE("the learned finder asks for weights, and broken weights are named") {
  const Films films;
  StageCall detect{stages::detect(), {{"images", films.films()}}, films / "tags", {}, {}};
  detect.options = {{"finder", "learned"}};
  CHECK(detect.failure().code() == ErrorCode::usage);
  write_text(films / "broken.safetensors", "no weights");
  detect.inputs["weights"] = films / "broken.safetensors";
  const Error error = detect.failure();
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("broken.safetensors") != std::string::npos);
}

}  // namespace tagconf::test
