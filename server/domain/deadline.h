#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/calendar.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/limit.pb.h"

// When a dossier is due, and why (hẹn trả kết quả). Pure; thread-safe.
// Law: Civil Code 2015 art. 147-148; Decree 118/2025/NĐ-CP art. 17-18; rules D1-D29 are quoted where they are computed.
namespace tthc::domain {

// Time that does not count, half-open [start, end).
struct Span {
  absl::Time start;
  absl::Time end;
};

struct DueInput {
  absl::Time received;
  v1::Limit limit;
  v1::CountingRule counting_rule = v1::COUNTING_RULE_DATE;
  v1::CutOff cut_off;
  // In any order; may touch, overlap, or be empty (then they change nothing); at most limits::kPausesMax.
  std::vector<Span> pauses;
  // offices/{office} whose hours count; "" = common.
  std::string office;
};

struct DueTimes {
  // From when on it counts: by the chosen rule.
  absl::Time start;
  // Unset for Limit::NONE.
  std::optional<absl::Time> date_rule;
  std::optional<absl::Time> clock_rule;
  // The one chosen by counting_rule.
  std::optional<absl::Time> due;
};

// Both counts. INVALID_ARGUMENT: CALENDAR_YEAR_NOT_LOADED (metadata "year"), FIELD_INVALID for a limit or pause that makes
// no sense. O(pauses · log days): fit for the commit pipeline.
absl::StatusOr<DueTimes> ComputeDueTimes(const Calendar& calendar, const DueInput& input);

// The same due times with every stretch that was counted or skipped. The counted minutes add up to the limit (to the days
// of the limit, rounded up to whole days, by rule `date`).
absl::StatusOr<v1::DueTimeExplanation> ExplainDueTime(const Calendar& calendar, const DueInput& input);

// A promise that was already made (after a reschedule), put off by one pause: working seconds by rule `clock`, working
// days by rule `date`.
absl::StatusOr<absl::Time> PutOff(const Calendar& calendar, const std::string& office, v1::CountingRule counting_rule,
                                  absl::Time due, const Span& pause);

// INVALID_ARGUMENT FIELD_INVALID at `field` unless the limit is one: unit set, amount within limits.h, nothing superfluous.
absl::Status CheckLimit(absl::string_view field, const v1::Limit& limit);
absl::Status CheckCutOff(absl::string_view field, const v1::CutOff& cut_off);

// As people write limits: "8.5wd", "10cd", "1h", "2mo", "same", "none". Decimal point or comma; INVALID_ARGUMENT
// FIELD_INVALID at "limit" otherwise, or if it is no whole number of minutes.
absl::StatusOr<v1::Limit> ParseLimit(absl::string_view text);
std::string FormatLimit(const v1::Limit& limit);
// "8,5 ngày làm việc" / "8.5 working days".
std::string FormatLimitForPeople(const v1::Limit& limit, absl::string_view locale);
// "", "none", "15:00", "last:60", "closing". FIELD_INVALID at "cut_off" otherwise.
absl::StatusOr<v1::CutOff> ParseCutOff(absl::string_view text);
std::string FormatCutOff(const v1::CutOff& cut_off);

}  // namespace tthc::domain
