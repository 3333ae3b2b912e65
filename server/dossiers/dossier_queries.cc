#include "server/dossiers/dossier_queries.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/call/errors.h"
#include "server/call/page_token.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/domain/presentation.h"
#include "server/domain/timeliness.h"
#include "server/dossiers/answer_size.h"
#include "server/dossiers/dossier_view.h"
#include "server/dossiers/due_time_queries.h"
#include "server/facts/dossier_history.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

constexpr absl::string_view kDossierPrefix = "dossiers/";

// A shorter end of a code fits too many dossiers.
constexpr size_t kTailMin = 3;
// The same for a part of a phone or identity number.
constexpr size_t kDigitsMin = 4;

// Lists some of the codes, so that a person can choose without another search.
absl::Status CodeAmbiguous(const std::string& field, const std::string& tail, const std::vector<std::string>& codes) {
  const std::string list = absl::StrJoin(codes, ", ");
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "CODE_AMBIGUOUS",
                    .message = absl::StrCat("several codes end in \"", tail, "\": ", list, "; give more of the code"),
                    .message_vi = absl::StrCat("Có nhiều mã kết thúc bằng \"", tail, "\": ", list, "; hãy gõ dài hơn"),
                    .metadata = {{"tail", tail}, {"matches", absl::StrJoin(codes, ",")}},
                    .field = field});
}

absl::Status EventNotFound(const std::string& dossier, int64_t revision) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "EVENT_NOT_FOUND",
                    .message = absl::StrCat(dossier, " has no event of revision ", revision, "; see ListEvents"),
                    .message_vi = absl::StrCat("Hồ sơ không có sự kiện số ", revision, "; hãy xem lịch sử hồ sơ"),
                    .metadata = {{"dossier", dossier}, {"revision", absl::StrCat(revision)}},
                    .field = "name"});
}

struct EventName {
  std::string parent;
  int64_t revision = 0;
};

// The dossier part is not checked here: the look-up accepts a uid, a code or an alias and refuses the others.
absl::StatusOr<EventName> ParseEventName(const std::string& name) {
  constexpr absl::string_view kEvents = "/events/";
  EventName parsed;
  const absl::string_view text = name;
  const size_t at = text.rfind(kEvents);
  const bool ok = at != absl::string_view::npos &&
                  absl::SimpleAtoi(text.substr(at + kEvents.size()), &parsed.revision) && parsed.revision > 0;
  if (!ok) {
    return InvalidField("name", "is not the name of an event: dossiers/{dossier}/events/{revision}",
                        "không phải tên sự kiện: dossiers/{hồ sơ}/events/{số thứ tự}");
  }
  parsed.parent = name.substr(0, at);
  return parsed;
}

// Facts hold whole seconds: a range that begins or ends within a second includes that second.
absl::StatusOr<FactFilter::Range> ToRange(const std::string& field, const v1::TimeRange& times) {
  const absl::Time start = times.has_start_time() ? FromProto(times.start_time()) : absl::InfinitePast();
  const absl::Time end = times.has_end_time() ? FromProto(times.end_time()) : absl::InfiniteFuture();
  if (end <= start) {
    return InvalidField(field + ".end_time", "must be after start_time", "phải sau thời điểm bắt đầu");
  }
  FactFilter::Range range;
  // 0 stands for an open end. No dossier is as old as the epoch: a start at or before it selects all that have the
  // moment, and an end there selects nothing, just as second 1 does.
  if (times.has_start_time()) range.from = std::max<int64_t>(1, absl::ToUnixSeconds(start));
  if (times.has_end_time()) {
    range.to = std::max<int64_t>(1, absl::ToUnixSeconds(end + absl::Seconds(1) - absl::Nanoseconds(1)));
  }
  return range;
}

// Bounds what one scan compares each dossier with.
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

// Folded as the columns hold names: lower case without diacritics.
std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(FoldForSearch(text), ' ', absl::SkipEmpty());
}

// A clerk types a code or its tail, a phone or identity number, or a name: the text is searched for as each of these
// that it can be.
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

// Unspecified and unknown orders are the default.
FactIndex::Order ToOrder(v1::ListDossiersRequest::OrderBy order_by) {
  switch (order_by) {
    case v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST:
      return FactIndex::Order::kOldestFirst;
    case v1::ListDossiersRequest::ORDER_BY_DUE_FIRST:
      return FactIndex::Order::kDueFirst;
    default:
      return FactIndex::Order::kNewestFirst;
  }
}

// All events of a dossier as answers show them: named, and marked where an amendment took effect.
absl::StatusOr<std::vector<v1::Event>> LoadHistory(const storage::StoreReader& reader,
                                                   const storage::v1::DossierRecord& record) {
  TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, LoadEvents(reader, record, reader.revision()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].set_amended_by_revision(effective[i].amended_by_revision());
    domain::PresentEvent(record.dossier(), events[i]);
  }
  return events;
}

