#pragma once

#include <algorithm>
#include <cstdlib>

namespace tthc::testing {

// How many random cases a long test runs where `full` are wanted: the environment's TTHC_TEST_AMOUNT in percent, else
// all of them, and a tenth under a sanitizer, which makes each many times slower. At least one.
inline int Amount(int full) {
#ifdef TTHC_SANITIZED
  int percent = 10;
#else
  int percent = 100;
#endif
  if (const char* given = std::getenv("TTHC_TEST_AMOUNT"); given != nullptr) percent = std::atoi(given);
  return static_cast<int>(std::max<long>(1, static_cast<long>(full) * percent / 100));
}

}  // namespace tthc::testing
