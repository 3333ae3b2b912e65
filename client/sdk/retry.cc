#include "client/sdk/retry.h"

#include <random>

#include "absl/time/clock.h"
#include "storage/base/backoff.h"

namespace tthc::sdk {

RetryEnvironment RetryEnvironment::System() {
  static const SystemClock clock;
  return {.clock = &clock,
          .sleep = [](absl::Duration delay) { absl::SleepFor(delay); },
          .uniform =
              [] {
                // Of each thread its own, since the function may be called on any.
                thread_local std::mt19937_64 random{std::random_device{}()};
                return std::uniform_real_distribution<double>(0.0, 1.0)(random);
              }};
}

bool IsTransient(const absl::Status& status) {
  // Too large today is too large in a minute: another try would only run the command again.
  if (const std::string reason = ErrorReason(status); reason == "ANSWER_TOO_LARGE" || reason == "MESSAGE_TOO_LARGE") {
    return false;
  }
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kResourceExhausted;
}

Backoff::Backoff(const RetryPolicy& policy, const RetryEnvironment& environment)
    : policy_(policy), environment_(environment), start_(environment.clock->Now()) {}

std::optional<absl::Duration> Backoff::Next(const absl::Status& status) {
  if (!IsTransient(status)) return std::nullopt;
  // Counted before the comparison: the first failure is the end of the first try.
  if (++failures_ >= policy_.attempts_max) return std::nullopt;
  // The jitter comes on top of what the server asked for, or all clients that it refused would come back at once.
  const absl::Duration delay =
      ErrorRetryDelay(status) + FullJitter(policy_.delay_first, policy_.delay_max, failures_, environment_.uniform());
  if (environment_.clock->Now() + delay > start_ + policy_.total_max) return std::nullopt;
  return delay;
}

void Backoff::Reset() {
  failures_ = 0;
  start_ = environment_.clock->Now();
}

}  // namespace tthc::sdk
