#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/calendar_file.h"
#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/sdk/paging.h"
#include "client/terminal/format.h"
#include "client/terminal/progress.h"
#include "server/timing/calendar.h"
#include "server/timing/calendar_csv.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// calendar show, list, check, import, recompute.
// A version never changes: import records the next one, and open dossiers keep theirs until recompute moves them, with
// an event in the history of each. Hence the hints and the preview.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::LangCode;
using terminal::Progress;
using terminal::Session;

const CommandSpec kCalendar = {
    "calendar",
    {"Lịch làm việc: xem, kiểm tra, nhập, tính lại", "The working calendar: show, check, import, recompute"},
    {}};

// "2026, 2027*": the star marks a year whose official notice of days off is still missing.
std::string YearsLine(const v1::Calendar& calendar) {
  return absl::StrJoin(calendar.years(), ", ", [&](std::string* out, int32_t year) {
    absl::StrAppend(out, year);
    for (const int32_t provisional : calendar.provisional_years()) {
      if (provisional == year) absl::StrAppend(out, "*");
    }
  });
}

// A text that is no date is shown unchanged, so that one faulty row does not hide the others.
std::string PeopleDay(const std::string& iso) {
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(iso);
  return day.ok() ? FormatDateForPeople(LocalMidnight(DayNumber(*day))) : iso;
}

void WriteDays(const Session& session, const v1::Calendar& calendar) {
  ListWriter writer(session, {{.header = {"Ngày", "Day"}},
                              {.header = {"Loại", "Kind"}},
                              {.header = {"Dự kiến", "Provisional"}},
                              {.header = {"Lý do", "Reason"}, .shrinks = true}});
  for (const v1::CalendarDay& day : calendar.days()) {
    writer.Add(
        day, {PeopleDay(day.date()),
              day.kind() == v1::CalendarDay::KIND_WORK ? session.Say({"làm bù", "work"}) : session.Say({"nghỉ", "off"}),
              day.provisional() ? session.Say({"có", "yes"}) : "", day.reason()});
  }
}

// A summary and the unusual days as rows; as JSON the whole calendar.
void WriteCalendar(const Session& session, const v1::Calendar& calendar) {
  if (session.is_csv()) {
    // The file that `calendar import` reads: an exported version can be edited and recorded as the next one.
    session.out() << timing::FormatCalendarCsv(calendar);
    return;
  }
  if (!session.is_table()) return WriteRecord(session, calendar);
  session.out() << session.Say({"Lịch ", "Calendar "}) << ResourceId(calendar.name()) << ": " << calendar.description()
                << "\n"
                << session.Say({"Năm (* chưa có thông báo): ", "Years (* not announced): "}) << YearsLine(calendar)
                << "\n";
  for (const v1::SessionRule& rule : calendar.sessions()) {
    session.out()
        << session.Say({"Giờ làm việc ", "Opening hours "})
        << (rule.office().empty() ? session.Say({"chung", "common"}) : ResourceId(rule.office())) << ": "
        << timing::FormatSessions(rule)
        << (rule.start_date().empty() ? ""
                                      : absl::StrCat(session.Say({" từ ", " from "}), PeopleDay(rule.start_date())))
        << (rule.end_date().empty() ? "" : absl::StrCat(session.Say({" đến ", " to "}), PeopleDay(rule.end_date())))
        << "\n";
  }
  WriteDays(session, calendar);
}

absl::Status ShowCalendar(Session& session, const std::string& version) {
  v1::GetCalendarRequest request;
  request.set_name(ResourceName("calendars", version.empty() ? "latest" : version));
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar calendar, session.client().GetCalendar(request));
  WriteCalendar(session, calendar);
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  ListWriter writer(session, {{.header = {"Bản", "Version"}, .right = true},
                              {.header = {"Năm", "Years"}},
                              {.header = {"Ghi lúc", "Recorded"}},
                              {.header = {"Lý do", "Why"}, .shrinks = true}});
  return sdk::ForEachPage(
      v1::ListCalendarsRequest(),
      [&](const v1::ListCalendarsRequest& page) { return session.client().ListCalendars(page); },
      [&](const v1::ListCalendarsResponse& page) {
        for (const v1::Calendar& calendar : page.calendars()) {
          writer.Add(calendar, {absl::StrCat(calendar.version()), YearsLine(calendar),
                                FormatTableTime(calendar.record_time()), calendar.description()});
        }
        return true;
      });
}

