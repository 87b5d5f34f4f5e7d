#include "tagconf/cohort/dicom.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmjpls/djlsutil.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>
#include <span>

#include "compressed.hpp"
#include "dcmtk_reading.hpp"
#include "dicom_state.hpp"
#include "element_order.hpp"
#include "item_count.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/names.hpp"
#include "tagconf/imaging/jpeg2000.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

struct Syntax {
  std::string_view uid;
  Coding coding;
};

constexpr std::array kSyntaxes{Syntax{"1.2.840.10008.1.2", Coding::native},
                               Syntax{"1.2.840.10008.1.2.1", Coding::native},
                               Syntax{"1.2.840.10008.1.2.2", Coding::native},
                               Syntax{"1.2.840.10008.1.2.1.99", Coding::deflated},
                               Syntax{"1.2.840.10008.1.2.5", Coding::rle},
                               Syntax{"1.2.840.10008.1.2.4.50", Coding::jpeg_lossy},
                               Syntax{"1.2.840.10008.1.2.4.51", Coding::jpeg_lossy},
                               Syntax{"1.2.840.10008.1.2.4.53", Coding::jpeg_lossy},
                               Syntax{"1.2.840.10008.1.2.4.55", Coding::jpeg_lossy},
                               Syntax{"1.2.840.10008.1.2.4.57", Coding::jpeg},
                               Syntax{"1.2.840.10008.1.2.4.70", Coding::jpeg},
                               Syntax{"1.2.840.10008.1.2.4.80", Coding::jpeg_ls},
                               Syntax{"1.2.840.10008.1.2.4.81", Coding::jpeg_ls_lossy},
                               Syntax{"1.2.840.10008.1.2.4.90", Coding::jpeg_2000},
                               Syntax{"1.2.840.10008.1.2.4.91", Coding::jpeg_2000_lossy}};

constexpr std::size_t kPreamble = 128;

// A cell keeps its place in these; the other coders take and give values.
bool keeps_cells(Coding coding) {
  return coding == Coding::native || coding == Coding::deflated || coding == Coding::rle;
}

Coding coding_of(const std::string& uid) {
  if (uid.empty()) throw_input("names no transfer syntax: the file is cut short or broken");
  const auto found =
      std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const Syntax& s) { return s.uid == uid; });
  if (found == kSyntaxes.end()) throw_input("transfer syntax " + uid + " is not supported");
  return found->coding;
}

[[noreturn]] void throw_cut(const std::string& what = "the file is cut short or broken") {
  throw_input(what);
}

DicomIds read_ids(DcmItem& item) {
  const auto text = [&](const DcmTagKey& tag) { return utf8_text_of(item, tag).value_or(""); };
  return {text(DCM_PatientID), uid_of(item, DCM_StudyInstanceUID), uid_of(item, DCM_SeriesInstanceUID),
          uid_of(item, DCM_SOPInstanceUID), text(DCM_AccessionNumber)};
}

std::string overlays_of(DcmItem& item) {
  constexpr int kFirst = 0x6000;
  constexpr int kLast = 0x601E;
  constexpr Uint16 kRows = 0x0010;
  std::string out;
  for (int group = kFirst; group <= kLast; group += 2) {
    if (!item.tagExists(DcmTagKey(static_cast<Uint16>(group), kRows))) continue;
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    out += (out.empty() ? "60" : " 60");
    out += kDigits[static_cast<std::size_t>(group >> 4) & 15U];
    out += kDigits[static_cast<std::size_t>(group) & 15U];
  }
  return out;
}

// Vertical to horizontal size, where they differ.
std::string aspect_of(DcmItem& item) {
  const std::string text = text_of(item, DCM_PixelAspectRatio).value_or("");
  const auto split = text.find('\\');
  if (split == std::string::npos || text.find_first_not_of("0123456789\\ ") != std::string::npos) return "";
  const auto word = [](const std::string& part) {
    const auto begin = part.find_first_not_of(' ');
    return begin == std::string::npos ? "" : part.substr(begin, part.find_last_not_of(' ') + 1 - begin);
  };
  const std::string a = word(text.substr(0, split));
  const std::string b = word(text.substr(split + 1));
  return a == b || a.empty() || b.empty() ? "" : a + ":" + b;
}

