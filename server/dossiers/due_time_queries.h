#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/due_time.pb.h"

namespace tthc::server {

// "When would it be due?" Errors as DueTimeService.PreviewDueTime.
absl::StatusOr<v1::DueTimeExplanation> PreviewDueTime(const Catalogue& catalogue,
                                                      const v1::PreviewDueTimeRequest& request, absl::Time now);

// "Why is it due then?" of a folded dossier. FAILED_PRECONDITION NO_DUE_TIME if nothing is due.
absl::StatusOr<v1::DueTimeExplanation> ExplainDossier(const Catalogue& catalogue, const v1::Dossier& dossier);

}  // namespace tthc::server
