#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "storage/base/published.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// StatisticsService.QueryStatistics, evaluated at the given moment. Thread-safe.
using QueryFunction =
    std::function<absl::StatusOr<v1::QueryStatisticsResponse>(const v1::QueryStatisticsRequest&, absl::Time now)>;

// Schemes of evaluation (bộ tiêu chí đánh giá), and what they come to: scores and results of plans.
//
// Vocabulary:
// - scheme: a rule of the law as data, with dates. It is made of indicators.
// - subject: what a score is for: an officer, a unit, an office, or everything that the filter lets through.
// - no value: an indicator that can't be computed. It is left out of the total and never 0.
//
// A scheme is an entry of the catalogue and is chosen by kind, day and offices. What it needs is asked for as figures,
// by the query that is handed in; what the points mean is server/domain/score.h. So this room knows neither how
// figures are made nor how points are.
//
// Get and List answer from memory. ComputeScores makes one query, ComputePlanResults two, so they run on the report
// threads. Thread-safe.
class ScoreQueries {
 public:
  // `catalogue` outlives the queries. `store_id` binds page tokens to the store.
  ScoreQueries(const Published<domain::Catalogue>* catalogue, uint64_t store_id, QueryFunction query)
      : catalogue_(*catalogue), store_id_(store_id), query_(std::move(query)) {}

  // NOT_FOUND SCHEME_NOT_FOUND (metadata name).
  absl::StatusOr<v1::Scheme> GetScheme(const v1::GetSchemeRequest& request) const;
  // By name, of one kind or of all, in force or not. INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID.
  absl::StatusOr<v1::ListSchemesResponse> ListSchemes(const v1::ListSchemesRequest& request) const;

  // By the scheme of the request's kind that is in force on the period's last day for the offices of the filter.
  // INVALID_ARGUMENT FIELD_INVALID at "kind" or "given_points[…]"; NOT_FOUND SCHEME_NOT_FOUND (metadata kind, on_date);
  // errors of the query.
  absl::StatusOr<v1::ComputeScoresResponse> ComputeScores(const v1::ComputeScoresRequest& request,
                                                          absl::Time now) const;

  // The period beside the one before, which has no values where no calendar reaches. Errors likewise.
  absl::StatusOr<v1::ComputePlanResultsResponse> ComputePlanResults(const v1::ComputePlanResultsRequest& request,
                                                                    absl::Time now) const;

 private:
  const Published<domain::Catalogue>& catalogue_;
  const uint64_t store_id_;
  // Thread-safe, like everything here.
  const QueryFunction query_;
};

// With its etag, which answers carry and the log does not: a hash of the scheme as it is stored, so that every change
// gives another one.
v1::Scheme ShownScheme(const v1::Scheme& scheme);

// NOT_FOUND SCHEME_NOT_FOUND of a scheme that was asked for by name; `field` holds the name.
absl::Status SchemeNotFound(absl::string_view field, const std::string& name);

}  // namespace tthc::server
