#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "client/terminal/session.h"

// Progress of a long command, for people who watch it.
//
// The bar is one line that is drawn over itself. Any other output to the terminal must come after Clear, or it is mixed
// into the bar. The speed is bounded by the clock of the session, so tests see the same drawings every time.
namespace tthc::terminal {

// A progress bar on standard error if that is a terminal, otherwise nothing. Redrawn at most ten times a second, so
// that callers may report every step. Clear it before other text is printed. Not thread-safe. The session must outlive
// it.
class Progress {
 public:
  Progress(const Session& session, std::string label);
  // Clears the bar.
  ~Progress();

  // `total` 0 = unknown: the count alone is shown.
  void Show(int64_t done, int64_t total);
  // Removes the bar from the screen; the next Show draws it again.
  void Clear();

 private:
  const Session& session_;
  const std::string label_;
  // In the past at first, so that the first step shows at once.
  absl::Time last_drawn_ = absl::InfinitePast();
  // Whether a bar is on the screen now.
  bool drawn_ = false;
};

}  // namespace tthc::terminal
