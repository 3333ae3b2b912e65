#include "server/statistics/counted_dossier_queries.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/call/page_token.h"
#include "server/domain/due.h"
#include "server/domain/fact.h"
#include "server/domain/presentation.h"
#include "server/domain/timeliness.h"
#include "server/dossiers/answer_size.h"
#include "server/dossiers/dossier_view.h"
#include "server/facts/display_names.h"
#include "server/facts/dossier_history.h"
#include "server/statistics/metric.h"
#include "server/timing/period.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Waiting times are days of the calendar, and only the wait for a supplement is limited in days by a procedure.
absl::Status CheckWaiting(const v1::ListCountedDossiersRequest& request) {
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

absl::Status NotCounted(v1::Metric metric) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "METRIC_NOT_COUNTED",
                    .message = "only counts have a list behind them; ask for one of the counts that a share or a "
                               "distribution is made of",
                    .message_vi = "Chỉ chỉ tiêu đếm số hồ sơ mới có danh sách; với tỷ lệ hoặc thời gian, hãy xem "
                                  "các chỉ tiêu đếm tạo nên nó",
                    .metadata = {{"metric", v1::Metric_Name(metric)}},
                    .field = "metric"});
}

// The code of each key that is not a bucket: the group that the request asks for.
std::vector<uint32_t> FindCodes(const FactIndex::View& facts, const ScanPlan& plan,
                                const v1::ListCountedDossiersRequest& request, const QueryContext& context) {
  std::vector<uint32_t> codes;
  size_t next = 0;
  for (const v1::StatisticsKey& key : request.keys()) {
    if (IsTimeBucket(key.group_by())) continue;
    const GroupDimension& dimension = plan.groups[next++];
    std::optional<uint32_t> found;
    const std::optional<FactColumns::Name> column = NameColumnOf(key.group_by());
    const size_t count = column.has_value() ? facts.columns.codes[*column].size() : size_t{8};
    for (uint32_t code = 0; code < count && !found.has_value(); ++code) {
      // A code that counts as another one makes no group.
      if (code < dimension.counts_as.size() && dimension.counts_as[code] != code) continue;
      if (context.ToKey(facts, key.group_by(), code, request.filter()).name() == key.name()) found = code;
    }
    // A name that no dossier has is no error: the list is empty.
    codes.push_back(found.value_or(UINT32_MAX));
  }
  return codes;
}

// Of the items that wait for a supplement, those that have waited for more than so many working days.
absl::StatusOr<std::vector<CountedItem>> WaitingLonger(const StatisticsSources& sources, const QueryContext& context,
                                                       int32_t days_min, std::vector<CountedItem> items) {
  const auto catalogue = sources.catalogue->Get();
  TTHC_ASSIGN_OR_RETURN(const auto calendar, domain::RequireCalendar(*catalogue, catalogue->latest_calendar_version()));
  std::vector<CountedItem> longer;
  const int64_t evaluated_day = LocalDayNumber(absl::FromUnixSeconds(context.evaluated()));
  for (const CountedItem& item : items) {
    // The day of the request is not counted.
    const int64_t first = LocalDayNumber(absl::FromUnixSeconds(item.time)) + 1;
    TTHC_ASSIGN_OR_RETURN(const int64_t days, calendar->WorkingDays(first, evaluated_day + 1));
    if (days > days_min) longer.push_back(item);
  }
  return longer;
}

// What the figure counts; context.evaluated() becomes that of the figure's bucket.
absl::StatusOr<std::vector<CountedItem>> CountItems(const StatisticsSources& sources, const FactIndex::View& facts,
                                                    const v1::ListCountedDossiersRequest& request,
                                                    QueryContext& context) {
  ScanPlan plan;
  plan.metrics = {request.metric()};
  for (const v1::StatisticsKey& key : request.keys()) {
    if (!IsTimeBucket(key.group_by())) {
      plan.groups.push_back(context.ToDimension(facts, key.group_by(), request.filter()));
      continue;
    }
    const auto starts =
        timing::BucketStarts(key.group_by(), context.period().scheme, context.period().from, context.period().to);
    const auto start = std::find_if(starts.begin(), starts.end(),
                                    [&](absl::Time time) { return FormatIsoDate(LocalCivilDay(time)) == key.name(); });
    if (start == starts.end()) {
      return InvalidField("keys", absl::StrCat("\"", key.name(), "\" is the first day of no bucket of this period"),
                          absl::StrCat("\"", key.name(), "\" không phải ngày đầu của khoảng nào trong kỳ"));
    }
    plan.bounds = {absl::ToUnixSeconds(*start),
                   absl::ToUnixSeconds(start + 1 == starts.end() ? context.period().to : *(start + 1))};
  }
  if (plan.bounds.empty()) {
    plan.bounds = {absl::ToUnixSeconds(context.period().from), absl::ToUnixSeconds(context.period().to)};
  }
  plan.evaluated = std::min(context.evaluated(), plan.bounds.back() - 1);
  context.set_evaluated(plan.evaluated);
  plan.filter = context.ToColumnFilter(facts, request.filter());
  const std::vector<uint32_t> codes = FindCodes(facts, plan, request, context);
  std::vector<CountedItem> items;
  ForEachCounted(facts.columns, plan, codes, [&](const CountedItem& item) { items.push_back(item); });
  if (request.waiting_days_min() == 0) return items;
  return WaitingLonger(sources, context, request.waiting_days_min(), std::move(items));
}

