#pragma once

#include <atomic>

#include "absl/strings/string_view.h"

// Places where a test can make the process die as by `kill -9`, to see what a crash leaves behind.
//
// The environment variable TTHC_CRASH_POINT names one place, "engine.before_write", or its N-th pass,
// "engine.before_write:3". When it is unset a crash point costs one relaxed load, so the points are in the product as
// it is shipped and tests run the same binary. Thread-safe.
namespace tthc {

// Replaces the value of the environment variable; "" disarms. The count of passes starts again.
void ArmCrashPoint(absl::string_view spec);

namespace internal {
extern std::atomic<bool> crash_point_armed;
void PassCrashPoint(absl::string_view name);
}  // namespace internal

}  // namespace tthc

// Marks a place. `name` is "<room>.<what>".
#define TTHC_CRASH_POINT(name)                                                                                       \
  do {                                                                                                               \
    if (::tthc::internal::crash_point_armed.load(std::memory_order_relaxed)) ::tthc::internal::PassCrashPoint(name); \
  } while (false)
