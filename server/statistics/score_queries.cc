#include "server/service/score_queries.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/period.h"
#include "server/domain/scheme.h"
#include "server/domain/score.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

absl::string_view KindInVietnamese(v1::Scheme::Kind kind) {
  switch (kind) {
    case v1::Scheme::QUALITY_INDEX:
      return "bộ chỉ số phục vụ";
    case v1::Scheme::OFFICIALS:
      return "bộ tiêu chí chấm điểm công chức";
    case v1::Scheme::UNITS:
      return "bộ tiêu chí chấm điểm đơn vị";
    case v1::Scheme::PLAN:
      return "kế hoạch";
    default:
      return "bộ tiêu chí";
  }
}

absl::Status SchemeNotFound(v1::Scheme::Kind kind, const std::string& day, const std::vector<std::string>& offices) {
  const std::string name = v1::Scheme::Kind_Name(kind);
  const std::string whose = offices.empty() ? "" : absl::StrCat(" for ", absl::StrJoin(offices, ", "));
  const std::string whose_vi = offices.empty() ? "" : absl::StrCat(" cho ", absl::StrJoin(offices, ", "));
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "SCHEME_NOT_FOUND",
                    .message = absl::StrCat("no scheme of kind ", name, " is in force on ", day, whose,
                                            "; choose another period, or load one (samples: deploy/data/schemes)"),
                    .message_vi = absl::StrCat("Không có ", KindInVietnamese(kind), " nào có hiệu lực ngày ", day,
                                               whose_vi, "; hãy chọn kỳ khác hoặc nạp thêm (mẫu: deploy/data/schemes)"),
                    .metadata = {{"kind", name}, {"on_date", day}},
                    .field = "period"});
}

absl::StatusOr<v1::Scheme> FindScheme(const Catalogue& catalogue, v1::Scheme::Kind kind,
                                      const domain::ResolvedPeriod& period, const v1::StatisticsFilter& filter) {
  std::vector<const v1::Scheme*> schemes;
  for (const auto& [name, scheme] : catalogue.schemes()) schemes.push_back(scheme.get());
  const std::string last_day = FormatIsoDate(LocalCivilDay(period.to - absl::Microseconds(1)));
  const std::vector<std::string> offices(filter.offices().begin(), filter.offices().end());
  const v1::Scheme* found = domain::SchemeInForce(schemes, kind, last_day, offices);
  if (found == nullptr) return SchemeNotFound(kind, last_day, offices);
  return *found;
}

v1::QueryStatisticsRequest QueryFor(const v1::Scheme& scheme, const domain::ResolvedPeriod& period) {
  v1::QueryStatisticsRequest query;
  *query.mutable_period() = domain::PeriodToProto(period);
  for (const v1::Metric metric : domain::MetricsOf(scheme)) query.add_metrics(metric);
  return query;
}

bool NeedsProcedures(const v1::Scheme& scheme) {
  return std::any_of(scheme.indicators().begin(), scheme.indicators().end(), [](const v1::Indicator& indicator) {
    return indicator.source() == v1::Indicator::PROCEDURES_ONLINE;
  });
}

// What is put together about one office, unit or officer.
struct Subject {
  std::string display_name;
  domain::ScoreFacts facts;
  std::set<std::string> procedures;
  std::set<std::string> procedures_online;
  int64_t ended = 0;
};

// Rows of one subject add up: every figure of a scheme is a count, or a share with its two counts.
void AddRow(const v1::StatisticsRow& row, Subject* subject) {
  std::string channel;
  std::string procedure;
  for (const v1::StatisticsKey& key : row.keys()) {
    if (key.group_by() == v1::GROUP_BY_CHANNEL) channel = key.name();
    if (key.group_by() == v1::GROUP_BY_PROCEDURE) procedure = key.name();
  }
  const bool online = channel == v1::Channel_Name(v1::CHANNEL_ONLINE);
  for (const v1::StatisticsValue& value : row.values()) {
    subject->facts.all.Add(value);
    if (online) subject->facts.online.Add(value);
    if (value.metric() == v1::METRIC_ENDED) subject->ended += value.count();
    if (value.metric() != v1::METRIC_RECEIVED || value.count() == 0 || procedure.empty()) continue;
    subject->procedures.insert(procedure);
    if (online) subject->procedures_online.insert(procedure);
  }
}

