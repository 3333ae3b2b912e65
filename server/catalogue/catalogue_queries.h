#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "storage/base/published.h"
#include "tthc/v1/catalogue_service.pb.h"

// The queries of the catalogue: procedures, fields, offices, units, officers and calendars.
//
// Vocabulary:
// - version (of a procedure or calendar): immutable; dossiers keep the one that they were accepted under.
// - in force (on a day): the newest version whose start_date is not later and whose end_date is not earlier.
namespace tthc::server {

// Answers from the catalogue in memory, as of the moment of the call: an answer never mixes two states of it. Reads no
// disk and takes no lock while it reads. ListProcedures may go over every version of every procedure and fold their
// titles, which takes milliseconds in a large catalogue; everything else is quick.
//
// Lists are in pages, see ListPage; their order is that of the protos. Thread-safe.
//
// Errors: INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID; those of single methods as the protos say.
class CatalogueQueries {
 public:
  // `catalogue` outlives the queries. `store_id` binds page tokens to the store.
  CatalogueQueries(const Published<domain::Catalogue>* catalogue, uint64_t store_id)
      : catalogue_(*catalogue), store_id_(store_id) {}

  // The version in force on the request's day, or a given one, whether in force or not. `now` is what "today" means.
  // NOT_FOUND PROCEDURE_NOT_FOUND, FAILED_PRECONDITION PROCEDURE_CLOSED.
  absl::StatusOr<v1::Procedure> GetProcedure(const v1::GetProcedureRequest& request, absl::Time now) const;
  // By name, then by version. A title matches whatever its case and diacritics.
  absl::StatusOr<v1::ListProceduresResponse> ListProcedures(const v1::ListProceduresRequest& request,
                                                            absl::Time now) const;
  // By name, former entries included.
  absl::StatusOr<v1::ListFieldsResponse> ListFields(const v1::ListFieldsRequest& request) const;
  absl::StatusOr<v1::ListOfficesResponse> ListOffices(const v1::ListOfficesRequest& request) const;
  absl::StatusOr<v1::ListUnitsResponse> ListUnits(const v1::ListUnitsRequest& request) const;
  absl::StatusOr<v1::ListOfficersResponse> ListOfficers(const v1::ListOfficersRequest& request) const;
  // "calendars/latest" is the newest. NOT_FOUND CALENDAR_NOT_FOUND.
  absl::StatusOr<v1::Calendar> GetCalendar(const v1::GetCalendarRequest& request) const;
  // Newest first, whole.
  absl::StatusOr<v1::ListCalendarsResponse> ListCalendars(const v1::ListCalendarsRequest& request) const;

 private:
  const Published<domain::Catalogue>& catalogue_;
  const uint64_t store_id_;
};

// With its etag, which answers carry and the log does not.
v1::Procedure ShownProcedure(const v1::Procedure& procedure);

}  // namespace tthc::server
