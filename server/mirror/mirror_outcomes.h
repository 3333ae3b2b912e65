#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/commit/commit_scope.h"
#include "server/mirror/mirror_index.h"
#include "tthc/v1/mirror_service.pb.h"

// RecordMirrorOutcomes: what came of deliveries, as the client that holds the lease reports it.
//
// The outcomes of one call are recorded all or none. A client that gets no answer sends them again, so the same outcome
// again must change nothing: an attempt counts once, and times stay as they are. Outcomes have no id; they are
// recognized by their exchanges or, without any, by the error's time.
//
// An outcome speaks of the revision that was delivered. If the dossier has a newer event by now, the item stays
// pending, but what was confirmed is kept: confirmed steps are never sent twice.
namespace tthc::server {

struct OutcomesCommand {
  std::string target_id;
  // With exchanges and messages cut to their bounds.
  v1::RecordMirrorOutcomesRequest request;
};
// Runs on the calling thread. INVALID_ARGUMENT FIELD_INVALID for all that can be checked without the store.
absl::StatusOr<OutcomesCommand> PrepareOutcomes(const v1::RecordMirrorOutcomesRequest& request);

// Runs on the commit thread. MIRROR_TARGET_NOT_FOUND, MIRROR_LEASE_LOST, DOSSIER_NOT_FOUND; FIELD_INVALID for revisions
// and steps that the dossier does not have.
absl::StatusOr<v1::RecordMirrorOutcomesResponse> RunOutcomes(CommitScope& scope, const OutcomesCommand& command,
                                                             const MirrorIndex& index);

}  // namespace tthc::server
