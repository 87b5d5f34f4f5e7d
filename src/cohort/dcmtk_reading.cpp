#include "dcmtk_reading.hpp"

#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <span>
#include <string_view>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/utf8.hpp"
#include "tagconf/cohort/grey_scale.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace {

// Of all but pixels: a lookup table of 65536 words and some room. A longer value is not read, whatever it is.
constexpr Uint32 kLongestValue = Uint32{1} << 20U;

// Of this thread's decoders, since a watch began.
thread_local bool any_complaint = false;
thread_local bool any_damage = false;

// Takes DCMTK's messages, shows none of them, and notes those of the decoders.
class SilentAppender : public dcmtk::log4cplus::Appender {
 public:
  ~SilentAppender() override { destructorImpl(); }
  SilentAppender() = default;
  SilentAppender(const SilentAppender&) = delete;
  SilentAppender& operator=(const SilentAppender&) = delete;
  void close() override {}

 protected:
  void append(const dcmtk::log4cplus::spi::InternalLoggingEvent& event) override {
    const auto& logger = event.getLoggerName();
    if (logger.find("dcmjpeg") == OFString_npos && logger.find("dcmjpls") == OFString_npos) return;
    // The IJG library's other warnings are about headers: the pixels are whole.
    const auto& text = event.getMessage();
    const bool damaged = text.find("Corrupt") != OFString_npos || text.find("Premature") != OFString_npos;
    if (!damaged && event.getLogLevel() < dcmtk::log4cplus::ERROR_LOG_LEVEL) return;
    any_complaint = true;
    any_damage = any_damage || damaged;
  }
};

void start_dcmtk() {
  using dcmtk::log4cplus::Logger;
  OFLog::configure(OFLogger::WARN_LOG_LEVEL);
  Logger root = Logger::getRoot();
  root.removeAllAppenders();
  root.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new SilentAppender));
  DJDecoderRegistration::registerCodecs(EDC_photometricInterpretation, EUC_never);
  DJLSDecoderRegistration::registerCodecs(EJLSUC_never);
  if (!dcmDataDict.isDictionaryLoaded()) {
    throw Error(ErrorCode::environment, "DCMTK's data dictionary cannot be read",
                "install DCMTK's package whole; is DCMDICTPATH set to a place without dicom.dic?");
  }
}

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  const auto begin = std::find_if_not(text.begin(), text.end(), blank);
  text.erase(text.begin(), begin);
  return text;
}

// The same in every character set (PS3.3 C.12.1.1.2), but for those that escape sequences switch to.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// With %XX for each byte that is no UTF-8, or a control character.
std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr unsigned char kDelete = 0x7F;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < ' ' || byte == kDelete ? 0 : utf8_length(text, i);
    if (length == 0) {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
    out += text.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

// Entries of 8 bits may stand two in a word.
LookupTable read_table(DcmItem& item, bool is_signed) {
  constexpr std::size_t kFields = 3;
  const auto descriptor = words_of(item, DCM_LUTDescriptor);
  if (descriptor.size() != kFields) throw_input("a lookup table without a descriptor");
  const std::size_t entries = descriptor[0] == 0 ? 65536 : descriptor[0];
  DcmElement* element = nullptr;
  const bool own_sign =
      item.findAndGetElement(DCM_LUTDescriptor, element).good() && element->ident() == EVR_SS;
  LookupTable table;
  table.first = descriptor[1];
  if ((is_signed || own_sign) && table.first > 32767) table.first -= 65536;
  table.bits = descriptor[2];
  if (table.bits < 1 || table.bits > 16) {
    throw_input("a lookup table of " + std::to_string(table.bits) + " bits an entry");
  }
  table.output = words_of(item, DCM_LUTData);
  if (table.bits <= 8 && table.output.size() < entries && table.output.size() * 2 >= entries) {
    std::vector<std::uint16_t> bytes;
    for (const auto word : table.output) {
      bytes.push_back(word & 0xFFU);
      bytes.push_back(static_cast<std::uint16_t>(word >> 8U));
    }
    table.output = std::move(bytes);
  }
  if (table.output.size() < entries) throw_input("a lookup table is shorter than it says");
  table.output.resize(entries);
  return table;
}

std::optional<LookupTable> table_in(DcmItem& item, const DcmTagKey& sequence, bool is_signed) {
  DcmItem* first = nullptr;
  if (item.findAndGetSequenceItem(sequence, first, 0).bad() || first == nullptr) return std::nullopt;
  return read_table(*first, is_signed);
}

using Bytes = std::span<const std::uint8_t>;

// Hands on what stands in the file from the offset on, inflated, in small pieces; returns its size, or
// nothing when it is broken, cut short or more than `limit` bytes.
template <class Take>
std::optional<std::size_t> inflate_pieces(const std::filesystem::path& path, std::size_t offset,
                                          std::size_t limit, Take take) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(offset));
  z_stream stream{};
  constexpr int kRawDeflate = -15;
  if (inflateInit2(&stream, kRawDeflate) != Z_OK) return std::nullopt;
  std::array<char, 65536> packed{};
  std::array<std::uint8_t, 65536> piece{};
  std::size_t size = 0;
  int state = Z_OK;
  while (state == Z_OK && size <= limit) {
    if (stream.avail_in == 0) {
      in.read(packed.data(), packed.size());
      stream.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(in.gcount());
    }
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(piece.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t length = piece.size() - stream.avail_out;
    size += length;
    if (size <= limit) take(Bytes(piece).first(length));
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && size <= limit ? std::optional(size) : std::nullopt;
}

WindowFunction function_of(DcmItem& item) {
  const std::string word = code_of(item, DCM_VOILUTFunction);
  if (word.empty() || word == "LINEAR") return WindowFunction::linear;
  if (word == "LINEAR_EXACT") return WindowFunction::linear_exact;
  if (word == "SIGMOID") return WindowFunction::sigmoid;
  throw_input("VOILUTFunction " + word + " is unknown");
}

}  // namespace