// Where there was no row at all nothing was counted, which is 0 and not unknown.
void FillUp(const v1::QueryStatisticsRequest& query, Subject* subject) {
  for (const int metric : query.metrics()) {
    v1::StatisticsValue nothing;
    nothing.set_metric(static_cast<v1::Metric>(metric));
    nothing.set_count(0);
    nothing.set_numerator(0);
    nothing.set_denominator(0);
    subject->facts.all.Add(nothing);
    subject->facts.online.Add(nothing);
  }
  subject->facts.procedures = static_cast<int64_t>(subject->procedures.size());
  subject->facts.procedures_online = static_cast<int64_t>(subject->procedures_online.size());
}

v1::GroupBy GroupingOf(v1::Scheme::Kind kind) {
  switch (kind) {
    case v1::Scheme::OFFICIALS:
      return v1::GROUP_BY_OFFICER;
    case v1::Scheme::UNITS:
      return v1::GROUP_BY_UNIT;
    default:
      return v1::GROUP_BY_UNSPECIFIED;
  }
}

absl::Status CheckKind(v1::Scheme::Kind kind) {
  if (kind == v1::Scheme::QUALITY_INDEX || GroupingOf(kind) != v1::GROUP_BY_UNSPECIFIED) return absl::OkStatus();
  return InvalidField("kind", "must be QUALITY_INDEX, OFFICIALS or UNITS; plans are GetPlanResults",
                      "phải là QUALITY_INDEX (766), OFFICIALS (công chức) hoặc UNITS (đơn vị); kế hoạch xem riêng");
}

// By name: the whole under "", else one for each row's first key.
std::map<std::string, Subject> CollectSubjects(const v1::QueryStatisticsRequest& query, v1::GroupBy by,
                                               const v1::QueryStatisticsResponse& answer) {
  std::map<std::string, Subject> subjects;
  if (by == v1::GROUP_BY_UNSPECIFIED) subjects[""];
  for (const v1::StatisticsRow& row : answer.rows()) {
    const bool whole = by == v1::GROUP_BY_UNSPECIFIED;
    const std::string name = whole ? "" : row.keys(0).name();
    // Dossiers that nobody has, or none any more.
    if (!whole && name.empty()) continue;
    Subject& subject = subjects[name];
    if (!whole) subject.display_name = row.keys(0).display_name();
    AddRow(row, &subject);
  }
  if (query.group_by().empty()) AddRow(answer.total(), &subjects[""]);
  for (auto& [name, subject] : subjects) FillUp(query, &subject);
  return subjects;
}

// The one office that was asked for, if it is one.
void NameTheWhole(const Catalogue& catalogue, const v1::StatisticsFilter& filter, v1::Score* score) {
  if (!score->subject().empty() || filter.offices_size() != 1) return;
  score->set_subject(filter.offices(0));
  const auto office = catalogue.offices().find(filter.offices(0));
  if (office != catalogue.offices().end()) score->set_display_name(office->second->display_name());
}

bool IsMissingStretch(const absl::Status& status) {
  return ErrorReason(status) == "CALENDAR_YEAR_NOT_LOADED" || ErrorReason(status) == "PERIOD_INVALID";
}

domain::MetricCounts CountsOf(const v1::QueryStatisticsResponse& answer) {
  domain::MetricCounts counts;
  for (const v1::StatisticsValue& value : answer.total().values()) counts.Add(value);
  return counts;
}

}  // namespace

