#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/load.h"

// What the disk of the machine and RocksDB reach without a server.
namespace tthc::bench {

// Appends as many bytes as one event writes to a growing file, each followed by fdatasync.
absl::StatusOr<LoadResult> RunRawAppends(const std::string& directory, const Shape& shape, absl::Duration duration);

// One writer, `batch` commands to a synced write, the rows of whole lives one after the other; per_second counts
// commands.
absl::StatusOr<LoadResult> RunRocksDb(const std::string& directory, const Shape& shape, size_t batch,
                                      absl::Duration duration);

}  // namespace tthc::bench
