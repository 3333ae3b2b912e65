#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/calendar.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// From events to a dossier's state: the one function behind every view (design.md section 2). Pure: what it needs is in
// the events (terms and calendar versions are frozen into them) and in immutable calendars. Thread-safe.
namespace tthc::domain {

// Finds calendar versions. Must answer the same for the same version for ever.
class CalendarSource {
 public:
  virtual ~CalendarSource() = default;
  // nullptr if there is no such version.
  virtual std::shared_ptr<const Calendar> FindCalendar(int64_t version) const = 0;
};

// Adds one recorded event (revision, times and server-side fields set) to the state. Not for `amended`: that one takes
// the whole history, see Amend. On error `dossier` is left in an unspecified state: work on a copy.
//
// Errors, each with the way out: FAILED_PRECONDITION TRANSITION_NOT_ALLOWED (metadata state, event, allowed),
// SUPPLEMENT_ALREADY_REQUESTED, ALREADY_RESCHEDULED, RESCHEDULE_TOO_LATE, NO_DUE_TIME, ALREADY_RATED,
// PHASE_NOT_REACHED, STEP_NOT_TAKEN, OPINION_NOT_ASKED, PETITION_EXISTS, PETITION_NOT_OPEN, TOO_MANY_EVENTS,
// TOO_MANY_AMENDMENTS; INVALID_ARGUMENT FIELD_INVALID (occur_time before the last event's, fields of the payload),
// CALENDAR_YEAR_NOT_LOADED.
absl::Status Apply(const CalendarSource& calendars, const v1::Event& event, v1::Dossier& dossier);

// The state after `events`, the last of which is an amendment, given the state `before` it: what Fold makes of them, at
// the cost of folding them once. Errors as Fold.
absl::StatusOr<v1::Dossier> Amend(const CalendarSource& calendars, const v1::Dossier& before,
                                  const std::vector<v1::Event>& events);

// The state that `events`, all of one dossier in the order of their revisions, lead to; amendments stand in for what
// they amend. A prefix gives the state as of its last revision. Folds once more for every amendment among them. Errors
// as Apply, and FAILED_PRECONDITION AMENDMENT_NOT_POSSIBLE (unknown target, another payload type, an amendment of an
// amendment, the opening voided).
absl::StatusOr<v1::Dossier> Fold(const CalendarSource& calendars, const std::vector<v1::Event>& events);

// The content that counts of every event: amended payloads in place, voided ones with payload unset. Same order and
// size. amended_by_revision is set. Errors as Fold's AMENDMENT_NOT_POSSIBLE.
absl::StatusOr<std::vector<v1::Event>> EffectiveEvents(const std::vector<v1::Event>& events);

}  // namespace tthc::domain
