#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tagconf::app {
namespace {

constexpr double kRedraw_s = 0.1;
constexpr double kLine_s = 60;
constexpr double kLeastBetweenLines_s = 1;  // a stage of seconds needs no dozen lines
constexpr double kEtaAfter_s = 20;
constexpr double kEtaAfterFraction = 0.05;
constexpr double kRateMemory_s = 15;  // after so long an old rate weighs 1/e
constexpr double kRateStep_s = 0.5;

// Which of the marks 1, 2, 5, 10, 20 ... 100 % has been passed; -1 before the first.
int step_of(double fraction) {
  constexpr std::array<int, 13> kMarks{1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
  const double percent = 100 * fraction + 1e-9;
  int step = -1;
  for (const int mark : kMarks) {
    if (percent >= mark) ++step;
  }
  return step;
}

// Cuts to a width counted in characters (UTF-8 continuation bytes do not count).
std::string fitted(const std::string& text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (characters++ == width) return text.substr(0, i);
  }
  return text;
}

std::string rate_text(const std::optional<double>& rate, const std::string& unit) {
  if (!rate || *rate <= 0) return "";
  return *rate >= 10 ? fmt::format("  {:.0f} {}/s", *rate, unit) : fmt::format("  {:.2g} {}/s", *rate, unit);
}

std::string left_text(const Meter& meter) {
  const auto left = meter.left_s();
  return left ? "  ETA " + duration_text(*left) : "";
}

// Threads report out of order: a little less done than before is no new beginning.
bool starts_afresh(std::size_t done_before, std::size_t total_before, std::size_t done, std::size_t total) {
  return total != total_before || 2 * done < done_before;
}

std::string note_text(const std::string& note) {
  return note.empty() ? "" : "  " + note;
}

}  // namespace

void Meter::update(double now_s, std::size_t done, std::size_t total) {
  if (starts_afresh(done_, total_, done, total)) {
    *this = Meter{};
    first_ = last_done_ = done;
    total_ = total;
    start_s_ = last_s_ = now_s;
  }
  now_s_ = now_s;
  done_ = std::max(done_, done);
  const double elapsed = now_s - last_s_;
  if (elapsed < kRateStep_s || done <= last_done_) return;
  const double latest = static_cast<double>(done - last_done_) / elapsed;
  const double keep = rate_ ? std::exp(-elapsed / kRateMemory_s) : 0.0;
  rate_ = keep * rate_.value_or(0) + (1 - keep) * latest;
  last_s_ = now_s;
  last_done_ = done;
}

double Meter::fraction() const {
  return total_ == 0 ? 0 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
}

std::optional<double> Meter::left_s() const {
  if (!rate_ || *rate_ <= 0 || done_ >= total_) return std::nullopt;
  const double own =
      static_cast<double>(done_ - first_) / static_cast<double>(std::max<std::size_t>(1, total_ - first_));
  if (own < kEtaAfterFraction && now_s_ - start_s_ < kEtaAfter_s) return std::nullopt;
  return static_cast<double>(total_ - done_) / *rate_;
}

std::string duration_text(double seconds) {
  const auto s = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600)
    return s % 60 == 0 ? fmt::format("{} min", s / 60) : fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

ProgressPrinter::ProgressPrinter(std::string label, ProgressSink sink)
    : label_(std::move(label)), sink_(std::move(sink)) {}

ProgressPrinter::~ProgressPrinter() {
  if (bar_shown_) sink_.write("\r\x1b[K");
}

void ProgressPrinter::update(std::size_t done, std::size_t total, const std::string& unit,
                             const std::string& note) {
  if (sink_.mode == ProgressMode::none || sink_.mode == ProgressMode::automatic) return;
  const std::lock_guard lock(guard_);
  const double now = sink_.now_s();
  if (!started_ || starts_afresh(last_done_, last_total_, done, total)) {
    last_step_ = -1;
    last_done_ = 0;
    if (!started_) last_shown_s_ = now - kLeastBetweenLines_s;
    started_ = true;
  } else if (done < last_done_) {
    return;
  }
  last_total_ = total;
  last_done_ = done;
  meter_.update(now, done, total);
  if (sink_.mode == ProgressMode::bar) {
    if (now - last_shown_s_ < kRedraw_s && done < total) return;
    sink_.write("\r" + bar_text(done, unit, note) + "\x1b[K");
    bar_shown_ = true;
    last_shown_s_ = now;
    return;
  }
  const int step = total == 0 ? -1 : step_of(meter_.fraction());
  const double quiet = now - last_shown_s_;
  if (step <= last_step_ && quiet < kLine_s) return;
  if (quiet < kLeastBetweenLines_s && done < total) return;
  last_step_ = std::max(step, last_step_);
  last_shown_s_ = now;
  const bool json = sink_.mode == ProgressMode::json;
  sink_.write((json ? json_text(done, total, unit, note) : line_text(done, total, unit, note)) + "\n");
}

std::string ProgressPrinter::bar_text(std::size_t done, const std::string& unit,
                                      const std::string& note) const {
  constexpr std::size_t kBar = 20;
  const double fraction = meter_.fraction();
  std::string text = label_;
  if (last_total_ > 0) {
    const auto full = static_cast<std::size_t>(fraction * static_cast<double>(kBar) + 1e-9);
    text += "  [" + std::string(full, '#') + std::string(kBar - full, '.') + "]";
    text += fmt::format("  {:.0f} %", std::floor(100 * fraction + 1e-9));
  } else {
    text += fmt::format("  {} {}", done, unit);
  }
  text += rate_text(meter_.rate(), unit) + note_text(note) + left_text(meter_);
  return fitted(text, static_cast<std::size_t>(std::max(10, sink_.width - 1)));
}

std::string ProgressPrinter::line_text(std::size_t done, std::size_t total, const std::string& unit,
                                       const std::string& note) const {
  std::string text = label_;
  if (total > 0) {
    text +=
        fmt::format("  {:.0f} %  {}/{} {}", std::floor(100 * meter_.fraction() + 1e-9), done, total, unit);
  } else {
    text += fmt::format("  {} {}", done, unit);
  }
  return text + rate_text(meter_.rate(), unit) + note_text(note) + left_text(meter_);
}

std::string ProgressPrinter::json_text(std::size_t done, std::size_t total, const std::string& unit,
                                       const std::string& note) const {
  const auto left = meter_.left_s();
  return canonical_json({{"event", "progress"},
                         {"instance", label_},
                         {"done", done},
                         {"total", total},
                         {"unit", unit},
                         {"note", note},
                         {"left_s", left ? Json(std::round(*left)) : Json(nullptr)}});
}

}  // namespace tagconf::app
