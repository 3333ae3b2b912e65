#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/calendar.h"
#include "server/domain/fold.h"
#include "tthc/v1/dossier.pb.h"

// Early, on time, late (trước hạn, đúng hạn, quá hạn): four meanings, computed side by side and never merged. Pure;
// thread-safe. Source: domain/regulations 1.5, i.e. form 06a/VPCP/KSTT, Decision 766/QĐ-TTg, Circular 01/2018 art. 13.
namespace tthc::domain {

// All meanings at `now`, or at the dossier's end if it has ended. Before acceptance everything is unspecified. Needs
// the calendar of the dossier's terms; CALENDAR_YEAR_NOT_LOADED can come only from `officials_score` and
// `working_minutes_left`, which are then left unset.
v1::Timeliness Judge(const CalendarSource& calendars, const v1::Dossier& dossier, absl::Time now);

// Report 06a alone: what the lists and the summary compare. Dates in the office's wall clock; equal is on time; nothing
// due is on time. `judged` stands for the end of an open dossier.
v1::Timeliness::Verdict JudgeDates(bool has_ended, absl::Time due, absl::Time end_or_judged);

// When a dossier is judged: at its end, else at `now`; but while a wait holds the clock nothing becomes late, and what
// ends during one is judged at the moment when the clock stopped.
absl::Time JudgedMoment(const v1::Dossier& dossier, absl::Time now);

// The moment from which an open dossier is overdue: its due time while the clock runs, or if it had passed before an
// open wait began; InfiniteFuture() otherwise.
absl::Time OverdueTime(const v1::Dossier& dossier);

// Last moment at which Decision 766 holds an open dossier in term: its promise put off by the supplements that came.
// InfiniteFuture() without a promise, or when a request before that moment was never answered; long past if it
// asked more than once.
absl::Time Due766(const v1::Dossier& dossier);

// Finished, stopped or refused at intake; InfiniteFuture() while open.
absl::Time EndTime(const v1::Dossier& dossier);

}  // namespace tthc::domain
