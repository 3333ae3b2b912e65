#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/fact_index.h"
#include "storage/store.h"

// How facts come into memory at a start.
namespace tthc::server {

// Puts every dossier's fact into `index`, which knows the names already, on `threads` threads: from the snapshot at
// `snapshot_path` and what was recorded since, if there is one that can be used, else from all records. A snapshot that
// can't is removed and told of in the log. Returns the revision of the one that was used, 0 if none. "" = keep none.
// Errors of the store.
absl::StatusOr<int64_t> LoadFacts(const storage::Store& store, const std::string& snapshot_path, int threads,
                                  FactIndex& index);

// The slow way alone.
absl::Status LoadFactsFromRecords(const storage::Store& store, int threads, FactIndex& index);

// Takes the facts of all dossiers with records after `revision` from their own records.
absl::Status CatchUp(const storage::Store& store, int64_t revision, int threads, FactIndex& index);

}  // namespace tthc::server
