#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/facts/fact_columns.h"
#include "server/statistics/statistics_scan.h"

// The list behind a figure: which rows a count counts, and since when.
//
// It visits the same items as the scan (counted_items.h) with the same conditions, so a list has exactly as many
// entries as its figure says; a property test compares the two. A row may count several times, for example once for
// each of its steps.
//
// Goes over all rows; takes as long as a scan of one metric. Pure: the caller keeps the columns from changing. Nothing
// fails. Thread-safe.
namespace tthc::server {

// Something that a figure counts.
struct CountedItem {
  // Dossier number - 1.
  size_t row = 0;
  // Unix second at which it happened; of a level, since when it holds.
  uint32_t time = 0;
};

// Visits what the plan's one metric, a count, counts in its one bucket: in the group that has `codes`, one for each
// dimension of the plan, or in all groups if `codes` is empty. In the order of rows.
void ForEachCounted(const FactColumns& columns, const ScanPlan& plan, const std::vector<uint32_t>& codes,
                    const std::function<void(const CountedItem&)>& visit);

// How often one row counts in the plan's one metric.
int64_t CountRow(const FactColumns& columns, const ScanPlan& plan, size_t row);

}  // namespace tthc::server
