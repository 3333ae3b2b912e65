#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "client/cli/session.h"

namespace tthc::cli {

// A progress bar on standard error if that is a terminal; silent otherwise. Redrawn at most ten times a second.
class Progress {
 public:
  Progress(const Session& session, std::string label);
  // Clears itself.
  ~Progress();

  // `total` 0 = unknown: only the count is shown.
  void Show(int64_t done, int64_t total);
  void Clear();

 private:
  const Session& session_;
  const std::string label_;
  absl::Time last_drawn_ = absl::InfinitePast();
  bool drawn_ = false;
};

}  // namespace tthc::cli
