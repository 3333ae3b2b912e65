#include "client/cli/completion.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tthc::cli {
namespace {

// Words that may follow a command: its subcommands, then its long options.
std::string WordsAfter(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* sub : command.get_subcommands(nullptr)) words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back(absl::StrCat("--", name));
  }
  return absl::StrJoin(words, " ");
}

// One line of a shell `case` for each command, by its path.
void AppendCases(const CLI::App& command, const std::string& path, std::string* cases) {
  absl::StrAppend(cases, "    '", path, "') words='", WordsAfter(command), "' ;;\n");
  for (const CLI::App* sub : command.get_subcommands(nullptr)) {
    AppendCases(*sub, absl::StrCat(path, path.empty() ? "" : " ", sub->get_name()), cases);
  }
}

std::string Cases(const CLI::App& app) {
  std::string cases;
  AppendCases(app, "", &cases);
  return cases;
}

// Groups, whose next word still belongs to the path.
std::string Groups(const CLI::App& app) {
  std::vector<std::string> groups;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (!sub->get_subcommands(nullptr).empty()) groups.push_back(sub->get_name());
  }
  return absl::StrJoin(groups, "|");
}

std::string BashScript(const CLI::App& app) {
  return absl::StrCat(R"(# bash completion of tthc: source <(tthc completion bash)
_tthc() {
  local path='' words='' i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in -*) continue ;; esac
    case $path in
      '') path=$word ;;
      )",
                      Groups(app), R"() path="$path $word" ;;
    esac
  done
  case $path in
)",
                      Cases(app), R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
  [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _tthc tthc
)");
}

std::string ZshScript(const CLI::App& app) {
  return absl::StrCat(R"(#compdef tthc
# zsh completion of tthc: tthc completion zsh > "${fpath[1]}/_tthc"
_tthc() {
  local cmd_path='' words_after='' word
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case $word in -*) continue ;; esac
    case $cmd_path in
      '') cmd_path=$word ;;
      )",
                      Groups(app), R"() cmd_path="$cmd_path $word" ;;
    esac
  done
  local words=''
  case $cmd_path in
)",
                      Cases(app), R"(  esac
  compadd -- ${=words} || _files
}
compdef _tthc tthc
)");
}

}  // namespace

std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  return shell == "zsh" ? ZshScript(app) : BashScript(app);
}

}  // namespace tthc::cli
