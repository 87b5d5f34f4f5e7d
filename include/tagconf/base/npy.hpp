// NumPy's .npy format 1.0, little endian, C order: what tagconf writes, numpy opens, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/files.hpp"

namespace tagconf {

enum class NpyType { uint8, uint16, float32 };
[[nodiscard]] std::size_t size_of(NpyType type);

// Writes an array whose first axis need not be known before the end. Atomic.
class NpyWriter {
 public:
  // `item_shape`: shape without the first axis.
  NpyWriter(std::filesystem::path path, NpyType type, std::vector<std::size_t> item_shape);
  ~NpyWriter();
  // Appends whole items; bytes.size() must be a multiple of the item's size.
  void append(std::span<const std::byte> bytes);
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A read-only memory map of an array. Error input, naming the file, on a broken header, another type or
// byte order, Fortran order, or a length that does not fit the shape.
class NpyMap {
 public:
  explicit NpyMap(const std::filesystem::path& path);
  ~NpyMap();
  NpyMap(NpyMap&&) noexcept;
  NpyMap& operator=(NpyMap&&) noexcept;

  [[nodiscard]] NpyType type() const;
  [[nodiscard]] const std::vector<std::size_t>& shape() const;
  [[nodiscard]] std::span<const std::byte> bytes() const;
  // Bytes of item i along the first axis.
  [[nodiscard]] std::span<const std::byte> item(std::size_t i) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagconf
