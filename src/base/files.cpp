#include "tagconf/base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "tagconf/base/error.hpp"

namespace tagconf {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void throw_environment(const fs::path& path, const std::string& what) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(ErrorCode::environment, path.string() + ": " + what + ": " + std::strerror(error),
              full ? "free some disk space (or raise the quota or file size limit) and run again"
                   : "check that the folder exists and can be written");
}

template <class Container>
Container read_whole(const fs::path& path, std::size_t limit) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw_input(path.string() + ": is a folder, expected a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw_input(path.string() + ": " + (fs::exists(path, error) ? "cannot be read" : "no such file"),
                "check the path");
  }
  Container out;
  std::vector<char> buffer(std::size_t{1} << 16U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto count = static_cast<std::size_t>(in.gcount());
    if (count == 0) break;
    if (out.size() + count > limit) {
      throw_input(path.string() + ": larger than the limit of " + std::to_string(limit) + " bytes");
    }
    const auto old = out.size();
    out.resize(old + count);
    std::memcpy(out.data() + old, buffer.data(), count);
  }
  if (in.bad()) throw_input(path.string() + ": reading failed");
  return out;
}

}  // namespace

void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void flush_file_system(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_environment(folder, "cannot be opened");
  const bool good = ::syncfs(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!good) throw_environment(folder, "flushing to disk failed");
}

std::string read_text(const fs::path& path, std::size_t limit) {
  return read_whole<std::string>(path, limit);
}

std::vector<std::byte> read_bytes(const fs::path& path, std::size_t limit) {
  return read_whole<std::vector<std::byte>>(path, limit);
}

void write_text(const fs::path& path, std::string_view text) {
  write_bytes(path, std::as_bytes(std::span(text.data(), text.size())));
}

void write_bytes(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_private_text(const fs::path& path, std::string_view text) {
  AtomicFile file(path, 0600);
  file.write(text);
  file.commit();
}

AtomicFile::AtomicFile(fs::path path, unsigned mode) : path_(std::move(path)) {
  static std::atomic<unsigned> serial{0};
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  make_folder(folder);
  temporary_ = folder / ("." + path_.filename().string() + "." + std::to_string(::getpid()) + "." +
                         std::to_string(serial++) + ".tmp");
  descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor_ < 0) throw_environment(path_, "cannot be written");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  const std::byte* data = bytes.data();
  std::size_t left = bytes.size();
  while (left > 0) {
    const ssize_t done = ::write(descriptor_, data, left);
    if (done < 0) {
      if (errno == EINTR) continue;
      throw_environment(path_, "writing failed");
    }
    data += done;
    left -= static_cast<std::size_t>(done);
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::write_at(std::size_t offset, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t step =
        ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (step < 0) {
      if (errno == EINTR) continue;
      throw_environment(path_, "writing failed");
    }
    done += static_cast<std::size_t>(step);
  }
}

void AtomicFile::begin_flush() {
#if defined(SYNC_FILE_RANGE_WRITE)
  (void)::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) throw_environment(path_, "flushing to disk failed");
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    errno = error;
    throw_environment(path_, "cannot take its final name");
  }
  flush_folder(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw Error(ErrorCode::environment, path.string() + ": cannot make the folder: " + error.message(),
                "check that the place exists and can be written");
  }
}

fs::path resolve_below(const fs::path& root, std::string_view path, std::string_view where) {
  const fs::path relative{std::string(path)};
  const auto refuse = [&](const std::string& why) {
    throw_input(std::string(where) + ": path '" + std::string(path) + "' " + why,
                "give paths relative to the table's folder, inside it");
  };
  if (path.empty()) refuse("is empty");
  if (path.find('\0') != std::string_view::npos) refuse("holds a zero byte");
  if (relative.is_absolute()) refuse("is absolute");
  for (const auto& part : relative) {
    if (part == "..") refuse("leaves its root by '..'");
  }
  const fs::path full = root / relative;
  std::error_code error;
  const fs::path real_root = fs::weakly_canonical(root.empty() ? fs::path(".") : root, error);
  const fs::path real = fs::weakly_canonical(full, error);
  if (error) refuse("cannot be resolved: " + error.message());
  const fs::path inside = real.lexically_relative(real_root);
  if (inside.empty() || *inside.begin() == "..") refuse("leaves its root through a symbolic link");
  return full;
}

}  // namespace tagconf
