#include "server/rpc/append_stream.h"

#include <utility>

#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {
namespace {

// Checks the command by itself, so that the paths in the error are those of the unary call.
absl::Status CheckRequired(const v1::StreamAppendRequest& request) {
  static const server::RequiredFields& create = server::RequiredFields::For(v1::CreateDossierRequest::descriptor());
  static const server::RequiredFields& append = server::RequiredFields::For(v1::AppendEventRequest::descriptor());
  if (request.has_create()) return create.Check(request.create());
  if (request.has_append()) return append.Check(request.append());
  return absl::OkStatus();
}

}  // namespace

AppendStreamReactor* AppendStreamReactor::Start(Adapter* adapter, const ServedMethod* method,
                                                const grpc::CallbackServerContext& grpc_context) {
  auto* reactor = new AppendStreamReactor(adapter, method);
  // The stream itself has no bound in time; each command has.
  absl::StatusOr<server::RequestContext> context = adapter->MakeContext(grpc_context, absl::InfiniteDuration());
  // Before anything can end the stream, so that OnDone leaves after it.
  adapter->EnterStream(reactor);
  // The adapter knows the reactor now, so Drain may run on another thread from here on.
  reactor->mutex_.Lock();
  if (!context.ok()) {
    reactor->finished_ = true;
    reactor->mutex_.Unlock();
    reactor->Finish(adapter->End(*method, reactor->started_, context.status()));
    return reactor;
  }
  reactor->context_ = *std::move(context);
  reactor->ProceedAndUnlock();
  return reactor;
}

void AppendStreamReactor::OnReadDone(bool ok) {
  Command* command = nullptr;
  absl::Status readable;
  if (ok) {
    auto made = std::make_unique<Command>();
    command = made.get();
    command->bytes = read_bytes_.Length();
    readable = ReadMessage(read_bytes_, &command->request);
    MutexLock lock(mutex_);
    bytes_in_flight_ += command->bytes;
    commands_.push_back(std::move(made));
  }
  // Before the next read is started, so that commands reach the service in order.
  if (command != nullptr) {
    if (readable.ok()) readable = CheckRequired(command->request);
    if (readable.ok()) {
      Dispatch(command);
    } else {
      Acknowledge(command, readable);
    }
  }
  mutex_.Lock();
  reading_ = false;
  if (!ok) closed_ = true;
  ProceedAndUnlock();
}

void AppendStreamReactor::Dispatch(Command* command) {
  // The callback may run on another thread, or before this returns. `command` outlives it: it stays in commands_ until
  // its acknowledgment is set.
  method_->row->call(adapter_->ForCommand(context_, method_->row->deadline_max), command->request,
                     [this, command](absl::StatusOr<google::protobuf::Message*> answer) {
                       if (!answer.ok()) return Acknowledge(command, answer.status());
                       Acknowledge(command, std::move(static_cast<v1::StreamAppendResponse&>(**answer)));
                     });
}

// Commands may be answered in any order; only the oldest one that is answered is written.
void AppendStreamReactor::Acknowledge(Command* command, absl::StatusOr<v1::StreamAppendResponse> answer) {
  v1::StreamAppendResponse ack;
  if (answer.ok()) ack = *std::move(answer);
  const google::rpc::Status error = adapter_->EndMessage(*method_, answer.status());
  if (!answer.ok()) *ack.mutable_error() = error;
  ack.set_sequence(command->request.sequence());
  mutex_.Lock();
  // The last use of `command`: once the lock is free, another thread may write the acknowledgment and delete it.
  command->ack = std::move(ack);
  ProceedAndUnlock();
}

void AppendStreamReactor::OnWriteDone(bool ok) {
  mutex_.Lock();
  writing_ = false;
  if (!ok) broken_ = closed_ = true;
  ProceedAndUnlock();
}

void AppendStreamReactor::OnCancel() {
  mutex_.Lock();
  broken_ = closed_ = true;
  ProceedAndUnlock();
}

void AppendStreamReactor::Drain() {
  mutex_.Lock();
  draining_ = closed_ = true;
  ProceedAndUnlock();
}

void AppendStreamReactor::OnDone() {
  adapter_->LeaveStream(this);
  // Nothing refers to the reactor any more: CanEnd has waited for every command, and gRPC calls nothing after OnDone.
  delete this;
}

void AppendStreamReactor::ProceedAndUnlock() {
  // The lock is given up around StartRead, because gRPC may call OnReadDone from within it.
  while (!finished_ && !closed_ && !reading_ && !starting_read_ && HasRoom()) {
    reading_ = starting_read_ = true;
    mutex_.Unlock();
    read_bytes_.Clear();
    StartRead(&read_bytes_);
    mutex_.Lock();
    starting_read_ = false;
  }
  // Drops acknowledgments that can no longer be delivered; their commands have taken effect.
  while (broken_ && !commands_.empty() && commands_.front()->ack.has_value()) {
    bytes_in_flight_ -= commands_.front()->bytes;
    commands_.pop_front();
  }
  if (!finished_ && !writing_ && !commands_.empty() && commands_.front()->ack.has_value()) return WriteFrontAndUnlock();
  if (!CanEnd()) return mutex_.Unlock();
  // Set under the lock, so that exactly one thread calls Finish.
  finished_ = true;
  const absl::Status status = FinalStatus();
  mutex_.Unlock();
  Finish(adapter_->End(*method_, started_, status));
}

void AppendStreamReactor::WriteFrontAndUnlock() {
  const std::unique_ptr<Command> command = std::move(commands_.front());
  commands_.pop_front();
  bytes_in_flight_ -= command->bytes;
  writing_ = true;
  grpc::WriteOptions options;
  // More follows at once, so the transport may buffer. Not with the first message: gRPC 1.51 then sends nothing.
  if (wrote_ && !commands_.empty() && commands_.front()->ack.has_value()) options.set_buffer_hint();
  wrote_ = true;
  mutex_.Unlock();
  write_bytes_.Clear();
  // An acknowledgment is always far smaller than a message may be.
  TTHC_CHECK(WriteMessage(*command->ack, &write_bytes_).ok());
  StartWrite(&write_bytes_, options);
}

// Both bounds: many small commands cost memory for their states, few large ones for their bytes.
bool AppendStreamReactor::HasRoom() const {
  return commands_.size() < limits::kStreamInFlightMax && bytes_in_flight_ < limits::kStreamInFlightBytesMax;
}

bool AppendStreamReactor::CanEnd() const {
  // A client may keep its half open while the server drains. Its read is abandoned, or the drain would never end.
  const bool read_ended = !reading_ || (draining_ && !starting_read_);
  return !finished_ && closed_ && read_ended && !writing_ && commands_.empty();
}

absl::Status AppendStreamReactor::FinalStatus() const {
  // Before draining: nobody reads the reason.
  if (broken_) return absl::CancelledError("the client is gone");
  return draining_ ? ShuttingDownError() : absl::OkStatus();
}

}  // namespace tthc::rpc
