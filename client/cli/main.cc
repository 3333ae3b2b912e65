#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/cli_app.h"
#include "storage/base/program.h"

namespace {

// COLUMNS wins, so that people and tests can choose. 0 for a pipe or a file, in which no line is cut.
int TerminalWidth() {
  const std::string columns = tthc::GetEnvironment("COLUMNS");
  if (!columns.empty()) return std::atoi(columns.c_str());
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Exports write many short pieces, and nothing here writes through C streams besides.
  std::ios::sync_with_stdio(false);
  // `tthc list | head` ends quietly.
  std::signal(SIGPIPE, SIG_DFL);
  const tthc::SystemClock clock;
  const tthc::terminal::Environment environment{.in = &std::cin,
                                                .out = &std::cout,
                                                .err = &std::cerr,
                                                .in_is_terminal = isatty(STDIN_FILENO) == 1,
                                                .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                                .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                                .width = TerminalWidth(),
                                                .getenv = tthc::GetEnvironment,
                                                .clock = &clock,
                                                .retry = tthc::sdk::RetryEnvironment::System()};
  return tthc::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc), environment);
}
