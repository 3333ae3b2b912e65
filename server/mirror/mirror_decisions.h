#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/commit/commit_scope.h"
#include "server/mirror/mirror_index.h"
#include "storage/store.h"
#include "tthc/v1/mirror_service.pb.h"

// Decisions of people about the mirror: pause, resume and retire a target; retry and skip items.
//
// Every decision is a record of the log (v1::MirrorDecision): it has a revision, the change feed delivers it, and its
// request id is honored like that of any other mutation. It is no event of a dossier and changes none.
//
// Prepare… checks what a request says by itself and runs on the calling thread. MirrorQueries::Resolve then looks up
// the dossiers that it names, on the read pool. Run… decides on the commit thread from the items as they are by then,
// and appends the record. A repeated request id changes nothing again: a retry is answered from the record of the
// first, the others from the present state.
//
// Errors besides those of the store: FIELD_INVALID, MIRROR_TARGET_NOT_FOUND, DOSSIER_NOT_FOUND, REQUEST_ID_REUSED, and
// those named below.
namespace tthc::server {

// What all commands of this file carry.
struct DecisionContext {
  std::string target_id;
  // Who decides, and why.
  std::string actor;
  std::string reason;
  std::string request_id;
  uint64_t content_hash = 0;
};

// --- Targets ---
// A pause, a resumption or a retirement.
struct TargetCommand {
  DecisionContext context;
  v1::MirrorDecision::Kind kind = v1::MirrorDecision::KIND_UNSPECIFIED;
};
absl::StatusOr<TargetCommand> PreparePause(const RequestContext& context, const v1::PauseMirrorTargetRequest& request);
absl::StatusOr<TargetCommand> PrepareResume(const RequestContext& context,
                                            const v1::ResumeMirrorTargetRequest& request);
absl::StatusOr<TargetCommand> PrepareRetire(const RequestContext& context,
                                            const v1::RetireMirrorTargetRequest& request);
// Returns the target's name; MirrorQueries::GetTargetByName makes the answer once the commit is durable.
absl::StatusOr<std::string> RunTarget(CommitScope& scope, const TargetCommand& command);

// --- Retry ---
struct RetryCommand {
  DecisionContext context;
  // Dossiers as the request names them; empty: parked items are chosen.
  std::vector<std::string> dossiers;
  // Without `dossiers`: only items parked for this MirrorError.reason unless it is empty, and at most so many.
  std::string error_reason;
  size_t count_max = 0;
  // The target is to get the record again, and all steps, whatever it has confirmed.
  bool resend_record = false;
  bool resend_steps = false;

  // Set by MirrorQueries::Resolve, by dossier number, none twice.
  struct Item {
    int64_t number = 0;
    std::string name;
  };
  std::vector<Item> items;
};
absl::StatusOr<RetryCommand> PrepareRetry(const RequestContext& context, const v1::RetryMirrorItemsRequest& request);
// Looks at each item again: one that was chosen as parked and is not parked any more stays as it is.
absl::StatusOr<v1::RetryMirrorItemsResponse> RunRetry(CommitScope& scope, const RetryCommand& command,
                                                      const MirrorIndex& index);

// --- Skip ---
// What one item has pending is not to be sent.
struct SkipCommand {
  DecisionContext context;
  // The dossier as the request names it.
  std::string dossier;
  // Set by MirrorQueries::Resolve.
  int64_t number = 0;
  std::string item_name;
};
absl::StatusOr<SkipCommand> PrepareSkip(const RequestContext& context, const v1::SkipMirrorItemRequest& request);
// Returns the dossier's number; MirrorQueries::GetItemOf makes the answer once the commit is durable.
// FAILED_PRECONDITION MIRROR_NOTHING_TO_SKIP unless the item is parked or pending.
absl::StatusOr<int64_t> RunSkip(CommitScope& scope, const SkipCommand& command);

// --- Requeueing ---
// Numbers of parked dossiers above `after_number`, rising, at most `count_max`; only those with one of `error_reasons`
// if there are any. Reads attention keys from the disk, so it does not wait for the count after a start.
absl::StatusOr<std::vector<int64_t>> ListParked(const storage::StoreReader& reader, uint32_t target,
                                                const std::vector<std::string>& error_reasons, int64_t after_number,
                                                size_t count_max);

// One portion of what MirrorKeeper::Requeue does after a change of the profile: makes those of `numbers` pending that
// are still parked for one of `error_reasons`, under the lease of `fence`. No person decided it, so it writes no
// MirrorDecision. MIRROR_LEASE_LOST.
absl::Status RunRequeue(CommitScope& scope, const std::string& target_id, int64_t fence,
                        const std::vector<int64_t>& numbers, const std::vector<std::string>& error_reasons);
// Stores the digest of the new profile after the last portion. A server that stops before starts over at the next
// acquisition.
absl::Status RunKeepProfile(CommitScope& scope, const std::string& target_id, int64_t fence,
                            const std::string& profile_digest);

}  // namespace tthc::server
