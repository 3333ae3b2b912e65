#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/cli_app.h"

namespace {

std::string GetEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int TerminalWidth() {
  const std::string columns = GetEnvironment("COLUMNS");
  if (!columns.empty()) return std::atoi(columns.c_str());
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  // `tthc list | head` ends quietly.
  std::signal(SIGPIPE, SIG_DFL);
  const tthc::SystemClock clock;
  const tthc::cli::Environment environment{.in = &std::cin,
                                           .out = &std::cout,
                                           .err = &std::cerr,
                                           .in_is_terminal = isatty(STDIN_FILENO) == 1,
                                           .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                           .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                           .width = TerminalWidth(),
                                           .getenv = GetEnvironment,
                                           .clock = &clock,
                                           .retry = tthc::sdk::RetryEnvironment::System()};
  return tthc::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc), environment);
}
