#pragma once

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/mirror_index.h"
#include "server/service/read_pool.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

namespace tthc::server {

// How every dossier stands with a target as of `reader`, from what lies on disk: the keys of attention, and the log
// behind the target's position. CANCELLED once `stop` is set; errors of the store.
absl::StatusOr<MirrorIndex::States> CountStates(const storage::StoreReader& reader,
                                                const storage::v1::MirrorTargetRecord& target,
                                                const std::atomic<bool>& stop);

// Moves a target's position over what is settled, at most limits::kMirrorAdvancePortion revisions. True if there may be
// more to move over. Errors of the store.
absl::StatusOr<bool> AdvancePosition(const storage::Store& store, const MirrorIndex::Target& target,
                                     MirrorIndex& index);

// Work on the mirror that nobody waits for: counting after a start, moving positions. Thread-safe.
class MirrorKeeper {
 public:
  // All outlive it; the pool is stopped first.
  MirrorKeeper(const storage::Store* store, MirrorIndex* index, ReadPool* pool);
  ~MirrorKeeper();

  // Counts every target that the index has, in a thread of its own; those that are not retired first.
  void StartCounting();
  // Gives up what is being counted. Blocks; idempotent.
  void Stop();

  // Has the target's position moved as far as it goes, soon. What can't be done now is done the next time.
  void ScheduleAdvance(const std::string& target_id);

 private:
  void Count();
  void Advance(const std::string& target_id);

  const storage::Store& store_;
  MirrorIndex& index_;
  ReadPool& pool_;
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  // Targets whose position is being moved.
  std::set<std::string> advancing_ ABSL_GUARDED_BY(mutex_);
  std::thread counter_;
};

}  // namespace tthc::server
