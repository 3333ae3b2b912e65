#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::server {

// A dossier while a command changes it, event by event: the one place where events are completed, folded and staged.
//
// Use: New or Open, then Add for each event, then Stage once. A draft that is dropped before Stage has changed nothing
// that can be seen, but the scope may hold log records of its events: an error must refuse the whole command.
//
// Owns a copy of the state, or the cached state itself if nobody else holds it. Lives on the commit thread during one
// command; the scope outlives it.
class DossierDraft {
 public:
  // A dossier that its first event will open; it has a name already. Errors of the store.
  static absl::StatusOr<DossierDraft> New(CommitScope& scope);

  // The dossier with a number that FindCode gave. DATA_LOSS if its record is missing.
  static absl::StatusOr<DossierDraft> Open(CommitScope& scope, int64_t number);

  // Completes `event`, folds it in and appends it to the log with its revision. Errors of CompleteEvent,
  // CompleteAmendment and the fold, with paths from "event"; the draft is unusable after one. With `recorded` it
  // receives a copy of the event as recorded, with revision and record time.
  absl::Status Add(const std::string& actor, v1::Event event, v1::Event* recorded);

  // Hands the dossier and its new codes to the scope. FAILED_PRECONDITION DOSSIER_TOO_LARGE.
  absl::Status Stage();

  // 0 until the first event of a new dossier is added.
  int64_t number() const { return number_; }
  const v1::Dossier& dossier() const { return state_->dossier(); }

 private:
  DossierDraft(CommitScope* scope, int64_t number, std::shared_ptr<DossierState> state);

  absl::Status AddAmendment(v1::Event& event);
  absl::Status StageCode(const std::string& code);

  CommitScope* scope_;
  int64_t number_;
  std::shared_ptr<DossierState> state_;
  // The uid of a new dossier; empty once the opening event has recorded it.
  std::string opening_uid_;
  // The codes that the index has already. Aliases are only added at the end, unless an amendment folds anew.
  std::string known_code_;
  int known_aliases_;
};

// FAILED_PRECONDITION DOSSIER_TOO_LARGE above limits::kDossierBytesMax.
absl::Status CheckDossierSize(const v1::Dossier& dossier);

}  // namespace tthc::server
