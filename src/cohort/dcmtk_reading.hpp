// DCMTK set up once and kept silent, and values read from its data sets.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tagconf::cohort {

// Registers the JPEG and JPEG-LS decoders and turns off DCMTK's log, which quotes values. Error environment
// when its data dictionary is missing.
void set_up_dcmtk();

// A decoder that makes pixels up says so in a warning only.
class DecoderWatch {
 public:
  DecoderWatch();
  // Did a decoder complain in this thread since then?
  [[nodiscard]] bool complained() const;
  // Did it say that the stream is damaged?
  [[nodiscard]] bool saw_damage() const;
};

// The value as it stands, all components, without outer blanks; nothing when the element is absent or empty.
[[nodiscard]] std::optional<std::string> text_of(DcmItem& item, const DcmTagKey& tag);
// The same in UTF-8, by the data set's SpecificCharacterSet. What is no text in it, all but ASCII of a set
// that DCMTK's iconv lacks, and control characters are escaped as %E4 is.
[[nodiscard]] std::optional<std::string> utf8_text_of(DcmItem& item, const DcmTagKey& tag);
// Its first component. Error input naming `name` when it is no number.
[[nodiscard]] std::optional<double> number_of(DcmItem& item, const DcmTagKey& tag, const char* name);
// The 16-bit words of a US, SS or OW element, whichever it is.
[[nodiscard]] std::vector<std::uint16_t> words_of(DcmItem& item, const DcmTagKey& tag);
[[nodiscard]] std::optional<int> word_of(DcmItem& item, const DcmTagKey& tag);

// A code string (PS3.5 6.2: upper case, digits, blank, underscore; 16 characters) in upper case, else empty.
[[nodiscard]] std::string code_of(DcmItem& item, const DcmTagKey& tag);
// A UID, else empty.
[[nodiscard]] std::string uid_of(DcmItem& item, const DcmTagKey& tag);

// The grey scale that the data set asks for. `is_signed`: of the stored values.
struct GreyScale;
[[nodiscard]] GreyScale read_grey_scale(DcmItem& item, bool is_signed);

// How many bytes stand behind the preamble and meta header of a deflated file, inflated; nothing when that
// fails, or they or the file are more than `limit`. Takes no memory for them.
[[nodiscard]] std::optional<std::size_t> inflated_size(const std::filesystem::path& path, std::size_t offset,
                                                       std::size_t limit);
// These bytes; nothing when they are not `size`.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> inflate_data_set(const std::filesystem::path& path,
                                                                        std::size_t offset, std::size_t size);

}  // namespace tagconf::cohort
