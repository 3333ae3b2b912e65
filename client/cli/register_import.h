#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/terminal/session.h"

// Import of a register: the one command that records many dossiers. One thread and one stream; rows of one dossier keep
// their order.
namespace tthc::cli {

// What was typed for `tthc import`.
struct ImportOptions {
  // "-" is the standard input.
  std::string path;
  // Where refused rows go, with line, column and reason; made only if there are any.
  std::string errors_path;
  // Reads and checks the file only, without a server.
  bool check_only = false;
};

// What became of the rows: added + already_there + refused = rows.
struct ImportCounts {
  int64_t rows = 0;
  int64_t added = 0;
  // Already in the server, from an earlier run or otherwise.
  int64_t already_there = 0;
  int64_t refused = 0;
  // Promised times of the register that differ from the computed ones.
  int64_t warnings = 0;
};

// Imports a register (register_format.h) as a stream: memory does not grow with the file. Every row is either recorded
// or written to the errors file with its reason. A later run adds only what is not there yet: within 72 hours the
// server recognizes the request ids, which are made from the rows; after that events are compared one by one.
//
// Returns an error only for the file as a whole or for the connection; then the rows sent so far may have been
// recorded, and running the same file again finishes the work. Refused rows are counted, not returned as an error.
absl::StatusOr<ImportCounts> ImportRegister(terminal::Session& session, const ImportOptions& options);

}  // namespace tthc::cli
