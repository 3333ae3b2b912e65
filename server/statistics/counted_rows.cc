#include "server/statistics/counted_rows.h"

#include <algorithm>

#include "server/statistics/counted_items.h"
#include "server/statistics/grouper.h"
#include "server/statistics/metric.h"

namespace tthc::server {
namespace {

// Calls visit(item, moment or nullptr) for everything that counts in one row.
template <typename Visit>
void VisitCounted(const FactColumns& columns, const ScanPlan& plan, size_t row, Visit visit) {
  if (!plan.filter.empty() && !plan.filter.Matches(columns, row)) return;
  // The two moments that a level may count at.
  const int64_t before = std::min(plan.bounds.front() - 1, plan.evaluated);
  const int64_t at_end = std::min(plan.bounds.back() - 1, plan.evaluated);
  for (const CountPart& part : FindMetric(plan.metrics.front())->parts) {
    VisitItems(columns, part.by, row, [&](const Interval& at, uint64_t word, const FactMoment* moment) {
      const int64_t evaluated = part.at_beginning ? before : at_end;
      const bool counts = IsLevel(part.by) ? at.begin <= evaluated && evaluated < at.end
                                           : plan.bounds.front() <= at.begin && at.begin <= at_end;
      if (counts && part.Holds(word)) visit(CountedItem{.row = row, .time = static_cast<uint32_t>(at.begin)}, moment);
    });
  }
}

}  // namespace

void ForEachCounted(const FactColumns& columns, const ScanPlan& plan, const std::vector<uint32_t>& codes,
                    const std::function<void(const CountedItem&)>& visit) {
  const Grouper grouper(columns, plan.groups);
  for (size_t row = 0; row < columns.size(); ++row) {
    VisitCounted(columns, plan, row, [&](const CountedItem& item, const FactMoment* moment) {
      // Of a step its own unit and officer are compared, as in the figure.
      for (size_t i = 0; i < codes.size(); ++i) {
        if (grouper.CodeOf(i, row, moment) != codes[i]) return;
      }
      visit(item);
    });
  }
}

int64_t CountRow(const FactColumns& columns, const ScanPlan& plan, size_t row) {
  int64_t count = 0;
  VisitCounted(columns, plan, row, [&](const CountedItem&, const FactMoment*) { ++count; });
  return count;
}

}  // namespace tthc::server
