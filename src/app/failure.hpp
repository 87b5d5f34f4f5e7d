// Exceptions as messages and exit codes: the one place where they end.
#pragma once

#include <exception>
#include <string>

#include "tagconf/base/error.hpp"

namespace tagconf::app {

// What an exception means to the user: Error as it is; no memory and a full or unwritable disk as
// environment; all else as a bug, with the version and how to report it.
[[nodiscard]] Error as_error(const std::exception_ptr& exception);

// "tagconf mask: MESSAGE\nhint: ...\n"; with colour the command stands out.
[[nodiscard]] std::string failure_text(const std::string& command, const Error& error, bool colour);
// {"error": {"code": "usage", "exit": 2, "message": ..., "hint": ...}}
[[nodiscard]] std::string failure_json(const Error& error);

[[nodiscard]] std::string version_text();

}  // namespace tagconf::app