// A maker's name: plain letters only, so that no cell of a table is more than a word.
std::string maker_of(DcmItem& item, const DcmTagKey& tag) {
  constexpr std::size_t kLongest = 64;
  const std::string name = text_of(item, tag).value_or("");
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(" .,-_/&()+").find(static_cast<char>(c)) != std::string::npos;
  });
  return plain && name.size() <= kLongest ? name : "";
}

DicomAttributes read_attributes(DcmItem& item) {
  DicomAttributes out;
  out.modality = code_of(item, DCM_Modality);
  out.body_part = code_of(item, DCM_BodyPartExamined);
  out.view = code_of(item, DCM_ViewPosition);
  out.image_laterality = code_of(item, DCM_ImageLaterality);
  out.series_laterality = code_of(item, DCM_Laterality);
  out.laterality = out.image_laterality.empty() ? out.series_laterality : out.image_laterality;
  out.burned_in = code_of(item, DCM_BurnedInAnnotation);
  out.overlays = overlays_of(item);
  out.pixel_aspect = aspect_of(item);
  out.intent = code_of(item, DCM_PresentationIntentType);
  out.manufacturer = maker_of(item, DCM_Manufacturer);
  out.model = maker_of(item, DCM_ManufacturerModelName);
  return out;
}

// MONOCHROME1 goes with INVERSE and MONOCHROME2 with IDENTITY (PS3.3 C.11.6.1.2).
bool shape_contradicts(DcmItem& item, bool inverted) {
  const std::string shape = code_of(item, DCM_PresentationLUTShape);
  return (shape == "INVERSE" && !inverted) || (shape == "IDENTITY" && inverted);
}

bool is_inverted(DcmItem& item) {
  const std::string photometric = code_of(item, DCM_PhotometricInterpretation);
  const int samples = word_of(item, DCM_SamplesPerPixel).value_or(1);
  if (photometric.empty()) throw_input("PhotometricInterpretation is missing");
  if (photometric == "MONOCHROME1" && samples == 1) return true;
  if (photometric == "MONOCHROME2" && samples == 1) return false;
  if (samples != 1 || photometric == "PALETTE COLOR" || photometric == "RGB" || photometric == "ARGB") {
    throw_input("colour (" + photometric + "): only grey images are read");
  }
  throw_input("PhotometricInterpretation " + photometric + " is unknown");
}

CellLayout read_layout(DcmItem& item, int allocated, bool lossy, bool in_place) {
  const int stored = word_of(item, DCM_BitsStored).value_or(allocated);
  if (allocated != 8 && allocated != 16) {
    throw_input("BitsAllocated " + std::to_string(allocated) + ": 8 and 16 are read");
  }
  const int high = word_of(item, DCM_HighBit).value_or(stored - 1);
  if (stored < 1 || stored > allocated || high < stored - 1 || high >= allocated) {
    throw_input("BitsAllocated " + std::to_string(allocated) + ", BitsStored " + std::to_string(stored) +
                " and HighBit " + std::to_string(high) + " contradict each other");
  }
  const int sign = word_of(item, DCM_PixelRepresentation).value_or(0);
  if (sign != 0 && sign != 1) throw_input("PixelRepresentation " + std::to_string(sign));
  return {stored, in_place ? high : stored - 1, sign == 1, lossy};
}

int dimension(DcmItem& item, const DcmTagKey& tag, const std::string& name) {
  const auto value = word_of(item, tag);
  if (!value) throw_input(name + " is missing");
  if (*value == 0) throw_input(name + " is 0");
  return *value;
}

[[noreturn]] void throw_frames(const std::string& which) {
  throw_input("several frames (" + which + "): only single images are read");
}

