#include "client/sync/circuit_breaker.h"

#include <algorithm>
#include <utility>

#include "storage/base/backoff.h"
#include "storage/base/limits.h"

namespace tthc::sync {

CircuitBreaker::CircuitBreaker(Options options) : options_(std::move(options)) {}

// Open and due: one probe, when nothing else is under way.
bool CircuitBreaker::Allows(absl::Time now, int in_flight) const {
  if (!open_) return true;
  return in_flight == 0 && now >= next_try_;
}

void CircuitBreaker::OnAnswered(absl::Time now) {
  if (open_ || !answered_) state_time_ = now;
  open_ = false;
  failures_ = 0;
  waits_ = 0;
  answered_ = true;
}

void CircuitBreaker::OnFailure(absl::Time now, absl::Duration retry_after) {
  ++failures_;
  // Bounded: a target that asks for a wait of days by mistake must not stop the mirror for days.
  const absl::Duration asked = std::min(retry_after, limits::kSyncRetryAfterMax);
  if (open_ && now < next_try_) {
    // This call was under way when the breaker opened. Only its Retry-After is news.
    next_try_ = std::max(next_try_, now + asked);
    return;
  }
  if (!open_ && failures_ < options_.failures_max && asked == absl::ZeroDuration()) return;
  // Only openings count here, so that many failures at the same moment do not multiply the wait.
  ++waits_;
  const absl::Duration wait = FullJitter(options_.delay_first, options_.delay_max, waits_, options_.uniform());
  OpenUntil(now, now + std::max(wait, asked));
}

void CircuitBreaker::Open(absl::Time now, absl::Duration delay) { OpenUntil(now, now + delay); }

// Never shortens a wait that was asked for.
void CircuitBreaker::OpenUntil(absl::Time now, absl::Time until) {
  if (!open_) state_time_ = now;
  open_ = true;
  next_try_ = std::max(next_try_, until);
}

}  // namespace tthc::sync
