#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "tthc/v1/catalogue_service.pb.h"

// The read side of the catalogue. Pure; thread-safe. Errors as CatalogueService says.
namespace tthc::server {

absl::StatusOr<v1::Procedure> GetProcedure(const Catalogue& catalogue, const v1::GetProcedureRequest& request,
                                           absl::Time now);
absl::StatusOr<v1::ListProceduresResponse> ListProcedures(const Catalogue& catalogue,
                                                          const v1::ListProceduresRequest& request, absl::Time now);
absl::StatusOr<v1::Calendar> GetCalendar(const Catalogue& catalogue, const v1::GetCalendarRequest& request);

// With what is not stored: its etag.
v1::Procedure ShownProcedure(const v1::Procedure& procedure);

}  // namespace tthc::server
