#include "server/changes/compaction.h"

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::server {

absl::StatusOr<v1::CompactChangesResponse> RunCompactChanges(CommitScope& scope,
                                                             const v1::CompactChangesRequest& request,
                                                             CheckCompactionFunction check) {
  const int64_t head = scope.head().revision();
  if (request.revision() < 1 || request.revision() > head + 1) {
    return InvalidField("revision", absl::StrCat("must be 1 to ", head + 1), absl::StrCat("phải từ 1 đến ", head + 1));
  }
  // Never lowered: a client that was refused an old revision has read the lists anew and relies on it.
  if (request.revision() > scope.head().oldest_revision()) {
    TTHC_RETURN_IF_ERROR(check(request.revision(), head));
    scope.SetOldestRevision(request.revision());
  }
  v1::CompactChangesResponse response;
  response.set_oldest_revision(scope.head().oldest_revision());
  return response;
}

}  // namespace tthc::server
