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

// Codes that no handler gives for anything that a caller did.
bool IsServersFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

absl::StatusOr<std::string> ReadActor(const grpc::ServerContextBase& call) {
  const auto [first, last] = call.client_metadata().equal_range(kActorMetadata);
  if (first == last) return std::string(kAnonymous);
  // Two names: which of them should be recorded as the actor?
  if (std::next(first) != last) {
    return InvalidField(kActorMetadata, "is given more than once", "được khai nhiều lần");
  }
  std::string actor(first->second.data(), first->second.size());
  TTHC_RETURN_IF_ERROR(CheckText(kActorMetadata, actor, {.bytes_max = limits::kResourceNameBytesMax}));
  return actor.empty() ? kAnonymous : actor;
}

// Names the first text in `message` that is not valid; OK if all are.
absl::Status FindBadText(const Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  // Encoding alone; lengths are checked by the handlers.
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
      TTHC_RETURN_IF_ERROR(
          PrefixFields(path, FindBadText(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                              : reflection.GetMessage(message, field))));
    }
  }
  return absl::OkStatus();
}

absl::Status TooLarge(absl::string_view reason, size_t bytes, absl::string_view way_out, absl::string_view way_out_vi) {
  return MakeError(
      {.code = absl::StatusCode::kResourceExhausted,
       .reason = reason,
       .message = absl::StrCat("message of ", bytes, " bytes, above the limit of ", limits::kMessageBytesMax,
                               " bytes. ", way_out),
       .message_vi = absl::StrCat("thông điệp dài ", bytes, " byte, vượt mức tối đa ", limits::kMessageBytesMax,
                                  " byte. ", way_out_vi),
       .metadata = {{"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(limits::kMessageBytesMax)}}});
}

// Shortens to at most `bytes_max`, never inside a UTF-8 sequence: gRPC would replace the bytes.
std::string Shorten(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return absl::StrCat(text.substr(0, bytes_max), "…");
}

// Details come in the order of MakeError: what programs act on (reason, field, delay) first, the Vietnamese text last.
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
  // A century ahead means "none": gRPC expresses infinity as the last instant of its clock.
  if (allowed < absl::Hours(24 * 365 * 100)) context.deadline = clock_->Now() + allowed;
  return context;
}

absl::Status Adapter::Expose(const ServedMethod& method, const absl::Status& status) {
  if (!IsServersFault(status.code())) return status;
  const std::string error_id =
      absl::StrFormat("%x-%d", absl::ToUnixSeconds(clock_->Now()), last_error_.fetch_add(1) + 1);
  Log(LogLevel::kError, "rpc_failed",
      {{"method", method.row->name},
       {"code", absl::StatusCodeToString(status.code())},
       {"reason", ErrorReason(status)},
       {"error_id", error_id},
       {"message", std::string(status.message())}});
  // The caller can act on damaged data, not on a fault of the code.
  if (status.code() == absl::StatusCode::kDataLoss) return status;
  return MakeError(
      {.code = absl::StatusCode::kInternal,
       .reason = "UNEXPECTED",
       .message = absl::StrCat("unexpected error of the server; report the number ", error_id, " to its operator"),
       .message_vi = absl::StrCat("lỗi ngoài dự kiến của máy chủ; hãy báo người vận hành số ", error_id),
       .metadata = {{"error_id", error_id}}});
}

grpc::Status Adapter::End(const ServedMethod& method, absl::Time started, const absl::Status& status) {
  method.metrics->Ended(status.code(), absl::Now() - started);
  if (status.ok()) return grpc::Status::OK;
  return ToGrpcStatus(Expose(method, status));
}

google::rpc::Status Adapter::EndMessage(const ServedMethod& method, const absl::Status& status) {
  method.metrics->MessageHandled(status.code());
  return ToRpcStatus(Expose(method, status));
}

void Adapter::EnterStream(OpenStream* stream) {
  MutexLock lock(mutex_);
  streams_.insert(stream);
  if (draining_) stream->Drain();
}

void Adapter::LeaveStream(OpenStream* stream) {
  MutexLock lock(mutex_);
  streams_.erase(stream);
  // Under the lock: the thread in WaitForStreams may destroy the adapter as soon as it sees the last stream leave.
  stream_left_.NotifyAll();
}

void Adapter::DrainStreams() {
  // Under the lock: a stream must take it to leave, so none is drained after it is deleted.
  MutexLock lock(mutex_);
  draining_ = true;
  for (OpenStream* stream : streams_) stream->Drain();
}

void Adapter::WaitForStreams(absl::Duration patience) {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(patience);
  MutexLock lock(mutex_);
  while (!streams_.empty()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return;
    stream_left_.WaitFor(mutex_, absl::FromChrono(left));
  }
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
  // The reader wants a buffer that it may change; the copy shares the bytes.
  grpc::ByteBuffer same = bytes;
  grpc::ProtoBufferReader reader(&same);
  const bool parsed = reader.status().ok() && request->ParseFromZeroCopyStream(&reader);
  // After parsing, so that an append stream knows the sequence of a command that is too large.
  if (bytes.Length() > limits::kMessageBytesMax) {
    return TooLarge("MESSAGE_TOO_LARGE", bytes.Length(), "Split it", "Hãy chia nhỏ");
  }
  if (parsed) return absl::OkStatus();
  // Parsing stops at a text that is not UTF-8, which then is in the message as it came.
  TTHC_RETURN_IF_ERROR(FindBadText(*request));
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "MESSAGE_MALFORMED",
                    .message = absl::StrCat("the bytes are no ", request->GetDescriptor()->full_name(),
                                            "; build the request from the proto files of tthc.v1"),
                    .message_vi = absl::StrCat("dữ liệu gửi đến không phải là ", request->GetDescriptor()->full_name(),
                                               "; hãy tạo yêu cầu theo tệp proto của tthc.v1"),
                    .metadata = {{"type", std::string(request->GetDescriptor()->full_name())}}});
}

absl::Status ReadRequest(const server::Method& method, const grpc::ByteBuffer& bytes, Message* request) {
  TTHC_RETURN_IF_ERROR(ReadMessage(bytes, request));
  return method.required->Check(*request);
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
