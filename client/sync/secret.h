#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tthc/sync/v1/config.pb.h"

namespace tthc::sync {

// Reads a secret from the one place that is named: a file that nobody but its owner can read, or a credential in
// `credentials_directory` (systemd's $CREDENTIALS_DIRECTORY; empty if there is none). One line; its end is taken off.
// INVALID_ARGUMENT (no place or two, not one line, empty, larger than limits::kSyncSecretBytesMax), NOT_FOUND (not
// there, not readable), PERMISSION_DENIED (others can read it). No error holds any part of the secret. Thread-safe.
absl::StatusOr<std::string> ReadSecret(const v1::Secret& secret, const std::string& credentials_directory);

// OK if the file is there and nobody but its owner can read it; errors as above.
absl::Status CheckPrivateFile(const std::string& path);

}  // namespace tthc::sync
