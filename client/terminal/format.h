#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/terminal/messages.h"
#include "google/protobuf/timestamp.pb.h"

// Small values as people write and read them: times, periods, amounts. All times are local times of the office, UTC+7.
// Parse functions return usage errors that name `field`, an option or a column. Pure; thread-safe.
namespace tthc::terminal {

// "26/11/2026 10:00".
std::string FormatTableTime(absl::Time time);
// "" for an unset timestamp, which is zero.
std::string FormatTableTime(const google::protobuf::Timestamp& time);
// As FormatTableTime, with seconds if they are not zero, and as RFC 3339 if there are fractions of a second.
// ParseLocalTime reads the same instant back.
std::string FormatExactTime(absl::Time time);

// ParseLocalTime as a usage error at `field`.
absl::StatusOr<absl::Time> ParseTimeOption(absl::string_view field, absl::string_view text);
// For the end of a period: a date alone means the end of that day, as people count it in.
absl::StatusOr<absl::Time> ParsePeriodEnd(absl::string_view field, absl::string_view text);
// A half-open range [from, to).
// Both at midnight of the office.
struct Period {
  absl::Time from;
  absl::Time to;
};
// Calendar years, quarters and months: "2026", "2026-Q3", "Q3/2026", "2026-09", "09/2026".
absl::StatusOr<Period> ParsePeriod(absl::string_view field, absl::string_view text);

// "1.250.000".
std::string FormatAmount(int64_t amount);
// Working minutes as "2 ngày 3 giờ 20 phút" / "2 d 3 h 20 min", a day being 480 minutes of work. The sign is dropped.
std::string FormatWorkingMinutes(int64_t minutes, Lang lang);

}  // namespace tthc::terminal
