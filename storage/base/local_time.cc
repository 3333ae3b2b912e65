#include "storage/base/local_time.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/base/limits.h"

namespace tthc {
namespace {

// Division that rounds toward minus infinity: instants before 1970 belong to the day before, not to day 0.
int64_t FloorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0); }

// A timestamp from a client may hold any second. Those far away are clamped to where adding an offset can't overflow.
int64_t LocalSeconds(absl::Time time) {
  constexpr int64_t kFar = int64_t{1} << 50;
  return std::clamp(absl::ToUnixSeconds(time), -kFar, kFar) + kLocalOffsetSeconds;
}

// Years outside are typing errors: 0206, 20026.
absl::Status CheckYear(absl::CivilYear year) {
  if (year.year() < limits::kYearMin || year.year() > limits::kYearMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("year ", year.year(), " is not between ", limits::kYearMin, " and ", limits::kYearMax));
  }
  return absl::OkStatus();
}

// Reads exactly `width` digits at `*at`.
bool ReadDigits(absl::string_view text, size_t width, size_t* at, int* value) {
  if (*at + width > text.size()) return false;
  int result = 0;
  for (size_t i = 0; i < width; ++i) {
    const char c = text[*at + i];
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    result = result * 10 + (c - '0');
  }
  *at += width;
  *value = result;
  return true;
}

bool ReadChar(absl::string_view text, char expected, size_t* at) {
  if (*at >= text.size() || text[*at] != expected) return false;
  ++*at;
  return true;
}

// "2026-11-26" or "26/11/2026".
bool ReadDate(absl::string_view text, size_t* at, absl::CivilDay* day) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  size_t start = *at;
  const bool iso = ReadDigits(text, 4, at, &year) && ReadChar(text, '-', at) && ReadDigits(text, 2, at, &month) &&
                   ReadChar(text, '-', at) && ReadDigits(text, 2, at, &day_of_month);
  if (!iso) {
    *at = start;
    const bool local = ReadDigits(text, 2, at, &day_of_month) && ReadChar(text, '/', at) &&
                       ReadDigits(text, 2, at, &month) && ReadChar(text, '/', at) && ReadDigits(text, 4, at, &year);
    if (!local) {
      *at = start;
      return false;
    }
  }
  const absl::CivilDay civil(year, month, day_of_month);
  // CivilDay normalizes 31/02 to 03/03: a date that changes does not exist.
  if (civil.year() != year || civil.month() != month || civil.day() != day_of_month) return false;
  *day = civil;
  return true;
}

// "10:00" or "10:00:30".
bool ReadTimeOfDay(absl::string_view text, size_t* at, int* second_of_day) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!ReadDigits(text, 2, at, &hour) || !ReadChar(text, ':', at) || !ReadDigits(text, 2, at, &minute)) return false;
  if (*at < text.size() && text[*at] == ':') {
    ++*at;
    if (!ReadDigits(text, 2, at, &second)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *second_of_day = hour * 3600 + minute * 60 + second;
  return true;
}

}  // namespace

absl::TimeZone LocalTimeZone() { return absl::FixedTimeZone(static_cast<int>(kLocalOffsetSeconds)); }

int64_t LocalDayNumber(absl::Time time) { return FloorDiv(LocalSeconds(time), kSecondsPerDay); }

absl::Time LocalMidnight(int64_t day_number) {
  return absl::FromUnixSeconds(day_number * kSecondsPerDay - kLocalOffsetSeconds);
}

int64_t LocalSecondOfDay(absl::Time time) { return LocalSeconds(time) - LocalDayNumber(time) * kSecondsPerDay; }

absl::CivilDay LocalCivilDay(absl::Time time) { return CivilDayOf(LocalDayNumber(time)); }

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

bool IsWeekendDay(int64_t day_number) {
  const absl::Weekday weekday = absl::GetWeekday(CivilDayOf(day_number));
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

absl::CivilDay CivilDayOf(int64_t day_number) { return absl::CivilDay(1970, 1, 1) + day_number; }

std::string FormatIsoDate(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::StatusOr<absl::CivilDay> ParseIsoDate(absl::string_view text) {
  size_t at = 0;
  absl::CivilDay day;
  if (text.size() != 10 || text[4] != '-' || !ReadDate(text, &at, &day)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not an existing day YYYY-MM-DD"));
  }
  if (absl::Status status = CheckYear(absl::CivilYear(day)); !status.ok()) return status;
  return day;
}

std::string FormatRfc3339(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%S%Ez", time, LocalTimeZone()); }

absl::StatusOr<absl::Time> ParseRfc3339(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a time with offset, such as 2026-11-26T10:00:00+07:00"));
  }
  // Before any arithmetic: the parser also accepts "infinite-future" and years that overflow.
  const absl::Time first = LocalMidnight(DayNumber(absl::CivilDay(limits::kYearMin, 1, 1)));
  const absl::Time end = LocalMidnight(DayNumber(absl::CivilDay(limits::kYearMax + 1, 1, 1)));
  if (time < first || time >= end) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not between ", limits::kYearMin, " and ", limits::kYearMax));
  }
  return time;
}

absl::StatusOr<absl::Time> ParseLocalTime(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  size_t at = 0;
  absl::CivilDay day;
  int second_of_day = 0;
  bool ok = ReadDate(text, &at, &day);
  if (ok && at < text.size()) {
    ok = (text[at] == 'T' || text[at] == ' ') && ReadTimeOfDay(text, &++at, &second_of_day);
  } else if (!ok) {
    at = 0;
    ok = ReadTimeOfDay(text, &at, &second_of_day) && ReadChar(text, ' ', &at) && ReadDate(text, &at, &day);
  }
  // RFC 3339 last: its own message would confuse people who type dates as they speak them.
  if (!ok || at != text.size()) {
    if (absl::StatusOr<absl::Time> rfc = ParseRfc3339(text); rfc.ok()) return rfc;
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not a time; write 26/11/2026 10:00, 2026-11-26T10:00 or 2026-11-26T10:00:00+07:00"));
  }
  if (absl::Status status = CheckYear(absl::CivilYear(day)); !status.ok()) return status;
  return LocalMidnight(DayNumber(day)) + absl::Seconds(second_of_day);
}

std::string FormatForPeople(absl::Time time) { return absl::FormatTime("%H:%M %d/%m/%Y", time, LocalTimeZone()); }

std::string FormatDateForPeople(absl::Time time) { return absl::FormatTime("%d/%m/%Y", time, LocalTimeZone()); }

google::protobuf::Timestamp ToProto(absl::Time time) {
  const int64_t us = absl::ToUnixMicros(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(FloorDiv(us, 1'000'000));
  // Never negative, as protobuf requires, even before 1970.
  timestamp.set_nanos(static_cast<int32_t>(us - timestamp.seconds() * 1'000'000) * 1000);
  return timestamp;
}

google::protobuf::Timestamp ProtoOfMicros(int64_t micros) { return ToProto(absl::FromUnixMicros(micros)); }

absl::Time FromProto(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Microseconds(timestamp.nanos() / 1000);
}

}  // namespace tthc
