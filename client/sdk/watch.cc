#include "client/sdk/watch.h"

namespace tthc::sdk {

absl::Status WatchLoop(const RetryPolicy& policy, const RetryEnvironment& environment, int64_t start_revision,
                       const WatchStream& stream, const WatchVisitor& visit) {
  Backoff backoff(policy, environment);
  // Revisions are counted by message, not by change: progress marks without changes move it as well, so that a filtered
  // watch does not read the same part of the feed again after every reconnection.
  int64_t next = start_revision;
  while (true) {
    const absl::Status status = stream(next, [&](const v1::WatchChangesResponse& message) {
      backoff.Reset();
      next = message.revision() + 1;
      return visit(message);
    });
    if (status.ok()) return status;
    const std::optional<absl::Duration> delay = backoff.Next(status);
    if (!delay.has_value()) return status;
    environment.sleep(*delay);
  }
}

}  // namespace tthc::sdk