// Of a declared number of frames; the image has one. Returns whether it says 0.
bool check_frames(DcmItem& item) {
  const auto frames = number_of(item, DCM_NumberOfFrames, "NumberOfFrames");
  if (frames && *frames != 0 && *frames != 1) {
    throw_frames(std::to_string(static_cast<long long>(std::clamp(*frames, -1e9, 1e9))));
  }
  return frames && *frames == 0;
}

// The lengths of the fragments that hold something; the first item, the offset table, is none of them.
std::vector<std::size_t> fragment_lengths(DcmPixelSequence& sequence) {
  std::vector<std::size_t> out;
  for (unsigned long i = 1; i < sequence.card(); ++i) {
    DcmPixelItem* item = nullptr;
    if (sequence.getItem(item, i).bad() || item == nullptr || item->getLength() == 0) continue;
    out.push_back(item->getLength());
  }
  return out;
}

// Frames that no number declares: they stand in the offset table (PS3.5 A.4), or in the extended one.
void check_offsets(DcmItem& data, DcmPixelSequence& sequence) {
  constexpr std::size_t kOffset = 4;
  constexpr std::size_t kExtendedOffset = 8;
  std::size_t frames = 0;
  DcmPixelItem* table = nullptr;
  if (sequence.getItem(table, 0).good() && table != nullptr) frames = table->getLength() / kOffset;
  DcmElement* extended = nullptr;
  if (data.findAndGetElement(DCM_ExtendedOffsetTable, extended).good())
    frames = std::max<std::size_t>(frames, extended->getLengthField() / kExtendedOffset);
  if (frames > 1) throw_frames(std::to_string(frames) + " in its offset table");
}

// As JPEG and JPEG 2000 do; no fragment that goes on with a stream has these bytes.
bool begins_stream(std::span<const std::byte> fragment) {
  constexpr std::array kJpeg{std::byte{0xFF}, std::byte{0xD8}, std::byte{0xFF}};
  constexpr std::array kJpeg2000{std::byte{0xFF}, std::byte{0x4F}, std::byte{0xFF}, std::byte{0x51}};
  const auto begins = [&](const auto& word) {
    return fragment.size() >= word.size() && std::equal(word.begin(), word.end(), fragment.begin());
  };
  return begins(kJpeg) || begins(kJpeg2000);
}

// The fragments of the only frame, in one piece; the offset table left out.
std::vector<std::byte> join_fragments(DcmPixelSequence& sequence) {
  std::vector<std::byte> out;
  for (unsigned long i = 1; i < sequence.card(); ++i) {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (sequence.getItem(item, i).bad() || item == nullptr) throw_cut();
    const std::size_t length = item->getLength();
    if (length == 0) continue;
    if (item->getUint8Array(bytes).bad() || bytes == nullptr) throw_cut();
    const std::span fragment(reinterpret_cast<const std::byte*>(bytes), length);
    if (!out.empty() && begins_stream(fragment)) throw_frames("a fragment begins a stream of its own");
    out.insert(out.end(), fragment.begin(), fragment.end());
  }
  if (out.empty()) throw_input("the pixel data is empty");
  return out;
}

void check_stream_size(std::int64_t width, std::int64_t height, const DicomFrame& frame, const char* format) {
  if (width == frame.width && height == frame.height) return;
  throw_input(std::string("its ") + format + " stream is " + std::to_string(width) + " x " +
              std::to_string(height) + " pixels, the header says " + std::to_string(frame.width) + " x " +
              std::to_string(frame.height));
}

// A coder's values fill the low bits. Where the stream has more of them than BitsStored, and the header
// places these higher up, nothing tells which are the value.
void check_depth(int bits, const DicomFrame& frame, int high_bit, const char* format) {
  const int stored = frame.layout.stored;
  if (bits <= stored || high_bit == stored - 1) return;
  throw_input(std::string("its ") + format + " stream has " + std::to_string(bits) +
              " bits a pixel, which BitsStored " + std::to_string(stored) + " and HighBit " +
              std::to_string(high_bit) + " contradict");
}

