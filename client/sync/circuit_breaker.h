#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace tthc::sync {

// Holds back the calls to a target that does not answer, so that an outage is neither made worse nor filled with
// failures of thousands of dossiers.
//
// Vocabulary:
//   closed  calls go out freely
//   open    nothing is sent until next_try_time(); then one call goes out alone
//   probe   that call
//
// After some failures in a row it opens. The probe's answer closes it; its failure starts a longer wait. Waits grow by
// FullJitter and are never shorter than the target asked for (Retry-After), up to limits::kSyncRetryAfterMax.
//
// It holds no calls itself: those that it refuses stay with the caller. Not thread-safe; the caller passes the time.
class CircuitBreaker {
 public:
  struct Options {
    // Failures in a row that open it.
    int failures_max = 1;
    // As in FullJitter.
    absl::Duration delay_first;
    absl::Duration delay_max;
    // Uniform in [0, 1).
    std::function<double()> uniform;
  };

  explicit CircuitBreaker(Options options);

  // True if one more call may begin while `in_flight` are under way.
  bool Allows(absl::Time now, int in_flight) const;
  // The target answered, whatever the answer was. Closes the breaker.
  void OnAnswered(absl::Time now);
  // No answer, or the target was too busy. Opens the breaker at once if the target asked for a wait (`retry_after` is
  // not zero), else after failures_max of these in a row.
  void OnFailure(absl::Time now, absl::Duration retry_after);
  // Opens the breaker for `delay`, whatever the count.
  void Open(absl::Time now, absl::Duration delay);

  bool is_open() const { return open_; }
  // While open: when the next probe is due.
  absl::Time next_try_time() const { return next_try_; }
  // When it last opened or closed; InfinitePast before the first answer or failure.
  absl::Time state_time() const { return state_time_; }

 private:
  void OpenUntil(absl::Time now, absl::Time until);

  const Options options_;
  bool open_ = false;
  int failures_ = 0;
  // Openings since the last answer.
  int waits_ = 0;
  absl::Time next_try_ = absl::InfinitePast();
  bool answered_ = false;
  absl::Time state_time_ = absl::InfinitePast();
};

}  // namespace tthc::sync
