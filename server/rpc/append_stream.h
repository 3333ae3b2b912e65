#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "server/rpc/adapter.h"
#include "storage/base/mutex.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::rpc {

using AppendHandler = std::function<void(const server::RequestContext&, const v1::StreamAppendRequest&,
                                         server::Reply<v1::StreamAppendResponse>)>;

// Bulk append: commands go to the pipeline as they are read, in order, many at once so that they share its commits;
// acks go back in the order of the commands. At most limits::kStreamInFlightMax commands (or kStreamInFlightBytesMax of
// them) are under way: beyond, reading pauses and HTTP/2 holds the sender back. What is wrong with one command stands
// in its ack. Ends after the last ack once the caller has half-closed, or once drained. Deletes itself when gRPC is
// done with it.
class AppendStreamReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                  public OpenStream {
 public:
  // Everything given outlives the stream.
  static AppendStreamReactor* Start(Adapter* adapter, const Method* method, const AppendHandler* handler,
                                    const grpc::CallbackServerContext& grpc_context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void Drain() override;

 private:
  // A command from its arrival until its ack is written. Stays where it is: the service reads the request.
  struct Command {
    v1::StreamAppendRequest request;
    size_t bytes = 0;
    std::optional<v1::StreamAppendResponse> ack;
  };

  AppendStreamReactor(Adapter* adapter, const Method* method, const AppendHandler* handler)
      : adapter_(adapter), method_(method), handler_(handler), started_(absl::Now()) {
    method_->metrics->Started();
  }

  void Dispatch(Command* command);
  void Acknowledge(Command* command, absl::StatusOr<v1::StreamAppendResponse> answer);

  // Starts whatever can be started now: reads, one write, or the end. Only a reaction of gRPC's may touch the stream
  // afterwards: it may be gone.
  void ProceedAndUnlock() ABSL_UNLOCK_FUNCTION(mutex_);
  void WriteFrontAndUnlock() ABSL_UNLOCK_FUNCTION(mutex_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CanEnd() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FinalStatus() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Adapter* const adapter_;
  const Method* const method_;
  const AppendHandler* const handler_;
  const absl::Time started_;
  // Of the whole stream; set before the first read.
  server::RequestContext context_;

  // The one read and the one write that may be under way.
  grpc::ByteBuffer read_bytes_;
  grpc::ByteBuffer write_bytes_;

  // Not held while the service or gRPC is called.
  Mutex mutex_;
  std::deque<std::unique_ptr<Command>> commands_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  // A thread is between the decision to read and the read: gRPC must not be told to finish meanwhile.
  bool starting_read_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool wrote_ ABSL_GUARDED_BY(mutex_) = false;
  // No more commands will be taken: the caller half-closed, has gone, or the server drains.
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Nobody reads the acks any more.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tthc::rpc
