#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace tthc::testing {

// The seed of a randomized test: TTHC_TEST_SEED of the environment, else a new one. It is printed, so that a failure
// can be reproduced.
inline uint64_t TestSeed() {
  const char* given = std::getenv("TTHC_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "TTHC_TEST_SEED=" << seed << std::endl;
  return seed;
}

}  // namespace tthc::testing
