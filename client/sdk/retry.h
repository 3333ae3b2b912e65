#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

// When a failed call is tried again, and after which wait. Knows nothing of gRPC: it works on absl::Status.
//
// Only what may be sent twice without a second effect may be retried: reads, writes that carry a request_id, and
// methods that are idempotent by construction. Every unary method of tthc.v1 is one of these.
//
// Retries are bounded by the number of tries and by the time since the first one. The last error is returned as it
// came, so that callers see the server's reason and not a summary of the tries.
namespace tthc::sdk {

struct RetryPolicy {
  // Tries of one call, the first one included.
  int attempts_max = limits::kClientAttemptsMax;
  // The n-th wait is random between zero and delay_first · 2^(n-1), capped at delay_max (full jitter).
  absl::Duration delay_first = limits::kClientRetryDelayFirst;
  absl::Duration delay_max = limits::kClientRetryDelayMax;
  // No wait begins that would end later than this after the first try.
  absl::Duration total_max = limits::kClientRetryTotalMax;
};

// What retrying needs of the outside; tests replace it. The clock must outlive every object that holds it. The
// functions may be called on any thread.
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

// The waits of one call, or of one long-lived stream. `environment` must outlive it. Not thread-safe.
class Backoff {
 public:
  Backoff(const RetryPolicy& policy, const RetryEnvironment& environment);

  // How long to wait after `status`, at least as long as the server asked for (RetryInfo). nullopt: give up, because
  // the error is permanent, the tries are used up, or the wait would end after total_max.
  std::optional<absl::Duration> Next(const absl::Status& status);
  // After a success: tries and time are counted from here on.
  void Reset();

 private:
  RetryPolicy policy_;
  const RetryEnvironment& environment_;
  absl::Time start_;
  // Since construction or Reset().
  int failures_ = 0;
};

// The status of a Status or a StatusOr, so that RetryLoop takes both.
namespace internal {
inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename Result>
absl::Status StatusOf(const Result& result) {
  return result.status();
}
}  // namespace internal

// Calls `call`, which returns Status or StatusOr, until it succeeds or Backoff gives up. Returns the last result. Waits
// block the calling thread and can't be interrupted: programs that must stop quickly set attempts_max to 1 and wait by
// themselves.
template <typename Call>
auto RetryLoop(const RetryPolicy& policy, const RetryEnvironment& environment, Call call) {
  Backoff backoff(policy, environment);
  while (true) {
    auto result = call();
    if (result.ok()) return result;
    const std::optional<absl::Duration> delay = backoff.Next(internal::StatusOf(result));
    if (!delay.has_value()) return result;
    environment.sleep(*delay);
  }
}

}  // namespace tthc::sdk
