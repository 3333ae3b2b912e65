#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/rpc/adapter.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {

template <typename Request, typename Response>
using ServerStreamHandler = std::function<absl::StatusOr<std::unique_ptr<server::ServerStream<Response>>>(
    const server::RequestContext&, const Request&)>;

// Writes a ServerStream to the wire: Next → write → Next, so that at any moment exactly one of them is under way, or
// the stream has finished. A slow reader therefore holds the stream itself back. Deletes itself when gRPC is done with
// it.
template <typename Response>
class ServerStreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  template <typename Request>
  static ServerStreamReactor* Start(Adapter* adapter, const Method* method,
                                    const ServerStreamHandler<Request, Response>& handler,
                                    const grpc::CallbackServerContext& grpc_context, const grpc::ByteBuffer& bytes) {
    auto* reactor = new ServerStreamReactor(adapter, method);
    auto stream = Open<Request>(adapter, handler, grpc_context, bytes);
    if (!stream.ok()) {
      reactor->End(stream.status());
      return reactor;
    }
    reactor->stream_ = *std::move(stream);
    // Tells the client that it is being served before there is anything to send.
    reactor->StartSendInitialMetadata();
    reactor->Pull();
    return reactor;
  }

  void OnWriteDone(bool ok) override {
    if (ok) return Pull();
    End(absl::CancelledError("the caller has gone"));
  }
  // Next answers CANCELLED soon, and that ends it.
  void OnCancel() override {
    if (stream_ != nullptr) stream_->Cancel();
  }
  void OnDone() override {
    adapter_->LeaveStream(this);
    delete this;
  }
  // The service ends its own streams when it shuts down, and says why.
  void Drain() override {}

 private:
  ServerStreamReactor(Adapter* adapter, const Method* method)
      : adapter_(adapter), method_(method), started_(absl::Now()) {
    method_->metrics->Started();
    adapter_->EnterStream(this);
  }

  template <typename Request>
  static absl::StatusOr<std::unique_ptr<server::ServerStream<Response>>> Open(
      Adapter* adapter, const ServerStreamHandler<Request, Response>& handler,
      const grpc::CallbackServerContext& grpc_context, const grpc::ByteBuffer& bytes) {
    static const RequiredFields& required = RequiredFields::For(Request::descriptor());
    // A watch never ends by itself: only the caller bounds it.
    TTHC_ASSIGN_OR_RETURN(const server::RequestContext context,
                          adapter->MakeContext(grpc_context, absl::InfiniteDuration()));
    Request request;
    TTHC_RETURN_IF_ERROR(ReadMessage(bytes, &request));
    TTHC_RETURN_IF_ERROR(required.Check(request));
    return handler(context, request);
  }

  void Pull() {
    stream_->Next([this](absl::StatusOr<std::optional<Response>> next) {
      if (!next.ok()) return End(next.status());
      if (!next->has_value()) return End(absl::OkStatus());
      message_.Clear();
      if (absl::Status written = WriteMessage(**next, &message_); !written.ok()) return End(written);
      StartWrite(&message_);
    });
  }

  void End(const absl::Status& status) { Finish(adapter_->End(*method_, started_, status)); }

  Adapter* const adapter_;
  const Method* const method_;
  const absl::Time started_;
  // Set before the reactor is given to gRPC, then never changed: OnCancel may come at any time.
  std::unique_ptr<server::ServerStream<Response>> stream_;
  grpc::ByteBuffer message_;
};

}  // namespace tthc::rpc