// Where a page ended: second, dossier number, and the number of the entry among those of the same dossier and second,
// in which a dossier may count several times.
using Place = std::tuple<int64_t, int64_t, int64_t>;
const Place kBeforeAll(INT64_MIN, 0, 0);

storage::v1::PageToken TokenOf(const Place& place, absl::Time read_time) {
  storage::v1::PageToken token;
  token.set_last_key(std::get<0>(place));
  token.set_last_number(std::get<1>(place));
  token.set_revision(std::get<2>(place));
  token.set_read_time_us(absl::ToUnixMicros(read_time));
  return token;
}

}  // namespace

absl::StatusOr<v1::CountedDossier> CountedDossierQueries::ToCounted(const storage::StoreReader& reader,
                                                                    const QueryContext& context,
                                                                    const CountedItem& item) const {
  const auto number = static_cast<int64_t>(item.row + 1);
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  const auto catalogue = sources_.catalogue->Get();
  v1::CountedDossier counted;
  v1::Dossier& dossier = *counted.mutable_dossier();
  // As the figure saw it: the dossier of now, or the one folded from the events up to the point of the history.
  if (context.point().is_now) {
    dossier = std::move(*record->mutable_dossier());
  } else {
    TTHC_ASSIGN_OR_RETURN(auto then, FoldAsOf(reader, *catalogue, *record, context.point().revision));
    if (then.has_value()) dossier = *std::move(then);
  }
  domain::Present(*catalogue, dossier);
  const absl::Time evaluated = std::min(domain::EvaluationTime(dossier, absl::FromUnixSeconds(context.evaluated())),
                                        absl::FromUnixSeconds(context.evaluated()));
  *dossier.mutable_timeliness() = domain::Evaluate(*catalogue, dossier, absl::FromUnixSeconds(context.evaluated()));
  counted.mutable_count_time()->set_seconds(item.time);
  if (dossier.due().has_due_time()) {
    // Dates are compared for days, as form 06a does; minutes of work as the score does.
    const int64_t days = LocalDayNumber(evaluated) - LocalDayNumber(FromProto(dossier.due().due_time()));
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

absl::Status CountedDossierQueries::Check(const v1::ListCountedDossiersRequest& request) const {
  const MetricSpec* spec = FindMetric(request.metric());
  if (spec == nullptr || spec->kind != MetricSpec::Kind::kCount) return NotCounted(request.metric());
  google::protobuf::RepeatedField<int> groupings;
  for (const v1::StatisticsKey& key : request.keys()) groupings.Add(key.group_by());
  if (const absl::Status status = CheckGroupings(groupings); !status.ok()) {
    return RebaseFields("group_by", "keys", status);
  }
  TTHC_RETURN_IF_ERROR(CheckFilter(*sources_.catalogue->Get(), request.filter()));
  return CheckWaiting(request);
}

absl::StatusOr<v1::ListCountedDossiersResponse> CountedDossierQueries::List(
    const v1::ListCountedDossiersRequest& request, absl::Time now) const {
  TTHC_RETURN_IF_ERROR(Check(request));
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const v1::DossierView view = ViewOr(request.view(), v1::DOSSIER_VIEW_BASIC);
  const uint64_t store_id = sources_.store->store_id();
  const uint64_t arguments = HashArguments(request);
  Place after = kBeforeAll;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_id, arguments, request.page_token()));
    after = {token.last_key(), token.last_number(), token.revision()};
    // All pages are evaluated at the moment of the first one.
    now = absl::FromUnixMicros(token.read_time_us());
  }
  TTHC_ASSIGN_OR_RETURN(QueryContext context, QueryContext::Make(sources_, request.period(), request.as_of(), now));
  std::vector<CountedItem> items;
  v1::ListCountedDossiersResponse response;
  TTHC_RETURN_IF_ERROR(context.WithFacts([&](const FactIndex::View& facts) -> absl::Status {
    TTHC_ASSIGN_OR_RETURN(items, CountItems(sources_, facts, request, context));
    *response.mutable_basis() = context.ToBasis(facts.revision);
    return absl::OkStatus();
  }));
  response.set_total_size(static_cast<int64_t>(items.size()));
  // The oldest moment first: of the overdue ones, those that have been overdue longest.
  std::stable_sort(items.begin(), items.end(), [](const CountedItem& a, const CountedItem& b) {
    return std::tie(a.time, a.row) < std::tie(b.time, b.row);
  });
  // After the facts were read: what they know is in the store.
  const storage::StoreReader reader = sources_.store->Read();
  AnswerSize size;
  int64_t same = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool again = i > 0 && items[i].time == items[i - 1].time && items[i].row == items[i - 1].row;
    same = again ? same + 1 : 1;
    const Place place(items[i].time, static_cast<int64_t>(items[i].row + 1), same);
    if (place <= after) continue;
    // Whatever does not fit begins the next page.
    bool fits = response.dossiers_size() < static_cast<int>(page_size);
    if (fits) {
      TTHC_ASSIGN_OR_RETURN(v1::CountedDossier counted, ToCounted(reader, context, items[i]));
      ApplyView(view, *counted.mutable_dossier());
      fits = size.Fits(counted);
      if (fits) *response.add_dossiers() = std::move(counted);
    }
    if (!fits) {
      response.set_next_page_token(EncodePageToken(store_id, arguments, TokenOf(after, now)));
      break;
    }
    after = place;
  }
  return response;
}

}  // namespace tthc::server
