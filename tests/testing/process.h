#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Real processes, for tests that start tthcd or tthc, talk to them and kill them.
namespace tthc::testing {

struct ProcessOptions {
  std::string program;
  std::vector<std::string> arguments = {};
  // Added to this process's environment.
  std::map<std::string, std::string> environment = {};
  // What the program reads on stdin.
  std::string input = {};
};

// Not thread-safe, but Signal() may be called while another thread waits.
class Process {
 public:
  static absl::StatusOr<std::unique_ptr<Process>> Start(const ProcessOptions& options);
  // Kills it if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number) const;

  // The next line on stdout, without its end. OUT_OF_RANGE at the end, DEADLINE_EXCEEDED.
  absl::StatusOr<std::string> ReadLine(absl::Duration patience);
  // All of stdout that has not been read, up to the end.
  absl::StatusOr<std::string> ReadToEnd(absl::Duration patience);
  // Exit status, or 128 + the number of the signal that ended it. DEADLINE_EXCEEDED.
  absl::StatusOr<int> Wait(absl::Duration patience);
  // All of stderr until now.
  std::string Stderr() const;

 private:
  Process() = default;
  absl::Status ReadMore(absl::Time deadline);

  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int stdout_fd_ = -1;
  int stderr_fd_ = -1;
  bool stdout_ended_ = false;
  int exit_status_ = -1;
  std::string unread_;
};

// A program from start to end. A negative status if it could not be started or did not end in time.
struct ProgramResult {
  int status = -1;
  std::string output;
  std::string errors;
};
ProgramResult RunProgram(const ProcessOptions& options, absl::Duration patience = absl::Seconds(60));

}  // namespace tthc::testing
