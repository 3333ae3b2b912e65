#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/change_service.pb.h"

// Compaction of the change feed: raises the oldest revision that the feed still returns. Only the head record changes;
// the log keeps every event, because the histories of the dossiers are read from it.
namespace tthc::server {

// Refuses a compaction that another capability still needs older revisions for; called only if the floor would rise.
using CheckCompactionFunction = absl::FunctionRef<absl::Status(int64_t oldest_revision, int64_t head_revision)>;

// Carries one CompactChanges out; on the commit thread. Idempotent: a revision that is not above the oldest retained
// one changes nothing. INVALID_ARGUMENT FIELD_INVALID at "revision" outside 1 to head + 1; errors of `check`.
absl::StatusOr<v1::CompactChangesResponse> RunCompactChanges(CommitScope& scope,
                                                             const v1::CompactChangesRequest& request,
                                                             CheckCompactionFunction check);

}  // namespace tthc::server
