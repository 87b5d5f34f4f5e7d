// What a report that is passed on may name. Ids become pseudonyms, the same id always the same within one
// report; they are no anonymisation: who holds the list of ids can make them again.
#pragma once

#include <string>
#include <string_view>

namespace tagconf::report {

class Privacy {
 public:
  // `share` false: names stay. `salt`: what makes this report's pseudonyms its own.
  Privacy(bool share, std::string salt) : share_(share), salt_(std::move(salt)) {}

  [[nodiscard]] bool share() const { return share_; }
  // The id, or "#" and eight hex digits.
  [[nodiscard]] std::string name(std::string_view id) const;
  // A message about `id`: where names do not stay, the id and every word that holds a '/' or '\' is replaced.
  [[nodiscard]] std::string message(std::string_view text, std::string_view id) const;

 private:
  bool share_;
  std::string salt_;
};

}  // namespace tagconf::report
