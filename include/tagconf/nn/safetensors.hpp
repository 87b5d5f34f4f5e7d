// The safetensors container: named arrays in one file, without code in it. An 8-byte little-endian header
// length, a JSON header (names, element types, shapes, byte ranges, text metadata), then the data.
//
// The reader is strict: every byte of the data belongs to exactly one tensor, sizes agree with shapes, no
// name occurs twice, the header starts with '{' and is at most 100 MB. Values are not judged: NaN is the
// business of whoever loads a model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"

namespace tagconf::nn {

enum class Element { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64 };

}  // namespace tagconf::nn

template <>
struct tagconf::EnumNames<tagconf::nn::Element> {
  using E = tagconf::nn::Element;
  static constexpr std::array kNames{
      std::pair{E::boolean, "BOOL"}, std::pair{E::u8, "U8"},     std::pair{E::i8, "I8"},
      std::pair{E::u16, "U16"},      std::pair{E::i16, "I16"},   std::pair{E::u32, "U32"},
      std::pair{E::i32, "I32"},      std::pair{E::u64, "U64"},   std::pair{E::i64, "I64"},
      std::pair{E::f16, "F16"},      std::pair{E::bf16, "BF16"}, std::pair{E::f32, "F32"},
      std::pair{E::f64, "F64"}};
};

namespace tagconf::nn {

[[nodiscard]] std::size_t size_of(Element element);
// "64x3x7x7"; "scalar" for an empty shape.
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

using Metadata = std::map<std::string, std::string>;

// One array: C order, little endian. `bytes` is borrowed and may be unaligned.
struct TensorView {
  std::string name;
  Element element = Element::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

// A file in memory; the views point into it.
class Safetensors {
 public:
  // Error input, naming the file and what is wrong with it.
  [[nodiscard]] static Safetensors read(const std::filesystem::path& path);
  [[nodiscard]] static Safetensors parse(std::vector<std::byte> bytes, std::string source);

  [[nodiscard]] const std::vector<TensorView>& tensors() const { return tensors_; }  // by name
  [[nodiscard]] const TensorView* find(std::string_view name) const;                 // null when absent
  [[nodiscard]] const Metadata& metadata() const { return metadata_; }
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  std::string source_;
  std::vector<std::byte> bytes_;
  std::vector<TensorView> tensors_;
  Metadata metadata_;
};

// Writes atomically. The same tensors and metadata give the same bytes, in whatever order they come.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const Metadata& metadata);

}  // namespace tagconf::nn
