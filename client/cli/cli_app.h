#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/environment.h"
#include "client/cli/session.h"

namespace tthc::cli {

// What scripts can tell apart.
enum ExitCode {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  // ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION.
  kExitConflict = 4,
  kExitUnavailable = 5,
};

int ExitCodeOf(const absl::Status& status);

// Fills `app` with all commands; they keep a reference to the session.
void BuildApp(CLI::App& app, Session& session);

// Runs one command line, without the program's name; returns the exit code. Everything read and written goes through
// `environment`.
int RunCli(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace tthc::cli
