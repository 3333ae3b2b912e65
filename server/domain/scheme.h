#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/statistics.pb.h"

// Schemes of evaluation (bộ tiêu chí đánh giá): rules as data, with dates. What they come to is score.h. Pure;
// thread-safe.
namespace tthc::domain {

// Shares stand in an indicator for what they divide; distributions can't stand in one.
bool IsShareMetric(v1::Metric metric);
bool IsDistributionMetric(v1::Metric metric);

// INVALID_ARGUMENT FIELD_INVALID at `field` + what is wrong ("scheme.indicators[2].target"), unless the scheme is
// whole: texts and counts within limits.h, days that exist and do not run backwards, ids unique, metrics known and fit
// for where they stand, points and ratios neither negative nor beyond their most, steps and bands falling, and nothing
// set that its source or kind would not use.
absl::Status CheckScheme(absl::string_view field, const v1::Scheme& scheme);

// Every metric that evaluating the scheme needs, in the order of their numbers.
std::set<v1::Metric> MetricsOf(const v1::Scheme& scheme);

// Of the schemes of a kind that are in force on `day` (YYYY-MM-DD) and meant for all of `offices` (empty = for every
// office there is), the one that names offices before one that is for all, then the one of the latest valid_from, then
// of the last name; nullptr if there is none.
const v1::Scheme* SchemeInForce(const std::vector<const v1::Scheme*>& schemes, v1::Scheme::Kind kind,
                                absl::string_view day, const std::vector<std::string>& offices);

}  // namespace tthc::domain
