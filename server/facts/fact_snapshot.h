#pragma once

#include <condition_variable>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/fact_columns.h"
#include "server/service/fact_index.h"
#include "server/service/fact_texts.h"
#include "storage/base/limits.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

// The columns of facts on disk, so that a start reads them in one piece instead of every dossier's record. A cache:
// losing it, or finding it damaged, costs a slower start and nothing else. docs/storage_format.md has the bytes.
namespace tthc::server {

// Writes what `index` holds to `path`, in place of what is there, and syncs it. Copies `chunk_rows` rows at a time, so
// that commits go on: a row may be newer than the revision that is returned, from which on CatchUp() must look.
// UNAVAILABLE if it can't be written; what was there before then stays.
absl::StatusOr<int64_t> SaveFactSnapshot(const std::string& path, const storage::Store& store, const FactIndex& index,
                                         size_t chunk_rows = limits::kFactChunkRows);

struct FactSnapshot {
  FactColumns columns;
  FactTexts texts;
  // All that was recorded up to here is in it, and some of what came later.
  int64_t revision = 0;
};

// Reads a snapshot of `store`, on `threads` threads. NOT_FOUND if there is none; FAILED_PRECONDITION or DATA_LOSS, with
// the reason, if it is not of this store's history, of other rules or builds, or not whole.
absl::StatusOr<FactSnapshot> LoadFactSnapshot(const std::string& path, const storage::Store& store, int threads);

// Removes a snapshot that may not be used, before the history goes on: some day it might look right again. Also what a
// crash left of one that was being written.
void RemoveFactSnapshot(const std::string& path);

// Writes snapshots from time to time, on a thread of its own.
class FactSnapshotKeeper {
 public:
  struct Options {
    std::string path;
    // These outlive the keeper.
    const storage::Store* store = nullptr;
    const FactIndex* index = nullptr;
    // Of the snapshot that is there; 0 = none.
    int64_t saved_revision = 0;
    // It looks so often whether so many revisions have passed, at least, and a twentieth as many as there are dossiers.
    absl::Duration interval = limits::kFactSnapshotInterval;
    int64_t revisions_min = limits::kFactSnapshotRevisions;
  };
  explicit FactSnapshotKeeper(Options options);
  // Stops first.
  ~FactSnapshotKeeper();

  // Writes a last one, if anything was recorded since. Blocks; idempotent. Nothing may be recorded any more.
  void Stop();

 private:
  void Work();
  bool IsWorthwhile() const;
  void Save();

  const Options options_;
  int64_t saved_revision_;
  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tthc::server
