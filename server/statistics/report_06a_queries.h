#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "server/statistics/report_06a_rules.h"
#include "server/statistics/statistics_queries.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// Form 06a/VPCP/KSTT of Circular 01/2020/TT-VPCP: one query for figures by field, and by procedure if asked, laid out
// as the rows of the form. What a column counts is report_06a_rules.h; what must hold between columns is
// server/domain/report_06a.h. The clients print it.
//
// Levels of a period that has not begun are those of the evaluation (LevelsAhead), so that the columns add up for every
// period that can be asked for.
//
// Runs on the report threads, one scan for a report. Keeps nothing between calls. Thread-safe.
class Report06aQueries {
 public:
  explicit Report06aQueries(StatisticsSources sources) : sources_(sources), figures_(std::move(sources)) {}

  // By the current rules. Errors of StatisticsQueries::Query, at "office" for an unknown one; INTERNAL if the columns
  // of a row do not add up, which no history can lead to.
  absl::StatusOr<v1::Report06a> Compute(const v1::ComputeReport06aRequest& request, absl::Time now) const;

  // The same by given rules, for the dossiers that exactly these offices took in; empty: all offices. Which offices
  // count under which is not looked up again: a closing must not change with a merger that is recorded later.
  absl::StatusOr<v1::Report06a> ComputeFor(const Report06aRules& rules, const v1::ComputeReport06aRequest& request,
                                           const google::protobuf::RepeatedPtrField<std::string>& offices,
                                           absl::Time now) const;

  // `office` and those that it succeeded by the end of a period, by name; empty if there is no such office.
  std::vector<std::string> OfficesUnder(const std::string& office, absl::Time period_end) const;

 private:
  // Figures of the rules' metrics, as rows with numbers: fields "1", "2" … by name, procedures "1.1", "1.2" … below.
  absl::StatusOr<v1::Report06a> MakeReport(const Report06aRules& rules, const v1::ComputeReport06aRequest& request,
                                           const v1::StatisticsFilter& filter, absl::Time now) const;

  // For the offices and the names of the catalogue.
  const StatisticsSources sources_;
  const StatisticsQueries figures_;
};

}  // namespace tthc::server
