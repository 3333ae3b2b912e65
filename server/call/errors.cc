#include "server/call/errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {

// The text says that repeating is safe: with the same request id nothing happens twice.
absl::Status ShuttingDown() {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "SHUTTING_DOWN",
                    .message = "the server is shutting down; try again in a moment with the same request_id",
                    .message_vi = "Máy chủ đang tắt; hãy thử lại sau giây lát",
                    .retry_delay = limits::kReadOnlyRetryDelay});
}

absl::Status QueueFull(absl::string_view what) {
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "QUEUE_FULL",
                    .message = absl::StrCat("too many ", what, " are waiting; try again in a moment"),
                    .message_vi = "Máy chủ đang bận; hãy thử lại sau giây lát",
                    .metadata = {{"queue", std::string(what)}},
                    .retry_delay = limits::kQueueFullRetryDelay});
}

absl::Status DeadlinePassed() {
  return MakeError({.code = absl::StatusCode::kDeadlineExceeded,
                    .reason = "DEADLINE_PASSED",
                    .message = "the request waited past its deadline, and nothing was done; allow more time",
                    .message_vi = "yêu cầu đã chờ quá thời hạn và chưa thực hiện gì; hãy cho thêm thời gian"});
}

absl::Status DossierNotFound(absl::string_view field, const std::string& name) {
  // People know codes, so the message and the metadata name what stood behind the collection.
  const std::string code(absl::StripPrefix(name, "dossiers/"));
  return MakeError(
      {.code = absl::StatusCode::kNotFound,
       .reason = "DOSSIER_NOT_FOUND",
       .message = absl::StrCat("there is no dossier with the code \"", code, "\""),
       .message_vi = absl::StrCat("Không có hồ sơ mã \"", code, "\"; hãy kiểm tra lại mã hoặc tìm theo tên: tthc find"),
       .metadata = {{"code", code}},
       .field = std::string(field)});
}

absl::Status EtagMismatch(const std::string& given, const std::string& current) {
  return MakeError(
      {.code = absl::StatusCode::kAborted,
       .reason = "ETAG_MISMATCH",
       .message = absl::StrCat("the dossier has changed: its etag is ", current, ", not ", given, "; read it again"),
       .message_vi = "Hồ sơ vừa được người khác cập nhật; hãy tải lại rồi ghi tiếp",
       .metadata = {{"etag", given}, {"current_etag", current}},
       .field = "etag"});
}

absl::Status PageTokenInvalid() {
  return MakeError(
      {.code = absl::StatusCode::kInvalidArgument,
       .reason = "PAGE_TOKEN_INVALID",
       .message = "page_token: is not of this list, or another argument changed; start from the first page",
       .message_vi = "page_token: không thuộc danh sách này hoặc điều kiện đã đổi; hãy xem lại từ trang đầu",
       .field = "page_token"});
}

absl::Status RequestIdReused(const std::string& request_id) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "REQUEST_ID_REUSED",
                    .message = "request_id: was used for another request already; make a new one",
                    .message_vi = "request_id: đã dùng cho một yêu cầu khác; hãy tạo mã mới",
                    .metadata = {{"request_id", request_id}},
                    .field = "request_id"});
}

}  // namespace tthc::server
