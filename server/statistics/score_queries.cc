#include "server/statistics/score_queries.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/call/list_page.h"
#include "server/call/page_token.h"
#include "server/domain/scheme.h"
#include "server/domain/score.h"
#include "server/timing/period.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// For messages to people; lists show the kind in the client's words.
absl::string_view KindInVietnamese(v1::Scheme::Kind kind) {
  switch (kind) {
    case v1::Scheme::KIND_QUALITY_INDEX:
      return "bộ chỉ số phục vụ";
    case v1::Scheme::KIND_OFFICIALS:
      return "bộ tiêu chí chấm điểm công chức";
    case v1::Scheme::KIND_UNITS:
      return "bộ tiêu chí chấm điểm đơn vị";
    case v1::Scheme::KIND_PLAN:
      return "kế hoạch";
    default:
      return "bộ tiêu chí";
  }
}

absl::Status NoneInForce(v1::Scheme::Kind kind, const std::string& day, const std::vector<std::string>& offices) {
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

// The scheme is chosen by the period's last day, so that a law that changes within a year is applied to the period as a
// whole and not to parts of it.
absl::StatusOr<v1::Scheme> FindScheme(const domain::Catalogue& catalogue, v1::Scheme::Kind kind,
                                      const timing::ResolvedPeriod& period, const v1::StatisticsFilter& filter) {
  std::vector<const v1::Scheme*> schemes;
  for (const auto& [name, scheme] : catalogue.schemes()) schemes.push_back(scheme.get());
  const std::string last_day = FormatIsoDate(LocalCivilDay(period.to - absl::Microseconds(1)));
  const std::vector<std::string> offices(filter.offices().begin(), filter.offices().end());
  const v1::Scheme* found = domain::SchemeInForce(schemes, kind, last_day, offices);
  if (found == nullptr) return NoneInForce(kind, last_day, offices);
  return *found;
}

// Every metric of the scheme in one query: figures of one score are of one revision.
v1::QueryStatisticsRequest QueryFor(const v1::Scheme& scheme, const timing::ResolvedPeriod& period) {
  v1::QueryStatisticsRequest query;
  *query.mutable_period() = timing::PeriodToProto(period);
  for (const v1::Metric metric : domain::MetricsOf(scheme)) query.add_metrics(metric);
  return query;
}

// Index 9 of Circular 01/2018/TT-VPCP counts procedures, so that figures have to be grouped by them.
bool NeedsProcedures(const v1::Scheme& scheme) {
  return std::any_of(scheme.indicators().begin(), scheme.indicators().end(), [](const v1::Indicator& indicator) {
    return indicator.source() == v1::Indicator::SOURCE_PROCEDURES_ONLINE;
  });
}

// What is known of one office, unit or officer, from all rows that are about it.
struct Subject {
  std::string display_name;
  domain::ScoreFacts facts;
  std::set<std::string> procedures;
  std::set<std::string> procedures_online;
  int64_t ended = 0;
};

// Figures of one subject add up over rows: each is a count, or a share that carries its two counts.
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

// A subject without a row had nothing to count, which is 0 and not unknown.
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

// UNSPECIFIED: one score for everything.
v1::GroupBy GroupingOf(v1::Scheme::Kind kind) {
  switch (kind) {
    case v1::Scheme::KIND_OFFICIALS:
      return v1::GROUP_BY_OFFICER;
    case v1::Scheme::KIND_UNITS:
      return v1::GROUP_BY_UNIT;
    default:
      return v1::GROUP_BY_UNSPECIFIED;
  }
}

absl::Status CheckKind(v1::Scheme::Kind kind) {
  if (kind == v1::Scheme::KIND_QUALITY_INDEX || GroupingOf(kind) != v1::GROUP_BY_UNSPECIFIED) return absl::OkStatus();
  return InvalidField("kind", "must be QUALITY_INDEX, OFFICIALS or UNITS; plans are ComputePlanResults",
                      "phải là QUALITY_INDEX (766), OFFICIALS (công chức) hoặc UNITS (đơn vị); kế hoạch xem riêng");
}

// By name: everything together under "", otherwise one for each name of the first key.
std::map<std::string, Subject> CollectSubjects(const v1::QueryStatisticsRequest& query, v1::GroupBy by,
                                               const v1::QueryStatisticsResponse& answer) {
  std::map<std::string, Subject> subjects;
  if (by == v1::GROUP_BY_UNSPECIFIED) subjects[""];
  for (const v1::StatisticsRow& row : answer.rows()) {
    const bool whole = by == v1::GROUP_BY_UNSPECIFIED;
    const std::string name = whole ? "" : row.keys(0).name();
    // Dossiers that no unit or officer has.
    if (!whole && name.empty()) continue;
    Subject& subject = subjects[name];
    if (!whole) subject.display_name = row.keys(0).display_name();
    AddRow(row, &subject);
  }
  if (query.group_by().empty()) AddRow(answer.total(), &subjects[""]);
  for (auto& [name, subject] : subjects) FillUp(query, &subject);
  return subjects;
}

// The score of everything is that of the office, if the filter names exactly one.
void NameTheWhole(const domain::Catalogue& catalogue, const v1::StatisticsFilter& filter, v1::Score* score) {
  if (!score->subject().empty() || filter.offices_size() != 1) return;
  score->set_subject(filter.offices(0));
  const auto office = catalogue.offices().find(filter.offices(0));
  if (office != catalogue.offices().end()) score->set_display_name(office->second->display_name());
}

// The period before may begin before the first calendar year; it has no values then.
bool LiesBeforeCalendars(const absl::Status& status) {
  return ErrorReason(status) == "CALENDAR_YEAR_NOT_LOADED" || ErrorReason(status) == "PERIOD_INVALID";
}

domain::MetricCounts CountsOf(const v1::QueryStatisticsResponse& answer) {
  domain::MetricCounts counts;
  for (const v1::StatisticsValue& value : answer.total().values()) counts.Add(value);
  return counts;
}

}  // namespace

