#include "server/dossiers/answer_size.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {
namespace {

// An upper bound for tag and length of an entry in a repeated field.
constexpr size_t kEntryOverheadBytes = 8;

}  // namespace

bool AnswerSize::Fits(const google::protobuf::Message& entry) {
  const size_t bytes = bytes_ + entry.ByteSizeLong() + kEntryOverheadBytes;
  // An entry that does not fit is not counted: the caller ends the page before it.
  if (!empty_ && bytes > limits::kPageBytesMax) return false;
  empty_ = false;
  bytes_ = bytes;
  return true;
}

absl::Status AnswerTooLarge(int64_t fitting_count) {
  const std::string count = absl::StrCat(fitting_count);
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "ANSWER_TOO_LARGE",
                    .message = absl::StrCat("the answer does not fit into one message; the first ", count,
                                            " dossiers do: ask for fewer at once, or for less of each (view)"),
                    .message_vi = absl::StrCat("Kết quả quá lớn cho một lần trả lời; chỉ vừa ", count,
                                               " hồ sơ đầu tiên: hãy yêu cầu ít hồ sơ hơn hoặc chế độ xem gọn hơn"),
                    .metadata = {{"fitting_count", count}}});
}

absl::Status CheckAnswerSize(const google::protobuf::Message& answer) {
  const size_t bytes = answer.ByteSizeLong();
  if (bytes <= limits::kMessageBytesMax) return absl::OkStatus();
  return MakeError(
      {.code = absl::StatusCode::kResourceExhausted,
       .reason = "ANSWER_TOO_LARGE",
       .message = absl::StrCat("nothing was written: the answer would take ", bytes, " bytes, more than the ",
                               limits::kMessageBytesMax, " of one message; ask for less of it (view)"),
       .message_vi = absl::StrCat("Chưa ghi gì: kết quả sẽ dài ", bytes, " byte, vượt mức ", limits::kMessageBytesMax,
                                  " byte của một lần trả lời; hãy chọn chế độ xem gọn hơn"),
       .metadata = {{"bytes", absl::StrCat(bytes)}}});
}

}  // namespace tthc::server
