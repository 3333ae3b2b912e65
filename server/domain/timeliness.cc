#include "server/domain/timeliness.h"

#include <algorithm>

#include "server/domain/due.h"
#include "server/domain/lifecycle.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::domain {
namespace {

using Verdict = v1::Timeliness;

// To the second: an end exactly at the due time is on time, and "early" means any second before it.
Verdict::Verdict ByMoment(bool has_ended, absl::Time due, absl::Time end_or_now) {
  if (!has_ended) return end_or_now > due ? Verdict::VERDICT_OPEN_OVERDUE : Verdict::VERDICT_OPEN_IN_TERM;
  if (end_or_now == due) return Verdict::VERDICT_ON_TIME;
  return end_or_now < due ? Verdict::VERDICT_EARLY : Verdict::VERDICT_LATE;
}

// The waits for supplements since acceptance, in calendar time. A wait before acceptance is left out, because no clock
// ran; an open one counts up to `until`.
absl::Duration SupplementWait(const v1::Dossier& dossier, absl::Time until) {
  absl::Duration total = absl::ZeroDuration();
  for (const v1::Wait& wait : dossier.waits()) {
    if (wait.kind() != v1::Wait::KIND_SUPPLEMENT || wait.before_acceptance()) continue;
    const absl::Time start = FromProto(wait.start_time());
    const absl::Time end = wait.has_end_time() ? FromProto(wait.end_time()) : until;
    if (end > start) total += end - start;
  }
  return total;
}

// The promise of the indicator: a reschedule replaces it, a restarted limit does not.
absl::Time Promise766(const v1::Dossier& dossier) {
  return FromProto(dossier.has_reschedule() ? dossier.reschedule().new_due_time() : dossier.due().original_due_time());
}

// Decision 766: the end, less the waits for supplements, against the promise as first made or as rescheduled. While a
// supplement has not come, the dossier is evaluated at the time of the request. That the limit restarts after a
// supplement is a rule of Decree 61/2018/NĐ-CP and not of this indicator.
Verdict::Verdict Evaluate766(const v1::Dossier& dossier, bool has_ended, absl::Time end_or_now) {
  if (dossier.over_supplemented()) return Verdict::VERDICT_LATE;
  if (!dossier.due().has_original_due_time())
    return has_ended ? Verdict::VERDICT_ON_TIME : Verdict::VERDICT_OPEN_IN_TERM;
  const absl::Time promised = Promise766(dossier);
  absl::Time end = end_or_now;
  const v1::Wait* open = OpenWait(dossier);
  if (open != nullptr && open->kind() == v1::Wait::KIND_SUPPLEMENT) end = FromProto(open->start_time());
  end -= SupplementWait(dossier, end);
  if (has_ended) return end <= promised ? Verdict::VERDICT_ON_TIME : Verdict::VERDICT_LATE;
  return end <= promised ? Verdict::VERDICT_OPEN_IN_TERM : Verdict::VERDICT_OPEN_OVERDUE;
}

// Index 1 of Circular 01/2018: the working time used against the working time granted, both without the waits. Compared
// in whole minutes, so that the seconds of a clerk's click do not make a dossier late.
Verdict::Verdict EvaluateScore(const timing::Calendar& calendar, const timing::DueInput& input, absl::Time due,
                               bool has_ended, absl::Time end_or_now) {
  const auto used = [&](absl::Time until) -> absl::StatusOr<int64_t> {
    auto total = calendar.WorkingSeconds(input.office, input.received, until);
    if (!total.ok()) return total;
    int64_t paused = 0;
    for (const timing::Span& pause : input.pauses) {
      auto seconds =
          calendar.WorkingSeconds(input.office, std::max(pause.start, input.received), std::min(pause.end, until));
      if (!seconds.ok()) return seconds;
      paused += *seconds;
    }
    return *total - paused;
  };
  const auto spent = used(end_or_now);
  const auto granted = used(due);
  // A year that is not loaded has no working time: no verdict rather than a wrong one.
  if (!spent.ok() || !granted.ok()) return Verdict::VERDICT_UNSPECIFIED;
  const int64_t spent_minutes = *spent / 60;
  const int64_t granted_minutes = *granted / 60;
  if (!has_ended)
    return spent_minutes > granted_minutes ? Verdict::VERDICT_OPEN_OVERDUE : Verdict::VERDICT_OPEN_IN_TERM;
  if (spent_minutes == granted_minutes) return Verdict::VERDICT_ON_TIME;
  return spent_minutes < granted_minutes ? Verdict::VERDICT_EARLY : Verdict::VERDICT_LATE;
}

// Form 06 compares dates, as form 06a does for the whole dossier.
Verdict::Verdict EvaluateStep(const v1::Step& step, absl::Time moment) {
  if (!step.has_due_time()) return Verdict::VERDICT_UNSPECIFIED;
  const bool done = step.has_done_time();
  return CompareDates(done, FromProto(step.due_time()), done ? FromProto(step.done_time()) : moment);
}

}  // namespace

