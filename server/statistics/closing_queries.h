#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/statistics_queries.h"

// Periods whose figures were fixed (chốt kỳ): what is stored of them, and whether they still come out the same.
// Thread-safe.
namespace tthc::server {

class ClosingQueries {
 public:
  // All outlive the queries.
  ClosingQueries(const storage::Store* store, const FactIndex* index, const CurrentCatalogue* catalogue,
                 AsOfFacts* as_of)
      : store_(*store),
        index_(*index),
        catalogue_(*catalogue),
        as_of_(*as_of),
        figures_(store, index, catalogue, as_of) {}

  // The closing that ClosePeriod would store now, without name and record_time. Errors: PERIOD_NOT_OVER, PERIOD_CLOSED,
  // and those of StatisticsQueries::Report.
  absl::StatusOr<v1::Closing> Prepare(const v1::ClosePeriodRequest& request, const std::string& actor,
                                      absl::Time now) const;
  absl::StatusOr<v1::CheckClosingResponse> Check(const v1::CheckClosingRequest& request, absl::Time now) const;

 private:
  absl::Status AddLaterEvents(v1::CheckClosingResponse& response) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const CurrentCatalogue& catalogue_;
  AsOfFacts& as_of_;
  const StatisticsQueries figures_;
};

// ALREADY_EXISTS PERIOD_CLOSED if `catalogue` has a closing of the same period and office.
absl::Status CheckNotClosed(const Catalogue& catalogue, const v1::Closing& closing);

}  // namespace tthc::server
