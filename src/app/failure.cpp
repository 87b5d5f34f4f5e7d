#include "failure.hpp"

#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include "tagconf/base/json_text.hpp"

namespace tagconf::app {
namespace {

const char* code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::bug:
      return "bug";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::config:
      return "config";
    case ErrorCode::input:
      return "input";
    case ErrorCode::mismatch:
      return "mismatch";
    case ErrorCode::failed:
      return "failed";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::environment:
      return "environment";
    case ErrorCode::incomplete:
      return "incomplete";
    case ErrorCode::interrupted:
      return "interrupted";
  }
  return "bug";
}

bool is_environment(const std::error_code& code) {
  for (const int number : {ENOSPC, EDQUOT, EROFS, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EIO}) {
    if (code == std::error_code(number, std::generic_category())) return true;
  }
  return false;
}

Error bug(const std::string& what) {
  return {ErrorCode::bug, "unexpected: " + what,
          "this is a fault of tagconf " + std::string(TAGCONF_VERSION) +
              ": please report it with the command line, this message and the output of 'tagconf doctor'"};
}

}  // namespace

Error as_error(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return error.code() == ErrorCode::bug ? bug(error.message()) : error;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::environment, "out of memory",
            "use fewer threads, a smaller batch or smaller images, or a machine with more memory"};
  } catch (const std::system_error& error) {
    if (is_environment(error.code())) {
      return {ErrorCode::environment, error.what(), "check free space and permissions, then run again"};
    }
    return bug(error.what());
  } catch (const std::exception& error) {
    const std::string what = error.what();
    if (what.find("out of memory") != std::string::npos) {
      return {ErrorCode::environment, what.substr(0, what.find('\n')),
              "use a smaller batch or smaller images"};
    }
    return bug(what);
  } catch (...) {
    return bug("an exception of unknown type");
  }
}

std::string failure_text(const std::string& command, const Error& error, bool colour) {
  const std::string who = "tagconf" + (command.empty() ? "" : " " + command) + ":";
  std::string out = (colour ? "\x1b[1;31m" + who + "\x1b[0m" : who) + " " + error.message() + "\n";
  if (!error.hint().empty()) out += "hint: " + error.hint() + "\n";
  return out;
}

std::string failure_json(const Error& error) {
  return canonical_json({{"error",
                          {{"code", code_name(error.code())},
                           {"exit", static_cast<int>(error.code())},
                           {"message", error.message()},
                           {"hint", error.hint()}}}}) +
         "\n";
}

std::string version_text() {
  return TAGCONF_VERSION;
}

}  // namespace tagconf::app
