#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/deadline.h"
#include "server/domain/fold.h"
#include "tthc/v1/dossier.pb.h"

// The due times of a folded dossier: what the deadline engine says about its terms, waits and reschedule. Pure;
// thread-safe.
namespace tthc::domain {

// The count that runs now, in the deadline engine's words: start, terms and the closed waits since. Only meaningful
// once the clock has started.
DueInput DueInputOf(const v1::Dossier& dossier);

// Sets Due's times (not clock_state) from terms, waits and reschedule, and due_revision if due_time moved. An open wait
// is left out: its end will be counted when it comes. Errors as ComputeDueTimes; NOT_FOUND CALENDAR_NOT_FOUND.
absl::Status RefreshDueTimes(const CalendarSource& calendars, int64_t revision, v1::Dossier& dossier);

// Due time of something with its own limit inside a dossier (a step, an opinion): counted like the dossier from
// `start`, the dossier's closed waits taken off. Unset timestamp (seconds 0) for no limit.
absl::StatusOr<google::protobuf::Timestamp> InnerDueTime(const CalendarSource& calendars, const v1::Dossier& dossier,
                                                         const google::protobuf::Timestamp& start,
                                                         const v1::Limit& limit);

// Office whose hours count: the competent one if another took the dossier in.
std::string CountingOffice(const v1::Dossier& dossier);

// CALENDAR_NOT_FOUND with the version, if `calendars` has none.
absl::StatusOr<std::shared_ptr<const Calendar>> RequireCalendar(const CalendarSource& calendars, int64_t version);

// A new promise holds until a supplement restarts the count; waits after it put it off.
bool RescheduleHolds(const v1::Dossier& dossier);

// The wait that holds the clock, or did when the dossier ended; nullptr if none.
const v1::Wait* OpenWait(const v1::Dossier& dossier);

}  // namespace tthc::domain
