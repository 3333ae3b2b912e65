#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The errors by which the fold refuses an event. Pure; thread-safe.
namespace tthc::domain {

// FAILED_PRECONDITION `reason`, with the way out in both languages.
absl::Status Refused(absl::string_view reason, std::string message, std::string message_vi);

// FAILED_PRECONDITION TOO_MANY_EVENTS.
absl::Status TooManyEvents();

}  // namespace tthc::domain
