#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/commit/commit_pipeline.h"
#include "server/domain/catalogue.h"
#include "server/mirror/mirror_decisions.h"
#include "server/mirror/mirror_index.h"
#include "server/mirror/mirror_keeper.h"
#include "server/mirror/mirror_lease.h"
#include "server/mirror/mirror_outcomes.h"
#include "server/mirror/mirror_queries.h"
#include "storage/base/clock.h"
#include "storage/base/published.h"
#include "storage/store.h"

namespace tthc::server {

// The methods of MirrorService that write, in the steps that the binding table runs:
//   Prepare…  checks the request and looks up the dossiers that it names. On the calling thread, or on the read pool
//             where said, because a look-up may touch the disk.
//   Run…      decides, on the commit thread.
//   Answer…   makes the answer from what was written, on the read pool, after the commit is durable.
// Reading methods are those of queries().
//
// Here the capability's parts come together: mirror_lease, mirror_outcomes and mirror_decisions decide, the queries
// look up and answer, the keeper works in the background. This class holds the references that they need and no state
// of its own.
//
// A step that fails ends the call with its error, and nothing is written. If the server dies after Run and before
// Answer, the write is durable and the caller repeats the call: by its request id, or harmlessly by its fence. Errors
// are in proto/tthc/v1/mirror_service.proto. Thread-safe.
class MirrorCalls {
 public:
  // All outlive this object.
  struct Options {
    const Clock* clock = nullptr;
    const storage::Store* store = nullptr;
    const FactIndex* facts = nullptr;
    MirrorIndex* index = nullptr;
    MirrorKeeper* keeper = nullptr;
    const Published<domain::Catalogue>* catalogue = nullptr;
  };
  explicit MirrorCalls(const Options& options);
  // Before the first call.
  void SetPipeline(CommitPipeline* pipeline) { pipeline_ = pipeline; }

  const MirrorQueries& queries() const { return queries_; }

  // Applies a commit to the index, and moves the position of every target of which items were written. On the commit
  // thread, after the sync and before any caller is answered.
  void OnCommitted(const CommitPipeline::Committed& committed);

  // --- PauseMirrorTarget, ResumeMirrorTarget, RetireMirrorTarget. Run returns the target's name ---
  absl::StatusOr<TargetCommand> PrepareTargetChange(const RequestContext& context,
                                                    const v1::PauseMirrorTargetRequest& request) const;
  absl::StatusOr<TargetCommand> PrepareTargetChange(const RequestContext& context,
                                                    const v1::ResumeMirrorTargetRequest& request) const;
  absl::StatusOr<TargetCommand> PrepareTargetChange(const RequestContext& context,
                                                    const v1::RetireMirrorTargetRequest& request) const;
  absl::StatusOr<std::string> RunTargetChange(CommitScope& scope, TargetCommand& command) const;
  // The target as it is after the decision.
  absl::StatusOr<v1::MirrorTarget> AnswerTargetChange(const std::string& name) const;

  // --- AcquireMirrorTarget; Prepare on the read pool: it may scan the columns of all dossiers ---
  absl::StatusOr<AcquireCommand> PrepareAcquire(const RequestContext& context,
                                                const v1::AcquireMirrorTargetRequest& request) const;
  absl::StatusOr<AcquireOutcome> RunAcquire(CommitScope& scope, AcquireCommand& command) const;
  // Also begins to requeue parked items if the profile changed.
  absl::StatusOr<v1::AcquireMirrorTargetResponse> AnswerAcquire(const AcquireOutcome& outcome) const;

  // --- RenewMirrorTarget. Answers from memory unless the lease needs a write, as one renewal of four does ---
  void Renew(const RequestContext& context, const v1::RenewMirrorTargetRequest& request,
             Reply<v1::RenewMirrorTargetResponse> reply) const;

  // --- ReleaseMirrorTarget. The answer is empty, so that no Answer is needed ---
  absl::StatusOr<ReleaseCommand> PrepareRelease(const RequestContext& context,
                                                const v1::ReleaseMirrorTargetRequest& request) const;
  absl::StatusOr<v1::ReleaseMirrorTargetResponse> RunRelease(CommitScope& scope, ReleaseCommand& command) const;

  // --- RecordMirrorOutcomes. OnCommitted moves the position afterwards ---
  absl::StatusOr<OutcomesCommand> PrepareOutcomes(const RequestContext& context,
                                                  const v1::RecordMirrorOutcomesRequest& request) const;
  absl::StatusOr<v1::RecordMirrorOutcomesResponse> RunOutcomes(CommitScope& scope, OutcomesCommand& command) const;

  // --- RetryMirrorItems; Prepare on the read pool: it resolves the names or finds parked items ---
  absl::StatusOr<RetryCommand> PrepareRetry(const RequestContext& context,
                                            const v1::RetryMirrorItemsRequest& request) const;
  absl::StatusOr<v1::RetryMirrorItemsResponse> RunRetry(CommitScope& scope, RetryCommand& command) const;

  // --- SkipMirrorItem; Prepare on the read pool: it resolves the name ---
  // What RunSkip changed, for the answer.
  struct SkippedItem {
    std::string target_id;
    int64_t number = 0;
  };
  absl::StatusOr<SkipCommand> PrepareSkip(const RequestContext& context,
                                          const v1::SkipMirrorItemRequest& request) const;
  absl::StatusOr<SkippedItem> RunSkip(CommitScope& scope, SkipCommand& command) const;
  // The item, masked and without exchanges.
  absl::StatusOr<v1::MirrorItem> AnswerSkip(const SkippedItem& item) const;

 private:
  const Clock& clock_;
  MirrorIndex& index_;
  MirrorKeeper& keeper_;
  const MirrorQueries queries_;
  CommitPipeline* pipeline_ = nullptr;
};

}  // namespace tthc::server
