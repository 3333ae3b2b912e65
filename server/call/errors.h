#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The errors of commands and queries that more than one of them gives. Reasons are part of the API: never renamed.
namespace tthc::server {

absl::Status ShuttingDown();
// `what` is "writes" or "reads".
absl::Status QueueFull(absl::string_view what);
// `name` as the caller wrote it, "dossiers/…"; `field` of the request that holds it.
absl::Status DossierNotFound(absl::string_view field, const std::string& name);
absl::Status EtagMismatch(const std::string& given, const std::string& current);
absl::Status PageTokenInvalid();
absl::Status RequestIdReused(const std::string& request_id);

}  // namespace tthc::server
