#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/statistics/query_context.h"
#include "tthc/v1/statistics_service.pb.h"

// The figures of StatisticsService: any metrics of any period, by up to three groupings.
//
// A request becomes a plan for one scan of the facts, and what the scan counts becomes rows. The parts:
//   query_context.h    the period, the point of the history, the facts; names and codes
//   statistics_scan.h  the scan
//   metric.h           what each metric counts
// Form 06a, scores, plans and closings are made of these figures, so that none of them can differ from what a query
// says.
namespace tthc::server {

// Whether the level at the end of a period that has not begun is known.
enum class LevelsAhead {
  // It has no value: how many dossiers will be open then is not known.
  kNoValue,
  // It is the level of the evaluation, so that the columns of form 06a add up for every period.
  kOfEvaluation,
};

// Each call stands on its own and keeps nothing. It holds the lock of the facts while it scans them: commits wait, some
// ten milliseconds for a million dossiers. So it runs on the report threads, of which there are few, and never on those
// of look-ups. Thread-safe.
class StatisticsQueries {
 public:
  explicit StatisticsQueries(StatisticsSources sources) : sources_(std::move(sources)) {}

  // INVALID_ARGUMENT FIELD_INVALID at "metrics", "group_by" or below "filter"; TOO_MANY_GROUPS; errors of
  // QueryContext::Make.
  absl::StatusOr<v1::QueryStatisticsResponse> Query(const v1::QueryStatisticsRequest& request, absl::Time now) const {
    return Compute(request, LevelsAhead::kNoValue, now);
  }
  // The same, for a caller inside the server that chooses what levels of the future are.
  absl::StatusOr<v1::QueryStatisticsResponse> Compute(const v1::QueryStatisticsRequest& request, LevelsAhead ahead,
                                                      absl::Time now) const;

 private:
  const StatisticsSources sources_;
};

}  // namespace tthc::server
