#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/engine/engine.h"

// The engine for tests and trials: everything is in memory and is gone with the process.
//
// Each key has a list of versions, one for each commit that wrote it. A snapshot is the number of a commit and reads
// the newest version up to it, so taking one copies nothing. A commit drops the versions of the keys that it writes
// that no living snapshot can read any more. Commits and reads share one lock for the time of one call. Thread-safe.
namespace tthc::storage {

class MemoryEngine final : public Engine {
 public:
  std::unique_ptr<Snapshot> TakeSnapshot() const override;
  absl::Status Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) override;
  int64_t revision() const override;
  absl::StatusOr<Stats> GetStats() const override;
  absl::Status CompactAll() override;

 private:
  friend class MemorySnapshot;

  struct Version {
    // Of the commit that wrote it.
    int64_t sequence = 0;
    // nullopt: deleted.
    std::optional<std::string> value = std::nullopt;
  };
  // Rising by sequence.
  using Versions = std::vector<Version>;
  using Map = std::map<std::string, Versions, std::less<>>;

  // The value that a snapshot of `sequence` reads; nullptr if the key was not there or was deleted.
  static const std::string* Visible(const Versions& versions, int64_t sequence);
  // Drops what no snapshot and no later reader sees; the key itself if nothing is left.
  void DropUnseen(Map::iterator at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Held for one call, never while `visit` of a scan runs.
  mutable SharedMutex mutex_;
  Map map_ ABSL_GUARDED_BY(mutex_);
  int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  // Counts commits. Not the revision, which may stay the same from one commit to the next.
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  // Sequence of each living snapshot.
  mutable std::multiset<int64_t> live_snapshots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::storage
