#include "server/domain/timeliness.h"

#include <algorithm>

#include "server/domain/due.h"
#include "server/domain/lifecycle.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::domain {
namespace {

using Verdict = v1::Timeliness;

Verdict::Verdict ByMoment(bool has_ended, absl::Time due, absl::Time end_or_now) {
  if (!has_ended) return end_or_now > due ? Verdict::OPEN_OVERDUE : Verdict::OPEN_IN_TERM;
  if (end_or_now == due) return Verdict::ON_TIME;
  return end_or_now < due ? Verdict::EARLY : Verdict::LATE;
}

absl::Duration SupplementWait(const v1::Dossier& dossier, absl::Time until) {
  absl::Duration total = absl::ZeroDuration();
  for (const v1::Wait& wait : dossier.waits()) {
    if (wait.kind() != v1::Wait::SUPPLEMENT || wait.before_acceptance()) continue;
    const absl::Time start = FromProto(wait.start_time());
    const absl::Time end = wait.has_end_time() ? FromProto(wait.end_time()) : until;
    if (end > start) total += end - start;
  }
  return total;
}

absl::Time Promise766(const v1::Dossier& dossier) {
  return FromProto(dossier.has_reschedule() ? dossier.reschedule().new_due_time() : dossier.due().original_due_time());
}

// Decision 766: against the promise as first made or as rescheduled, the supplement wait taken off the elapsed time; an
// unanswered request ends the count at its own moment. The restart of the limit is the law's, not this indicator's.
Verdict::Verdict Judge766(const v1::Dossier& dossier, bool has_ended, absl::Time end_or_now) {
  if (dossier.over_supplemented()) return Verdict::LATE;
  if (!dossier.due().has_original_due_time()) return has_ended ? Verdict::ON_TIME : Verdict::OPEN_IN_TERM;
  const absl::Time promised = Promise766(dossier);
  absl::Time end = end_or_now;
  const v1::Wait* open = OpenWait(dossier);
  if (open != nullptr && open->kind() == v1::Wait::SUPPLEMENT) end = FromProto(open->start_time());
  end -= SupplementWait(dossier, end);
  if (has_ended) return end <= promised ? Verdict::ON_TIME : Verdict::LATE;
  return end <= promised ? Verdict::OPEN_IN_TERM : Verdict::OPEN_OVERDUE;
}

// Index 1: working time used against the working time granted, waits off both.
Verdict::Verdict JudgeScore(const Calendar& calendar, const DueInput& input, absl::Time due, bool has_ended,
                            absl::Time end_or_now) {
  const auto used = [&](absl::Time until) -> absl::StatusOr<int64_t> {
    auto total = calendar.WorkingSeconds(input.office, input.received, until);
    if (!total.ok()) return total;
    int64_t paused = 0;
    for (const Span& pause : input.pauses) {
      auto seconds = calendar.WorkingSeconds(input.office, std::max(pause.start, input.received),
                                             std::min(pause.end, until));
      if (!seconds.ok()) return seconds;
      paused += *seconds;
    }
    return *total - paused;
  };
  const auto spent = used(end_or_now);
  const auto granted = used(due);
  if (!spent.ok() || !granted.ok()) return Verdict::VERDICT_UNSPECIFIED;
  const int64_t spent_minutes = *spent / 60;
  const int64_t granted_minutes = *granted / 60;
  if (!has_ended) return spent_minutes > granted_minutes ? Verdict::OPEN_OVERDUE : Verdict::OPEN_IN_TERM;
  if (spent_minutes == granted_minutes) return Verdict::ON_TIME;
  return spent_minutes < granted_minutes ? Verdict::EARLY : Verdict::LATE;
}

// Form 06, by dates like the dossier as a whole.
Verdict::Verdict JudgeStep(const v1::Step& step, absl::Time moment) {
  if (!step.has_due_time()) return Verdict::VERDICT_UNSPECIFIED;
  const bool done = step.has_done_time();
  return JudgeDates(done, FromProto(step.due_time()), done ? FromProto(step.done_time()) : moment);
}

}  // namespace

Verdict::Verdict JudgeDates(bool has_ended, absl::Time due, absl::Time end_or_judged) {
  const int64_t due_day = LocalDayNumber(due);
  const int64_t day = LocalDayNumber(end_or_judged);
  if (!has_ended) return day > due_day ? Verdict::OPEN_OVERDUE : Verdict::OPEN_IN_TERM;
  if (day == due_day) return Verdict::ON_TIME;
  return day < due_day ? Verdict::EARLY : Verdict::LATE;
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
  const bool unanswered = open != nullptr && open->kind() == v1::Wait::SUPPLEMENT;
  // An open wait takes nothing off before it ends.
  const absl::Time due = Promise766(dossier) + SupplementWait(dossier, absl::InfinitePast());
  if (unanswered && FromProto(open->start_time()) <= due) return absl::InfiniteFuture();
  return due;
}

absl::Time EndTime(const v1::Dossier& dossier) {
  if (dossier.has_finish_time()) return FromProto(dossier.finish_time());
  if (dossier.has_stop_time()) return FromProto(dossier.stop_time());
  return absl::InfiniteFuture();
}

absl::Time JudgedMoment(const v1::Dossier& dossier, absl::Time now) {
  const absl::Time moment = HasEnded(dossier.state()) ? EndTime(dossier) : now;
  const v1::Wait* open = OpenWait(dossier);
  return open != nullptr ? std::min(moment, FromProto(open->start_time())) : moment;
}

v1::Timeliness Judge(const CalendarSource& calendars, const v1::Dossier& dossier, absl::Time now) {
  v1::Timeliness timeliness;
  if (!dossier.has_accept_time()) return timeliness;
  const bool has_ended = HasEnded(dossier.state());
  const absl::Time moment = JudgedMoment(dossier, now);
  timeliness.set_decision_766(Judge766(dossier, has_ended, has_ended ? EndTime(dossier) : now));
  for (const v1::Step& step : dossier.steps()) timeliness.add_steps(JudgeStep(step, moment));

  if (!dossier.due().has_due_time()) {
    timeliness.set_report_06a(has_ended ? Verdict::ON_TIME : Verdict::OPEN_IN_TERM);
    return timeliness;
  }
  const absl::Time due = FromProto(dossier.due().due_time());
  timeliness.set_report_06a(JudgeDates(has_ended, due, moment));
  // Nothing was resolved early where resolution was stopped.
  if (dossier.has_stop_time() && timeliness.report_06a() == Verdict::EARLY) timeliness.set_report_06a(Verdict::ON_TIME);
  timeliness.set_promise(ByMoment(has_ended, due, moment));

  const auto calendar = calendars.FindCalendar(dossier.terms().calendar_version());
  if (calendar == nullptr) return timeliness;
  const DueInput input = DueInputOf(dossier);
  timeliness.set_officials_score(JudgeScore(*calendar, input, due, has_ended, moment));
  const auto left = moment <= due ? calendar->WorkingSeconds(input.office, moment, due)
                                  : calendar->WorkingSeconds(input.office, due, moment);
  if (left.ok()) timeliness.set_working_minutes_left(moment <= due ? *left / 60 : -(*left / 60));
  return timeliness;
}

}  // namespace tthc::domain
