#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <optional>

#include "server/rpc/adapter.h"
#include "storage/base/mutex.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::rpc {

// Bulk append. Commands go to the service in the order in which they are read, many at once so that they share its
// commits; acknowledgments go back in the order of the commands. An error of one command is in its acknowledgment and
// leaves the others alone.
//
// At most limits::kStreamInFlightMax commands, or kStreamInFlightBytesMax of them, are in flight. Beyond that reading
// pauses, and HTTP/2 holds the sender back.
//
// Ownership: owns its commands; deletes itself when gRPC is done with it.
// Threads: gRPC's and the commit thread. The lock is not held while gRPC or the service is called.
// End: after the last acknowledgment once the client has half-closed (OK) or the server drains (UNAVAILABLE
// SHUTTING_DOWN); CANCELLED if the client is gone. Commands that were accepted take effect in every case.
class AppendStreamReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                  public OpenStream {
 public:
  // Both outlive the stream.
  static AppendStreamReactor* Start(Adapter* adapter, const ServedMethod* method,
                                    const grpc::CallbackServerContext& grpc_context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void Drain() override;

 private:
  // A command from its arrival until its acknowledgment is written. On the heap, because the service refers to the
  // request.
  struct Command {
    v1::StreamAppendRequest request;
    size_t bytes = 0;
    std::optional<v1::StreamAppendResponse> ack;
  };

  AppendStreamReactor(Adapter* adapter, const ServedMethod* method)
      : adapter_(adapter), method_(method), started_(absl::Now()) {
    method_->metrics->Started();
  }

  // Hands a command to the service, which answers on any thread, perhaps before this returns.
  void Dispatch(Command* command);
  // Stores the acknowledgment of a command until its turn to be written has come.
  void Acknowledge(Command* command, absl::StatusOr<v1::StreamAppendResponse> answer);

  // Starts all that can start now: reads, one write, or the end. The stream may be deleted when it returns.
  void ProceedAndUnlock() ABSL_UNLOCK_FUNCTION(mutex_);
  // Writes the acknowledgment of the oldest command, which must be there.
  void WriteFrontAndUnlock() ABSL_UNLOCK_FUNCTION(mutex_);
  // Whether another command may be read.
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether nothing is left to do and Finish may be called.
  bool CanEnd() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FinalStatus() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Adapter* const adapter_;
  const ServedMethod* const method_;
  const absl::Time started_;
  // The caller and deadline of the whole stream; set before the first read.
  server::RequestContext context_;

  // The one read and the one write that may be under way.
  grpc::ByteBuffer read_bytes_;
  grpc::ByteBuffer write_bytes_;

  // Not held while the service or gRPC is called.
  Mutex mutex_;
  // In the order in which they were read; a command leaves when its acknowledgment is written or dropped.
  std::deque<std::unique_ptr<Command>> commands_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // A read was started and its OnReadDone has not come.
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  // A thread is between the decision to read and StartRead; Finish must not be called in between.
  bool starting_read_ ABSL_GUARDED_BY(mutex_) = false;
  // A write was started and its OnWriteDone has not come.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // The first acknowledgment has been written.
  bool wrote_ ABSL_GUARDED_BY(mutex_) = false;
  // No more commands are read: the client half-closed or is gone, or the server drains.
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // The client is gone, so that acknowledgments are dropped instead of written.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  // Finish was called, or is about to be; nothing else may be started.
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tthc::rpc
