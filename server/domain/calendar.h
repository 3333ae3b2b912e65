#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tthc/v1/calendar.pb.h"

// The working calendar as a value (lịch làm việc): which days and hours of which office are worked. Pure, immutable after
// FromProto, thread-safe. Everything is in the office's wall clock, storage/base/local_time.h.
// Law: Labour Code 2019 art. 111-112; Resolution 28/2026/QH16; yearly notices of swapped days.
namespace tthc::domain {

// Why a day is worked or not.
struct DayKind {
  enum class Kind { kWorking, kWeekend, kHoliday };
  Kind kind = Kind::kWorking;
  // Reason of the calendar's entry in Vietnamese; empty for ordinary days.
  absl::string_view reason;
  // From a year without its yearly notice, or a day marked so.
  bool provisional = false;
};

// One stretch of work [open, close), seconds after local midnight.
struct SessionSpan {
  int64_t open_second = 0;
  int64_t close_second = 0;
};

class Calendar {
 public:
  // INVALID_ARGUMENT FIELD_INVALID names the day, session or year that is wrong: dates that don't exist or repeat, OFF on
  // a weekend, WORK on a weekday, days outside `years`, sessions that overlap or are out of order, no common session rule
  // for some loaded day, more than limits allow.
  static absl::StatusOr<std::shared_ptr<const Calendar>> FromProto(const v1::Calendar& proto);

  int64_t version() const { return version_; }
  bool IsYearLoaded(int64_t year) const;

  // Day numbers are LocalDayNumber's. INVALID_ARGUMENT CALENDAR_YEAR_NOT_LOADED (metadata "year") outside loaded years.
  absl::StatusOr<DayKind> KindOf(int64_t day_number) const;
  // Opening hours of `office` ("" = common) on a day, empty on a day off. Errors as KindOf.
  absl::StatusOr<std::vector<SessionSpan>> SessionsOn(absl::string_view office, int64_t day_number) const;

  // Working seconds of `office` in [from, to); 0 if from >= to. Errors as KindOf for days in between.
  absl::StatusOr<int64_t> WorkingSeconds(absl::string_view office, absl::Time from, absl::Time to) const;
  // The moment at which `seconds` > 0 of work have passed since `from`: never a session's opening, always in (open, close].
  absl::StatusOr<absl::Time> AddWorkingSeconds(absl::string_view office, absl::Time from, int64_t seconds) const;
  // `time` itself inside a session, else the next opening.
  absl::StatusOr<absl::Time> NextWorkingMoment(absl::string_view office, absl::Time time) const;
  // Working days in [from_day, to_day).
  absl::StatusOr<int64_t> WorkingDays(int64_t from_day, int64_t to_day) const;
  // The first working day >= day_number, and its last closing time for `office`.
  absl::StatusOr<int64_t> WorkingDayAtOrAfter(int64_t day_number) const;
  absl::StatusOr<absl::Time> ClosingTime(absl::string_view office, int64_t day_number) const;
  // Any loaded day in [from, to] that is provisional.
  bool IsProvisional(int64_t from_day, int64_t to_day) const;

 private:
  // H1 fills in.
};

}  // namespace tthc::domain
