#pragma once

#include <atomic>

#include "absl/strings/string_view.h"

// Places where a test may have the process die as by `kill -9`. The environment variable TTHC_CRASH_POINT names one,
// "engine.before_write", or its N-th pass, "engine.before_write:3". Costs one relaxed load when unset. Thread-safe.
namespace tthc {

// Replaces what the environment said; "" disarms. Counting of passes starts again.
void ArmCrashPoint(absl::string_view spec);

namespace internal {
extern std::atomic<bool> crash_point_armed;
void PassCrashPoint(absl::string_view name);
}  // namespace internal

}  // namespace tthc

#define TTHC_CRASH_POINT(name)                                                                                       \
  do {                                                                                                               \
    if (::tthc::internal::crash_point_armed.load(std::memory_order_relaxed)) ::tthc::internal::PassCrashPoint(name); \
  } while (false)
