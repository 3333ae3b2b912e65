#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tthc/v1/calendar.pb.h"

// The working calendar as a value (lịch làm việc): which days and hours of which office are worked. Pure, immutable
// after FromProto, thread-safe. Everything is in the office's wall clock, storage/base/local_time.h, and in whole
// seconds: finer parts of a time are cut off.
//
// A day whose year is not loaded is an error to every question that has to look at it, also in between: loaded years
// need not follow one another, and none is ever taken to be without holidays. Days and seconds of work are kept as
// prefix sums, so that every answer is O(log days). Law: Labour Code 2019 art. 111-112; Resolution 28/2026/QH16; yearly
// notices of swapped days.
namespace tthc::timing {

// Why a day is worked or not.
struct DayKind {
  enum class Kind { kWorking, kWeekend, kHoliday };
  Kind kind = Kind::kWorking;
  // Reason of the calendar's entry in Vietnamese; empty for ordinary days.
  absl::string_view reason;
  // From a year without its yearly notice, or a day marked so.
  bool provisional = false;
};

// An interval of work, [open, close), in seconds after local midnight.
struct SessionSpan {
  int64_t open_second = 0;
  int64_t close_second = 0;
};

class Calendar {
 public:
  // INVALID_ARGUMENT FIELD_INVALID names the day, session or year that is wrong: dates that don't exist or repeat, OFF
  // on a weekend, WORK on a weekday, days outside `years`, sessions that overlap, are out of order or do not end before
  // midnight, two session rules of one office from the same day on, no common session rule for some loaded day, more
  // than limits allow.
  static absl::StatusOr<std::shared_ptr<const Calendar>> FromProto(const v1::Calendar& proto);

  int64_t version() const { return version_; }
  bool IsYearLoaded(int64_t year) const;

  // Day numbers are LocalDayNumber's. INVALID_ARGUMENT CALENDAR_YEAR_NOT_LOADED (metadata "year") outside loaded years.
  absl::StatusOr<DayKind> KindOf(int64_t day_number) const;
  // Opening hours of `office` ("" = common) on a day, empty on a day off. Errors as KindOf.
  absl::StatusOr<std::vector<SessionSpan>> SessionsOn(absl::string_view office, int64_t day_number) const;

  // Working seconds of `office` in [from, to); 0 if from >= to. Errors as KindOf for days in between.
  absl::StatusOr<int64_t> WorkingSeconds(absl::string_view office, absl::Time from, absl::Time to) const;
  // The moment at which `seconds` > 0 of work have passed since `from`: never a session's opening, always in (open,
  // close].
  absl::StatusOr<absl::Time> AddWorkingSeconds(absl::string_view office, absl::Time from, int64_t seconds) const;
  // `time` itself inside a session, else the next opening.
  absl::StatusOr<absl::Time> NextWorkingMoment(absl::string_view office, absl::Time time) const;
  // Working days in [from_day, to_day).
  absl::StatusOr<int64_t> WorkingDays(int64_t from_day, int64_t to_day) const;
  // The n-th working day >= day_number, n >= 1; the first one.
  absl::StatusOr<int64_t> NthWorkingDay(int64_t day_number, int64_t n) const;
  absl::StatusOr<int64_t> WorkingDayAtOrAfter(int64_t day_number) const;
  // The last closing time of a working day. INVALID_ARGUMENT FIELD_INVALID (metadata "date") on a day off.
  absl::StatusOr<absl::Time> ClosingTime(absl::string_view office, int64_t day_number) const;
  // The first of all days' last closing times >= `time`.
  absl::StatusOr<absl::Time> ClosingAtOrAfter(absl::string_view office, absl::Time time) const;
  // OK if every day in [from_day, to_day] is loaded.
  absl::Status CheckLoaded(int64_t from_day, int64_t to_day) const;
  // Any loaded day in [from, to] that is provisional.
  bool IsProvisional(int64_t from_day, int64_t to_day) const;

 private:
  class Builder;

  struct SessionSet {
    std::vector<SessionSpan> spans;
    // Sum of the spans.
    int64_t seconds = 0;
  };
  // From table index `first` on, up to the next segment, all working days have the same sessions.
  struct Segment {
    int64_t first = 0;
    size_t session_set = 0;
    // Seconds of work before `first`.
    int64_t seconds_before = 0;
  };
  using Schedule = std::vector<Segment>;

  Calendar() = default;

  int64_t DayCount() const { return static_cast<int64_t>(kinds_.size()); }
  // Table index behind the unbroken run of loaded days that holds `index`; 0 if that day is not loaded.
  int64_t LoadedUntil(int64_t index) const;
  bool IsWorked(int64_t index) const;
  absl::Status NotLoaded(int64_t index) const;
  // Table index of the day that holds `time`, which must be loaded.
  absl::StatusOr<int64_t> IndexOf(absl::Time time) const;
  const Schedule& ScheduleOf(absl::string_view office) const;
  const SessionSet& SessionsAt(const Schedule& schedule, int64_t index) const;
  // Seconds of work before midnight of a day, and before a second of that day.
  int64_t WorkedBefore(const Schedule& schedule, int64_t index) const;
  int64_t WorkedBefore(const Schedule& schedule, int64_t index, int64_t second_of_day) const;
  absl::Time At(int64_t index, int64_t second_of_day) const;

  int64_t version_ = 0;
  // The tables run from 1 January of the first loaded year to 31 December of the last; index 0 is this day number.
  int64_t first_day_ = 0;
  // By day: table index behind the unbroken run of loaded years that holds it, 0 if its year is not loaded.
  std::vector<int64_t> loaded_until_;
  // By day. Days of years that are not loaded count as holidays in the sums, and are never handed out.
  std::vector<DayKind::Kind> kinds_;
  // One entry more than days: how many working, provisional days lie before.
  std::vector<int64_t> working_before_;
  std::vector<int64_t> provisional_before_;
  // Table indexes of all working days.
  std::vector<int64_t> working_days_;
  // By table index.
  std::map<int64_t, std::string> reasons_;
  std::vector<SessionSet> session_sets_;
  // By office; "" is always there.
  std::map<std::string, Schedule, std::less<>> schedules_;
};

}  // namespace tthc::timing
