#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/calendar_file.h"
#include "client/cli/commands.h"
#include "client/cli/format.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "server/domain/calendar.h"
#include "server/domain/calendar_csv.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// calendar show, list, check, import, recompute.
namespace tthc::cli {
namespace {

const CommandSpec kCalendar = {
    "calendar",
    {"Lịch làm việc: xem, kiểm tra, nhập, tính lại", "The working calendar: show, check, import, recompute"},
    {}};

std::string YearsLine(const v1::Calendar& calendar) {
  return absl::StrJoin(calendar.years(), ", ", [&](std::string* out, int32_t year) {
    absl::StrAppend(out, year);
    for (const int32_t provisional : calendar.provisional_years()) {
      if (provisional == year) absl::StrAppend(out, "*");
    }
  });
}

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
    writer.Add(day,
               {PeopleDay(day.date()),
                day.kind() == v1::CalendarDay::WORK ? session.Say({"làm bù", "work"}) : session.Say({"nghỉ", "off"}),
                day.provisional() ? session.Say({"có", "yes"}) : "", day.reason()});
  }
}

// Summary to people, days as rows; the whole calendar as JSON.
void WriteCalendar(const Session& session, const v1::Calendar& calendar) {
  if (session.is_csv()) {
    session.out() << domain::FormatCalendarCsv(calendar);
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
        << domain::FormatSessions(rule)
        << (rule.from_date().empty() ? "" : absl::StrCat(session.Say({" từ ", " from "}), PeopleDay(rule.from_date())))
        << (rule.to_date().empty() ? "" : absl::StrCat(session.Say({" đến ", " to "}), PeopleDay(rule.to_date())))
        << "\n";
  }
  WriteDays(session, calendar);
}

absl::Status Show(Session& session, const std::string& version) {
  v1::GetCalendarRequest request;
  request.set_name(ResourceName("calendars", version.empty() ? "latest" : version));
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar calendar, session.client().GetCalendar(request));
  WriteCalendar(session, calendar);
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListCalendarsResponse response, session.client().ListCalendars({}));
  ListWriter writer(session, {{.header = {"Bản", "Version"}, .right = true},
                              {.header = {"Năm", "Years"}},
                              {.header = {"Ghi lúc", "Recorded"}},
                              {.header = {"Lý do", "Why"}, .shrinks = true}});
  for (const v1::Calendar& calendar : response.calendars()) {
    writer.Add(calendar, {absl::StrCat(calendar.version()), YearsLine(calendar),
                          FormatTableTime(calendar.record_time()), calendar.description()});
  }
  return absl::OkStatus();
}

struct FileArguments {
  std::string path;
  CalendarFileOptions options;
};

// Needs no server: a calendar is whole in itself.
absl::Status Check(Session& session, const FileArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(v1::Calendar calendar, ReadCalendarFile(session, arguments.path, arguments.options));
  if (calendar.description().empty()) calendar.set_description(arguments.path);
  TTHC_RETURN_IF_ERROR(domain::Calendar::FromProto(calendar).status());
  for (const std::string& remark : domain::ReviewCalendar(calendar)) session.Warn(remark);
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
  for (const std::string& remark : domain::ReviewCalendar(request.calendar())) session.Warn(remark);
  TTHC_ASSIGN_OR_RETURN(const v1::Calendar calendar, session.client().CreateCalendar(request));
  if (!session.is_table()) {
    WriteCalendar(session, calendar);
    return absl::OkStatus();
  }
  session.out() << session.Say({"Đã ghi lịch bản ", "Recorded calendar version "}) << calendar.version() << "\n";
  session.Tell(session.Say({"Hồ sơ đang mở giữ lịch cũ; chuyển sang lịch mới: tthc calendar recompute --preview",
                            "Open dossiers keep their calendar; to move them: tthc calendar recompute --preview"}));
  return absl::OkStatus();
}

std::string PeopleTime(const std::string& rfc3339) {
  const absl::StatusOr<absl::Time> time = ParseRfc3339(rfc3339);
  return time.ok() ? FormatTableTime(*time) : rfc3339;
}

absl::Status Recompute(Session& session, const v1::RecomputeDueTimesRequest& request) {
  ListWriter writer(session, {{.header = {"Mã hồ sơ", "Code"}},
                              {.header = {"Hẹn cũ", "Old due time"}},
                              {.header = {"Hẹn mới", "New due time"}},
                              {.header = {"Lỗi", "Error"}, .shrinks = true}});
  Progress progress(session, session.Say({"Tính lại", "Recomputing"}));
  v1::RecomputeDueTimesResponse last;
  TTHC_RETURN_IF_ERROR(session.client().RecomputeDueTimes(request, [&](const v1::RecomputeDueTimesResponse& portion) {
    for (const v1::RecomputedDossier& moved : portion.moved()) {
      writer.Add(moved, {ResourceId(moved.dossier()), PeopleTime(moved.previous_due_time()),
                         PeopleTime(moved.due_time()), moved.error()});
    }
    last = portion;
    progress.Show(portion.checked_count(), portion.total_count());
  }));
  progress.Clear();
  writer.Finish();
  session.Tell(absl::StrCat(
      session.Say({"Đã xem ", "Looked at "}), last.checked_count(),
      request.validate_only() ? session.Say({", sẽ đổi ", ", would move "}) : session.Say({", đã đổi ", ", moved "}),
      last.moved_count(), session.Say({", không tính được ", ", failed "}), last.failed_count()));
  if (last.failed_count() == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(last.failed_count(), " dossiers could not be recomputed; see the list"));
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
                                 [&session, version] { return Show(session, *version); });
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
      session.Say({"Chỉ xem trước", "Only say what would move"}));
}

}  // namespace tthc::cli
