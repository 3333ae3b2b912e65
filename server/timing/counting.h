#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/timing/calendar.h"
#include "server/timing/deadline.h"

// Inside of the deadline engine, shared by deadline.cc and explanation.cc: one count of one rule, with what the
// explanation has to know about it. Pure; thread-safe.
namespace tthc::timing::counting {

// How a limit is counted under a rule.
enum class Method {
  // Nothing is ever due.
  kNone,
  // Until the closing time of the same working day.
  kSameDay,
  // Whole working days after the day of the start, and whole calendar days rolled to a working day.
  kWorkingDays,
  kCalendarDays,
  // Working seconds; and up to the closing time of the day they end on.
  kClock,
  kClockToClosing,
};

// Day numbers, [first, end).
struct DayRange {
  int64_t first = 0;
  int64_t end = 0;
};

// An input that was checked: whole seconds, the cut-off applied, pauses merged.
struct Prepared {
  absl::Time received = {};
  // `received`, or the opening that the cut-off moved it to.
  absl::Time start = {};
  bool cut_off_hit = false;
  // In order, apart from each other, none empty. They may begin before `start`.
  std::vector<Span> pauses = {};
  v1::Limit limit = {};
  std::string office = {};
};

struct Count {
  Method method = Method::kNone;
  absl::Time start = {};
  // Meaningless for kNone.
  absl::Time due = {};
  // When the clock ran out: kClock, kClockToClosing.
  absl::Time clock_end = {};
  // By days: the last one that counted, and the ones that pauses took out.
  int64_t last_day = 0;
  std::vector<DayRange> excluded = {};
};

// Errors as ComputeDueTimes.
absl::StatusOr<Prepared> Prepare(const Calendar& calendar, const DueInput& input);
absl::StatusOr<Count> CountLimit(const Calendar& calendar, const Prepared& prepared, v1::CountingRule rule);

}  // namespace tthc::timing::counting
