#include "server/timing/deadline.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "server/timing/counting.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::timing {
namespace {

// An amount that the unit does not use is refused: it is mostly a limit whose unit was changed and whose amount was
// not.
absl::Status CheckAmounts(absl::string_view field, const v1::Limit& limit, bool minutes, bool months) {
  if (minutes && (limit.minutes() < 1 || limit.minutes() > limits::kLimitMinutesMax)) {
    return InvalidField(field, absl::StrCat("must be 1 to ", limits::kLimitMinutesMax, " minutes"),
                        absl::StrCat("thời hạn phải từ 1 đến ", limits::kLimitMinutesMax, " phút"));
  }
  if (months && (limit.months() < 1 || limit.months() > limits::kLimitMonthsMax)) {
    return InvalidField(field, absl::StrCat("must be 1 to ", limits::kLimitMonthsMax, " months"),
                        absl::StrCat("thời hạn phải từ 1 đến ", limits::kLimitMonthsMax, " tháng"));
  }
  if ((!minutes && limit.minutes() != 0) || (!months && limit.months() != 0)) {
    return InvalidField(field, "carries an amount that its unit does not use",
                        "có số lượng không dùng với đơn vị của thời hạn này");
  }
  return absl::OkStatus();
}

absl::Status CheckRule(v1::CountingRule rule) {
  if (rule == v1::COUNTING_RULE_DATE || rule == v1::COUNTING_RULE_CLOCK) return absl::OkStatus();
  return InvalidField("counting_rule", "must be DATE or CLOCK", "phải là DATE (theo ngày) hoặc CLOCK (theo giờ)");
}

}  // namespace

absl::Status CheckLimit(absl::string_view field, const v1::Limit& limit) {
  switch (limit.unit()) {
    case v1::Limit::UNIT_WORKING_DAY:
    case v1::Limit::UNIT_CALENDAR_DAY:
    case v1::Limit::UNIT_HOUR:
      return CheckAmounts(field, limit, /*minutes=*/true, /*months=*/false);
    case v1::Limit::UNIT_MONTH:
      return CheckAmounts(field, limit, /*minutes=*/false, /*months=*/true);
    case v1::Limit::UNIT_SAME_DAY:
    case v1::Limit::UNIT_NONE:
      return CheckAmounts(field, limit, /*minutes=*/false, /*months=*/false);
    default:
      return InvalidField(field, "must have a unit", "phải có đơn vị thời hạn");
  }
}

absl::Status CheckCutOff(absl::string_view field, const v1::CutOff& cut_off) {
  constexpr int32_t kMinutesPerDay = 24 * 60;
  switch (cut_off.kind()) {
    // Entries recorded before 0.2 have an unspecified kind for "none".
    case v1::CutOff::KIND_UNSPECIFIED:
    case v1::CutOff::KIND_NONE:
    case v1::CutOff::KIND_AFTER_CLOSING:
      if (cut_off.minutes() == 0) return absl::OkStatus();
      return InvalidField(field, "carries minutes that its kind does not use",
                          "có số phút không dùng với loại mốc này");
    case v1::CutOff::KIND_AFTER_TIME:
      if (cut_off.minutes() >= 0 && cut_off.minutes() < kMinutesPerDay) return absl::OkStatus();
      return InvalidField(field, "must be a time of day", "phải là một giờ trong ngày");
    case v1::CutOff::KIND_LAST_MINUTES:
      if (cut_off.minutes() > 0 && cut_off.minutes() < kMinutesPerDay) return absl::OkStatus();
      return InvalidField(field, "must be 1 to 1439 minutes", "phải từ 1 đến 1439 phút");
    default:
      return InvalidField(field, "has an unknown kind", "có loại mốc chuyển ngày không hợp lệ");
  }
}

absl::StatusOr<DueTimes> ComputeDueTimes(const Calendar& calendar, const DueInput& input) {
  TTHC_RETURN_IF_ERROR(CheckRule(input.counting_rule));
  TTHC_ASSIGN_OR_RETURN(const counting::Prepared prepared, counting::Prepare(calendar, input));
  // Both counts are always made: answers show the due time of the other rule as well. An error of either is an error,
  // so that whether a dossier can be accepted does not depend on the rule of its procedure.
  TTHC_ASSIGN_OR_RETURN(const counting::Count by_date,
                        counting::CountLimit(calendar, prepared, v1::COUNTING_RULE_DATE));
  TTHC_ASSIGN_OR_RETURN(const counting::Count by_clock,
                        counting::CountLimit(calendar, prepared, v1::COUNTING_RULE_CLOCK));
  const bool clock_chosen = input.counting_rule == v1::COUNTING_RULE_CLOCK;
  DueTimes times{.start = clock_chosen ? by_clock.start : by_date.start,
                 .date_rule = std::nullopt,
                 .clock_rule = std::nullopt,
                 .due = std::nullopt};
  if (by_date.method == counting::Method::kNone) return times;
  times.date_rule = by_date.due;
  times.clock_rule = by_clock.due;
  times.due = clock_chosen ? by_clock.due : by_date.due;
  return times;
}

absl::StatusOr<absl::Time> PutOff(const Calendar& calendar, const std::string& office, v1::CountingRule counting_rule,
                                  absl::Time due, const Span& pause) {
  TTHC_RETURN_IF_ERROR(CheckRule(counting_rule));
  if (pause.end < pause.start) return InvalidField("pause", "ends before it starts", "kết thúc trước khi bắt đầu");
  // What begins after the promised moment can't move it.
  if (pause.start >= due) return due;
  // Also keeps times that no calendar knows out of the arithmetic on days.
  TTHC_ASSIGN_OR_RETURN(const int64_t seconds, calendar.WorkingSeconds(office, pause.start, pause.end));
  if (counting_rule == v1::COUNTING_RULE_CLOCK) {
    if (seconds == 0) return due;
    return calendar.AddWorkingSeconds(office, due, seconds);
  }
  // By dates the promise moves by the working days that the pause began on or went over; the day on which work goes on
  // is worked and moves nothing.
  TTHC_ASSIGN_OR_RETURN(const int64_t days,
                        calendar.WorkingDays(LocalDayNumber(pause.start), LocalDayNumber(pause.end)));
  if (days == 0) return due;
  TTHC_ASSIGN_OR_RETURN(const int64_t due_day, calendar.NthWorkingDay(LocalDayNumber(due) + 1, days));
  return calendar.ClosingTime(office, due_day);
}

}  // namespace tthc::timing
