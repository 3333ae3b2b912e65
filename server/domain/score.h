#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/map.h"
#include "tthc/v1/statistics.pb.h"

// Computes a scheme of evaluation (bộ tiêu chí) from counts: points of Decision 766/QĐ-TTg and of Circular
// 01/2018/TT-VPCP, targets of a plan. docs/scoring.md has the formulas and their sources. Pure; thread-safe.
//
// No value is never 0: a metric that has no value leaves its indicator without points, and the score says so. Nothing
// here fails but CheckGiven; the scheme passes CheckScheme, the given points pass CheckGiven.
//
// Rounding. Decision 766: points are computed exactly and rounded to two decimals where they are written, the total
// from the exact ones. Circular 01/2018 art. 13-15: each index is rounded to one decimal, and the total is the sum of
// the rounded ones. Halves go up. The band is that of the rounded total, so that the printed points explain it.
namespace tthc::domain {

// Points that people give, by the id of the indicator.
using GivenPoints = google::protobuf::Map<std::string, double>;

// Counts by metric; of a share, both of the counts that it divides. A metric that is absent or has no value is nullopt,
// not 0.
class MetricCounts {
 public:
  // Adds the figure of another row. One row without a value leaves the metric without one.
  void Add(const v1::StatisticsValue& value);
  // The count above or below the fraction bar: the same for a count, numerator and denominator for a share.
  std::optional<int64_t> Above(v1::Metric metric) const;
  std::optional<int64_t> Below(v1::Metric metric) const;

 private:
  struct Entry {
    std::optional<int64_t> above = 0;
    std::optional<int64_t> below = 0;
  };
  std::map<v1::Metric, Entry> entries_;
};

// The counts of one office, unit or officer in a period.
struct ScoreFacts {
  MetricCounts all;
  // Of the dossiers that were sent in online, for SOURCE_PROCEDURES_ONLINE.
  MetricCounts online;
  // Procedures of which a dossier was received, and of which one was received online.
  int64_t procedures = 0;
  int64_t procedures_online = 0;
};

// OK if every id is that of an indicator whose points people give (SOURCE_GIVEN) and the points are between 0 and its
// max_points; else INVALID_ARGUMENT FIELD_INVALID at `field`[id].
absl::Status CheckGiven(absl::string_view field, const v1::Scheme& scheme, const GivenPoints& given);

// The score, without subject, display_name and dossier_count, by a scheme of any kind but KIND_PLAN.
v1::Score Evaluate(const v1::Scheme& scheme, const ScoreFacts& facts, const GivenPoints& given);

// One target of a plan, from the counts of this period and of the one before. `met` is unset if there is no value to
// compare; a falling target is met at 0 and a rising share at 100 %, whatever the period before was.
v1::PlanResult Compare(const v1::Indicator& indicator, const MetricCounts& now, const MetricCounts& before);

}  // namespace tthc::domain
