#include "server/timing/calendar_csv.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "storage/base/check.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::timing {
namespace {

// Which column is what: people move and leave out columns.
struct Columns {
  size_t date = 0;
  size_t kind = 0;
  std::optional<size_t> status;
  std::optional<size_t> reason;
};

absl::StatusOr<Columns> FindColumns(const CsvRow& row) {
  TTHC_ASSIGN_OR_RETURN(const CsvHeader header, CsvHeader::FromRow(row));
  const std::optional<size_t> date = header.Find("date");
  const std::optional<size_t> kind = header.Find("kind");
  if (!date.has_value() || !kind.has_value()) {
    return MakeCsvCellError({.line = row.line, .column = 0, .field = date.has_value() ? "kind" : "date"},
                            "the column is missing; the first row must name date, kind, status, reason",
                            "thiếu cột; dòng đầu phải có date, kind, status, reason");
  }
  return Columns{.date = *date, .kind = *kind, .status = header.Find("status"), .reason = header.Find("reason")};
}

std::string Lower(absl::string_view text) { return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text)); }

absl::StatusOr<v1::CalendarDay> ReadDay(const Columns& columns, const CsvRow& row) {
  v1::CalendarDay day;
  const std::string date(absl::StripAsciiWhitespace(row.cells[columns.date]));
  if (!ParseIsoDate(date).ok()) {
    return MakeCsvCellError({.line = row.line, .column = columns.date, .field = "date"},
                            "is not an existing day; write YYYY-MM-DD",
                            "không phải là ngày có thật; hãy viết YYYY-MM-DD");
  }
  // Whether the day fits into a calendar is checked when the calendar is built; here only whether the row can be read.
  day.set_date(date);
  const std::string kind = Lower(row.cells[columns.kind]);
  if (kind != "off" && kind != "work") {
    return MakeCsvCellError({.line = row.line, .column = columns.kind, .field = "kind"}, "must be off or work",
                            "phải là off (nghỉ) hoặc work (làm bù)");
  }
  day.set_kind(kind == "off" ? v1::CalendarDay::KIND_OFF : v1::CalendarDay::KIND_WORK);
  if (columns.status.has_value()) {
    const std::string status = Lower(row.cells[*columns.status]);
    if (!status.empty() && status != "official" && status != "provisional") {
      return MakeCsvCellError({.line = row.line, .column = *columns.status, .field = "status"},
                              "must be official or provisional",
                              "phải là official (đã thông báo) hoặc provisional (tạm tính)");
    }
    day.set_provisional(status == "provisional");
  }
  if (columns.reason.has_value()) {
    const std::string& reason = row.cells[*columns.reason];
    const absl::Status text = CheckText("reason", reason, {.bytes_max = limits::kShortTextBytesMax});
    if (!text.ok()) {
      return MakeCsvCellError({.line = row.line, .column = *columns.reason, .field = "reason"}, text);
    }
    // Spreadsheets of some systems write decomposed letters, which would not be found again.
    day.set_reason(ToNfc(absl::StripAsciiWhitespace(reason)));
  }
  return day;
}

// What the rows of a year say of the year as a whole.
struct YearRows {
  int64_t first_line = 0;
  bool any_off = false;
  bool all_provisional = true;
};

int32_t YearOf(const v1::CalendarDay& day) { return static_cast<int32_t>(ParseIsoDate(day.date())->year()); }

absl::Status AddYears(const std::map<int32_t, YearRows>& years, size_t date_column, v1::Calendar* calendar) {
  for (const auto& [year, rows] : years) {
    // A year with working weekends and no day off is a file that was cut short: no year is without holidays.
    if (!rows.any_off) {
      return MakeCsvCellError({.line = rows.first_line, .column = date_column, .field = "date"},
                              absl::StrCat("the year ", year, " has no day off; add its public holidays"),
                              absl::StrCat("năm ", year, " không có ngày nghỉ nào; hãy bổ sung các ngày nghỉ lễ"));
    }
    calendar->add_years(year);
    if (rows.all_provisional) calendar->add_provisional_years(year);
  }
  return absl::OkStatus();
}

// Minutes after midnight of "07:30". Exactly five characters: "7:30" and "07:30 " are mostly typing errors.
std::optional<int32_t> ReadTimeOfDay(absl::string_view text) {
  int32_t hour = 0;
  int32_t minute = 0;
  text = absl::StripAsciiWhitespace(text);
  const bool shape = text.size() == 5 && text[2] == ':' && absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
                     absl::ascii_isdigit(static_cast<unsigned char>(text[3]));
  if (!shape || !absl::SimpleAtoi(text.substr(0, 2), &hour) || !absl::SimpleAtoi(text.substr(3), &minute)) {
    return std::nullopt;
  }
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

}  // namespace

