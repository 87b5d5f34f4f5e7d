#include "study_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "progress.hpp"

namespace tagconf::app {
using pipeline::State;
namespace {

std::size_t widest_name(const std::vector<pipeline::Decision>& decisions) {
  std::size_t width = 0;
  for (const auto& d : decisions) width = std::max(width, d.instance.size());
  return width;
}

bool to_be_made(const pipeline::Decision& d) {
  return d.state != State::cached;
}

std::string size_text(std::uint64_t bytes) {
  constexpr double kMega = 1e6;
  const double megabytes = static_cast<double>(bytes) / kMega;
  return megabytes >= 1000 ? fmt::format("{:.1f} GB", megabytes / 1000) : fmt::format("{:.1f} MB", megabytes);
}

Guess guess_for(const pipeline::Decision& d, const std::map<std::string, Guess>& guesses) {
  const auto found = guesses.find(d.instance);
  return found == guesses.end() ? Guess{} : found->second;
}

// Time and disk of what is to be made, as far as they are known: "  [took 3 min last time, 28.2 MB]".
std::string cost_text(const pipeline::Decision& d, const Guess& guess) {
  if (!to_be_made(d)) return "";
  std::string text;
  if (guess.seconds) {
    text = "about " + duration_text(*guess.seconds);
  } else if (d.seconds) {
    text = "took " + duration_text(*d.seconds) + " last time";
  }
  if (guess.bytes) text += (text.empty() ? "" : ", ") + size_text(*guess.bytes);
  return text.empty() ? "" : "  [" + text + "]";
}

std::string line_of(const pipeline::Decision& d, std::size_t width, const Guess& guess = {}) {
  std::string line = fmt::format("{:<{}}  {:<7}  {}", d.instance, width, name_of(d.state), d.reason);
  line += cost_text(d, guess);
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

Json change_json(const pipeline::PartChange& change) {
  return {{"part", change.label},           {"before", change.before},   {"after", change.after},
          {"from", change.source.instance}, {"changed", change.changed}, {"known", change.known}};
}

Json decision_json(const pipeline::Decision& d) {
  return {{"instance", d.instance},
          {"state", name_of(d.state)},
          {"reason", d.reason},
          {"key", d.key},
          {"seconds", d.seconds ? finite_or_null(*d.seconds) : Json(nullptr)}};
}

std::string part_line(const pipeline::PartChange& change, bool compared) {
  std::string value = change.after.empty() ? (change.known ? "(none)" : "not made yet") : change.after;
  const bool pending = !change.known && compared && !change.before.empty();
  if (change.changed || pending) value = (change.before.empty() ? "(none)" : change.before) + " -> " + value;
  std::string from;
  if (!change.source.instance.empty()) from = "  (" + change.source.instance + ")";
  if (!change.source.path.empty()) from = "  (" + change.source.path.string() + ")";
  return fmt::format("  {} {:<32}  {}{}\n", change.changed || pending ? '*' : ' ', change.label, value, from);
}

// "about 4 h 10 min and 12.3 GB" of all that is to be made; what is not known is left out, and said so.
std::string total_text(const std::vector<pipeline::Decision>& decisions,
                       const std::map<std::string, Guess>& guesses) {
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::size_t unknown = 0;
  bool any = false;
  for (const auto& d : decisions) {
    if (!to_be_made(d)) continue;
    const Guess guess = guess_for(d, guesses);
    const auto time = guess.seconds ? guess.seconds : d.seconds;
    any = any || time;
    if (!time) ++unknown;
    seconds += time.value_or(0);
    bytes += guess.bytes.value_or(0);
  }
  std::string text;
  if (any) text += ", about " + duration_text(seconds);
  if (any && unknown > 0) text += fmt::format(" without {} of unknown time", unknown);
  if (bytes > 0) text += ", " + size_text(bytes) + " of packs and models";
  return text;
}

}  // namespace

std::string plan_text(const std::vector<pipeline::Decision>& decisions,
                      const std::map<std::string, Guess>& guesses) {
  const std::size_t width = widest_name(decisions);
  std::string out;
  for (const auto& d : decisions) out += line_of(d, width, guess_for(d, guesses));
  const auto made = std::count_if(decisions.begin(), decisions.end(), to_be_made);
  return out + fmt::format("{} cached, {} to be made{}\n",
                           static_cast<std::ptrdiff_t>(decisions.size()) - made, made,
                           total_text(decisions, guesses));
}

std::string plan_json(const std::vector<pipeline::Decision>& decisions,
                      const std::map<std::string, Guess>& guesses) {
  Json list = Json::array();
  for (const auto& d : decisions) {
    const Guess guess = guess_for(d, guesses);
    Json item = decision_json(d);
    item["guess"] = {{"seconds", guess.seconds ? finite_or_null(*guess.seconds) : Json(nullptr)},
                     {"bytes", guess.bytes ? Json(*guess.bytes) : Json(nullptr)}};
    list.push_back(std::move(item));
  }
  return canonical_json({{"plan", std::move(list)}}) + "\n";
}

std::string why_text(const std::vector<pipeline::Decision>& decisions) {
  std::string out;
  for (const auto& d : decisions) {
    out += line_of(d, d.instance.size());
    const bool compared =
        std::any_of(d.changes.begin(), d.changes.end(), [](const auto& c) { return !c.before.empty(); });
    for (const auto& change : d.changes) out += part_line(change, compared);
    if (!d.key.empty()) out += fmt::format("    {:<32}  {}\n", "key", d.key);
  }
  return out;
}

std::string why_json(const std::vector<pipeline::Decision>& decisions) {
  Json list = Json::array();
  for (const auto& d : decisions) {
    Json item = decision_json(d);
    item["parts"] = Json::array();
    for (const auto& change : d.changes) item["parts"].push_back(change_json(change));
    list.push_back(std::move(item));
  }
  return canonical_json({{"why", std::move(list)}}) + "\n";
}

std::string run_text(const pipeline::RunResult& result, int cached) {
  std::string out;
  std::size_t made = 0;
  for (const auto& item : result.record.instances) {
    if (item.state == State::done) ++made;
    const bool settled = item.state == State::done || item.state == State::cached;
    const bool tells = item.stage == "evaluate" || item.stage == "verify";
    if (settled && tells && item.summary.is_object() && item.summary.contains("text")) {
      out += item.summary.at("text").get<std::string>() + "\n";
    }
  }
  out += fmt::format("{}: {} made, {} cached\n", result.record.name, made, cached);
  const auto report = result.folder / "report.html";
  std::error_code error;
  out += "results: " + result.folder.string() + "\n";
  if (std::filesystem::exists(report, error)) out += "report:  " + report.string() + "\n";
  return out;
}

std::string run_json(const pipeline::RunResult& result) {
  Json instances = Json::object();
  for (const auto& item : result.record.instances) {
    instances[item.name] = {{"state", name_of(item.state)}, {"key", item.key}, {"summary", item.summary}};
  }
  return canonical_json({{"run", result.record.name},
                         {"folder", result.folder.string()},
                         {"instances", std::move(instances)}}) +
         "\n";
}

std::string status_text(const pipeline::RunRecord& record) {
  std::string out = fmt::format("{}  {}  started {}", record.name, record.state, record.started);
  if (!record.ended.empty()) out += "  ended " + record.ended;
  out += "\n";
  std::size_t width = 0;
  for (const auto& item : record.instances) width = std::max(width, item.name.size());
  for (const auto& item : record.instances) {
    out += fmt::format("{:<{}}  {:<7}", item.name, width, name_of(item.state));
    if (item.seconds) out += "  " + duration_text(*item.seconds);
    if (!item.error.empty()) out += "  " + item.error;
    while (out.back() == ' ') out.pop_back();
    out += "\n";
  }
  return out;
}

std::string sweep_text(const pipeline::Sweep& sweep, bool dry_run) {
  std::string out;
  for (const auto& entry : sweep.removed) out += entry.string() + "\n";
  const char* verb = dry_run ? "would be removed" : "removed";
  out += fmt::format("{} entries {}, {}; {} kept\n", sweep.removed.size(), verb, size_text(sweep.bytes),
                     sweep.kept);
  return out;
}

std::string sweep_json(const pipeline::Sweep& sweep) {
  Json removed = Json::array();
  for (const auto& entry : sweep.removed) removed.push_back(entry.string());
  return canonical_json({{"removed", std::move(removed)}, {"bytes", sweep.bytes}, {"kept", sweep.kept}}) +
         "\n";
}

}  // namespace tagconf::app
