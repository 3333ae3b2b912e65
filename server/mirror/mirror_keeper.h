#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/read_pool.h"
#include "server/commit/commit_pipeline.h"
#include "server/mirror/mirror_index.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

namespace tthc::server {

// Work on the mirror that no request waits for: counting after a start, moving positions, requeueing after a change of
// a profile. Its results go into MirrorIndex; requeueing also writes through the commit pipeline.

// The state of every dossier at a target as of `reader`: from the attention keys, and from the log behind the target's
// position. Dossiers up to the position without a key are confirmed. CANCELLED once `stop` is set; errors of the store.
absl::StatusOr<MirrorIndex::States> CountStates(const storage::StoreReader& reader,
                                                const storage::v1::MirrorTargetRecord& target,
                                                const std::atomic<bool>& stop);

// Moves a target's position over revisions that are settled, at most limits::kMirrorAdvancePortion of them. True if
// there may be more. Errors of the store; the position then stays where it was.
absl::StatusOr<bool> AdvancePosition(const storage::Store& store, const MirrorIndex::Target& target,
                                     MirrorIndex& index);

// Runs that work: counting on a thread of its own, the rest on the read pool. One advance of a target at a time. A
// process that dies loses nothing by it: the next one counts again, and requeueing starts over with the next
// acquisition. Failures are logged (mirror_counting_failed, mirror_position_stuck, mirror_requeue_ended). Thread-safe.
class MirrorKeeper {
 public:
  // All outlive the keeper. Stop the pipeline first, then the keeper, then the pool.
  MirrorKeeper(const storage::Store* store, MirrorIndex* index, ReadPool* pool);
  ~MirrorKeeper();

  // Counts every target of the index on a thread of its own; those that are not retired come first.
  void StartCounting();
  // Cancels counting. Blocks until its thread has ended; idempotent.
  void Stop();

  // Moves the target's position as far as it goes, soon. If the pool is full it is left to the next call.
  void ScheduleAdvance(const std::string& target_id);

  // Makes pending what was parked because the old profile lacked a status or a field, then stores the new profile's
  // digest. Works in portions of limits::kMirrorRetryPortion items, each a command under the lease of `fence`; ends
  // early if that lease is lost. Call it on the read pool; it returns after the first portion is queued.
  void Requeue(CommitPipeline& pipeline, const std::string& target_id, int64_t fence,
               const std::string& profile_digest);

 private:
  // What one Requeue needs from portion to portion. Copied into each portion's command, since nothing else outlives it.
  struct Requeueing {
    CommitPipeline* pipeline = nullptr;
    std::string target_id;
    int64_t fence = 0;
    std::string profile_digest;
    // Dossiers up to this number are done.
    int64_t after_number = 0;
  };

  // Body of counter_.
  void Count();
  // Moves the position by one portion; schedules itself again if there is more.
  void Advance(const std::string& target_id);
  // Queues one portion, which queues the next one when it is durable.
  void RequeuePortion(Requeueing work);

  // In the order of the constructor's arguments; none is owned.
  const storage::Store& store_;
  MirrorIndex& index_;
  ReadPool& pool_;
  // Set by Stop; counting and requeueing end at the next check.
  std::atomic<bool> stop_{false};
  // Held for moments only, never while the store is read.
  Mutex mutex_;
  // Targets with an advance queued or running.
  std::set<std::string> advancing_ ABSL_GUARDED_BY(mutex_);
  std::thread counter_;
};

}  // namespace tthc::server
