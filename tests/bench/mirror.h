#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

// What the mirror costs those who work at the counter, and how fast it delivers: tthcd, tthc-sync and tthc-portal-sim
// as processes of their own, all on this machine.
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

// Where two conditions of the target are compared, the second is in the column of the bare server. It is also an error
// if anything is left pending or was refused.
absl::Status MeasureMirror(const MirrorOptions& options, Table* table);

}  // namespace tthc::bench
