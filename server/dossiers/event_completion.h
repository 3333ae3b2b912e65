#pragma once

#include "absl/status/status.h"
#include "server/service/commit_scope.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::server {

// Fills what the server freezes into an event before it is folded: its times, terms, code and calendar version; checks
// it against the catalogue. `dossier` is the state before it (default for the first). Errors carry paths from "event".
//
// INVALID_ARGUMENT FIELD_INVALID (times, unknown or closed units and officers), NOT_FOUND PROCEDURE_NOT_FOUND and
// CALENDAR_NOT_FOUND, FAILED_PRECONDITION PROCEDURE_CLOSED, LIMIT_NOT_FOUND, LIMIT_AMBIGUOUS, ALREADY_EXISTS
// CODE_EXISTS. `number` is the dossier's, 0 if it has none yet.
absl::Status CompleteEvent(CommitScope& scope, int64_t number, const v1::Dossier& dossier, v1::Event& event);

// The same for an amendment: completes the replacement as its target's kind asks, and keeps what was in force before.
// `events` are the dossier's events as recorded, `effective` as they count now, both in order.
absl::Status CompleteAmendment(CommitScope& scope, int64_t number, const v1::Dossier& dossier,
                               const std::vector<v1::Event>& events, const std::vector<v1::Event>& effective,
                               v1::Event& event);

}  // namespace tthc::server
