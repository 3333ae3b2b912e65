#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/dossier_view.h"
#include "client/cli/event_table.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/cli/proto_json.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// accept, forward, finish, …: the commands that record one event. What differs between them is data in event_table.cc.
// The server decides whether an event is possible; no rule of the lifecycle is repeated here.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::ParseTimeOption;
using terminal::Session;
using terminal::Text;

// What was typed for one event command.
struct EventArguments {
  std::string code;
  // By column key.
  // A map, because CLI11 keeps pointers to the values while more of them are added.
  std::map<std::string, std::string> values;
  std::vector<std::string> documents;
  std::string at;
  std::string json;
  std::string request_id;
  std::string etag;
  bool dry_run = false;
};

bool OpensDossier(v1::Event::PayloadCase payload) {
  return payload == v1::Event::kSubmitted || payload == v1::Event::kAccepted || payload == v1::Event::kIntakeRefused;
}

// Values that nearly every entry at a counter would repeat: taken from the environment, or the most frequent one.
void FillDefaults(const EventSpec& spec, const Session& session, EventArguments& arguments) {
  auto& values = arguments.values;
  const auto fill = [&](const char* column, const std::string& value) {
    if (values.count(column) > 0 && values[column].empty()) values[column] = value;
  };
  // With a code the dossier exists already, and a default would contradict what its submission says.
  if (OpensDossier(spec.payload) && arguments.code.empty()) {
    fill("office", session.environment().getenv("TTHC_OFFICE"));
    fill("channel", spec.payload == v1::Event::kSubmitted ? "online" : "counter");
  }
  if (spec.payload == v1::Event::kFinished) fill("result", "granted");
  if (spec.payload == v1::Event::kRated) fill("phase", "result");
}

// "--unit" of "unit,--unit".
std::string OptionLabel(const FieldSpec& field) {
  const std::string option = field.option;
  const size_t dashes = option.find("--");
  return dashes == std::string::npos ? option : option.substr(dashes);
}

absl::StatusOr<v1::Event> BuildEvent(const EventSpec& spec, const EventArguments& arguments) {
  v1::Event event;
  google::protobuf::Message& payload = MutablePayload(event, spec.payload);
  // --json first, so that single options refine it.
  if (!arguments.json.empty()) TTHC_RETURN_IF_ERROR(FromJson("--json", arguments.json, payload));
  for (const FieldSpec& field : spec.fields) {
    const auto value = arguments.values.find(field.column);
    if (value == arguments.values.end() || value->second.empty()) continue;
    TTHC_RETURN_IF_ERROR(SetField(payload, field.field, OptionLabel(field), value->second));
  }
  if (!arguments.at.empty()) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time at, ParseTimeOption("--at", arguments.at));
    *event.mutable_occur_time() = ToProto(at);
  }
  return event;
}

void ReportOutcome(const Session& session, const EventSpec& spec, const v1::Dossier& dossier, bool dry_run) {
  // Warnings do not stop an event. People see them on standard error; JSON has them in the dossier.
  for (const std::string& warning : dossier.warnings()) session.Warn(warning);
  if (!session.is_table()) {
    if (!session.is_csv()) return WriteRecord(session, dossier);
    ListWriter writer(session, DossierColumns());
    return writer.Add(dossier, DossierCells(session, dossier));
  }
  // One line that can be read out at the counter: code, event, state, due time.
  std::string line = absl::StrCat(dry_run ? session.Say({"Có thể ghi: ", "Would record: "}) : "",
                                  DossierCode(dossier).empty() ? "" : DossierCode(dossier) + ": ",
                                  session.Say(spec.label), " · ", StateLabel(dossier, session.lang()));
  const std::string due = FormatTableTime(dossier.due().due_time());
  if (!due.empty()) absl::StrAppend(&line, session.Say({" · hẹn trả ", " · due "}), due);
  session.out() << line << "\n";
}

absl::Status CreateDossier(Session& session, const EventSpec& spec, const EventArguments& arguments, v1::Event event) {
  v1::CreateDossierRequest request;
  request.set_view(ViewFor(session));
  *request.add_events() = std::move(event);
  // If none was typed the client library makes one, so that its own retries have no second effect.
  request.set_request_id(arguments.request_id);
  request.set_validate_only(arguments.dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::CreateDossierResponse response, session.client().CreateDossier(std::move(request)));
  ReportOutcome(session, spec, response.dossier(), arguments.dry_run);
  return absl::OkStatus();
}

absl::Status AppendEvent(Session& session, const EventSpec& spec, const EventArguments& arguments, v1::Event event) {
  v1::AppendEventRequest request;
  request.set_view(ViewFor(session));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_parent(), ResolveDossier(session, arguments.code));
  *request.mutable_event() = std::move(event);
  request.set_request_id(arguments.request_id);
  // Empty unless typed: two people may record different events of one dossier at the same time, and both count.
  request.set_etag(arguments.etag);
  request.set_validate_only(arguments.dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::AppendEventResponse response, session.client().AppendEvent(std::move(request)));
  ReportOutcome(session, spec, response.dossier(), arguments.dry_run);
  return absl::OkStatus();
}

