#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/timing/calendar.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// Folding: from the events of a dossier to its state, the one function behind every view (docs/architecture.md). Pure:
// everything that it depends on is in the events, which freeze terms and calendar versions, and in immutable calendars.
// Thread-safe.
//
// Vocabulary:
//   state              everything in v1::Dossier that follows from the events. The name does not: it is drawn when the
//                      dossier is opened, and recorded beside the first event. Who folds from the beginning sets it.
//   effective event    an event with the content that counts: that of its last amendment, or none if it was voided.
//   amendment          an event that replaces the content of an earlier one or voids it. Both stay in the history.
//
// The same events always give the same state, on every machine and in every later version, or domain::kFactVersion is
// raised. A test replays random histories after every step.
namespace tthc::domain {

// Finds calendars by version. A version is immutable: every call returns the same content for it.
class CalendarSource {
 public:
  virtual ~CalendarSource() = default;
  // nullptr if there is no such version.
  virtual std::shared_ptr<const timing::Calendar> FindCalendar(int64_t version) const = 0;
};

// Adds one recorded event (with its revision, times and all fields that the server fills) to the state. Not for
// `amended`, which needs the whole history: see Amend. On an error `dossier` may be changed in part and must be
// dropped.
//
// Errors: FAILED_PRECONDITION TRANSITION_NOT_ALLOWED (metadata state, event, allowed),
// SUPPLEMENT_ALREADY_REQUESTED, ALREADY_RESCHEDULED, RESCHEDULE_TOO_LATE, NO_DUE_TIME, ALREADY_RATED,
// PHASE_NOT_REACHED, STEP_NOT_TAKEN, OPINION_NOT_ASKED, PETITION_EXISTS, PETITION_NOT_OPEN, TOO_MANY_EVENTS,
// TOO_MANY_AMENDMENTS; INVALID_ARGUMENT FIELD_INVALID (occur_time before the last event's, fields of the payload),
// CALENDAR_YEAR_NOT_LOADED.
absl::Status Apply(const CalendarSource& calendars, const v1::Event& event, v1::Dossier& dossier);

// The state after `events`, the last of which is an amendment; `before` is the state before that amendment. The result
// is that of Fold, with the name of `before`, at the cost of folding the events once. Errors as Fold.
absl::StatusOr<v1::Dossier> Amend(const CalendarSource& calendars, const v1::Dossier& before,
                                  const std::vector<v1::Event>& events);

// The state after `events`: all events of one dossier in the order of their revisions, or a prefix of them, which gives
// the state as of its last revision. Folds from the beginning again for every amendment. The result has no name. Errors
// as Apply, and FAILED_PRECONDITION AMENDMENT_NOT_POSSIBLE (unknown target, another payload type, an amendment of an
// amendment, the opening or the acceptance voided), TOO_MANY_AMENDMENTS.
absl::StatusOr<v1::Dossier> Fold(const CalendarSource& calendars, const std::vector<v1::Event>& events);

// The effective events, in the same order and number: an amended one has the replacement and amended_by_revision, a
// voided one no payload. FAILED_PRECONDITION AMENDMENT_NOT_POSSIBLE as Fold.
absl::StatusOr<std::vector<v1::Event>> EffectiveEvents(const std::vector<v1::Event>& events);

}  // namespace tthc::domain
