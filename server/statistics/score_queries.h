#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "tthc/v1/statistics_service.pb.h"

// Scores and plans: schemes of the catalogue over figures that statistics give. What the points mean is
// server/domain/score.h. Thread-safe if the query function is.
namespace tthc::server {

// StatisticsService.QueryStatistics.
using QueryFunction = std::function<absl::StatusOr<v1::QueryStatisticsResponse>(const v1::QueryStatisticsRequest&)>;

// By the scheme of the request's kind that is in force on the period's last day for the offices of its filter. One
// query. Errors of the query, and INVALID_ARGUMENT FIELD_INVALID at "kind" or "given[…]", NOT_FOUND SCHEME_NOT_FOUND
// (metadata kind, on_date).
absl::StatusOr<v1::GetScoresResponse> GetScores(const Catalogue& catalogue, const QueryFunction& query,
                                                const v1::GetScoresRequest& request, absl::Time now);

// Two queries: the period and the one before, which has no values where no calendar reaches. Errors likewise.
absl::StatusOr<v1::GetPlanResultsResponse> GetPlanResults(const Catalogue& catalogue, const QueryFunction& query,
                                                          const v1::GetPlanResultsRequest& request, absl::Time now);

// By name.
v1::ListSchemesResponse ListSchemes(const Catalogue& catalogue);

}  // namespace tthc::server
