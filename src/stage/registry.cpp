#include "tagconf/stage/registry.hpp"

#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::stage {
namespace {

template <class Ports>
auto find_port(const Ports& ports, std::string_view name) -> const typename Ports::value_type* {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const auto& p) { return p.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

}  // namespace

const Stage* Registry::find(std::string_view name) const {
  const auto found =
      std::find_if(stages.begin(), stages.end(), [&](const Stage& s) { return s.info.name == name; });
  return found == stages.end() ? nullptr : &*found;
}

bool Registry::is_absent(std::string_view name) const {
  return std::find(absent.begin(), absent.end(), name) != absent.end();
}

void Registry::fail_absent(std::string_view name) const {
  throw Error(ErrorCode::environment, "stage '" + std::string(name) + "' is not available: " + absent_reason,
              absent_hint);
}

const Stage& Registry::require(std::string_view name) const {
  if (const Stage* stage = find(name)) return *stage;
  if (is_absent(name)) fail_absent(name);
  std::vector<std::string> names = absent;
  for (const auto& stage : stages) names.push_back(stage.info.name);
  throw Error(ErrorCode::usage, "no stage '" + std::string(name) + "'" + options::did_you_mean(name, names));
}

const InputPort* find_input(const StageInfo& info, std::string_view port) {
  return find_port(info.inputs, port);
}

const OutputPort* find_output(const StageInfo& info, std::string_view port) {
  return find_port(info.outputs, port);
}

}  // namespace tagconf::stage
