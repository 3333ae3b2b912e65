#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/messages.h"
#include "tthc/v1/statistics.pb.h"

// The words that people type and read for the metrics of statistics. What each means is settled in docs/statistics.md.
namespace tthc::cli {

// What a value of it holds.
enum class MetricKind { kInPeriod, kAtEnd, kShare, kDistribution };

struct MetricWord {
  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  // Short enough for the head of a column.
  Text label;
  Text meaning;
};

// All metrics of the API, in its order.
const std::vector<MetricWord>& MetricWords();
// Of any metric but METRIC_UNSPECIFIED and those newer than this program, which have their name for a label.
std::string MetricLabel(v1::Metric metric, Lang lang);
MetricKind KindOf(v1::Metric metric);

// "open_overdue": what is typed.
std::string MetricName(v1::Metric metric);
std::vector<std::string> MetricNames();
// Case and "-" for "_" don't matter. Usage error at `field` that suggests metrics of a similar name.
absl::StatusOr<v1::Metric> ParseMetric(absl::string_view field, absl::string_view text);

}  // namespace tthc::cli
