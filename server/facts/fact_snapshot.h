#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/facts/fact_columns.h"
#include "server/facts/fact_index.h"
#include "server/facts/fact_texts.h"
#include "storage/base/limits.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

// The snapshot of facts: the columns on disk, so that a start reads one file instead of every dossier's record.
//
// It is a cache. Losing it, or finding it damaged, costs a slower start and nothing else; it may be deleted while the
// server is stopped. It is written beside the final file and renamed, so that a crash leaves the old one or the new
// one, and every byte is covered by a hash that is checked before use. It must never be taken for that of another
// history: it names the store, the version of the rules, the layout in memory, and the hash of the log record at its
// last revision.
//
// It holds the personal data that FactTexts has, with the rights of the data directory. docs/storage_format.md has the
// bytes.
namespace tthc::server {

// Writes the facts of `index` to `path`, in place of the file that is there, and syncs it. Copies `chunk_rows` rows at
// a time and lets commits go on in between, so a row may be newer than the revision that is returned; CatchUp() from
// that revision on completes it. UNAVAILABLE if the file can't be written or the disk is nearly full; the old file then
// stays.
absl::StatusOr<int64_t> SaveFactSnapshot(const std::string& path, const storage::Store& store, const FactIndex& index,
                                         size_t chunk_rows = limits::kFactChunkRows);

struct FactSnapshot {
  // Ready for FactIndex::Restore.
  FactColumns columns;
  FactTexts texts;
  // Everything recorded up to here is in it, and some of what was recorded later.
  int64_t revision = 0;
};

// Reads the snapshot at `path` on `threads` threads. NOT_FOUND if there is none; FAILED_PRECONDITION if it belongs to
// another store, history, version or build; DATA_LOSS if it is damaged. The message has the reason.
absl::StatusOr<FactSnapshot> LoadFactSnapshot(const std::string& path, const storage::Store& store, int threads);

// Removes a snapshot that must not be used, before the history goes on: at a later head it might pass the checks. Also
// removes what a crash left of one that was being written.
void RemoveFactSnapshot(const std::string& path);

// Writes snapshots on a thread of its own: from time to time, and a last one at the stop. A failure is logged
// (`fact_snapshot_not_saved`) and tried again later; it never disturbs the service.
class FactSnapshotKeeper {
 public:
  struct Options {
    std::string path;
    // Both outlive the keeper.
    const storage::Store* store = nullptr;
    const FactIndex* index = nullptr;
    // Revision of the snapshot on disk; 0 = none.
    int64_t saved_revision = 0;
    // How often it checks whether a new snapshot is worth writing: after at least `revisions_min` revisions, and at
    // least a twentieth as many as there are dossiers.
    absl::Duration interval = limits::kFactSnapshotInterval;
    int64_t revisions_min = limits::kFactSnapshotRevisions;
  };
  explicit FactSnapshotKeeper(Options options);
  // Stops first.
  ~FactSnapshotKeeper();

  // Ends the thread and writes a last snapshot if anything was recorded since the one before. Blocks; idempotent. To be
  // called when no more commits come.
  void Stop();

 private:
  // The thread: checks once in each interval.
  void Work();
  // Returns after the interval, or at once when Stop is called: then false.
  bool WaitForInterval();
  // Enough revisions have passed since the last snapshot.
  bool IsWorthwhile() const;
  void Save();

  // saved_revision_ belongs to the thread, and to Stop once the thread has ended.
  const Options options_;
  int64_t saved_revision_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tthc::server
