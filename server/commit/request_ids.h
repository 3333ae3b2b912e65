#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/errors.h"
#include "server/commit/commit_scope.h"
#include "storage/base/status_macros.h"

// Request ids: a mutation that is sent again with the same id takes effect once, and its caller gets the first answer.
//
// A caller who gets no answer (deadline, broken connection, restart) can't know whether its command was carried out. It
// sends the command again with the same request_id. The commit that carried the command out holds a RequestRecord under
// that id, with a hash of the content and the revisions that the command wrote. Since record and effect are one commit,
// a crash leaves both or neither. The record is kept for limits::kRequestIdRetention, at least 72 hours; the sweep of
// CommitPipeline deletes it afterwards.
//
// RunOnce runs on the commit thread.
namespace tthc::server {

// Refuses an id that is no UUID or the like: INVALID_ARGUMENT FIELD_INVALID of `request_id`. An empty one is fine. To
// be called before the command is queued. Thread-safe.
absl::Status CheckRequestId(const std::string& request_id);

// Carries a command out, or answers its repetition.
//
// - An empty `request_id`: calls `decide`, then ends the command.
// - An id that is new: the same, and remembers the id.
// - An id that was used with the same `content_hash` (see HashContent): calls `replay` with the revisions that the
//   command wrote the first time. It makes the first answer again from the log, not from what happened since.
// - An id that was used with another hash: INVALID_ARGUMENT REQUEST_ID_REUSED.
//
// A command that is refused, is only validated or writes no log record is not remembered: nothing has to be kept from
// happening twice. Besides the errors of `decide` and `replay`: INVALID_ARGUMENT COMMAND_TOO_LARGE of
// CommitScope::EndCommand; errors of the store.
template <typename Response>
absl::StatusOr<Response> RunOnce(
    CommitScope& scope, const std::string& request_id, uint64_t content_hash,
    absl::FunctionRef<absl::StatusOr<Response>(CommitScope&)> decide,
    absl::FunctionRef<absl::StatusOr<Response>(CommitScope&, int64_t first_revision, int32_t count)> replay) {
  if (!request_id.empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto earlier, scope.Find<storage::Requests>(request_id));
    if (earlier.has_value()) {
      if (earlier->content_hash() != content_hash) return RequestIdReused(request_id);
      return replay(scope, earlier->first_revision(), earlier->revision_count());
    }
  }
  absl::StatusOr<Response> response = decide(scope);
  if (!response.ok()) return response;
  TTHC_RETURN_IF_ERROR(scope.EndCommand(request_id, content_hash));
  return response;
}

}  // namespace tthc::server
