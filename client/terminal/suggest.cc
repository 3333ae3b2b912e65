#include "client/terminal/suggest.h"

#include <algorithm>

namespace tthc::terminal {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // Optimal string alignment with three rows of the matrix: swaps look two rows back.
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string Suggest(absl::string_view typed, const std::vector<std::string>& candidates) {
  std::string best;
  // One more than any distance that is allowed. The first of equally near candidates wins.
  size_t best_distance = 3;
  for (const std::string& candidate : candidates) {
    // Short words are similar by chance, so they allow one error.
    const size_t allowed = std::min(size_t{2}, std::max(size_t{1}, candidate.size() / 3));
    const size_t distance = EditDistance(typed, candidate);
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace tthc::terminal
