#include "server/service/statistics_queries.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/due.h"
#include "server/domain/fact.h"
#include "server/domain/report_06a.h"
#include "server/domain/timeliness.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_history.h"
#include "server/service/page_token.h"
#include "server/service/service_errors.h"
#include "server/service/statistics_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// Chains of mergers are short; a circle would be endless.
constexpr int kSuccessorsMax = 16;

// `office` and those that took its work over, one after the other, by the end of a period: the last one answers for it.
std::vector<std::string> SuccessionOf(const Catalogue::ByName<v1::Office>& offices, const std::string& office,
                                      absl::Time period_end) {
  const std::string last_day = FormatIsoDate(LocalCivilDay(period_end - absl::Seconds(1)));
  std::vector<std::string> succession = {office};
  for (int i = 0; i < kSuccessorsMax; ++i) {
    const auto found = offices.find(succession.back());
    if (found == offices.end()) break;
    const v1::Office& known = *found->second;
    // ISO dates compare as text.
    if (known.successor().empty() || known.valid_to().empty() || known.valid_to() >= last_day) break;
    succession.push_back(known.successor());
  }
  return succession;
}

bool IsStretchOfTime(int by) { return by >= v1::GROUP_BY_DAY && by <= v1::GROUP_BY_YEAR; }

absl::Status CheckMetrics(const google::protobuf::RepeatedField<int>& metrics) {
  if (metrics.empty() || metrics.size() > limits::kStatisticsMetricsMax) {
    return InvalidField("metrics", absl::StrCat("must be 1 to ", limits::kStatisticsMetricsMax, " metrics"),
                        absl::StrCat("phải có từ 1 đến ", limits::kStatisticsMetricsMax, " chỉ tiêu"));
  }
  std::set<int> seen;
  for (const int metric : metrics) {
    if (FindMetric(static_cast<v1::Metric>(metric)) == nullptr) {
      return InvalidField("metrics", absl::StrCat(metric, " is no metric; see tthc.v1.Metric"),
                          absl::StrCat("không có chỉ tiêu số ", metric, "; xem danh sách: tthc stats metrics"));
    }
    if (!seen.insert(metric).second) {
      return InvalidField("metrics", absl::StrCat(v1::Metric_Name(static_cast<v1::Metric>(metric)), " stands twice"),
                          absl::StrCat("chỉ tiêu ", v1::Metric_Name(static_cast<v1::Metric>(metric)), " bị lặp"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGroupings(const google::protobuf::RepeatedField<int>& groupings) {
  std::set<int> seen;
  int stretches = 0;
  for (const int by : groupings) {
    if (!v1::GroupBy_IsValid(by) || by == v1::GROUP_BY_UNSPECIFIED) {
      return InvalidField("group_by", absl::StrCat(by, " is no grouping; see tthc.v1.GroupBy"),
                          absl::StrCat("không có cách nhóm số ", by, "; xem: tthc stats --help"));
    }
    stretches += IsStretchOfTime(by) ? 1 : 0;
    seen.insert(by);
  }
  const bool repeated = static_cast<int>(seen.size()) < groupings.size();
  if (!repeated && stretches <= 1 && groupings.size() <= limits::kStatisticsGroupingsMax) return absl::OkStatus();
  return InvalidField("group_by",
                      absl::StrCat("takes up to ", limits::kStatisticsGroupingsMax,
                                   " different groupings, one of them by time"),
                      absl::StrCat("tối đa ", limits::kStatisticsGroupingsMax,
                                   " cách nhóm khác nhau, trong đó một cách theo thời gian"));
}

// A name that was mistyped would give nothing but zeros.
template <typename Names, typename Known>
absl::Status CheckNames(const std::string& field, const Names& names, const Known& known) {
  if (names.size() > static_cast<int>(limits::kFilterValuesMax)) {
    return InvalidField(field, absl::StrCat("at most ", limits::kFilterValuesMax, " values are allowed"),
                        absl::StrCat("tối đa ", limits::kFilterValuesMax, " giá trị"));
  }
  for (const std::string& name : names) {
    TTHC_RETURN_IF_ERROR(CheckText(field, name, {.bytes_max = limits::kResourceNameBytesMax}));
    if (known.contains(name)) continue;
    return InvalidField(field, absl::StrCat("\"", name, "\" is not in the catalogue"),
                        absl::StrCat("\"", name, "\" không có trong danh mục"));
  }
  return absl::OkStatus();
}

absl::Status CheckFilter(const Catalogue& catalogue, const v1::StatisticsFilter& filter) {
  TTHC_RETURN_IF_ERROR(CheckNames("filter.offices", filter.offices(), catalogue.offices()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.units", filter.units(), catalogue.units()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.officers", filter.officers(), catalogue.officers()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.fields", filter.fields(), catalogue.fields()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.procedures", filter.procedures(), catalogue.procedures()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.responsible_units", filter.responsible_units(), catalogue.units()));
  for (const int channel : filter.channels()) {
    if (!v1::Channel_IsValid(channel)) return InvalidField("filter.channels", "is no channel", "không có kênh này");
  }
  for (const int result : filter.results()) {
    if (!v1::Outcome_IsValid(result)) return InvalidField("filter.results", "is no result", "không có kết quả này");
  }
  return absl::OkStatus();
}

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

// Of rows in order, by their keys' names.
std::vector<std::string> SortKey(const v1::StatisticsRow& row) {
  std::vector<std::string> names;
  for (const v1::StatisticsKey& key : row.keys()) names.push_back(key.name());
  return names;
}

v1::StatisticsKey TimeKey(v1::GroupBy by, int64_t from, int64_t to) {
  v1::StatisticsKey key;
  key.set_group_by(by);
  key.set_name(FormatIsoDate(LocalCivilDay(absl::FromUnixSeconds(from))));
  key.mutable_from_time()->set_seconds(from);
  key.mutable_to_time()->set_seconds(to);
  return key;
}

}  // namespace

// --- What a request stands on ----------------------------------------------------------------------------------------

absl::StatusOr<StatisticsQueries::Ground> StatisticsQueries::MakeGround(const v1::Period& period,
                                                                        const v1::AsOf& as_of, absl::Time now) const {
  Ground ground;
  TTHC_ASSIGN_OR_RETURN(ground.period, domain::ResolvePeriod(period, now));
  TTHC_ASSIGN_OR_RETURN(ground.point, as_of_.Resolve(as_of, now));
  ground.judged = std::min(absl::ToUnixSeconds(ground.period.to) - 1, absl::ToUnixSeconds(ground.point.time));
  TTHC_RETURN_IF_ERROR(CheckCovered(ground.period));
  if (ground.point.is_now) {
    ground.offices = catalogue_.Get()->offices();
  } else {
    TTHC_ASSIGN_OR_RETURN(ground.then, as_of_.At(ground.point.revision));
    ground.offices = ground.then->offices;
  }
  return ground;
}

// A typing error in the year would give nothing but zeros.
absl::Status StatisticsQueries::CheckCovered(const domain::ResolvedPeriod& period) const {
  const auto catalogue = catalogue_.Get();
  const int64_t first = LocalCivilDay(period.from).year();
  const int64_t last = LocalCivilDay(period.to - absl::Seconds(1)).year();
  if (catalogue->calendar_protos().empty()) return absl::OkStatus();
  for (const auto& [version, proto] : catalogue->calendar_protos()) {
    const auto calendar = catalogue->FindCalendar(version);
    for (int64_t year = first; year <= last; ++year) {
      if (calendar->IsYearLoaded(year)) return absl::OkStatus();
    }
  }
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "CALENDAR_YEAR_NOT_LOADED",
                    .message = absl::StrCat("the working calendar does not cover ", first,
                                            "; choose another period, or import that year's calendar"),
                    .message_vi = absl::StrCat("Lịch làm việc chưa có năm ", first,
                                               "; hãy chọn kỳ khác hoặc nạp lịch năm đó (tthc calendar import)"),
                    .metadata = {{"year", absl::StrCat(first)}},
                    .field = "period"});
}

void StatisticsQueries::AddMirror(const Ground& ground, ScanPlan& plan) const {
  const bool asked = std::any_of(plan.metrics.begin(), plan.metrics.end(), [](v1::Metric metric) {
    return FindMetric(metric)->kind == MetricSpec::Kind::kMirror;
  });
  // What targets knew at an earlier point is kept by nobody.
  if (!asked || mirror_ == nullptr || !ground.point.is_now) return;
  for (const MirrorIndex::States& states : mirror_->ActiveStates()) {
    if (plan.mirror.size() < states.size()) plan.mirror.resize(states.size(), MirrorStanding::kNotOwed);
    for (size_t row = 0; row < states.size(); ++row) {
      const uint8_t state = states[row];
      if (state == v1::MirrorItem::STATE_UNSPECIFIED || state == v1::MirrorItem::NOT_OWED) continue;
      const bool confirmed = state == v1::MirrorItem::CONFIRMED;
      MirrorStanding& standing = plan.mirror[row];
      if (!confirmed || standing == MirrorStanding::kNotOwed) {
        standing = confirmed ? MirrorStanding::kConfirmed : MirrorStanding::kNotConfirmed;
      }
    }
  }
  plan.judged_is_now = ground.period.to > ground.point.time;
}

absl::Status StatisticsQueries::WithFacts(
    const Ground& ground, const std::function<absl::Status(const FactIndex::View&)>& read) const {
  absl::Status status;
  index_.Read([&](const FactIndex::View& now) {
    status = ground.then == nullptr ? read(now)
                                    : read({.columns = ground.then->columns,
                                            .texts = now.texts,
                                            .names = now.names,
                                            .revision = ground.point.revision});
  });
  return status;
}

v1::StatisticsBasis StatisticsQueries::ToBasis(const Ground& ground, int64_t revision) {
  v1::StatisticsBasis basis;
  *basis.mutable_period() = domain::PeriodToProto(ground.period);
  basis.set_revision(revision);
  *basis.mutable_as_of_time() = ToProto(ground.point.time);
  basis.mutable_judged_time()->set_seconds(ground.judged);
  return basis;
}

ColumnFilter StatisticsQueries::ToColumnFilter(const FactIndex::View& facts, const v1::StatisticsFilter& filter,
                                               const Ground& ground) const {
  ColumnFilter result;
  for (const int channel : filter.channels()) result.channels |= static_cast<uint8_t>(1 << channel);
  for (const int outcome : filter.results()) result.outcomes |= static_cast<uint8_t>(1 << outcome);
  const auto add = [&](FactColumns::Name column, const auto& names) {
    if (names.empty()) return;
    std::vector<bool> wanted(facts.columns.codes[column].size());
    for (const std::string& name : names) {
      const uint16_t code = facts.columns.codes[column].Find(facts.names.Find(name));
      if (code != 0) wanted[code] = true;
    }
    result.names.push_back({column, std::move(wanted)});
  };
  add(FactColumns::kUnit, filter.units());
  add(FactColumns::kOfficer, filter.officers());
  add(FactColumns::kField, filter.fields());
  add(FactColumns::kProcedure, filter.procedures());
  add(FactColumns::kResponsibleUnit, filter.responsible_units());
  if (filter.offices().empty()) return result;
  const NameCodes& codes = facts.columns.codes[FactColumns::kOffice];
  std::vector<bool> wanted(codes.size());
  const std::set<std::string> names(filter.offices().begin(), filter.offices().end());
  for (size_t code = 1; code < codes.size(); ++code) {
    const std::string name = facts.names.NameOf(codes.NameOf(static_cast<uint16_t>(code)));
    // An office stands for all that it took over, even if it was taken over itself.
    const auto succession = filter.keep_former_offices() ? std::vector<std::string>{name}
                                                         : SuccessionOf(ground.offices, name, ground.period.to);
    wanted[code] = std::any_of(succession.begin(), succession.end(),
                               [&](const std::string& office) { return names.contains(office); });
  }
  result.names.push_back({FactColumns::kOffice, std::move(wanted)});
  return result;
}

GroupDimension StatisticsQueries::ToDimension(const FactIndex::View& facts, v1::GroupBy by,
                                              const v1::StatisticsFilter& filter, const Ground& ground) const {
  GroupDimension dimension{.by = by};
  if (by != v1::GROUP_BY_OFFICE || filter.keep_former_offices()) return dimension;
  // All that one office answers for go under the first of their codes.
  const NameCodes& codes = facts.columns.codes[FactColumns::kOffice];
  std::map<std::string, uint16_t> first;
  for (size_t code = 0; code < codes.size(); ++code) {
    const auto code16 = static_cast<uint16_t>(code);
    const std::string& name = facts.names.NameOf(codes.NameOf(code16));
    const std::string heir = SuccessionOf(ground.offices, name, ground.period.to).back();
    dimension.counts_as.push_back(first.try_emplace(heir, code16).first->second);
  }
  return dimension;
}

v1::StatisticsKey StatisticsQueries::ToKey(const FactIndex::View& facts, v1::GroupBy by, uint32_t code,
                                           const v1::StatisticsFilter& filter, const Ground& ground) const {
  v1::StatisticsKey key;
  key.set_group_by(by);
  key.set_name(GroupName(facts, by, code));
  if (by == v1::GROUP_BY_OFFICE && !filter.keep_former_offices()) {
    key.set_name(SuccessionOf(ground.offices, key.name(), ground.period.to).back());
  }
  const bool is_resource = NameColumnOf(by).has_value() && by != v1::GROUP_BY_LATE_REASON;
  if (is_resource) key.set_display_name(DisplayNameOf(*catalogue_.Get(), key.name()));
  return key;
}

// --- Figures ---------------------------------------------------------------------------------------------------------

absl::StatusOr<v1::QueryStatisticsResponse> StatisticsQueries::Query(const v1::QueryStatisticsRequest& request,
                                                                     absl::Time now) const {
  return Compute(request, /*ahead=*/false, now);
}

absl::StatusOr<v1::QueryStatisticsResponse> StatisticsQueries::Compute(const v1::QueryStatisticsRequest& request,
                                                                       bool ahead, absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckMetrics(request.metrics()));
  TTHC_RETURN_IF_ERROR(CheckGroupings(request.group_by()));
  TTHC_RETURN_IF_ERROR(CheckFilter(*catalogue_.Get(), request.filter()));
  TTHC_ASSIGN_OR_RETURN(const Ground ground, MakeGround(request.period(), request.as_of(), now));
  ScanPlan plan;
  plan.judged = ground.judged;
  plan.levels_ahead = ahead;
  for (const int metric : request.metrics()) plan.metrics.push_back(static_cast<v1::Metric>(metric));
  const auto by_time = std::find_if(request.group_by().begin(), request.group_by().end(), IsStretchOfTime);
  if (by_time == request.group_by().end()) {
    plan.bounds.push_back(absl::ToUnixSeconds(ground.period.from));
  } else {
    for (const absl::Time start : domain::BucketStarts(static_cast<v1::GroupBy>(*by_time), ground.period.scheme,
                                                       ground.period.from, ground.period.to)) {
      plan.bounds.push_back(absl::ToUnixSeconds(start));
    }
  }
  plan.bounds.push_back(absl::ToUnixSeconds(ground.period.to));

  AddMirror(ground, plan);

  v1::QueryStatisticsResponse response;
  const auto to_row = [&](const FactIndex::View& facts, const ScanResult::Group& group, size_t stretch) {
    v1::StatisticsRow row;
    size_t next = 0;
    for (const int by : request.group_by()) {
      *row.add_keys() = IsStretchOfTime(by)
                            ? TimeKey(static_cast<v1::GroupBy>(by), plan.bounds[stretch], plan.bounds[stretch + 1])
                            : ToKey(facts, static_cast<v1::GroupBy>(by), group.codes[next++], request.filter(),
                                    ground);
    }
    for (size_t i = 0; i < plan.metrics.size(); ++i) {
      *row.add_values() = ToValue(plan.metrics[i], group.figures[stretch][i]);
    }
    return row;
  };
  TTHC_RETURN_IF_ERROR(WithFacts(ground, [&](const FactIndex::View& facts) -> absl::Status {
    for (const int by : request.group_by()) {
      if (IsStretchOfTime(by)) continue;
      plan.groups.push_back(ToDimension(facts, static_cast<v1::GroupBy>(by), request.filter(), ground));
    }
    plan.filter = ToColumnFilter(facts, request.filter(), ground);
    TTHC_ASSIGN_OR_RETURN(const ScanResult result, Scan(facts.columns, plan));
    *response.mutable_basis() = ToBasis(ground, facts.revision);
    for (size_t i = 0; i < plan.metrics.size(); ++i) {
      *response.mutable_total()->add_values() = ToValue(plan.metrics[i], result.total[i]);
    }
    if (request.group_by().empty()) return absl::OkStatus();
    for (const ScanResult::Group& group : result.groups) {
      if (group.is_empty && !plan.groups.empty()) continue;
      for (size_t stretch = 0; stretch + 1 < plan.bounds.size(); ++stretch) {
        *response.add_rows() = to_row(facts, group, stretch);
      }
    }
    return absl::OkStatus();
  }));
  std::stable_sort(response.mutable_rows()->begin(), response.mutable_rows()->end(),
                   [](const v1::StatisticsRow& a, const v1::StatisticsRow& b) { return SortKey(a) < SortKey(b); });
  return response;
}

absl::StatusOr<v1::Report06a> StatisticsQueries::Report(const v1::GetReport06aRequest& request, absl::Time now) const {
  v1::StatisticsFilter filter;
  if (!request.office().empty()) filter.add_offices(request.office());
  absl::StatusOr<v1::Report06a> report = MakeReport(request, filter, now);
  return report.ok() ? report : RebaseFields("filter.offices", "office", report.status());
}

absl::StatusOr<v1::Report06a> StatisticsQueries::ReportOf(
    const v1::GetReport06aRequest& request, const google::protobuf::RepeatedPtrField<std::string>& offices,
    absl::Time now) const {
  v1::StatisticsFilter filter;
  *filter.mutable_offices() = offices;
  filter.set_keep_former_offices(true);
  return MakeReport(request, filter, now);
}

std::vector<std::string> StatisticsQueries::OfficesUnder(const std::string& office, absl::Time period_end) const {
  std::vector<std::string> names;
  const auto catalogue = catalogue_.Get();
  for (const auto& [name, known] : catalogue->offices()) {
    const auto succession = SuccessionOf(catalogue->offices(), name, period_end);
    if (std::find(succession.begin(), succession.end(), office) != succession.end()) names.push_back(name);
  }
  return names;
}

absl::StatusOr<v1::Report06a> StatisticsQueries::MakeReport(const v1::GetReport06aRequest& request,
                                                            const v1::StatisticsFilter& filter, absl::Time now) const {
  v1::QueryStatisticsRequest query;
  *query.mutable_period() = request.period();
  *query.mutable_as_of() = request.as_of();
  *query.mutable_filter() = filter;
  query.add_group_by(v1::GROUP_BY_FIELD);
  if (request.by_procedure()) query.add_group_by(v1::GROUP_BY_PROCEDURE);
  for (const v1::Metric metric :
       {v1::METRIC_RECEIVED_ONLINE, v1::METRIC_RECEIVED, v1::METRIC_CARRIED_OVER, v1::METRIC_ENDED_EARLY_06A,
        v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A, v1::METRIC_OPEN_IN_TERM, v1::METRIC_OPEN_OVERDUE}) {
    query.add_metrics(metric);
  }
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse figures, Compute(query, /*ahead=*/true, now));

  const auto to_row = [](const v1::StatisticsRow& row) {
    const auto count = [&](int i) { return row.values(i).count(); };
    return domain::MakeRow06a({.received_online = count(0),
                               .received_direct_or_post = count(1) - count(0),
                               .carried_over = count(2),
                               .ended_early = count(3),
                               .ended_on_time = count(4),
                               .ended_late = count(5),
                               .open_in_term = count(6),
                               .open_overdue = count(7)});
  };
  v1::Report06a report;
  *report.mutable_basis() = figures.basis();
  report.set_office(request.office());
  report.set_office_display_name(DisplayNameOf(*catalogue_.Get(), request.office()));
  *report.mutable_total() = to_row(figures.total());
  v1::Report06aRow* field = nullptr;
  int field_number = 0;
  int procedure_number = 0;
  // Rows come by field, then by procedure.
  for (const v1::StatisticsRow& figure : figures.rows()) {
    v1::Report06aRow row = to_row(figure);
    if (field == nullptr || field->name() != figure.keys(0).name()) {
      field = report.add_rows();
      field->set_number(absl::StrCat(++field_number));
      field->set_name(figure.keys(0).name());
      field->set_display_name(figure.keys(0).display_name());
      procedure_number = 0;
    }
    domain::AddRow06a(row, *field);
    if (!request.by_procedure()) continue;
    row.set_number(absl::StrCat(field_number, ".", ++procedure_number));
    row.set_name(figure.keys(1).name());
    row.set_display_name(figure.keys(1).display_name());
    // Adding a row may move the others.
    *report.add_rows() = std::move(row);
    field = report.mutable_rows(report.rows_size() - 1 - procedure_number);
  }
  TTHC_RETURN_IF_ERROR(domain::CheckReport06a(report));
  return report;
}

// --- Lists -----------------------------------------------------------------------------------------------------------

absl::Status StatisticsQueries::CheckWaiting(const v1::ListCountedDossiersRequest& request) const {
  const int32_t days = request.waiting_days_min();
  if (days == 0) return absl::OkStatus();
  if (days < 0 || days > limits::kWaitingDaysMax) {
    return InvalidField("waiting_days_min", absl::StrCat("must be 0 to ", limits::kWaitingDaysMax),
                        absl::StrCat("phải từ 0 đến ", limits::kWaitingDaysMax, " ngày làm việc"));
  }
  if (request.metric() == v1::METRIC_WAITING_FOR_SUPPLEMENT) return absl::OkStatus();
  return InvalidField("waiting_days_min", "goes with WAITING_FOR_SUPPLEMENT only",
                      "chỉ dùng với chỉ tiêu chờ bổ sung hồ sơ");
}

absl::StatusOr<std::vector<uint32_t>> StatisticsQueries::FindCodes(const FactIndex::View& facts, const ScanPlan& plan,
                                                                   const v1::ListCountedDossiersRequest& request,
                                                                   const Ground& ground) const {
  std::vector<uint32_t> codes;
  size_t next = 0;
  for (const v1::StatisticsKey& key : request.keys()) {
    if (IsStretchOfTime(key.group_by())) continue;
    const GroupDimension& dimension = plan.groups[next++];
    std::optional<uint32_t> found;
    const std::optional<FactColumns::Name> column = NameColumnOf(key.group_by());
    const size_t count = column.has_value() ? facts.columns.codes[*column].size() : size_t{8};
    for (uint32_t code = 0; code < count && !found.has_value(); ++code) {
      // A code that counts as another one is no group.
      if (code < dimension.counts_as.size() && dimension.counts_as[code] != code) continue;
      if (ToKey(facts, key.group_by(), code, request.filter(), ground).name() == key.name()) found = code;
    }
    // No dossier has it: an answer of nothing is the right one.
    codes.push_back(found.value_or(UINT32_MAX));
  }
  return codes;
}

absl::StatusOr<std::vector<CountedItem>> StatisticsQueries::CountedItems(
    const FactIndex::View& facts, const v1::ListCountedDossiersRequest& request, Ground& ground) const {
  ScanPlan plan;
  plan.metrics = {request.metric()};
  for (const v1::StatisticsKey& key : request.keys()) {
    if (!IsStretchOfTime(key.group_by())) {
      plan.groups.push_back(ToDimension(facts, key.group_by(), request.filter(), ground));
      continue;
    }
    const auto starts =
        domain::BucketStarts(key.group_by(), ground.period.scheme, ground.period.from, ground.period.to);
    const auto start = std::find_if(starts.begin(), starts.end(), [&](absl::Time time) {
      return FormatIsoDate(LocalCivilDay(time)) == key.name();
    });
    if (start == starts.end()) {
      return InvalidField("keys", absl::StrCat("\"", key.name(), "\" is the first day of no stretch of this period"),
                          absl::StrCat("\"", key.name(), "\" không phải ngày đầu của khoảng nào trong kỳ"));
    }
    plan.bounds = {absl::ToUnixSeconds(*start),
                   absl::ToUnixSeconds(start + 1 == starts.end() ? ground.period.to : *(start + 1))};
  }
  if (plan.bounds.empty()) {
    plan.bounds = {absl::ToUnixSeconds(ground.period.from), absl::ToUnixSeconds(ground.period.to)};
  }
  plan.judged = std::min(ground.judged, plan.bounds.back() - 1);
  ground.judged = plan.judged;
  plan.filter = ToColumnFilter(facts, request.filter(), ground);
  TTHC_ASSIGN_OR_RETURN(const std::vector<uint32_t> codes, FindCodes(facts, plan, request, ground));
  std::vector<CountedItem> items;
  ForEachCounted(facts.columns, plan, codes, [&](const CountedItem& item) { items.push_back(item); });
  if (request.waiting_days_min() == 0) return items;

  const auto catalogue = catalogue_.Get();
  TTHC_ASSIGN_OR_RETURN(const auto calendar, domain::RequireCalendar(*catalogue, catalogue->latest_calendar_version()));
  std::vector<CountedItem> longer;
  const int64_t judged_day = LocalDayNumber(absl::FromUnixSeconds(ground.judged));
  for (const CountedItem& item : items) {
    // The day of the request is not counted.
    const int64_t first = LocalDayNumber(absl::FromUnixSeconds(item.time)) + 1;
    TTHC_ASSIGN_OR_RETURN(const int64_t days, calendar->WorkingDays(first, judged_day + 1));
    if (days > request.waiting_days_min()) longer.push_back(item);
  }
  return longer;
}

absl::StatusOr<v1::CountedDossier> StatisticsQueries::ToCounted(const CountedItem& item, const Ground& ground) const {
  const auto number = static_cast<int64_t>(item.row + 1);
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  const auto catalogue = catalogue_.Get();
  v1::CountedDossier counted;
  v1::Dossier& dossier = *counted.mutable_dossier();
  if (ground.point.is_now) {
    dossier = std::move(*record->mutable_dossier());
  } else {
    TTHC_ASSIGN_OR_RETURN(auto then, FoldAsOf(reader, *catalogue, *record, ground.point.revision));
    if (then.has_value()) dossier = *std::move(then);
  }
  Present(*catalogue, dossier);
  const absl::Time judged = std::min(domain::JudgedMoment(dossier, absl::FromUnixSeconds(ground.judged)),
                                     absl::FromUnixSeconds(ground.judged));
  *dossier.mutable_timeliness() = domain::Judge(*catalogue, dossier, absl::FromUnixSeconds(ground.judged));
  counted.mutable_count_time()->set_seconds(item.time);
  if (dossier.due().has_due_time()) {
    const int64_t days = LocalDayNumber(judged) - LocalDayNumber(FromProto(dossier.due().due_time()));
    counted.set_days_late(static_cast<int32_t>(std::max<int64_t>(0, days)));
    counted.set_working_minutes_late(std::max<int64_t>(0, -dossier.timeliness().working_minutes_left()));
  }
  if (dossier.has_accept_time()) {
    *counted.mutable_holder_since_time() =
        dossier.steps().empty() ? dossier.accept_time() : dossier.steps().rbegin()->forward_time();
  }
  counted.set_responsible_unit(domain::ResponsibleUnit(dossier));
  return counted;
}

absl::StatusOr<v1::ListCountedDossiersResponse> StatisticsQueries::ListCounted(
    const v1::ListCountedDossiersRequest& request, absl::Time now) const {
  const MetricSpec* spec = FindMetric(request.metric());
  if (spec == nullptr || spec->kind != MetricSpec::Kind::kCount) {
    return MakeError({.code = absl::StatusCode::kInvalidArgument,
                      .reason = "METRIC_NOT_COUNTED",
                      .message = "only counts have a list behind them; ask for one of the counts that a share or a "
                                 "distribution is made of",
                      .message_vi = "Chỉ chỉ tiêu đếm số hồ sơ mới có danh sách; với tỷ lệ hoặc thời gian, hãy xem "
                                    "các chỉ tiêu đếm tạo nên nó",
                      .metadata = {{"metric", v1::Metric_Name(request.metric())}},
                      .field = "metric"});
  }
  google::protobuf::RepeatedField<int> groupings;
  for (const v1::StatisticsKey& key : request.keys()) groupings.Add(key.group_by());
  if (const absl::Status status = CheckGroupings(groupings); !status.ok()) {
    return RebaseFields("group_by", "keys", status);
  }
  TTHC_RETURN_IF_ERROR(CheckFilter(*catalogue_.Get(), request.filter()));
  TTHC_RETURN_IF_ERROR(CheckWaiting(request));
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const uint64_t arguments = HashArguments(request);
  // Where the page before ended: moment, dossier, and how many entries it had of both.
  std::tuple<int64_t, int64_t, int64_t> after(INT64_MIN, 0, 0);
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_.store_id(), arguments, request.page_token()));
    after = {token.last_key(), token.last_number(), token.revision()};
    now = absl::FromUnixMicros(token.read_time_us());
  }
  TTHC_ASSIGN_OR_RETURN(Ground ground, MakeGround(request.period(), request.as_of(), now));
  std::vector<CountedItem> items;
  v1::ListCountedDossiersResponse response;
  TTHC_RETURN_IF_ERROR(WithFacts(ground, [&](const FactIndex::View& facts) -> absl::Status {
    TTHC_ASSIGN_OR_RETURN(items, CountedItems(facts, request, ground));
    *response.mutable_basis() = ToBasis(ground, facts.revision);
    return absl::OkStatus();
  }));
  response.set_total_size(static_cast<int64_t>(items.size()));
  // The longest ago first: of the overdue ones, those that are the most.
  std::stable_sort(items.begin(), items.end(), [](const CountedItem& a, const CountedItem& b) {
    return std::tie(a.time, a.row) < std::tie(b.time, b.row);
  });
  int64_t same = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool again = i > 0 && items[i].time == items[i - 1].time && items[i].row == items[i - 1].row;
    same = again ? same + 1 : 1;
    const std::tuple<int64_t, int64_t, int64_t> place(items[i].time, static_cast<int64_t>(items[i].row + 1), same);
    if (place <= after) continue;
    if (response.dossiers_size() == static_cast<int>(page_size)) {
      storage::v1::PageToken token;
      token.set_last_key(std::get<0>(after));
      token.set_last_number(std::get<1>(after));
      token.set_revision(std::get<2>(after));
      token.set_read_time_us(absl::ToUnixMicros(now));
      response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(token)));
      break;
    }
    TTHC_ASSIGN_OR_RETURN(*response.add_dossiers(), ToCounted(items[i], ground));
    after = place;
  }
  return response;
}

}  // namespace tthc::server
