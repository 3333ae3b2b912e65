#include "client/cli/cli_app.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/event_table.h"
#include "client/terminal/suggest.h"
#include "storage/base/errors.h"

#ifndef TTHC_VERSION
#define TTHC_VERSION "0.1.0"
#endif

namespace tthc::cli {
namespace {

using terminal::ChooseLang;
using terminal::Environment;
using terminal::GlobalOptions;
using terminal::IsUsageError;
using terminal::Lang;
using terminal::Session;
using terminal::Suggest;
using terminal::Text;
using terminal::UsageError;

// The value of --lang, found before CLI11 parses anything: the help texts that the commands are built with depend on
// it.
std::string FindLang(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--lang" && i + 1 < arguments.size()) return arguments[i + 1];
    if (absl::StartsWith(arguments[i], "--lang=")) return arguments[i].substr(7);
  }
  return "";
}

// Every command has the common options itself, so that they may stand behind its name, where people type them.
void AddGlobalOptions(CLI::App& command, Session& session, bool xlsx) {
  GlobalOptions& options = session.options();
  const char* const group = session.Say({"Tùy chọn chung", "Common options"});
  command.get_help_ptr()->group(group);
  const auto add = [&](const char* name, auto& value, const Text& help) {
    return command.add_option(name, value, session.Say(help))->group(group)->type_name("");
  };
  const bool is_root = command.get_parent() == nullptr;
  CLI::Option* output = add("-o,--output", options.output, {"Dạng kết quả", "Output"});
  // The root accepts every format: only the command that follows knows whether it can write a spreadsheet, and
  // CheckFormat reports that. "text" is another word for "table", which the help does not list.
  if (is_root || xlsx) {
    output->check(CLI::IsMember({"table", "text", "json", "jsonl", "csv", "xlsx"}));
  } else {
    output->check(CLI::IsMember({"table", "json", "jsonl", "csv"}));
  }
  output->option_text(xlsx ? "table|json|jsonl|csv|xlsx" : "table|json|jsonl|csv");
  if (xlsx) {
    add("--out", options.out_path,
        {"Ghi vào tệp; đuôi .xlsx, .csv, .json thay cho -o", "Write to a file; .xlsx, .csv, .json stand for -o"});
    command.add_flag("--bom", options.bom, session.Say({"Thêm BOM vào tệp CSV", "Begin a CSV file with a BOM"}))
        ->group(group);
  }
  add("--server", options.server,
      {"Máy chủ, mặc định TTHC_SERVER hoặc 127.0.0.1:50551", "Server; default TTHC_SERVER or 127.0.0.1:50551"});
  add("--actor", options.actor,
      {"Người ghi, như officers/nv-an; mặc định TTHC_ACTOR",
       "Who records, such as officers/nv-an; default TTHC_ACTOR"});
  add("--lang", options.lang, {"Ngôn ngữ", "Language"})->check(CLI::IsMember({"vi", "en"}))->option_text("vi|en");
  add("--timeout", options.timeout_seconds, {"Chờ mỗi lần gọi tối đa, giây", "Longest wait for a call, seconds"})
      ->check(CLI::PositiveNumber)
      ->option_text(" ");
  command.add_flag("--reveal", options.reveal, session.Say({"Hiện dữ liệu cá nhân", "Show personal data"}))
      ->group(group);
  command.add_flag("--no-color", options.no_color, session.Say({"Không dùng màu", "No color"}))->group(group);
}

void SetHelp(CLI::App& app, const Session& session) {
  // Subcommands that are added later inherit the group.
  app.option_defaults()->group(session.Say({"Tùy chọn", "Options"}));
  app.set_help_flag("-h,--help", session.Say({"In hướng dẫn này", "Print this help"}));
  // CLI11's own words are English, so only Vietnamese needs replacements.
  if (session.lang() == Lang::kEn) return;
  const auto formatter = std::make_shared<CLI::Formatter>();
  formatter->label("Usage", "Cách dùng");
  formatter->label("OPTIONS", "TÙY CHỌN");
  formatter->label("SUBCOMMAND", "LỆNH");
  formatter->label("SUBCOMMANDS", "LỆNH");
  formatter->label("Positionals", "Tham số");
  formatter->label("REQUIRED", "(bắt buộc)");
  formatter->label("Env", "biến môi trường");
  app.formatter(formatter);
}

std::string Footer(const Session& session, const std::vector<const char*>& examples) {
  std::string text;
  for (const char* example : examples) {
    absl::StrAppend(&text, text.empty() ? absl::StrCat(session.Say({"Ví dụ", "Examples"}), ":\n") : "\n", "  tthc ",
                    example);
  }
  return text;
}

// The deepest command that was parsed: usage errors refer to its help.
const CLI::App* ReachedCommand(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

std::string CommandPath(const CLI::App* command) {
  std::string path = command->get_name();
  while ((command = command->get_parent()) != nullptr) path = absl::StrCat(command->get_name(), " ", path);
  return path;
}

std::vector<std::string> NamesIn(const CLI::App& command, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back(absl::StrCat("--", name));
    }
    return names;
  }
  for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

int ReportUsage(const Session& session, const CLI::App& command, const std::string& message) {
  session.Print(absl::StrCat(session.Say({"Lỗi: ", "Error: "}), message));
  session.Print(absl::StrCat(session.Say({"Xem: ", "See: "}), CommandPath(&command), " --help"));
  return kExitUsage;
}

int ReportUnknown(const Session& session, const CLI::App& command, const std::string& word) {
  const bool option = absl::StartsWith(word, "-");
  // "--limt=5" is compared without its value.
  const std::string typed = word.substr(0, word.find('='));
  std::string message = option ? absl::StrCat(session.Say({"không có tùy chọn ", "there is no option "}), typed)
                        : command.get_subcommands(nullptr).empty()
                            ? absl::StrCat(session.Say({"thừa tham số ", "unexpected argument "}), "\"", word, "\"")
                            : absl::StrCat(session.Say({"không có lệnh ", "there is no command "}), "\"", word, "\"");
  const std::string near = Suggest(typed, NamesIn(command, option));
  if (!near.empty()) absl::StrAppend(&message, session.Say({"; có phải ý bạn là ", "; did you mean "}), near, "?");
  return ReportUsage(session, command, message);
}

int ReportParseError(const Session& session, const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = *ReachedCommand(app);
  // CLI11 reports leftovers together. The first one is what a person mistyped, and what a suggestion can be made for.
  const std::vector<std::string> rest = command.remaining();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty()) {
    return ReportUnknown(session, command, rest.front());
  }
  // Only the kind of error is translated. The text of CLI11 stays behind it, since it names the option and the value.
  std::string message = error.what();
  if (session.lang() == Lang::kVi) {
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      message = absl::StrCat("thiếu ", message.substr(0, message.find(" is required")));
    } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
      message = absl::StrCat("tùy chọn thiếu hoặc thừa giá trị (", message, ")");
    } else {
      message = absl::StrCat("giá trị không hợp lệ (", message, ")");
    }
  }
  return ReportUsage(session, command, message);
}

