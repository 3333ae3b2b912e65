#include "client/terminal/format.h"

#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::terminal {
namespace {

absl::Time StartOfMonth(int64_t year, int64_t month) {
  return LocalMidnight(DayNumber(absl::CivilDay(absl::CivilMonth(year, month))));
}

absl::Status NotAPeriod(absl::string_view field, absl::string_view text) {
  return UsageError(field, absl::StrCat("\"", text, "\" is not a period; write 2026, 2026-Q3 or 09/2026"),
                    absl::StrCat("\"", text, "\" không phải kỳ; hãy viết 2026, 2026-Q3 hoặc 09/2026"));
}

bool IsYear(int year) { return year >= limits::kYearMin && year <= limits::kYearMax; }

}  // namespace

std::string FormatTableTime(absl::Time time) { return absl::FormatTime("%d/%m/%Y %H:%M", time, LocalTimeZone()); }

std::string FormatTableTime(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 && time.nanos() == 0 ? "" : FormatTableTime(FromProto(time));
}

std::string FormatExactTime(absl::Time time) {
  // The forms that people use have no fractions, so this one is RFC 3339.
  if (absl::FromUnixSeconds(absl::ToUnixSeconds(time)) != time) {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*S%Ez", time, LocalTimeZone());
  }
  const bool whole_minute = LocalSecondOfDay(time) % 60 == 0;
  return absl::FormatTime(whole_minute ? "%d/%m/%Y %H:%M" : "%d/%m/%Y %H:%M:%S", time, LocalTimeZone());
}

absl::StatusOr<absl::Time> ParseTimeOption(absl::string_view field, absl::string_view text) {
  absl::StatusOr<absl::Time> time = ParseLocalTime(text);
  if (time.ok()) return time;
  return UsageError(field, time.status().message(),
                    absl::StrCat("\"", text,
                                 "\" không phải thời điểm hợp lệ; hãy viết 26/11/2026 10:00, "
                                 "2026-11-26T10:00 hoặc 2026-11-26T10:00:00+07:00"));
}

absl::StatusOr<absl::Time> ParsePeriodEnd(absl::string_view field, absl::string_view text) {
  TTHC_ASSIGN_OR_RETURN(const absl::Time time, ParseTimeOption(field, text));
  // "30/09/2026" and "2026-09-30" both have ten characters.
  const bool date_alone = absl::StripAsciiWhitespace(text).size() == 10;
  return date_alone ? time + absl::Hours(24) : time;
}

absl::StatusOr<Period> ParsePeriod(absl::string_view field, absl::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  std::vector<std::string> parts = absl::StrSplit(upper, absl::ByAnyChar("-/"));
  // The year may stand first or last.
  if (parts.size() == 2 && parts[0].size() < 4) std::swap(parts[0], parts[1]);
  int year = 0;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &year) || !IsYear(year)) return NotAPeriod(field, text);
  if (parts.size() == 1) return Period{StartOfMonth(year, 1), StartOfMonth(year + 1, 1)};
  // CLI users write calendar quarters here; reporting quarters belong to the options of statistics.
  const bool quarter = parts[1].front() == 'Q';
  int number = 0;
  if (!absl::SimpleAtoi(quarter ? parts[1].substr(1) : parts[1], &number)) return NotAPeriod(field, text);
  if (number < 1 || number > (quarter ? 4 : 12)) return NotAPeriod(field, text);
  if (quarter) return Period{StartOfMonth(year, number * 3 - 2), StartOfMonth(year, number * 3 + 1)};
  return Period{StartOfMonth(year, number), StartOfMonth(year, number + 1)};
}

std::string FormatAmount(int64_t amount) {
  const std::string digits = absl::StrCat(amount);
  const size_t first = amount < 0 ? 1 : 0;
  std::string grouped;
  for (size_t i = 0; i < digits.size(); ++i) {
    // Points, as Vietnamese amounts are written. FormatCount of the CLI turns them into commas for English.
    if (i > first && (digits.size() - i) % 3 == 0) grouped += '.';
    grouped += digits[i];
  }
  return grouped;
}

std::string FormatWorkingMinutes(int64_t minutes, Lang lang) {
  // The text around the amount says whether it is left or overdue.
  minutes = std::abs(minutes);
  const int64_t days = minutes / limits::kMinutesPerWorkingDay;
  const int64_t rest = minutes % limits::kMinutesPerWorkingDay;
  std::vector<std::string> parts;
  const bool vi = lang == Lang::kVi;
  if (days > 0) parts.push_back(absl::StrCat(days, vi ? " ngày" : " d"));
  if (rest >= 60) parts.push_back(absl::StrCat(rest / 60, vi ? " giờ" : " h"));
  if (rest % 60 > 0 || parts.empty()) parts.push_back(absl::StrCat(rest % 60, vi ? " phút" : " min"));
  return absl::StrJoin(parts, " ");
}

}  // namespace tthc::terminal
