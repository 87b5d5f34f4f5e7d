// What the program says while it works, on standard error. The only singleton of the project.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf {

enum class LogLevel { debug, info, warning, error, off };

template <>
struct EnumNames<LogLevel> {
  static constexpr std::array kNames{std::pair{LogLevel::debug, "debug"}, std::pair{LogLevel::info, "info"},
                                     std::pair{LogLevel::warning, "warning"},
                                     std::pair{LogLevel::error, "error"}, std::pair{LogLevel::off, "off"}};
};

void set_log_level(LogLevel level);
void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);

}  // namespace tagconf
