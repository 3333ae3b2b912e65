#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/calendar.pb.h"

// The calendar as a text that people edit, such as deploy/data/calendar.csv: one row for each day that differs from
// "Monday to Friday are worked". Columns date (YYYY-MM-DD), kind (off, work), status (official, provisional; may be
// missing), reason (may be missing); lines that begin with # are comments. Pure; thread-safe.
namespace tthc::timing {

struct CalendarCsvOptions {
  std::string description = {};
  // Opening hours are not in the text.
  std::vector<v1::SessionRule> sessions = {};
};

// The years of the calendar are those of its rows: a year has no row only if it is not known. A year is provisional if
// all its rows are. Errors of storage/base/csv.h, which name line and column, for rows that make no sense, days that
// are there twice, and a year that has working weekends but no day off. Whether the days fit together is
// Calendar::FromProto's to say.
absl::StatusOr<v1::Calendar> ParseCalendarCsv(absl::string_view text, const CalendarCsvOptions& options);
// The days in order, in a form that ParseCalendarCsv reads back. Years without any row are not in it.
std::string FormatCalendarCsv(const v1::Calendar& calendar);

// What a calendar probably lacks, in Vietnamese, one remark each: in every year, the fixed public holidays that fall on
// a weekday and are worked (1/1, 30/4, 1/5, 2/9, and from 2026 24/11), and fewer than three days off in January and
// February, where Tết lies. Nothing is certain: swapped days are legal. Law: Labour Code 2019 art. 112; Resolution
// 28/2026/QH16.
std::vector<std::string> ReviewCalendar(const v1::Calendar& calendar);

// Opening hours as people write them: "07:30-11:30, 13:00-17:00", for all offices and days. INVALID_ARGUMENT
// FIELD_INVALID at "sessions" unless they are one to four in order, not overlapping, each ending after it begins.
absl::StatusOr<v1::SessionRule> ParseSessions(absl::string_view text);
std::string FormatSessions(const v1::SessionRule& rule);
// Opening hours by office and range of days, such as deploy/data/sessions.csv: columns office (offices/… or empty for
// all), from, to (YYYY-MM-DD or empty), sessions (as ParseSessions). Errors of storage/base/csv.h.
absl::StatusOr<std::vector<v1::SessionRule>> ParseSessionsCsv(absl::string_view text);
// 07:30-11:30 and 13:00-17:00 for all offices and days: eight hours.
v1::SessionRule DefaultSessions();

}  // namespace tthc::timing
