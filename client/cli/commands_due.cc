#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/calendar_file.h"
#include "client/cli/commands.h"
#include "client/cli/explanation_view.h"
#include "client/cli/field_value.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "server/timing/calendar.h"
#include "server/timing/catalogue_csv.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// due: when would it be due, and why; with a server or without one.
// A server knows the versions of the calendar and the catalogue of the center, so its answer is preferred. Files serve
// a machine that has none.
namespace tthc::cli {
namespace {

using terminal::ParseTimeOption;
using terminal::ReadFile;
using terminal::Session;
using terminal::Text;
using terminal::UsageError;

// Where the package puts the data, so that a machine with the client alone can count.
constexpr char kInstalledCalendar[] = "/usr/share/tthc/calendar.csv";
constexpr char kInstalledCatalogue[] = "/usr/share/tthc/procedures.csv";

struct DueArguments {
  std::string limit;
  std::string rule;
  std::string at;
  std::string procedure;
  std::string procedure_case;
  std::string area;
  std::string channel;
  std::string cut_off;
  std::vector<std::string> pauses;
  std::string office;
  std::string calendar;
  std::string sessions;
  std::string catalogue;
};

// Turns an error of server/timing about a typed text into a usage error at its option.
absl::Status AsUsage(const char* option, const absl::Status& status) {
  return UsageError(option, ErrorMessage(status, "en"), ErrorMessage(status, "vi"));
}

absl::StatusOr<v1::TimeRange> ParsePause(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) {
    return UsageError("--pause", "write FROM..TO, such as 2026-08-24T08:00..2026-08-26T08:00",
                      "hãy viết TỪ..ĐẾN, như 2026-08-24T08:00..2026-08-26T08:00");
  }
  TTHC_ASSIGN_OR_RETURN(const absl::Time from, ParseTimeOption("--pause", text.substr(0, dots)));
  TTHC_ASSIGN_OR_RETURN(const absl::Time to, ParseTimeOption("--pause", text.substr(dots + 2)));
  v1::TimeRange span;
  *span.mutable_start_time() = ToProto(from);
  *span.mutable_end_time() = ToProto(to);
  return span;
}

// Builds the request for the server; the calculation without a server uses the same request. Without --at the server
// takes its own present.
absl::StatusOr<v1::PreviewDueTimeRequest> BuildRequest(const DueArguments& arguments) {
  v1::PreviewDueTimeRequest request;
  if (!arguments.at.empty()) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time at, ParseTimeOption("--at", arguments.at));
    *request.mutable_start_time() = ToProto(at);
  }
  request.set_procedure(ResourceName("procedures", arguments.procedure));
  request.set_procedure_case(arguments.procedure_case);
  request.set_area(arguments.area);
  request.set_office(ResourceName("offices", arguments.office));
  if (!arguments.limit.empty()) {
    const absl::StatusOr<v1::Limit> limit = timing::ParseLimit(arguments.limit);
    if (!limit.ok()) return AsUsage("--limit", limit.status());
    *request.mutable_limit() = *limit;
  }
  if (!arguments.rule.empty()) {
    TTHC_ASSIGN_OR_RETURN(const int rule, ParseEnum(*v1::CountingRule_descriptor(), "--rule", arguments.rule));
    request.set_counting_rule(static_cast<v1::CountingRule>(rule));
  }
  if (!arguments.channel.empty()) {
    TTHC_ASSIGN_OR_RETURN(const int channel, ParseEnum(*v1::Channel_descriptor(), "--channel", arguments.channel));
    request.set_channel(static_cast<v1::Channel>(channel));
  }
  if (!arguments.cut_off.empty()) {
    const absl::StatusOr<v1::CutOff> cut_off = timing::ParseCutOff(arguments.cut_off);
    if (!cut_off.ok()) return AsUsage("--cutoff", cut_off.status());
    *request.mutable_cut_off() = *cut_off;
  }
  for (const std::string& pause : arguments.pauses) {
    TTHC_ASSIGN_OR_RETURN(*request.add_pauses(), ParsePause(pause));
  }
  // Checked here, so that the same error comes with and without a server.
  if (request.procedure().empty() && !request.has_limit()) {
    return UsageError("--limit", "say --limit or --procedure", "cần --limit hoặc --procedure");
  }
  // A limit without a procedure is counted by the legal rule.
  if (request.procedure().empty() && request.counting_rule() == v1::COUNTING_RULE_UNSPECIFIED) {
    request.set_counting_rule(v1::COUNTING_RULE_DATE);
  }
  return request;
}

absl::StatusOr<v1::Procedure> FindProcedure(const Session& session, const std::string& name, const std::string& path) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  TTHC_ASSIGN_OR_RETURN(const timing::Catalogue catalogue, timing::ParseCatalogueCsv(text, {}));
  for (const v1::Procedure& procedure : catalogue.procedures) {
    if (procedure.name() == name) return procedure;
  }
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "PROCEDURE_NOT_FOUND",
                    .message = absl::StrCat("there is no ", name, " in ", path),
                    .message_vi = absl::StrCat("không có ", name, " trong ", path),
                    .metadata = {{"procedure", name}}});
}

// Fills what the request leaves open from a catalogue file, which has one limit for each procedure.
absl::Status FillFromProcedure(const Session& session, const DueArguments& arguments,
                               v1::PreviewDueTimeRequest& request) {
  if (request.procedure().empty()) return absl::OkStatus();
  const std::string path = arguments.catalogue.empty() ? kInstalledCatalogue : arguments.catalogue;
  TTHC_ASSIGN_OR_RETURN(const v1::Procedure procedure, FindProcedure(session, request.procedure(), path));
  // What was typed wins over the file.
  if (!request.has_limit()) *request.mutable_limit() = procedure.limits(0).limit();
  if (request.counting_rule() == v1::COUNTING_RULE_UNSPECIFIED) request.set_counting_rule(procedure.counting_rule());
  if (!request.has_cut_off()) *request.mutable_cut_off() = procedure.cut_off();
  return absl::OkStatus();
}

