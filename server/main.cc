#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "server/app.h"
#include "server/config.h"
#include "storage/base/service_manager.h"
#include "storage/base/errors.h"
#include "storage/base/log.h"

namespace tthc::server {
namespace {

constexpr timespec kTick = {.tv_sec = 1, .tv_nsec = 0};

// SIGINT and SIGTERM, blocked in this thread and in all that it starts: they wait until somebody asks.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int WaitForStopSignal(const sigset_t& signals, App* app) {
  for (;;) {
    const int received = sigtimedwait(&signals, nullptr, &kTick);
    if (received > 0) return received;
    if (errno == EAGAIN) app->Tick();
  }
}

void PrintStartError(const absl::Status& error) {
  std::fprintf(stderr, "tthcd: %s\n       %s\n", ErrorMessage(error, "vi").c_str(), ErrorMessage(error, "en").c_str());
}

int Main(int argc, const char* const* argv) {
  const CommandLine command_line = ParseCommandLine(argc, argv);
  std::fputs(command_line.stdout_text.c_str(), stdout);
  std::fputs(command_line.stderr_text.c_str(), stderr);
  if (!command_line.config.has_value()) return command_line.exit_code;

  const sigset_t signals = BlockStopSignals();
  absl::StatusOr<std::unique_ptr<App>> app = App::Start(*command_line.config);
  if (!app.ok()) {
    PrintStartError(app.status());
    return 1;
  }
  std::printf("%s\n", (*app)->ReadyLine().c_str());
  std::fflush(stdout);
  NotifyServiceManager("READY=1");

  const int received = WaitForStopSignal(signals, app->get());
  Log(LogLevel::kInfo, "stopping", {{"signal", std::to_string(received)}});
  NotifyServiceManager("STOPPING=1");
  // Whoever asks a second time does not want to wait: by default the signal ends the process, which loses nothing
  // acknowledged.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*app)->Stop();
  app->reset();
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace
}  // namespace tthc::server

int main(int argc, char** argv) { return tthc::server::Main(argc, argv); }
