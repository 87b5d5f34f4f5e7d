#include "pixel_copies.hpp"

#include <algorithm>
#include <array>

namespace tagconf::cohort {
namespace {

// What is text or a few numbers. A representation that is not listed may be a picture.
bool is_plain(DcmEVR representation) {
  constexpr std::array kPlain{EVR_AE, EVR_AS, EVR_AT, EVR_CS, EVR_DA, EVR_DS, EVR_DT, EVR_FL, EVR_FD,
                              EVR_IS, EVR_LO, EVR_LT, EVR_PN, EVR_SH, EVR_SL, EVR_SS, EVR_ST, EVR_SV,
                              EVR_TM, EVR_UC, EVR_UI, EVR_UL, EVR_UR, EVR_US, EVR_UT, EVR_UV};
  return std::find(kPlain.begin(), kPlain.end(), representation) != kPlain.end();
}

bool is_unknown(DcmEVR representation) {
  return representation == EVR_UN || representation == EVR_UNKNOWN || representation == EVR_UNKNOWN2B;
}

DcmEVR in_dictionary(const DcmElement& element) {
  return DcmTag(element.getTag().getXTag()).getEVR();
}

// Where the file does not say, the dictionary may: many an archive writes newer attributes as unknown ones.
bool is_opaque(DcmElement& element) {
  constexpr Uint32 kLongest = 4096;
  const DcmEVR own = element.ident();
  return !is_plain(is_unknown(own) ? in_dictionary(element) : own) || element.getLength() > kLongest;
}

// Private, or not of the standard that the dictionary holds, or written as if it were not.
bool is_foreign(const DcmElement& element) {
  return element.getGTag() % 2 != 0 || is_unknown(element.ident()) || is_unknown(in_dictionary(element));
}

// Overlays, curves (where old devices drew annotations) and pixel data of any kind.
bool is_graphics(const DcmElement& element) {
  const unsigned family = element.getGTag() & 0xFF00U;
  return family == 0x5000U || family == 0x6000U || family == 0x7F00U;
}

// What describes or vouches for the pixels that were.
bool is_about_pixels(const DcmElement& element) {
  static const std::array kTags{DCM_IconImageSequence,         DCM_HistogramSequence,
                                DCM_DigitalSignaturesSequence, DCM_MACParametersSequence,
                                DCM_DataSetTrailingPadding,    DCM_SmallestPixelValueInSeries,
                                DCM_LargestPixelValueInSeries};
  return std::find(kTags.begin(), kTags.end(), element.getTag().getXTag()) != kTags.end();
}

bool must_go(DcmElement& element) {
  return is_graphics(element) || is_about_pixels(element) || (is_foreign(element) && is_opaque(element));
}

}  // namespace

void remove_pixel_copies(DcmItem& item) {
  for (unsigned long i = item.card(); i-- > 0;) {
    DcmElement* element = item.getElement(i);
    if (must_go(*element)) {
      delete item.remove(i);
    } else if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(element)) {
      for (unsigned long k = 0; k < sequence->card(); ++k) remove_pixel_copies(*sequence->getItem(k));
    }
  }
}

}  // namespace tagconf::cohort
