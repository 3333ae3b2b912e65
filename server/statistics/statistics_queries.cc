#include "server/statistics/statistics_queries.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "server/timing/period.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Members without a value stay unset, which is not 0. A share of nothing has its counts and no percent.
v1::StatisticsValue ToValue(v1::Metric metric, const Figure& figure) {
  v1::StatisticsValue value;
  value.set_metric(metric);
  if (figure.count.has_value()) value.set_count(*figure.count);
  if (figure.numerator.has_value() && figure.denominator.has_value()) {
    value.set_numerator(*figure.numerator);
    value.set_denominator(*figure.denominator);
    if (*figure.denominator > 0) {
      value.set_percent(100.0 * static_cast<double>(*figure.numerator) / static_cast<double>(*figure.denominator));
    }
  }
  if (figure.mean.has_value()) {
    value.set_mean_minutes(*figure.mean);
    value.set_median_minutes(figure.median);
    value.set_p90_minutes(figure.p90);
    value.set_p99_minutes(figure.p99);
  }
  value.set_unknown_count(figure.unknown);
  return value;
}

// Rows are ordered by the names of their keys.
std::vector<std::string> SortKey(const v1::StatisticsRow& row) {
  std::vector<std::string> names;
  for (const v1::StatisticsKey& key : row.keys()) names.push_back(key.name());
  return names;
}

// Buckets are named by their first day, which is also what lists behind figures are asked by. Cut to the period, the
// first bucket may begin later than its kind does.
v1::StatisticsKey TimeKey(v1::GroupBy by, int64_t from, int64_t to) {
  v1::StatisticsKey key;
  key.set_group_by(by);
  key.set_name(FormatIsoDate(LocalCivilDay(absl::FromUnixSeconds(from))));
  key.mutable_start_time()->set_seconds(from);
  key.mutable_end_time()->set_seconds(to);
  return key;
}

}  // namespace

absl::StatusOr<v1::QueryStatisticsResponse> StatisticsQueries::Compute(const v1::QueryStatisticsRequest& request,
                                                                       LevelsAhead ahead, absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckMetrics(request.metrics()));
  TTHC_RETURN_IF_ERROR(CheckGroupings(request.group_by()));
  TTHC_RETURN_IF_ERROR(CheckFilter(*sources_.catalogue->Get(), request.filter()));
  TTHC_ASSIGN_OR_RETURN(const QueryContext context,
                        QueryContext::Make(sources_, request.period(), request.as_of(), now));
  ScanPlan plan;
  plan.evaluated = context.evaluated();
  plan.levels_ahead = ahead == LevelsAhead::kOfEvaluation;
  for (const int metric : request.metrics()) plan.metrics.push_back(static_cast<v1::Metric>(metric));
  // Without a grouping by time the period is the one bucket.
  const auto by_time = std::find_if(request.group_by().begin(), request.group_by().end(), IsTimeBucket);
  if (by_time == request.group_by().end()) {
    plan.bounds.push_back(absl::ToUnixSeconds(context.period().from));
  } else {
    for (const absl::Time start : timing::BucketStarts(static_cast<v1::GroupBy>(*by_time), context.period().scheme,
                                                       context.period().from, context.period().to)) {
      plan.bounds.push_back(absl::ToUnixSeconds(start));
    }
  }
  plan.bounds.push_back(absl::ToUnixSeconds(context.period().to));

  // Before the facts are locked: the mirror has a lock of its own.
  context.AddMirror(plan);

  v1::QueryStatisticsResponse response;
  const auto to_row = [&](const FactIndex::View& facts, const ScanResult::Group& group, size_t bucket) {
    v1::StatisticsRow row;
    size_t next = 0;
    for (const int by : request.group_by()) {
      *row.add_keys() = IsTimeBucket(by)
                            ? TimeKey(static_cast<v1::GroupBy>(by), plan.bounds[bucket], plan.bounds[bucket + 1])
                            : context.ToKey(facts, static_cast<v1::GroupBy>(by), group.codes[next++], request.filter());
    }
    for (size_t i = 0; i < plan.metrics.size(); ++i) {
      *row.add_values() = ToValue(plan.metrics[i], group.figures[bucket][i]);
    }
    return row;
  };
  // Names are translated under the same lock as the scan, so that codes and names belong together.
  TTHC_RETURN_IF_ERROR(context.WithFacts([&](const FactIndex::View& facts) -> absl::Status {
    for (const int by : request.group_by()) {
      if (IsTimeBucket(by)) continue;
      plan.groups.push_back(context.ToDimension(facts, static_cast<v1::GroupBy>(by), request.filter()));
    }
    plan.filter = context.ToColumnFilter(facts, request.filter());
    TTHC_ASSIGN_OR_RETURN(const ScanResult result, Scan(facts.columns, plan));
    *response.mutable_basis() = context.ToBasis(facts.revision);
    for (size_t i = 0; i < plan.metrics.size(); ++i) {
      *response.mutable_total()->add_values() = ToValue(plan.metrics[i], result.total[i]);
    }
    if (request.group_by().empty()) return absl::OkStatus();
    for (const ScanResult::Group& group : result.groups) {
      // Buckets of time are all there, empty ones too; other groups only if they have something.
      if (group.is_empty && !plan.groups.empty()) continue;
      for (size_t bucket = 0; bucket + 1 < plan.bounds.size(); ++bucket) {
        *response.add_rows() = to_row(facts, group, bucket);
      }
    }
    return absl::OkStatus();
  }));
  std::stable_sort(response.mutable_rows()->begin(), response.mutable_rows()->end(),
                   [](const v1::StatisticsRow& a, const v1::StatisticsRow& b) { return SortKey(a) < SortKey(b); });
  return response;
}

}  // namespace tthc::server
