#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/testing/random_year.h"
#include "tests/testing/statistics_oracle.h"
#include "tthc/v1/statistics_service.pb.h"

// Random questions about figures, and answers side by side.
namespace tthc::testing {

// A line for every value: its row's keys, its metric, all of its members. Values that say nothing make no line, so that
// rows which may be left out do not matter.
std::vector<std::string> LinesOf(const v1::QueryStatisticsResponse& response);
std::vector<std::string> LinesOf(const v1::Report06a& report);
// Whether they say the same; else the lines that only one of the two has, "-" expected and "+" answered.
::testing::AssertionResult Same(const std::vector<std::string>& expected, const std::vector<std::string>& answered);

class RandomQuestions {
 public:
  RandomQuestions(RandomYear* year, const RecordedHistory* history) : year_(*year), history_(*history) {}

  // Times and midnights around what happened, and named periods.
  v1::Period Period();
  // None, one, two or three; at most one of time.
  std::vector<v1::GroupBy> Groupings();
  // All metrics, or a few.
  std::vector<v1::Metric> Metrics();
  v1::StatisticsFilter Filter();
  v1::AsOf AsOf(absl::Time now);
  v1::QueryStatisticsRequest Query(absl::Time now);

 private:
  RandomYear& year_;
  const RecordedHistory& history_;
};

// The oracle for what a request asks: as of which revision, evaluated when.
StatisticsOracle OracleFor(const RecordedHistory& history, const v1::AsOf& as_of, absl::Time now);

}  // namespace tthc::testing
