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
#include "storage/base/errors.h"
#include "storage/base/log.h"
#include "storage/base/program.h"
#include "storage/base/service_manager.h"

namespace tthc::server {
namespace {

// How often the health of writes is looked at.
constexpr timespec kTick = {.tv_sec = 1, .tv_nsec = 0};

int WaitForStopSignal(const sigset_t& signals, App* app) {
  for (;;) {
    const int received = sigtimedwait(&signals, nullptr, &kTick);
    if (received > 0) return received;
    // EAGAIN: the tick has passed. Anything else, such as EINTR, tries again at once.
    if (errno == EAGAIN) app->Tick();
  }
}

// For the person who starts it: Vietnamese first, as in all that people read.
void PrintStartError(const absl::Status& error) {
  std::fprintf(stderr, "tthcd: %s\n       %s\n", ErrorMessage(error, "vi").c_str(), ErrorMessage(error, "en").c_str());
}

int Main(int argc, const char* const* argv) {
  const CommandLine command_line = ParseCommandLine(argc, argv);
  std::fputs(command_line.stdout_text.c_str(), stdout);
  std::fputs(command_line.stderr_text.c_str(), stderr);
  if (!command_line.config.has_value()) return command_line.exit_code;

  // Before the first thread starts, because threads inherit the mask.
  const sigset_t signals = BlockStopSignals();
  absl::StatusOr<std::unique_ptr<App>> app = App::Start(*command_line.config);
  if (!app.ok()) {
    PrintStartError(app.status());
    return 1;
  }
  // Scripts wait for this line and take the address from it.
  std::printf("%s\n", (*app)->ReadyLine().c_str());
  std::fflush(stdout);
  NotifyServiceManager("READY=1");

  const int received = WaitForStopSignal(signals, app->get());
  Log(LogLevel::kInfo, "stopping", {{"signal", std::to_string(received)}});
  NotifyServiceManager("STOPPING=1");
  // A second signal ends the process at once, as by default. That loses nothing that was acknowledged.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*app)->Stop();
  // Saves the snapshot of the facts, which is why it comes before "stopped".
  app->reset();
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace
}  // namespace tthc::server

int main(int argc, char** argv) { return tthc::server::Main(argc, argv); }
