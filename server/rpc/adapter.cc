#include "server/rpc/adapter.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/error_details.pb.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::rpc {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

constexpr char kAnonymous[] = "anonymous";

bool IsServersFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

absl::StatusOr<std::string> ReadActor(const grpc::ServerContextBase& call) {
  const auto [first, last] = call.client_metadata().equal_range(kActorMetadata);
  if (first == last) return std::string(kAnonymous);
  if (std::next(first) != last) {
    return InvalidField(kActorMetadata, "is given more than once", "được khai nhiều lần");
  }
  std::string actor(first->second.data(), first->second.size());
  TTHC_RETURN_IF_ERROR(CheckText(kActorMetadata, actor, {.bytes_max = limits::kResourceNameBytesMax}));
  return actor.empty() ? kAnonymous : actor;
}

// The first text in `message` that no request may hold; OK if all are fine.
absl::Status FindBadText(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  const TextRule any{.bytes_max = std::numeric_limits<size_t>::max(), .multi_line = true};
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!is_text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string path(field->is_repeated() ? absl::StrCat(field->name(), "[", i, "]") : field->name());
      if (is_text) {
        TTHC_RETURN_IF_ERROR(CheckText(path,
                                       field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                            : reflection.GetString(message, field),
                                       any));
        continue;
      }
      TTHC_RETURN_IF_ERROR(PrefixFields(path, FindBadText(field->is_repeated()
                                                              ? reflection.GetRepeatedMessage(message, field, i)
                                                              : reflection.GetMessage(message, field))));
    }
  }
  return absl::OkStatus();
}

absl::Status TooLarge(absl::string_view reason, size_t bytes, absl::string_view way_out, absl::string_view way_out_vi) {
  return MakeError(
      {.code = absl::StatusCode::kResourceExhausted,
       .reason = reason,
       .message =
           absl::StrCat("message of ", bytes, " bytes; at most ", limits::kMessageBytesMax, " are carried. ", way_out),
       .message_vi = absl::StrCat("thông điệp dài ", bytes, " byte, vượt mức tối đa ", limits::kMessageBytesMax,
                                  " byte. ", way_out_vi),
       .metadata = {{"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(limits::kMessageBytesMax)}}});
}

// Shortens to at most `bytes_max`, never inside a UTF-8 sequence.
std::string Shorten(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return absl::StrCat(text.substr(0, bytes_max), "…");
}

// What machines decide by (reason, field, delay) goes first into the space that there is; words in Vietnamese last.
google::rpc::Status FitIntoHeaders(google::rpc::Status full) {
  if (full.ByteSizeLong() <= limits::kErrorDetailsBytesMax) return full;
  google::rpc::Status fitting;
  fitting.set_code(full.code());
  fitting.set_message(Shorten(full.message(), limits::kErrorMessageBytesMax));
  for (const auto& detail : full.details()) {
    if (fitting.ByteSizeLong() + detail.ByteSizeLong() > limits::kErrorDetailsBytesMax) continue;
    *fitting.add_details() = detail;
  }
  return fitting;
}

}  // namespace

absl::StatusOr<server::RequestContext> Adapter::MakeContext(const grpc::ServerContextBase& call,
                                                            absl::Duration deadline_max) const {
  server::RequestContext context;
  TTHC_ASSIGN_OR_RETURN(context.caller.actor, ReadActor(call));
  const absl::Duration left = absl::FromChrono(call.deadline()) - absl::Now();
  if (left <= absl::ZeroDuration()) {
    return MakeError({.code = absl::StatusCode::kDeadlineExceeded,
                      .reason = "DEADLINE_PASSED",
                      .message = "the deadline had passed when the request arrived; allow more time",
                      .message_vi = "đã quá thời hạn chờ khi yêu cầu đến nơi; hãy cho thêm thời gian"});
  }
  const absl::Duration allowed = std::min(left, deadline_max);
  // A century ahead is "none" as well: gRPC says infinity by the last instant of its clock.
  if (allowed < absl::Hours(24 * 365 * 100)) context.deadline = clock_->Now() + allowed;
  return context;
}

absl::Status Adapter::Report(const Method& method, const absl::Status& status) {
  if (!IsServersFault(status.code())) return status;
  const std::string error_id =
      absl::StrFormat("%x-%d", absl::ToUnixSeconds(clock_->Now()), last_error_.fetch_add(1) + 1);
  Log(LogLevel::kError, "rpc_failed",
      {{"method", method.name},
       {"code", absl::StatusCodeToString(status.code())},
       {"reason", ErrorReason(status)},
       {"error_id", error_id},
       {"message", std::string(status.message())}});
  // What is wrong with the data is worth knowing to the caller; what went wrong in the code is not.
  if (status.code() == absl::StatusCode::kDataLoss) return status;
  return MakeError({.code = absl::StatusCode::kInternal,
                    .reason = "UNEXPECTED",
                    .message = absl::StrCat("unexpected error of the server; tell its operator the number ", error_id),
                    .message_vi = absl::StrCat("lỗi ngoài dự kiến của máy chủ; hãy báo người vận hành số ", error_id),
                    .metadata = {{"error_id", error_id}}});
}

grpc::Status Adapter::End(const Method& method, absl::Time started, const absl::Status& status) {
  method.metrics->Ended(status.code(), absl::Now() - started);
  if (status.ok()) return grpc::Status::OK;
  return ToGrpcStatus(Report(method, status));
}

google::rpc::Status Adapter::EndMessage(const Method& method, const absl::Status& status) {
  method.metrics->MessageHandled(status.code());
  return ToRpcStatus(Report(method, status));
}

void Adapter::EnterStream(OpenStream* stream) {
  MutexLock lock(mutex_);
  streams_.insert(stream);
  if (draining_) stream->Drain();
}

void Adapter::LeaveStream(OpenStream* stream) {
  MutexLock lock(mutex_);
  streams_.erase(stream);
  // Under the lock: whoever waits may take the adapter away as soon as it has seen the last one go.
  stream_left_.notify_all();
}

void Adapter::DrainStreams() {
  // Under the lock: a stream leaves only after it, so none is drained when it is gone.
  MutexLock lock(mutex_);
  draining_ = true;
  for (OpenStream* stream : streams_) stream->Drain();
}

void Adapter::WaitForStreams(absl::Duration patience) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  std::unique_lock<std::mutex> lock(mutex_.native());
  stream_left_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return streams_.empty();
  });
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status rpc = FitIntoHeaders(ToRpcStatus(status));
  rpc.set_code(static_cast<int>(status.code()));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      Shorten(status.message(), limits::kErrorMessageBytesMax), rpc.SerializeAsString());
}

