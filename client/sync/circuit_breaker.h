#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace tthc::sync {

// Keeps lanes off a target that does not answer: after some failures in a row nothing is sent for a while; then one
// call tries, alone. Waits grow exponentially with full jitter and are never shorter than the target asked for. It is
// told the time; not thread-safe.
class CircuitBreaker {
 public:
  struct Options {
    // Failures in a row that open it.
    int failures_max = 1;
    // The n-th wait is random between zero and delay_first · 2^(n-1), capped at delay_max.
    absl::Duration delay_first;
    absl::Duration delay_max;
    // Uniform in [0, 1).
    std::function<double()> uniform;
  };

  explicit CircuitBreaker(Options options);

  // Whether one more call may begin while `in_flight` are under way.
  bool Allows(absl::Time now, int in_flight) const;
  // The target answered, whatever it said.
  void OnAnswered(absl::Time now);
  // It did not, or it was too busy. `retry_after` is zero if it did not ask for patience: if it did, that is kept to
  // at once.
  void OnFailure(absl::Time now, absl::Duration retry_after);
  // Nothing is tried before `delay` has passed, whatever the count.
  void Open(absl::Time now, absl::Duration delay);

  bool is_open() const { return open_; }
  // While open: when the next try is due.
  absl::Time next_try_time() const { return next_try_; }
  absl::Time last_answer_time() const { return last_answer_; }
  absl::Time state_time() const { return state_time_; }

 private:
  void OpenUntil(absl::Time now, absl::Time until);

  const Options options_;
  bool open_ = false;
  int failures_ = 0;
  // Waits since the last answer.
  int waits_ = 0;
  absl::Time next_try_ = absl::InfinitePast();
  absl::Time last_answer_ = absl::InfinitePast();
  absl::Time state_time_ = absl::InfinitePast();
};

// Random between zero and first · 2^(n-1), capped at `max`; n counts from 1.
absl::Duration FullJitter(absl::Duration first, absl::Duration max, int n, double uniform);

}  // namespace tthc::sync
