#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "client/sdk/retry.h"
#include "storage/base/clock.h"

// What a command line uses of its surroundings, in one place, so that tests can replace all of it.
//
// main() fills it with the real things; tests with streams in memory, a fixed clock and a wait that does not sleep. No
// other code of a command line reads the environment or the clock of the machine.
namespace tthc::terminal {

// The surroundings of one run. Data goes to `out`, messages go to `err`. Everything that it points to must outlive the
// run.
struct Environment {
  // None is null during a run, and none is owned.
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // Questions can be asked only if this is set.
  bool in_is_terminal = false;
  // Colors, widths and charts are for terminals only; files and pipes get plain text.
  bool out_is_terminal = false;
  // Progress is drawn only then.
  bool err_is_terminal = false;
  // Columns of the terminal; 0 = unknown: lines are not cut.
  int width = 0;
  // Reads an environment variable; "" if it is not set.
  std::function<std::string(const char*)> getenv;
  // The present: default times, relative periods, time left.
  const Clock* clock = nullptr;
  // For the connection; tests wait without sleeping.
  sdk::RetryEnvironment retry;
};

}  // namespace tthc::terminal
