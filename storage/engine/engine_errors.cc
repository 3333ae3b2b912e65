#include "storage/engine/engine_errors.h"

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::storage {

absl::Status CheckCommit(const Batch& batch, int64_t present_revision, int64_t expected_revision,
                         int64_t new_revision) {
  if (new_revision < expected_revision) return absl::InvalidArgumentError("a commit can't lower the revision");
  for (const Batch::Write& write : batch.writes()) {
    if (write.key == kRevisionKey) return absl::InvalidArgumentError("the revision's own key is not for batches");
  }
  // Arguments first: a caller that is wrong should hear of it whether or not somebody else has written.
  if (present_revision == expected_revision) return absl::OkStatus();
  return MakeError(
      {.code = absl::StatusCode::kAborted,
       .reason = "REVISION_CONFLICT",
       .message = absl::StrCat("the store is at revision ", present_revision, ", not ", expected_revision,
                               ": someone else wrote meanwhile; read again and retry"),
       .message_vi = absl::StrCat("kho dữ liệu đang ở phiên bản ", present_revision, ", không phải ", expected_revision,
                                  ": có nơi khác vừa ghi; hãy đọc lại rồi thực hiện lại"),
       .metadata = {{"revision", absl::StrCat(present_revision)},
                    {"expected_revision", absl::StrCat(expected_revision)}}});
}

absl::Status StoreReadOnlyError(absl::string_view detail) {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "STORE_READ_ONLY",
                    .message = absl::StrCat(
                        "the disk takes no writes now (", detail,
                        "); nothing was recorded, reading goes on; check the disk and its free space, then retry"),
                    .message_vi = absl::StrCat("ổ đĩa hiện không ghi được (", detail,
                                               "); chưa ghi nhận gì, vẫn tra cứu được; hãy kiểm tra ổ đĩa và dung "
                                               "lượng trống rồi thực hiện lại"),
                    .metadata = {{"detail", std::string(detail)}},
                    .retry_delay = limits::kReadOnlyRetryDelay});
}

absl::Status StoreUnreadableError(absl::string_view detail) {
  return MakeError(
      {.code = absl::StatusCode::kUnavailable,
       .reason = "STORE_UNREADABLE",
       .message = absl::StrCat("the disk could not be read (", detail, "); check the disk, then retry"),
       .message_vi = absl::StrCat("không đọc được ổ đĩa (", detail, "); hãy kiểm tra ổ đĩa rồi thực hiện lại"),
       .metadata = {{"detail", std::string(detail)}},
       .retry_delay = limits::kReadOnlyRetryDelay});
}

absl::Status DataCorruptError(absl::string_view detail) {
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "DATA_CORRUPT",
                    .message = absl::StrCat("the data on disk is damaged (", detail,
                                            "); stop, keep a copy of the directory, and restore the last backup"),
                    .message_vi = absl::StrCat("dữ liệu trên ổ đĩa bị hỏng (", detail,
                                               "); hãy dừng máy chủ, giữ một bản sao của thư mục và phục hồi từ bản "
                                               "sao lưu gần nhất"),
                    .metadata = {{"detail", std::string(detail)}}});
}

absl::Status DataInUseError(const std::string& directory) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "DATA_IN_USE",
                    .message = absl::StrCat("another process works on the data directory ", directory,
                                            "; stop that one, or choose another directory"),
                    .message_vi = absl::StrCat("một tiến trình khác đang dùng thư mục dữ liệu ", directory,
                                               "; hãy dừng tiến trình đó hoặc chọn thư mục khác"),
                    .metadata = {{"directory", directory}}});
}

absl::Status DataDirectoryError(const std::string& directory, absl::string_view detail) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "DATA_DIRECTORY_UNUSABLE",
                    .message = absl::StrCat("the data directory ", directory, " can't be opened (", detail,
                                            "); check that it exists, belongs to this user and has space"),
                    .message_vi = absl::StrCat("không mở được thư mục dữ liệu ", directory, " (", detail,
                                               "); hãy kiểm tra thư mục có tồn tại, đúng quyền và còn dung lượng"),
                    .metadata = {{"directory", directory}, {"detail", std::string(detail)}}});
}

}  // namespace tthc::storage
