#include "client/sync/circuit_breaker.h"

#include <algorithm>
#include <utility>

#include "storage/base/limits.h"

namespace tthc::sync {

absl::Duration FullJitter(absl::Duration first, absl::Duration max, int n, double uniform) {
  absl::Duration ceiling = first;
  for (int i = 1; i < n && ceiling < max; ++i) ceiling *= 2;
  return std::min(ceiling, max) * uniform;
}

CircuitBreaker::CircuitBreaker(Options options) : options_(std::move(options)) {}

bool CircuitBreaker::Allows(absl::Time now, int in_flight) const {
  if (!open_) return true;
  return in_flight == 0 && now >= next_try_;
}

void CircuitBreaker::OnAnswered(absl::Time now) {
  if (open_ || last_answer_ == absl::InfinitePast()) state_time_ = now;
  open_ = false;
  failures_ = 0;
  waits_ = 0;
  last_answer_ = now;
}

void CircuitBreaker::OnFailure(absl::Time now, absl::Duration retry_after) {
  ++failures_;
  const absl::Duration asked = std::min(retry_after, limits::kSyncRetryAfterMax);
  if (open_ && now < next_try_) {
    // A call that was under way when it opened: says nothing new but how long to stay away.
    next_try_ = std::max(next_try_, now + asked);
    return;
  }
  if (!open_ && failures_ < options_.failures_max && asked == absl::ZeroDuration()) return;
  ++waits_;
  const absl::Duration wait =
      FullJitter(options_.delay_first, options_.delay_max, waits_, options_.uniform());
  OpenUntil(now, now + std::max(wait, asked));
}

void CircuitBreaker::Open(absl::Time now, absl::Duration delay) { OpenUntil(now, now + delay); }

void CircuitBreaker::OpenUntil(absl::Time now, absl::Time until) {
  if (!open_) state_time_ = now;
  open_ = true;
  next_try_ = std::max(next_try_, until);
}

}  // namespace tthc::sync
