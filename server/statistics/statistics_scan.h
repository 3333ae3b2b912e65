#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/facts/fact_columns.h"
#include "server/mirror/mirror_standing.h"
#include "tthc/v1/statistics.pb.h"

// Figures from columns: one pass over the facts, however many metrics, groups and buckets of time are asked for.
//
// Words:
// - row: a dossier, by its number less one.
// - metric: a figure of tthc.v1.Metric. metric.h says which rows, or moments of rows, each one counts.
// - flow: a count of what happens at a moment; it counts in the bucket that holds the moment.
// - level: a count of what holds over an interval; it counts at the end (or the beginning) of a bucket within it.
// - bucket: one of the intervals that the period is divided into; one bucket if figures are not grouped by time.
// - group: the rows that have one code in each dimension. A dimension is a column of names, or a few bits of the
// traits.
// - evaluation: the second that levels are taken at, at the latest. Nothing after it counts.
//
// The parts: cell_layout.h (where counts lie), grouper.h (which group a row is in), counted_items.h (when something
// counts), distribution.h (percentiles), period_scan.h (the fast way for one period). counted_rows.h lists what a
// figure counts.
//
// Pure: knows no wire, no clock and no lock. The caller keeps the columns from changing while it scans. Thread-safe.
namespace tthc::server {

// What rows are grouped by.
struct GroupDimension {
  v1::GroupBy by = v1::GROUP_BY_UNSPECIFIED;
  // By code, the code that it counts as, such as an office's successor. Empty: each counts as itself.
  std::vector<uint16_t> counts_as = {};
};

// Which rows take part: those that meet every condition.
struct ColumnFilter {
  struct Names {
    FactColumns::Name column = FactColumns::kOffice;
    // By code; codes behind the end are not wanted.
    std::vector<bool> wanted;
  };
  std::vector<Names> names;
  // One bit for each v1::Channel, and for each v1::Outcome. 0: any.
  uint8_t channels = 0;
  uint8_t outcomes = 0;

  // Everything passes.
  bool empty() const { return names.empty() && channels == 0 && outcomes == 0; }
  bool Matches(const FactColumns& columns, size_t row) const;
};

struct ScanPlan {
  // Known to FindMetric, each once.
  std::vector<v1::Metric> metrics = {};
  // At most limits::kStatisticsGroupingsMax, none of them a bucket of time.
  std::vector<GroupDimension> groups = {};
  // Unix seconds: the beginnings of the buckets, rising, then the end of the last one. At least two.
  std::vector<int64_t> bounds = {};
  // Unix second of the evaluation.
  int64_t evaluated = 0;
  ColumnFilter filter = {};
  // What the level of a bucket that begins after the evaluation is: that of the evaluation, or no value.
  bool levels_ahead = false;
  // By row, as of now; rows behind the end are excluded. Empty: there is no mirror, or nothing is known of it, and its
  // figures have no value.
  std::vector<MirrorStanding> mirror = {};
  // Whether the evaluation is now, the only moment at which the mirror's standings are known.
  bool evaluated_now = false;
  // A further condition that rows have to meet, if set.
  std::function<bool(size_t row)> predicate = nullptr;
};

// One figure. Which members are set depends on the kind of the metric; an unset one has no value, which is not 0.
struct Figure {
  // Of a count; of a distribution the number of values.
  std::optional<int64_t> count;
  // Of a share.
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  // Of a distribution, in minutes. The percentiles mean nothing unless the mean is set.
  std::optional<double> mean;
  int64_t median = 0;
  int64_t p90 = 0;
  int64_t p99 = 0;
  // Of a distribution: values that were left out since they are not known.
  int64_t unknown = 0;
};

struct ScanResult {
  struct Group {
    // One for each dimension.
    std::vector<uint32_t> codes;
    // By bucket, then by metric.
    std::vector<std::vector<Figure>> figures;
    // Every figure of it is 0 or has no value.
    bool is_empty = true;
  };
  // In the order in which rows of them were met.
  std::vector<Group> groups;
  // By metric: over all groups and the whole period. Shares and percentiles are computed from all rows, not averaged.
  std::vector<Figure> total;
};

// Computes the figures of `plan`. Takes time in proportion to rows, metrics and moments. What is asked most (counts of
// one period by one grouping) is answered by PeriodScan, in a fraction of the time and with the same figures.
// INVALID_ARGUMENT TOO_MANY_GROUPS past limits::kStatisticsRowsMax combinations of group and bucket: it is found while
// scanning, before the memory for more is taken.
absl::StatusOr<ScanResult> Scan(const FactColumns& columns, const ScanPlan& plan);

}  // namespace tthc::server
