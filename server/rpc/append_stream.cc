#include "server/rpc/append_stream.h"

#include <utility>

#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {
namespace {

// Of the command itself, so that the paths in the error are those of the unary call.
absl::Status CheckRequired(const v1::StreamAppendRequest& request) {
  static const RequiredFields& create = RequiredFields::For(v1::CreateDossierRequest::descriptor());
  static const RequiredFields& append = RequiredFields::For(v1::AppendEventRequest::descriptor());
  if (request.has_create()) return create.Check(request.create());
  if (request.has_append()) return append.Check(request.append());
  return absl::OkStatus();
}

}  // namespace

AppendStreamReactor* AppendStreamReactor::Start(Adapter* adapter, const Method* method, const AppendHandler* handler,
                                                const grpc::CallbackServerContext& grpc_context) {
  auto* reactor = new AppendStreamReactor(adapter, method, handler);
  absl::StatusOr<server::RequestContext> context = adapter->MakeContext(grpc_context, absl::InfiniteDuration());
  // Before anything can end the stream, so that leaving comes after it.
  adapter->EnterStream(reactor);
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
  // Before the next read, so that commands reach the service in order.
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
  (*handler_)(adapter_->ForCommand(context_, limits::kRequestDeadlineMax), command->request,
              [this, command](absl::StatusOr<v1::StreamAppendResponse> answer) {
                Acknowledge(command, std::move(answer));
              });
}

void AppendStreamReactor::Acknowledge(Command* command, absl::StatusOr<v1::StreamAppendResponse> answer) {
  v1::StreamAppendResponse ack;
  if (answer.ok()) ack = *std::move(answer);
  const google::rpc::Status error = adapter_->EndMessage(*method_, answer.status());
  if (!answer.ok()) *ack.mutable_error() = error;
  ack.set_sequence(command->request.sequence());
  mutex_.Lock();
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
  delete this;
}

void AppendStreamReactor::ProceedAndUnlock() {
  while (!finished_ && !closed_ && !reading_ && !starting_read_ && HasRoom()) {
    reading_ = starting_read_ = true;
    mutex_.Unlock();
    read_bytes_.Clear();
    StartRead(&read_bytes_);
    mutex_.Lock();
    starting_read_ = false;
  }
  // Acks that nobody reads; what they acknowledge has happened all the same.
  while (broken_ && !commands_.empty() && commands_.front()->ack.has_value()) {
    bytes_in_flight_ -= commands_.front()->bytes;
    commands_.pop_front();
  }
  if (!finished_ && !writing_ && !commands_.empty() && commands_.front()->ack.has_value()) return WriteFrontAndUnlock();
  if (!CanEnd()) return mutex_.Unlock();
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
  // More follows at once, so the transport may wait for it. Never on the first message: gRPC 1.51 then sends nothing.
  if (wrote_ && !commands_.empty() && commands_.front()->ack.has_value()) options.set_buffer_hint();
  wrote_ = true;
  mutex_.Unlock();
  write_bytes_.Clear();
  // An ack is always far smaller than a message may be.
  TTHC_CHECK(WriteMessage(*command->ack, &write_bytes_).ok());
  StartWrite(&write_bytes_, options);
}

bool AppendStreamReactor::HasRoom() const {
  return commands_.size() < limits::kStreamInFlightMax && bytes_in_flight_ < limits::kStreamInFlightBytesMax;
}

bool AppendStreamReactor::CanEnd() const {
  // A caller that keeps its half open while the server drains would be waited for without end: its read is given up.
  const bool read_ended = !reading_ || (draining_ && !starting_read_);
  return !finished_ && closed_ && read_ended && !writing_ && commands_.empty();
}

absl::Status AppendStreamReactor::FinalStatus() const {
  if (broken_) return absl::CancelledError("the caller has gone");
  return draining_ ? ShuttingDownError() : absl::OkStatus();
}

}  // namespace tthc::rpc
