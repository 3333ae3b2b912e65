#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "server/service/fact_index.h"
#include "storage/store.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/report_service.pb.h"

// The read side of dossiers. Runs on the read pool's threads; each call sees one snapshot of the store. Thread-safe.
namespace tthc::server {

class DossierQueries {
 public:
  // All outlive the queries.
  DossierQueries(const storage::Store* store, const FactIndex* index, const CurrentCatalogue* catalogue)
      : store_(*store), index_(*index), catalogue_(*catalogue) {}

  // The number of the dossier called `name` ("dossiers/" and a code, an alias or a unique tail). NOT_FOUND
  // DOSSIER_NOT_FOUND; FAILED_PRECONDITION CODE_AMBIGUOUS (metadata matches) if several codes end so. `field` holds the
  // name.
  absl::StatusOr<int64_t> Resolve(const storage::StoreReader& reader, const std::string& field,
                                  const std::string& name) const;

  absl::StatusOr<v1::Dossier> Get(const v1::GetDossierRequest& request, absl::Time now) const;
  absl::StatusOr<v1::BatchGetDossiersResponse> BatchGet(const v1::BatchGetDossiersRequest& request,
                                                        absl::Time now) const;
  // `judged`, if there: the moment that lateness was judged at, the same on every page.
  absl::StatusOr<v1::ListDossiersResponse> List(const v1::ListDossiersRequest& request, absl::Time now,
                                                absl::Time* judged = nullptr) const;
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request) const;
  absl::StatusOr<v1::ListLateDossiersResponse> ListLate(const v1::ListLateDossiersRequest& request,
                                                        absl::Time now) const;
  absl::StatusOr<v1::ListDueSoonDossiersResponse> ListDueSoon(const v1::ListDueSoonDossiersRequest& request,
                                                              absl::Time now) const;
  absl::StatusOr<v1::TimelinessSummary> Summarize(const v1::SummarizeTimelinessRequest& request,
                                                  absl::Time now) const;

  // Dossier of a number, complete but for the timeliness.
  absl::StatusOr<v1::Dossier> Load(const storage::StoreReader& reader, int64_t number) const;

 private:
  absl::StatusOr<FactFilter> ToFactFilter(const v1::DossierFilter& filter, absl::Time now) const;
  // `field` holds the minutes.
  absl::StatusOr<int64_t> DueUntil(const std::string& field, absl::Time now, int64_t working_minutes) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const CurrentCatalogue& catalogue_;
};

}  // namespace tthc::server
