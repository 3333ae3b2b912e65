#pragma once

#include <vector>

#include "absl/time/time.h"
#include "client/sdk/retry.h"
#include "storage/base/clock.h"

namespace tthc::sdk {

// Sleeps by moving a clock; remembers how long. Randomness is what the test says.
struct FakeRetryEnvironment {
  ManualClock clock{absl::FromUnixSeconds(1'790'000'000)};
  std::vector<absl::Duration> slept;
  double uniform = 1.0;

  RetryEnvironment Get() {
    return {.clock = &clock,
            .sleep =
                [this](absl::Duration delay) {
                  slept.push_back(delay);
                  clock.Advance(delay);
                },
            .uniform = [this] { return uniform; }};
  }
};

}  // namespace tthc::sdk
