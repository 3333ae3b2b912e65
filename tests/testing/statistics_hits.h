#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/testing/statistics_life.h"
#include "tthc/v1/statistics.pb.h"

// What one dossier adds to each metric of tthc/v1/statistics.proto, metric by metric in plain words. Shares no code
// with the product's facts and verdicts. The rules stand in docs/statistics.md.
namespace tthc::testing {

// Days since 1970-01-01 at UTC+7.
inline int64_t LocalDayOf(int64_t seconds) { return (seconds + 7 * 3600) / 86'400; }

// [from, to) in Unix seconds, evaluated at its last second, or earlier.
struct Bucket {
  int64_t from = 0;
  int64_t to = 0;
  int64_t evaluated = 0;
};

// Why a dossier counts, once for each thing that is counted.
struct Hit {
  const Life* life = nullptr;
  // By which it lies in the period; 0 for figures at the period's end.
  int64_t time = 0;
  // Of a distribution; -1 = a year of the calendar is not loaded.
  int64_t minutes = 0;
  // The unit and officer of the step, if it is one; else the dossier's.
  std::string unit = {};
  std::string officer = {};
};

// Early, on time, late; kNone where the meaning has nothing to say.
enum class Lateness { kNone, kEarly, kOnTime, kLate };
Lateness EndedBy06a(const Life& life);
Lateness EndedBy766(const Life& life);
Lateness EndedByScore(const Life& life);
Lateness EndedByPromise(const Life& life);
bool IsOverdue06a(const Life& life, int64_t at);
bool IsOverdue766(const Life& life, int64_t at);

bool IsShare(v1::Metric metric);
bool IsDistribution(v1::Metric metric);
// A number of dossiers, steps, ratings or petitions. The rest is shares, distributions and what only a mirror knows.
bool IsCount(v1::Metric metric);
// A figure of the period's last moment, or made of such: without a value while the period is still to begin.
bool IsOfTheEnd(v1::Metric metric);
// All of them, in the order of their numbers.
std::vector<v1::Metric> AllMetrics();
// Metrics whose counts are added up above and below the line.
struct ShareParts {
  std::vector<v1::Metric> numerators;
  std::vector<v1::Metric> denominators;
};
ShareParts PartsOf(v1::Metric share);

// One dossier's hits in a bucket, for counts and distributions.
std::vector<Hit> HitsOf(v1::Metric metric, const Life& life, const Bucket& bucket);

}  // namespace tthc::testing
