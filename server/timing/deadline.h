#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/timing/calendar.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/limit.pb.h"

// When a dossier is due, and why (hẹn trả kết quả). Pure; thread-safe. docs/deadlines.md says the same with examples.
// Law: Civil Code 2015 art. 147-148; Decree 118/2025/NĐ-CP art. 17-18; rules D1-D29 are quoted where they are computed.
//
// Everything is in the office's wall clock (UTC+7) and in whole seconds; finer parts of a time are cut off. Every day
// from the start to the due time must be in a loaded year.
//
// Start. If the cut-off is hit, the opening of the first working day after the day of receipt, else the moment of
// receipt:
//   AFTER_TIME     strictly later than that time of day, whatever day it is;
//   LAST_MINUTES   on a worked day, strictly later than the last closing time less that many minutes;
//   AFTER_CLOSING  strictly later than the last closing time, or any time on a day off.
// What is counted by the clock starts at the next working moment.
//
// Due time, by unit and rule:
//   WORKING_DAY, date    minutes/480 working days, rounded up, after the calendar day of the start (which never counts,
//                        at whatever hour and on whatever day it fell); due at that day's last closing time.
//   WORKING_DAY, clock   working minutes, session by session; what ends exactly with a session is due then.
//   HOUR, clock          the same; by `date`: the last closing time of the day on which that ends.
//   CALENDAR_DAY, MONTH  both rules: that many days after the day of the start, or the same day of the month (its last
//                        day if there is none), carried over to the next working day if it is off; due at its last
//                        closing time.
//   SAME_DAY             both rules: the first of all last closing times at or after the start.
//   NONE                 both rules: never.
//
// Pauses. Empty ones are dropped, those that touch or overlap are one. What lies before the start changes nothing, nor
// does a pause that begins at or after the due time.
//   clock                working seconds inside do not count.
//   WORKING_DAY, date    the day on which it stops is taken out, the day on which it goes on counts; a pause within one
//                        day takes out nothing. If it begins on the day of the start, the day on which it goes on is
//                        the new day of the event: the days after the start up to and with that day are taken out.
//   CALENDAR_DAY, MONTH  days are taken out likewise before the last day is carried over.
//   SAME_DAY             if a pause holds the due time: the first last closing time at or after the pause's end.
namespace tthc::timing {

// Time that does not count (tạm dừng), half-open [start, end).
struct Span {
  absl::Time start;
  absl::Time end;
};

struct DueInput {
  absl::Time received = {};
  v1::Limit limit = {};
  v1::CountingRule counting_rule = v1::COUNTING_RULE_DATE;
  v1::CutOff cut_off = {};
  // In any order; may touch, overlap, or be empty (then they change nothing); at most limits::kPausesMax.
  std::vector<Span> pauses = {};
  // offices/{office} whose hours count; "" = common.
  std::string office = {};
};

struct DueTimes {
  // From when on it counts: by the chosen rule.
  absl::Time start;
  // Unset for Limit::UNIT_NONE.
  std::optional<absl::Time> date_rule;
  std::optional<absl::Time> clock_rule;
  // The one chosen by counting_rule.
  std::optional<absl::Time> due;
};

// Both counts. INVALID_ARGUMENT: CALENDAR_YEAR_NOT_LOADED (metadata "year"), also if only the rule that was not chosen
// reaches such a year; FIELD_INVALID at "received_time", "limit", "counting_rule", "cut_off", "pauses" or "pauses[i]"
// for what makes no sense. O(pauses · log days): fit for the commit pipeline.
absl::StatusOr<DueTimes> ComputeDueTimes(const Calendar& calendar, const DueInput& input);

// The same due times with every interval from `received` to `due` that was counted or skipped, in order and without
// gap. The counted minutes add up to the limit: rounded up to whole days where days are counted, months as 1440 a day,
// 0 for SAME_DAY. Days are one interval each, except that days taken out by one pause are one interval. Errors as
// above, and INVALID_ARGUMENT EXPLANATION_TOO_LONG beyond limits::kExplanationIntervalsMax.
absl::StatusOr<v1::DueTimeExplanation> ExplainDueTime(const Calendar& calendar, const DueInput& input);

// A promise that was already made (after a reschedule), put off by one pause: by rule `clock` by the working seconds
// inside it, by rule `date` to the closing time of the day that lies as many working days later as there are in [day of
// the start, day of the end). Unchanged if the pause begins at or after `due`, or holds no work. Errors as
// ComputeDueTimes, at "pause".
absl::StatusOr<absl::Time> PutOff(const Calendar& calendar, const std::string& office, v1::CountingRule counting_rule,
                                  absl::Time due, const Span& pause);

// INVALID_ARGUMENT FIELD_INVALID at `field` unless the limit is one: unit set, amount within limits.h, nothing
// superfluous.
absl::Status CheckLimit(absl::string_view field, const v1::Limit& limit);
absl::Status CheckCutOff(absl::string_view field, const v1::CutOff& cut_off);

// As people write limits: "8.5wd", "10cd", "1h", "2mo", "same", "none"; also "8,5 ngày làm việc", "10 ngày", "1 giờ",
// "2 tháng", "trong ngày", "không", "8.5 working days"; and "100min/wd" for an amount that is no short decimal. Decimal
// point or comma; INVALID_ARGUMENT FIELD_INVALID at "limit" otherwise, or if it is no whole number of minutes.
absl::StatusOr<v1::Limit> ParseLimit(absl::string_view text);
// The shortest of these that ParseLimit reads back as the same limit.
std::string FormatLimit(const v1::Limit& limit);
// "8,5 ngày làm việc" / "8.5 working days"; `locale` "en", else Vietnamese.
std::string FormatLimitForPeople(const v1::Limit& limit, absl::string_view locale);
// "", "none", "15:00", "last:60", "closing". FIELD_INVALID at "cut_off" otherwise.
absl::StatusOr<v1::CutOff> ParseCutOff(absl::string_view text);
std::string FormatCutOff(const v1::CutOff& cut_off);

}  // namespace tthc::timing
