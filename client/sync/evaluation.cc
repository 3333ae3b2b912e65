#include "client/sync/evaluation.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using Json = nlohmann::json;
using tthc::v1::Dossier;
using tthc::v1::Timeliness;

constexpr char kProgressPath[] = "/api/v1/reporting/evaluation/dvc-progress-tree";
// The portal publishes no bound for its page size. All departments of a province fit into one page of this size.
constexpr int kEvaluationPageSize = 1000;
// Bounds of what a damaged answer can make this program hold.
constexpr int kDepthMax = 16;
constexpr double kMinutesPerWorkingDay = 480;
constexpr size_t kDepartmentsMax = 20'000;

absl::Status Unreadable() {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "EVALUATION_UNREADABLE",
                    .message = "the portal's figures can't be read; its answer has another form than expected",
                    .message_vi = "không đọc được số liệu của Cổng; câu trả lời có dạng khác với dạng đã biết"});
}

std::optional<double> NumberAt(const Json& node, const char* key) {
  const auto found = node.find(key);
  if (found == node.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

// The name's key is not published either; the usual ones are tried.
std::string NameOf(const Json& node) {
  for (const char* key : {"departmentName", "name", "title", "label"}) {
    const auto found = node.find(key);
    if (found != node.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

std::string IdOf(const Json& node) {
  for (const char* key : {"departmentId", "id", "key"}) {
    const auto found = node.find(key);
    if (found == node.end()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number_integer()) return absl::StrCat(found->get<int64_t>());
  }
  return "";
}

// The keys of the lists of departments are not published, so that every list in the answer is searched.
void Walk(const Json& node, int depth, std::vector<ProgressFigures>& figures) {
  if (depth > kDepthMax || figures.size() >= kDepartmentsMax) return;
  if (node.is_array()) {
    for (const Json& child : node) Walk(child, depth, figures);
    return;
  }
  if (!node.is_object()) return;
  // Nodes without figures group departments; they do not count as a level.
  const bool is_department = node.contains("totalReceived");
  if (is_department) {
    figures.push_back({.id = IdOf(node),
                       .name = NameOf(node),
                       .depth = depth,
                       .received = NumberAt(node, "totalReceived"),
                       .on_time = NumberAt(node, "totalOnTime"),
                       .overdue = NumberAt(node, "totalOverdue"),
                       .completed = NumberAt(node, "totalCompleted"),
                       .mean_working_days = NumberAt(node, "avgProcessingDays")});
  }
  for (const auto& [key, value] : node.items()) {
    if (value.is_array()) Walk(value, depth + (is_department ? 1 : 0), figures);
  }
}

// As the portal counts: open dossiers within their term are on time, too.
bool IsOnTime(Timeliness::Verdict verdict) {
  return verdict == Timeliness::VERDICT_EARLY || verdict == Timeliness::VERDICT_ON_TIME ||
         verdict == Timeliness::VERDICT_OPEN_IN_TERM;
}
bool IsOverdue(Timeliness::Verdict verdict) {
  return verdict == Timeliness::VERDICT_LATE || verdict == Timeliness::VERDICT_OPEN_OVERDUE;
}

}  // namespace

absl::CivilDay EvaluationPeriod::first_day() const {
  switch (kind) {
    case Kind::kMonth:
      return absl::CivilDay(year, number, 1);
    case Kind::kQuarter:
      return absl::CivilDay(year, 3 * number - 2, 1);
    case Kind::kYear:
      return absl::CivilDay(year, 1, 1);
  }
  return {};
}

absl::CivilDay EvaluationPeriod::end_day() const {
  const int months = kind == Kind::kMonth ? 1 : kind == Kind::kQuarter ? 3 : 12;
  return absl::CivilDay(absl::CivilMonth(first_day()) + months);
}

absl::StatusOr<EvaluationPeriod> ParseEvaluationPeriod(absl::string_view text) {
  const absl::Status invalid =
      InvalidField("--period", "must be a month (2026-10), a quarter (2026-Q3) or a year (2026)",
                   "phải là tháng (2026-10), quý (2026-Q3) hoặc năm (2026)");
  EvaluationPeriod period{.kind = EvaluationPeriod::Kind::kYear};
  // Exactly four digits for the year, one or two for the month, one for the quarter.
  const absl::string_view year = text.substr(0, 4);
  if (!absl::SimpleAtoi(year, &period.year) || period.year < limits::kYearMin || period.year > limits::kYearMax) {
    return invalid;
  }
  text.remove_prefix(year.size());
  if (text.empty()) return period;
  if (!absl::ConsumePrefix(&text, "-")) return invalid;
  const bool is_quarter = absl::ConsumePrefix(&text, "Q");
  period.kind = is_quarter ? EvaluationPeriod::Kind::kQuarter : EvaluationPeriod::Kind::kMonth;
  if (text.size() > 2 || !absl::SimpleAtoi(text, &period.number)) return invalid;
  if (period.number < 1 || period.number > (is_quarter ? 4 : 12)) return invalid;
  return period;
}

HttpRequest MakeEvaluationRequest(const EvaluationSource& source, const EvaluationPeriod& period) {
  Json body = {{"year", period.year},
               {"rootDepartmentId", source.department_id},
               {"currentPage", 1},
               {"pageSize", kEvaluationPageSize}};
  switch (period.kind) {
    case EvaluationPeriod::Kind::kMonth:
      body["timeType"] = "month";
      body["month"] = period.number;
      break;
    case EvaluationPeriod::Kind::kQuarter:
      body["timeType"] = "quarter";
      body["quarter"] = period.number;
      break;
    case EvaluationPeriod::Kind::kYear:
      body["timeType"] = "year";
      break;
  }
  return {.url = absl::StrCat(absl::StripSuffix(source.base_url, "/"), kProgressPath),
          .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          .body = body.dump(),
          .timeout = limits::kSyncCallTimeout};
}

// Checks the envelope strictly and the data loosely: figures must not be taken from an error page.
absl::StatusOr<std::vector<ProgressFigures>> ReadEvaluation(absl::string_view body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("code") || answer.at("code") != "OK" || !answer.contains("data")) {
    return Unreadable();
  }
  const Json& data = answer.at("data");
  std::vector<ProgressFigures> figures;
  Walk(data.is_object() || data.is_array() ? data : Json::array(), 0, figures);
  // Empty data means that there are no figures for the period. Data without a single figure is another format.
  if (figures.empty() && !data.empty()) return Unreadable();
  return figures;
}

absl::StatusOr<std::vector<ProgressFigures>> FetchEvaluation(Http& http, const EvaluationSource& source,
                                                             const EvaluationPeriod& period) {
  const absl::StatusOr<HttpResponse> response = http.Send(MakeEvaluationRequest(source, period), nullptr);
  const int status = response.ok() ? response->status : 0;
  // The portal answers this query with 201 Created.
  if (status == 200 || status == 201) return ReadEvaluation(response->body);
  const std::string why = response.ok() ? absl::StrCat("HTTP ", status) : std::string(response.status().message());
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "EVALUATION_UNREACHABLE",
                    .message = absl::StrCat("the portal does not give its figures (", why, "); try again later"),
                    .message_vi = absl::StrCat("Cổng không cho số liệu (", why, "); hãy thử lại sau"),
                    .metadata = {{"http_status", absl::StrCat(status)}}});
}

// The answer may have no ids that IdOf() knows. Its root is the department that was asked for.
const ProgressFigures* FindDepartment(const std::vector<ProgressFigures>& figures, const std::string& department_id) {
  for (const ProgressFigures& department : figures) {
    if (department.id == department_id) return &department;
  }
  return figures.empty() ? nullptr : &figures.front();
}

namespace {

// No value if no dossier was finished in the period.
absl::StatusOr<std::optional<double>> OurMeanDays(sdk::Client& client, const EvaluationPeriod& period,
                                                  const std::string& office) {
  tthc::v1::QueryStatisticsRequest request;
  *request.mutable_period()->mutable_start_time() = ToProto(LocalMidnight(DayNumber(period.first_day())));
  *request.mutable_period()->mutable_end_time() = ToProto(LocalMidnight(DayNumber(period.end_day())));
  request.add_metrics(tthc::v1::METRIC_HANDLING_TIME);
  if (!office.empty()) request.mutable_filter()->add_offices(office);
  TTHC_ASSIGN_OR_RETURN(const tthc::v1::QueryStatisticsResponse response, client.QueryStatistics(request));
  if (response.total().values().empty() || !response.total().values(0).has_mean_minutes())
    return std::optional<double>();
  return std::optional(response.total().values(0).mean_minutes() / kMinutesPerWorkingDay);
}

}  // namespace

absl::StatusOr<ProgressFigures> OurFigures(sdk::Client& client, const EvaluationPeriod& period,
                                           const std::string& office) {
  tthc::v1::ListDossiersRequest request;
  tthc::v1::TimeRange& accept_time = *request.mutable_filter()->mutable_accept_time();
  *accept_time.mutable_start_time() = ToProto(LocalMidnight(DayNumber(period.first_day())));
  *accept_time.mutable_end_time() = ToProto(LocalMidnight(DayNumber(period.end_day())));
  if (!office.empty()) request.mutable_filter()->add_offices(office);
  request.set_order_by(tthc::v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST);
  request.set_page_size(limits::kPageSizeMax);
  ProgressFigures ours;
  // Ours are known, so that none is 0 and not missing.
  ours.received = ours.on_time = ours.overdue = ours.completed = 0;
  do {
    TTHC_ASSIGN_OR_RETURN(const tthc::v1::ListDossiersResponse page, client.ListDossiers(request));
    for (const Dossier& dossier : page.dossiers()) {
      *ours.received += 1;
      *ours.on_time += IsOnTime(dossier.timeliness().decision_766()) ? 1 : 0;
      *ours.overdue += IsOverdue(dossier.timeliness().decision_766()) ? 1 : 0;
      *ours.completed += dossier.has_finish_time() ? 1 : 0;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  TTHC_ASSIGN_OR_RETURN(ours.mean_working_days, OurMeanDays(client, period, office));
  return ours;
}

}  // namespace tthc::sync
