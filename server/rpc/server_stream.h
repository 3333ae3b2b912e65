#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>

#include "server/rpc/adapter.h"

namespace tthc::rpc {

// Writes a stream of the service to gRPC: Next, write, Next, and so on. At any moment exactly one of the two is under
// way, or the stream has finished; so a slow reader holds the stream back and nothing piles up.
//
// Ownership: owns the request and the stream; deletes itself when gRPC is done with it.
// Threads: gRPC's threads and the stream's. OnCancel may come at any time.
// End: with OK after the last message, with the error of the stream, or with CANCELLED if the client is gone.
class ServerStreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  // Adapter and method outlive the stream. A stream that cannot be opened ends with the error.
  static ServerStreamReactor* Start(Adapter* adapter, const ServedMethod* method,
                                    const grpc::CallbackServerContext& grpc_context, const grpc::ByteBuffer& bytes);

  // Goes on with the next message, or ends if the client is gone.
  void OnWriteDone(bool ok) override;
  // Cancels the stream of the service, which then ends this one.
  void OnCancel() override;
  // Deletes the stream.
  void OnDone() override;
  // Does nothing: the service ends its own streams when it shuts down, with the reason.
  void Drain() override {}

 private:
  ServerStreamReactor(Adapter* adapter, const ServedMethod* method);

  // Reads the request and opens the stream of the service.
  absl::StatusOr<std::unique_ptr<server::MessageStream>> Open(const grpc::CallbackServerContext& grpc_context,
                                                              const grpc::ByteBuffer& bytes);
  // Asks the stream for its next message, which may come at once or much later, and writes it.
  void Pull();
  // Counts the end and finishes; nothing of the reactor may be used afterwards.
  void End(const absl::Status& status);

  Adapter* const adapter_;
  const ServedMethod* const method_;
  const absl::Time started_;
  const std::unique_ptr<google::protobuf::Message> request_;
  // Set before gRPC gets the reactor, then never changed, because OnCancel reads it on any thread.
  std::unique_ptr<server::MessageStream> stream_;
  // The message that is being written.
  grpc::ByteBuffer message_;
};

}  // namespace tthc::rpc
