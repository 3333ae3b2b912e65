#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"

namespace tthc::cli {

struct ImportOptions {
  // "-" is the standard input.
  std::string path;
  // Where refused rows go, with line, column and reason; made only if there are any.
  std::string errors_path;
  // Reads and checks the file only; no server is asked.
  bool check_only = false;
};

struct ImportCounts {
  int64_t rows = 0;
  int64_t added = 0;
  // Recorded before, by an earlier run or otherwise.
  int64_t already_there = 0;
  int64_t refused = 0;
  // Promised times of the register that differ from the computed ones.
  int64_t warnings = 0;
};

// Takes a register over (register_format.h): streaming, in memory that does not grow with the file. Every row goes in
// or is told; running it again, now or years later, adds only what is not there yet. Errors are of the file as a whole
// or of the connection; rows that were refused are counted.
absl::StatusOr<ImportCounts> ImportRegister(Session& session, const ImportOptions& options);

}  // namespace tthc::cli
