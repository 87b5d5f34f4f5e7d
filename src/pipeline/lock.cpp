#include "tagconf/pipeline/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "clock.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/log.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFile = "LOCK";

// Field 22 of /proc/PID/stat: clock ticks from boot to the process's start; empty for a process that is gone
// or has ended and only waits for its parent to notice.
std::string process_start(std::int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto end_of_name = text.rfind(')');  // the name may hold spaces
  if (end_of_name == std::string::npos) return "";
  std::istringstream fields(text.substr(end_of_name + 1));
  std::string field;
  if (text.compare(end_of_name + 1, 2, " Z") == 0) return "";
  constexpr int kStartField = 20;  // counted behind the name
  for (int i = 0; i < kStartField; ++i) fields >> field;
  return field;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// While one process looks at a lock and decides, no other on this host does: without this, two could take
// over the same dead lock. The kernel drops it with the process.
class Deciding {
 public:
  explicit Deciding(const fs::path& entry)
      : descriptor_(::open(entry.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~Deciding() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Deciding(const Deciding&) = delete;
  Deciding& operator=(const Deciding&) = delete;

 private:
  int descriptor_;
};

double seconds_since_beat(const fs::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return 0;
  return std::difftime(std::time(nullptr), info.st_mtime);
}

void write_lock(const fs::path& file, const LockHolder& holder) {
  write_text(file, canonical_json({{"host", holder.host},
                                   {"pid", holder.pid},
                                   {"process_start", holder.process_start},
                                   {"since", holder.since},
                                   {"token", holder.token}}) +
                       "\n");
}

std::string description(const LockHolder& holder) {
  return fmt::format("process {} on {} since {}", holder.pid, holder.host, holder.since);
}

}  // namespace

struct EntryLock::State {
  fs::path file;
  LockHolder holder;
  std::mutex guard;
  std::condition_variable wake;
  bool ending = false;
  std::thread heart;

  void beat(std::chrono::milliseconds every) {
    std::unique_lock lock(guard);
    while (!wake.wait_for(lock, every, [this] { return ending; })) {
      ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
    }
  }
};

LockHolder this_process() {
  static thread_local std::random_device entropy;
  LockHolder self;
  self.host = host_name();
  self.pid = ::getpid();
  self.process_start = process_start(self.pid);
  self.since = utc_now();
  self.token = fmt::format("{:08x}{:08x}", entropy(), entropy());
  return self;
}

bool is_dead(const LockHolder& holder) {
  if (holder.host != host_name()) return false;
  if (::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH) return true;
  // The number may have been given to another process meanwhile.
  return process_start(holder.pid) != holder.process_start;
}

std::optional<LockHolder> lock_holder(const fs::path& entry) {
  const fs::path file = entry / kFile;
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  LockHolder holder;
  try {
    const Json text = parse_json(read_text(file), file.string());
    holder.host = text.at("host").get<std::string>();
    holder.pid = text.at("pid").get<std::int64_t>();
    holder.process_start = text.at("process_start").get<std::string>();
    holder.since = text.at("since").get<std::string>();
    holder.token = text.at("token").get<std::string>();
  } catch (const std::exception&) {
    if (!fs::exists(file, error)) return std::nullopt;  // released while we read
    holder.host = "an unknown host (its LOCK cannot be read)";
  }
  return holder;
}

EntryLock EntryLock::acquire(const fs::path& entry, const LockRules& rules) {
  make_folder(entry);
  const Deciding deciding(entry);
  const fs::path file = entry / kFile;
  if (const auto holder = lock_holder(entry)) {
    const bool here = holder->host == host_name();
    if (is_dead(*holder)) {
      log_warning("the process that worked on " + entry.string() + " has ended (" + description(*holder) +
                  "): taking over");
    } else if (!here && rules.steal) {
      log_warning("taking over " + entry.string() + " from " + description(*holder));
    } else {
      throw Error(ErrorCode::busy,
                  fmt::format("{} is being made by {}, last seen {:.0f} s ago", entry.string(),
                              description(*holder), seconds_since_beat(file)),
                  here ? "wait for it and run again" : "wait for it, or use --steal if that machine is gone");
    }
  }
  auto state = std::make_unique<State>();
  state->file = file;
  state->holder = this_process();
  write_lock(file, state->holder);
  state->heart = std::thread([raw = state.get(), every = rules.beat] { raw->beat(every); });
  return EntryLock(std::move(state));
}

EntryLock::EntryLock(std::unique_ptr<State> state) : state_(std::move(state)) {}
EntryLock::EntryLock(EntryLock&&) noexcept = default;

EntryLock::~EntryLock() {
  if (!state_) return;
  {
    const std::lock_guard lock(state_->guard);
    state_->ending = true;
  }
  state_->wake.notify_all();
  state_->heart.join();
  std::error_code ignored;
  const Deciding deciding(state_->file.parent_path());
  if (held()) fs::remove(state_->file, ignored);
}

bool EntryLock::held() const {
  const auto holder = lock_holder(state_->file.parent_path());
  return holder && holder->token == state_->holder.token;
}

}  // namespace tagconf::pipeline