void set_up_dcmtk() {
  static const bool started = [] {
    start_dcmtk();
    return true;
  }();
  (void)started;
}

DecoderWatch::DecoderWatch() {
  any_complaint = false;
  any_damage = false;
}

bool DecoderWatch::complained() const {
  return any_complaint;
}

bool DecoderWatch::saw_damage() const {
  return any_damage;
}

std::optional<std::string> text_of(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  OFString text;
  if (item.findAndGetElement(tag, element).bad() || element->getLengthField() > kLongestValue ||
      element->getOFStringArray(text).bad()) {
    return std::nullopt;
  }
  std::string out = trimmed(text.c_str());
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

std::optional<std::string> utf8_text_of(DcmItem& item, const DcmTagKey& tag) {
  const auto text = text_of(item, tag);
  if (!text || is_plain(*text)) return text;
  DcmSpecificCharacterSet sets;
  OFString converted;
  const OFString raw(text->data(), text->size());
  if (sets.selectCharacterSet(item).good() && sets.convertString(raw, converted, "\\").good())
    return escaped({converted.data(), converted.size()});
  return escaped(*text);
}

std::optional<double> number_of(DcmItem& item, const DcmTagKey& tag, const char* name) {
  const auto text = text_of(item, tag);
  if (!text) return std::nullopt;
  const auto value = parse_double(trimmed(text->substr(0, text->find('\\'))));
  if (!value || !std::isfinite(*value)) throw_input(std::string(name) + " is no number");
  return value;
}

std::vector<std::uint16_t> words_of(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element->getLengthField() > kLongestValue) return {};
  const std::size_t count = element->getLength() / 2;
  Uint16* words = nullptr;
  if (element->getUint16Array(words).good() && words != nullptr) return {words, words + count};
  Sint16* signed_words = nullptr;
  if (element->getSint16Array(signed_words).good() && signed_words != nullptr) {
    return {signed_words, signed_words + count};
  }
  return {};
}

std::optional<int> word_of(DcmItem& item, const DcmTagKey& tag) {
  const auto words = words_of(item, tag);
  return words.empty() ? std::nullopt : std::optional<int>(words.front());
}

std::string code_of(DcmItem& item, const DcmTagKey& tag) {
  constexpr std::size_t kLongest = 16;
  const std::string code = upper(text_of(item, tag).value_or(""));
  const bool plain = std::all_of(code.begin(), code.end(), [](unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_';
  });
  return plain && code.size() <= kLongest ? code : "";
}

std::string uid_of(DcmItem& item, const DcmTagKey& tag) {
  constexpr std::size_t kLongest = 64;
  const std::string uid = text_of(item, tag).value_or("");
  const bool plain = uid.find_first_not_of("0123456789.") == std::string::npos;
  return plain && uid.size() <= kLongest ? uid : "";
}

GreyScale read_grey_scale(DcmItem& item, bool is_signed) {
  GreyScale out;
  out.modality = table_in(item, DCM_ModalityLUTSequence, is_signed);
  out.slope = number_of(item, DCM_RescaleSlope, "RescaleSlope").value_or(1);
  out.intercept = number_of(item, DCM_RescaleIntercept, "RescaleIntercept").value_or(0);
  if (out.slope == 0) throw_input("RescaleSlope is 0");
  // Beyond that, sums and differences of pixels' values would be infinite.
  constexpr double kLargest = 1e300;
  if (std::abs(out.slope) * 65536 + std::abs(out.intercept) > kLargest) {
    throw_input("RescaleSlope or RescaleIntercept is too large");
  }
  out.voi = table_in(item, DCM_VOILUTSequence, is_signed);
  const auto centre = number_of(item, DCM_WindowCenter, "WindowCenter");
  const auto width = number_of(item, DCM_WindowWidth, "WindowWidth");
  if (centre && width) out.window = Window{*centre, *width};
  out.function = function_of(item);
  const auto sign = [&](int word) { return is_signed && word > 32767 ? word - 65536 : word; };
  if (const auto value = word_of(item, DCM_PixelPaddingValue)) {
    const int limit = word_of(item, DCM_PixelPaddingRangeLimit).value_or(*value);
    out.padding = std::minmax({sign(*value), sign(limit)});
  }
  return out;
}

std::optional<std::size_t> inflated_size(const std::filesystem::path& path, std::size_t offset,
                                         std::size_t limit) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) > limit || error) return std::nullopt;
  return inflate_pieces(path, offset, limit, [](Bytes) {});
}

std::optional<std::vector<std::uint8_t>> inflate_data_set(const std::filesystem::path& path,
                                                          std::size_t offset, std::size_t size) {
  std::vector<std::uint8_t> out;
  out.reserve(size);
  const auto found = inflate_pieces(path, offset, size,
                                    [&](Bytes piece) { out.insert(out.end(), piece.begin(), piece.end()); });
  return found == size ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace tagconf::cohort
