#include "report_inputs.hpp"

#include <algorithm>

#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/jsonl.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stats/evaluation_set.hpp"
#include "tagconf/stats/predictions.hpp"

namespace tagconf::stages {
namespace fs = std::filesystem;
namespace {

// A file inside a folder that a port names, or the file itself.
fs::path inside(const fs::path& given, const char* file) {
  return fs::is_directory(given) ? given / file : given;
}

std::optional<double> number_at(const CsvTable& table, std::size_t row, const char* column) {
  const auto c = table.find(column);
  if (!c || table.at(row, *c).empty()) return std::nullopt;
  const auto value = parse_double(table.at(row, *c));
  if (!value)
    throw_input(table.where(row) + ": " + column + ": expected a number, found '" + table.at(row, *c) + "'");
  return value;
}

std::string text_at(const CsvTable& table, std::size_t row, const char* column) {
  const auto c = table.find(column);
  return c ? table.at(row, *c) : "";
}

std::vector<report::RocSet> read_roc(const fs::path& path) {
  const CsvTable table = read_csv(path);
  const std::size_t model = table.require("model");
  (void)table.require("fpr");
  (void)table.require("tpr");
  std::vector<report::RocSet> sets;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::string unit = text_at(table, row, "unit");
    std::string subset = text_at(table, row, "subset");
    if (unit.empty()) unit = "image";
    if (subset.empty()) subset = "all";
    auto set = std::find_if(sets.begin(), sets.end(),
                            [&](const auto& s) { return s.unit == unit && s.subset == subset; });
    if (set == sets.end()) set = sets.insert(sets.end(), {unit, subset, {}});
    auto curve = std::find_if(set->curves.begin(), set->curves.end(),
                              [&](const auto& c) { return c.first == table.at(row, model); });
    if (curve == set->curves.end()) curve = set->curves.insert(set->curves.end(), {table.at(row, model), {}});
    const auto fpr = number_at(table, row, "fpr");
    const auto tpr = number_at(table, row, "tpr");
    if (!fpr || !tpr) throw_input(table.where(row) + ": fpr or tpr is empty");
    curve->second.points.push_back({*fpr, *tpr});
    const auto low = number_at(table, row, "tpr_low");
    const auto high = number_at(table, row, "tpr_high");
    if (low && high) curve->second.band.push_back({*fpr, {*low, *high}});
  }
  return sets;
}

std::vector<report::SkippedImage> read_skipped(const std::vector<stage::NamedPath>& files) {
  std::vector<report::SkippedImage> out;
  for (const auto& file : files) {
    const CsvTable table = read_csv(file.path);
    const auto source = table.find("image_id") ? *table.find("image_id") : table.require("source");
    const std::size_t reason = table.require("reason");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      out.push_back({table.at(row, source), table.at(row, reason)});
    }
  }
  return out;
}

// To the training of that name; one without epochs stands alone.
void add_record(std::vector<report::TrainingRun>& runs, const stage::NamedPath& file) {
  const std::string source = file.path.filename().string();
  const auto record = report::parse_training_record(parse_json(read_text(file.path), source), source);
  const std::string name = file.name.empty() ? file.path.stem().string() : file.name;
  auto run = std::find_if(runs.begin(), runs.end(), [&](const auto& r) { return r.name == name; });
  if (run == runs.end()) run = runs.insert(runs.end(), {name, {}, std::nullopt});
  run->record = record;
}

bool flag_at(const CsvTable& table, std::size_t row, const char* column) {
  const std::string text = text_at(table, row, column);
  return text == "1" || text == "true";
}

CamFolder read_cams(const stage::NamedPath& input) {
  const CsvTable table = read_csv(inside(input.path, "cam.csv"));
  const std::size_t id = table.require("image_id");
  CamFolder out;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    report::CamRow r;
    r.image_id = table.at(row, id);
    r.model = text_at(table, row, "model");
    r.test_arm = text_at(table, row, "test_arm");
    r.target = text_at(table, row, "target");
    if (const auto index = number_at(table, row, "map_index")) {
      if (*index < 0 || *index > 1e15) throw_input(table.where(row) + ": map_index: out of range");
      r.map_index = static_cast<std::size_t>(*index);
    }
    r.in_tag = number_at(table, row, "in_tag");
    r.area_share = number_at(table, row, "area_share");
    r.null_mean = number_at(table, row, "null_mean");
    r.null_p = number_at(table, row, "null_p");
    r.empty = flag_at(table, row, "empty");
    out.rows.push_back(std::move(r));
  }
  out.name = input.name;
  if (out.name.empty()) out.name = out.rows.empty() ? input.path.stem().string() : out.rows.front().model;
  if (fs::is_directory(input.path) && fs::exists(input.path / "cams.npy"))
    out.maps.emplace(input.path / "cams.npy");
  return out;
}

