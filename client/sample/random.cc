#include "client/sample/random.h"

#include "storage/base/check.h"

namespace tthc::sample {

int64_t Random::Between(int64_t low, int64_t high) {
  TTHC_CHECK(low <= high);
  const uint64_t span = static_cast<uint64_t>(high - low) + 1;
  // The remainder favors small numbers by less than one part in 2^40 for the spans used here, which no sample shows.
  return low + static_cast<int64_t>(engine_() % span);
}

double Random::Fraction() {
  // 53 bits are what a double holds.
  return static_cast<double>(engine_() >> 11) / static_cast<double>(uint64_t{1} << 53);
}

size_t Random::Weighted(const std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  TTHC_CHECK(sum > 0);
  double rest = Fraction() * sum;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (rest < weights[i]) return i;
    rest -= weights[i];
  }
  // Reached only if rounding has left a rest.
  return weights.size() - 1;
}

}  // namespace tthc::sample