absl::StatusOr<v1::GetScoresResponse> GetScores(const Catalogue& catalogue, const QueryFunction& query,
                                                const v1::GetScoresRequest& request, absl::Time now) {
  TTHC_RETURN_IF_ERROR(CheckKind(request.kind()));
  TTHC_ASSIGN_OR_RETURN(const domain::ResolvedPeriod period, domain::ResolvePeriod(request.period(), now));
  TTHC_ASSIGN_OR_RETURN(const v1::Scheme scheme, FindScheme(catalogue, request.kind(), period, request.filter()));
  TTHC_RETURN_IF_ERROR(domain::CheckGiven("given", scheme, request.given()));
  v1::QueryStatisticsRequest figures = QueryFor(scheme, period);
  for (const v1::Metric always : {v1::METRIC_RECEIVED, v1::METRIC_ENDED}) {
    if (std::find(figures.metrics().begin(), figures.metrics().end(), always) == figures.metrics().end()) {
      figures.add_metrics(always);
    }
  }
  const v1::GroupBy by = GroupingOf(request.kind());
  if (by != v1::GROUP_BY_UNSPECIFIED) figures.add_group_by(by);
  if (NeedsProcedures(scheme)) {
    figures.add_group_by(v1::GROUP_BY_CHANNEL);
    figures.add_group_by(v1::GROUP_BY_PROCEDURE);
  }
  *figures.mutable_filter() = request.filter();
  if (request.has_as_of()) *figures.mutable_as_of() = request.as_of();
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse answer, query(figures));

  v1::GetScoresResponse response;
  *response.mutable_basis() = answer.basis();
  *response.mutable_scheme() = scheme;
  std::vector<v1::Score> scores;
  for (const auto& [name, subject] : CollectSubjects(figures, by, answer)) {
    v1::Score score = domain::Evaluate(scheme, subject.facts, request.given());
    score.set_subject(name);
    score.set_display_name(subject.display_name);
    score.set_dossier_count(subject.ended);
    NameTheWhole(catalogue, request.filter(), &score);
    scores.push_back(std::move(score));
  }
  std::stable_sort(scores.begin(), scores.end(),
                   [](const v1::Score& a, const v1::Score& b) { return a.points() > b.points(); });
  for (v1::Score& score : scores) *response.add_scores() = std::move(score);
  return response;
}

absl::StatusOr<v1::GetPlanResultsResponse> GetPlanResults(const Catalogue& catalogue, const QueryFunction& query,
                                                          const v1::GetPlanResultsRequest& request, absl::Time now) {
  TTHC_ASSIGN_OR_RETURN(const domain::ResolvedPeriod period, domain::ResolvePeriod(request.period(), now));
  TTHC_ASSIGN_OR_RETURN(const v1::Scheme scheme, FindScheme(catalogue, v1::Scheme::PLAN, period, request.filter()));
  const domain::ResolvedPeriod previous = domain::PreviousPeriod(period);
  const auto ask = [&](const domain::ResolvedPeriod& asked) {
    v1::QueryStatisticsRequest figures = QueryFor(scheme, asked);
    *figures.mutable_filter() = request.filter();
    if (request.has_as_of()) *figures.mutable_as_of() = request.as_of();
    return query(figures);
  };
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse now_answer, ask(period));
  const absl::StatusOr<v1::QueryStatisticsResponse> previous_answer = ask(previous);
  if (!previous_answer.ok() && !IsMissingStretch(previous_answer.status())) return previous_answer.status();

  v1::GetPlanResultsResponse response;
  *response.mutable_basis() = now_answer.basis();
  *response.mutable_previous_period() = domain::PeriodToProto(previous);
  *response.mutable_scheme() = scheme;
  const domain::MetricCounts counts = CountsOf(now_answer);
  const domain::MetricCounts previous_counts =
      previous_answer.ok() ? CountsOf(*previous_answer) : domain::MetricCounts();
  for (const v1::Indicator& indicator : scheme.indicators()) {
    *response.add_results() = domain::Compare(indicator, counts, previous_counts);
  }
  return response;
}

v1::ListSchemesResponse ListSchemes(const Catalogue& catalogue) {
  v1::ListSchemesResponse response;
  for (const auto& [name, scheme] : catalogue.schemes()) *response.add_schemes() = *scheme;
  return response;
}

}  // namespace tthc::server
