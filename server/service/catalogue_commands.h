#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/commit_scope.h"
#include "tthc/v1/catalogue_service.pb.h"

// The write side of the catalogue, on the pipeline's thread. Errors: INVALID_ARGUMENT FIELD_INVALID with the field,
// RESOURCE_EXHAUSTED CATALOGUE_FULL past the bounds of limits.h.
namespace tthc::server {

// Texts, names and dates of the request; before it is queued.
absl::Status CheckUpdateProcedure(const v1::UpdateProcedureRequest& request);
absl::Status CheckUpdateOffices(const v1::UpdateOfficesRequest& request);

// The next version, or the present one if nothing differs.
absl::StatusOr<v1::Procedure> RunUpdateProcedure(CommitScope& scope, const v1::Procedure& procedure);
absl::StatusOr<v1::UpdateOfficesResponse> RunUpdateOffices(CommitScope& scope, const v1::UpdateOfficesRequest& request);
absl::StatusOr<v1::Calendar> RunCreateCalendar(CommitScope& scope, const v1::Calendar& calendar);

}  // namespace tthc::server
