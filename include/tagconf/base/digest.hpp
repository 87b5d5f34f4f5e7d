// SHA-256 of bytes and files, plain and keyed, as 64 lower-case hex digits.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tagconf {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  // Ends the computation; the object must not be used afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view text);
// HMAC-SHA256 (RFC 2104): without the key nobody can tell which text a digest belongs to.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view text);
// A new key of 256 bits as 64 hex digits, from the system's entropy: a secret, never part of a result that is
// to be made again.
[[nodiscard]] std::string new_secret();
// A digest of a secret that is slow on purpose (scrypt, RFC 7914, N 2^17, r 8, p 1: 128 MiB and some tenths
// of a second), since who reads a fast one can try every passphrase. Equal secrets have equal digests
// everywhere.
[[nodiscard]] std::string slow_digest_hex(std::string_view secret);
// Error input when the file cannot be read.
[[nodiscard]] std::string sha256_file(const std::filesystem::path& path);
// Digest of a folder: of the sorted (relative path, file digest) pairs. Independent of times and order.
[[nodiscard]] std::string sha256_tree(const std::filesystem::path& path);

}  // namespace tagconf
