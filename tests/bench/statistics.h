#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"

// How fast statistics are compared with PostgreSQL on the same dossiers, and what their facts cost.
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

// It is also an error if PostgreSQL and tthcd count differently.
absl::Status MeasureStatistics(const StatisticsOptions& options, Table* table);

}  // namespace tthc::bench