// From the whole dossier: the view may leave out the steps.
v1::LateDossier ToLateDossier(v1::DossierView view, v1::Dossier dossier, absl::Time read_time) {
  v1::LateDossier late;
  const absl::Time due = FromProto(dossier.due().due_time());
  late.set_days_late(static_cast<int32_t>(LocalDayNumber(read_time) - LocalDayNumber(due)));
  late.set_working_minutes_late(std::max<int64_t>(0, -dossier.timeliness().working_minutes_left()));
  *late.mutable_holder_since_time() =
      dossier.steps().empty() ? dossier.accept_time() : dossier.steps().rbegin()->forward_time();
  ApplyView(view, dossier);
  *late.mutable_dossier() = std::move(dossier);
  return late;
}

}  // namespace

absl::StatusOr<int64_t> DossierQueries::Resolve(const storage::StoreReader& reader, const std::string& field,
                                                const std::string& name) const {
  TTHC_RETURN_IF_ERROR(CheckText(field, name, {.bytes_max = limits::kResourceNameBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> number, reader.FindCode(absl::StripPrefix(name, kDossierPrefix)));
  if (!number.has_value()) return DossierNotFound(field, name);
  return *number;
}

absl::StatusOr<int64_t> DossierQueries::FindByTail(const std::string& typed) const {
  const std::string tail = storage::CanonicalCode(typed);
  if (tail.size() < kTailMin) return DossierNotFound("code", typed);
  // A scan over all codes in memory: fine for a person who types one, too slow for the commit thread.
  const std::vector<int64_t> matches = index_.FindTail(tail, limits::kAmbiguousMatchesShown);
  if (matches.empty()) return DossierNotFound("code", typed);
  if (matches.size() == 1) return matches[0];
  // After the search, which sees every commit that the snapshot sees, and maybe no more.
  const storage::StoreReader reader = store_.Read();
  std::vector<std::string> codes;
  for (const int64_t number : matches) {
    TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, Load(reader, number));
    codes.push_back(domain::CodeForPeople(dossier));
  }
  return CodeAmbiguous("code", typed, codes);
}

absl::StatusOr<v1::Dossier> DossierQueries::Load(const storage::StoreReader& reader, int64_t number) const {
  // The number comes from an index, so that a missing record is damage and not a mistake of the caller.
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  v1::Dossier dossier = std::move(*record->mutable_dossier());
  domain::Present(*catalogue_.Get(), dossier);
  return dossier;
}

absl::StatusOr<v1::Dossier> DossierQueries::LoadAt(const storage::StoreReader& reader, int64_t number,
                                                   absl::Time now) const {
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, Load(reader, number));
  *dossier.mutable_timeliness() = domain::Evaluate(*catalogue_.Get(), dossier, now);
  return dossier;
}

absl::StatusOr<v1::Dossier> DossierQueries::Get(const v1::GetDossierRequest& request, absl::Time now) const {
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, "name", request.name()));
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, LoadAt(reader, number, now));
  ApplyView(request.view(), dossier);
  return dossier;
}

absl::StatusOr<v1::Dossier> DossierQueries::Lookup(const v1::LookupDossierRequest& request, absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckText("code", request.code(), {.bytes_max = limits::kResourceNameBytesMax}));
  const std::string typed(absl::StripPrefix(request.code(), kDossierPrefix));
  TTHC_ASSIGN_OR_RETURN(std::optional<int64_t> number, store_.Read().FindCode(typed));
  if (!number.has_value()) {
    TTHC_ASSIGN_OR_RETURN(number, FindByTail(typed));
  }
  // A new snapshot: the columns may know a dossier that the look-up of the whole code did not see yet.
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, LoadAt(store_.Read(), *number, now));
  ApplyView(request.view(), dossier);
  return dossier;
}

absl::StatusOr<v1::BatchGetDossiersResponse> DossierQueries::BatchGet(const v1::BatchGetDossiersRequest& request,
                                                                      absl::Time now) const {
  if (request.names().empty() || request.names_size() > static_cast<int>(limits::kBatchGetMax)) {
    return InvalidField("names", absl::StrCat("must be 1 to ", limits::kBatchGetMax, " names"),
                        absl::StrCat("phải có từ 1 đến ", limits::kBatchGetMax, " hồ sơ một lần"));
  }
  // One snapshot for all, so that the answer shows one revision of the store.
  const storage::StoreReader reader = store_.Read();
  v1::BatchGetDossiersResponse response;
  AnswerSize size;
  for (int i = 0; i < request.names_size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, absl::StrCat("names[", i, "]"), request.names(i)));
    TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, LoadAt(reader, number, now));
    ApplyView(request.view(), dossier);
    if (!size.Fits(dossier)) return AnswerTooLarge(i);
    *response.add_dossiers() = std::move(dossier);
  }
  return response;
}

