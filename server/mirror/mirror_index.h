#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/service/commit_pipeline.h"
#include "storage/base/mutex.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::server {

// What each target is owed, in memory: one byte a dossier. Written in commit order by the pipeline's thread, and by
// whoever counts a target after a start; read by everyone. Thread-safe.
class MirrorIndex {
 public:
  // MirrorItem.State of a dossier; STATE_UNSPECIFIED = was there before the target's start, and is not owed.
  using State = v1::MirrorItem::State;
  using States = std::vector<uint8_t>;

  struct Counts {
    int64_t confirmed = 0;
    int64_t pending = 0;
    int64_t parked = 0;
    int64_t skipped = 0;
    int64_t not_owed = 0;
    int64_t owed() const { return confirmed + pending + parked + skipped; }
  };
  struct Target {
    std::string id;
    storage::v1::MirrorTargetRecord record;
    v1::MirrorCondition condition;
    Counts counts = {};
    // Everything up to here is settled, see MirrorTargetRecord; at least the record's.
    int64_t position = 0;
    // Last revision that the states know of.
    int64_t head = 0;
    bool counting = false;
  };

  // --- Starting: before anything is committed ---
  void Start(const storage::v1::HeadRecord& head);
  // As it lies on disk; it is counting until Finish.
  void AddTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record);

  // --- Writing ---
  void OnCommitted(const CommitPipeline::Committed& committed);
  // Ends counting: `states` say how things stood at some moment since AddTarget; what was committed since then is put
  // on top. Row = dossier number - 1.
  void Finish(uint32_t target, States states);
  // It can't be counted: it stays counting, and nothing is kept for it any more.
  void Abandon(uint32_t target);
  // Never moves it back.
  void Advance(uint32_t target, int64_t position);
  // Of a lease that still holds; else nothing happens.
  void SetCondition(const std::string& id, int64_t fence, const v1::MirrorCondition& condition);

  // --- Reading ---
  // By id, the retired ones too.
  std::vector<Target> Targets() const;
  std::optional<Target> Find(const std::string& id) const;
  State StateOf(uint32_t target, int64_t dossier_number) const;
  // Numbers of dossiers in `state` behind `after_number`, rising, at most so many.
  std::vector<int64_t> List(uint32_t target, State state, int64_t after_number, size_t count_max) const;
  int64_t head() const;

  // Of every target that is not retired, the states of all dossiers. Empty if there is none, or one is being counted.
  std::vector<States> ActiveStates() const;

 private:
  struct Change {
    int64_t number = 0;
    // Unset = an event came.
    std::optional<State> state = std::nullopt;
  };
  struct Kept {
    std::string id;
    storage::v1::MirrorTargetRecord record;
    v1::MirrorCondition condition;
    States states;
    int64_t counts[v1::MirrorItem::State_ARRAYSIZE] = {};
    int64_t position = 0;
    bool counting = false;
    bool abandoned = false;
    // Commits since counting began, in their order.
    std::vector<Change> meanwhile;
    bool warned = false;
  };

  void PutTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Set(Kept& target, int64_t number, State state);
  static void Apply(Kept& target, const std::vector<Change>& changes);
  // Once nothing is pending, everything is settled.
  void Settle(Kept& target) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WarnIfBehind(Kept& target) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Target ViewOf(const Kept& target) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  int64_t head_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_dossier_number_ ABSL_GUARDED_BY(mutex_) = 0;
  // By number.
  std::map<uint32_t, Kept> targets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
