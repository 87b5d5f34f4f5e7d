#include "tagconf/report/privacy.hpp"

#include "tagconf/base/digest.hpp"

namespace tagconf::report {

std::string Privacy::name(std::string_view id) const {
  if (!share_) return std::string(id);
  return "#" + sha256_hex(salt_ + "\n" + std::string(id)).substr(0, 8);
}

std::string Privacy::message(std::string_view text, std::string_view id) const {
  std::string out(text);
  if (!share_) return out;
  if (!id.empty()) {
    const std::string replacement = name(id);
    for (std::size_t at = out.find(id); at != std::string::npos; at = out.find(id, at + replacement.size())) {
      out.replace(at, id.size(), replacement);
    }
  }
  std::string cleaned;
  for (std::size_t i = 0; i < out.size();) {
    std::size_t end = out.find(' ', i);
    if (end == std::string::npos) end = out.size();
    const std::string word = out.substr(i, end - i);
    cleaned += word.find_first_of("/\\") == std::string::npos ? word : "(path)";
    if (end < out.size()) cleaned += ' ';
    i = end + 1;
  }
  return cleaned;
}

}  // namespace tagconf::report
