#include "server/dossiers/dossier_draft.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/fold.h"
#include "server/domain/presentation.h"
#include "server/dossiers/event_completion.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {

DossierDraft::DossierDraft(CommitScope* scope, int64_t number, std::shared_ptr<DossierState> state)
    : scope_(scope),
      number_(number),
      state_(std::move(state)),
      known_code_(state_->dossier().code()),
      known_aliases_(state_->dossier().aliases_size()) {}

absl::StatusOr<DossierDraft> DossierDraft::New(CommitScope& scope) {
  // The name is set before the first event, so that answers and facts have it whatever the events do.
  TTHC_ASSIGN_OR_RETURN(std::string uid, scope.NewUid());
  DossierDraft draft(&scope, 0, std::make_shared<DossierState>());
  draft.state_->mutable_dossier()->set_name(domain::DossierNameOfUid(uid));
  draft.opening_uid_ = std::move(uid);
  return draft;
}

absl::StatusOr<DossierDraft> DossierDraft::Open(CommitScope& scope, int64_t number) {
  TTHC_ASSIGN_OR_RETURN(std::shared_ptr<DossierState> state, scope.TakeDossier(number));
  return DossierDraft(&scope, number, std::move(state));
}

absl::Status DossierDraft::AddAmendment(v1::Event& event) {
  v1::Dossier& dossier = *state_->mutable_dossier();
  TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, scope_->LoadEvents(*state_));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  TTHC_RETURN_IF_ERROR(CompleteAmendment(*scope_, number_, dossier, events, effective, event));
  event.set_revision(scope_->NewRevision());
  events.push_back(event);
  TTHC_ASSIGN_OR_RETURN(dossier, domain::Amend(scope_->catalogue(), dossier, events));
  // The fold from the beginning may have put the aliases into another order.
  known_code_.clear();
  known_aliases_ = 0;
  return absl::OkStatus();
}

absl::Status DossierDraft::Add(const std::string& actor, v1::Event event, v1::Event* recorded) {
  event.set_actor(actor);
  if (event.payload_case() == v1::Event::kAmended) {
    TTHC_RETURN_IF_ERROR(AddAmendment(event));
  } else {
    v1::Dossier& dossier = *state_->mutable_dossier();
    TTHC_RETURN_IF_ERROR(CompleteEvent(*scope_, number_, dossier, event));
    event.set_revision(scope_->NewRevision());
    TTHC_RETURN_IF_ERROR(domain::Apply(scope_->catalogue(), event, dossier));
  }
  // Only now, so that a number is not spent on a dossier that its first event does not open.
  if (number_ == 0) number_ = scope_->NewDossierNumber();
  state_->revisions.push_back(event.revision());
  if (recorded != nullptr) *recorded = event;
  scope_->PutEvent(number_, std::move(event), std::exchange(opening_uid_, {}));
  return absl::OkStatus();
}

absl::Status DossierDraft::StageCode(const std::string& code) {
  // Completion has refused a code of another dossier where it came in. A code must never change hands, so the last
  // place before the index checks all of them once more.
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> owner, scope_->FindCode(code));
  TTHC_CHECK(!owner.has_value() || *owner == number_);
  scope_->PutCode(storage::CanonicalCode(code), number_);
  return absl::OkStatus();
}

absl::Status DossierDraft::Stage() {
  const v1::Dossier& dossier = state_->dossier();
  TTHC_RETURN_IF_ERROR(CheckDossierSize(dossier));
  // Only new ones: writing the known codes again would double the keys of each append.
  if (dossier.code() != known_code_) TTHC_RETURN_IF_ERROR(StageCode(dossier.code()));
  for (int i = known_aliases_; i < dossier.aliases_size(); ++i) TTHC_RETURN_IF_ERROR(StageCode(dossier.aliases(i)));
  scope_->PutDossier(number_, state_);
  return absl::OkStatus();
}

// One dossier must fit into every answer that shows it, with room to spare.
absl::Status CheckDossierSize(const v1::Dossier& dossier) {
  const size_t bytes = dossier.ByteSizeLong();
  if (bytes <= limits::kDossierBytesMax) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "DOSSIER_TOO_LARGE",
                    .message = absl::StrCat("the dossier would hold ", bytes, " bytes; at most ",
                                            limits::kDossierBytesMax, ": shorten the texts"),
                    .message_vi = absl::StrCat("Hồ sơ sẽ dài ", bytes, " byte, vượt mức ", limits::kDossierBytesMax,
                                               "; hãy rút ngắn nội dung"),
                    .metadata = {{"bytes", absl::StrCat(bytes)}}});
}

}  // namespace tthc::server
