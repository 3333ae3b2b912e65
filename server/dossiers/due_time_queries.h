#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/due_time.pb.h"

// Due times with their explanations: every interval that was counted or left out, and why. server/timing counts and
// explains; here it gets its input from a request or from a dossier. Pure; thread-safe.
//
// Errors as DueTimeService promises, with paths of its requests; besides them those of the calendar, such as
// CALENDAR_YEAR_NOT_LOADED.
namespace tthc::server {

// When a dossier would be due that is received at a given time. Needs no dossier. What the request leaves out comes
// from the procedure's version in force.
absl::StatusOr<v1::DueTimeExplanation> PreviewDueTime(const domain::Catalogue& catalogue,
                                                      const v1::PreviewDueTimeRequest& request, absl::Time now);

// Why a folded dossier is due when it is: by its frozen terms, its closed waits and its reschedule. FAILED_PRECONDITION
// NO_DUE_TIME if it has no due time.
absl::StatusOr<v1::DueTimeExplanation> ExplainDossier(const domain::Catalogue& catalogue, const v1::Dossier& dossier);

}  // namespace tthc::server
