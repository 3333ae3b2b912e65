#include "server/service/dossier_queries.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/domain/timeliness.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_history.h"
#include "server/service/page_token.h"
#include "server/service/service_errors.h"
#include "server/service/statistics_names.h"
#include "server/service/statistics_scan.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// Shorter ends of a code are no search but a guess.
constexpr size_t kTailMin = 3;
// Part of a phone or identity number that is worth looking for.
constexpr size_t kDigitsMin = 4;

absl::Status CodeAmbiguous(const std::string& field, const std::string& tail, const std::vector<std::string>& codes) {
  const std::string list = absl::StrJoin(codes, ", ");
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "CODE_AMBIGUOUS",
                    .message = absl::StrCat("several codes end in \"", tail, "\": ", list, "; give more of the code"),
                    .message_vi = absl::StrCat("Có nhiều mã kết thúc bằng \"", tail, "\": ", list,
                                               "; hãy gõ dài hơn"),
                    .metadata = {{"tail", tail}, {"matches", absl::StrJoin(codes, ",")}},
                    .field = field});
}

int64_t Seconds(const google::protobuf::Timestamp& time) { return time.seconds(); }

absl::StatusOr<FactFilter::Range> ToRange(const std::string& field, bool has_from,
                                          const google::protobuf::Timestamp& from, bool has_to,
                                          const google::protobuf::Timestamp& to) {
  FactFilter::Range range{.from = has_from ? Seconds(from) : 0, .to = has_to ? Seconds(to) : 0};
  if (has_from && has_to && range.from >= range.to) {
    return InvalidField(field + "_to", "must lie after the beginning of the range", "phải sau thời điểm bắt đầu");
  }
  return range;
}

absl::Status CheckBounds(const v1::DossierFilter& filter) {
  const auto check = [](const std::string& field, int count) {
    if (count <= static_cast<int>(limits::kFilterValuesMax)) return absl::OkStatus();
    return InvalidField(field, absl::StrCat("at most ", limits::kFilterValuesMax, " values are allowed"),
                        absl::StrCat("tối đa ", limits::kFilterValuesMax, " giá trị"));
  };
  TTHC_RETURN_IF_ERROR(check("filter.states", filter.states_size()));
  TTHC_RETURN_IF_ERROR(check("filter.procedures", filter.procedures_size()));
  TTHC_RETURN_IF_ERROR(check("filter.fields", filter.fields_size()));
  TTHC_RETURN_IF_ERROR(check("filter.offices", filter.offices_size()));
  TTHC_RETURN_IF_ERROR(check("filter.units", filter.units_size()));
  TTHC_RETURN_IF_ERROR(check("filter.officers", filter.officers_size()));
  TTHC_RETURN_IF_ERROR(check("filter.channels", filter.channels_size()));
  TTHC_RETURN_IF_ERROR(CheckText("filter.query", filter.query(), {.bytes_max = limits::kQueryBytesMax}));
  return CheckText("filter.applicant", filter.applicant(), {.bytes_max = limits::kQueryBytesMax});
}

std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(FoldForSearch(text), ' ', absl::SkipEmpty());
}

// What a clerk types is a code or its tail, a phone or identity number, or a name: whichever it can be.
void SetQuery(const std::string& query, FactFilter& filter) {
  if (query.empty()) return;
  filter.any_text = true;
  const std::string compact = storage::CanonicalCode(query);
  const std::string digits = PhoneDigits(query);
  const bool has_letters = std::any_of(query.begin(), query.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  });
  if (!digits.empty() && compact.size() >= kTailMin) filter.code_tail = compact;
  if (!has_letters && digits.size() >= kDigitsMin) filter.digits = digits;
  filter.name_words = Words(query);
  if (!filter.has_text()) filter.nothing = true;
}

void AddTimeliness(const Catalogue& catalogue, absl::Time now, v1::Dossier& dossier) {
  *dossier.mutable_timeliness() = domain::Judge(catalogue, dossier, now);
}

// In the order in which ToTimelinessRow takes them.
constexpr v1::Metric kSummaryMetrics[] = {
    v1::METRIC_RECEIVED,         v1::METRIC_RECEIVED_ONLINE,    v1::METRIC_CARRIED_OVER, v1::METRIC_ENDED_EARLY_06A,
    v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A, v1::METRIC_OPEN_IN_TERM, v1::METRIC_OPEN_OVERDUE};
// By SummarizeTimelinessRequest.GroupBy.
constexpr v1::GroupBy kSummaryGroups[] = {v1::GROUP_BY_UNSPECIFIED, v1::GROUP_BY_FIELD,   v1::GROUP_BY_PROCEDURE,
                                          v1::GROUP_BY_OFFICE,      v1::GROUP_BY_UNIT,    v1::GROUP_BY_OFFICER,
                                          v1::GROUP_BY_CHANNEL};

