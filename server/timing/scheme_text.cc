#include "server/timing/scheme_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/text.h"

namespace tthc::timing {
namespace {

// The stored form has a bound of its own. A text may be longer by its comments, which in the shipped schemes quote the
// law.
constexpr size_t kTextBytesMax = 8 * limits::kSchemeBytesMax;

absl::Status Malformed(int line, int column, absl::string_view what, absl::string_view what_vi) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "SCHEME_MALFORMED",
                    .message = absl::StrCat("line ", line, ", column ", column, ": ", what),
                    .message_vi = absl::StrCat("dòng ", line, ", cột ", column, ": ", what_vi),
                    .metadata = {{"line", absl::StrCat(line)}, {"column", absl::StrCat(column)}}});
}

// Keeps the first error; the ones that follow are mostly caused by it.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!status_.ok()) return;
    // The parser counts from 0 and quotes what it could not read.
    const bool shown = CheckText("", message, {.bytes_max = limits::kErrorMessageBytesMax / 2}).ok();
    status_ = Malformed(line + 1, column + 1, shown ? message : "can't be read",
                        "không đúng dạng; xem mẫu trong deploy/data/schemes");
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

}  // namespace

absl::StatusOr<v1::Scheme> ParseSchemeText(absl::string_view text) {
  if (text.size() > kTextBytesMax) {
    return Malformed(1, 1, absl::StrCat("the text is longer than ", kTextBytesMax, " bytes"),
                     absl::StrCat("văn bản dài quá ", kTextBytesMax, " byte"));
  }
  FirstError errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  v1::Scheme scheme;
  if (parser.ParseFromString(std::string(text), &scheme)) return scheme;
  // A failure without an error would otherwise be taken for success.
  return errors.status().ok() ? Malformed(1, 1, "can't be read", "không đọc được") : errors.status();
}

}  // namespace tthc::timing
