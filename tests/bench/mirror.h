#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

// What the mirror costs those who work at the counter, and how fast it tells: tthcd, tthc-sync and tthc-portal-sim as
// processes of their own, all on this machine.
namespace tthc::bench {

struct MirrorOptions {
  std::string scratch;
  std::string cache;
  std::string seed_directory;
  int rounds = 0;
  absl::Duration turn;
  // Dossiers that are pending when catching up begins.
  int64_t dossiers = 0;
};

// Where one way of the other side is held against another, the second stands in the column of the bare. An error too if
// anything is left untold, or refused.
absl::Status MeasureMirror(const MirrorOptions& options, Table* table);

}  // namespace tthc::bench