absl::Status RecordEvent(Session& session, const EventSpec& spec, EventArguments arguments) {
  // `arguments` is a copy: the defaults must not become part of what was typed.
  FillDefaults(spec, session, arguments);
  TTHC_ASSIGN_OR_RETURN(v1::Event event, BuildEvent(spec, arguments));
  return arguments.code.empty() ? CreateDossier(session, spec, arguments, std::move(event))
                                : AppendEvent(session, spec, arguments, std::move(event));
}

// "Kênh (counter|online|post)".
std::string FieldHelp(const Session& session, const EventSpec& spec, const FieldSpec& field) {
  std::string help = session.Say(FindColumn(field.column)->header);
  // The choices come from the proto, so that the help lists a new value at once.
  const auto& payload = *v1::Event::descriptor()->FindFieldByNumber(spec.payload)->message_type();
  const auto& descriptor = DescriptorOf(payload, field.field.path);
  if (descriptor.enum_type() != nullptr) absl::StrAppend(&help, " (", EnumChoices(*descriptor.enum_type()), ")");
  if (descriptor.message_type() == v1::Limit::descriptor()) absl::StrAppend(&help, " (8.5wd, 10cd, 4h, 2mo)");
  if (descriptor.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_BOOL) {
    absl::StrAppend(&help, session.Say({" (có|không)", " (yes|no)"}));
  }
  return help;
}

void AddFieldOptions(CLI::App& command, const Session& session, const EventSpec& spec, EventArguments& arguments) {
  for (const FieldSpec& field : spec.fields) {
    std::string help = FieldHelp(session, spec, field);
    if (absl::string_view(field.column) == "office" && OpensDossier(spec.payload)) {
      absl::StrAppend(&help, session.Say({"; mặc định TTHC_OFFICE", "; default TTHC_OFFICE"}));
    }
    command.add_option(field.option, arguments.values[field.column], help)->type_name("");
  }
}

void AddCommonOptions(CLI::App& command, const Session& session, EventArguments& arguments) {
  const auto add = [&](const char* name, auto& value, const Text& help) {
    command.add_option(name, value, session.Say(help))->type_name("");
  };
  add("--at", arguments.at,
      {"Thời điểm xảy ra, như \"26/11/2026 10:00\"; bỏ trống là bây giờ",
       "When it happened, such as \"26/11/2026 10:00\"; now if left out"});
  add("--json", arguments.json,
      {"Phần nội dung còn lại của sự kiện, dạng JSON", "The rest of the event's content, as JSON"});
  add("--request-id", arguments.request_id,
      {"Mã yêu cầu: gửi lại cùng mã không ghi hai lần", "Request id: the same one again has no second effect"});
  add("--etag", arguments.etag,
      {"Chỉ ghi nếu hồ sơ chưa đổi từ etag này", "Only if the dossier has not changed since"});
  command.add_flag("--dry-run", arguments.dry_run, session.Say({"Kiểm tra, không ghi gì", "Check, record nothing"}));
}

void AddEventCommand(CLI::App& parent, Session& session, const EventSpec& spec, const std::string& name) {
  auto arguments = std::make_shared<EventArguments>();
  CommandSpec command_spec{.name = name.c_str(), .help = spec.help, .examples = {}};
  const std::string example = absl::StrCat(spec.command, " ", spec.example);
  // The pointers need to live only until AddCommand has copied the texts.
  command_spec.examples.push_back(example.c_str());
  CLI::App* command = AddCommand(parent, session, command_spec,
                                 [&session, &spec, arguments] { return RecordEvent(session, spec, *arguments); });
  // A submission always opens a dossier. An acceptance or a refusal opens one or follows a submission, so its code is
  // optional.
  if (spec.payload != v1::Event::kSubmitted) {
    CLI::Option* code = command->add_option(
        "code", arguments->code,
        session.Say({"Mã hồ sơ, mã khác, hoặc phần đuôi của mã", "Dossier code, alias, or the tail of a code"}));
    code->type_name("");
    if (!OpensDossier(spec.payload)) code->required();
  }
  AddFieldOptions(*command, session, spec, *arguments);
  AddCommonOptions(*command, session, *arguments);
}

const CommandSpec& GroupSpec(const std::string& name) {
  static const auto* const groups = new std::map<std::string, CommandSpec>{
      {"supplement", {"supplement", {"Yêu cầu và nhận bổ sung hồ sơ", "Ask for and receive a supplement"}, {}}},
      {"pay", {"pay", {"Nghĩa vụ tài chính: yêu cầu, đã thực hiện", "Financial obligation: ask, met"}, {}}},
      {"opinion", {"opinion", {"Lấy ý kiến, trả lời ý kiến", "Ask for and give an opinion"}, {}}},
      {"petition", {"petition", {"Phản ánh, kiến nghị: nhận, trả lời", "Petitions: receive, answer"}, {}}},
  };
  // A group that is missing here ends every start of the program, so no test can overlook it.
  return groups->at(name);
}

}  // namespace

void AddEventCommands(CLI::App& app, Session& session) {
  for (const EventSpec& spec : EventSpecs()) {
    // Amendments and recomputations have commands of their own.
    if (*spec.command == '\0') continue;
    const std::vector<std::string> words = absl::StrSplit(spec.command, ' ');
    CLI::App* parent = words.size() == 1 ? &app : FindOrAddGroup(app, session, GroupSpec(words[0]));
    AddEventCommand(*parent, session, spec, words.back());
  }
}

}  // namespace tthc::cli
