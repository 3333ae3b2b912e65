#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/metrics.h"
#include "server/rpc/required_fields.h"
#include "server/service/request_context.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"

// What every call has in common, whatever its method: who calls and until when, whether the request can be read and is
// complete, and how an error leaves the process.
namespace tthc::rpc {

// Client metadata that names the caller, such as "officers/ct01" or "city-gateway". ASCII; absent = "anonymous".
inline constexpr char kActorMetadata[] = "tthc-actor";
// Client metadata that holds a google.rpc.Status with what grpc-message can't carry; answered with every error.
inline constexpr char kStatusDetailsMetadata[] = "grpc-status-details-bin";

struct Method {
  // "tthc.v1.DossierService/AppendEvent"
  std::string name;
  std::unique_ptr<MethodMetrics> metrics;
};

// A stream while it is open.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Takes no more in, answers what it took, ends with UNAVAILABLE SHUTTING_DOWN. Thread-safe; must not block.
  virtual void Drain() = 0;
};

// Thread-safe.
class Adapter {
 public:
  // Both outlive the adapter.
  Adapter(const Clock* clock, prometheus::Registry* registry) : clock_(clock), metrics_(registry) {}

  Method MakeMethod(const std::string& name) { return {.name = name, .metrics = metrics_.ForMethod(name)}; }

  // The deadline is moved from gRPC's time line (the machine's clock) to the service's clock, and is at most
  // `deadline_max` away. INVALID_ARGUMENT FIELD_INVALID at "tthc-actor"; DEADLINE_EXCEEDED DEADLINE_PASSED if nobody
  // waits any more.
  absl::StatusOr<server::RequestContext> MakeContext(const grpc::ServerContextBase& call,
                                                     absl::Duration deadline_max) const;
  // For one command of a stream that began with `stream`: its own deadline, at most `deadline_max` away.
  server::RequestContext ForCommand(const server::RequestContext& stream, absl::Duration deadline_max) const {
    return {.caller = stream.caller, .deadline = std::min(stream.deadline, clock_->Now() + deadline_max)};
  }

  // Counts the call, logs it if the server is at fault, and says it in gRPC's words.
  grpc::Status End(const Method& method, absl::Time started, const absl::Status& status);
  // The same for one command of a stream, for its ack.
  google::rpc::Status EndMessage(const Method& method, const absl::Status& status);

  // Streams that are open. After DrainStreams() one that enters is drained at once.
  void EnterStream(OpenStream* stream);
  void LeaveStream(OpenStream* stream);
  void DrainStreams();
  // Until no stream is open, at most so long.
  void WaitForStreams(absl::Duration patience);

 private:
  // What the caller gets to see; errors of the server's own making are logged and answered by number only.
  absl::Status Report(const Method& method, const absl::Status& status);

  const Clock* const clock_;
  RpcMetrics metrics_;
  std::atomic<uint64_t> last_error_{0};
  // Taken before a stream's own lock.
  Mutex mutex_;
  std::set<OpenStream*> streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::condition_variable stream_left_;
};

// google.rpc.Status in error_details, with the same code. What would not fit into HTTP/2 headers is left out.
grpc::Status ToGrpcStatus(const absl::Status& status);
// UNAVAILABLE SHUTTING_DOWN, with a delay to come back after.
absl::Status ShuttingDownError();

// Reads `bytes` into `request`. INVALID_ARGUMENT FIELD_INVALID at the text that is not UTF-8, MESSAGE_MALFORMED if it
// is no such message at all; RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE beyond limits::kMessageBytesMax. `request` then holds
// what could be read. Does not look at required fields.
absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
// RESOURCE_EXHAUSTED ANSWER_TOO_LARGE: clients refuse such a message without saying why.
absl::Status WriteMessage(const google::protobuf::Message& answer, grpc::ByteBuffer* bytes);

}  // namespace tthc::rpc
