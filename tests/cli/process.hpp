// Runs the program and looks at what it says.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"

namespace tagconf::test {

struct Finished {
  int code = 0;  // exit code, or minus the signal
  std::string out;
  std::string err;
};

// A program started in a folder of its own, its output in files.
class Process {
 public:
  Process(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment = {}, const std::string& out_path = "") {
    static int serial = 0;
    const std::string stem = (folder / (".process-" + std::to_string(serial++))).string();
    out_path_ = out_path.empty() ? stem + ".out" : out_path;
    err_path_ = stem + ".err";
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int out = ::open(out_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int err = ::open(err_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int in = ::open("/dev/null", O_RDONLY);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    if (::chdir(folder.c_str()) != 0) ::_exit(99);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<std::string> words{FAKE_TAGCONF};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(98);
  }

  void signal(int number) const { ::kill(pid_, number); }

  // Waits until standard error holds the text; false when the process ended without it.
  bool says(const std::string& text) const {
    for (int i = 0; i < 6000; ++i) {
      std::error_code error;
      if (std::filesystem::exists(err_path_, error) && read_text(err_path_).find(text) != std::string::npos) {
        return true;
      }
      ::usleep(5000);
    }
    return false;
  }

  Finished wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    Finished done;
    done.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (std::filesystem::is_regular_file(out_path_)) done.out = read_text(out_path_);
    done.err = read_text(err_path_);
    return done;
  }

 private:
  pid_t pid_ = 0;
  std::string out_path_;
  std::string err_path_;
};

inline Finished run_in(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment = {}) {
  return Process(folder, arguments, environment).wait();
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tagconf::test
