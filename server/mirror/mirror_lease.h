#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/commit/commit_scope.h"
#include "server/mirror/mirror_index.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/mirror_service.pb.h"

// The lease of a target: which client delivers to it.
//
// At most one client holds the lease. Every acquisition raises the *fence*; whatever a client sends with an older fence
// is refused, so that a client that was suspended can record nothing after another one took over. The holder counts on
// lease_duration from the moment at which it asked. The server keeps a third more, so that three renewals of four need
// no write.
//
// *Clean* means that the outcome of everything ever sent to the target is recorded. A lease that runs counts as unclean
// (MirrorTargetRecord.released is false), so that a client which dies leaves the right mark without writing it.
//
// Prepare… checks what a request says by itself and runs on the calling thread; Run… runs on the commit thread. None of
// it makes a revision: the history stays as it is. A target's position is written along with whatever else is written
// of the target. Reasons of errors are in proto/tthc/v1/mirror_service.proto.
namespace tthc::server {

// OK if `fence` is that of a lease which was neither taken over nor released; else FAILED_PRECONDITION
// MIRROR_LEASE_LOST. A lease whose time has run out still holds until another client acquires the target.
absl::Status CheckMirrorFence(const std::string& target_id, const storage::v1::MirrorTargetRecord& target,
                              int64_t fence);
// The target, if `fence` is that of its lease. MIRROR_TARGET_NOT_FOUND at `field`, MIRROR_LEASE_LOST.
absl::StatusOr<storage::v1::MirrorTargetRecord> LoadFencedMirrorTarget(const CommitScope& scope,
                                                                       absl::string_view field,
                                                                       const std::string& target_id, int64_t fence);
// Moves the record's position up to that of the index. True if it moved.
bool KeepMirrorPosition(const MirrorIndex& index, const std::string& target_id,
                        storage::v1::MirrorTargetRecord& target);

// --- Acquire ---
// Creates the target if it does not exist, and brings back a retired one.
struct AcquireCommand {
  v1::AcquireMirrorTargetRequest request;
  std::string target_id;
  // For a target that does not exist yet: dossiers with a lower number are excluded. MirrorQueries::Resolve sets it.
  int64_t first_dossier_number = 1;
};
absl::StatusOr<AcquireCommand> PrepareAcquire(const v1::AcquireMirrorTargetRequest& request);
struct AcquireOutcome {
  std::string target_id;
  int64_t fence = 0;
  // As in AcquireMirrorTargetResponse.
  bool clean = false;
  int64_t head_revision = 0;
  // The profile differs from that of the last acquisition: MirrorKeeper::Requeue has to make pending what was parked
  // because of the old one.
  bool profile_changed = false;
  std::string profile_digest;
};
// MIRROR_LEASE_HELD, MIRROR_TOO_MANY_TARGETS.
absl::StatusOr<AcquireOutcome> RunAcquire(CommitScope& scope, const AcquireCommand& command, const MirrorIndex& index);

// --- Renew ---
struct RenewCommand {
  std::string target_id;
  int64_t fence = 0;
  // False: what is left of the lease suffices, and AnswerRenewed may answer at once.
  bool needs_write = false;
};
// Also puts the reported condition into the index. Touches memory only.
absl::StatusOr<RenewCommand> PrepareRenew(const v1::RenewMirrorTargetRequest& request, MirrorIndex& index,
                                          absl::Time now);
absl::Status RunRenew(CommitScope& scope, const RenewCommand& command, const MirrorIndex& index);
// From memory. Call it after the commit if there was one.
absl::StatusOr<v1::RenewMirrorTargetResponse> AnswerRenewed(const RenewCommand& command, const MirrorIndex& index);

// --- Release ---
// The holder ends its lease, so that the next one need not wait.
struct ReleaseCommand {
  std::string target_id;
  int64_t fence = 0;
  bool unclean = false;
};
absl::StatusOr<ReleaseCommand> PrepareRelease(const v1::ReleaseMirrorTargetRequest& request);
// Releasing the same lease again changes nothing: the first answer may have been lost.
absl::StatusOr<v1::ReleaseMirrorTargetResponse> RunRelease(CommitScope& scope, const ReleaseCommand& command,
                                                           const MirrorIndex& index);

}  // namespace tthc::server
