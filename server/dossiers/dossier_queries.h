#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "storage/base/published.h"
#include "storage/store.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/report_service.pb.h"

namespace tthc::server {

// The read side of dossiers: look-ups, lists, histories.
//
// Vocabulary:
//   name     dossiers/{uid}, or with a code or an alias in the place of the uid. Found in the index of codes, whole.
//   tail     the end of a code or alias as a person types it. Searched for in the columns; only Lookup takes one.
//   view     how much of a dossier an answer shows; each method has a default (dossier_view.h).
//
// Each call reads one snapshot of the store. Which dossiers a list holds comes from FactIndex, columns in memory; the
// snapshot is taken after it, so that every dossier of the page is in it. A page is bounded by its size and in bytes
// (limits::kPageBytesMax) and ends early at whichever comes first.
//
// Threads: thread-safe; the calls read the disk, so they run on the read pool.
//
// Errors: as DossierService promises for each method; DATA_LOSS if a record that others refer to is missing or damaged.
// A failed call has changed nothing.
class DossierQueries {
 public:
  // All outlive the queries.
  DossierQueries(const storage::Store* store, const FactIndex* index, const Published<domain::Catalogue>* catalogue)
      : store_(*store), index_(*index), catalogue_(*catalogue) {}

  // The number of the dossier called `name`; no tails. NOT_FOUND DOSSIER_NOT_FOUND; `field` of the request holds the
  // name.
  absl::StatusOr<int64_t> Resolve(const storage::StoreReader& reader, const std::string& field,
                                  const std::string& name) const;

  absl::StatusOr<v1::Dossier> Get(const v1::GetDossierRequest& request, absl::Time now) const;

  // By what a person types. A whole code takes precedence over the tail of another one.
  absl::StatusOr<v1::Dossier> Lookup(const v1::LookupDossierRequest& request, absl::Time now) const;

  absl::StatusOr<v1::BatchGetDossiersResponse> BatchGet(const v1::BatchGetDossiersRequest& request,
                                                        absl::Time now) const;

  absl::StatusOr<v1::ListDossiersResponse> List(const v1::ListDossiersRequest& request, absl::Time now) const;

  absl::StatusOr<v1::Event> GetEvent(const v1::GetEventRequest& request) const;
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request) const;

  absl::StatusOr<v1::ListLateDossiersResponse> ListLate(const v1::ListLateDossiersRequest& request,
                                                        absl::Time now) const;
  absl::StatusOr<v1::ListDueSoonDossiersResponse> ListDueSoon(const v1::ListDueSoonDossiersRequest& request,
                                                              absl::Time now) const;

  absl::StatusOr<v1::DueTimeExplanation> ExplainDueTime(const v1::ExplainDueTimeRequest& request) const;

  // The dossier of a number, whole and presented, without its timeliness.
  absl::StatusOr<v1::Dossier> Load(const storage::StoreReader& reader, int64_t number) const;

  // The same with its timeliness at `now`.
  absl::StatusOr<v1::Dossier> LoadAt(const storage::StoreReader& reader, int64_t number, absl::Time now) const;

  // A filter of the API in the terms of the facts. INVALID_ARGUMENT FIELD_INVALID names the field below "filter".
  absl::StatusOr<FactFilter> ToFactFilter(const v1::DossierFilter& filter, absl::Time now) const;

 private:
  // A page of a list, without its dossiers.
  struct ListEnd {
    std::string next_page_token;
    int64_t total_size = 0;
    int64_t revision = 0;
    // The time at which lateness is evaluated: that of the first page, on every page.
    absl::Time read_time;
  };
  // Hands the dossiers of a page to `add`, whole and evaluated at `read_time`, until it refuses one, which then begins
  // the next page.
  using AddDossier = absl::FunctionRef<bool(v1::Dossier dossier, absl::Time read_time)>;
  absl::StatusOr<ListEnd> ListEach(const v1::ListDossiersRequest& request, absl::Time now, AddDossier add) const;

  // The only dossier whose code or alias ends as a person typed it. NOT_FOUND DOSSIER_NOT_FOUND; FAILED_PRECONDITION
  // CODE_AMBIGUOUS.
  absl::StatusOr<int64_t> FindByTail(const std::string& typed) const;

  // Unix second up to which a dossier is due soon. `field` holds the minutes.
  absl::StatusOr<int64_t> DueUntil(const std::string& field, absl::Time now, int64_t working_minutes) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const Published<domain::Catalogue>& catalogue_;
};

}  // namespace tthc::server