// Two decimals, at the edge only.
double Percent(int64_t part, int64_t whole) {
  return std::round(10'000.0 * static_cast<double>(part) / static_cast<double>(whole)) / 100.0;
}

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

absl::StatusOr<int64_t> DossierQueries::Resolve(const storage::StoreReader& reader, const std::string& field,
                                                const std::string& name) const {
  const std::string code(absl::StripAsciiWhitespace(absl::StripPrefix(name, "dossiers/")));
  TTHC_RETURN_IF_ERROR(CheckText(field, name, {.bytes_max = limits::kResourceNameBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> exact, reader.FindCode(code));
  if (exact.has_value()) return *exact;
  const std::string tail = storage::CanonicalCode(code);
  if (tail.size() < kTailMin) return DossierNotFound(field, name);
  const std::vector<int64_t> matches = index_.FindTail(tail, limits::kAmbiguousMatchesShown);
  if (matches.empty()) return DossierNotFound(field, name);
  if (matches.size() == 1) return matches[0];
  std::vector<std::string> codes;
  for (const int64_t number : matches) {
    TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, Load(reader, number));
    codes.emplace_back(absl::StripPrefix(dossier.name(), "dossiers/"));
  }
  return CodeAmbiguous(field, code, codes);
}

absl::StatusOr<v1::Dossier> DossierQueries::Load(const storage::StoreReader& reader, int64_t number) const {
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  v1::Dossier dossier = std::move(*record->mutable_dossier());
  Present(*catalogue_.Get(), dossier);
  return dossier;
}

absl::StatusOr<v1::Dossier> DossierQueries::Get(const v1::GetDossierRequest& request, absl::Time now) const {
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, "name", request.name()));
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, Load(reader, number));
  AddTimeliness(*catalogue_.Get(), now, dossier);
  return dossier;
}

absl::StatusOr<v1::BatchGetDossiersResponse> DossierQueries::BatchGet(const v1::BatchGetDossiersRequest& request,
                                                                      absl::Time now) const {
  if (request.names_size() > static_cast<int>(limits::kBatchGetMax)) {
    return InvalidField("names", absl::StrCat("at most ", limits::kBatchGetMax, " at once"),
                        absl::StrCat("tối đa ", limits::kBatchGetMax, " hồ sơ một lần"));
  }
  const storage::StoreReader reader = store_.Read();
  const auto catalogue = catalogue_.Get();
  v1::BatchGetDossiersResponse response;
  for (int i = 0; i < request.names_size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const int64_t number,
                          Resolve(reader, absl::StrCat("names[", i, "]"), request.names(i)));
    TTHC_ASSIGN_OR_RETURN(*response.add_dossiers(), Load(reader, number));
    AddTimeliness(*catalogue, now, *response.mutable_dossiers(i));
  }
  return response;
}

absl::StatusOr<int64_t> DossierQueries::DueUntil(const std::string& field, absl::Time now,
                                                 int64_t working_minutes) const {
  if (working_minutes < 0 || working_minutes > limits::kDueSoonMinutesMax) {
    return InvalidField(field, absl::StrCat("must be 0 to ", limits::kDueSoonMinutesMax),
                        absl::StrCat("phải từ 0 đến ", limits::kDueSoonMinutesMax, " phút làm việc"));
  }
  const auto catalogue = catalogue_.Get();
  const auto calendar = catalogue->FindCalendar(catalogue->latest_calendar_version());
  const int64_t minutes = working_minutes == 0 ? limits::kDueSoonMinutesDefault : working_minutes;
  if (calendar == nullptr) return absl::ToUnixSeconds(now + absl::Minutes(minutes));
  TTHC_ASSIGN_OR_RETURN(const absl::Time until, calendar->AddWorkingSeconds("", now, minutes * 60));
  return absl::ToUnixSeconds(until);
}

