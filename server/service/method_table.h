#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/call/request_context.h"
#include "server/service/required_fields.h"
#include "storage/base/check.h"

// The binding table: one row for each method of tthc.v1, with its handler and its policy. Adapters (server/rpc today)
// serve whatever the table holds, so a new method needs a row and nothing else in the adapters.
//
// Vocabulary:
//   row       what the server knows of one method: a Method.
//   policy    which threads the handler runs on.
//   adapter   takes calls from a wire, finds the row, checks the request and calls the handler.
//   untyped   of google::protobuf::Message: an adapter knows no message types. Handlers are typed; service_rows.h wraps
//             them.
//
// Ownership: the table owns the rows; what their handlers refer to outlives it. Rows are added while the service
// opens, and stay where they are.
// Threads: a complete table is read-only, so any thread may read it and call its handlers.
// Errors: a row that does not fit its descriptor, a second row and a method without a row are programming errors and
// abort the process when it starts. Errors of calls are those of the capabilities.
namespace tthc::server {

enum class MethodPolicy {
  // Answers from memory on the calling thread, in microseconds.
  kMemory,
  // May read the disk: on the read pool.
  kRead,
  // May take long: on the report threads, so that it delays no read.
  kReport,
  // Decides on the commit thread and answers after the durable sync.
  kWrite,
  // Sends messages until it ends or the client cancels; opening it is fast.
  kStream,
};

// For logs, documents and metrics: "read" for kRead.
absl::string_view PolicyName(MethodPolicy policy);

// Receives the answer of one untyped call. The message belongs to the caller of the reply and is valid during the reply
// only; the receiver may move out of it.
using MessageReply = absl::AnyInvocable<void(absl::StatusOr<google::protobuf::Message*> answer)>;

// A ServerStream without its type: Next answers with the next message, or nullptr at the orderly end.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  // One call at a time.
  virtual void Next(MessageReply reply) = 0;
  // A pending or later Next answers CANCELLED soon. Thread-safe.
  virtual void Cancel() = 0;
};

// A row of the table. Whatever else is known of a method per se belongs here, so that every adapter applies it: its
// access rule (an option of `descriptor`), bounds of its own, its metrics.
struct Method {
  // Service and method as gRPC's paths have them: "tthc.v1.DossierService/AppendEvent". Also the label of metrics.
  std::string name = {};
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  MethodPolicy policy = MethodPolicy::kMemory;
  // What a request has to contain. An adapter checks it before it calls the handler.
  const RequiredFields* required = nullptr;
  // An adapter lets no call take longer. Infinite for streams: only the client ends a watch.
  absl::Duration deadline_max = absl::InfiniteDuration();

  // One of the two handlers is set: `open` if policy is kStream, else `call`. Of a method whose client streams (bulk
  // append), `call` handles one message, and the adapter keeps the order of the answers.
  //
  // `request` has the descriptor's input type and stays valid until `reply` is called. Handlers never block.
  std::function<void(const RequestContext& context, const google::protobuf::Message& request, MessageReply reply)>
      call = nullptr;
  std::function<absl::StatusOr<std::unique_ptr<MessageStream>>(const RequestContext& context,
                                                               const google::protobuf::Message& request)>
      open = nullptr;

  // A new request without any field set, of the type that the handlers take.
  std::unique_ptr<google::protobuf::Message> NewRequest() const;
};

class MethodTable {
 public:
  MethodTable() = default;
  MethodTable(const MethodTable&) = delete;
  MethodTable& operator=(const MethodTable&) = delete;

  // --- While the service opens ---
  // Completes the row from its descriptor and adds it. Aborts if the method has a row already, or if another method
  // has the same type of request.
  void Add(Method method);
  // Aborts unless each method of each service that has rows has one.
  void CheckComplete() const;

  // --- Afterwards ---
  // All rows, in the order in which they were added.
  const std::deque<Method>& methods() const { return methods_; }
  // The services that have rows, each once, in the order of their first rows.
  std::vector<const google::protobuf::ServiceDescriptor*> Services() const;
  // By Method::name; nullptr without such a row.
  const Method* Find(absl::string_view name) const;
  // The method whose requests have this type; each type of request belongs to one method. Aborts if there is none.
  const Method& ForRequest(const google::protobuf::Descriptor* request) const;

  // Calls a method in the process, past the adapters' checks of required fields and deadlines. Aborts if no method
  // takes a Request and answers with a Response.
  template <typename Response, typename Request>
  void Call(const RequestContext& context, const Request& request, Reply<Response> reply) const {
    const Method& method = ForRequest(Request::descriptor());
    TTHC_CHECK(method.call != nullptr && method.descriptor->output_type() == Response::descriptor());
    method.call(context, request,
                [reply = std::move(reply)](absl::StatusOr<google::protobuf::Message*> answer) mutable {
                  if (!answer.ok()) return reply(answer.status());
                  reply(std::move(static_cast<Response&>(**answer)));
                });
  }

  // Opens a server stream in the process, likewise. Errors of the method.
  template <typename Response, typename Request>
  absl::StatusOr<std::unique_ptr<ServerStream<Response>>> Open(const RequestContext& context,
                                                               const Request& request) const;

 private:
  // A deque, so that rows stay where they are while others are added.
  std::deque<Method> methods_;
  // Both refer to rows of methods_.
  std::map<std::string, const Method*, std::less<>> by_name_;
  std::map<const google::protobuf::Descriptor*, const Method*> by_request_;
};

// Gives a stream of the table its type back.
template <typename Response>
class TypedStream final : public ServerStream<Response> {
 public:
  explicit TypedStream(std::unique_ptr<MessageStream> stream) : stream_(std::move(stream)) {}

  void Next(Reply<std::optional<Response>> reply) override {
    stream_->Next([reply = std::move(reply)](absl::StatusOr<google::protobuf::Message*> next) mutable {
      if (!next.ok()) return reply(next.status());
      if (*next == nullptr) return reply(std::optional<Response>());
      reply(std::optional<Response>(std::move(static_cast<Response&>(**next))));
    });
  }
  void Cancel() override { stream_->Cancel(); }

 private:
  const std::unique_ptr<MessageStream> stream_;
};

template <typename Response, typename Request>
absl::StatusOr<std::unique_ptr<ServerStream<Response>>> MethodTable::Open(const RequestContext& context,
                                                                          const Request& request) const {
  const Method& method = ForRequest(Request::descriptor());
  TTHC_CHECK(method.open != nullptr && method.descriptor->output_type() == Response::descriptor());
  absl::StatusOr<std::unique_ptr<MessageStream>> stream = method.open(context, request);
  if (!stream.ok()) return stream.status();
  return std::unique_ptr<ServerStream<Response>>(std::make_unique<TypedStream<Response>>(*std::move(stream)));
}

}  // namespace tthc::server