absl::StatusOr<v1::ComputeScoresResponse> ScoreQueries::ComputeScores(const v1::ComputeScoresRequest& request,
                                                                      absl::Time now) const {
  const auto catalogue = catalogue_.Get();
  TTHC_RETURN_IF_ERROR(CheckKind(request.kind()));
  TTHC_ASSIGN_OR_RETURN(const timing::ResolvedPeriod period, timing::ResolvePeriod(request.period(), now));
  TTHC_ASSIGN_OR_RETURN(const v1::Scheme scheme, FindScheme(*catalogue, request.kind(), period, request.filter()));
  TTHC_RETURN_IF_ERROR(domain::CheckGiven("given_points", scheme, request.given_points()));
  v1::QueryStatisticsRequest figures = QueryFor(scheme, period);
  // Shown beside the score: its number of dossiers, and which procedures had any.
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
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse answer, query_(figures, now));

  v1::ComputeScoresResponse response;
  *response.mutable_basis() = answer.basis();
  *response.mutable_scheme() = ShownScheme(scheme);
  std::vector<v1::Score> scores;
  for (const auto& [name, subject] : CollectSubjects(figures, by, answer)) {
    v1::Score score = domain::Evaluate(scheme, subject.facts, request.given_points());
    score.set_subject(name);
    score.set_display_name(subject.display_name);
    score.set_dossier_count(subject.ended);
    NameTheWhole(*catalogue, request.filter(), &score);
    scores.push_back(std::move(score));
  }
  // Equal scores stay in the order of their subjects' names.
  std::stable_sort(scores.begin(), scores.end(),
                   [](const v1::Score& a, const v1::Score& b) { return a.points() > b.points(); });
  for (v1::Score& score : scores) *response.add_scores() = std::move(score);
  return response;
}

absl::StatusOr<v1::ComputePlanResultsResponse> ScoreQueries::ComputePlanResults(
    const v1::ComputePlanResultsRequest& request, absl::Time now) const {
  const auto catalogue = catalogue_.Get();
  TTHC_ASSIGN_OR_RETURN(const timing::ResolvedPeriod period, timing::ResolvePeriod(request.period(), now));
  TTHC_ASSIGN_OR_RETURN(const v1::Scheme scheme,
                        FindScheme(*catalogue, v1::Scheme::KIND_PLAN, period, request.filter()));
  const timing::ResolvedPeriod previous = timing::PreviousPeriod(period);
  const auto ask = [&](const timing::ResolvedPeriod& asked) {
    v1::QueryStatisticsRequest figures = QueryFor(scheme, asked);
    *figures.mutable_filter() = request.filter();
    if (request.has_as_of()) *figures.mutable_as_of() = request.as_of();
    return query_(figures, now);
  };
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse now_answer, ask(period));
  // Two queries may see two revisions if something is recorded in between. That is accepted: the period before is
  // mostly over, and as_of gives both the same point.
  const absl::StatusOr<v1::QueryStatisticsResponse> previous_answer = ask(previous);
  if (!previous_answer.ok() && !LiesBeforeCalendars(previous_answer.status())) return previous_answer.status();

  v1::ComputePlanResultsResponse response;
  *response.mutable_basis() = now_answer.basis();
  *response.mutable_previous_period() = timing::PeriodToProto(previous);
  *response.mutable_scheme() = ShownScheme(scheme);
  const domain::MetricCounts counts = CountsOf(now_answer);
  const domain::MetricCounts previous_counts =
      previous_answer.ok() ? CountsOf(*previous_answer) : domain::MetricCounts();
  for (const v1::Indicator& indicator : scheme.indicators()) {
    *response.add_results() = domain::Compare(indicator, counts, previous_counts);
  }
  return response;
}

v1::Scheme ShownScheme(const v1::Scheme& scheme) {
  v1::Scheme shown = scheme;
  shown.clear_etag();
  shown.set_etag(absl::StrCat("\"h", absl::Hex(HashContent(shown), absl::kZeroPad16), "\""));
  return shown;
}

absl::Status SchemeNotFound(absl::string_view field, const std::string& name) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "SCHEME_NOT_FOUND",
                    .message = absl::StrCat("there is no scheme \"", name, "\"; see ListSchemes"),
                    .message_vi = absl::StrCat("Không có bộ tiêu chí \"", name, "\"; xem danh sách: tthc schemes list"),
                    .metadata = {{"name", name}},
                    .field = std::string(field)});
}

absl::StatusOr<v1::Scheme> ScoreQueries::GetScheme(const v1::GetSchemeRequest& request) const {
  const auto catalogue = catalogue_.Get();
  const auto found = catalogue->schemes().find(request.name());
  if (found == catalogue->schemes().end()) return SchemeNotFound("name", request.name());
  return ShownScheme(*found->second);
}

absl::StatusOr<v1::ListSchemesResponse> ScoreQueries::ListSchemes(const v1::ListSchemesRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  const auto catalogue = catalogue_.Get();
  v1::ListSchemesResponse response;
  for (const auto& [name, scheme] : catalogue->schemes()) {
    if (request.kind() != v1::Scheme::KIND_UNSPECIFIED && scheme->kind() != request.kind()) continue;
    if (page.Reaches(name) && page.Fits(*scheme)) *response.add_schemes() = ShownScheme(*scheme);
  }
  page.End(response);
  return response;
}

}  // namespace tthc::server