// Prints the option that sets the field at fault, if the server named a field that an option of the command sets.
void PrintWhere(const Session& session, const absl::Status& status) {
  const std::string field = ErrorField(status);
  if (field.empty() || IsUsageError(status)) return;
  for (const EventSpec& spec : EventSpecs()) {
    const std::string head = absl::StrCat("event.", PayloadName(spec.payload), ".");
    // An opening event is sent in the list of CreateDossier, every other one alone in AppendEvent, so the server names
    // the same field in two ways.
    const std::string head_of_create = absl::StrCat("events[0].", PayloadName(spec.payload), ".");
    for (const FieldSpec& known : spec.fields) {
      if (*known.option == '\0') continue;
      if (field != head + known.field.path && field != head_of_create + known.field.path) continue;
      const std::string option = known.option;
      return session.Print(absl::StrCat(session.Say({"Tùy chọn: ", "Option: "}), option.substr(option.find("--"))));
    }
  }
}

// A spreadsheet needs a command that can write one, and an output that is not the terminal.
absl::Status CheckFormat(const Session& session) {
  if (!session.is_xlsx()) return absl::OkStatus();
  if (!session.makes_xlsx) {
    return UsageError("-o", "this command makes no xlsx; take csv", "lệnh này không có dạng xlsx; hãy dùng csv");
  }
  if (!session.out_is_terminal()) return absl::OkStatus();
  return UsageError("-o", "a spreadsheet is not for the terminal; add --out FILE.xlsx",
                    "bảng tính không in ra màn hình được; hãy thêm --out TỆP.xlsx");
}

