#include "tagconf/base/error.hpp"

#include <utility>

namespace tagconf {

Error::Error(ErrorCode code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

void throw_input(std::string message, std::string hint) {
  throw Error(ErrorCode::input, std::move(message), std::move(hint));
}

void throw_config(std::string message, std::string hint) {
  throw Error(ErrorCode::config, std::move(message), std::move(hint));
}

}  // namespace tagconf
