#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// The wall clock of the office: Asia/Ho_Chi_Minh, UTC+7 without daylight saving since 1975, whatever zone the machine
// or the client is set to. A fixed offset is used, so that no time-zone database can be missing or out of date.
//
// A civil day is counted as days since 1970-01-01 (a day number) where it is computed with, and written YYYY-MM-DD
// where it is stored or sent. Pure; thread-safe.
namespace tthc {

// UTC+7.
inline constexpr int64_t kLocalOffsetSeconds = 7 * 3600;
inline constexpr int64_t kSecondsPerDay = 86'400;

// Fixed +07:00.
absl::TimeZone LocalTimeZone();

// Days since 1970-01-01 of the local civil day that holds `time`, and back to its local midnight.
int64_t LocalDayNumber(absl::Time time);
absl::Time LocalMidnight(int64_t day_number);
// Seconds since local midnight, 0..86399 (fractions cut off).
int64_t LocalSecondOfDay(absl::Time time);
// The local civil day that holds `time`.
absl::CivilDay LocalCivilDay(absl::Time time);
// Between a civil day and its day number.
int64_t DayNumber(absl::CivilDay day);
absl::CivilDay CivilDayOf(int64_t day_number);
// Saturday or Sunday, even if the calendar makes it a working day.
bool IsWeekendDay(int64_t day_number);

// "2026-11-26".
std::string FormatIsoDate(absl::CivilDay day);
// INVALID_ARGUMENT (no field) unless it is an existing YYYY-MM-DD between limits::kYearMin and kYearMax.
absl::StatusOr<absl::CivilDay> ParseIsoDate(absl::string_view text);

// RFC 3339 with offset +07:00, whole seconds: "2026-11-26T10:00:00+07:00".
std::string FormatRfc3339(absl::Time time);
// RFC 3339 with any offset or Z. A time without offset is refused: use ParseLocalTime where people type.
absl::StatusOr<absl::Time> ParseRfc3339(absl::string_view text);
// What people type: "2026-11-26T10:00[:SS]", "2026-11-26 10:00", "26/11/2026 10:00[:SS]", "10:00 26/11/2026", a date
// alone (midnight), or RFC 3339. Without offset it is the office's wall clock.
absl::StatusOr<absl::Time> ParseLocalTime(absl::string_view text);
// "10:00 26/11/2026", as the receipt prints it; seconds are left out.
std::string FormatForPeople(absl::Time time);
// "26/11/2026".
std::string FormatDateForPeople(absl::Time time);

// Conversion to and from protobuf. Microseconds are kept, finer parts are cut off.
google::protobuf::Timestamp ToProto(absl::Time time);
// Of microseconds since the Unix epoch, as records keep time.
google::protobuf::Timestamp ProtoOfMicros(int64_t micros);
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);

}  // namespace tthc
