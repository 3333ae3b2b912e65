#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

//
// A sample is compared by its request ids when it is loaded again, so a change of these functions makes another sample
// of every seed. Good enough for invented data, and not for secrets.
namespace tthc::sample {

// Random numbers that are the same on every machine for the same seed, which the distributions of <random> do not
// promise. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // In [low, high].
  // Both ends are possible. `low` must not be greater than `high`.
  int64_t Between(int64_t low, int64_t high);
  // In [0, 1).
  double Fraction();
  // In [low, high).
  double Between(double low, double high) { return low + (high - low) * Fraction(); }
  // True with this probability; never for 0, always for 1.
  bool Chance(double probability) { return Fraction() < probability; }
  // Index of one of `weights`, which are not negative and not all zero.
  size_t Weighted(const std::vector<double>& weights);

  template <typename Container>
  // One of the values, each as likely as the others. `values` must not be empty.
  const auto& Pick(const Container& values) {
    return values[static_cast<size_t>(Between(int64_t{0}, static_cast<int64_t>(std::size(values)) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tthc::sample