Verdict::Verdict CompareDates(bool has_ended, absl::Time due, absl::Time end_or_evaluated) {
  const int64_t due_day = LocalDayNumber(due);
  const int64_t day = LocalDayNumber(end_or_evaluated);
  if (!has_ended) return day > due_day ? Verdict::VERDICT_OPEN_OVERDUE : Verdict::VERDICT_OPEN_IN_TERM;
  if (day == due_day) return Verdict::VERDICT_ON_TIME;
  return day < due_day ? Verdict::VERDICT_EARLY : Verdict::VERDICT_LATE;
}

absl::Time OverdueTime(const v1::Dossier& dossier) {
  if (!dossier.due().has_due_time() || !IsOpen(dossier)) return absl::InfiniteFuture();
  const absl::Time due = FromProto(dossier.due().due_time());
  const v1::Wait* open = OpenWait(dossier);
  if (open == nullptr || FromProto(open->start_time()) > due) return due;
  return absl::InfiniteFuture();
}

absl::Time Due766(const v1::Dossier& dossier) {
  if (dossier.over_supplemented()) return absl::UnixEpoch() + absl::Seconds(1);
  if (!dossier.due().has_original_due_time()) return absl::InfiniteFuture();
  const v1::Wait* open = OpenWait(dossier);
  const bool unanswered = open != nullptr && open->kind() == v1::Wait::KIND_SUPPLEMENT;
  // The open wait itself is not added: its end is not known yet.
  const absl::Time due = Promise766(dossier) + SupplementWait(dossier, absl::InfinitePast());
  if (unanswered && FromProto(open->start_time()) <= due) return absl::InfiniteFuture();
  return due;
}

absl::Time EndTime(const v1::Dossier& dossier) {
  if (dossier.has_finish_time()) return FromProto(dossier.finish_time());
  if (dossier.has_stop_time()) return FromProto(dossier.stop_time());
  return absl::InfiniteFuture();
}

absl::Time EvaluationTime(const v1::Dossier& dossier, absl::Time now) {
  const absl::Time moment = HasEnded(dossier.state()) ? EndTime(dossier) : now;
  const v1::Wait* open = OpenWait(dossier);
  // The clock stopped when the wait began, and an end during the wait did not start it again.
  return open != nullptr ? std::min(moment, FromProto(open->start_time())) : moment;
}

v1::Timeliness Evaluate(const CalendarSource& calendars, const v1::Dossier& dossier, absl::Time now) {
  v1::Timeliness timeliness;
  if (!dossier.has_accept_time()) return timeliness;
  const bool has_ended = HasEnded(dossier.state());
  const absl::Time moment = EvaluationTime(dossier, now);
  // Decision 766 treats only supplements as waits, so that it takes the end or `now` and not the evaluation time.
  timeliness.set_decision_766(Evaluate766(dossier, has_ended, has_ended ? EndTime(dossier) : now));
  for (const v1::Step& step : dossier.steps()) timeliness.add_steps(EvaluateStep(step, moment));

  if (!dossier.due().has_due_time()) {
    timeliness.set_report_06a(has_ended ? Verdict::VERDICT_ON_TIME : Verdict::VERDICT_OPEN_IN_TERM);
    return timeliness;
  }
  const absl::Time due = FromProto(dossier.due().due_time());
  timeliness.set_report_06a(CompareDates(has_ended, due, moment));
  // A dossier that was stopped was not resolved, so it can't have been resolved early.
  if (dossier.has_stop_time() && timeliness.report_06a() == Verdict::VERDICT_EARLY)
    timeliness.set_report_06a(Verdict::VERDICT_ON_TIME);
  timeliness.set_promise(ByMoment(has_ended, due, moment));

  const auto calendar = calendars.FindCalendar(dossier.terms().calendar_version());
  if (calendar == nullptr) return timeliness;
  const timing::DueInput input = DueInputOf(dossier);
  timeliness.set_officials_score(EvaluateScore(*calendar, input, due, has_ended, moment));
  const auto left = moment <= due ? calendar->WorkingSeconds(input.office, moment, due)
                                  : calendar->WorkingSeconds(input.office, due, moment);
  if (left.ok()) timeliness.set_working_minutes_left(moment <= due ? *left / 60 : -(*left / 60));
  return timeliness;
}

}  // namespace tthc::domain
