#include "server/statistics/distribution.h"

#include <algorithm>
#include <cstddef>

namespace tthc::server {
namespace {

using Iterator = std::vector<int32_t>::iterator;

// Ranks are found by a counting sort if no value is greater than this (minutes of some eleven weeks) ...
constexpr size_t kCountedValues = 1 << 16;
// ... and there are at least so many values; below, nth_element is faster than clearing and walking the table.
constexpr size_t kCountingMin = 1 << 15;

size_t IndexOfRank(size_t size, size_t percent) { return (size * percent + 99) / 100 - 1; }

// One pass over the values and one over the counts, however many values there are.
void RanksByCounting(Iterator begin, Iterator end, Figure& figure) {
  std::vector<uint32_t> counts(kCountedValues);
  for (Iterator value = begin; value != end; ++value) ++counts[static_cast<size_t>(*value)];
  const auto size = static_cast<size_t>(end - begin);
  size_t value = 0;
  size_t up_to = counts[0];
  const auto rank = [&](size_t percent) {
    while (up_to <= IndexOfRank(size, percent)) up_to += counts[++value];
    return static_cast<int64_t>(value);
  };
  figure.median = rank(50);
  figure.p90 = rank(90);
  figure.p99 = rank(99);
}

// In place, about three passes over ever fewer values.
void RanksByPartition(Iterator begin, Iterator end, Figure& figure) {
  // nth_element leaves nothing greater before the rank, so each search starts where the one before ended.
  size_t sorted = 0;
  const auto rank = [&](size_t percent) {
    const size_t index = IndexOfRank(static_cast<size_t>(end - begin), percent);
    std::nth_element(begin + static_cast<ptrdiff_t>(sorted), begin + static_cast<ptrdiff_t>(index), end);
    sorted = index;
    return int64_t{begin[static_cast<ptrdiff_t>(index)]};
  };
  figure.median = rank(50);
  figure.p90 = rank(90);
  figure.p99 = rank(99);
}

}  // namespace

void Distribute(Iterator begin, Iterator end, Figure& figure) {
  const auto size = static_cast<size_t>(end - begin);
  figure.count = static_cast<int64_t>(size);
  if (size == 0) return;
  int64_t sum = 0;
  int64_t greatest = 0;
  for (Iterator value = begin; value != end; ++value) {
    sum += *value;
    greatest = std::max<int64_t>(greatest, *value);
  }
  figure.mean = static_cast<double>(sum) / static_cast<double>(size);
  if (size >= kCountingMin && greatest < static_cast<int64_t>(kCountedValues)) {
    RanksByCounting(begin, end, figure);
  } else {
    RanksByPartition(begin, end, figure);
  }
}

}  // namespace tthc::server