std::vector<std::uint16_t> cells_of_jpeg_2000(std::span<const std::byte> stream, const DicomFrame& frame,
                                              int allocated, int high_bit) {
  const std::string where = "pixel data";
  const auto size = imaging::jpeg2000_size(stream, where);
  check_stream_size(size.width, size.height, frame, "JPEG 2000");
  if (size.components != 1) throw_input("colour: its JPEG 2000 stream has several components");
  if (size.bits > allocated || (size.is_signed && !frame.layout.is_signed)) {
    throw_input("its JPEG 2000 stream's depth or sign is not the header's");
  }
  check_depth(size.bits, frame, high_bit, "JPEG 2000");
  const auto samples = imaging::decode_jpeg2000(stream, where);
  std::vector<std::uint16_t> out(samples.size());
  std::transform(samples.begin(), samples.end(), out.begin(),
                 [](std::int32_t v) { return static_cast<std::uint16_t>(v); });
  return out;
}

}  // namespace

void DicomFile::State::open(const fs::path& path, const MakeRoom& make_room) {
  check_item_count(path);
  check_element_order(path);
  const auto name = OFFilename(path.c_str());
  // It reports an unknown transfer syntax as a broken file: the header that it has read by then tells.
  const bool good = file.loadFile(name, EXS_Unknown, EGL_noChange, DCM_MaxReadLength, ERM_metaOnly).good();
  coding = coding_of(uid_of(*file.getMetaInfo(), DCM_TransferSyntaxUID));
  if (!good) throw_cut();
  if (coding == Coding::deflated) {
    open_deflated(path, make_room);
  } else if (file.loadFile(name, EXS_Unknown, EGL_noChange, DCM_MaxReadLength, ERM_fileOnly).bad()) {
    // Long values, the pixels among them, stay in the file until they are asked for.
    throw_cut();
  }
}

// Inflated here and not by DCMTK, which sets no limit to what a small file becomes.
void DicomFile::State::open_deflated(const fs::path& path, const MakeRoom& make_room) {
  Uint32 length = 0;
  if (file.getMetaInfo()->findAndGetUint32(DCM_FileMetaInformationGroupLength, length).bad()) throw_cut();
  constexpr std::size_t kMagic = 4;
  constexpr std::size_t kGroupLength = 12;  // the element itself
  constexpr std::size_t kHeader = std::size_t{16} << 20U;
  const auto limit = static_cast<std::size_t>(limits.max_pixels) * 2 + kHeader;
  const std::size_t offset = kPreamble + kMagic + kGroupLength + length;
  const auto size = inflated_size(path, offset, limit);
  if (size && make_room) make_room(static_cast<std::int64_t>(*size));
  auto bytes = size ? inflate_data_set(path, offset, *size) : std::nullopt;
  if (!bytes) throw_cut("the deflated data is broken, cut short or larger than an image can be");
  inflated_bytes = std::move(*bytes);
  check_item_count(std::as_bytes(std::span(inflated_bytes)));
  check_element_order(std::as_bytes(std::span(inflated_bytes)));
  inflated = std::make_unique<DcmDataset>();
  DcmInputBufferStream stream;
  stream.setBuffer(inflated_bytes.data(), static_cast<offile_off_t>(inflated_bytes.size()));
  stream.setEos();
  inflated->transferInit();
  const bool good = inflated->read(stream, EXS_LittleEndianExplicit).good();
  inflated->transferEnd();
  if (!good) throw_cut();
}

DcmPixelData& DicomFile::State::pixel_data() {
  DcmElement* element = nullptr;
  if (data().findAndGetElement(DCM_PixelData, element).bad()) throw_input("has no pixel data");
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  if (pixels == nullptr) throw_input("has no pixel data");
  return *pixels;
}

DcmPixelSequence& DicomFile::State::fragments() {
  DcmPixelSequence* sequence = nullptr;
  const E_TransferSyntax syntax = data().getOriginalXfer();
  if (pixel_data().getEncapsulatedRepresentation(syntax, nullptr, sequence).bad() || sequence == nullptr) {
    throw_input("the pixel data is not compressed as the transfer syntax says");
  }
  return *sequence;
}

