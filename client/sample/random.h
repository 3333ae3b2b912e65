#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace tthc::sample {

// Chance that comes out the same on every machine for the same seed: the distributions of <random> do not. Not
// thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // In [low, high].
  int64_t Between(int64_t low, int64_t high);
  // In [0, 1).
  double Fraction();
  double Between(double low, double high) { return low + (high - low) * Fraction(); }
  bool Chance(double probability) { return Fraction() < probability; }
  // Index of one of `weights`, which are not negative and not all zero.
  size_t Weighted(const std::vector<double>& weights);

  template <typename Container>
  const auto& Pick(const Container& values) {
    return values[static_cast<size_t>(Between(int64_t{0}, static_cast<int64_t>(std::size(values)) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tthc::sample
