// Progress on the terminal: a bar that redraws itself, whole lines, or JSON lines.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "tagconf/base/names.hpp"
#include "tagconf/stage/stage.hpp"

namespace tagconf::app {

enum class ProgressMode { automatic, bar, lines, json, none };

}  // namespace tagconf::app

template <>
struct tagconf::EnumNames<tagconf::app::ProgressMode> {
  static constexpr std::array kNames{std::pair{tagconf::app::ProgressMode::automatic, "auto"},
                                     std::pair{tagconf::app::ProgressMode::bar, "bar"},
                                     std::pair{tagconf::app::ProgressMode::lines, "lines"},
                                     std::pair{tagconf::app::ProgressMode::json, "json"},
                                     std::pair{tagconf::app::ProgressMode::none, "none"}};
};

namespace tagconf::app {

// Time left, from a rate in which recent work weighs more. Counts from the first update on, so that work
// taken over from an earlier run does not flatter the rate.
class Meter {
 public:
  // `now_s` in seconds of any steady clock. A new total, or less done than before, starts afresh.
  void update(double now_s, std::size_t done, std::size_t total);

  [[nodiscard]] double fraction() const;
  // Units a second; nullopt before two updates at different times.
  [[nodiscard]] std::optional<double> rate() const { return rate_; }
  // Seconds left; nullopt before 5 % of the remaining work or 20 s.
  [[nodiscard]] std::optional<double> left_s() const;

 private:
  std::size_t first_ = 0;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  double start_s_ = 0;
  double last_s_ = 0;
  std::size_t last_done_ = 0;
  double now_s_ = 0;
  std::optional<double> rate_;
};

// "45 s", "3 min 20 s", "1 h 02 min".
[[nodiscard]] std::string duration_text(double seconds);

struct ProgressSink {
  ProgressMode mode = ProgressMode::lines;  // automatic is resolved by the caller
  int width = 80;
  std::function<double()> now_s;
  std::function<void(const std::string&)> write;
};

// The progress of one stage under a label ("mask", "train.covered.s1"). Lines come at 1, 2, 5, 10, 20 ... %
// and at least each 60 s. Safe to call from several threads.
class ProgressPrinter : public stage::Progress {
 public:
  ProgressPrinter(std::string label, ProgressSink sink);
  ~ProgressPrinter() override;  // wipes the bar

  void update(std::size_t done, std::size_t total, const std::string& unit, const std::string& note) override;

 private:
  [[nodiscard]] std::string bar_text(std::size_t done, const std::string& unit,
                                     const std::string& note) const;
  [[nodiscard]] std::string line_text(std::size_t done, std::size_t total, const std::string& unit,
                                      const std::string& note) const;
  [[nodiscard]] std::string json_text(std::size_t done, std::size_t total, const std::string& unit,
                                      const std::string& note) const;

  std::mutex guard_;
  std::string label_;
  ProgressSink sink_;
  Meter meter_;
  bool started_ = false;
  bool bar_shown_ = false;
  double last_shown_s_ = 0;
  int last_step_ = -1;
  std::size_t last_total_ = 0;
  std::size_t last_done_ = 0;
};

}  // namespace tagconf::app
