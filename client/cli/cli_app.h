#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/terminal/environment.h"
#include "client/terminal/session.h"

// The program tthc as a function: arguments and surroundings in, exit code out. main() adds only the real surroundings,
// so tests run whole command lines without a process.
//
// A command line has one session (terminal/session.h), one connection at most, and one thread. Parsing only chooses the
// action; the action runs after it, and its status becomes the exit code. Data goes to standard output or to the file
// of --out, messages and errors to standard error, so that a pipe gets nothing but data.
namespace tthc::cli {

// Exit codes, for scripts.
enum ExitCode {
  // The numbers are part of the contract with scripts: they may be added to and never change.
  kExitOk = 0,
  // Refused by the server for its content, or done in part: the message says what was recorded.
  kExitFailure = 1,
  // Found before any call, so nothing has happened.
  kExitUsage = 2,
  kExitNotFound = 3,
  // ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION.
  kExitConflict = 4,
  // UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED: the same command may succeed later. A write may have taken
  // effect if the connection was lost; with the same --request-id it can be repeated safely.
  kExitUnavailable = 5,
};

// The exit code for the status that a command ended with.
int ExitCodeOf(const absl::Status& status);

// Adds all commands to `app`. They keep a reference to the session, which must outlive the app.
void BuildApp(CLI::App& app, terminal::Session& session);

// Runs one command line, given without the name of the program, and returns the exit code. Data and messages go through
// `environment`; files that are named in the arguments are read and written directly. Errors are printed, not thrown.
int RunCli(const std::vector<std::string>& arguments, const terminal::Environment& environment);

}  // namespace tthc::cli
