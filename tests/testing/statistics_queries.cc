#include "tests/testing/statistics_queries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "storage/base/local_time.h"
#include "tests/testing/sample_catalogue.h"

namespace tthc::testing {
namespace {

std::string TextOf(const v1::StatisticsValue& value) {
  std::string text;
  if (value.has_count()) absl::StrAppend(&text, " count=", value.count());
  if (value.has_numerator()) absl::StrAppend(&text, " ", value.numerator(), "/", value.denominator());
  if (value.has_percent()) absl::StrAppendFormat(&text, " %.9f%%", value.percent());
  if (value.has_mean_minutes()) absl::StrAppendFormat(&text, " mean=%.9f", value.mean_minutes());
  if (value.has_median_minutes()) absl::StrAppend(&text, " median=", value.median_minutes());
  if (value.has_p90_minutes()) absl::StrAppend(&text, " p90=", value.p90_minutes());
  if (value.has_p99_minutes()) absl::StrAppend(&text, " p99=", value.p99_minutes());
  if (value.unknown_count() != 0) absl::StrAppend(&text, " unknown=", value.unknown_count());
  return text;
}

bool SaysSomething(const v1::StatisticsValue& value) {
  return value.count() != 0 || value.denominator() != 0 || value.unknown_count() != 0;
}

void AddLines(const v1::StatisticsRow& row, bool with_empty, std::vector<std::string>& lines) {
  std::string keys;
  for (const v1::StatisticsKey& key : row.keys()) {
    absl::StrAppend(
        &keys, "[", v1::GroupBy_Name(key.group_by()), " \"", key.name(), "\" ",
        key.has_start_time() ? absl::StrCat(key.start_time().seconds(), "..", key.end_time().seconds()) : "", "] ");
  }
  for (const v1::StatisticsValue& value : row.values()) {
    if (!with_empty && !SaysSomething(value)) continue;
    lines.push_back(absl::StrCat(keys, v1::Metric_Name(value.metric()), TextOf(value)));
  }
}

const std::vector<std::string>& Presets() {
  static const auto* const kAllQueries =
      new std::vector<std::string>{"q1/2026", "q2/2026", "q3/2026", "q4/2026",  "h1/2026",  "h2/2026",     "2026",
                                   "m6/2026", "m7/2026", "m8/2026", "w27/2026", "w36/2026", "d25/08/2026", "m12/2026"};
  return *kAllQueries;
}

}  // namespace

std::vector<std::string> LinesOf(const v1::QueryStatisticsResponse& response) {
  std::vector<std::string> lines;
  for (const v1::StatisticsRow& row : response.rows()) AddLines(row, false, lines);
  lines.emplace_back("total");
  AddLines(response.total(), true, lines);
  return lines;
}

std::vector<std::string> LinesOf(const v1::Report06a& report) {
  std::vector<std::string> lines;
  const auto add = [&](const v1::Report06aRow& row) {
    const int64_t columns[] = {row.received_count(),         row.received_online_count(), row.received_direct_count(),
                               row.carried_over_count(),     row.resolved_count(),        row.resolved_early_count(),
                               row.resolved_on_time_count(), row.resolved_late_count(),   row.open_count(),
                               row.open_in_term_count(),     row.open_overdue_count()};
    lines.push_back(absl::StrCat(row.number(), "|", row.name(), "|", absl::StrJoin(columns, "|")));
  };
  for (const v1::Report06aRow& row : report.rows()) add(row);
  add(report.total());
  return lines;
}

::testing::AssertionResult Same(const std::vector<std::string>& expected, const std::vector<std::string>& answered) {
  if (expected == answered) return ::testing::AssertionSuccess();
  std::vector<std::string> left = expected;
  std::vector<std::string> right = answered;
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(missing));
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(extra));
  ::testing::AssertionResult failure = ::testing::AssertionFailure();
  if (missing.empty() && extra.empty()) failure << "the same lines in another order";
  for (const std::string& line : missing) failure << "\n- " << line;
  for (const std::string& line : extra) failure << "\n+ " << line;
  return failure;
}

v1::Period RandomQuestions::Period() {
  v1::Period period;
  if (year_.Chance(50)) period.set_scheme(v1::Period::SCHEME_CALENDAR);
  if (year_.Chance(30)) {
    period.set_preset(year_.Pick(Presets()));
    return period;
  }
  const auto time = [&] {
    const absl::Time near = year_.AnyOccurTime();
    if (year_.Chance(40)) return LocalMidnight(LocalDayNumber(near));
    // What happened in the first second counts, in the second after the last it does not.
    if (year_.Chance(50)) return near + absl::Seconds(year_.Number(-1, 1));
    return near + absl::Minutes(year_.Number(-30'000, 30'000));
  };
  absl::Time from = time();
  absl::Time to = time();
  if (to < from) std::swap(from, to);
  if (from == to) to += absl::Seconds(1);
  *period.mutable_start_time() = ToProto(from);
  *period.mutable_end_time() = ToProto(to);
  return period;
}

