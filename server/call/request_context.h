#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tthc::server {

// Who calls. Identities and rights come with the access capability; until then the server listens on loopback only and
// the name is what the client says.
struct Caller {
  // Recorded as Event.actor: "officers/…" or a system's name.
  std::string actor;
};

// What every handler gets beside its request.
struct RequestContext {
  Caller caller;
  // After it nobody waits for the answer any more; work that has not begun is dropped.
  absl::Time deadline = absl::InfiniteFuture();
};

// Called exactly once, on any thread, never under a lock of the caller's; must not block.
template <typename T>
using Reply = std::function<void(absl::StatusOr<T>)>;

// Messages pulled one by one by whoever writes them to the wire.
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
