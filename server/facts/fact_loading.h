#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/facts/fact_index.h"
#include "storage/store.h"

// How facts come into memory at a start.
//
// The fast way is the snapshot of the columns that the last stop (or a thread, from time to time) wrote, completed with
// the facts of every dossier that the log names after it. The slow way reads the fact of every dossier's record. Both
// give the same facts. A snapshot is a cache: one that is damaged, or of another store, history, version or build, is
// removed with the warning `fact_snapshot_ignored` in the log, and the slow way is taken.
//
// Called before anything else uses the index, by one thread, which starts workers of its own. Errors are those of the
// store; the index is then incomplete and must not be used.
namespace tthc::server {

// Puts every dossier's fact into `index`, which has the names already, on `threads` threads. `snapshot_path` "" means
// that none is kept. Returns the revision of the snapshot that was used, 0 if none.
absl::StatusOr<int64_t> LoadFacts(const storage::Store& store, const std::string& snapshot_path, int threads,
                                  FactIndex& index);

// The slow way.
absl::Status LoadFactsFromRecords(const storage::Store& store, int threads, FactIndex& index);

// Reads again the facts of all dossiers that have events after `revision`.
absl::Status CatchUp(const storage::Store& store, int64_t revision, int threads, FactIndex& index);

}  // namespace tthc::server
