#pragma once

#include <atomic>

#include "absl/time/clock.h"
#include "absl/time/time.h"

// The source of "now". Code never reads the machine's clock by itself: it gets a Clock, so that tests and simulations
// control the time. A pointer to a Clock is never null, and the clock outlives the objects that hold it. Thread-safe.
namespace tthc {

class Clock {
 public:
  virtual ~Clock() = default;
  // The present instant; may jump backwards when the machine's clock is set.
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// A clock that stands still until Set or Advance moves it, for tests and simulations. Keeps microseconds.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time start) : now_us_(absl::ToUnixMicros(start)) {}

  absl::Time Now() const override { return absl::FromUnixMicros(now_us_.load()); }
  void Set(absl::Time now) { now_us_.store(absl::ToUnixMicros(now)); }
  void Advance(absl::Duration by) { now_us_.fetch_add(absl::ToInt64Microseconds(by)); }

 private:
  std::atomic<int64_t> now_us_;
};

}  // namespace tthc
