#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"
#include "server/call/request_context.h"
#include "server/rpc/metrics.h"
#include "server/service/method_table.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"

// What every call over gRPC has in common, whatever its method: the caller and the deadline, reading and checking the
// request, and the form in which an error leaves the process.
//
// The way of a call: MakeContext → ReadRequest → the handler of the row → WriteMessage → End. unary_call.h,
// server_stream.h and append_stream.h are the three kinds of calls that go this way.
//
// Ownership: clock, metrics registry and the rows of the binding table outlive the adapter, which outlives the calls.
//
// Threads: thread-safe. Nothing blocks but WaitForStreams.
//
// Errors: every error leaves with a google.rpc.Status that has ErrorInfo, the English message, and the Vietnamese one
// as LocalizedMessage. An error that is the server's fault is logged with a number (event rpc_failed); the caller gets
// the number and nothing about the inside of the server.
namespace tthc::rpc {

// Client metadata with the name of the caller, such as "officers/ct01" or "city-gateway". ASCII; absent = "anonymous".
inline constexpr char kActorMetadata[] = "tthc-actor";
// Trailing metadata of every error: a google.rpc.Status with the details that grpc-message cannot carry.
inline constexpr char kStatusDetailsMetadata[] = "grpc-status-details-bin";

// A row of the binding table as gRPC serves it. Lives as long as its RpcService.
struct ServedMethod {
  const server::Method* row = nullptr;
  std::unique_ptr<MethodMetrics> metrics;
};

// A stream while it is open, so that a server that stops can end it: gRPC itself would wait for the client, or cut the
// stream off without a reason.
class OpenStream {
 public:
  virtual ~OpenStream() = default;

  // Takes no more in, answers what it took, ends with UNAVAILABLE SHUTTING_DOWN. Thread-safe; must not block.
  virtual void Drain() = 0;
};

class Adapter {
 public:
  // Registers the metrics of this room in `registry`.
  Adapter(const Clock* clock, prometheus::Registry* registry) : clock_(clock), metrics_(registry) {}

  // `row` outlives the result.
  ServedMethod Serve(const server::Method& row) { return {.row = &row, .metrics = metrics_.ForMethod(row.name)}; }

  // Reads the caller and the deadline of a call. The deadline is moved from gRPC's clock (the machine's) to the
  // service's, and is at most `deadline_max` away. INVALID_ARGUMENT FIELD_INVALID at "tthc-actor"; DEADLINE_EXCEEDED
  // DEADLINE_PASSED if the deadline had passed on arrival.
  absl::StatusOr<server::RequestContext> MakeContext(const grpc::ServerContextBase& call,
                                                     absl::Duration deadline_max) const;
  // The context of one command of a stream: the stream's caller, and a deadline of its own at most `deadline_max` away.
  // A stream may stay open for days; a command that waits for days would be of no use.
  server::RequestContext ForCommand(const server::RequestContext& stream, absl::Duration deadline_max) const {
    return {.caller = stream.caller, .deadline = std::min(stream.deadline, clock_->Now() + deadline_max)};
  }

  // Counts the end of a call and its duration since `started`, logs an error that is the server's fault, and returns
  // what gRPC sends. To be called once for each call, also for one that never reached its handler.
  grpc::Status End(const ServedMethod& method, absl::Time started, const absl::Status& status);
  // The same for one command of a stream, for its acknowledgment.
  google::rpc::Status EndMessage(const ServedMethod& method, const absl::Status& status);

  // A stream enters before it can end, and leaves when gRPC is done with it.
  void EnterStream(OpenStream* stream);
  void LeaveStream(OpenStream* stream);
  // Drains every open stream; one that enters later is drained at once.
  void DrainStreams();
  // Blocks until no stream is open, at most for `patience`: a client that does not read could keep its stream open for
  // ever.
  void WaitForStreams(absl::Duration patience);

 private:
  // The error as the caller sees it: an error of the server's own making is logged, and only its number is sent.
  absl::Status Expose(const ServedMethod& method, const absl::Status& status);

  // The service's; may differ from the machine's.
  const Clock* const clock_;
  RpcMetrics metrics_;
  // Numbers the errors that are the server's fault, so that a report of a caller leads to its line in the log.
  std::atomic<uint64_t> last_error_{0};
  // Guards the set of open streams. Lock order: this one, then a stream's own.
  Mutex mutex_;
  // None of them is owned: a stream deletes itself after it has left.
  std::set<OpenStream*> streams_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  // Notified under mutex_ when a stream leaves.
  CondVar stream_left_;
};

// The status with its google.rpc.Status in error_details. What would not fit into HTTP/2 headers is shortened (the
// message) or left out (details, the last ones first): peers drop a call whose headers are too large, and its error.
grpc::Status ToGrpcStatus(const absl::Status& status);
// UNAVAILABLE SHUTTING_DOWN, with the delay after which a client may try again.
absl::Status ShuttingDownError();

// Parses `bytes` into `request`. INVALID_ARGUMENT FIELD_INVALID at the text that is not UTF-8, MESSAGE_MALFORMED if the
// bytes are no such message; RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE beyond limits::kMessageBytesMax. On an error
// `request` holds what could be parsed. Does not check required fields.
absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
// ReadMessage, then the required fields of the method: INVALID_ARGUMENT FIELD_INVALID with every missing one.
absl::Status ReadRequest(const server::Method& method, const grpc::ByteBuffer& bytes,
                         google::protobuf::Message* request);
// Serializes an answer. RESOURCE_EXHAUSTED ANSWER_TOO_LARGE beyond limits::kMessageBytesMax, because clients would drop
// the message without a reason.
absl::Status WriteMessage(const google::protobuf::Message& answer, grpc::ByteBuffer* bytes);

}  // namespace tthc::rpc
