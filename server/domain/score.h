#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/map.h"
#include "tthc/v1/statistics.pb.h"

// What a scheme of evaluation (bộ tiêu chí) comes to, from counts: points of Decision 766/QĐ-TTg and of Circular
// 01/2018/TT-VPCP, targets of a plan. docs/scoring.md has the formulas and their sources. Pure; thread-safe.
//
// Rounding. Decision 766: points are computed exactly and rounded to two decimals where they are written, the total
// from the exact ones. Circular 01/2018: each index is rounded to one decimal, the total is the sum of these, as its
// articles 13-15 say. Halves go up. Bands are those of the rounded total: what is printed is what is judged.
namespace tthc::domain {

using GivenPoints = google::protobuf::Map<std::string, double>;

// Counts by metric, and what shares divide. Not there, or there without a value, is not 0.
class MetricCounts {
 public:
  // Figures of several rows add up; one without a value leaves the metric without one.
  void Add(const v1::StatisticsValue& value);
  // Above and below the line of a ratio: a count is the same in both, a share its numerator and its denominator.
  std::optional<int64_t> Above(v1::Metric metric) const;
  std::optional<int64_t> Below(v1::Metric metric) const;

 private:
  struct Entry {
    std::optional<int64_t> above = 0;
    std::optional<int64_t> below = 0;
  };
  std::map<v1::Metric, Entry> entries_;
};

// What is known of an office, a unit or an officer in a period.
struct ScoreFacts {
  MetricCounts all;
  // Of dossiers that were sent in on-line alone, for PROCEDURES_ONLINE.
  MetricCounts online;
  // Procedures with a dossier received, and with one received on-line.
  int64_t procedures = 0;
  int64_t procedures_online = 0;
};

// INVALID_ARGUMENT FIELD_INVALID at `field`[id] unless every id is one of an indicator that people judge (GIVEN) and
// its points lie between 0 and its most.
absl::Status CheckGiven(absl::string_view field, const v1::Scheme& scheme, const GivenPoints& given);

// The score without subject, display_name and dossier_count. `scheme` is none of kind PLAN and passes CheckScheme;
// `given` passes CheckGiven.
v1::Score Evaluate(const v1::Scheme& scheme, const ScoreFacts& facts, const GivenPoints& given);

// One target of a plan: this period and the one before. `met` is unset while there is no value to judge by; a falling
// one is met at 0, a rising share at 100 %, whatever was before.
v1::PlanResult Compare(const v1::Indicator& indicator, const MetricCounts& now, const MetricCounts& before);

}  // namespace tthc::domain
