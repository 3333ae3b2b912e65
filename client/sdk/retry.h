#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

// When a failed call is tried again, and after which wait. Knows nothing of gRPC.
namespace tthc::sdk {

// Whether a call may be sent twice without a second effect: reads, and writes that carry a request_id.
enum class Idempotency { kIdempotent, kNotIdempotent };

struct RetryPolicy {
  // First try included.
  int attempts_max = limits::kClientAttemptsMax;
  // The n-th wait is random between zero and delay_first · 2^(n-1), capped at delay_max (full jitter).
  absl::Duration delay_first = limits::kClientRetryDelayFirst;
  absl::Duration delay_max = limits::kClientRetryDelayMax;
  // No wait begins that would end later than this after the first try.
  absl::Duration total_max = limits::kClientRetryTotalMax;
};

// What the outside gives to the retry loop. The clock outlives whoever holds it; the functions may be called on any
// thread.
struct RetryEnvironment {
  const Clock* clock = nullptr;
  std::function<void(absl::Duration)> sleep;
  // Uniform in [0, 1).
  std::function<double()> uniform;

  // The machine's clock, a real sleep, real randomness.
  static RetryEnvironment System();
};

// UNAVAILABLE and RESOURCE_EXHAUSTED: the same call may succeed later.
bool IsTransient(const absl::Status& status);

// The waits of one call, or of one long-lived stream. Not thread-safe.
class Backoff {
 public:
  Backoff(const RetryPolicy& policy, const RetryEnvironment& environment);

  // How long to wait after `status`, or nullopt if it is to be given up: permanent, too many tries, too long. At least
  // as long as the server asked for (RetryInfo).
  std::optional<absl::Duration> Next(const absl::Status& status);
  // Something succeeded: counting begins anew.
  void Reset();

 private:
  RetryPolicy policy_;
  const RetryEnvironment& environment_;
  absl::Time start_;
  int failures_ = 0;
};

namespace internal {
inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename Result>
absl::Status StatusOf(const Result& result) {
  return result.status();
}
}  // namespace internal

// Calls `call` (returning Status or StatusOr) until it succeeds or is to be given up; the last answer comes back.
template <typename Call>
auto RetryLoop(const RetryPolicy& policy, const RetryEnvironment& environment, Idempotency idempotency, Call call) {
  Backoff backoff(policy, environment);
  while (true) {
    auto result = call();
    if (result.ok() || idempotency == Idempotency::kNotIdempotent) return result;
    const std::optional<absl::Duration> delay = backoff.Next(internal::StatusOf(result));
    if (!delay.has_value()) return result;
    environment.sleep(*delay);
  }
}

}  // namespace tthc::sdk
