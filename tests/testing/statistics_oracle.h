#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/testing/statistics_hits.h"
#include "tests/testing/statistics_life.h"
#include "tthc/v1/statistics.pb.h"
#include "tthc/v1/statistics_service.pb.h"

// Every figure of tthc/v1/statistics.proto in the plainest way: for each metric a loop over dossiers and what happened
// to them, nothing kept from one question to the next. Shares no code with the product's periods or columns.
namespace tthc::testing {

class StatisticsOracle {
 public:
  // What was recorded up to `revision` counts; open dossiers are evaluated at `time`, if the period still runs then.
  StatisticsOracle(const RecordedHistory& history, int64_t revision, absl::Time time);

  // Answers a query whose period has start_time and end_time; keys without display_name, basis with what the oracle was
  // made for. as_of is not looked at.
  v1::QueryStatisticsResponse Query(const v1::QueryStatisticsRequest& request) const;
  // The hits behind one figure.
  std::vector<Hit> List(const v1::ListCountedDossiersRequest& request) const;
  // Without display names and basis.
  v1::Report06a Report(const v1::ComputeReport06aRequest& request) const;

  const std::vector<Life>& lives() const { return lives_; }

 private:
  using Keys = std::vector<v1::StatisticsKey>;

  Bucket WholeOf(const v1::Period& period) const;
  // An office, and those that its work went to one after the other, each before the end of the period.
  std::vector<std::string> OfficesOf(const std::string& office, bool keep_former, int64_t period_end) const;
  bool Fits(const v1::StatisticsFilter& filter, const Life& life, int64_t period_end) const;
  v1::StatisticsKey KeyOf(v1::GroupBy group_by, const Hit& hit, const Bucket& bucket, const std::string& office) const;
  // `period_end` is the whole period's.
  std::vector<Hit> AllHits(v1::Metric metric, const Bucket& bucket, const v1::StatisticsFilter& filter,
                           int64_t period_end) const;

  std::vector<Life> lives_;
  std::map<std::string, v1::Office> offices_;
  int64_t revision_ = 0;
  absl::Time time_;
};

// The buckets of a grouping by time, cut to the period.
std::vector<Bucket> BucketsOf(v1::GroupBy group_by, v1::Period::Scheme scheme, const Bucket& whole);

}  // namespace tthc::testing
