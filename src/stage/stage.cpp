#include "tagconf/stage/stage.hpp"

#include "tagconf/base/error.hpp"

namespace tagconf::stage {

bool StageIo::has(const std::string& port) const {
  const auto found = inputs.find(port);
  return found != inputs.end() && !found->second.empty();
}

const std::filesystem::path& StageIo::input(const std::string& port) const {
  if (!has(port)) throw Error(ErrorCode::usage, "input '" + port + "' was not given", "see --help");
  return inputs.at(port).front().path;
}

const std::vector<NamedPath>& StageIo::many(const std::string& port) const {
  static const std::vector<NamedPath> none;
  const auto found = inputs.find(port);
  return found == inputs.end() ? none : found->second;
}

const std::filesystem::path& StageIo::output(const std::string& port) const {
  const auto found = outputs.find(port);
  if (found == outputs.end()) throw Error(ErrorCode::bug, "output '" + port + "' is not declared");
  return found->second;
}

bool keeps_checkpoint(ErrorCode code) {
  return code != ErrorCode::input && code != ErrorCode::usage && code != ErrorCode::config;
}

}  // namespace tagconf::stage