struct FileArguments {
  std::string path;
  CalendarFileOptions options;
};

// Needs no server: a calendar refers to nothing outside itself.
absl::Status Check(Session& session, const FileArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(v1::Calendar calendar, ReadCalendarFile(session, arguments.path, arguments.options));
  // The check is about days and hours. A version needs a reason when it is recorded; until then the file name stands
  // in.
  if (calendar.description().empty()) calendar.set_description(arguments.path);
  TTHC_RETURN_IF_ERROR(timing::Calendar::FromProto(calendar).status());
  for (const std::string& remark : timing::ReviewCalendar(calendar)) session.Warn(remark);
  if (!session.is_table()) {
    WriteCalendar(session, calendar);
    return absl::OkStatus();
  }
  session.out() << session.Say({"Lịch hợp lệ: ", "The calendar is sound: "}) << YearsLine(calendar) << ", "
                << calendar.days_size() << session.Say({" ngày khác thường\n", " unusual days\n"});
  return absl::OkStatus();
}

absl::Status Import(Session& session, const FileArguments& arguments) {
  v1::CreateCalendarRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_calendar(), ReadCalendarFile(session, arguments.path, arguments.options));
  // Remarks do not stop the import: an unusual calendar may be the right one, and only a person knows.
  for (const std::string& remark : timing::ReviewCalendar(request.calendar())) session.Warn(remark);
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar calendar, session.client().CreateCalendar(request));
  if (!session.is_table()) {
    WriteCalendar(session, calendar);
    return absl::OkStatus();
  }
  session.out() << session.Say({"Đã ghi lịch bản ", "Recorded calendar version "}) << calendar.version() << "\n";
  // Without this hint people believe that the new days off count for open dossiers already.
  session.Print(session.Say({"Hồ sơ đang mở giữ lịch cũ; chuyển sang lịch mới: tthc calendar recompute --preview",
                             "Open dossiers keep their calendar; to move them: tthc calendar recompute --preview"}));
  return absl::OkStatus();
}

std::string ErrorText(const Session& session, const v1::RecomputedDossier& dossier) {
  if (!dossier.has_error()) return "";
  return ErrorMessage(FromRpcStatus(dossier.error()), LangCode(session.lang()));
}

absl::Status Recompute(Session& session, const v1::RecomputeDueTimesRequest& request) {
  ListWriter writer(session, {{.header = {"Mã hồ sơ", "Code"}},
                              {.header = {"Hẹn cũ", "Old due time"}},
                              {.header = {"Hẹn mới", "New due time"}},
                              {.header = {"Lỗi", "Error"}, .shrinks = true}});
  // Each portion of the stream is one write of the server. If it breaks off, those portions stay, and a second run
  // continues where the first one stopped.
  Progress progress(session, session.Say({"Tính lại", "Recomputing"}));
  v1::RecomputeDueTimesResponse last;
  TTHC_RETURN_IF_ERROR(session.client().RecomputeDueTimes(request, [&](const v1::RecomputeDueTimesResponse& portion) {
    for (const v1::RecomputedDossier& dossier : portion.dossiers()) {
      writer.Add(dossier, {dossier.code(), FormatTableTime(dossier.previous_due_time()),
                           FormatTableTime(dossier.due_time()), ErrorText(session, dossier)});
    }
    last = portion;
    progress.Show(portion.checked_count(), portion.total_count());
  }));
  // The bar is removed first: it is on the terminal that the table is printed to.
  progress.Clear();
  writer.Finish();
  session.Print(absl::StrCat(
      session.Say({"Đã xem ", "Looked at "}), last.checked_count(),
      request.validate_only() ? session.Say({", sẽ đổi ", ", would move "}) : session.Say({", đã đổi ", ", moved "}),
      last.moved_count(), session.Say({", không tính được ", ", failed "}), last.failed_count()));
  // The other dossiers have moved, so the list stays useful. Exit status 1 makes a script notice the rest.
  if (last.failed_count() == 0) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kInternal,
                    .reason = "DOSSIERS_NOT_RECOMPUTED",
                    .message = absl::StrCat(last.failed_count(), " dossiers could not be recomputed; see the list"),
                    .message_vi = absl::StrCat("không tính lại được ", last.failed_count(),
                                               " hồ sơ; xem lý do trong danh sách trên"),
                    .metadata = {{"failed_count", absl::StrCat(last.failed_count())}}});
}

