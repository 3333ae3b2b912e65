#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The errors that more than one command or query gives, so that the same refusal always has the same words.
//
// Each is a status made by MakeError: the English text is its message, the Vietnamese one travels as a LocalizedMessage
// with the locale "vi", and the reason with its metadata as an ErrorInfo. Reasons are part of the API and are never
// renamed. Pure; thread-safe.
namespace tthc::server {

// UNAVAILABLE SHUTTING_DOWN with a retry delay: the server finishes what it has accepted and takes nothing new.
absl::Status ShuttingDown();

// RESOURCE_EXHAUSTED QUEUE_FULL with a retry delay. `what` is "writes" or "reads", as in the metadata `queue`.
absl::Status QueueFull(absl::string_view what);

// DEADLINE_EXCEEDED DEADLINE_PASSED: the request waited past its deadline, and nothing was done. A call that arrives
// too late gets the same reason, because the client does the same about both.
absl::Status DeadlinePassed();

// NOT_FOUND DOSSIER_NOT_FOUND. `name` as the caller wrote it, "dossiers/…"; `field` of the request that holds it.
absl::Status DossierNotFound(absl::string_view field, const std::string& name);

// ABORTED ETAG_MISMATCH at the field "etag", with the current one in the metadata.
absl::Status EtagMismatch(const std::string& given, const std::string& current);

// INVALID_ARGUMENT PAGE_TOKEN_INVALID at the field "page_token".
absl::Status PageTokenInvalid();

// INVALID_ARGUMENT REQUEST_ID_REUSED at the field "request_id".
absl::Status RequestIdReused(const std::string& request_id);

}  // namespace tthc::server
