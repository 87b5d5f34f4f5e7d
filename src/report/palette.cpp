#include "tagconf/report/palette.hpp"

#include <array>

namespace tagconf::report {

LineStyle style_of(std::string_view name, std::size_t index) {
  const std::string_view arm = name.substr(0, name.find_first_of(".@"));
  if (arm == "original") return {"#0072B2", "", Marker::circle};
  if (arm == "covered") return {"#D55E00", "7 3", Marker::square};
  if (arm == "tags_only") return {"#009E73", "2 3", Marker::diamond};
  static const std::array<LineStyle, 4> kOthers{
      LineStyle{"#CC79A7", "9 3 2 3", Marker::triangle}, LineStyle{"#E69F00", "4 2", Marker::circle},
      LineStyle{"#56B4E9", "", Marker::square}, LineStyle{"#000000", "1 2", Marker::diamond}};
  return kOthers[index % kOthers.size()];
}

}  // namespace tagconf::report