absl::StatusOr<v1::Calendar> ParseCalendarCsv(absl::string_view text, const CalendarCsvOptions& options) {
  TTHC_ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, ReadCsv(text, {.comments = true}));
  if (rows.empty()) {
    return MakeCsvCellError({.line = 1, .column = 0, .field = "date"}, "the calendar is empty",
                            "tệp lịch không có dòng nào");
  }
  TTHC_ASSIGN_OR_RETURN(const Columns columns, FindColumns(rows.front()));
  v1::Calendar calendar;
  calendar.set_description(options.description);
  // For the message: where the day was listed before.
  std::map<std::string, int64_t> line_of_date;
  std::map<int32_t, YearRows> years;
  for (size_t i = 1; i < rows.size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const v1::CalendarDay day, ReadDay(columns, rows[i]));
    const auto [known, is_new] = line_of_date.emplace(day.date(), rows[i].line);
    if (!is_new) {
      return MakeCsvCellError({.line = rows[i].line, .column = columns.date, .field = "date"},
                              absl::StrCat(day.date(), " is already on line ", known->second),
                              absl::StrCat("ngày ", day.date(), " đã có ở dòng ", known->second));
    }
    YearRows& year = years[YearOf(day)];
    if (year.first_line == 0) year.first_line = rows[i].line;
    year.any_off |= day.kind() == v1::CalendarDay::KIND_OFF;
    year.all_provisional &= day.provisional();
    *calendar.add_days() = day;
  }
  if (years.empty()) {
    return MakeCsvCellError({.line = rows.front().line, .column = columns.date, .field = "date"},
                            "the calendar has no days", "tệp lịch không có ngày nào");
  }
  TTHC_RETURN_IF_ERROR(AddYears(years, columns.date, &calendar));
  for (const v1::SessionRule& rule : options.sessions) *calendar.add_sessions() = rule;
  return calendar;
}

std::string FormatCalendarCsv(const v1::Calendar& calendar) {
  std::vector<v1::CalendarDay> days(calendar.days().begin(), calendar.days().end());
  std::sort(days.begin(), days.end(),
            [](const v1::CalendarDay& a, const v1::CalendarDay& b) { return a.date() < b.date(); });
  const std::set<int32_t> provisional_years(calendar.provisional_years().begin(), calendar.provisional_years().end());
  std::string text;
  AppendCsvRow({"date", "kind", "status", "reason"}, {}, &text);
  for (const v1::CalendarDay& day : days) {
    int32_t year = 0;
    // A year is read back as provisional if all its rows are, so every row of such a year says so.
    const bool in_provisional_year =
        absl::SimpleAtoi(absl::string_view(day.date()).substr(0, 4), &year) && provisional_years.count(year) > 0;
    AppendCsvRow({day.date(), day.kind() == v1::CalendarDay::KIND_WORK ? "work" : "off",
                  day.provisional() || in_provisional_year ? "provisional" : "official", day.reason()},
                 {}, &text);
  }
  return text;
}

std::vector<std::string> ReviewCalendar(const v1::Calendar& calendar) {
  struct FixedHoliday {
    int month;
    int day;
    int from_year;
  };
  // Labour Code 2019 art. 112: 1/1, 30/4, 1/5, 2/9. Resolution 28/2026/QH16: 24/11, from 2026 on.
  constexpr std::array<FixedHoliday, 5> kFixed = {{{1, 1, 0}, {4, 30, 0}, {5, 1, 0}, {9, 2, 0}, {11, 24, 2026}}};
  // Tết has five days off. With weekends in between, at least three of them are weekdays that the calendar must list.
  constexpr int kTetDaysMin = 3;
  std::set<std::string> off;
  std::map<int, int> off_around_tet;
  for (const v1::CalendarDay& day : calendar.days()) {
    if (day.kind() != v1::CalendarDay::KIND_OFF) continue;
    off.insert(day.date());
    const absl::StatusOr<absl::CivilDay> civil = ParseIsoDate(day.date());
    if (civil.ok() && civil->month() <= 2) ++off_around_tet[static_cast<int>(civil->year())];
  }
  std::vector<std::string> remarks;
  for (const int32_t year : calendar.years()) {
    for (const FixedHoliday& fixed : kFixed) {
      const absl::CivilDay day(year, fixed.month, fixed.day);
      const absl::Weekday weekday = absl::GetWeekday(day);
      // On a weekend the day off is another day, announced each year; which one can't be known here.
      const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
      if (year < fixed.from_year || weekend || off.count(FormatIsoDate(day)) > 0) continue;
      remarks.push_back(
          absl::StrFormat("Năm %d: ngày lễ %02d/%02d không được ghi là ngày nghỉ", year, fixed.day, fixed.month));
    }
    if (off_around_tet[year] < kTetDaysMin) {
      remarks.push_back(absl::StrFormat("Năm %d: tháng 1 và tháng 2 chỉ có %d ngày nghỉ, có thể thiếu Tết Nguyên đán",
                                        year, off_around_tet[year]));
    }
  }
  return remarks;
}

