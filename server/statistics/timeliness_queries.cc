#include "server/statistics/timeliness_queries.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <vector>

#include "server/facts/display_names.h"
#include "server/statistics/statistics_scan.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// ToTimelinessRow reads the figures in this order.
constexpr v1::Metric kSummaryMetrics[] = {
    v1::METRIC_RECEIVED,          v1::METRIC_RECEIVED_ONLINE, v1::METRIC_CARRIED_OVER, v1::METRIC_ENDED_EARLY_06A,
    v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A,  v1::METRIC_OPEN_IN_TERM, v1::METRIC_OPEN_OVERDUE};

// A summary is a short table: no buckets of time, and nothing that QueryStatistics shows better.
bool IsSummaryGrouping(int group_by) {
  switch (group_by) {
    case v1::GROUP_BY_UNSPECIFIED:
    case v1::GROUP_BY_FIELD:
    case v1::GROUP_BY_PROCEDURE:
    case v1::GROUP_BY_OFFICE:
    case v1::GROUP_BY_UNIT:
    case v1::GROUP_BY_OFFICER:
    case v1::GROUP_BY_CHANNEL:
      return true;
    default:
      return false;
  }
}

// Rounded to two decimals, once and at the end: sums and comparisons use the counts.
double Percent(int64_t part, int64_t whole) {
  return std::round(10'000.0 * static_cast<double>(part) / static_cast<double>(whole)) / 100.0;
}

// The figures are counts, in the order of kSummaryMetrics; nothing of them is without a value.
v1::TimelinessRow ToTimelinessRow(const std::vector<Figure>& figures) {
  const auto count = [&](size_t i) { return figures[i].count.value_or(0); };
  v1::TimelinessRow row;
  row.set_received_count(count(0));
  row.set_received_online_count(count(1));
  row.set_carried_over_count(count(2));
  row.set_ended_early_count(count(3));
  row.set_ended_on_time_count(count(4));
  row.set_ended_late_count(count(5));
  row.set_open_in_term_count(count(6));
  row.set_open_overdue_count(count(7));
  const int64_t in_time = count(3) + count(4);
  const int64_t ended = in_time + count(5);
  if (ended > 0) row.set_on_time_percent(Percent(in_time, ended));
  return row;
}

}  // namespace

absl::StatusOr<v1::TimelinessSummary> TimelinessQueries::Summarize(const v1::SummarizeTimelinessRequest& request,
                                                                   absl::Time now) const {
  const absl::Time from = FromProto(request.start_time());
  const absl::Time to = FromProto(request.end_time());
  if (from >= to) return InvalidField("end_time", "must lie after start_time", "phải sau thời điểm bắt đầu");
  TTHC_ASSIGN_OR_RETURN(const FactFilter filter, to_fact_filter_(request.filter(), now));
  // The period's last moment, or now if it still runs.
  const absl::Time evaluated = std::min(to - absl::Seconds(1), now);
  if (!IsSummaryGrouping(request.group_by())) {
    return InvalidField("group_by", "must be FIELD, PROCEDURE, OFFICE, UNIT, OFFICER or CHANNEL",
                        "phải là FIELD, PROCEDURE, OFFICE, UNIT, OFFICER hoặc CHANNEL");
  }
  ScanPlan plan;
  plan.metrics.assign(std::begin(kSummaryMetrics), std::end(kSummaryMetrics));
  plan.bounds = {absl::ToUnixSeconds(from), absl::ToUnixSeconds(to)};
  plan.evaluated = absl::ToUnixSeconds(evaluated);
  const v1::GroupBy group_by = request.group_by();
  if (group_by != v1::GROUP_BY_UNSPECIFIED) plan.groups.push_back({.by = group_by});
  v1::TimelinessSummary summary;
  absl::Status status;
  index_.ReadMatching(filter, [&](const FactIndex::View& facts, const std::function<bool(size_t)>& matches) {
    // Without a filter the scan may take its fast way, which a predicate excludes.
    if (!filter.empty()) plan.predicate = matches;
    const absl::StatusOr<ScanResult> result = Scan(facts.columns, plan);
    status = result.status();
    if (!status.ok()) return;
    summary.set_revision(facts.revision);
    *summary.mutable_total() = ToTimelinessRow(result->total);
    for (const ScanResult::Group& group : result->groups) {
      if (plan.groups.empty() || group.is_empty) continue;
      v1::TimelinessRow& row = *summary.add_rows();
      row = ToTimelinessRow(group.figures[0]);
      row.set_group(GroupName(facts, group_by, group.codes[0]));
      if (group_by != v1::GROUP_BY_CHANNEL) row.set_display_name(DisplayNameOf(*catalogue_.Get(), row.group()));
    }
  });
  TTHC_RETURN_IF_ERROR(status);
  std::sort(summary.mutable_rows()->begin(), summary.mutable_rows()->end(),
            [](const v1::TimelinessRow& a, const v1::TimelinessRow& b) { return a.group() < b.group(); });
  *summary.mutable_evaluate_time() = ToProto(evaluated);
  return summary;
}

}  // namespace tthc::server
