#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/commit_scope.h"
#include "server/service/mirror_index.h"
#include "tthc/v1/mirror_service.pb.h"

// The write side of the mirror: what a request means, decided on the pipeline's thread from what a CommitScope shows.
// Nothing of it makes a revision: the history stays as it is. Reasons of errors stand in mirror_service.proto.
namespace tthc::server {

// "dvcqg" of "mirrorTargets/dvcqg". INVALID_ARGUMENT FIELD_INVALID at "name".
absl::StatusOr<std::string> MirrorTargetId(const std::string& name);
absl::Status MirrorTargetNotFound(const std::string& target_id);
absl::Status MirrorLeaseLost(const std::string& target_id);
// OK if `fence` is that of a lease which nobody has ended.
absl::Status CheckMirrorFence(const std::string& target_id, const storage::v1::MirrorTargetRecord& target,
                              int64_t fence);

// How a dossier whose last event has `revision` stands with a target, given its item if there is one.
v1::MirrorItem::State MirrorStateOf(const storage::v1::MirrorTargetRecord& target, int64_t dossier_number,
                                    int64_t revision, const std::optional<storage::v1::MirrorItemRecord>& item);
// Revisions of the steps that the target has confirmed, rising.
std::vector<int64_t> ConfirmedSteps(const storage::v1::MirrorItemRecord& item);

// --- The lease ---
absl::Status CheckAcquire(const v1::AcquireMirrorTargetRequest& request);
struct AcquireOutcome {
  int64_t fence = 0;
  bool clean = false;
  int64_t head_revision = 0;
  // The profile is another than the last one: what was parked for its sake is to become pending.
  bool profile_changed = false;
};
// `first_dossier_number` is for a target that there is not yet; `position` as the index knows it.
absl::StatusOr<AcquireOutcome> RunAcquire(CommitScope& scope, const v1::AcquireMirrorTargetRequest& request,
                                          int64_t first_dossier_number, int64_t position);
// Prolongs the lease.
absl::Status RunRenew(CommitScope& scope, const v1::RenewMirrorTargetRequest& request, int64_t position);
absl::Status RunRelease(CommitScope& scope, const v1::ReleaseMirrorTargetRequest& request, int64_t position);

absl::Status CheckUpdateTarget(const v1::UpdateMirrorTargetRequest& request);
absl::Status RunUpdateTarget(CommitScope& scope, const v1::UpdateMirrorTargetRequest& request);

// --- Items ---
// Checks what can be told without the store, and cuts exchanges and messages to their bounds.
absl::Status NormalizeOutcomes(v1::RecordMirrorOutcomesRequest& request);
absl::StatusOr<v1::RecordMirrorOutcomesResponse> RunRecordOutcomes(CommitScope& scope,
                                                                   const v1::RecordMirrorOutcomesRequest& request,
                                                                   int64_t position);

// Who decides something about items, and why.
struct MirrorDecision {
  std::string actor;
  std::string reason;
};
struct RetryCommand {
  std::string target_id;
  std::vector<int64_t> numbers;
  // Only those that are parked still, and for this MirrorError.reason if it is not empty.
  bool parked_only = false;
  std::vector<std::string> error_reasons = {};
  bool forget_record = false;
  bool forget_steps = false;
  MirrorDecision decision = {};
};
// How many it changed.
absl::StatusOr<int64_t> RunRetry(CommitScope& scope, const RetryCommand& command);
absl::Status RunSkip(CommitScope& scope, const std::string& target_id, int64_t dossier_number,
                     const MirrorDecision& decision);

// --- A new profile ---
// One portion of RunRetry for what was parked for the old profile's sake, under the lease that `fence` names.
absl::StatusOr<int64_t> RunRequeue(CommitScope& scope, const RetryCommand& command, int64_t fence);
// Keeps the digest once all portions are done: a server that stops before does them again at the next acquisition.
absl::Status RunKeepProfile(CommitScope& scope, const std::string& target_id, int64_t fence,
                            const std::string& profile_digest);

// FAILED_PRECONDITION MIRROR_BEHIND if a feed that begins with `oldest_revision` would lack what a target that is not
// retired has not confirmed, unless it is further behind `head` than limits::kMirrorHoldRevisionsMax.
absl::Status CheckCompaction(const std::vector<MirrorIndex::Target>& targets, int64_t oldest_revision, int64_t head);

}  // namespace tthc::server
