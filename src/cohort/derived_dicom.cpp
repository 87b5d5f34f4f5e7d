#include "tagconf/cohort/derived_dicom.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>

#include <fmt/format.h>

#include <algorithm>

#include "dcmtk_reading.hpp"
#include "dicom_state.hpp"
#include "pixel_copies.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::cohort {
namespace {

void check(const OFCondition& condition) {
  if (condition.bad()) throw_input("an element of it cannot be read or written again");
}

void put_text(DcmItem& item, const DcmTagKey& tag, const std::string& text) {
  check(item.putAndInsertString(DcmTag(tag), text.c_str()));
}

void put_word(DcmItem& item, const DcmTagKey& tag, int value) {
  check(item.putAndInsertUint16(DcmTag(tag), static_cast<Uint16>(value)));
}

void drop(DcmItem& item, std::initializer_list<DcmTagKey> tags) {
  for (const auto& tag : tags) (void)item.findAndDeleteElement(tag);
}

void put_code(DcmItem& item, const std::string& value, const std::string& meaning) {
  put_text(item, DCM_CodeValue, value);
  put_text(item, DCM_CodingSchemeDesignator, "DCM");
  put_text(item, DCM_CodeMeaning, meaning);
}

DcmItem& add_item(DcmItem& data, const DcmTagKey& sequence) {
  constexpr long kBehindTheLast = -2;
  DcmItem* item = nullptr;
  check(data.findOrCreateSequenceItem(DcmTag(sequence), item, kBehindTheLast));
  return *item;
}

const char* method_of(Coding coding) {
  if (coding == Coding::jpeg_ls_lossy) return "ISO_14495_1";
  return coding == Coding::jpeg_2000_lossy ? "ISO_15444_1" : "ISO_10918_1";
}

// Once lossy, always lossy (PS3.3 C.7.6.1.1.5); what the file tells of its compressions stays.
void note_loss(DcmItem& data, Coding coding, double ratio) {
  if (!is_lossy(coding)) return;
  put_text(data, DCM_LossyImageCompression, "01");
  if (data.tagExists(DCM_LossyImageCompressionRatio) || data.tagExists(DCM_LossyImageCompressionMethod))
    return;
  put_text(data, DCM_LossyImageCompressionRatio, format_fixed(ratio, 1));
  put_text(data, DCM_LossyImageCompressionMethod, method_of(coding));
}

void note_type(DcmItem& data) {
  const std::string type = text_of(data, DCM_ImageType).value_or("");
  const auto further = type.find('\\');
  put_text(data, DCM_ImageType,
           "DERIVED" + (further == std::string::npos ? "\\PRIMARY" : type.substr(further)));
}

void note_derivation(DcmItem& data, const std::string& description) {
  constexpr std::size_t kLongest = 1024;
  const auto earlier = text_of(data, DCM_DerivationDescription);
  const std::size_t room = kLongest - std::min(kLongest, description.size() + 2);
  put_text(data, DCM_DerivationDescription,
           earlier && earlier->size() <= room ? *earlier + "; " + description : description);
  put_code(add_item(data, DCM_DerivationCodeSequence), "113047", "Pixel by pixel mask");
}

void note_source(DcmItem& data, const std::string& sop_class, const std::string& instance) {
  drop(data, {DCM_SourceImageSequence});
  DcmItem& source = add_item(data, DCM_SourceImageSequence);
  put_text(source, DCM_ReferencedSOPClassUID, sop_class);
  put_text(source, DCM_ReferencedSOPInstanceUID, instance);
  put_code(add_item(source, DCM_PurposeOfReferenceCodeSequence), "121322",
           "Source image for image processing operation");
}

void put_window(DcmItem& data, const Window& window) {
  drop(data, {DCM_VOILUTFunction, DCM_WindowCenterWidthExplanation});
  put_text(data, DCM_WindowCenter, decimal_string(window.centre));
  put_text(data, DCM_WindowWidth, decimal_string(window.width));
}

// Where the file states them, since some programs take their first window from there.
void put_extremes(DcmItem& data, const PixelCells& cells, const CellLayout& layout) {
  int low = stored_value(cells.values.front(), layout);
  int high = low;
  for (const auto cell : cells.values) {
    const int value = stored_value(cell, layout);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto put = [&](const DcmTagKey& tag, int value) {
    if (!data.tagExists(tag)) return;
    drop(data, {tag});
    check(layout.is_signed ? data.putAndInsertSint16(DcmTag(tag, EVR_SS), static_cast<Sint16>(value))
                           : data.putAndInsertUint16(DcmTag(tag, EVR_US), static_cast<Uint16>(value)));
  };
  put(DCM_SmallestImagePixelValue, low);
  put(DCM_LargestImagePixelValue, high);
}

void put_pixels(DcmItem& data, const PixelCells& cells, const CellLayout& layout, int allocated) {
  put_word(data, DCM_BitsAllocated, allocated);
  put_word(data, DCM_BitsStored, layout.stored);
  put_word(data, DCM_HighBit, layout.high_bit);
  auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
  if (allocated == 8) {
    const std::vector<Uint8> bytes(cells.values.begin(), cells.values.end());
    check(pixels->setVR(EVR_OB));
    check(pixels->putUint8Array(bytes.data(), static_cast<unsigned long>(bytes.size())));
  } else {
    check(pixels->setVR(EVR_OW));
    check(pixels->putUint16Array(cells.values.data(), static_cast<unsigned long>(cells.values.size())));
  }
  check(data.insert(pixels.get(), OFTrue));
  (void)pixels.release();
}

// A file of its own, so that nothing of the old one's preamble and meta header goes along.
std::vector<std::byte> written(DcmDataset& data) {
  DcmFileFormat file(&data);
  constexpr auto kSyntax = EXS_LittleEndianExplicit;
  constexpr auto kLengths = EET_ExplicitLength;
  check(file.validateMetaInfo(kSyntax, EWM_createNewMeta));
  constexpr std::size_t kRoom = 4096;  // preamble, and whatever the estimate leaves out
  const std::size_t size = file.calcElementLength(kSyntax, kLengths);
  std::vector<std::byte> out(size + size % 2 + kRoom);
  DcmOutputBufferStream stream(out.data(), static_cast<offile_off_t>(out.size()));
  file.transferInit();
  check(file.write(stream, kSyntax, kLengths, nullptr, EGL_withoutGL, EPD_withoutPadding));
  file.transferEnd();
  out.resize(static_cast<std::size_t>(stream.filled()));
  return out;
}

// A number in hexadecimal digits, as decimal ones.
std::string decimal_of(const std::string& hex) {
  std::string digits = "0";  // the lowest first
  for (const char c : hex) {
    int carry = c <= '9' ? c - '0' : c - 'a' + 10;
    for (char& digit : digits) {
      const int value = (digit - '0') * 16 + carry;
      digit = static_cast<char>('0' + value % 10);
      carry = value / 10;
    }
    for (; carry > 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
  }
  return {digits.rbegin(), digits.rend()};
}

}  // namespace

std::string derived_uid(const std::string& edition, const std::string& uid) {
  constexpr std::size_t kDigits = 32;
  constexpr std::size_t kVersion = 12;
  constexpr std::size_t kVariant = 16;
  std::string hex = sha256_hex(edition + "\n" + uid).substr(0, kDigits);
  hex[kVersion] = '8';  // RFC 9562: made by a rule of its own
  hex[kVariant] = "89ab"[hex[kVariant] % 4];
  return "2.25." + decimal_of(hex);
}

std::string decimal_string(double value) {
  constexpr std::size_t kLongest = 16;
  std::string text = format_number(value);
  for (int digits = 16; text.size() > kLongest; --digits) text = fmt::format("{:.{}g}", value, digits);
  return text;
}

std::vector<std::byte> derive_dicom(DicomFile file, const Derivation& derivation) {
  const DicomFrame& frame = file.frame();
  DicomFile::State& state = *file.state_;
  DcmDataset& data = state.data();
  const std::string sop_class = file.sop_class();
  const DicomIds& ids = file.ids();
  if (sop_class.empty()) throw_input("has no SOPClassUID");
  if (ids.instance.empty()) throw_input("has no SOPInstanceUID");

  const double native_bytes = static_cast<double>(derivation.cells.values.size()) * state.allocated / 8;
  const double stream_bytes = static_cast<double>(std::max<std::size_t>(state.stream_bytes, 1));
  remove_pixel_copies(data);
  drop(data, {DCM_InstanceCreationDate, DCM_InstanceCreationTime});
  note_loss(data, state.coding, native_bytes / stream_bytes);
  note_type(data);
  note_derivation(data, derivation.description);
  note_source(data, sop_class, ids.instance);
  put_text(data, DCM_SOPInstanceUID, derived_uid(derivation.edition, "instance\n" + ids.instance));
  put_text(data, DCM_SeriesInstanceUID,
           derived_uid(derivation.edition, "series\n" + ids.study + "\n" + ids.series));
  if (derivation.window) put_window(data, *derivation.window);
  put_extremes(data, derivation.cells, frame.layout);
  put_pixels(data, derivation.cells, frame.layout, state.allocated);
  return written(data);
}

}  // namespace tagconf::cohort
