#include "tests/bench/servers.h"

#include <grpcpp/create_channel.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::bench {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(120);

}  // namespace

double MemoryMegabytes(pid_t pid, const std::string& field) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == field + ":" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

absl::Duration CpuTimeOf(pid_t pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/stat"));
  // The fields before the 14th; the program's name holds no blank.
  std::string skipped;
  for (int i = 1; i < 14; ++i) stat >> skipped;
  double user_ticks = 0;
  double system_ticks = 0;
  stat >> user_ticks >> system_ticks;
  return absl::Seconds((user_ticks + system_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartTthcd(const std::string& data_directory,
                                                                         const std::string& seed_directory,
                                                                         std::vector<std::string> more_arguments) {
  std::vector<std::string> arguments = {"--data", data_directory, "--listen", "127.0.0.1:0", "--seed", seed_directory};
  for (std::string& argument : more_arguments) arguments.push_back(std::move(argument));
  return Start(TTHCD_PROGRAM, std::move(arguments));
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartBare(const std::string& data_directory,
                                                                        const std::string& seed_directory) {
  return Start(TTHC_BARE_PROGRAM, {seed_directory, data_directory});
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const std::string& program,
                                                                    std::vector<std::string> arguments) {
  std::unique_ptr<ServerProcess> server(new ServerProcess);
  const absl::Time started = absl::Now();
  TTHC_ASSIGN_OR_RETURN(server->process_,
                        testing::Process::Start({.program = program, .arguments = std::move(arguments)}));
  const absl::StatusOr<std::string> line = server->process_->ReadLine(kPatience);
  if (!line.ok()) return absl::UnavailableError(absl::StrCat(program, ": ", server->process_->Stderr()));
  server->start_time_ = absl::Now() - started;
  constexpr absl::string_view kReady = "ready on ";
  const size_t at = line->find(std::string(kReady));
  if (at == std::string::npos) return absl::UnavailableError(absl::StrCat(program, " says: ", *line));
  server->address_ = line->substr(at + kReady.size(), line->find(',') - at - kReady.size());
  grpc::ChannelArguments channel;
  channel.SetMaxReceiveMessageSize(static_cast<int>(limits::kClientMessageBytesMax));
  server->channel_ = grpc::CreateCustomChannel(server->address_, grpc::InsecureChannelCredentials(), channel);
  return server;
}

absl::Status ServerProcess::Stop() {
  process_->Signal(SIGTERM);
  TTHC_ASSIGN_OR_RETURN(const int status, process_->Wait(kPatience));
  return status == 0 ? absl::OkStatus() : absl::UnknownError(process_->Stderr());
}

void ServerProcess::Kill() {
  process_->Signal(SIGKILL);
  static_cast<void>(process_->Wait(kPatience));
}

}  // namespace tthc::bench