int RunAction(Session& session, const CLI::App& app) {
  if (!session.action) {
    // A group without a subcommand, or tthc alone: the help goes to standard error and the exit code is that of wrong
    // usage, so that a script notices.
    const CLI::App& command = *ReachedCommand(app);
    session.Print(command.help(command.get_parent() == nullptr ? "" : CommandPath(command.get_parent())));
    return kExitUsage;
  }
  absl::Status status = CheckFormat(session);
  if (status.ok()) status = session.action();
  // The file is replaced only after the command has succeeded: a failed command leaves the old file as it was.
  if (status.ok()) status = session.WriteOutFile();
  // Data before the error, also when both go to the same terminal.
  session.out().flush();
  if (!status.ok()) {
    session.PrintError(status);
    PrintWhere(session, status);
  }
  return ExitCodeOf(status);
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    // The request was understood, but the present state does not allow it: read again, then decide.
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return kExitConflict;
    // The same command may succeed later without any change.
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    // INVALID_ARGUMENT from the server is a failure, not wrong usage: the command line itself was well formed.
    default:
      return IsUsageError(status) ? kExitUsage : kExitFailure;
  }
}

CLI::App* AddCommand(CLI::App& parent, Session& session, const CommandSpec& spec,
                     std::function<absl::Status()> action) {
  CLI::App* command = parent.add_subcommand(spec.name, session.Say(spec.help));
  command->group(session.Say({"Lệnh", "Commands"}));
  command->footer(Footer(session, spec.examples));
  // At most one subcommand, so that an argument which equals the name of another command stays an argument.
  command->require_subcommand(0, 1);
  AddGlobalOptions(*command, session, spec.xlsx);
  if (action) {
    // The action is only kept here and runs after parsing: then all options of the line are known, and no exception of
    // CLI11 can cross it.
    command->callback([&session, command, xlsx = spec.xlsx, action = std::move(action)] {
      // CLI11 calls the callbacks of the whole path; only the deepest command may run.
      if (!command->get_subcommands().empty()) return;
      session.action = action;
      session.makes_xlsx = xlsx;
    });
  }
  return command;
}

CLI::App* FindOrAddGroup(CLI::App& parent, Session& session, const CommandSpec& spec) {
  for (CLI::App* sub : parent.get_subcommands(nullptr)) {
    if (sub->get_name() == spec.name) return sub;
  }
  return AddCommand(parent, session, spec);
}

void BuildApp(CLI::App& app, Session& session) {
  app.name("tthc");
  app.description(session.Say({"tthc: hồ sơ thủ tục hành chính, hẹn trả và theo dõi",
                               "tthc: administrative dossiers, their due times and their history"}));
  app.footer(
      session.Say({"Kết thúc: 0 xong, 1 lỗi, 2 sai cách dùng, 3 không tìm thấy, 4 xung đột, 5 không liên lạc được.",
                   "Exit status: 0 done, 1 failure, 2 usage, 3 not found, 4 conflict, 5 unavailable."}));
  SetHelp(app, session);
  app.set_version_flag("--version", "tthc " TTHC_VERSION, session.Say({"In phiên bản", "Print the version"}));
  // Not required: `tthc` alone prints the help instead of an error about a missing word.
  app.require_subcommand(0, 1);
  AddGlobalOptions(app, session, /*xlsx=*/false);
  // The order here is the order of the help: what a counter does all day comes first.
  AddEventCommands(app, session);
  AddAmendCommand(app, session);
  AddDossierCommands(app, session);
  AddListCommands(app, session);
  AddDueCommand(app, session);
  AddCatalogueCommands(app, session);
  AddCalendarCommands(app, session);
  AddRegisterCommands(app, session);
  AddStatsCommands(app, session);
  AddReportCommands(app, session);
  AddScoreCommands(app, session);
  AddClosingCommands(app, session);
  AddMirrorCommands(app, session);
  AddSystemCommands(app, session);
}

int RunCli(const std::vector<std::string>& arguments, const Environment& environment) {
  Session session(environment, ChooseLang(FindLang(arguments), environment.getenv));
  CLI::App app;
  BuildApp(app, session);
  // CLI11 reports everything by exceptions. They are turned into exit codes here, and none leaves this function.
  try {
    // CLI11 takes arguments from the back of the vector.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion& version) {
    session.out() << version.what() << "\n";
    return kExitOk;
  } catch (const CLI::CallForHelp&) {
    session.out() << app.help();
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    return ReportParseError(session, app, error);
  }
  return RunAction(session, app);
}

}  // namespace tthc::cli
