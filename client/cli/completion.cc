#include "client/cli/completion.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/metric_words.h"
#include "client/cli/period_options.h"

namespace tthc::cli {
namespace {

// The words that an option or an argument accepts: the choices that its help lists with "|", and words of tables such
// as metrics. Empty if any text is accepted.
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  const std::string name = option.get_lnames().empty() ? option.get_name() : option.get_lnames().front();
  if (name == "metrics" || name == "metric") return MetricNames();
  if (name == "period") return RelativePeriods();
  const std::string& text = option.get_option_text();
  if (!absl::StrContains(text, '|')) return {};
  return absl::StrSplit(text, '|');
}

// Words that may follow a command: its subcommands, the choices of its arguments, its long options.
std::string WordsAfter(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* sub : command.get_subcommands(nullptr)) words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty()) {
      for (std::string& word : ChoicesOf(*option)) words.push_back(std::move(word));
    }
    for (const std::string& name : option->get_lnames()) words.push_back(absl::StrCat("--", name));
  }
  return absl::StrJoin(words, " ");
}

// The tables of the script: lines of shell `case` statements by the path of each command.
struct Tables {
  // Words after a path.
  std::string words;
  // Values after a path and an option.
  std::string values;
  // Paths of commands below others, as one pattern.
  std::vector<std::string> paths;
};

void Append(const CLI::App& command, const std::string& path, Tables* tables) {
  absl::StrAppend(&tables->words, "    '", path, "') words='", WordsAfter(command), "' ;;\n");
  if (!path.empty()) tables->paths.push_back(absl::StrCat("'", path, "'"));
  for (const CLI::Option* option : command.get_options()) {
    const std::vector<std::string> choices = ChoicesOf(*option);
    // The choices of arguments are offered together with the subcommands, by WordsAfter.
    if (choices.empty() || option->get_lnames().empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option->get_lnames()) patterns.push_back(absl::StrCat("'", path, " --", name, "'"));
    for (const std::string& name : option->get_snames()) patterns.push_back(absl::StrCat("'", path, " -", name, "'"));
    absl::StrAppend(&tables->values, "    ", absl::StrJoin(patterns, "|"), ") values='", absl::StrJoin(choices, " "),
                    "' ;;\n");
  }
  for (const CLI::App* sub : command.get_subcommands(nullptr)) {
    Append(*sub, absl::StrCat(path, path.empty() ? "" : " ", sub->get_name()), tables);
  }
}

// The words before the cursor are walked from the left: one that continues the path of a command extends it, options
// and their values are passed over.
std::string BashScript(const Tables& tables) {
  return absl::StrCat(R"(# bash completion of tthc: source <(tthc completion bash)
_tthc() {
  local path='' words='' values='' i word current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case "$path${path:+ }$word" in
      )",
                      absl::StrJoin(tables.paths, "|"), R"() path="$path${path:+ }$word" ;;
    esac
  done
  case "$path $before" in
)",
                      tables.values, R"(  esac
  if [[ -n $values ]]; then
    # Of a list parted by commas the last one is completed.
    local head=''
    [[ $current == *,* ]] && head="${current%,*},"
    COMPREPLY=($(compgen -P "$head" -W "$values" -- "${current##*,}"))
    return
  fi
  case $path in
)",
                      tables.words, R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _tthc tthc
)");
}

// As for bash. zsh ties `path` to $PATH, hence cmd_path.
std::string ZshScript(const Tables& tables) {
  return absl::StrCat(R"(#compdef tthc
# zsh completion of tthc: tthc completion zsh > "${fpath[1]}/_tthc"
_tthc() {
  local cmd_path='' words_after='' word
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$cmd_path${cmd_path:+ }$word" in
      )",
                      absl::StrJoin(tables.paths, "|"), R"() cmd_path="$cmd_path${cmd_path:+ }$word" ;;
    esac
  done
  local before=$words[CURRENT-1] values=''
  case "$cmd_path $before" in
)",
                      tables.values, R"(  esac
  if [[ -n $values ]]; then
    # Of a list parted by commas the last one is completed.
    compset -P '*,'
    compadd -- ${=values}
    return
  fi
  local words=''
  case $cmd_path in
)",
                      tables.words, R"(  esac
  compadd -- ${=words} || _files
}
compdef _tthc tthc
)");
}

}  // namespace

// Everything is in the script: Tab starts no tthc and needs no server, which would be too slow at a prompt.
std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  Tables tables;
  Append(app, "", &tables);
  return shell == "zsh" ? ZshScript(tables) : BashScript(tables);
}

}  // namespace tthc::cli