absl::StatusOr<FactFilter> DossierQueries::ToFactFilter(const v1::DossierFilter& filter, absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckBounds(filter));
  FactFilter result;
  for (const int state : filter.states()) {
    if (!v1::Dossier::State_IsValid(state))
      return InvalidField("filter.states", "is no state", "không có trạng thái này");
    result.states.set(static_cast<size_t>(state));
  }
  for (const int channel : filter.channels()) {
    if (!v1::Channel_IsValid(channel)) return InvalidField("filter.channels", "is no channel", "không có kênh này");
    result.channels.set(static_cast<size_t>(channel));
  }
  const auto numbers = [&](const auto& names, std::vector<uint32_t>& wanted) {
    for (const std::string& name : names) {
      if (const uint32_t number = index_.FindName(name); number != 0) wanted.push_back(number);
    }
    if (!names.empty() && wanted.empty()) result.nothing = true;
  };
  numbers(filter.procedures(), result.procedures);
  numbers(filter.fields(), result.fields);
  numbers(filter.offices(), result.offices);
  numbers(filter.units(), result.units);
  numbers(filter.officers(), result.officers);
  TTHC_ASSIGN_OR_RETURN(result.accept_time,
                        ToRange("filter.accept_time", filter.has_accept_time_from(), filter.accept_time_from(),
                                filter.has_accept_time_to(), filter.accept_time_to()));
  TTHC_ASSIGN_OR_RETURN(result.end_time,
                        ToRange("filter.finish_time", filter.has_finish_time_from(), filter.finish_time_from(),
                                filter.has_finish_time_to(), filter.finish_time_to()));
  TTHC_ASSIGN_OR_RETURN(result.due_time,
                        ToRange("filter.due_time", filter.has_due_time_from(), filter.due_time_from(),
                                filter.has_due_time_to(), filter.due_time_to()));
  result.open_only = filter.open_only();
  switch (filter.lateness()) {
    case v1::DossierFilter::OVERDUE:
      result.overdue_at = absl::ToUnixSeconds(now);
      break;
    case v1::DossierFilter::DUE_SOON: {
      TTHC_ASSIGN_OR_RETURN(const int64_t until,
                            DueUntil("filter.due_within_minutes", now, filter.due_within_minutes()));
      result.due_between = {absl::ToUnixSeconds(now) - 1, until};
      break;
    }
    case v1::DossierFilter::ENDED_LATE:
      result.ended_late = true;
      break;
    default:
      break;
  }
  SetQuery(filter.query(), result);
  if (!filter.applicant().empty()) {
    // Beside a query both must hold: the query keeps its "any", the name is narrowed to whole agreement.
    if (result.any_text) return InvalidField("filter.applicant", "give either query or applicant",
                                             "chỉ dùng một trong hai: từ khóa hoặc tên người nộp");
    result.name_words = Words(filter.applicant());
    if (result.name_words.empty()) result.nothing = true;
  }
  return result;
}

absl::StatusOr<v1::ListDossiersResponse> DossierQueries::List(const v1::ListDossiersRequest& request, absl::Time now,
                                                              absl::Time* judged) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const uint64_t arguments = HashArguments(request);
  std::optional<FactIndex::After> after;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_.store_id(), arguments, request.page_token()));
    after = FactIndex::After{.key = token.last_key(), .number = token.last_number()};
    // "Late" means the same on every page.
    now = absl::FromUnixMicros(token.read_time_us());
  }
  if (judged != nullptr) *judged = now;
  TTHC_ASSIGN_OR_RETURN(const FactFilter filter, ToFactFilter(request.filter(), now));
  FactIndex::Order order = FactIndex::Order::kNewestFirst;
  if (request.order_by() == v1::ListDossiersRequest::OLDEST_FIRST) order = FactIndex::Order::kOldestFirst;
  if (request.order_by() == v1::ListDossiersRequest::DUE_FIRST) order = FactIndex::Order::kDueFirst;
  const FactIndex::Page page = index_.List(filter, order, after, page_size);

  // Taken after the page, so that every dossier on it is there.
  const storage::StoreReader reader = store_.Read();
  v1::ListDossiersResponse response;
  const auto catalogue = catalogue_.Get();
  for (const int64_t number : page.numbers) {
    TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, Load(reader, number));
    AddTimeliness(*catalogue, now, dossier);
    *response.add_dossiers() = std::move(dossier);
  }
  response.set_total_size(page.total);
  response.set_revision(page.revision);
  if (page.more) {
    storage::v1::PageToken token;
    token.set_last_key(page.last_key);
    token.set_last_number(page.numbers.back());
    token.set_read_time_us(absl::ToUnixMicros(now));
    response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(token)));
  }
  return response;
}

absl::StatusOr<v1::ListEventsResponse> DossierQueries::ListEvents(const v1::ListEventsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const uint64_t arguments = HashArguments(request);
  int64_t after = 0;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_.store_id(), arguments, request.page_token()));
    after = token.revision();
  }
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, "parent", request.parent()));
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) return DossierNotFound("parent", request.parent());

  v1::ListEventsResponse response;
  response.set_total_size(record->revision_deltas_size());
  TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, LoadEvents(reader, *record, reader.revision()));
  // Marks what was amended, wherever the amendment lies.
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].revision() <= after) continue;
    if (response.events_size() == static_cast<int>(page_size)) {
      storage::v1::PageToken token;
      token.set_revision(response.events().rbegin()->revision());
      response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(token)));
      break;
    }
    events[i].set_amended_by_revision(effective[i].amended_by_revision());
    PresentEvent(record->dossier(), events[i]);
    *response.add_events() = std::move(events[i]);
  }
  return response;
}

