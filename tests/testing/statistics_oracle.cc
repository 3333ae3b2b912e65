#include "tests/testing/statistics_oracle.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "storage/base/local_time.h"

namespace tthc::testing {
namespace {

using v1::Metric;

absl::CivilDay CivilOf(int64_t seconds) { return absl::CivilDay(1970, 1, 1) + LocalDayOf(seconds); }
int64_t MidnightOf(absl::CivilDay day) { return (day - absl::CivilDay(1970, 1, 1)) * 86'400 - 7 * 3600; }

// --- Buckets of time -------------------------------------------------------------------------------------------------

bool BeginsBucket(v1::GroupBy group_by, v1::Period::Scheme scheme, absl::CivilDay day) {
  const bool reporting = scheme != v1::Period::SCHEME_CALENDAR;
  switch (group_by) {
    case v1::GROUP_BY_DAY:
      return true;
    case v1::GROUP_BY_WEEK:
      return absl::GetWeekday(day) == absl::Weekday::monday;
    case v1::GROUP_BY_MONTH:
      return day.day() == 1;
    case v1::GROUP_BY_QUARTER:
      return reporting ? day.day() == 15 && day.month() % 3 == 0 : day.day() == 1 && day.month() % 3 == 1;
    default:
      return reporting ? day.day() == 15 && day.month() == 12 : day.day() == 1 && day.month() == 1;
  }
}

bool IsTime(v1::GroupBy group_by) { return group_by >= v1::GROUP_BY_DAY; }

// Who held it when its due time passed; before that, and without one, who has it or had it last.
std::string ResponsibleUnitOf(const Life& life) {
  std::string unit;
  for (const LifeHold& hold : life.holds) {
    if (hold.from <= life.due()) unit = hold.unit;
  }
  return unit;
}

}  // namespace

std::vector<Bucket> BucketsOf(v1::GroupBy group_by, v1::Period::Scheme scheme, const Bucket& whole) {
  std::vector<Bucket> buckets = {whole};
  for (absl::CivilDay day = CivilOf(whole.from) + 1; MidnightOf(day) < whole.to; ++day) {
    if (!BeginsBucket(group_by, scheme, day)) continue;
    buckets.back().to = MidnightOf(day);
    buckets.push_back({.from = MidnightOf(day), .to = whole.to, .evaluated = 0});
  }
  for (Bucket& bucket : buckets) bucket.evaluated = std::min(bucket.to - 1, whole.evaluated);
  return buckets;
}

// --- Answers ---------------------------------------------------------------------------------------------------------

StatisticsOracle::StatisticsOracle(const RecordedHistory& history, int64_t revision, absl::Time time)
    : lives_(ReadLives(history, revision)), revision_(revision), time_(time) {
  for (const v1::Change& change : history.catalogue) {
    if (!change.has_office() || change.revision() > revision) continue;
    offices_[change.office().name()] = change.office();
  }
}

Bucket StatisticsOracle::WholeOf(const v1::Period& period) const {
  const int64_t to = period.end_time().seconds();
  return {.from = period.start_time().seconds(), .to = to, .evaluated = std::min(to - 1, absl::ToUnixSeconds(time_))};
}

std::vector<std::string> StatisticsOracle::OfficesOf(const std::string& office, bool keep_former,
                                                     int64_t period_end) const {
  const std::string last_day = absl::FormatCivilTime(CivilOf(period_end - 1));
  std::vector<std::string> chain = {office};
  while (!keep_former) {
    const auto found = offices_.find(chain.back());
    if (found == offices_.end() || found->second.successor().empty()) break;
    // On its last day it still works itself.
    if (found->second.end_date().empty() || found->second.end_date() >= last_day) break;
    chain.push_back(found->second.successor());
  }
  return chain;
}

bool StatisticsOracle::Fits(const v1::StatisticsFilter& filter, const Life& life, int64_t period_end) const {
  if (filter.ByteSizeLong() == 0) return true;
  const auto holds = [](const auto& wanted, const auto& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  };
  bool of_office = false;
  for (const std::string& office : OfficesOf(life.request.office(), filter.keep_former_offices(), period_end)) {
    of_office = of_office || holds(filter.offices(), office);
  }
  return of_office && holds(filter.units(), life.unit) && holds(filter.officers(), life.officer) &&
         holds(filter.fields(), life.field) && holds(filter.procedures(), life.request.procedure()) &&
         holds(filter.channels(), static_cast<int>(life.request.channel())) &&
         holds(filter.responsible_units(), ResponsibleUnitOf(life)) &&
         holds(filter.results(), static_cast<int>(life.outcome));
}

v1::StatisticsKey StatisticsOracle::KeyOf(v1::GroupBy group_by, const Hit& hit, const Bucket& bucket,
                                          const std::string& office) const {
  v1::StatisticsKey key;
  key.set_group_by(group_by);
  const Life& life = *hit.life;
  const auto name = [&]() -> std::string {
    switch (group_by) {
      case v1::GROUP_BY_OFFICE:
        return office;
      case v1::GROUP_BY_UNIT:
        return hit.unit;
      case v1::GROUP_BY_OFFICER:
        return hit.officer;
      case v1::GROUP_BY_FIELD:
        return life.field;
      case v1::GROUP_BY_PROCEDURE:
        return life.request.procedure();
      case v1::GROUP_BY_CHANNEL:
        return v1::Channel_Name(life.request.channel());
      case v1::GROUP_BY_RESULT:
        return v1::Outcome_Name(life.outcome);
      case v1::GROUP_BY_LATE_REASON:
        return life.late_reason;
      case v1::GROUP_BY_RESPONSIBLE_UNIT:
        return ResponsibleUnitOf(life);
      default:
        return absl::FormatCivilTime(CivilOf(bucket.from));
    }
  };
  key.set_name(name());
  if (IsTime(group_by)) {
    key.mutable_start_time()->set_seconds(bucket.from);
    key.mutable_end_time()->set_seconds(bucket.to);
  }
  return key;
}

std::vector<Hit> StatisticsOracle::AllHits(Metric metric, const Bucket& bucket, const v1::StatisticsFilter& filter,
                                           int64_t period_end) const {
  static const std::set<Metric> kOfSteps = {v1::METRIC_TIME_ACCEPTED, v1::METRIC_TIME_WITH_UNIT, v1::METRIC_STEPS_EARLY,
                                            v1::METRIC_STEPS_ON_TIME, v1::METRIC_STEPS_LATE};
  std::vector<Hit> all;
  for (const Life& life : lives_) {
    if (!Fits(filter, life, period_end)) continue;
    for (Hit& hit : HitsOf(metric, life, bucket)) {
      if (!kOfSteps.contains(metric)) {
        hit.unit = life.unit;
        hit.officer = life.officer;
      }
      all.push_back(std::move(hit));
    }
  }
  return all;
}

namespace {

using HitsByMetric = std::map<Metric, std::vector<Hit>>;

int64_t CountOf(const HitsByMetric& hits, Metric metric) {
  const auto found = hits.find(metric);
  return found == hits.end() ? 0 : static_cast<int64_t>(found->second.size());
}

// The smallest minute that at least so many percent do not exceed.
int64_t Percentile(const std::vector<int64_t>& sorted, int64_t percent) {
  const int64_t rank = (static_cast<int64_t>(sorted.size()) * percent + 99) / 100;
  return sorted[static_cast<size_t>(rank - 1)];
}

v1::StatisticsValue DistributionOf(const std::vector<Hit>& hits) {
  v1::StatisticsValue value;
  std::vector<int64_t> minutes;
  int64_t unknown = 0;
  for (const Hit& hit : hits) {
    if (hit.minutes >= 0) {
      minutes.push_back(hit.minutes);
    } else {
      ++unknown;
    }
  }
  value.set_count(static_cast<int64_t>(minutes.size()));
  value.set_unknown_count(unknown);
  if (minutes.empty()) return value;
  std::sort(minutes.begin(), minutes.end());
  int64_t sum = 0;
  for (const int64_t one : minutes) sum += one;
  value.set_mean_minutes(static_cast<double>(sum) / static_cast<double>(minutes.size()));
  value.set_median_minutes(Percentile(minutes, 50));
  value.set_p90_minutes(Percentile(minutes, 90));
  value.set_p99_minutes(Percentile(minutes, 99));
  return value;
}

v1::StatisticsValue ValueOf(Metric metric, const HitsByMetric& hits, const Bucket& bucket) {
  v1::StatisticsValue value;
  const bool is_ahead = bucket.from > bucket.evaluated;
  if (is_ahead && IsOfTheEnd(metric)) {
    // What has not begun has no last moment yet.
  } else if (IsShare(metric) && metric != v1::METRIC_SYNCHRONIZED_SHARE) {
    int64_t numerator = 0;
    int64_t denominator = 0;
    for (const Metric part : PartsOf(metric).numerators) numerator += CountOf(hits, part);
    for (const Metric part : PartsOf(metric).denominators) denominator += CountOf(hits, part);
    value.set_numerator(numerator);
    value.set_denominator(denominator);
    if (denominator > 0) value.set_percent(100.0 * static_cast<double>(numerator) / static_cast<double>(denominator));
  } else if (IsDistribution(metric)) {
    const auto found = hits.find(metric);
    value = DistributionOf(found == hits.end() ? std::vector<Hit>() : found->second);
  } else if (IsCount(metric)) {
    value.set_count(CountOf(hits, metric));
  }
  value.set_metric(metric);
  return value;
}

v1::StatisticsRow RowOf(const std::vector<v1::StatisticsKey>& keys, const HitsByMetric& hits, const Bucket& bucket,
                        const google::protobuf::RepeatedField<int>& metrics) {
  v1::StatisticsRow row;
  for (const v1::StatisticsKey& key : keys) *row.add_keys() = key;
  for (const int metric : metrics) *row.add_values() = ValueOf(static_cast<Metric>(metric), hits, bucket);
  return row;
}

// What has to be counted to answer for these.
std::set<Metric> CountedFor(const google::protobuf::RepeatedField<int>& metrics) {
  std::set<Metric> counted;
  for (const int number : metrics) {
    const auto metric = static_cast<Metric>(number);
    if (IsCount(metric) || IsDistribution(metric)) counted.insert(metric);
    const ShareParts parts = PartsOf(metric);
    counted.insert(parts.numerators.begin(), parts.numerators.end());
    counted.insert(parts.denominators.begin(), parts.denominators.end());
  }
  return counted;
}

}  // namespace

v1::QueryStatisticsResponse StatisticsOracle::Query(const v1::QueryStatisticsRequest& request) const {
  const Bucket whole = WholeOf(request.period());
  const bool former = request.filter().keep_former_offices();
  std::vector<v1::GroupBy> groups;
  std::vector<Bucket> buckets = {whole};
  for (const int number : request.group_by()) {
    groups.push_back(static_cast<v1::GroupBy>(number));
    if (IsTime(groups.back())) buckets = BucketsOf(groups.back(), request.period().scheme(), whole);
  }
  const auto keys_of = [&](const Hit& hit, const Bucket& bucket) {
    Keys keys;
    const std::string office = OfficesOf(hit.life->request.office(), former, whole.to).back();
    for (const v1::GroupBy group : groups) keys.push_back(KeyOf(group, hit, bucket, office));
    return keys;
  };
  struct Row {
    Keys keys;
    Bucket bucket;
    HitsByMetric hits;
  };
  // Names are enough to distinguish rows.
  std::map<std::vector<std::string>, Row> rows;
  const auto row_of = [&](const Hit& hit, const Bucket& bucket) -> Row& {
    const Keys keys = keys_of(hit, bucket);
    std::vector<std::string> names;
    for (const v1::StatisticsKey& key : keys) names.push_back(key.name());
    Row& row = rows[names];
    row.keys = keys;
    row.bucket = bucket;
    return row;
  };
  const Life empty;
  if (groups.size() == 1 && IsTime(groups[0])) {
    for (const Bucket& bucket : buckets) row_of({.life = &empty}, bucket);
  }
  HitsByMetric total;
  for (const Metric metric : CountedFor(request.metrics())) {
    total[metric] = AllHits(metric, whole, request.filter(), whole.to);
    for (const Bucket& bucket : buckets) {
      for (const Hit& hit : AllHits(metric, bucket, request.filter(), whole.to)) {
        row_of(hit, bucket).hits[metric].push_back(hit);
      }
    }
  }
  v1::QueryStatisticsResponse response;
  *response.mutable_basis()->mutable_period() = request.period();
  response.mutable_basis()->set_revision(revision_);
  *response.mutable_basis()->mutable_as_of_time() = ToProto(time_);
  response.mutable_basis()->mutable_evaluate_time()->set_seconds(whole.evaluated);
  if (!groups.empty()) {
    for (const auto& [names, row] : rows) {
      *response.add_rows() = RowOf(row.keys, row.hits, row.bucket, request.metrics());
    }
  }
  *response.mutable_total() = RowOf({}, total, whole, request.metrics());
  return response;
}

std::vector<Hit> StatisticsOracle::List(const v1::ListCountedDossiersRequest& request) const {
  const Bucket whole = WholeOf(request.period());
  std::vector<Bucket> buckets = {whole};
  for (const v1::StatisticsKey& key : request.keys()) {
    if (IsTime(key.group_by())) buckets = BucketsOf(key.group_by(), request.period().scheme(), whole);
  }
  std::vector<Hit> listed;
  for (const Bucket& bucket : buckets) {
    for (const Hit& hit : AllHits(request.metric(), bucket, request.filter(), whole.to)) {
      const bool former = request.filter().keep_former_offices();
      const std::string office = OfficesOf(hit.life->request.office(), former, whole.to).back();
      const bool fits = std::all_of(request.keys().begin(), request.keys().end(), [&](const v1::StatisticsKey& key) {
        return KeyOf(key.group_by(), hit, bucket, office).name() == key.name();
      });
      if (fits) listed.push_back(hit);
    }
  }
  return listed;
}

v1::Report06a StatisticsOracle::Report(const v1::ComputeReport06aRequest& request) const {
  v1::StatisticsFilter filter;
  if (!request.office().empty()) filter.add_offices(request.office());
  const Bucket whole = WholeOf(request.period());
  using Setter = void (v1::Report06aRow::*)(int64_t);
  using Getter = int64_t (v1::Report06aRow::*)() const;
  struct Column {
    Metric metric;
    Setter set;
    Getter get;
  };
  static constexpr Column kColumns[] = {
      {v1::METRIC_RECEIVED_ONLINE, &v1::Report06aRow::set_received_online_count,
       &v1::Report06aRow::received_online_count},
      {v1::METRIC_RECEIVED_AT_COUNTER, &v1::Report06aRow::set_received_direct_count,
       &v1::Report06aRow::received_direct_count},
      {v1::METRIC_RECEIVED_BY_POST, &v1::Report06aRow::set_received_direct_count,
       &v1::Report06aRow::received_direct_count},
      {v1::METRIC_CARRIED_OVER, &v1::Report06aRow::set_carried_over_count, &v1::Report06aRow::carried_over_count},
      {v1::METRIC_ENDED, &v1::Report06aRow::set_resolved_count, &v1::Report06aRow::resolved_count},
      {v1::METRIC_ENDED_EARLY_06A, &v1::Report06aRow::set_resolved_early_count,
       &v1::Report06aRow::resolved_early_count},
      {v1::METRIC_ENDED_ON_TIME_06A, &v1::Report06aRow::set_resolved_on_time_count,
       &v1::Report06aRow::resolved_on_time_count},
      {v1::METRIC_ENDED_LATE_06A, &v1::Report06aRow::set_resolved_late_count, &v1::Report06aRow::resolved_late_count},
      {v1::METRIC_OPEN, &v1::Report06aRow::set_open_count, &v1::Report06aRow::open_count},
      {v1::METRIC_OPEN_IN_TERM, &v1::Report06aRow::set_open_in_term_count, &v1::Report06aRow::open_in_term_count},
      {v1::METRIC_OPEN_OVERDUE, &v1::Report06aRow::set_open_overdue_count, &v1::Report06aRow::open_overdue_count},
      {v1::METRIC_RECEIVED, &v1::Report06aRow::set_received_count, &v1::Report06aRow::received_count},
      {v1::METRIC_CARRIED_OVER, &v1::Report06aRow::set_received_count, &v1::Report06aRow::received_count},
  };
  // By field, then by procedure; "" stands for the field itself.
  std::map<std::string, std::map<std::string, v1::Report06aRow>> rows;
  v1::Report06a report;
  report.set_office(request.office());
  for (const Column& column : kColumns) {
    const auto count = [&](v1::Report06aRow& row) { (row.*column.set)((row.*column.get)() + 1); };
    for (const Hit& hit : AllHits(column.metric, whole, filter, whole.to)) {
      count(*report.mutable_total());
      count(rows[hit.life->field][""]);
      if (request.by_procedure()) count(rows[hit.life->field][hit.life->request.procedure()]);
    }
  }
  int field_number = 0;
  for (auto& [field, procedures] : rows) {
    ++field_number;
    int number = 0;
    for (auto& [procedure, row] : procedures) {
      row.set_name(procedure.empty() ? field : procedure);
      row.set_number(procedure.empty() ? absl::StrCat(field_number) : absl::StrCat(field_number, ".", number));
      ++number;
      *report.add_rows() = std::move(row);
    }
  }
  return report;
}

}  // namespace tthc::testing
