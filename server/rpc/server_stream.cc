#include "server/rpc/server_stream.h"

#include <utility>

#include "storage/base/status_macros.h"

namespace tthc::rpc {

ServerStreamReactor* ServerStreamReactor::Start(Adapter* adapter, const ServedMethod* method,
                                                const grpc::CallbackServerContext& grpc_context,
                                                const grpc::ByteBuffer& bytes) {
  auto* reactor = new ServerStreamReactor(adapter, method);
  absl::StatusOr<std::unique_ptr<server::MessageStream>> stream = reactor->Open(grpc_context, bytes);
  if (!stream.ok()) {
    reactor->End(stream.status());
    return reactor;
  }
  reactor->stream_ = *std::move(stream);
  // So that the client knows that it is being served before there is anything to send.
  reactor->StartSendInitialMetadata();
  reactor->Pull();
  return reactor;
}

ServerStreamReactor::ServerStreamReactor(Adapter* adapter, const ServedMethod* method)
    : adapter_(adapter), method_(method), started_(absl::Now()), request_(method->row->NewRequest()) {
  // Before anything can end the stream, so that End and OnDone find it counted and entered.
  method_->metrics->Started();
  adapter_->EnterStream(this);
}

absl::StatusOr<std::unique_ptr<server::MessageStream>> ServerStreamReactor::Open(
    const grpc::CallbackServerContext& grpc_context, const grpc::ByteBuffer& bytes) {
  TTHC_ASSIGN_OR_RETURN(const server::RequestContext context,
                        adapter_->MakeContext(grpc_context, method_->row->deadline_max));
  TTHC_RETURN_IF_ERROR(ReadRequest(*method_->row, bytes, request_.get()));
  return method_->row->open(context, *request_);
}

void ServerStreamReactor::OnWriteDone(bool ok) {
  if (ok) return Pull();
  End(absl::CancelledError("the client is gone"));
}

void ServerStreamReactor::OnCancel() {
  // Next then answers CANCELLED soon, and that ends the stream: Finish here could race with a write.
  if (stream_ != nullptr) stream_->Cancel();
}

void ServerStreamReactor::OnDone() {
  adapter_->LeaveStream(this);
  delete this;
}

void ServerStreamReactor::Pull() {
  stream_->Next([this](absl::StatusOr<google::protobuf::Message*> next) {
    if (!next.ok()) return End(next.status());
    if (*next == nullptr) return End(absl::OkStatus());
    message_.Clear();
    // A message that is too large ends the stream: leaving it out would break the promises of a watch.
    if (absl::Status written = WriteMessage(**next, &message_); !written.ok()) return End(written);
    StartWrite(&message_);
  });
}

void ServerStreamReactor::End(const absl::Status& status) { Finish(adapter_->End(*method_, started_, status)); }

}  // namespace tthc::rpc
