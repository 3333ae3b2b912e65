#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/testing/process.h"

namespace tthc::testing {

struct TthcdOptions {
  // Empty: everything in memory.
  std::string data_directory = {};
  // Loads the shipped calendar, catalogue and sample center into a new store.
  bool seed = true;
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
};

// The real server in a process of its own, on a free port of this machine. Killed with the object.
class TthcdProcess {
 public:
  // Returns when it serves. Errors contain its stderr.
  static absl::StatusOr<std::unique_ptr<TthcdProcess>> Start(const TthcdOptions& options);

  // Such as "127.0.0.1:41234".
  const std::string& address() const { return address_; }
  const std::string& ready_line() const { return ready_line_; }
  Process& process() { return *process_; }

  // As `kill -9`; returns when it is gone.
  void Kill();
  // As systemd stops it: exit status, or an error if it does not end.
  absl::StatusOr<int> Stop();

 private:
  TthcdProcess() = default;

  std::unique_ptr<Process> process_;
  std::string ready_line_;
  std::string address_;
};

// The server's program, for tests of its command line.
std::string TthcdProgram();

}  // namespace tthc::testing
