#pragma once

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/testing/process.h"

namespace tthc::bench {

// Memory of a process; `field` as in /proc/PID/status, such as "VmRSS", or "VmHWM" for the highest so far.
double MemoryMegabytes(pid_t pid, const std::string& field);
// Processor time that a process has used, in its own code and in the kernel.
absl::Duration CpuTimeOf(pid_t pid);

// A server in a process of its own, on a free port of this machine. Killed with the object.
class ServerProcess {
 public:
  // Returns when it serves.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartTthcd(const std::string& data_directory,
                                                                   const std::string& seed_directory,
                                                                   std::vector<std::string> more_arguments = {});
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartBare(const std::string& data_directory,
                                                                  const std::string& seed_directory);

  const std::string& address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // From the start of the process until it printed that it serves.
  absl::Duration start_time() const { return start_time_; }
  double ResidentMegabytes() const { return MemoryMegabytes(process_->pid(), "VmRSS"); }
  absl::Duration CpuTime() const { return CpuTimeOf(process_->pid()); }

  // As systemd stops it, and as `kill -9`. Return when it is gone.
  absl::Status Stop();
  void Kill();

 private:
  ServerProcess() = default;
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const std::string& program,
                                                              std::vector<std::string> arguments);

  std::unique_ptr<testing::Process> process_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  absl::Duration start_time_;
};

}  // namespace tthc::bench