CLI::App* AddFileCommand(CLI::App& parent, Session& session, const CommandSpec& spec,
                         absl::Status (*action)(Session&, const FileArguments&)) {
  auto arguments = std::make_shared<FileArguments>();
  CLI::App* command =
      AddCommand(parent, session, spec, [&session, action, arguments] { return action(session, *arguments); });
  command->add_option("file", arguments->path, session.Say({"Tệp .csv hoặc .json", "A .csv or .json file"}))
      ->required()
      ->type_name("");
  command
      ->add_option("--sessions", arguments->options.sessions,
                   session.Say({"Giờ làm việc, mặc định 07:30-11:30,13:00-17:00",
                                "Opening hours; default 07:30-11:30,13:00-17:00"}))
      ->type_name("");
  command
      ->add_option("--description", arguments->options.description,
                   session.Say({"Vì sao có bản này", "Why this version exists"}))
      ->type_name("");
  return command;
}

}  // namespace

void AddCalendarCommands(CLI::App& app, Session& session) {
  CLI::App* calendar = FindOrAddGroup(app, session, kCalendar);
  auto version = std::make_shared<std::string>();
  CLI::App* command = AddCommand(*calendar, session,
                                 {"show",
                                  {"Xem lịch, mặc định bản mới nhất", "Show a calendar, the newest by default"},
                                  {"calendar show", "calendar show 2 -o csv"}},
                                 [&session, version] { return ShowCalendar(session, *version); });
  command->add_option("version", *version, session.Say({"Bản", "Version"}))->type_name("");
  AddCommand(*calendar, session,
             {"list", {"Các bản lịch, mới nhất trước", "Versions, newest first"}, {"calendar list"}},
             [&session] { return List(session); });
  AddFileCommand(*calendar, session,
                 {"check",
                  {"Kiểm tra tệp lịch, không cần máy chủ", "Check a calendar file; needs no server"},
                  {"calendar check deploy/data/calendar.csv"}},
                 Check);
  AddFileCommand(*calendar, session,
                 {"import",
                  {"Ghi bản lịch mới", "Record the next version"},
                  {"calendar import lich-2027.csv --description \"Thông báo nghỉ Tết 2027\""}},
                 Import);

  auto request = std::make_shared<v1::RecomputeDueTimesRequest>();
  command = AddCommand(*calendar, session,
                       {"recompute",
                        {"Chuyển hồ sơ đang mở sang lịch mới, bằng sự kiện thấy được",
                         "Move open dossiers to another calendar, by visible events"},
                        {"calendar recompute --preview --reason \"NQ 28/2026/QH16\"",
                         "calendar recompute --reason \"NQ 28/2026/QH16\""}},
                       [&session, request] { return Recompute(session, *request); });
  command
      ->add_option("--reason", *request->mutable_reason(),
                   session.Say({"Văn bản làm đổi lịch", "The notice that changed the calendar"}))
      ->required()
      ->type_name("");
  command
      ->add_option_function<int64_t>(
          "--version-number", [request](int64_t number) { request->set_calendar_version(number); },
          session.Say({"Bản lịch, mặc định mới nhất", "Calendar version; default the newest"}))
      ->type_name("");
  command->add_flag_function(
      "--preview", [request](int64_t) { request->set_validate_only(true); },
      session.Say({"Chỉ xem trước", "Only show what would move"}));
}

}  // namespace tthc::cli