absl::Status ShuttingDownError() {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "SHUTTING_DOWN",
                    .message = "the server is stopping; try again when it is back",
                    .message_vi = "máy chủ đang dừng; hãy thử lại khi máy chủ hoạt động trở lại",
                    .retry_delay = limits::kReadOnlyRetryDelay});
}

absl::Status ReadMessage(const grpc::ByteBuffer& bytes, Message* request) {
  // The reader takes the buffer as its own only to iterate over it.
  grpc::ByteBuffer same = bytes;
  grpc::ProtoBufferReader reader(&same);
  const bool parsed = reader.status().ok() && request->ParseFromZeroCopyStream(&reader);
  if (bytes.Length() > limits::kMessageBytesMax) {
    return TooLarge("MESSAGE_TOO_LARGE", bytes.Length(), "Split it", "Hãy chia nhỏ");
  }
  if (parsed) return absl::OkStatus();
  TTHC_RETURN_IF_ERROR(FindBadText(*request));
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "MESSAGE_MALFORMED",
                    .message = absl::StrCat("the bytes are no ", request->GetDescriptor()->full_name(),
                                            "; build the request from the proto files of tthc.v1"),
                    .message_vi = absl::StrCat("dữ liệu gửi đến không phải là ", request->GetDescriptor()->full_name(),
                                               "; hãy tạo yêu cầu theo tệp proto của tthc.v1"),
                    .metadata = {{"type", std::string(request->GetDescriptor()->full_name())}}});
}

absl::Status WriteMessage(const Message& answer, grpc::ByteBuffer* bytes) {
  const size_t size = answer.ByteSizeLong();
  if (size > limits::kMessageBytesMax) {
    return TooLarge("ANSWER_TOO_LARGE", size, "Ask for less at once: a smaller page, fewer names",
                    "Hãy yêu cầu ít hơn mỗi lần: trang nhỏ hơn, ít hồ sơ hơn");
  }
  bool owned = false;
  const grpc::Status status = grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(answer, bytes, &owned);
  if (!status.ok()) return absl::InternalError(status.error_message());
  return absl::OkStatus();
}

}  // namespace tthc::rpc
