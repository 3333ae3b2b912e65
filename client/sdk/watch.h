#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "client/sdk/retry.h"
#include "tthc/v1/change_service.pb.h"

// Following the change feed over broken connections. Knows nothing of gRPC: tests give it streams of their own.
//
// A watch is what a client that mirrors or indexes builds on: it sees every change once and in the order of revisions,
// whatever happens to the connection. The one exception is a client that was away for so long that the feed was
// compacted behind it: the server's OUT_OF_RANGE comes back to the caller, who has to read the state again and start
// anew.
//
// A revision is the position of a change in the feed; a progress mark is a message without changes that only moves it.
namespace tthc::sdk {

// Receives one message on the calling thread. Returns false to end the watch.
using WatchVisitor = std::function<bool(const v1::WatchChangesResponse&)>;
// Streams from `start_revision` (inclusive) until the visitor ends it (OK) or the stream breaks (its status).
using WatchStream = std::function<absl::Status(int64_t start_revision, const WatchVisitor& visit)>;

// Opens `stream` again and again, each time at the last message's revision + 1, so that the visitor sees every change
// once and in order. start_revision 0 is the oldest retained revision. Each message resets the count of tries. OK when
// the visitor ended the watch; otherwise the error after which Backoff gave up.
absl::Status WatchLoop(const RetryPolicy& policy, const RetryEnvironment& environment, int64_t start_revision,
                       const WatchStream& stream, const WatchVisitor& visit);

}  // namespace tthc::sdk
