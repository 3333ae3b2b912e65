#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/base/limits.h"

// The configuration of tthcd: read from the command line and the environment, and checked as a whole before anything
// starts.
namespace tthc::server {

// Where the data are.
enum class EngineKind {
  // On disk, in `data_directory`.
  kRocksDb,
  // Nowhere: they are gone when the process ends. For trials.
  kMemory,
};

struct Config {
  EngineKind engine = EngineKind::kRocksDb;
  // For the RocksDB engine; created if missing.
  std::string data_directory;
  // See rpc::ListenAddress; port 0 = any free one.
  std::string listen = "127.0.0.1:50551";
  // Directory for SeedStore; empty = none.
  std::string seed_directory;
  // Memory for what is read from disk.
  size_t block_cache_bytes = limits::kBlockCacheBytesDefault;
  // Memory for what is not in sorted files yet.
  size_t write_buffer_bytes = limits::kWriteBufferBytesDefault;
  // Threads for reads that may touch the disk.
  int read_threads = static_cast<int>(limits::kReadThreads);
  // Added to the machine's clock, for tests and trials: a store of a past or future year can be tried today. Hidden
  // from
  // --help, because a server in use must never have one.
  absl::Duration clock_offset;
};

// The result of reading a command line: a valid config, or a text to print and an exit code.
struct CommandLine {
  // Unset if the program is to print and end.
  std::optional<Config> config;
  // 0 after --help and --version, 2 after an error.
  int exit_code = 0;
  // Help and version; both texts end in a line break or are empty.
  std::string stdout_text;
  std::string stderr_text;
};

// A flag takes precedence over its environment variable (--block-cache-mb: TTHC_BLOCK_CACHE_MB), which takes precedence
// over the default. All errors are reported at once, in Vietnamese and English. Reads the environment; of the files it
// only checks that the seed directory exists.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace tthc::server
