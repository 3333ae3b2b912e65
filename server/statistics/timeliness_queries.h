#pragma once

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "storage/base/published.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/report_service.pb.h"

namespace tthc::server {

// What a filter for lists of dossiers asks of the facts: DossierQueries::ToFactFilter, handed in so that this room
// needs to know nothing of server/dossiers. Thread-safe.
using FactFilterFunction = std::function<absl::StatusOr<FactFilter>(const v1::DossierFilter&, absl::Time now)>;

// The short summary of ReportService: how a period went, by the conventions of form 06a. It is meant for a page with a
// list of dossiers: it takes the filter of the list, while StatisticsQueries takes filters of figures and has the rest.
//
// The filter becomes a predicate on rows, and the rest is one scan of the facts. The facts are locked meanwhile, so it
// runs on the report threads. It shows what is recorded at the moment of the scan, and `revision` says which that is.
//
// Keeps nothing between calls. Thread-safe.
class TimelinessQueries {
 public:
  // `index` and `catalogue`, and what the function refers to, outlive the queries.
  TimelinessQueries(const FactIndex* index, const Published<domain::Catalogue>* catalogue,
                    FactFilterFunction to_fact_filter)
      : index_(*index), catalogue_(*catalogue), to_fact_filter_(std::move(to_fact_filter)) {}

  // Open dossiers are evaluated at the period's last moment, or at `now` if it still runs.
  // INVALID_ARGUMENT FIELD_INVALID at "end_time" for a period that is reversed or empty, at "group_by" for a grouping
  // that this summary does not have, and below "filter".
  absl::StatusOr<v1::TimelinessSummary> Summarize(const v1::SummarizeTimelinessRequest& request, absl::Time now) const;

 private:
  const FactIndex& index_;
  const Published<domain::Catalogue>& catalogue_;
  const FactFilterFunction to_fact_filter_;
};

}  // namespace tthc::server
