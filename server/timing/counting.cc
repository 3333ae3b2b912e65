#include "server/timing/counting.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::timing::counting {
namespace {

absl::Time WholeSeconds(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time)); }

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Also keeps infinite times out of the arithmetic below.
absl::Status CheckTimeBounds(absl::string_view field, absl::Time time) {
  const absl::Time first = LocalMidnight(DayNumber(absl::CivilDay(limits::kYearMin, 1, 1)));
  const absl::Time end = LocalMidnight(DayNumber(absl::CivilDay(limits::kYearMax + 1, 1, 1)));
  if (time >= first && time < end) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must lie between the years ", limits::kYearMin, " and ", limits::kYearMax),
                      absl::StrCat("phải nằm trong khoảng năm ", limits::kYearMin, " đến ", limits::kYearMax));
}

// In order, apart from each other, none empty: touching and overlapping pauses count once.
absl::StatusOr<std::vector<Span>> MergePauses(const std::vector<Span>& pauses) {
  if (pauses.size() > limits::kPausesMax) {
    return InvalidField("pauses", absl::StrCat("has ", pauses.size(), " entries; at most ", limits::kPausesMax),
                        absl::StrCat("có ", pauses.size(), " lần tạm dừng; tối đa ", limits::kPausesMax));
  }
  std::vector<Span> merged;
  for (size_t i = 0; i < pauses.size(); ++i) {
    const std::string field = absl::StrCat("pauses[", i, "]");
    TTHC_RETURN_IF_ERROR(CheckTimeBounds(field, pauses[i].start));
    TTHC_RETURN_IF_ERROR(CheckTimeBounds(field, pauses[i].end));
    if (pauses[i].end < pauses[i].start) {
      return InvalidField(field, "ends before it starts", "kết thúc trước khi bắt đầu");
    }
    const Span pause{.start = WholeSeconds(pauses[i].start), .end = WholeSeconds(pauses[i].end)};
    if (pause.start < pause.end) merged.push_back(pause);
  }
  std::sort(merged.begin(), merged.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  // In place: the merged ones so far are the first `kept`.
  size_t kept = 0;
  for (const Span& pause : merged) {
    if (kept > 0 && pause.start <= merged[kept - 1].end) {
      merged[kept - 1].end = std::max(merged[kept - 1].end, pause.end);
    } else {
      merged[kept++] = pause;
    }
  }
  merged.resize(kept);
  return merged;
}

absl::StatusOr<bool> IsCutOffHit(const Calendar& calendar, const std::string& office, const v1::CutOff& cut_off,
                                 absl::Time received) {
  // Procedures recorded before 0.2 say "none" by an unspecified kind.
  if (cut_off.kind() == v1::CutOff::KIND_UNSPECIFIED || cut_off.kind() == v1::CutOff::KIND_NONE) return false;
  // D6-D8: "after 15:00", whatever day it is.
  if (cut_off.kind() == v1::CutOff::KIND_AFTER_TIME) return LocalSecondOfDay(received) > cut_off.minutes() * 60;
  const int64_t day = LocalDayNumber(received);
  TTHC_ASSIGN_OR_RETURN(const DayKind kind, calendar.KindOf(day));
  const bool worked = kind.kind == DayKind::Kind::kWorking;
  // D9: the last working hour exists only on a worked day; "after closing" also means a day that never opened.
  if (!worked) return cut_off.kind() == v1::CutOff::KIND_AFTER_CLOSING;
  TTHC_ASSIGN_OR_RETURN(const absl::Time closing, calendar.ClosingTime(office, day));
  const int64_t minutes = cut_off.kind() == v1::CutOff::KIND_LAST_MINUTES ? cut_off.minutes() : 0;
  return received > closing - absl::Minutes(minutes);
}

// Hours by rule `date` are counted by the clock and due at closing time of the day on which that ends: the rule
// promises a day and not a minute.
Method MethodOf(v1::Limit::Unit unit, v1::CountingRule rule) {
  const bool by_clock = rule == v1::COUNTING_RULE_CLOCK;
  switch (unit) {
    case v1::Limit::UNIT_WORKING_DAY:
      return by_clock ? Method::kClock : Method::kWorkingDays;
    case v1::Limit::UNIT_HOUR:
      return by_clock ? Method::kClock : Method::kClockToClosing;
    case v1::Limit::UNIT_CALENDAR_DAY:
    case v1::Limit::UNIT_MONTH:
      return Method::kCalendarDays;
    case v1::Limit::UNIT_SAME_DAY:
      return Method::kSameDay;
    default:
      return Method::kNone;
  }
}

// How many days must be counted after the day of the start.
int64_t DaysOf(const v1::Limit& limit, int64_t start_day) {
  switch (limit.unit()) {
    // Parts of days are rounded up: by dates 3.5 working days are due with the fourth.
    case v1::Limit::UNIT_WORKING_DAY:
      return CeilDiv(limit.minutes(), limits::kMinutesPerWorkingDay);
    case v1::Limit::UNIT_CALENDAR_DAY:
      return CeilDiv(limit.minutes(), limits::kMinutesPerCalendarDay);
    default:
      break;
  }
  // Civil Code art. 147: a month ends on its last day if the day of the month is missing.
  const absl::CivilDay start = CivilDayOf(start_day);
  const absl::CivilMonth month = absl::CivilMonth(start) + limit.months();
  const absl::CivilDay last_of_month = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay end = absl::CivilDay(month) + (start.day() - 1);
  return DayNumber(std::min(end, last_of_month)) - start_day;
}

// Counts days one after the other, jumping over what pauses take out.
//
// `cursor` is the first day that may still be counted and `need` how many days are left to count from there. Each pause
// that begins before the dossier is due takes the days before it off `need`, moves the cursor behind itself, and the
// due time is computed anew. Pauses are in order, so the first one that begins too late ends the loop.
absl::StatusOr<Count> CountDays(const Calendar& calendar, const Prepared& prepared, Method method) {
  const bool working = method == Method::kWorkingDays;
  const int64_t start_day = LocalDayNumber(prepared.start);
  int64_t need = DaysOf(prepared.limit, start_day);
  // Civil Code art. 147: the day of the event is not counted.
  int64_t cursor = start_day + 1;
  Count count{.method = method, .start = prepared.start};

  const auto finish_without_more_pauses = [&]() -> absl::Status {
    int64_t due_day = 0;
    if (working) {
      TTHC_ASSIGN_OR_RETURN(count.last_day, calendar.NthWorkingDay(cursor, need));
      due_day = count.last_day;
    } else {
      count.last_day = cursor + need - 1;
      TTHC_RETURN_IF_ERROR(calendar.CheckLoaded(start_day, count.last_day));
      // Civil Code art. 148: a period that ends on a day off ends with the next working day.
      TTHC_ASSIGN_OR_RETURN(due_day, calendar.WorkingDayAtOrAfter(count.last_day));
    }
    TTHC_ASSIGN_OR_RETURN(count.due, calendar.ClosingTime(prepared.office, due_day));
    return absl::OkStatus();
  };

  TTHC_RETURN_IF_ERROR(finish_without_more_pauses());
  for (const Span& pause : prepared.pauses) {
    if (pause.end <= prepared.start) continue;
    if (pause.start >= count.due) break;
    const int64_t pause_day = LocalDayNumber(std::max(pause.start, prepared.start));
    const int64_t resume_day = LocalDayNumber(pause.end);
    // Running, the day on which it stops is taken out and the day on which it goes on counts. A pause that begins on
    // the day of the start makes the day on which it goes on the new day of the event.
    const bool from_start = pause_day <= start_day;
    const int64_t first = std::max(cursor, pause_day);
    const int64_t end = from_start ? resume_day + 1 : resume_day;
    // It begins after the last day was counted, while the due time is only waiting for a working day or its closing.
    if (count.last_day < first) break;
    if (end <= first) continue;
    int64_t counted = first - cursor;
    if (working) {
      TTHC_ASSIGN_OR_RETURN(counted, calendar.WorkingDays(cursor, first));
    }
    need -= counted;
    cursor = end;
    count.excluded.push_back({.first = first, .end = end});
    TTHC_RETURN_IF_ERROR(finish_without_more_pauses());
  }
  // Also the days that pauses jumped over: a due time behind a year that is not known can't be promised.
  TTHC_RETURN_IF_ERROR(calendar.CheckLoaded(start_day, LocalDayNumber(count.due)));
  return count;
}

// The same by working seconds: each pause takes the seconds worked before it off what is left.
absl::StatusOr<Count> CountClock(const Calendar& calendar, const Prepared& prepared, Method method) {
  Count count{.method = method};
  TTHC_ASSIGN_OR_RETURN(count.start, calendar.NextWorkingMoment(prepared.office, prepared.start));
  int64_t need = prepared.limit.minutes() * 60;
  // From the moment of the start, not from the next opening: there is no work in between anyway, and a pause there is
  // found to be of no effect.
  absl::Time cursor = prepared.start;
  TTHC_ASSIGN_OR_RETURN(count.clock_end, calendar.AddWorkingSeconds(prepared.office, cursor, need));
  for (const Span& pause : prepared.pauses) {
    if (pause.end <= cursor) continue;
    if (pause.start >= count.clock_end) break;
    TTHC_ASSIGN_OR_RETURN(const int64_t worked, calendar.WorkingSeconds(prepared.office, cursor, pause.start));
    need -= worked;
    cursor = pause.end;
    TTHC_ASSIGN_OR_RETURN(count.clock_end, calendar.AddWorkingSeconds(prepared.office, cursor, need));
  }
  count.due = count.clock_end;
  if (method == Method::kClockToClosing) {
    TTHC_ASSIGN_OR_RETURN(count.due, calendar.ClosingTime(prepared.office, LocalDayNumber(count.clock_end)));
  }
  TTHC_RETURN_IF_ERROR(calendar.CheckLoaded(LocalDayNumber(prepared.start), LocalDayNumber(count.due)));
  return count;
}

// A pause that holds the due time moves it to the first closing after the pause; several may do so one after the other.
absl::StatusOr<Count> CountSameDay(const Calendar& calendar, const Prepared& prepared) {
  Count count{.method = Method::kSameDay, .start = prepared.start};
  TTHC_ASSIGN_OR_RETURN(count.due, calendar.ClosingAtOrAfter(prepared.office, prepared.start));
  for (const Span& pause : prepared.pauses) {
    if (pause.start >= count.due) break;
    if (pause.end <= count.due) continue;
    TTHC_ASSIGN_OR_RETURN(count.due, calendar.ClosingAtOrAfter(prepared.office, pause.end));
  }
  TTHC_RETURN_IF_ERROR(calendar.CheckLoaded(LocalDayNumber(prepared.start), LocalDayNumber(count.due)));
  return count;
}

}  // namespace