absl::StatusOr<v1::SessionRule> ParseSessions(absl::string_view text) {
  v1::SessionRule rule;
  int32_t previous_close = 0;
  bool ok = true;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends = absl::StrSplit(part, absl::MaxSplits('-', 1));
    const std::optional<int32_t> open = ReadTimeOfDay(ends.first);
    const std::optional<int32_t> close = ReadTimeOfDay(ends.second);
    ok = ok && open.has_value() && close.has_value() && *open >= previous_close && *open < *close;
    if (!ok) break;
    previous_close = *close;
    v1::Session& session = *rule.add_sessions();
    session.set_open_minute(*open);
    session.set_close_minute(*close);
  }
  if (!ok || static_cast<size_t>(rule.sessions_size()) > limits::kSessionsPerDayMax) {
    return InvalidField("sessions", "must be one to four intervals in order, such as 07:30-11:30,13:00-17:00",
                        "phải là một đến bốn buổi theo thứ tự, ví dụ 07:30-11:30,13:00-17:00");
  }
  return rule;
}

std::string FormatSessions(const v1::SessionRule& rule) {
  std::string text;
  for (const v1::Session& session : rule.sessions()) {
    absl::StrAppendFormat(&text, "%s%02d:%02d-%02d:%02d", text.empty() ? "" : ",", session.open_minute() / 60,
                          session.open_minute() % 60, session.close_minute() / 60, session.close_minute() % 60);
  }
  return text;
}

absl::StatusOr<std::vector<v1::SessionRule>> ParseSessionsCsv(absl::string_view text) {
  TTHC_ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, ReadCsv(text, {.comments = true}));
  if (rows.empty()) {
    return MakeCsvCellError({.line = 1, .column = 0, .field = "sessions"}, "the file is empty",
                            "tệp không có dòng nào");
  }
  TTHC_ASSIGN_OR_RETURN(const CsvHeader header, CsvHeader::FromRow(rows.front()));
  const std::optional<size_t> sessions = header.Find("sessions");
  if (!sessions.has_value()) {
    return MakeCsvCellError({.line = rows.front().line, .column = 0, .field = "sessions"}, "the column is missing",
                            "thiếu cột");
  }
  // office, from and to may be missing as columns, and empty as cells.
  const auto cell = [&](const CsvRow& row, absl::string_view name) {
    const std::optional<size_t> at = header.Find(name);
    return at.has_value() ? std::string(absl::StripAsciiWhitespace(row.cells[*at])) : std::string();
  };
  std::vector<v1::SessionRule> rules;
  for (size_t i = 1; i < rows.size(); ++i) {
    absl::StatusOr<v1::SessionRule> rule = ParseSessions(rows[i].cells[*sessions]);
    if (!rule.ok()) {
      return MakeCsvCellError({.line = rows[i].line, .column = *sessions, .field = "sessions"}, rule.status());
    }
    for (const absl::string_view name : {"from", "to"}) {
      if (cell(rows[i], name).empty() || ParseIsoDate(cell(rows[i], name)).ok()) continue;
      return MakeCsvCellError({.line = rows[i].line, .column = *header.Find(name), .field = name},
                              "is not an existing day; write YYYY-MM-DD",
                              "không phải là ngày có thật; hãy viết YYYY-MM-DD");
    }
    rule->set_office(cell(rows[i], "office"));
    rule->set_start_date(cell(rows[i], "from"));
    rule->set_end_date(cell(rows[i], "to"));
    rules.push_back(*std::move(rule));
  }
  return rules;
}

// Written the way people write it, so that there is one place that knows how hours are stored.
v1::SessionRule DefaultSessions() {
  absl::StatusOr<v1::SessionRule> rule = ParseSessions("07:30-11:30,13:00-17:00");
  TTHC_CHECK(rule.ok());
  return *std::move(rule);
}

}  // namespace tthc::timing
