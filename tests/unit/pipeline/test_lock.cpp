// Locks: dead holders, live ones, other hosts, heartbeat.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/pipeline/lock.hpp"

using namespace tagconf;
using namespace tagconf::pipeline;

namespace {

void sign(const std::filesystem::path& entry, const LockHolder& holder) {
  write_text(entry / "LOCK", canonical_json({{"host", holder.host},
                                             {"pid", holder.pid},
                                             {"process_start", holder.process_start},
                                             {"since", holder.since},
                                             {"token", holder.token}}));
}

std::string refusal(const std::filesystem::path& entry, const LockRules& rules = {}) {
  try {
    const auto lock = EntryLock::acquire(entry, rules);
    return "taken";
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
    return error.message();
  }
}

}  // namespace

TEST_CASE("a lock is held, refused to others, and released") {
  const test::ScratchFolder scratch;
  const auto entry = scratch / "entry";
  {
    const auto lock = EntryLock::acquire(entry, {});
    CHECK(lock.held());
    CHECK(lock_holder(entry)->pid == ::getpid());
    CHECK(refusal(entry).find("is being made by process " + std::to_string(::getpid())) != std::string::npos);
  }
  CHECK_FALSE(lock_holder(entry));
  CHECK(refusal(entry) == "taken");
}

TEST_CASE("the lock of a process that has ended is taken over") {
  set_log_level(LogLevel::error);
  const test::ScratchFolder scratch;
  const auto entry = scratch / "entry";
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = EntryLock::acquire(entry, {});
    ::kill(::getpid(), SIGKILL);  // no destructor runs
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(lock_holder(entry)->pid == child);
  CHECK(is_dead(*lock_holder(entry)));
  CHECK(refusal(entry) == "taken");
}

TEST_CASE("a process number that was given to another process does not keep a lock") {
  set_log_level(LogLevel::error);
  const test::ScratchFolder scratch;
  LockHolder self = this_process();
  self.process_start = "1";
  sign(scratch.path(), self);
  CHECK(is_dead(self));
  CHECK(refusal(scratch.path()) == "taken");
}

TEST_CASE("another host's lock needs --steal, and its holder notices") {
  set_log_level(LogLevel::error);
  const test::ScratchFolder scratch;
  LockHolder other = this_process();
  other.host = "elsewhere";
  sign(scratch.path(), other);
  CHECK_FALSE(is_dead(other));
  CHECK(refusal(scratch.path()).find("on elsewhere since") != std::string::npos);
  CHECK(refusal(scratch.path(), {.steal = true}) == "taken");

  auto lock = EntryLock::acquire(scratch.path(), {});
  sign(scratch.path(), other);
  CHECK_FALSE(lock.held());
}

TEST_CASE("an unreadable lock keeps others out until it is stolen") {
  set_log_level(LogLevel::error);
  const test::ScratchFolder scratch;
  write_text(scratch / "LOCK", "{");
  CHECK(refusal(scratch.path()).find("unknown host") != std::string::npos);
  CHECK(refusal(scratch.path(), {.steal = true}) == "taken");
}

TEST_CASE("the holder's heart beats") {
  const test::ScratchFolder scratch;
  const auto lock = EntryLock::acquire(scratch.path(), {.beat = std::chrono::milliseconds(5)});
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(scratch / "LOCK", long_ago);
  for (int i = 0; i < 1000 && std::filesystem::last_write_time(scratch / "LOCK") == long_ago; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(std::filesystem::last_write_time(scratch / "LOCK") > long_ago);
}

TEST_CASE("of many processes one gets the lock of a dead one") {
  set_log_level(LogLevel::error);
  const test::ScratchFolder scratch;
  LockHolder dead = this_process();
  dead.process_start = "1";
  sign(scratch.path(), dead);
  int gate[2];
  REQUIRE(::pipe(gate) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      char byte = 0;
      ::close(gate[1]);
      static_cast<void>(!::read(gate[0], &byte, 1));  // until the parent opens the gate
      int code = 1;
      try {
        auto lock = EntryLock::acquire(scratch.path(), {});
        write_text(scratch / ("got-" + std::to_string(::getpid())), "");
        ::usleep(300000);
        code = 0;
      } catch (const Error&) {
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  int winners = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) ++winners;
  }
  CHECK(winners == 1);
}
