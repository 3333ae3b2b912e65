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

// --- Stretches of time -----------------------------------------------------------------------------------------------

bool BeginsStretch(v1::GroupBy group_by, v1::Period::Scheme scheme, absl::CivilDay day) {
  const bool reporting = scheme != v1::Period::CALENDAR;
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

std::vector<Stretch> StretchesOf(v1::GroupBy group_by, v1::Period::Scheme scheme, const Stretch& whole) {
  std::vector<Stretch> stretches = {whole};
  for (absl::CivilDay day = CivilOf(whole.from) + 1; MidnightOf(day) < whole.to; ++day) {
    if (!BeginsStretch(group_by, scheme, day)) continue;
    stretches.back().to = MidnightOf(day);
    stretches.push_back({.from = MidnightOf(day), .to = whole.to, .judged = 0});
  }
  for (Stretch& stretch : stretches) stretch.judged = std::min(stretch.to - 1, whole.judged);
  return stretches;
}

// --- Answers ---------------------------------------------------------------------------------------------------------

StatisticsOracle::StatisticsOracle(const RecordedHistory& history, int64_t revision, absl::Time time)
    : lives_(ReadLives(history, revision)), revision_(revision), time_(time) {
  for (const v1::Change& change : history.catalogue) {
    if (!change.has_office() || change.revision() > revision) continue;
    offices_[change.office().name()] = change.office();
  }
}

Stretch StatisticsOracle::WholeOf(const v1::Period& period) const {
  const int64_t to = period.to_time().seconds();
  return {.from = period.from_time().seconds(), .to = to, .judged = std::min(to - 1, absl::ToUnixSeconds(time_))};
}

std::vector<std::string> StatisticsOracle::OfficesOf(const std::string& office, bool keep_former,
                                                     int64_t period_end) const {
  const std::string last_day = absl::FormatCivilTime(CivilOf(period_end - 1));
  std::vector<std::string> chain = {office};
  while (!keep_former) {
    const auto found = offices_.find(chain.back());
    if (found == offices_.end() || found->second.successor().empty()) break;
    // On its last day it still works itself.
    if (found->second.valid_to().empty() || found->second.valid_to() >= last_day) break;
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

v1::StatisticsKey StatisticsOracle::KeyOf(v1::GroupBy group_by, const Hit& hit, const Stretch& stretch,
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
        return absl::FormatCivilTime(CivilOf(stretch.from));
    }
  };
  key.set_name(name());
  if (IsTime(group_by)) {
    key.mutable_from_time()->set_seconds(stretch.from);
    key.mutable_to_time()->set_seconds(stretch.to);
  }
  return key;
}

std::vector<Hit> StatisticsOracle::AllHits(Metric metric, const Stretch& stretch, const v1::StatisticsFilter& filter,
                                           int64_t period_end) const {
  static const std::set<Metric> kOfSteps = {v1::METRIC_TIME_ACCEPTED, v1::METRIC_TIME_WITH_UNIT, v1::METRIC_STEPS_EARLY,
                                            v1::METRIC_STEPS_ON_TIME, v1::METRIC_STEPS_LATE};
  std::vector<Hit> all;
  for (const Life& life : lives_) {
    if (!Fits(filter, life, period_end)) continue;
    for (Hit& hit : HitsOf(metric, life, stretch)) {
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

v1::StatisticsValue ValueOf(Metric metric, const HitsByMetric& hits, const Stretch& stretch) {
  v1::StatisticsValue value;
  const bool is_ahead = stretch.from > stretch.judged;
  if (is_ahead && IsOfTheEnd(metric)) {
    // What has not begun has no last moment yet.
  } else if (IsShare(metric) && metric != v1::METRIC_SYNCHRONISED_SHARE) {
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

v1::StatisticsRow RowOf(const std::vector<v1::StatisticsKey>& keys, const HitsByMetric& hits, const Stretch& stretch,
                        const google::protobuf::RepeatedField<int>& metrics) {
  v1::StatisticsRow row;
  for (const v1::StatisticsKey& key : keys) *row.add_keys() = key;
  for (const int metric : metrics) *row.add_values() = ValueOf(static_cast<Metric>(metric), hits, stretch);
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
  const Stretch whole = WholeOf(request.period());
  const bool former = request.filter().keep_former_offices();
  std::vector<v1::GroupBy> groups;
  std::vector<Stretch> stretches = {whole};
  for (const int number : request.group_by()) {
    groups.push_back(static_cast<v1::GroupBy>(number));
    if (IsTime(groups.back())) stretches = StretchesOf(groups.back(), request.period().scheme(), whole);
  }
  const auto keys_of = [&](const Hit& hit, const Stretch& stretch) {
    Keys keys;
    const std::string office = OfficesOf(hit.life->request.office(), former, whole.to).back();
    for (const v1::GroupBy group : groups) keys.push_back(KeyOf(group, hit, stretch, office));
    return keys;
  };
  struct Row {
    Keys keys;
    Stretch stretch;
    HitsByMetric hits;
  };
  // Names are enough to tell rows apart.
  std::map<std::vector<std::string>, Row> rows;
  const auto row_of = [&](const Hit& hit, const Stretch& stretch) -> Row& {
    const Keys keys = keys_of(hit, stretch);
    std::vector<std::string> names;
    for (const v1::StatisticsKey& key : keys) names.push_back(key.name());
    Row& row = rows[names];
    row.keys = keys;
    row.stretch = stretch;
    return row;
  };
  const Life nobody;
  if (groups.size() == 1 && IsTime(groups[0])) {
    for (const Stretch& stretch : stretches) row_of({.life = &nobody}, stretch);
  }
  HitsByMetric total;
  for (const Metric metric : CountedFor(request.metrics())) {
    total[metric] = AllHits(metric, whole, request.filter(), whole.to);
    for (const Stretch& stretch : stretches) {
      for (const Hit& hit : AllHits(metric, stretch, request.filter(), whole.to)) {
        row_of(hit, stretch).hits[metric].push_back(hit);
      }
    }
  }
  v1::QueryStatisticsResponse response;
  *response.mutable_basis()->mutable_period() = request.period();
  response.mutable_basis()->set_revision(revision_);
  *response.mutable_basis()->mutable_as_of_time() = ToProto(time_);
  response.mutable_basis()->mutable_judged_time()->set_seconds(whole.judged);
  if (!groups.empty()) {
    for (const auto& [names, row] : rows) {
      *response.add_rows() = RowOf(row.keys, row.hits, row.stretch, request.metrics());
    }
  }
  *response.mutable_total() = RowOf({}, total, whole, request.metrics());
  return response;
}

std::vector<Hit> StatisticsOracle::List(const v1::ListCountedDossiersRequest& request) const {
  const Stretch whole = WholeOf(request.period());
  std::vector<Stretch> stretches = {whole};
  for (const v1::StatisticsKey& key : request.keys()) {
    if (IsTime(key.group_by())) stretches = StretchesOf(key.group_by(), request.period().scheme(), whole);
  }
  std::vector<Hit> listed;
  for (const Stretch& stretch : stretches) {
    for (const Hit& hit : AllHits(request.metric(), stretch, request.filter(), whole.to)) {
      const bool former = request.filter().keep_former_offices();
      const std::string office = OfficesOf(hit.life->request.office(), former, whole.to).back();
      const bool fits = std::all_of(request.keys().begin(), request.keys().end(), [&](const v1::StatisticsKey& key) {
        return KeyOf(key.group_by(), hit, stretch, office).name() == key.name();
      });
      if (fits) listed.push_back(hit);
    }
  }
  return listed;
}

v1::Report06a StatisticsOracle::Report(const v1::GetReport06aRequest& request) const {
  v1::StatisticsFilter filter;
  if (!request.office().empty()) filter.add_offices(request.office());
  const Stretch whole = WholeOf(request.period());
  using Setter = void (v1::Report06aRow::*)(int64_t);
  using Getter = int64_t (v1::Report06aRow::*)() const;
  struct Column {
    Metric metric;
    Setter set;
    Getter get;
  };
  static constexpr Column kColumns[] = {
      {v1::METRIC_RECEIVED_ONLINE, &v1::Report06aRow::set_received_online, &v1::Report06aRow::received_online},
      {v1::METRIC_RECEIVED_AT_COUNTER, &v1::Report06aRow::set_received_direct_or_post,
       &v1::Report06aRow::received_direct_or_post},
      {v1::METRIC_RECEIVED_BY_POST, &v1::Report06aRow::set_received_direct_or_post,
       &v1::Report06aRow::received_direct_or_post},
      {v1::METRIC_CARRIED_OVER, &v1::Report06aRow::set_carried_over, &v1::Report06aRow::carried_over},
      {v1::METRIC_ENDED, &v1::Report06aRow::set_resolved_total, &v1::Report06aRow::resolved_total},
      {v1::METRIC_ENDED_EARLY_06A, &v1::Report06aRow::set_resolved_early, &v1::Report06aRow::resolved_early},
      {v1::METRIC_ENDED_ON_TIME_06A, &v1::Report06aRow::set_resolved_on_time, &v1::Report06aRow::resolved_on_time},
      {v1::METRIC_ENDED_LATE_06A, &v1::Report06aRow::set_resolved_late, &v1::Report06aRow::resolved_late},
      {v1::METRIC_OPEN, &v1::Report06aRow::set_open_total, &v1::Report06aRow::open_total},
      {v1::METRIC_OPEN_IN_TERM, &v1::Report06aRow::set_open_in_term, &v1::Report06aRow::open_in_term},
      {v1::METRIC_OPEN_OVERDUE, &v1::Report06aRow::set_open_overdue, &v1::Report06aRow::open_overdue},
      {v1::METRIC_RECEIVED, &v1::Report06aRow::set_received_total, &v1::Report06aRow::received_total},
      {v1::METRIC_CARRIED_OVER, &v1::Report06aRow::set_received_total, &v1::Report06aRow::received_total},
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
