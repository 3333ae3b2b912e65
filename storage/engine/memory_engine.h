#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/engine/engine.h"

namespace tthc::storage {

// Everything in memory, for tests and trials: nothing outlives the process. A key keeps the versions that live
// snapshots may still see, so a snapshot costs nothing. Thread-safe.
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
    int64_t sequence = 0;
    std::optional<std::string> value = std::nullopt;
  };
  using Versions = std::vector<Version>;
  using Map = std::map<std::string, Versions, std::less<>>;

  static const std::string* Visible(const Versions& versions, int64_t sequence);
  void DropUnseen(Map::iterator at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  Map map_ ABSL_GUARDED_BY(mutex_);
  int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  // One step a commit; revisions may stand still.
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable std::multiset<int64_t> live_snapshots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::storage
