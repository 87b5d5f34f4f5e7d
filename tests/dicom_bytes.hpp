// Small DICOM files made by the tests, byte by byte: explicit little endian, elements in the order of their
// tags.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tagconf::test {

class DicomBytes {
 public:
  // A grey image of 4 x 3 pixels, 12 of 16 bits, values 0, 100, 200 ...
  DicomBytes() {
    text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.1");
    text(0x00080018, "UI", "1.2.3.1");
    text(0x00080060, "CS", "CR");
    text(0x00100020, "LO", "P1");
    text(0x0020000D, "UI", "1.2.3.4");
    text(0x0020000E, "UI", "1.2.3.5");
    word(0x00280002, 1);
    text(0x00280004, "CS", "MONOCHROME2");
    word(0x00280010, 3);
    word(0x00280011, 4);
    word(0x00280100, 16);
    word(0x00280101, 12);
    word(0x00280102, 11);
    word(0x00280103, 0);
    std::vector<std::uint16_t> ramp;
    for (int i = 0; i < 12; ++i) ramp.push_back(static_cast<std::uint16_t>(100 * i));
    words(0x7FE00010, "OW", ramp);
  }

  DicomBytes& text(std::uint32_t tag, const std::string& vr, std::string value) {
    if (value.size() % 2 != 0) value += vr == "UI" ? '\0' : ' ';
    elements_[tag] = {vr, std::move(value)};
    return *this;
  }
  DicomBytes& word(std::uint32_t tag, std::uint16_t value) { return words(tag, "US", {value}); }
  DicomBytes& words(std::uint32_t tag, const std::string& vr, const std::vector<std::uint16_t>& values) {
    std::string bytes;
    for (const auto v : values) bytes += number(v, 2);
    elements_[tag] = {vr, bytes};
    return *this;
  }
  DicomBytes& drop(std::uint32_t tag) {
    elements_.erase(tag);
    return *this;
  }
  // A sequence of one item; its elements are those that `item` adds to an empty set.
  template <class Fill>
  DicomBytes& sequence(std::uint32_t tag, Fill fill) {
    DicomBytes item;
    item.elements_.clear();
    fill(item);
    const std::string content = item.data_set();
    elements_[tag] = {"SQ", number(0xFFFE, 2) + number(0xE000, 2) +
                                number(static_cast<std::uint32_t>(content.size()), 4) + content};
    return *this;
  }
  // Pixel data in fragments, under a compressed transfer syntax, behind an offset table of so many entries.
  DicomBytes& fragments(const std::string& syntax, const std::vector<std::string>& pieces,
                        std::size_t offsets = 0) {
    syntax_ = syntax;
    fragments_ = pieces;
    offsets_ = std::string(4 * offsets, '\0');
    return *this;
  }
  DicomBytes& syntax(const std::string& uid) {
    syntax_ = uid;
    return *this;
  }

  [[nodiscard]] std::string file() const {
    std::string uid = syntax_;
    if (uid.size() % 2 != 0) uid += '\0';
    const std::string meta = element(0x00020010, "UI", uid);
    return std::string(128, '\0') + "DICM" +
           element(0x00020000, "UL", number(static_cast<std::uint32_t>(meta.size()), 4)) + meta + data_set();
  }

 private:
  static std::string number(std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
    return out;
  }
  static std::string element(std::uint32_t tag, const std::string& vr, const std::string& value) {
    const bool wide = vr == "OD" || vr == "OV" || vr == "OW" || vr == "OB" || vr == "SQ" || vr == "UN";
    const auto size = static_cast<std::uint32_t>(value.size());
    return number(tag >> 16U, 2) + number(tag & 0xFFFFU, 2) + vr +
           (wide ? std::string(2, '\0') + number(size, 4) : number(size, 2)) + value;
  }
  [[nodiscard]] std::string data_set() const {
    std::string out;
    for (const auto& [tag, content] : elements_) {
      if (tag == 0x7FE00010 && !fragments_.empty()) continue;
      out += element(tag, content.first, content.second);
    }
    if (fragments_.empty()) return out;
    out += number(0x7FE0, 2) + number(0x0010, 2) + "OB" + std::string(2, '\0') + number(0xFFFFFFFF, 4);
    const auto item = [](const std::string& bytes) {
      return number(0xFFFE, 2) + number(0xE000, 2) + number(static_cast<std::uint32_t>(bytes.size()), 4) +
             bytes;
    };
    out += item(offsets_);
    for (const auto& piece : fragments_) out += item(piece);
    return out + number(0xFFFE, 2) + number(0xE0DD, 2) + number(0, 4);
  }

  std::string syntax_ = "1.2.840.10008.1.2.1";
  std::map<std::uint32_t, std::pair<std::string, std::string>> elements_;
  std::vector<std::string> fragments_;
  std::string offsets_;
};

}  // namespace tagconf::test
