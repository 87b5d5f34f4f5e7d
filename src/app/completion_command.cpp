// completion: a script for the shell, made of the same declarations as the help.
#include "commands.hpp"
#include "stage_command.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::app {
namespace {

std::string flags_of(const CommandLine& line) {
  std::string out;
  for (const auto& flag : line.flags()) {
    out += (out.empty() ? "" : " ") + flag.name;
    if (flag.negatable) out += " --no-" + flag.name.substr(2);
  }
  return out;
}

// `--fill` -> "black white": what a flag of few values takes.
std::string choices_of(const CommandLine& line) {
  std::string out;
  for (const auto& flag : line.flags()) {
    if (flag.form.find('|') == std::string::npos) continue;
    std::string words = flag.form.substr(0, flag.form.find(','));
    for (char& c : words) {
      if (c == '|') c = ' ';
    }
    out += "        " + flag.name + ") COMPREPLY=($(compgen -W \"" + words + "\" -- \"$word\")); return ;;\n";
  }
  return out;
}

std::string branch(const std::string& name, const CommandLine& line) {
  const std::string choices = choices_of(line);
  std::string out = "    " + name + ")\n      flags=\"" + flags_of(line) + "\"\n";
  if (!choices.empty()) out += "      case $before in\n" + choices + "      esac\n";
  return out + "      ;;\n";
}

}  // namespace

CommandLine completion_line() {
  CommandLine line("completion", "completion script for bash");
  line.example("source <(tagconf completion bash)");
  line.example("tagconf completion bash > ~/.local/share/bash-completion/completions/tagconf");
  line.words("shell", "bash", false);
  add_common_flags(line);
  return line;
}

int completion_command(const Call& call) {
  auto line = completion_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  if (line.words().empty() || line.words().front() != "bash") {
    throw Error(ErrorCode::usage, "name the shell: bash", "source <(tagconf completion bash)");
  }
  std::string names = "help";
  std::string branches;
  for (const auto& command : commands()) {
    names += " " + command.name;
    branches += branch(command.name, command.line());
  }
  for (const auto& stage : call.registry.stages) {
    names += " " + stage.info.name;
    branches += branch(stage.info.name, stage_command_line(stage));
  }
  print(
      "_tagconf() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W \"" +
      names +
      " --help --version\" -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n" +
      branches +
      "  esac\n"
      "  case $word in\n"
      "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _tagconf tagconf\n");
  return 0;
}

}  // namespace tagconf::app
