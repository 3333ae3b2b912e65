#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/engine/engine.h"

// What every engine answers alike. Pure; thread-safe.
namespace tthc::storage {

// OK, ABORTED REVISION_CONFLICT, or INVALID_ARGUMENT for what no caller may ask.
absl::Status CheckCommit(const Batch& batch, int64_t present_revision, int64_t expected_revision, int64_t new_revision);

// `detail` is the database's own words, for the operator.
absl::Status StoreReadOnlyError(absl::string_view detail);
absl::Status StoreUnreadableError(absl::string_view detail);
absl::Status DataCorruptError(absl::string_view detail);
absl::Status DataInUseError(const std::string& directory);
absl::Status DataDirectoryError(const std::string& directory, absl::string_view detail);

}  // namespace tthc::storage
