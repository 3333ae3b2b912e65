#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/register_format.h"

// Where an import puts the rows that were refused.
//
// The file is CSV in UTF-8 with a byte order mark, since it is meant for Excel. It holds the personal data of the rows.
namespace tthc::cli {

// The file of refused rows. Each line has the line number, the column and the reason in both languages, then the row as
// it was. Import skips the added columns, so a person corrects the rows in this file and imports the file itself. The
// file is made when the first row is added. Not thread-safe.
class RegisterErrors {
 public:
  // Removes the file that an earlier run may have left at `path`.
  explicit RegisterErrors(std::string path);

  // To be called before the first Add: the header of the register, without the added columns.
  void SetHeader(const std::vector<std::string>& header) { header_ = header; }
  // FAILED_PRECONDITION if the file cannot be written.
  absl::Status Add(const RowError& error, const std::vector<std::string>& cells);
  // Where the file is, or would be.
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::vector<std::string> header_;
  // Open once a row was refused.
  std::ofstream file_;
};

}  // namespace tthc::cli
