#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/engine/engine.h"

// The checks and errors that all engines share, so that callers see the same reasons whichever engine they run on. Each
// message says what the operator can do, in English and in Vietnamese. Pure; thread-safe.
namespace tthc::storage {

// Checks the arguments of Engine::Commit: OK, ABORTED REVISION_CONFLICT if the revision has moved, or INVALID_ARGUMENT
// for a revision that falls and for a batch that writes kRevisionKey.
absl::Status CheckCommit(const Batch& batch, int64_t present_revision, int64_t expected_revision, int64_t new_revision);

// `detail` is the text of the database's own error, for the operator.
// UNAVAILABLE STORE_READ_ONLY with a retry delay: writing failed, reading goes on.
absl::Status StoreReadOnlyError(absl::string_view detail);
// UNAVAILABLE: reading failed.
absl::Status StoreUnreadableError(absl::string_view detail);
// DATA_LOSS DATA_CORRUPT: a file is damaged or missing.
absl::Status DataCorruptError(absl::string_view detail);
// FAILED_PRECONDITION DATA_IN_USE: another process has the directory open.
absl::Status DataInUseError(const std::string& directory);
// FAILED_PRECONDITION DATA_DIRECTORY_UNUSABLE: it can't be created or opened.
absl::Status DataDirectoryError(const std::string& directory, absl::string_view detail);

}  // namespace tthc::storage
