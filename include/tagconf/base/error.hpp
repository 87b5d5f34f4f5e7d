// The one exception type of tagconf. Any layer throws it; the app layer catches it once and turns the
// code into the process's exit code.
#pragma once

#include <exception>
#include <string>

namespace tagconf {

// Exit codes of the program (README, "Exit codes").
enum class ErrorCode : int {
  bug = 1,          // unexpected: a fault of tagconf itself
  usage = 2,        // unknown flag, missing argument
  config = 3,       // unknown key, bad value, cycle, malformed targets file
  input = 4,        // no such dataset, broken table, too many broken images
  mismatch = 5,     // verify: outside tolerance or not estimable
  failed = 6,       // non-finite loss, a stage failed under --keep-going
  busy = 7,         // locked by another run
  environment = 8,  // no such device, disk full
  incomplete = 75,  // stopped after a checkpoint; run again to go on
  interrupted = 130
};

// `message` says what and where in one line ("tags.csv:17: box outside image (x 510 + w 20 > 512)");
// `hint` says what to do about it and may be empty.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string hint = "");

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
};

// Short forms for the two kinds that most code throws.
[[noreturn]] void throw_input(std::string message, std::string hint = "");
[[noreturn]] void throw_config(std::string message, std::string hint = "");

}  // namespace tagconf