void DicomFile::State::read_frame() {
  DcmDataset& item = data();
  DicomFrame out;
  const bool inverted = is_inverted(item);
  if (check_frames(item)) notes.emplace_back("frames_0");
  out.height = dimension(item, DCM_Rows, "Rows");
  out.width = dimension(item, DCM_Columns, "Columns");
  allocated = word_of(item, DCM_BitsAllocated).value_or(0);
  high_bit = word_of(item, DCM_HighBit).value_or(word_of(item, DCM_BitsStored).value_or(allocated) - 1);
  out.layout = read_layout(item, allocated, is_lossy(coding), keeps_cells(coding));
  const auto pixels = static_cast<std::int64_t>(out.width) * out.height;
  const std::string size = std::to_string(out.width) + " x " + std::to_string(out.height) + " pixels";
  if (pixels > limits.max_pixels) {
    throw_input("declares " + size + ", over the limit of " + std::to_string(limits.max_pixels));
  }
  DcmPixelData& element = pixel_data();
  if (coding == Coding::native || coding == Coding::deflated) {
    const auto length = static_cast<std::int64_t>(element.getLengthField());
    const std::int64_t needed = pixels * (allocated / 8);
    if (length == 0) throw_input("the pixel data is empty");
    if (length < needed) {
      throw_input("declares " + size + " of " + std::to_string(allocated) + " bits, but its pixel data has " +
                  std::to_string(length) + " bytes of " + std::to_string(needed));
    }
    const bool longer = length > needed + needed % 2;
    if (longer && length / 2 >= needed) {
      throw_frames("its pixel data has " + std::to_string(length) + " bytes, an image of it " +
                   std::to_string(needed));
    }
    if (longer) notes.emplace_back("extra_bytes");
  } else {
    DcmPixelSequence& sequence = fragments();
    check_offsets(item, sequence);
    const auto lengths = fragment_lengths(sequence);
    // Of run lengths every frame is one fragment (PS3.5 A.4.2).
    if (coding == Coding::rle && lengths.size() > 1)
      throw_frames(std::to_string(lengths.size()) + " fragments of run lengths");
    stream_bytes = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  }
  out.scale = read_grey_scale(item, out.layout.is_signed);
  out.scale.inverted = inverted;
  if (shape_contradicts(item, inverted)) notes.emplace_back("shape_ignored");
  frame = std::move(out);
}

std::vector<std::uint16_t> DicomFile::State::native_cells() {
  DcmElement* element = nullptr;
  if (data().findAndGetElement(DCM_PixelData, element).bad()) throw_input("has no pixel data");
  const auto count = static_cast<std::size_t>(frame->width) * static_cast<std::size_t>(frame->height);
  const int depth = word_of(data(), DCM_BitsAllocated).value_or(0);
  if (element->getLength() < count * static_cast<std::size_t>(depth / 8)) throw_cut();
  if (depth == 8) {
    Uint8* bytes = nullptr;
    if (element->getUint8Array(bytes).bad() || bytes == nullptr) throw_cut();
    return {bytes, bytes + count};
  }
  Uint16* words = nullptr;
  if (depth != 16 || element->getUint16Array(words).bad() || words == nullptr) throw_cut();
  return {words, words + count};
}

void DicomFile::State::check_jpeg() {
  const auto stream = join_fragments(fragments());
  const auto size = jpeg_size(stream);
  if (!size) throw_input("its JPEG stream is cut short or broken");
  check_stream_size(size->width, size->height, *frame, "JPEG");
  if (size->components != 1) throw_input("colour: its JPEG stream has several components");
  if (size->bits > allocated) throw_input("its JPEG stream is deeper than the header says");
  check_depth(size->bits, *frame, high_bit, "JPEG");
  // Every 8 x 8 block of the Huffman coder takes a bit at the least.
  constexpr std::int64_t kPixelsPerByte = 512;
  const bool run_lengths = coding == Coding::jpeg_ls || coding == Coding::jpeg_ls_lossy;
  const auto pixels = static_cast<std::int64_t>(frame->width) * frame->height;
  if (!run_lengths && pixels / kPixelsPerByte > static_cast<std::int64_t>(stream.size())) {
    throw_input("its JPEG stream of " + std::to_string(stream.size()) + " bytes cannot hold its pixels");
  }
}