absl::StatusOr<Prepared> Prepare(const Calendar& calendar, const DueInput& input) {
  TTHC_RETURN_IF_ERROR(CheckTimeBounds("received_time", input.received));
  TTHC_RETURN_IF_ERROR(CheckLimit("limit", input.limit));
  TTHC_RETURN_IF_ERROR(CheckCutOff("cut_off", input.cut_off));
  Prepared prepared{.received = WholeSeconds(input.received), .limit = input.limit, .office = input.office};
  TTHC_ASSIGN_OR_RETURN(prepared.pauses, MergePauses(input.pauses));
  prepared.start = prepared.received;
  // Nothing is counted, so that no calendar has to be asked.
  if (input.limit.unit() == v1::Limit::UNIT_NONE) return prepared;

  TTHC_ASSIGN_OR_RETURN(prepared.cut_off_hit, IsCutOffHit(calendar, input.office, input.cut_off, prepared.received));
  if (prepared.cut_off_hit) {
    const int64_t received_day = LocalDayNumber(prepared.received);
    // AFTER_TIME has asked no calendar so far. Both days must be loaded, so that no gap of years is jumped over.
    TTHC_RETURN_IF_ERROR(calendar.CheckLoaded(received_day, received_day + 1));
    TTHC_ASSIGN_OR_RETURN(const int64_t next, calendar.WorkingDayAtOrAfter(received_day + 1));
    TTHC_ASSIGN_OR_RETURN(prepared.start, calendar.NextWorkingMoment(input.office, LocalMidnight(next)));
  }
  return prepared;
}

absl::StatusOr<Count> CountLimit(const Calendar& calendar, const Prepared& prepared, v1::CountingRule rule) {
  const Method method = MethodOf(prepared.limit.unit(), rule);
  switch (method) {
    case Method::kNone:
      break;
    case Method::kSameDay:
      return CountSameDay(calendar, prepared);
    case Method::kWorkingDays:
    case Method::kCalendarDays:
      return CountDays(calendar, prepared, method);
    case Method::kClock:
    case Method::kClockToClosing:
      return CountClock(calendar, prepared, method);
  }
  return Count{.method = Method::kNone, .start = prepared.start};
}

}  // namespace tthc::timing::counting
