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

// The embedded engine: one RocksDB in one directory, for one process at a time.
//
// One column family and one write-ahead log, synced with every commit: a commit is durable when Commit returns. After
// `kill -9` or a power loss the next opening replays the log. docs/storage_format.md, section "RocksDB", explains the
// settings.
//
// When a write failed, in a commit or in the background, the engine is read-only and says so in its stats. The next
// Commit tries to resume first, so that a full disk needs no restart once there is space again. Thread-safe; commits
// wait for each other, readers for nobody. This is the only header of the product's that leads to RocksDB.
namespace tthc::storage {

struct RocksDbOptions {
  // Created if missing, with the directories above it.
  std::string directory;
  // All write buffers together, at most limits::kWriteBufferBytesMax; also bounds the log that a start replays.
  size_t write_buffer_bytes = limits::kWriteBufferBytesDefault;
  // Data, index and filter blocks together.
  size_t block_cache_bytes = limits::kBlockCacheBytesDefault;
  // Off, a commit survives the death of the process but not of the machine: for tests and benchmarks only.
  bool sync = true;
  // Buffers and blocks so small that flushes, compactions and every level happen after a few commits: for tests.
  bool hostile = false;
  // In place of the machine's, for tests; null = the machine's.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
};

// FAILED_PRECONDITION DATA_IN_USE when another engine has the directory open, DATA_DIRECTORY_UNUSABLE when it can't be
// opened at all; DATA_LOSS DATA_CORRUPT; INVALID_ARGUMENT for options out of bounds.
absl::StatusOr<std::unique_ptr<Engine>> OpenRocksDb(const RocksDbOptions& options);

}  // namespace tthc::storage
