#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/fact_columns.h"
#include "server/service/metric.h"
#include "tthc/v1/statistics.pb.h"

// Figures from columns: one pass over the facts, however many metrics, groups and stretches of time. Pure; knows no
// wire, no clock and no lock.
namespace tthc::server {

// By what rows are told apart: a column of names, or a few bits of the traits.
struct GroupDimension {
  v1::GroupBy by = v1::GROUP_BY_UNSPECIFIED;
  // Codes that count as another one, such as an office's under its successor; empty = as they are.
  std::vector<uint16_t> counts_as = {};
};

// Which rows take part. An empty column of flags lets everything through; else flags by code.
struct ColumnFilter {
  struct Names {
    FactColumns::Name column = FactColumns::kOffice;
    std::vector<bool> wanted;
  };
  std::vector<Names> names;
  // Bits of v1::Channel and of v1::Outcome; 0 = any.
  uint8_t channels = 0;
  uint8_t outcomes = 0;

  bool empty() const { return names.empty() && channels == 0 && outcomes == 0; }
  bool Matches(const FactColumns& columns, size_t row) const;
};

// How a dossier stands with the targets that are owed its status.
enum class MirrorStanding : uint8_t {
  // No target is.
  kNotOwed,
  // Every one of them knows the newest.
  kConfirmed,
  kNotConfirmed,
};

struct ScanPlan {
  std::vector<v1::Metric> metrics = {};
  // At most limits::kStatisticsGroupingsMax, none of them a stretch of time.
  std::vector<GroupDimension> groups = {};
  // Unix seconds: beginnings of the stretches of time, then the end of the last one. At least two.
  std::vector<int64_t> bounds = {};
  // Nothing behind this second counts, and levels are judged no later.
  int64_t judged = 0;
  ColumnFilter filter = {};
  // Levels of a stretch that has not begun are those of the judged moment; else they have no value.
  bool levels_ahead = false;
  // By row, as of now; empty = there is no mirror, or it is not known. Rows behind its end are not owed.
  std::vector<MirrorStanding> mirror = {};
  // The judged moment is now, so that what the mirror knows is of that moment.
  bool judged_is_now = false;
  // A further condition on rows, if set.
  std::function<bool(size_t row)> also = nullptr;
};

struct Figure {
  // Unset = no value.
  std::optional<int64_t> count;
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  std::optional<double> mean;
  int64_t median = 0;
  int64_t p90 = 0;
  int64_t p99 = 0;
  int64_t unknown = 0;
};

struct ScanResult {
  struct Group {
    // One code a dimension.
    std::vector<uint32_t> codes;
    // By stretch of time, then by metric.
    std::vector<std::vector<Figure>> figures;
    bool is_empty = true;
  };
  // In the order in which they were met.
  std::vector<Group> groups;
  // Over all groups and the whole period.
  std::vector<Figure> total;
};

// INVALID_ARGUMENT TOO_MANY_GROUPS past limits::kStatisticsRowsMax rows. Every metric of the
// plan must be known.
absl::StatusOr<ScanResult> Scan(const FactColumns& columns, const ScanPlan& plan);

// Something that a figure counts.
struct CountedItem {
  size_t row = 0;
  // When it happened; of levels since when.
  uint32_t time = 0;
};

// Visits what the plan's one metric, a count, counts in its one stretch of time: in the group that has `codes`, or in
// all of them if empty; in the order of rows.
void ForEachCounted(const FactColumns& columns, const ScanPlan& plan, const std::vector<uint32_t>& codes,
                    const std::function<void(const CountedItem&)>& visit);

// How often one row counts in the plan's one metric.
int64_t CountRow(const FactColumns& columns, const ScanPlan& plan, size_t row);

}  // namespace tthc::server
