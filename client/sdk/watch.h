#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "client/sdk/retry.h"
#include "tthc/v1/change_service.pb.h"

namespace tthc::sdk {

// Returns false to end the watch.
using WatchVisitor = std::function<bool(const v1::WatchChangesResponse&)>;
// Streams from `start_revision` (inclusive) until the visitor ends it (OK) or the stream breaks (its status).
using WatchStream = std::function<absl::Status(int64_t start_revision, const WatchVisitor& visit)>;

// Follows the feed over broken connections: goes on at the last revision + 1, so that the visitor sees every change
// once and in order. `start_revision` must be positive. OK when the visitor ended it; else the error that was given up
// on.
absl::Status WatchLoop(const RetryPolicy& policy, const RetryEnvironment& environment, int64_t start_revision,
                       const WatchStream& stream, const WatchVisitor& visit);

}  // namespace tthc::sdk