absl::Status DueOffline(Session& session, const DueArguments& arguments, v1::PreviewDueTimeRequest request) {
  const std::string path = arguments.calendar.empty() ? kInstalledCalendar : arguments.calendar;
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar file,
                        ReadCalendarFile(session, path, {.sessions = arguments.sessions, .description = path}));
  TTHC_ASSIGN_OR_RETURN(const std::shared_ptr<const timing::Calendar> calendar, timing::Calendar::FromProto(file));
  TTHC_RETURN_IF_ERROR(FillFromProcedure(session, arguments, request));
  // Without --at this machine's clock stands in for that of a server.
  const absl::Time now = session.environment().clock->Now();
  timing::DueInput input{.received = request.has_start_time() ? FromProto(request.start_time()) : now,
                         .limit = request.limit(),
                         .counting_rule = request.counting_rule(),
                         .cut_off = request.cut_off(),
                         .pauses = {},
                         .office = request.office()};
  for (const v1::TimeRange& pause : request.pauses()) {
    input.pauses.push_back({FromProto(pause.start_time()), FromProto(pause.end_time())});
  }
  // The code that the server runs, too: the same calendar gives the same due time and the same reasons.
  TTHC_ASSIGN_OR_RETURN(const v1::DueTimeExplanation explanation, timing::ExplainDueTime(*calendar, input));
  WriteExplanation(session, explanation);
  return absl::OkStatus();
}

absl::Status Due(Session& session, const DueArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const v1::PreviewDueTimeRequest request, BuildRequest(arguments));
  // Naming a file means that this file counts, even if a server could be reached.
  if (!arguments.calendar.empty()) return DueOffline(session, arguments, request);
  const absl::StatusOr<v1::DueTimeExplanation> explanation = session.client().PreviewDueTime(request);
  if (explanation.ok()) {
    WriteExplanation(session, *explanation);
    return absl::OkStatus();
  }
  // Falls back to the installed calendar only if there is no server at all: any answer of a server is the better one.
  const bool unreachable = ErrorReason(explanation.status()) == "SERVER_UNREACHABLE";
  std::error_code error;
  if (!unreachable || !std::filesystem::exists(kInstalledCalendar, error)) {
    if (unreachable)
      session.Print(session.Say(
          {"Không có máy chủ vẫn tính được: thêm --calendar TỆP", "Without a server: add --calendar FILE"}));
    return explanation.status();
  }
  // The installed calendar may be older than that of the server, so the answer says what it stands on.
  session.Warn(
      absl::StrCat(session.Say({"không có máy chủ, tính theo ", "no server, counted by "}), kInstalledCalendar));
  return DueOffline(session, arguments, request);
}

}  // namespace

void AddDueCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<DueArguments>();
  CLI::App* command =
      AddCommand(app, session,
                 {"due",
                  {"Tính hẹn trả và giải thích; có --calendar thì không cần máy chủ",
                   "When would it be due, and why; with --calendar no server is needed"},
                  {"due --procedure 1.004873",
                   "due --limit 8.5wd --rule clock --at 2026-08-21T09:15 --calendar deploy/data/calendar.csv",
                   "due --limit 10cd --at \"06/02/2026 09:00\" --pause 2026-02-09T08:00..2026-02-11T08:00 -o json"}},
                 [&session, arguments] { return Due(session, *arguments); });
  const auto add = [&](const char* name, auto& value, const Text& help) {
    command->add_option(name, value, session.Say(help))->type_name("");
  };
  add("--limit", arguments->limit,
      {"Thời hạn: 8.5wd, 10cd, 1h, 2mo, same, none", "Limit: 8.5wd, 10cd, 1h, 2mo, same, none"});
  add("--rule", arguments->rule,
      {"Cách tính: date (theo ngày, mặc định) | clock (theo giờ)", "Counting: date (default) | clock"});
  add("--at", arguments->at, {"Lúc nhận; bỏ trống là bây giờ", "When it came in; now if left out"});
  add("--procedure", arguments->procedure,
      {"Mã TTHC, lấy thời hạn trong danh mục", "Procedure, whose limit is taken from the catalogue"});
  add("--case", arguments->procedure_case, {"Trường hợp", "Case"});
  add("--area", arguments->area, {"Địa bàn", "Area"});
  add("--channel", arguments->channel, {"Kênh (counter|online|post)", "Channel (counter|online|post)"});
  add("--cutoff", arguments->cut_off,
      {"Mốc chuyển ngày: 15:00, last:60, closing, none", "Cut-off: 15:00, last:60, closing, none"});
  add("--pause", arguments->pauses,
      {"Khoảng không tính TỪ..ĐẾN, lặp lại được", "Time that does not count FROM..TO, repeatable"});
  add("--office", arguments->office, {"Cơ quan, theo giờ làm việc riêng", "Office, for its own opening hours"});
  add("--calendar", arguments->calendar, {"Tệp lịch .csv hoặc .json", "Calendar file, .csv or .json"});
  add("--sessions", arguments->sessions,
      {"Giờ làm việc với --calendar, mặc định 07:30-11:30,13:00-17:00",
       "Opening hours with --calendar; default 07:30-11:30,13:00-17:00"});
  add("--catalogue", arguments->catalogue,
      {"Tệp danh mục .csv cho --procedure khi không có máy chủ", "Catalogue .csv for --procedure without a server"});
}

}  // namespace tthc::cli
