#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/messages.h"
#include "google/protobuf/timestamp.pb.h"

// Small values as people write and read them. The office's wall clock everywhere.
namespace tthc::cli {

// "26/11/2026 10:00".
std::string FormatTableTime(absl::Time time);
// "" for a timestamp that is unset: zero.
std::string FormatTableTime(const google::protobuf::Timestamp& time);
// As FormatTableTime with seconds if there are any; RFC 3339 with fractions if there are finer parts. ParseLocalTime
// reads the same instant back.
std::string FormatExactTime(absl::Time time);

// ParseLocalTime as a usage error at `field`.
absl::StatusOr<absl::Time> ParseTimeOption(absl::string_view field, absl::string_view text);
// The end of a period: a date alone means the end of that day.
absl::StatusOr<absl::Time> ParsePeriodEnd(absl::string_view field, absl::string_view text);
// "2026", "2026-Q3", "Q3/2026", "2026-09", "09/2026": half-open [from, to).
struct Period {
  absl::Time from;
  absl::Time to;
};
absl::StatusOr<Period> ParsePeriod(absl::string_view field, absl::string_view text);

// "1.250.000".
std::string FormatAmount(int64_t amount);
// Working minutes as "2 ngày 3 giờ 20 phút" / "2 d 3 h 20 min" of work, days of 480 minutes; sign dropped.
std::string FormatWorkingMinutes(int64_t minutes, Lang lang);

}  // namespace tthc::cli
