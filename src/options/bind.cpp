#include <stdexcept>

#include "tagconf/options/field.hpp"
#include "tagconf/options/manual.hpp"

namespace tagconf::options::detail {

void fail_expected(const std::string& expected, const Json& found) {
  constexpr std::size_t kShown = 60;
  std::string text = canonical_json(found);
  if (text.size() > kShown) text = text.substr(0, kShown - 3) + "...";
  throw std::invalid_argument("expected " + expected + ", found " + text);
}

std::string describe_number(const char* noun, const std::optional<double>& low,
                            const std::optional<double>& high) {
  std::string out = noun;
  if (low && high) return out + " from " + limit_text(*low) + " to " + limit_text(*high);
  if (low) return out + " of at least " + limit_text(*low);
  if (high) return out + " of at most " + limit_text(*high);
  return out;
}

void check_range(double value, const char* noun, const std::optional<double>& low,
                 const std::optional<double>& high, const Json& found) {
  // Written so that NaN fails too.
  const bool inside = (!low || value >= *low) && (!high || value <= *high) && value == value;
  if (!inside) fail_expected(describe_number(noun, low, high), found);
}

}  // namespace tagconf::options::detail
