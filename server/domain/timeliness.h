#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/fold.h"
#include "server/timing/calendar.h"
#include "tthc/v1/dossier.pb.h"

// Early, on time, late (trước hạn, đúng hạn, quá hạn): four meanings, computed side by side and never merged. Pure;
// thread-safe. Sources (docs/regulations.md "Four meanings of on time"): form 06a/VPCP/KSTT, Decision 766/QĐ-TTg,
// Circular 01/2018/TT-VPCP art. 13; beside them the promise itself, to the second.
//
// Vocabulary:
//   end                 when the dossier was finished, stopped or refused at intake.
//   evaluation time     when the dossier is compared with its due time: its end, or `now` while it is open. A wait
//                       stops the clock, so that neither goes past the start of a wait that is open or was at the end.
//   verdict             early, on time or late for a dossier that has ended; in term or overdue for an open one.
//
// Nothing here fails: a meaning that can't be computed is left unspecified.
namespace tthc::domain {

// All meanings at the evaluation time. Everything is unspecified before acceptance. `officials_score` and
// `working_minutes_left` count working time: they are unset if `calendars` has not loaded a year that they touch.
v1::Timeliness Evaluate(const CalendarSource& calendars, const v1::Dossier& dossier, absl::Time now);

// Form 06a alone, which lists and summaries compare: local dates only, and an equal date is on time. `end_or_evaluated`
// is the end, or the evaluation time of an open dossier.
v1::Timeliness::Verdict CompareDates(bool has_ended, absl::Time due, absl::Time end_or_evaluated);

// The evaluation time at `now`.
absl::Time EvaluationTime(const v1::Dossier& dossier, absl::Time now);

// From when on an open dossier is overdue: its due time if the clock runs, or if the due time had passed before the
// open wait began; InfiniteFuture() otherwise, also for a dossier that is not open.
absl::Time OverdueTime(const v1::Dossier& dossier);

// The last instant at which an open dossier is in term by Decision 766: its promise plus the waits for supplements that
// have come. InfiniteFuture() without a promise, and if a supplement that was requested before that instant has not
// come; the first second of 1970 after a second request, which is late at once.
absl::Time Due766(const v1::Dossier& dossier);

// The end; InfiniteFuture() while the dossier is open.
absl::Time EndTime(const v1::Dossier& dossier);

}  // namespace tthc::domain