// Working time ahead of now, as a supervisor thinks of it: two days before a weekend end on Tuesday.
absl::StatusOr<int64_t> DossierQueries::DueUntil(const std::string& field, absl::Time now,
                                                 int64_t working_minutes) const {
  if (working_minutes < 0 || working_minutes > limits::kDueSoonMinutesMax) {
    return InvalidField(field, absl::StrCat("must be 0 to ", limits::kDueSoonMinutesMax),
                        absl::StrCat("phải từ 0 đến ", limits::kDueSoonMinutesMax, " phút làm việc"));
  }
  const auto catalogue = catalogue_.Get();
  // By the common office hours, because one list holds dossiers of several offices. A store without a calendar has no
  // due times either; plain minutes keep the filter well defined.
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
  // An unknown name is no error: a list of a unit that has no dossiers yet is empty.
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
  TTHC_ASSIGN_OR_RETURN(result.accept_time, ToRange("filter.accept_time", filter.accept_time()));
  TTHC_ASSIGN_OR_RETURN(result.end_time, ToRange("filter.finish_time", filter.finish_time()));
  TTHC_ASSIGN_OR_RETURN(result.due_time, ToRange("filter.due_time", filter.due_time()));
  result.open_only = filter.open_only();
  switch (filter.lateness()) {
    case v1::DossierFilter::LATENESS_OVERDUE:
      result.overdue_at = absl::ToUnixSeconds(now);
      break;
    case v1::DossierFilter::LATENESS_DUE_SOON: {
      TTHC_ASSIGN_OR_RETURN(const int64_t until,
                            DueUntil("filter.due_within_minutes", now, filter.due_within_minutes()));
      // Due exactly now is still ahead: the interval is open on the left.
      result.due_between = {absl::ToUnixSeconds(now) - 1, until};
      break;
    }
    case v1::DossierFilter::LATENESS_ENDED_LATE:
      result.ended_late = true;
      break;
    default:
      break;
  }
  SetQuery(filter.query(), result);
  if (!filter.applicant().empty()) {
    // A query already uses the words of the name, as one of several ways to match.
    if (result.any_text)
      return InvalidField("filter.applicant", "give either query or applicant",
                          "chỉ dùng một trong hai: từ khóa hoặc tên người nộp");
    result.name_words = Words(filter.applicant());
    if (result.name_words.empty()) result.nothing = true;
  }
  return result;
}

absl::StatusOr<DossierQueries::ListEnd> DossierQueries::ListEach(const v1::ListDossiersRequest& request, absl::Time now,
                                                                 AddDossier add) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const uint64_t arguments = HashArguments(request);
  std::optional<FactIndex::After> after;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_.store_id(), arguments, request.page_token()));
    after = FactIndex::After{.key = token.last_key(), .number = token.last_number()};
    // "Late" means the same on every page.
    now = absl::FromUnixMicros(token.read_time_us());
  }
  TTHC_ASSIGN_OR_RETURN(const FactFilter filter, ToFactFilter(request.filter(), now));
  const FactIndex::Page page = index_.List(filter, ToOrder(request.order_by()), after, page_size);

  // Taken after the page, so that every dossier of the page is in it.
  const storage::StoreReader reader = store_.Read();
  // `add` accepts at least the first dossier, so that the token below always moves on.
  size_t added = 0;
  for (; added < page.numbers.size(); ++added) {
    TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, LoadAt(reader, page.numbers[added], now));
    if (!add(std::move(dossier), now)) break;
  }
  ListEnd end{.next_page_token = {}, .total_size = page.total, .revision = page.revision, .read_time = now};
  if (page.more || added < page.numbers.size()) {
    storage::v1::PageToken token;
    token.set_last_key(page.keys[added - 1]);
    token.set_last_number(page.numbers[added - 1]);
    token.set_read_time_us(absl::ToUnixMicros(now));
    end.next_page_token = EncodePageToken(store_.store_id(), arguments, std::move(token));
  }
  return end;
}

absl::StatusOr<v1::ListDossiersResponse> DossierQueries::List(const v1::ListDossiersRequest& request,
                                                              absl::Time now) const {
  const v1::DossierView view = ViewOr(request.view(), v1::DOSSIER_VIEW_BASIC);
  v1::ListDossiersResponse response;
  AnswerSize size;
  TTHC_ASSIGN_OR_RETURN(const ListEnd end, ListEach(request, now, [&](v1::Dossier dossier, absl::Time) {
                          ApplyView(view, dossier);
                          if (!size.Fits(dossier)) return false;
                          *response.add_dossiers() = std::move(dossier);
                          return true;
                        }));
  response.set_next_page_token(end.next_page_token);
  response.set_total_size(end.total_size);
  response.set_revision(end.revision);
  return response;
}