Probabilities read_probabilities(const std::vector<stage::NamedPath>& files) {
  std::map<std::string, std::map<std::string, std::pair<double, int>>> sums;
  for (const auto& file : files) {
    const std::string name = file.name.empty() ? file.path.stem().string() : file.name;
    const stats::ModelName parsed = stats::parse_model_name(name);
    if (parsed.train_arm != parsed.test_arm) continue;
    const auto table = stats::read_predictions(file.path, name);
    auto& arm = sums[parsed.train_arm];
    for (std::size_t row = 0; row < table.probability.size(); ++row) {
      auto& [sum, n] = arm[table.image_id[row]];
      sum += table.probability[row];
      ++n;
    }
  }
  Probabilities out;
  for (const auto& [arm, images] : sums) {
    for (const auto& [id, sum] : images) out[arm][id] = sum.first / sum.second;
  }
  return out;
}

// The phantom's valid tree is what becomes the test split.
Truth read_truth(const fs::path& path) {
  Truth out;
  const fs::path file = inside(path, "truth.json");
  const Json json = parse_json(read_text(file), file.filename().string());
  const auto number = [&](const char* pointer) -> std::optional<double> {
    const Json::json_pointer at(pointer);
    if (!json.is_object() || !json.contains(at) || !json.at(at).is_number()) return std::nullopt;
    return json.at(at).get<double>();
  };
  out.ideal_auc = number("/valid/ideal_auc");
  out.ideal_auc_on_images = number("/valid/ideal_auc_on_images");
  if (fs::is_directory(path) && fs::exists(path / "tags.csv")) out.tags = tags::read_tags(path / "tags.csv");
  return out;
}

// Every file that was read, with its digest; of folders those files that a report looks at.
std::vector<report::InputDigest> digests_of(const stage::StageIo& io) {
  std::vector<report::InputDigest> out;
  for (const auto& [port, paths] : io.inputs) {
    for (const auto& input : paths) {
      std::vector<fs::path> files;
      if (!fs::is_directory(input.path)) files.push_back(input.path);
      for (const char* part : {"manifest.csv", "cam.csv", "cams.npy", "truth.json", "tags.csv"}) {
        if (fs::is_directory(input.path) && fs::is_regular_file(input.path / part))
          files.push_back(input.path / part);
      }
      for (const auto& file : files)
        out.push_back({port, input.name, file.filename().string(), sha256_file(file)});
    }
  }
  return out;
}

std::string file_name(const fs::path& path) {
  return path.filename().string();
}

}  // namespace

ReportInputs read_report_inputs(const stage::StageIo& io) {
  ReportInputs in;
  in.results = report::read_results(io.input("results"));
  if (io.has("roc")) in.roc = read_roc(io.input("roc"));
  if (io.has("manifest")) in.manifest = arms::open_images(io.input("manifest"));
  if (io.has("skipped")) in.skipped = read_skipped(io.many("skipped"));
  if (io.has("tags")) in.tags = tags::read_tags(io.input("tags"));
  for (const auto& file : io.many("epochs")) {
    if (!fs::exists(file.path)) throw_input(file.path.string() + ": no such file");
    in.training.push_back(report::read_training(file.name.empty() ? file.path.stem().string() : file.name,
                                                read_jsonl(file.path)));
  }
  for (const auto& file : io.many("records")) add_record(in.training, file);
  for (const auto& folder : io.many("cams")) in.cams.push_back(read_cams(folder));
  in.probabilities = read_probabilities(io.many("predictions"));
  if (io.has("truth")) in.truth = read_truth(io.input("truth"));
  if (io.has("verdict")) {
    const fs::path& path = io.input("verdict");
    in.verdict = report::parse_verdict(parse_json(read_text(path), file_name(path)), file_name(path));
  }
  in.digests = digests_of(io);
  return in;
}

}  // namespace tagconf::stages
