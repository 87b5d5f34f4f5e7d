// A second reading of DICOM files, by the tests alone: explicit little endian with explicit lengths, as both
// DicomBytes and derive_dicom write it.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace tagconf::test {

struct DicomElement {
  std::string vr;
  std::string value;
  friend bool operator==(const DicomElement&, const DicomElement&) = default;
};

// By path: "00080018", in sequences "00082112.0.00081155". A sequence itself has an entry without a value.
using DicomElements = std::map<std::string, DicomElement>;

class DicomElementReader {
 public:
  explicit DicomElementReader(const std::string& file) : bytes_(file) {
    if (bytes_.size() < 132 || bytes_.substr(128, 4) != "DICM") throw std::runtime_error("no DICOM file");
    read(132, bytes_.size(), "");
  }
  [[nodiscard]] const DicomElements& elements() const { return elements_; }

 private:
  [[nodiscard]] std::uint32_t number(std::size_t at, int size) const {
    if (at + static_cast<std::size_t>(size) > bytes_.size()) throw std::runtime_error("cut short");
    std::uint32_t out = 0;
    for (int i = 0; i < size; ++i)
      out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[at + static_cast<std::size_t>(i)]))
             << (8 * i);
    return out;
  }
  [[nodiscard]] std::string tag(std::size_t at) const {
    static constexpr const char* kDigits = "0123456789ABCDEF";
    std::string out;
    for (const auto half : {number(at, 2), number(at + 2, 2)})
      for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[half >> shift & 15U];
    return out;
  }

  void read(std::size_t at, std::size_t end, const std::string& path) {
    while (at < end) {
      const std::string name = path + tag(at);
      const std::string vr = bytes_.substr(at + 4, 2);
      const bool wide =
          std::string(" OB OD OF OL OV OW SQ SV UC UN UR UT UV ").find(" " + vr + " ") != std::string::npos;
      const std::size_t size = wide ? number(at + 8, 4) : number(at + 6, 2);
      at += wide ? 12 : 8;
      if (at + size > end) throw std::runtime_error(name + " is longer than what holds it");
      elements_[name] = {vr, vr == "SQ" ? "" : bytes_.substr(at, size)};
      if (vr == "SQ") read_items(at, at + size, name);
      at += size;
    }
  }
  void read_items(std::size_t at, std::size_t end, const std::string& path) {
    for (int i = 0; at < end; ++i) {
      if (tag(at) != "FFFEE000") throw std::runtime_error(path + ": no item");
      const std::size_t size = number(at + 4, 4);
      read(at + 8, at + 8 + size, path + "." + std::to_string(i) + ".");
      at += 8 + size;
    }
  }

  const std::string bytes_;
  DicomElements elements_;
};

[[nodiscard]] inline DicomElements dicom_elements(const std::string& file) {
  return DicomElementReader(file).elements();
}

}  // namespace tagconf::test
