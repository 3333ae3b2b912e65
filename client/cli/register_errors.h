#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/register_format.h"

namespace tthc::cli {

// The file of refused rows: what is wrong, then the row as it was, so that a corrected file can be imported itself.
class RegisterErrors {
 public:
  // Removes what an earlier run left at `path`.
  explicit RegisterErrors(std::string path);

  void SetHeader(const std::vector<std::string>& header) { header_ = header; }
  // FAILED_PRECONDITION if the file can't be written.
  absl::Status Add(const RowError& error, const std::vector<std::string>& cells);
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::vector<std::string> header_;
  std::ofstream file_;
};

}  // namespace tthc::cli
