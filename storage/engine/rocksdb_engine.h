#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/base/limits.h"
#include "storage/engine/engine.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace tthc::storage {

// The embedded engine: one RocksDB in one directory, for one process. Thread-safe; commits wait for each other, readers
// for nobody. When the last background or foreground write failed, the next Commit tries to resume first.
struct RocksDbOptions {
  // Created if missing, with the directories above it.
  std::string directory;
  // All write buffers together, at most limits::kWriteBufferBytesMax; also bounds the log that a start replays.
  size_t write_buffer_bytes = limits::kWriteBufferBytesDefault;
  // Data, index and filter blocks together.
  size_t block_cache_bytes = limits::kBlockCacheBytesDefault;
  // Off, a commit survives the death of the process but not of the machine: for tests and benchmarks only.
  bool sync = true;
  // Buffers and blocks so small that every flush, compaction and level is met after a few commits: for tests.
  bool hostile = false;
  // In place of the machine's, for tests; null = the machine's.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
};

// FAILED_PRECONDITION DATA_IN_USE when another engine has the directory open, DATA_DIRECTORY_UNUSABLE when it can't be
// opened at all; DATA_LOSS DATA_CORRUPT; INVALID_ARGUMENT for options out of bounds.
absl::StatusOr<std::unique_ptr<Engine>> OpenRocksDb(const RocksDbOptions& options);

}  // namespace tthc::storage
