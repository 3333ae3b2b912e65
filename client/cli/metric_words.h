#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/messages.h"
#include "tthc/v1/statistics.pb.h"

// The words that people type and read for the metrics of statistics; docs/statistics.md defines the metrics. A test
// fails if a metric of the API has no words. Immutable after the first use; thread-safe.
namespace tthc::cli {

// What a value of a metric is: a count over the period, a count at its end, a share, or a distribution of times.
enum class MetricKind { kInPeriod, kAtEnd, kShare, kDistribution };

// The words for one metric.
struct MetricWord {
  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  // Short enough for the head of a column.
  terminal::Text label;
  terminal::Text meaning;
};

// All metrics of the API, in its order.
const std::vector<MetricWord>& MetricWords();
// The label; for a metric that is newer than this program its name.
std::string MetricLabel(v1::Metric metric, terminal::Lang lang);
// Follows from the number of the metric, so that it is known for metrics newer than this program, too.
MetricKind KindOf(v1::Metric metric);

// "open_overdue": what is typed.
std::string MetricName(v1::Metric metric);
// All names, in the order of the API; for completion and suggestions.
std::vector<std::string> MetricNames();
// Case does not matter, and "-" may be written for "_". Otherwise a usage error at `field` that suggests a similar
// name.
absl::StatusOr<v1::Metric> ParseMetric(absl::string_view field, absl::string_view text);

}  // namespace tthc::cli
