#pragma once

#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

// What every handler gets and gives, whatever wire the call came by.
//
// A handler is called on a thread that must not block. It answers through a Reply: at once, or later from a thread of
// the read pool, of the reports or of the commit pipeline. Errors travel as absl::Status with the details of
// storage/base/errors.h.
namespace tthc::server {

// Who calls. The server listens on loopback only and takes the name that the client gives.
struct Caller {
  // Recorded as Event.actor: "officers/…" or a system's name.
  std::string actor;
};

// Comes with every request.
struct RequestContext {
  Caller caller;
  // After it nobody waits for the answer any more; work that has not begun is dropped.
  absl::Time deadline = absl::InfiniteFuture();
};

// Called exactly once, on any thread, never under a lock of the callee's. Must not block. Move-only: the holder
// is the one who has to answer, and it may own what a handler moved into it.
template <typename T>
using Reply = absl::AnyInvocable<void(absl::StatusOr<T>)>;

// Messages that the writer of the wire fetches one by one, so that a slow reader is never sent more than it takes.
template <typename T>
class ServerStream {
 public:
  virtual ~ServerStream() = default;
  // Answers with the next message, or nullopt at the orderly end, or an error that ends the stream. One call at a time.
  virtual void Next(Reply<std::optional<T>> reply) = 0;
  // A pending or later Next answers CANCELLED soon. Thread-safe.
  virtual void Cancel() = 0;
};

}  // namespace tthc::server