absl::StatusOr<v1::Event> DossierQueries::GetEvent(const v1::GetEventRequest& request) const {
  TTHC_RETURN_IF_ERROR(CheckText("name", request.name(), {.bytes_max = limits::kResourceNameBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const EventName name, ParseEventName(request.name()));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, "name", name.parent));
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) return DossierNotFound("name", name.parent);
  // An amendment of the event may lie anywhere behind it, so the whole history is read.
  TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, LoadHistory(reader, *record));
  for (v1::Event& event : events) {
    if (event.revision() == name.revision) return std::move(event);
  }
  return EventNotFound(domain::DossierName(record->dossier()), name.revision);
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
  // Amendments mark earlier events, so that every page reads the whole history; it has at most 1000 events.
  response.set_total_size(record->revision_deltas_size());
  TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, LoadHistory(reader, *record));
  AnswerSize size;
  for (v1::Event& event : events) {
    if (event.revision() <= after) continue;
    if (response.events_size() == static_cast<int>(page_size) || !size.Fits(event)) {
      storage::v1::PageToken token;
      token.set_revision(response.events().rbegin()->revision());
      response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(token)));
      break;
    }
    *response.add_events() = std::move(event);
  }
  return response;
}

absl::StatusOr<v1::ListLateDossiersResponse> DossierQueries::ListLate(const v1::ListLateDossiersRequest& request,
                                                                      absl::Time now) const {
  v1::ListDossiersRequest list;
  *list.mutable_filter() = request.filter();
  list.mutable_filter()->set_lateness(v1::DossierFilter::LATENESS_OVERDUE);
  list.set_order_by(v1::ListDossiersRequest::ORDER_BY_DUE_FIRST);
  list.set_page_size(request.page_size());
  list.set_page_token(request.page_token());
  list.set_view(request.view());
  const v1::DossierView view = ViewOr(request.view(), v1::DOSSIER_VIEW_BASIC);
  v1::ListLateDossiersResponse response;
  AnswerSize size;
  TTHC_ASSIGN_OR_RETURN(const ListEnd end, ListEach(list, now, [&](v1::Dossier dossier, absl::Time read_time) {
                          v1::LateDossier late = ToLateDossier(view, std::move(dossier), read_time);
                          if (!size.Fits(late)) return false;
                          *response.add_dossiers() = std::move(late);
                          return true;
                        }));
  response.set_next_page_token(end.next_page_token);
  response.set_total_size(end.total_size);
  response.set_revision(end.revision);
  *response.mutable_read_time() = ToProto(end.read_time);
  return response;
}

absl::StatusOr<v1::ListDueSoonDossiersResponse> DossierQueries::ListDueSoon(
    const v1::ListDueSoonDossiersRequest& request, absl::Time now) const {
  v1::ListDossiersRequest list;
  *list.mutable_filter() = request.filter();
  list.mutable_filter()->set_lateness(v1::DossierFilter::LATENESS_DUE_SOON);
  list.mutable_filter()->set_due_within_minutes(request.within_minutes());
  list.set_order_by(v1::ListDossiersRequest::ORDER_BY_DUE_FIRST);
  list.set_page_size(request.page_size());
  list.set_page_token(request.page_token());
  list.set_view(request.view());
  const v1::DossierView view = ViewOr(request.view(), v1::DOSSIER_VIEW_BASIC);
  v1::ListDueSoonDossiersResponse response;
  AnswerSize size;
  const absl::StatusOr<ListEnd> end = ListEach(list, now, [&](v1::Dossier dossier, absl::Time) {
    ApplyView(view, dossier);
    if (!size.Fits(dossier)) return false;
    *response.add_dossiers() = std::move(dossier);
    return true;
  });
  // The bound of the filter is checked under the name that this request has for it.
  if (!end.ok()) return RebaseFields("filter.due_within_minutes", "within_minutes", end.status());
  response.set_next_page_token(end->next_page_token);
  response.set_total_size(end->total_size);
  response.set_revision(end->revision);
  *response.mutable_read_time() = ToProto(end->read_time);
  return response;
}

absl::StatusOr<v1::DueTimeExplanation> DossierQueries::ExplainDueTime(const v1::ExplainDueTimeRequest& request) const {
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, Resolve(reader, "name", request.name()));
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, Load(reader, number));
  return ExplainDossier(*catalogue_.Get(), dossier);
}

}  // namespace tthc::server
