#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tthc/sync/v1/config.pb.h"

// Passwords of targets and of keys. They are in files of their own, never in the configuration, in an option or in the
// environment. The password of a target is read at every login, so that a changed one needs no restart.
namespace tthc::sync {

// Reads a secret from the place that is configured: a file that only its owner can read, or a credential in
// `credentials_directory` (systemd's $CREDENTIALS_DIRECTORY; empty if there is none). The secret is one line; the line
// end is removed. INVALID_ARGUMENT (no place or both, several lines, empty, larger than limits::kSyncSecretBytesMax),
// NOT_FOUND (does not exist, can't be read), PERMISSION_DENIED (others can read it). No error holds any part of the
// secret. Thread-safe.
absl::StatusOr<std::string> ReadSecret(const v1::Secret& secret, const std::string& credentials_directory);

// OK if the file exists and only its owner can read it; errors as above.
absl::Status CheckPrivateFile(const std::string& path);

}  // namespace tthc::sync
