#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/fold.h"
#include "server/timing/deadline.h"
#include "tthc/v1/dossier.pb.h"

// The due times of a folded dossier: connects its terms, waits and reschedule with the deadline engine of
// server/timing. Pure; thread-safe. Sources: docs/regulations.md rules D1 to D20.
//
// Vocabulary:
//   closed wait   an interval that does not count and has ended. Only closed waits move a due time: while a wait is
//                 open, nobody knows how long it will be.
//   reschedule    the one new promise with an apology (rule D16). It replaces the count until a supplement restarts it.
//
// Errors: those of timing::ComputeDueTimes, such as CALENDAR_YEAR_NOT_LOADED, and NOT_FOUND CALENDAR_NOT_FOUND. On an
// error the dossier may be changed in part; the fold works on a copy.
namespace tthc::domain {

// The current count as input of the deadline engine: start, terms and the closed waits since the start. Meaningful only
// once the clock has started.
timing::DueInput DueInputOf(const v1::Dossier& dossier);

// Sets the times of Due (not its clock_state), and due_revision to `revision` if the due time moved.
absl::Status RefreshDueTimes(const CalendarSource& calendars, int64_t revision, v1::Dossier& dossier);

// The due time of a part with its own limit (a step, an opinion): counted from `start` by the rule of the dossier,
// without its closed waits and without its cut-off. Seconds 0 if the limit is "none".
absl::StatusOr<google::protobuf::Timestamp> InnerDueTime(const CalendarSource& calendars, const v1::Dossier& dossier,
                                                         const google::protobuf::Timestamp& start,
                                                         const v1::Limit& limit);

// The office whose hours count: the competent one if another office accepted the dossier (rule D2).
std::string CountingOffice(const v1::Dossier& dossier);

// The calendar of a version. CALENDAR_NOT_FOUND with the version in its metadata.
absl::StatusOr<std::shared_ptr<const timing::Calendar>> RequireCalendar(const CalendarSource& calendars,
                                                                        int64_t version);

// Whether the promise is the reschedule: until a supplement restarts the count. Waits after the reschedule extend it.
bool RescheduleHolds(const v1::Dossier& dossier);

// The wait that is open, or was when the dossier ended; nullptr if there is none.
const v1::Wait* OpenWait(const v1::Dossier& dossier);

}  // namespace tthc::domain