std::vector<v1::GroupBy> RandomQuestions::Groupings() {
  std::vector<v1::GroupBy> groups;
  const int64_t count = year_.Chance(15) ? 0 : year_.Chance(60) ? 1 : year_.Number(2, 3);
  bool has_time = false;
  while (static_cast<int64_t>(groups.size()) < count) {
    const auto group = static_cast<v1::GroupBy>(year_.Number(1, v1::GroupBy_MAX));
    const bool is_time = group >= v1::GROUP_BY_DAY;
    if (std::find(groups.begin(), groups.end(), group) != groups.end() || (is_time && has_time)) continue;
    has_time = has_time || is_time;
    groups.push_back(group);
  }
  return groups;
}

std::vector<v1::Metric> RandomQuestions::Metrics() {
  const std::vector<v1::Metric> all = AllMetrics();
  if (year_.Chance(60)) return all;
  std::vector<v1::Metric> some;
  for (int64_t count = year_.Number(1, 4); count > 0; --count) {
    const v1::Metric metric = year_.Pick(all);
    if (std::find(some.begin(), some.end(), metric) == some.end()) some.push_back(metric);
  }
  return some;
}

v1::StatisticsFilter RandomQuestions::Filter() {
  v1::StatisticsFilter filter;
  const std::vector<std::string> offices = {kOffice, kOtherOffice, kClosedOffice};
  const std::vector<std::string> units = {kJusticeUnit, kLandUnit, kOtherUnit, kCounterUnit};
  filter.set_keep_former_offices(year_.Chance(40));
  if (year_.Chance(50)) return filter;
  if (year_.Chance(30)) filter.add_offices(year_.Pick(offices));
  if (year_.Chance(20)) filter.add_units(year_.Pick(units));
  if (year_.Chance(10)) filter.add_officers(kJusticeOfficer);
  if (year_.Chance(25)) filter.add_fields(year_.Chance(50) ? "fields/ho-tich" : "fields/dat-dai");
  if (year_.Chance(25)) filter.add_procedures(kThreeDays);
  if (year_.Chance(10)) filter.add_procedures(kNoLimit);
  if (year_.Chance(25)) filter.add_channels(static_cast<v1::Channel>(year_.Number(1, 3)));
  if (year_.Chance(15)) filter.add_responsible_units(year_.Pick(units));
  if (year_.Chance(20)) filter.add_results(static_cast<v1::Outcome>(year_.Number(1, v1::Outcome_MAX)));
  if (year_.Chance(10)) filter.add_results(v1::OUTCOME_OPEN);
  return filter;
}

v1::AsOf RandomQuestions::AsOf(absl::Time now) {
  v1::AsOf as_of;
  const int64_t first = history_.dossiers.front().front().revision();
  if (year_.Chance(50)) return as_of;
  const int64_t revision = year_.Number(first, history_.head_revision());
  const absl::Time recorded = history_.record_times.at(revision);
  if (year_.Chance(60)) as_of.set_revision(revision);
  if (as_of.revision() == 0 || year_.Chance(40)) {
    absl::Time time = recorded + absl::Minutes(year_.Chance(50) ? 0 : year_.Number(0, 20'000));
    // How things stood, as it is known since.
    if (as_of.revision() != 0 && year_.Chance(40)) time = recorded - absl::Minutes(year_.Number(0, 60'000));
    *as_of.mutable_time() = ToProto(std::min(time, now));
  }
  return as_of;
}

v1::QueryStatisticsRequest RandomQuestions::Query(absl::Time now) {
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = Period();
  for (const v1::Metric metric : Metrics()) request.add_metrics(metric);
  for (const v1::GroupBy group : Groupings()) request.add_group_by(group);
  *request.mutable_filter() = Filter();
  const v1::AsOf as_of = AsOf(now);
  if (as_of.revision() != 0 || as_of.has_time()) *request.mutable_as_of() = as_of;
  return request;
}

StatisticsOracle OracleFor(const RecordedHistory& history, const v1::AsOf& as_of, absl::Time now) {
  int64_t revision = as_of.revision();
  if (revision == 0) {
    revision = as_of.has_time() ? history.RevisionAt(FromProto(as_of.time())) : history.head_revision();
  }
  absl::Time time = now;
  if (as_of.revision() != 0) time = history.record_times.at(revision);
  if (as_of.has_time()) time = FromProto(as_of.time());
  return {history, revision, time};
}

}  // namespace tthc::testing
