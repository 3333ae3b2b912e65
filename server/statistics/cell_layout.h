#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/statistics/metric.h"
#include "server/statistics/statistics_scan.h"

namespace tthc::server {

// Part of statistics_scan: where the counts of a plan lie in memory.
//
// Vocabulary:
// - cell: one int32 counter.
// - row of cells: all cells of one group, cells_per_group() of them.
// - run: the cells of one part of one metric within a row. It begins at the part's offset.
//
// A flow has a cell for each bucket. A level has a cell for each moment: the one before the first bucket, then the end
// of each bucket. While rows of the facts are scanned a level is kept as differences: plus one at the first moment at
// which it holds, minus one at the first moment at which it no longer does. So a dossier that is open over a thousand
// buckets costs two additions. SumLevels turns the differences into levels once the scan is over.
//
// A count that several metrics of a plan need, such as two shares of the same denominator, has its runs once.
//
// Immutable once built. Thread-safe.
class CellLayout {
 public:
  struct Part {
    CountPart part;
    // Where its run begins in a row of cells.
    size_t offset = 0;
  };

  // For the metrics of the plan and those that its shares are made of.
  explicit CellLayout(const ScanPlan& plan);

  // What has to be added up for everything that counts by `by`.
  const std::vector<Part>& parts_by(CountBy by) const { return parts_[static_cast<size_t>(by)]; }
  // The metrics that are made of durations; they have no cells.
  const std::vector<v1::Metric>& distributions() const { return distributions_; }
  // Of figures of the mirror: two cells for each bucket, a count, or numerator and denominator.
  const std::map<v1::Metric, size_t>& mirror_offsets() const { return mirror_offsets_; }
  size_t cells_per_group() const { return cells_per_group_; }
  size_t buckets() const { return buckets_; }
  // Unix seconds at which levels are taken: one more than buckets, rising, none after the evaluation.
  const std::vector<int64_t>& moments() const { return moments_; }

  // Turns the differences of one row of cells into levels. Once for each row, before Count.
  void SumLevels(int32_t* cells) const;

  // The count of a metric over buckets [first, last]: flows add up; of a level it is that at the end of the last one,
  // or at the beginning of the first one.
  int64_t Count(v1::Metric metric, const int32_t* cells, size_t first, size_t last) const;

  // Whether a part of the metric is a level at the end, which has no value for a bucket that has not begun.
  bool IsLevelAtEnd(v1::Metric metric) const;

 private:
  // Adds the parts of a metric, and of those that it is a share of; once.
  void Need(v1::Metric metric);

  const size_t buckets_;
  std::vector<int64_t> moments_;
  // By CountBy.
  std::array<std::vector<Part>, kCountByCount> parts_;
  // By metric: CountBy and index in parts_ of each of its parts.
  std::unordered_map<int, std::vector<std::pair<size_t, size_t>>> places_;
  std::vector<v1::Metric> distributions_;
  std::map<v1::Metric, size_t> mirror_offsets_;
  size_t cells_per_group_ = 0;
};

}  // namespace tthc::server
