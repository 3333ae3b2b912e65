#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/call/request_context.h"
#include "server/statistics/closing_commands.h"
#include "server/statistics/report_06a_queries.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// Closings (chốt kỳ): periods whose figures were fixed. This computes the figures that are to be fixed, shows what was
// fixed, and checks whether the figures still come out the same. What is stored of a closing is closing_commands.h.
//
// A closing says with which version of the counting rules (report_06a_rules.h) and of the canonical form
// (closing_form.h) it was made. Whatever is computed for it again is computed with these.
//
// Prepare and Check scan the facts and may fold history, so they run on the report threads; Get and List answer from
// memory. Thread-safe.
class ClosingQueries {
 public:
  explicit ClosingQueries(StatisticsSources sources) : sources_(std::move(sources)), reports_(sources_) {}

  // The closing that ClosePeriod would store now. What is recorded between this and the commit lies behind the
  // revision of the figures, so the closing stays right however long the commit takes. Whether the period is closed
  // already is decided there. FAILED_PRECONDITION PERIOD_NOT_OVER; errors of the checks and of Report06aQueries.
  absl::StatusOr<ClosePeriodCommand> Prepare(const RequestContext& context, const v1::ClosePeriodRequest& request,
                                             absl::Time now) const;

  // Whole, as it was stored. NOT_FOUND CLOSING_NOT_FOUND.
  absl::StatusOr<v1::Closing> Get(const v1::GetClosingRequest& request) const;
  // Newest first, without rows. INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID.
  absl::StatusOr<v1::ListClosingsResponse> List(const v1::ListClosingsRequest& request) const;

  // NOT_FOUND CLOSING_NOT_FOUND; FAILED_PRECONDITION CLOSING_VERSION_UNKNOWN if a newer server made the closing with
  // rules or a form that are not known here; errors of Report06aQueries and of reading history.
  absl::StatusOr<v1::CheckClosingResponse> Check(const v1::CheckClosingRequest& request, absl::Time now) const;

 private:
  // The events recorded since the closing, of dossiers that count in other columns now than then.
  absl::Status AddLaterEvents(const Report06aRules& rules, v1::CheckClosingResponse& response) const;

  // For the catalogue, the history and the facts.
  const StatisticsSources sources_;
  const Report06aQueries reports_;
};

}  // namespace tthc::server
