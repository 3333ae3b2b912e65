#include "client/cli/register_errors.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"

namespace tthc::cli {

// The file of an earlier run would be taken for the refusals of this one.
RegisterErrors::RegisterErrors(std::string path) : path_(std::move(path)) { std::remove(path_.c_str()); }

absl::Status RegisterErrors::Add(const RowError& error, const std::vector<std::string>& cells) {
  std::string text;
  // Made with the first refusal: no file means that nothing was refused.
  if (!file_.is_open()) {
    file_.open(path_, std::ios::binary | std::ios::trunc);
    std::vector<std::string> header = {"Lỗi: dòng", "Lỗi: cột", "Lỗi: lý do", "Error: reason"};
    header.insert(header.end(), header_.begin(), header_.end());
    // People correct this file in Excel, which needs the mark to see UTF-8.
    text = kCsvBom;
    AppendCsvRow(header, {}, &text);
  }
  std::vector<std::string> row = {absl::StrCat(error.line), error.column, ErrorMessage(error.status, "vi"),
                                  ErrorMessage(error.status, "en")};
  row.insert(row.end(), cells.begin(), cells.end());
  // A malformed row has too few or too many cells; in the corrected file it must match the header.
  row.resize(4 + header_.size());
  AppendCsvRow(row, {}, &text);
  // Row by row, so that a run that is killed leaves every refusal so far.
  file_ << text << std::flush;
  if (file_.good()) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "FILE_NOT_WRITABLE",
                    .message = absl::StrCat(path_, ": cannot be written; choose another file with --errors"),
                    .message_vi = absl::StrCat(path_, ": không ghi được; hãy chọn tệp khác bằng --errors"),
                    .metadata = {{"path", path_}}});
}

}  // namespace tthc::cli
