#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "client/sdk/retry.h"
#include "storage/base/clock.h"

namespace tthc::cli {

// What surrounds one run of the program. Data goes to `out`, messages to `err`. Everything outlives the run.
struct Environment {
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // Somebody can be asked.
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Columns of the terminal; 0 = unknown, nothing is cut.
  int width = 0;
  // "" for what is not set.
  std::function<std::string(const char*)> getenv;
  const Clock* clock = nullptr;
  sdk::RetryEnvironment retry;
};

}  // namespace tthc::cli
