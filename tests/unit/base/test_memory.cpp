// Memory that may still be taken, read from made-up machines.
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory.hpp"

using namespace tagconf;

namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

// A root folder with 8 GB (2^20 bytes and kB as the kernel counts) available.
struct Machine {
  test::ScratchFolder root;
  Machine() {
    write_text(root / "proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n");
  }
  void group(const std::string& folder, const std::string& limit, const std::string& used,
             const std::string& file) {
    const bool old = folder.starts_with("memory");
    const auto path = root / ("sys/fs/cgroup/" + folder);
    write_text(path / (old ? "memory.limit_in_bytes" : "memory.max"), limit + "\n");
    write_text(path / (old ? "memory.usage_in_bytes" : "memory.current"), used + "\n");
    write_text(path / "memory.stat",
               std::string("anon 1\n") + (old ? "total_" : "") + "inactive_file " + file + "\n");
  }
  [[nodiscard]] std::uint64_t left() const { return available_memory(root.path()).value(); }
};

}  // namespace

TEST_CASE("available memory is the machine's where no group bounds it") {
  Machine machine;
  CHECK(machine.left() == 8000000ULL * 1024);
  write_text(machine.root / "proc/self/cgroup", "0::/\n");
  CHECK(machine.left() == 8000000ULL * 1024);
  machine.group("user", "max", "4000000", "0");
  write_text(machine.root / "proc/self/cgroup", "0::/user\n");
  CHECK(machine.left() == 8000000ULL * 1024);
}

TEST_CASE("a control group's limit counts, its file pages as free, and those of the groups above") {
  Machine machine;
  write_text(machine.root / "proc/self/cgroup", "0::/user/job\n");
  machine.group("user/job", "3000000000", "1500000000", "500000000");
  CHECK(machine.left() == 2000 * kMegabyte);
  machine.group("user", "1000000000", "900000000", "0");
  CHECK(machine.left() == 100 * kMegabyte);
  machine.group("user", "1000000000", "1200000000", "0");
  CHECK(machine.left() == 0);
}

TEST_CASE("version 1 groups are read too, at the top where the host's path is not there") {
  Machine machine;
  write_text(machine.root / "proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc\n");
  machine.group("memory", "2000000000", "600000000", "100000000");
  CHECK(machine.left() == 1500 * kMegabyte);
}

TEST_CASE("nothing is known where nothing tells") {
  const test::ScratchFolder empty;
  CHECK_FALSE(available_memory(empty.path()).has_value());
}

TEST_CASE("the peak counts what was held, anew after a reset") {
  const bool resets = reset_peak_memory();
  const auto before = peak_memory();
  REQUIRE(before.has_value());
  // Mapped and not allocated: an allocator may keep what was freed, a sanitizer's does.
  constexpr std::size_t kHeld = 200 * kMegabyte;
  void* block = ::mmap(nullptr, kHeld, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(block != MAP_FAILED);
  std::memset(block, 1, kHeld);
  const auto held = peak_memory();
  ::munmap(block, kHeld);
  if (!resets) {
    CHECK(held.value() > 190 * kMegabyte);
    return;
  }
  CHECK(held.value() > *before + 190 * kMegabyte);
  CHECK(reset_peak_memory());
  CHECK(peak_memory().value() < *before + 50 * kMegabyte);
}

// A sanitizer's allocator takes no advice.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("memory that is kept costs no faults when it is asked for again, until it is released") {
  const auto faults_of_a_block = [] {
    constexpr std::size_t kBlock = 64 * kMegabyte;
    rusage before{};
    rusage after{};
    ::getrusage(RUSAGE_SELF, &before);
    void* block = std::malloc(kBlock);
    REQUIRE(block != nullptr);
    auto* bytes = static_cast<volatile char*>(block);
    for (std::size_t i = 0; i < kBlock; i += 1024) bytes[i] = 1;
    std::free(block);
    ::getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
  };
  release_freed_memory();
  keep_freed_memory();
  const auto first = faults_of_a_block();
  CHECK(first > 16);  // with pages of 2 MB: 32
  CHECK(10 * faults_of_a_block() < first);
  release_freed_memory();
  CHECK(2 * faults_of_a_block() > first);
}
#endif
