#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/commit_scope.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

// The write side of the catalogue, on the pipeline's thread. Errors: INVALID_ARGUMENT FIELD_INVALID with the field,
// RESOURCE_EXHAUSTED CATALOGUE_FULL past the bounds of limits.h.
namespace tthc::server {

// Texts, names and dates of the request; before it is queued.
absl::Status CheckUpdateProcedure(const v1::UpdateProcedureRequest& request);
absl::Status CheckUpdateOffices(const v1::UpdateOfficesRequest& request);
absl::Status CheckUpdateScheme(const v1::UpdateSchemeRequest& request);

// The next version, or the present one if nothing differs.
absl::StatusOr<v1::Procedure> RunUpdateProcedure(CommitScope& scope, const v1::Procedure& procedure);
absl::StatusOr<v1::UpdateOfficesResponse> RunUpdateOffices(CommitScope& scope, const v1::UpdateOfficesRequest& request);
absl::StatusOr<v1::Calendar> RunCreateCalendar(CommitScope& scope, const v1::Calendar& calendar);
// As it now is, or as it was if nothing differs.
absl::StatusOr<v1::Scheme> RunUpdateScheme(CommitScope& scope, const v1::Scheme& scheme);
// Gives the closing the next name and its record time; everything else is the caller's.
absl::StatusOr<v1::Closing> RunPutClosing(CommitScope& scope, const v1::Closing& closing);

}  // namespace tthc::server
