#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/statistics.pb.h"

// Schemes of evaluation (bộ tiêu chí đánh giá): the rules of scores and plans as data, with the dates of their
// validity. score.h computes with them. Pure; thread-safe.
//
// Vocabulary:
//   indicator   one rule of a scheme: from which metrics its points, or its value in a plan, come.
//   share       a metric that is a ratio of two counts. An indicator uses its numerator or its denominator.
//   band        the grade from a number of points up, such as "Tốt".
//
// CheckScheme is the only gate: score.h relies on everything that it checks.
namespace tthc::domain {

// A share stands in an indicator for the counts that it divides. A distribution (a median or the like) can't stand in
// one, because those of several rows do not add up.
bool IsShareMetric(v1::Metric metric);
bool IsDistributionMetric(v1::Metric metric);

// OK if the scheme can be computed with: texts and counts within limits.h, existing days in order, unique ids, known
// metrics that fit their place, points and ratios within their ranges, steps and bands from the highest down, and
// nothing set that its source or kind does not use. Else INVALID_ARGUMENT FIELD_INVALID with the path from `field`,
// such as "scheme.indicators[2].target".
absl::Status CheckScheme(absl::string_view field, const v1::Scheme& scheme);

// Every metric that the scheme is computed from, in the order of their numbers.
std::set<v1::Metric> MetricsOf(const v1::Scheme& scheme);

// The scheme of a kind for a day (YYYY-MM-DD) and some offices (empty: all offices); nullptr if there is none. It is in
// force on the day and valid for each of the offices. Among several, one that names offices takes precedence over one
// for all, then the latest start_date, then the last name.
const v1::Scheme* SchemeInForce(const std::vector<const v1::Scheme*>& schemes, v1::Scheme::Kind kind,
                                absl::string_view day, const std::vector<std::string>& offices);

}  // namespace tthc::domain
