#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

// How fast statistics are beside PostgreSQL on the same dossiers, and what keeping them costs.
namespace tthc::bench {

struct StatisticsOptions {
  std::string scratch;
  std::string cache;
  std::string conninfo;
  std::string seed_directory;
  int rounds = 0;
  absl::Duration turn;
  // Sizes of the cities, one after the other.
  std::vector<int64_t> dossiers;
};

// An error too if PostgreSQL counts otherwise than tthcd.
absl::Status MeasureStatistics(const StatisticsOptions& options, Table* table);

}  // namespace tthc::bench
