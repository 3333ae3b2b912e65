#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/base/limits.h"

// What the operator decides, read and checked whole before anything starts.
namespace tthc::server {

enum class EngineKind { kRocksDb, kMemory };

struct Config {
  EngineKind engine = EngineKind::kRocksDb;
  // Of the RocksDB engine; created if missing.
  std::string data_directory;
  // See rpc::ListenAddress; port 0 = any free one.
  std::string listen = "127.0.0.1:50551";
  // With calendar.csv, sessions.csv, procedures.csv, offices.csv and schemes/ for a store that has none of these; empty
  // = none.
  std::string seed_directory;
  size_t block_cache_bytes = limits::kBlockCacheBytesDefault;
  size_t write_buffer_bytes = limits::kWriteBufferBytesDefault;
  int read_threads = static_cast<int>(limits::kReadThreads);
  // Added to the machine's clock, for tests and trials.
  absl::Duration clock_offset;
};

// What a command line asks for: either a valid config, or a text to print and an end.
struct CommandLine {
  std::optional<Config> config;
  // 0 after --help and --version, 2 after an error.
  int exit_code = 0;
  std::string stdout_text;
  std::string stderr_text;
};

// A flag beats its environment variable (--block-cache-mb: TTHC_BLOCK_CACHE_MB), which beats the default. All errors
// are told at once, in Vietnamese and English. Reads the environment; touches no file but looks whether the seed is
// there.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace tthc::server
