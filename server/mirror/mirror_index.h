#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/commit/commit_pipeline.h"
#include "storage/base/mutex.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::server {

// The state of every dossier at every target, in memory: one byte a dossier and target.
//
// Vocabulary:
//   state      MirrorItem.State. STATE_UNSPECIFIED = the dossier was opened before the target's start and was never
//              delivered; it counts nowhere and is shown as EXCLUDED.
//   position   every event up to this revision is settled: confirmed, or its dossier is parked, skipped or excluded.
//   head       the last revision that the states include.
//   counting   after a start the states are not known yet. MirrorKeeper computes them from the disk in the background.
//
// How it stays right. The commit thread applies every commit after its sync, in commit order. While a target is being
// counted, its changes are queued. Finish takes states that some snapshot since AddTarget had and applies the queue on
// top: a change sets a state and adds to none, so those that the snapshot included already do no harm.
//
// Nothing here is durable: whatever is lost with the process is computed again at the next start. Thread-safe; one
// shared mutex, held for the length of one commit or one read.
class MirrorIndex {
 public:
  using State = v1::MirrorItem::State;
  // Row = dossier number - 1.
  using States = std::vector<uint8_t>;

  struct Counts {
    int64_t confirmed = 0;
    int64_t pending = 0;
    int64_t parked = 0;
    int64_t skipped = 0;
    int64_t excluded = 0;
    // Dossiers that the target takes.
    int64_t total() const { return confirmed + pending + parked + skipped; }
  };
  // A target as it was at one moment.
  struct Target {
    std::string id;
    storage::v1::MirrorTargetRecord record;
    v1::MirrorCondition condition;
    Counts counts = {};
    // At least the record's position.
    int64_t position = 0;
    int64_t head = 0;
    bool counting = false;
  };

  // --- Starting: before anything is committed ---
  void Start(const storage::v1::HeadRecord& head);
  // A target as stored. It is counting until Finish.
  void AddTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record);

  // --- Writing. Each call is seen by readers as a whole ---
  // Commit thread only.
  void OnCommitted(const CommitPipeline::Committed& committed);
  // Ends counting. `states` are those of some snapshot that was taken after AddTarget.
  void Finish(uint32_t target, States states);
  // The target can't be counted: it stays counting, and its changes are not queued any more.
  void Abandon(uint32_t target);
  // Moves the position up to `position`; never back.
  void Advance(uint32_t target, int64_t position);
  // Without effect if the lease of `fence` is over.
  void SetCondition(const std::string& id, int64_t fence, const v1::MirrorCondition& condition);

  // --- Reading. Each call sees whole commits ---
  // All targets by id, including retired ones.
  std::vector<Target> Targets() const;
  // nullopt if there is no such target.
  std::optional<Target> Find(const std::string& id) const;
  // 0 if there is no such target.
  int64_t PositionOf(const std::string& id) const;
  // STATE_UNSPECIFIED for a dossier that the states do not have. The target must exist.
  State StateOf(uint32_t target, int64_t dossier_number) const;
  // Numbers of dossiers in `state` above `after_number`, rising, at most `count_max`.
  std::vector<int64_t> List(uint32_t target, State state, int64_t after_number, size_t count_max) const;
  // Last revision that was applied.
  int64_t head() const;

  // The states of every target that is not retired. Empty if there is no such target or one is being counted.
  std::vector<States> ActiveStates() const;

 private:
  // One dossier's part of a commit.
  struct Change {
    int64_t number = 0;
    // Unset: an event was recorded.
    std::optional<State> state = std::nullopt;
  };
  struct Entry {
    std::string id;
    storage::v1::MirrorTargetRecord record;
    v1::MirrorCondition condition;
    States states;
    int64_t counts[v1::MirrorItem::State_ARRAYSIZE] = {};
    int64_t position = 0;
    bool counting = false;
    // It could not be counted: changes are dropped.
    bool abandoned = false;
    // Changes since counting began, in commit order.
    std::vector<Change> queued;
    // mirror_behind was logged and the target has not caught up since.
    bool warned = false;
  };

  // Takes over a written record; adds the target if it is new.
  void PutTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sets one state and keeps the counts in step.
  static void Set(Entry& target, int64_t number, State state);
  static void Apply(Entry& target, const std::vector<Change>& changes);
  // With nothing pending, every revision is settled.
  void Settle(Entry& target) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WarnIfBehind(Entry& target) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A copy for readers, without the states.
  Target ViewOf(const Entry& target) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_dossier_number_ ABSL_GUARDED_BY(mutex_) = 0;
  // By target number.
  std::map<uint32_t, Entry> targets_ ABSL_GUARDED_BY(mutex_);
};

// FAILED_PRECONDITION MIRROR_BEHIND if a change feed that begins with `oldest_revision` would lack a revision that a
// target which is not retired has not settled. A target that is further behind `head` than
// limits::kMirrorHoldRevisionsMax holds nothing back. Pure.
absl::Status CheckCompaction(const std::vector<MirrorIndex::Target>& targets, int64_t oldest_revision, int64_t head);

}  // namespace tthc::server
