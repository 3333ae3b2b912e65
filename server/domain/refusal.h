#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The errors by which the fold refuses an event that is well formed but not possible for this dossier. Bad fields of a
// request are INVALID_ARGUMENT instead (storage/base/errors.h). Pure; thread-safe.
namespace tthc::domain {

// FAILED_PRECONDITION with this reason, which is part of the API and never renamed. Both messages say what to do
// instead, and hold no personal data.
absl::Status Refused(absl::string_view reason, std::string message, std::string message_vi);

// FAILED_PRECONDITION TOO_MANY_EVENTS: the bound of limits::kEventsPerDossierMax.
absl::Status TooManyEvents();

}  // namespace tthc::domain
