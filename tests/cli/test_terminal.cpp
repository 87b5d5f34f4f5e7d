// Progress and terminal manners, with a clock of our own and in a pseudo-terminal.
#include <pty.h>

#include "catch.hpp"
#include "process.hpp"
#include "progress.hpp"
#include "terminal.hpp"

using namespace tagconf;
using namespace tagconf::app;
using tagconf::test::contains;

namespace {

struct Screen {
  double now_s = 0;
  std::string text;
  ProgressSink sink(ProgressMode mode, int width = 80) {
    return {mode, width, [this] { return now_s; }, [this](const std::string& piece) { text += piece; }};
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t start = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

Terminal terminal(bool tty, const std::map<std::string, std::string>& environment) {
  return describe_terminal(tty, 100, [&](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  });
}

// What the program shows on a terminal of a width.
std::string on_terminal(const std::vector<std::string>& arguments, int columns,
                        const std::map<std::string, std::string>& environment) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 24;
  int master = 0;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    ::unsetenv("CLICOLOR_FORCE");
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<std::string> words{FAKE_TAGCONF};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(98);
  }
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(master, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(master);
  return text;
}

}  // namespace

TEST_CASE("lines come at 1, 2, 5, 10, 20 ... percent") {
  Screen screen;
  ProgressPrinter printer("mask", screen.sink(ProgressMode::lines));
  for (std::size_t i = 1; i <= 1000; ++i) {
    screen.now_s += 0.5;
    printer.update(i, 1000, "images", "");
  }
  const auto lines = lines_of(screen.text);
  REQUIRE(lines.size() == 13);
  const std::vector<int> marks{1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i]);
    CHECK(lines[i].rfind(
              "mask  " + std::to_string(marks[i]) + " %  " + std::to_string(marks[i] * 10) + "/1000 images",
              0) == 0);
  }
  CHECK(lines.back() == "mask  100 %  1000/1000 images  2 images/s");
}

TEST_CASE("a slow stage speaks at least each minute") {
  Screen screen;
  ProgressPrinter printer("train", screen.sink(ProgressMode::lines));
  for (std::size_t i = 1; i <= 40; ++i) {
    screen.now_s += 30;
    printer.update(i, 100000, "steps", "loss 0.5");
  }
  const auto lines = lines_of(screen.text);
  CHECK(lines.size() == 19);
  CHECK(contains(lines.at(3), "train  0 %  9/100000 steps"));
  CHECK(contains(lines.at(3), "loss 0.5"));
}

TEST_CASE("a quick stage does not flood the log") {
  Screen screen;
  ProgressPrinter printer("mask", screen.sink(ProgressMode::lines));
  for (std::size_t i = 1; i <= 1000; ++i) {
    screen.now_s += 0.001;
    printer.update(i, 1000, "images", "");
  }
  CHECK(lines_of(screen.text).size() == 2);  // its first mark and its end
}

TEST_CASE("threads that report out of order do not start the count afresh") {
  Screen screen;
  ProgressPrinter printer("pack", screen.sink(ProgressMode::lines));
  for (const std::size_t done : {10, 20, 19, 21, 50, 48, 100}) {
    screen.now_s += 2;
    printer.update(done, 100, "images", "");
  }
  CHECK(lines_of(screen.text).size() == 4);
}

TEST_CASE("no time left is told before 5 % or 20 s, and a resumed stage does not flatter its rate") {
  Meter early;
  early.update(0, 0, 1000);
  early.update(2, 20, 1000);
  CHECK_FALSE(early.left_s());
  early.update(6, 60, 1000);
  REQUIRE(early.left_s());
  CHECK(*early.left_s() == Approx(94));
  Meter slow;
  slow.update(0, 0, 100000);
  slow.update(21, 21, 100000);
  CHECK(slow.left_s());
  // Taken over at 900 of 1000, ten a second: ten seconds were left, not one.
  Meter resumed;
  resumed.update(0, 900, 1000);
  resumed.update(1, 910, 1000);
  REQUIRE(resumed.rate());
  CHECK(*resumed.rate() == Approx(10));
  REQUIRE(resumed.left_s());
  CHECK(*resumed.left_s() == Approx(9));
}

TEST_CASE("recent work weighs more in the rate") {
  Meter meter;
  meter.update(0, 0, 100000);
  for (int second = 1; second <= 60; ++second)
    meter.update(second, static_cast<std::size_t>(100 * second), 100000);
  CHECK(*meter.rate() == Approx(100));
  for (int second = 61; second <= 120; ++second) {
    meter.update(second, static_cast<std::size_t>(6000 + 10 * (second - 60)), 100000);
  }
  CHECK(*meter.rate() < 13);
  CHECK(*meter.rate() >= 10);
}

TEST_CASE("durations read well") {
  CHECK(duration_text(0.4) == "0 s");
  CHECK(duration_text(59.4) == "59 s");
  CHECK(duration_text(60) == "1 min");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(3725) == "1 h 02 min");
}

