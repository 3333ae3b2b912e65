#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace tthc {

// How long to wait before a failed call is tried again: exponential backoff with full jitter. The n-th wait, counted
// from 1, is random between zero and first · 2^(n-1), capped at `max`. Clients that failed at the same moment then come
// back spread over the whole interval, not all at once. `uniform` is drawn from [0, 1). Pure.
inline absl::Duration FullJitter(absl::Duration first, absl::Duration max, int n, double uniform) {
  absl::Duration ceiling = first;
  for (int i = 1; i < n && ceiling < max; ++i) ceiling *= 2;
  return std::min(ceiling, max) * uniform;
}

}  // namespace tthc