// A decoder that fails does not always say whether the stream is at fault or of a kind that it does not take.
void DicomFile::State::decode_jpeg() {
  const DecoderWatch watch;
  const OFCondition done = data().chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
  const bool no_jpeg_ls = done == EC_JLSInvalidCompressedData || done == EC_JLSTooMuchCompressedData;
  if (watch.saw_damage() || no_jpeg_ls) throw_input("its JPEG stream is damaged");
  if (done.bad() || watch.complained())
    throw_input("the decoder does not take its JPEG stream, which is damaged or of a kind that DCMTK lacks");
}

DicomFile::DicomFile(const fs::path& path, imaging::DecodeLimits limits, const MakeRoom& make_room)
    : state_(std::make_unique<State>()) {
  set_up_dcmtk();
  std::error_code error;
  if (fs::file_size(path, error) == 0 && !error) throw_input("is empty");
  if (!is_dicom(path)) throw_input("is no DICOM file, or cannot be read");
  state_->limits = limits;
  state_->open(path, make_room);
  state_->ids = read_ids(state_->data());
  state_->attributes = read_attributes(state_->data());
  const auto& a = state_->attributes;
  if (!a.image_laterality.empty() && !a.series_laterality.empty() &&
      a.image_laterality != a.series_laterality) {
    state_->notes.emplace_back("laterality_conflict");
  }
}

DicomFile::~DicomFile() = default;
DicomFile::DicomFile(DicomFile&&) noexcept = default;
DicomFile& DicomFile::operator=(DicomFile&&) noexcept = default;

const DicomIds& DicomFile::ids() const {
  return state_->ids;
}

const DicomAttributes& DicomFile::attributes() const {
  return state_->attributes;
}

const DicomNotes& DicomFile::notes() const {
  return state_->notes;
}

bool DicomFile::has_image() const {
  return state_->data().tagExists(DCM_Rows) || state_->data().tagExists(DCM_PixelData);
}

std::string DicomFile::sop_class() const {
  return uid_of(state_->data(), DCM_SOPClassUID);
}

const DicomFrame& DicomFile::frame() {
  if (!state_->frame) state_->read_frame();
  return *state_->frame;
}

PixelCells DicomFile::cells() {
  const DicomFrame& f = frame();
  const auto count = static_cast<std::size_t>(f.width) * static_cast<std::size_t>(f.height);
  PixelCells out{f.width, f.height, {}};
  switch (state_->coding) {
    case Coding::native:
    case Coding::deflated:
      out.values = state_->native_cells();
      break;
    case Coding::rle: {
      auto cells = decode_rle(join_fragments(state_->fragments()), count, state_->allocated / 8);
      if (!cells) throw_input("its run lengths do not fill the image");
      out.values = std::move(*cells);
      break;
    }
    case Coding::jpeg_2000:
    case Coding::jpeg_2000_lossy:
      out.values =
          cells_of_jpeg_2000(join_fragments(state_->fragments()), f, state_->allocated, state_->high_bit);
      break;
    case Coding::jpeg:
    case Coding::jpeg_lossy:
    case Coding::jpeg_ls:
    case Coding::jpeg_ls_lossy: {
      state_->check_jpeg();
      state_->decode_jpeg();
      out.values = state_->native_cells();
      break;
    }
  }
  return out;
}

bool is_dicom(const fs::path& path) {
  std::array<char, kPreamble + 4> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  return in.gcount() == static_cast<std::streamsize>(start.size()) &&
         std::string_view(start.data() + kPreamble, 4) == "DICM";
}

}  // namespace tagconf::cohort