absl::StatusOr<v1::ListLateDossiersResponse> DossierQueries::ListLate(const v1::ListLateDossiersRequest& request,
                                                                      absl::Time now) const {
  v1::ListDossiersRequest list;
  *list.mutable_filter() = request.filter();
  list.mutable_filter()->set_lateness(v1::DossierFilter::OVERDUE);
  list.set_order_by(v1::ListDossiersRequest::DUE_FIRST);
  list.set_page_size(request.page_size());
  list.set_page_token(request.page_token());
  TTHC_ASSIGN_OR_RETURN(v1::ListDossiersResponse page, List(list, now, &now));

  v1::ListLateDossiersResponse response;
  for (v1::Dossier& dossier : *page.mutable_dossiers()) {
    v1::LateDossier& late = *response.add_dossiers();
    const absl::Time due = FromProto(dossier.due().due_time());
    late.set_days_late(static_cast<int32_t>(LocalDayNumber(now) - LocalDayNumber(due)));
    late.set_working_minutes_late(std::max<int64_t>(0, -dossier.timeliness().working_minutes_left()));
    const auto since = dossier.steps().empty() ? dossier.accept_time() : dossier.steps().rbegin()->forward_time();
    *late.mutable_holder_since_time() = since;
    *late.mutable_dossier() = std::move(dossier);
  }
  response.set_next_page_token(page.next_page_token());
  response.set_total_size(page.total_size());
  response.set_revision(page.revision());
  *response.mutable_read_time() = ToProto(now);
  return response;
}

absl::StatusOr<v1::ListDueSoonDossiersResponse> DossierQueries::ListDueSoon(
    const v1::ListDueSoonDossiersRequest& request, absl::Time now) const {
  v1::ListDossiersRequest list;
  *list.mutable_filter() = request.filter();
  list.mutable_filter()->set_lateness(v1::DossierFilter::DUE_SOON);
  list.mutable_filter()->set_due_within_minutes(request.within_minutes());
  list.set_order_by(v1::ListDossiersRequest::DUE_FIRST);
  list.set_page_size(request.page_size());
  list.set_page_token(request.page_token());
  absl::StatusOr<v1::ListDossiersResponse> listed = List(list, now);
  if (!listed.ok()) return RebaseFields("filter.due_within_minutes", "within_minutes", listed.status());
  v1::ListDossiersResponse page = *std::move(listed);
  v1::ListDueSoonDossiersResponse response;
  response.mutable_dossiers()->Swap(page.mutable_dossiers());
  response.set_next_page_token(page.next_page_token());
  response.set_total_size(page.total_size());
  response.set_revision(page.revision());
  *response.mutable_read_time() = ToProto(now);
  return response;
}

absl::StatusOr<v1::TimelinessSummary> DossierQueries::Summarize(const v1::SummarizeTimelinessRequest& request,
                                                                absl::Time now) const {
  const absl::Time from = FromProto(request.from_time());
  const absl::Time to = FromProto(request.to_time());
  if (from >= to) return InvalidField("to_time", "must lie after from_time", "phải sau thời điểm bắt đầu");
  TTHC_ASSIGN_OR_RETURN(const FactFilter filter, ToFactFilter(request.filter(), now));
  // The period's last moment, or now if it still runs.
  const absl::Time judged = std::min(to - absl::Seconds(1), now);
  if (!v1::SummarizeTimelinessRequest::GroupBy_IsValid(request.group_by())) {
    return InvalidField("group_by", "is no grouping", "không có cách nhóm này");
  }
  ScanPlan plan;
  plan.metrics.assign(std::begin(kSummaryMetrics), std::end(kSummaryMetrics));
  plan.bounds = {absl::ToUnixSeconds(from), absl::ToUnixSeconds(to)};
  plan.judged = absl::ToUnixSeconds(judged);
  const v1::GroupBy group_by = kSummaryGroups[request.group_by()];
  if (group_by != v1::GROUP_BY_UNSPECIFIED) plan.groups.push_back({.by = group_by});
  v1::TimelinessSummary summary;
  absl::Status status;
  index_.ReadMatching(filter, [&](const FactIndex::View& facts, const std::function<bool(size_t)>& matches) {
    if (!filter.empty()) plan.also = matches;
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
  *summary.mutable_judged_time() = ToProto(judged);
  return summary;
}

}  // namespace tthc::server
