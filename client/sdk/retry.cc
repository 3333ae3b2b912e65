#include "client/sdk/retry.h"

#include <algorithm>
#include <random>

#include "absl/time/clock.h"

namespace tthc::sdk {

RetryEnvironment RetryEnvironment::System() {
  static const SystemClock clock;
  return {.clock = &clock,
          .sleep = [](absl::Duration delay) { absl::SleepFor(delay); },
          .uniform =
              [] {
                thread_local std::mt19937_64 random{std::random_device{}()};
                return std::uniform_real_distribution<double>(0.0, 1.0)(random);
              }};
}

bool IsTransient(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kResourceExhausted;
}

Backoff::Backoff(const RetryPolicy& policy, const RetryEnvironment& environment)
    : policy_(policy), environment_(environment), start_(environment.clock->Now()) {}

std::optional<absl::Duration> Backoff::Next(const absl::Status& status) {
  if (!IsTransient(status)) return std::nullopt;
  if (++failures_ >= policy_.attempts_max) return std::nullopt;
  // Past 2^20 the cap has long been reached; the shift must not overflow.
  const int64_t factor = int64_t{1} << std::min(failures_ - 1, 20);
  const absl::Duration ceiling = std::min(policy_.delay_max, policy_.delay_first * factor);
  const absl::Duration delay = ErrorRetryDelay(status) + ceiling * environment_.uniform();
  if (environment_.clock->Now() + delay > start_ + policy_.total_max) return std::nullopt;
  return delay;
}

void Backoff::Reset() {
  failures_ = 0;
  start_ = environment_.clock->Now();
}

}  // namespace tthc::sdk