TEST_CASE("JSON progress is one object a line") {
  Screen screen;
  ProgressPrinter printer("mask", screen.sink(ProgressMode::json));
  screen.now_s = 5;
  printer.update(50, 100, "images", "n");
  const Json event = parse_json(lines_of(screen.text).at(0), "line");
  CHECK(event.at("event") == "progress");
  CHECK(event.at("instance") == "mask");
  CHECK(event.at("done") == 50);
  CHECK(event.at("total") == 100);
  CHECK(event.at("left_s").is_null());
}

TEST_CASE("the bar fits its terminal and is wiped at the end") {
  for (const int width : {40, 80, 200}) {
    Screen screen;
    {
      ProgressPrinter printer("train.covered.s1", screen.sink(ProgressMode::bar, width));
      for (std::size_t i = 1; i <= 100; ++i) {
        screen.now_s += 1;
        printer.update(i, 100, "images", "epoch 7/20  loss 0.412  val AUC 0.851 (best 0.853 @5)");
      }
    }
    std::size_t start = 0;
    std::size_t bars = 0;
    for (auto end = screen.text.find("\x1b[K"); end != std::string::npos;
         end = screen.text.find("\x1b[K", start)) {
      const std::string bar = screen.text.substr(start + 1, end - start - 1);  // without the carriage return
      CHECK(bar.size() < static_cast<std::size_t>(width));
      ++bars;
      start = end + 3;
    }
    CHECK(bars == 101);
    CHECK(screen.text.substr(screen.text.size() - 4) == "\r\x1b[K");
    if (width == 200) {
      CHECK(contains(screen.text,
                     "\rtrain.covered.s1  [##########..........]  50 %  1 images/s  epoch 7/20  loss 0.412"));
      CHECK(contains(screen.text, "  ETA 50 s\x1b[K"));
    }
  }
}

TEST_CASE("what a terminal is, by its environment") {
  CHECK(terminal(true, {{"TERM", "xterm"}}).is_smart);
  CHECK(terminal(true, {{"TERM", "xterm"}}).colour);
  CHECK_FALSE(terminal(true, {{"TERM", "dumb"}}).is_smart);
  CHECK_FALSE(terminal(true, {{"TERM", "dumb"}}).colour);
  CHECK_FALSE(terminal(true, {}).is_smart);
  CHECK_FALSE(terminal(false, {{"TERM", "xterm"}}).is_smart);
  CHECK_FALSE(terminal(false, {{"TERM", "xterm"}}).colour);
  CHECK(terminal(false, {{"CLICOLOR_FORCE", "1"}}).colour);
  CHECK_FALSE(terminal(true, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}).colour);
  CHECK_FALSE(terminal(false, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}).colour);
  CHECK(terminal(true, {{"TERM", "xterm"}, {"NO_COLOR", ""}}).colour);
}

TEST_CASE("on a terminal there is a bar, elsewhere there are lines") {
  const test::ScratchFolder scratch;
  write_text(scratch / "pack/pack.npy", "x");
  const std::vector<std::string> train{"train", (scratch / "pack").string(), "--out",
                                       (scratch / "m").string()};
  const std::string shown = on_terminal(train, 60, {});
  CHECK(contains(shown, "\rtrain  [####################]  100 %"));
  CHECK(contains(shown, "\r\x1b[K"));
  const std::string dumb = on_terminal(train, 60, {{"TERM", "dumb"}});
  CHECK_FALSE(contains(dumb, "\x1b"));
  CHECK(contains(dumb, "train  33 %  1/3 epochs"));
  const auto piped = test::run_in(scratch.path(), {"train", "pack", "--out", "m"});
  CHECK_FALSE(contains(piped.err, "\x1b"));
  CHECK(contains(piped.err, "train  33 %  1/3 epochs\n"));
  CHECK(test::run_in(scratch.path(), {"train", "pack", "--out", "m", "--quiet"}).err.empty());
  CHECK(test::run_in(scratch.path(), {"train", "pack", "--out", "m", "--progress", "none"}).err.empty());
}

TEST_CASE("with --progress json a run says everything in JSON lines") {
  const test::ScratchFolder scratch;
  write_text(scratch / "demo.json", "{\"schema\": \"tagconf.run/1\", \"phantom\": {}, \"adapt\": false}");
  const auto done = test::run_in(scratch.path(), {"run", "demo.json", "--progress", "json"});
  std::size_t begun = 0;
  std::size_t ended = 0;
  for (const auto& line : lines_of(done.err)) {
    const Json event = parse_json(line, "line");
    if (event.at("event") == "begin") ++begun;
    if (event.at("event") == "end") ++ended;
  }
  CHECK(begun == 14);
  CHECK(ended == 14);
}

TEST_CASE("colour marks errors on a terminal only, and NO_COLOR wins") {
  const test::ScratchFolder scratch;
  CHECK(contains(on_terminal({"pakc"}, 80, {}), "\x1b[1;31mtagconf pakc:\x1b[0m no command"));
  CHECK_FALSE(contains(on_terminal({"pakc"}, 80, {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}), "\x1b"));
  CHECK_FALSE(contains(test::run_in(scratch.path(), {"pakc"}).err, "\x1b"));
  CHECK(contains(test::run_in(scratch.path(), {"pakc"}, {{"CLICOLOR_FORCE", "1"}}).err, "\x1b[1;31m"));
}
