#pragma once

#include "absl/status/status.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::server {

// Completes `event` on the commit thread, before it is folded: fills its times, and freezes terms, codes and calendar
// versions of the present catalogue into it, so that folding it needs no catalogue at any later time. Checks the
// offices, units, officers and codes that it names.
//
// `dossier` is the state before the event, empty for the first one; `number` is 0 then. Uses counters of the scope for
// codes: a refused command gives them back, because its scope is dropped.
//
// Errors, with paths from "event": INVALID_ARGUMENT FIELD_INVALID (times, unknown or closed units and officers),
// NOT_FOUND PROCEDURE_NOT_FOUND, FAILED_PRECONDITION PROCEDURE_CLOSED, LIMIT_NOT_FOUND, LIMIT_AMBIGUOUS and
// CALENDAR_NOT_FOUND, ALREADY_EXISTS CODE_EXISTS; errors of the store.
absl::Status CompleteEvent(CommitScope& scope, int64_t number, const v1::Dossier& dossier, v1::Event& event);

// The same for an amendment: completes the replacement by the kind of its target, and keeps the content that was in
// force before in `amended.previous`. `events` are all events of the dossier as recorded and `effective` as they count
// now (domain::EffectiveEvents), both in order. An impossible target is left to the fold, which refuses it.
absl::Status CompleteAmendment(CommitScope& scope, int64_t number, const v1::Dossier& dossier,
                               const std::vector<v1::Event>& events, const std::vector<v1::Event>& effective,
                               v1::Event& event);

}  // namespace tthc::server
