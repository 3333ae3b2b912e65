#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <utility>

#include "server/rpc/adapter.h"
#include "storage/base/limits.h"

namespace tthc::rpc {

template <typename Request, typename Response>
using UnaryHandler = std::function<void(const server::RequestContext&, const Request&, server::Reply<Response>)>;

// One unary call from its arrival to its answer. Owns the request until then; belongs to the reply.
template <typename Request, typename Response>
class UnaryCall {
 public:
  // Everything given outlives the call. Never blocks, unless the handler does.
  static grpc::ServerUnaryReactor* Start(Adapter* adapter, const Method* method,
                                         const UnaryHandler<Request, Response>& handler,
                                         grpc::CallbackServerContext* grpc_context, const grpc::ByteBuffer* bytes,
                                         grpc::ByteBuffer* answer_bytes) {
    grpc::ServerUnaryReactor* reactor = grpc_context->DefaultReactor();
    std::unique_ptr<UnaryCall> call(new UnaryCall(adapter, method, reactor, answer_bytes));
    absl::StatusOr<server::RequestContext> context = adapter->MakeContext(*grpc_context, limits::kRequestDeadlineMax);
    const absl::Status readable = context.ok() ? call->Read(*bytes) : context.status();
    if (!readable.ok()) {
      call->End(readable);
      return reactor;
    }
    // Through the pointer alone: the reply may come before the handler returns, and takes the call away.
    UnaryCall* started = call.release();
    handler(*context, started->request_, [started](absl::StatusOr<Response> answer) {
      std::unique_ptr<UnaryCall> ended(started);
      ended->End(answer.ok() ? WriteMessage(*answer, ended->answer_bytes_) : answer.status());
    });
    return reactor;
  }

 private:
  UnaryCall(Adapter* adapter, const Method* method, grpc::ServerUnaryReactor* reactor, grpc::ByteBuffer* answer_bytes)
      : adapter_(adapter), method_(method), reactor_(reactor), answer_bytes_(answer_bytes), started_(absl::Now()) {
    method_->metrics->Started();
  }

  absl::Status Read(const grpc::ByteBuffer& bytes) {
    static const RequiredFields& required = RequiredFields::For(Request::descriptor());
    TTHC_RETURN_IF_ERROR(ReadMessage(bytes, &request_));
    return required.Check(request_);
  }

  void End(const absl::Status& status) { reactor_->Finish(adapter_->End(*method_, started_, status)); }

  Adapter* const adapter_;
  const Method* const method_;
  grpc::ServerUnaryReactor* const reactor_;
  grpc::ByteBuffer* const answer_bytes_;
  const absl::Time started_;
  Request request_;
};

}  // namespace tthc::rpc
