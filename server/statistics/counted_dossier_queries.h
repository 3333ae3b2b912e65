#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/statistics/counted_rows.h"
#include "server/statistics/query_context.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {

// The list behind a figure of StatisticsQueries: the dossiers that it counts, one entry for each time that it counts
// them, ordered by the moment that they count by and then by number.
//
// The scan finds rows under the lock of the facts; the dossiers of the page are read from the store after that, and for
// an earlier point of the history folded from their events. So a list costs one scan a page, and the dossiers of the
// page.
//
// A page token holds the place of the last entry and the moment of the first page, at which all pages are evaluated.
// Without as_of, what is recorded between two pages may add entries or take some away; an entry that is there all the
// while is shown once. With as_of all pages are of one state.
//
// Runs on the report threads. Keeps nothing between calls. Thread-safe.
class CountedDossierQueries {
 public:
  explicit CountedDossierQueries(StatisticsSources sources) : sources_(std::move(sources)) {}

  // INVALID_ARGUMENT METRIC_NOT_COUNTED unless the metric is a count of facts; FIELD_INVALID at "keys",
  // "waiting_days_min", "page_size" or below "filter"; PAGE_TOKEN_INVALID; errors of QueryContext::Make; DATA_LOSS if a
  // dossier that the facts know is not in the store.
  absl::StatusOr<v1::ListCountedDossiersResponse> List(const v1::ListCountedDossiersRequest& request,
                                                       absl::Time now) const;

 private:
  // All that can be checked without reading anything.
  absl::Status Check(const v1::ListCountedDossiersRequest& request) const;
  // The whole dossier, before the view is applied.
  absl::StatusOr<v1::CountedDossier> ToCounted(const storage::StoreReader& reader, const QueryContext& context,
                                               const CountedItem& item) const;

  const StatisticsSources sources_;
};

}  // namespace tthc::server
