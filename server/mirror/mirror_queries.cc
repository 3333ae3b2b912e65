#include "server/mirror/mirror_queries.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/call/errors.h"
#include "server/call/list_page.h"
#include "server/call/page_token.h"
#include "server/domain/fold.h"
#include "server/facts/dossier_history.h"
#include "server/mirror/mirror_delivery.h"
#include "server/mirror/mirror_keeper.h"
#include "server/mirror/mirror_lease.h"
#include "server/mirror/mirror_masking.h"
#include "server/mirror/mirror_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/log.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using storage::v1::DossierRecord;
using storage::v1::MirrorItemRecord;
using v1::MirrorItem;

// Lists by state need the states of all dossiers, which a start counts in the background.
absl::Status Counting(const std::string& target_id) {
  return MakeError(
      {.code = absl::StatusCode::kUnavailable,
       .reason = "MIRROR_COUNTING",
       .message = absl::StrCat("the server has just started and still counts the dossiers of the target \"", target_id,
                               "\"; try again in a moment"),
       .message_vi = absl::StrCat("Đang đếm lại những gì còn phải gửi đến \"", target_id,
                                  "\" sau khi khởi động; hãy thử lại sau giây lát"),
       .metadata = {{"target", target_id}},
       .retry_delay = absl::Seconds(1)});
}

int64_t CountOf(const MirrorIndex::Target& target, MirrorItem::State state) {
  switch (state) {
    case MirrorItem::STATE_PARKED:
      return target.counts.parked;
    case MirrorItem::STATE_PENDING:
      return target.counts.pending;
    case MirrorItem::STATE_SKIPPED:
      return target.counts.skipped;
    default:
      return target.counts.excluded;
  }
}

// A code, an alias or a uid as a request has it; `shown` is what the error repeats.
absl::StatusOr<int64_t> FindDossier(const storage::StoreReader& reader, absl::string_view field,
                                    const std::string& shown) {
  TTHC_RETURN_IF_ERROR(CheckText(field, shown, {.bytes_max = limits::kResourceNameBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> number, reader.FindCode(DossierKeyOf(shown)));
  if (!number.has_value()) return DossierNotFound(field, shown);
  return *number;
}

// Name of the person to whom a result was handed last, as the events have it; "" if none was.
absl::StatusOr<std::string> ReceiverOf(const storage::StoreReader& reader, const DossierRecord& record) {
  if (!record.dossier().has_return_time()) return "";
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, LoadEvents(reader, record, reader.revision()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  for (auto event = effective.rbegin(); event != effective.rend(); ++event) {
    if (event->has_returned()) return event->returned().receiver_name();
  }
  return "";
}

absl::StatusOr<MirrorMasker> MaskerOf(const storage::StoreReader& reader, const DossierRecord& record) {
  TTHC_ASSIGN_OR_RETURN(const std::string receiver, ReceiverOf(reader, record));
  return MirrorMasker(record.dossier(), receiver);
}

// One dossier whose items are shown with their exchanges.
// Loaded once for the items of all targets.
struct ShownDossier {
  int64_t number = 0;
  DossierRecord record = {};
  // Unset for the raw view.
  std::optional<MirrorMasker> masker = std::nullopt;
};

absl::StatusOr<ShownDossier> LoadShown(const RequestContext& context, const storage::StoreReader& reader,
                                       int64_t number, v1::MirrorExchangeView view) {
  ShownDossier shown{.number = number};
  TTHC_ASSIGN_OR_RETURN(shown.record, LoadMirrorDossier(reader, number));
  if (view == v1::MIRROR_EXCHANGE_VIEW_RAW) {
    // By number: a code in a log would point to a person.
    Log(LogLevel::kInfo, "mirror_raw_view",
        {{"caller", context.caller.actor}, {"dossier_number", absl::StrCat(number)}});
    return shown;
  }
  TTHC_ASSIGN_OR_RETURN(shown.masker, MaskerOf(reader, shown.record));
  return shown;
}

absl::StatusOr<v1::MirrorItem> MakeShownItem(const storage::StoreReader& reader, const MirrorIndex::Target& target,
                                             const ShownDossier& dossier) {
  TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeMirrorItem(reader, target, dossier.number, dossier.record.dossier()));
  if (dossier.masker.has_value() && item.has_last_error()) dossier.masker->Mask(*item.mutable_last_error());
  // Exchanges lie beside the items, so that lists do not read them.
  TTHC_ASSIGN_OR_RETURN(auto kept, reader.Get<storage::MirrorExchanges>({target.record.number(), dossier.number}));
  if (!kept.has_value()) return item;
  for (v1::MirrorExchange& exchange : *kept->mutable_exchanges()) {
    if (dossier.masker.has_value()) dossier.masker->Mask(exchange);
    exchange.clear_personal_keys();
    *item.add_exchanges() = std::move(exchange);
  }
  return item;
}

absl::Status CheckView(v1::MirrorExchangeView view) {
  if (v1::MirrorExchangeView_IsValid(view)) return absl::OkStatus();
  return InvalidField("view", "is no view", "không có cách xem này");
}

// The two forms of the method: one dossier's items in any state, or the items in one state.
absl::Status CheckListItems(const v1::ListMirrorItemsRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckView(request.view()));
  if (request.dossier().empty()) {
    if (request.view() == v1::MIRROR_EXCHANGE_VIEW_RAW) {
      return InvalidField("view", "the raw view needs a dossier", "chỉ xem nguyên văn khi nêu rõ một hồ sơ");
    }
    if (!MirrorItem::State_IsValid(request.state()) || request.state() == MirrorItem::STATE_CONFIRMED) {
      return InvalidField("state", "must be PARKED, PENDING, SKIPPED or EXCLUDED", "không liệt kê trạng thái này");
    }
    return absl::OkStatus();
  }
  if (request.state() != MirrorItem::STATE_UNSPECIFIED) {
    return InvalidField("state", "is for lists without a dossier", "chỉ dùng khi không nêu hồ sơ");
  }
  if (!request.error_reason().empty()) {
    return InvalidField("error_reason", "is for lists without a dossier", "chỉ dùng khi không nêu hồ sơ");
  }
  return absl::OkStatus();
}

}  // namespace

// --- Targets ---------------------------------------------------------------------------------------------------------

absl::StatusOr<MirrorIndex::Target> MirrorQueries::FindTarget(absl::string_view field, const std::string& name) const {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(field, name));
  return FindTargetById(field, id);
}

absl::StatusOr<MirrorIndex::Target> MirrorQueries::FindTargetById(absl::string_view field,
                                                                  const std::string& target_id) const {
  std::optional<MirrorIndex::Target> target = mirror_.Find(target_id);
  if (!target.has_value()) return MirrorTargetNotFound(field, target_id);
  return *std::move(target);
}

// From one view of the index. Only the age of the oldest unsettled revision is read from the log.
absl::StatusOr<v1::MirrorTarget> MirrorQueries::Present(const MirrorIndex::Target& target, absl::Time now) const {
  const storage::v1::MirrorTargetRecord& record = target.record;
  v1::MirrorTarget shown;
  shown.set_name(MirrorTargetName(target.id));
  shown.set_display_name(record.display_name());
  shown.set_paused(record.paused());
  shown.set_retired(record.retired());
  shown.set_pause_reason(record.pause_reason());
  *shown.mutable_create_time() = ProtoOfMicros(record.create_time_us());
  shown.mutable_lease()->set_holder(record.lease_holder());
  shown.mutable_lease()->set_fence(record.fence());
  if (record.lease_expire_time_us() != 0) {
    *shown.mutable_lease()->mutable_expire_time() = ProtoOfMicros(record.lease_expire_time_us());
  }
  *shown.mutable_condition() = target.condition;
  v1::MirrorProgress& progress = *shown.mutable_progress();
  progress.set_revision(target.position);
  progress.set_head_revision(target.head);
  progress.set_lag_event_count(target.head - target.position);
  absl::Duration lag;
  if (target.position < target.head) {
    TTHC_ASSIGN_OR_RETURN(const auto log, store_.Read().GetLog(target.position + 1));
    // The clock may have been set back since.
    if (log.has_value()) lag = std::max(absl::ZeroDuration(), now - absl::FromUnixMicros(log->record_time_us()));
  }
  *progress.mutable_lag_time() = ToProto(lag);
  progress.set_total_count(target.counts.total());
  progress.set_confirmed_count(target.counts.confirmed);
  progress.set_pending_count(target.counts.pending);
  progress.set_parked_count(target.counts.parked);
  progress.set_skipped_count(target.counts.skipped);
  if (!target.counting && target.counts.total() > 0) {
    progress.set_confirmed_share(static_cast<double>(target.counts.confirmed) /
                                 static_cast<double>(target.counts.total()));
  }
  progress.set_compaction_margin(limits::kMirrorHoldRevisionsMax - progress.lag_event_count());
  progress.set_counting(target.counting);
  return shown;
}

absl::StatusOr<v1::ListMirrorTargetsResponse> MirrorQueries::ListTargets(const v1::ListMirrorTargetsRequest& request,
                                                                         absl::Time now) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_.store_id(), request, ListPage::Order::kRising));
  v1::ListMirrorTargetsResponse response;
  for (const MirrorIndex::Target& target : mirror_.Targets()) {
    if (target.record.retired() && !request.show_retired()) continue;
    if (!page.Reaches(target.id)) continue;
    TTHC_ASSIGN_OR_RETURN(v1::MirrorTarget shown, Present(target, now));
    if (page.Fits(shown)) *response.add_targets() = std::move(shown);
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::MirrorTarget> MirrorQueries::GetTarget(const v1::GetMirrorTargetRequest& request,
                                                          absl::Time now) const {
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget("name", request.name()));
  // If the log can't be read, everything but the position is still right.
  AdvancePosition(store_, target, mirror_).IgnoreError();
  return GetTargetByName(request.name(), now);
}

absl::StatusOr<v1::MirrorTarget> MirrorQueries::GetTargetByName(const std::string& name, absl::Time now) const {
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget("name", name));
  return Present(target, now);
}

// --- Deliveries ------------------------------------------------------------------------------------------------------

// For reconciliation: named dossiers, whatever their state. An unreadable one fails the call, since it was asked for.
absl::StatusOr<v1::ListMirrorDeliveriesResponse> MirrorQueries::ListChosen(
    const MirrorIndex::Target& target, const v1::ListMirrorDeliveriesRequest& request) const {
  if (request.dossiers_size() > limits::kMirrorDeliveriesPageMax) {
    return InvalidField("dossiers", absl::StrCat("at most ", limits::kMirrorDeliveriesPageMax, " at once"),
                        absl::StrCat("tối đa ", limits::kMirrorDeliveriesPageMax, " hồ sơ một lần"));
  }
  const storage::StoreReader reader = store_.Read();
  std::vector<int64_t> numbers;
  for (int i = 0; i < request.dossiers_size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const int64_t number,
                          FindDossier(reader, absl::StrCat("dossiers[", i, "]"), request.dossiers(i)));
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  const auto catalogue = catalogue_.Get();
  v1::ListMirrorDeliveriesResponse response;
  size_t bytes = 0;
  for (const int64_t number : numbers) {
    if (number <= request.after_number()) continue;
    TTHC_ASSIGN_OR_RETURN(v1::MirrorDelivery delivery, MakeMirrorDelivery(reader, *catalogue, target, number));
    bytes += delivery.ByteSizeLong();
    if (bytes > limits::kMirrorDeliveriesBytesMax && !response.deliveries().empty()) {
      response.set_next_number(response.deliveries().rbegin()->number());
      break;
    }
    *response.add_deliveries() = std::move(delivery);
  }
  return response;
}

absl::StatusOr<v1::ListMirrorDeliveriesResponse> MirrorQueries::ListDeliveries(
    const v1::ListMirrorDeliveriesRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const size_t asked, PageSize(request.page_size()));
  const size_t page_size = std::min(asked, static_cast<size_t>(limits::kMirrorDeliveriesPageMax));
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget("parent", request.parent()));
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(target.id, target.record, request.fence()));
  if (!request.dossiers().empty()) return ListChosen(target, request);
  if (target.counting) return Counting(target.id);
  v1::ListMirrorDeliveriesResponse response;
  if (target.record.paused() || target.record.retired()) return response;
  // Before the snapshot is taken, so that every dossier in the list is in the snapshot.
  // One more than a page, to know whether there is another page.
  const std::vector<int64_t> numbers =
      mirror_.List(target.record.number(), MirrorItem::STATE_PENDING, request.after_number(), page_size + 1);
  const storage::StoreReader reader = store_.Read();
  const auto catalogue = catalogue_.Get();
  size_t bytes = 0;
  int64_t last = request.after_number();
  for (const int64_t number : numbers) {
    const bool full = response.deliveries_size() == static_cast<int>(page_size);
    absl::StatusOr<v1::MirrorDelivery> delivery =
        full ? v1::MirrorDelivery() : MakeMirrorDelivery(reader, *catalogue, target, number);
    if (!delivery.ok()) {
      // It stays pending, where people see it. The dossiers behind it must not wait for it.
      Log(LogLevel::kError, "mirror_delivery_unreadable",
          {{"target", target.id},
           {"dossier_number", absl::StrCat(number)},
           {"reason", ErrorReason(delivery.status())}});
      last = number;
      continue;
    }
    bytes += delivery->ByteSizeLong();
    if (full || (bytes > limits::kMirrorDeliveriesBytesMax && !response.deliveries().empty())) {
      response.set_next_number(last);
      return response;
    }
    last = number;
    *response.add_deliveries() = *std::move(delivery);
  }
  if (numbers.size() > page_size) response.set_next_number(last);
  return response;
}

// --- Items -----------------------------------------------------------------------------------------------------------

absl::StatusOr<v1::MirrorItem> MirrorQueries::GetItem(const RequestContext& context,
                                                      const v1::GetMirrorItemRequest& request) const {
  TTHC_RETURN_IF_ERROR(CheckView(request.view()));
  TTHC_ASSIGN_OR_RETURN(const MirrorItemName name, ParseMirrorItemName("name", request.name()));
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTargetById("name", name.target_id));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, FindDossier(reader, "name", name.dossier));
  TTHC_ASSIGN_OR_RETURN(const ShownDossier dossier, LoadShown(context, reader, number, request.view()));
  return MakeShownItem(reader, target, dossier);
}

// In the order of ids, on which the page tokens rely.
absl::StatusOr<std::vector<MirrorIndex::Target>> MirrorQueries::TargetsOf(const std::string& parent) const {
  std::vector<MirrorIndex::Target> targets;
  if (parent != kAllMirrorTargets) {
    TTHC_ASSIGN_OR_RETURN(targets.emplace_back(), FindTarget("parent", parent));
    return targets;
  }
  for (MirrorIndex::Target& target : mirror_.Targets()) {
    if (!target.record.retired()) targets.push_back(std::move(target));
  }
  return targets;
}

absl::StatusOr<v1::ListMirrorItemsResponse> MirrorQueries::ListItems(const RequestContext& context,
                                                                     const v1::ListMirrorItemsRequest& request) const {
  TTHC_RETURN_IF_ERROR(CheckListItems(request));
  return request.dossier().empty() ? ListItemsInState(request) : ListItemsOfDossier(context, request);
}

absl::StatusOr<v1::ListMirrorItemsResponse> MirrorQueries::ListItemsOfDossier(
    const RequestContext& context, const v1::ListMirrorItemsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const std::vector<MirrorIndex::Target> targets, TargetsOf(request.parent()));
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_.store_id(), request, ListPage::Order::kRising));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, FindDossier(reader, "dossier", request.dossier()));
  TTHC_ASSIGN_OR_RETURN(const ShownDossier dossier, LoadShown(context, reader, number, request.view()));
  v1::ListMirrorItemsResponse response;
  for (const MirrorIndex::Target& target : targets) {
    if (!page.Reaches(target.id)) continue;
    TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeShownItem(reader, target, dossier));
    if (page.Fits(item)) *response.add_items() = std::move(item);
  }
  page.End(response);
  return response;
}

// Goes over the targets by id and over their dossiers by number. The token holds the last item that was looked at,
// shown or not, so that a page of one error reason may be empty without ending the list.
absl::StatusOr<v1::ListMirrorItemsResponse> MirrorQueries::ListItemsInState(
    const v1::ListMirrorItemsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<MirrorIndex::Target> targets, TargetsOf(request.parent()));
  const MirrorItem::State state =
      request.state() == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::STATE_PARKED : request.state();
  const uint64_t arguments = HashArguments(request);
  // Target and dossier number of the last item that was looked at.
  storage::v1::PageToken last;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(last, DecodePageToken(store_.store_id(), arguments, request.page_token()));
  }
  v1::ListMirrorItemsResponse response;
  for (const MirrorIndex::Target& target : targets) {
    if (target.counting) return Counting(target.id);
    response.set_total_size(response.total_size() + CountOf(target, state));
  }
  // The error reason is on the disk only. A page looks at so many items for it and then hands over to the next one.
  size_t left = request.error_reason().empty() ? page_size : limits::kMirrorItemsScannedMax;
  size_t bytes = 0;
  for (const MirrorIndex::Target& target : targets) {
    if (target.id < last.last_name()) continue;
    const int64_t after = target.id == last.last_name() ? last.last_number() : 0;
    const std::vector<int64_t> numbers = mirror_.List(target.record.number(), state, after, left + 1);
    const storage::StoreReader reader = store_.Read();
    for (const int64_t number : numbers) {
      // There is another item, so there is another page.
      const bool full = left == 0 || response.items_size() == static_cast<int>(page_size);
      if (full || bytes > limits::kMirrorDeliveriesBytesMax) {
        response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(last)));
        return response;
      }
      --left;
      last.set_last_name(target.id);
      last.set_last_number(number);
      if (!request.error_reason().empty()) {
        TTHC_ASSIGN_OR_RETURN(const auto item, reader.Get<storage::MirrorItems>({target.record.number(), number}));
        if (!item.has_value() || item->last_error().reason() != request.error_reason()) continue;
      }
      TTHC_ASSIGN_OR_RETURN(const DossierRecord record, LoadMirrorDossier(reader, number));
      TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeMirrorItem(reader, target, number, record.dossier()));
      if (!item.last_error().message().empty()) {
        TTHC_ASSIGN_OR_RETURN(const MirrorMasker masker, MaskerOf(reader, record));
        masker.Mask(*item.mutable_last_error());
      }
      bytes += item.ByteSizeLong();
      *response.add_items() = std::move(item);
    }
  }
  return response;
}

absl::StatusOr<v1::MirrorItem> MirrorQueries::GetItemOf(const std::string& target_id, int64_t dossier_number) const {
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTargetById("name", target_id));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const DossierRecord record, LoadMirrorDossier(reader, dossier_number));
  TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeMirrorItem(reader, target, dossier_number, record.dossier()));
  TTHC_ASSIGN_OR_RETURN(const MirrorMasker masker, MaskerOf(reader, record));
  if (item.has_last_error()) masker.Mask(*item.mutable_last_error());
  return item;
}

// --- Look-ups for commands -------------------------------------------------------------------------------------------

// Numbers come from the store, which may be one commit ahead of the columns.
std::string MirrorQueries::ItemName(const std::string& target_id, int64_t dossier_number) const {
  const std::optional<std::string> uid = facts_.UidOf(dossier_number);
  if (uid.has_value()) return MakeMirrorItemName(target_id, *uid);
  const auto record = store_.Read().GetDossier(dossier_number);
  const bool known = record.ok() && record->has_value();
  return MakeMirrorItemName(target_id, known ? (*record)->dossier().name() : "");
}

// Sorted, and each dossier once: the same item may be named by its uid, its code and an alias.
absl::Status MirrorQueries::Resolve(RetryCommand& command) const {
  const std::string& target_id = command.context.target_id;
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTargetById("parent", target_id));
  const storage::StoreReader reader = store_.Read();
  std::vector<int64_t> numbers;
  if (command.dossiers.empty()) {
    std::vector<std::string> reasons;
    if (!command.error_reason.empty()) reasons.push_back(command.error_reason);
    TTHC_ASSIGN_OR_RETURN(numbers, ListParked(reader, target.record.number(), reasons, 0, command.count_max));
  }
  for (size_t i = 0; i < command.dossiers.size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const int64_t number,
                          FindDossier(reader, absl::StrCat("names[", i, "]"), command.dossiers[i]));
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const int64_t number : numbers) {
    command.items.push_back({.number = number, .name = ItemName(target_id, number)});
  }
  return absl::OkStatus();
}

absl::Status MirrorQueries::Resolve(SkipCommand& command) const {
  const std::string& target_id = command.context.target_id;
  TTHC_RETURN_IF_ERROR(FindTargetById("name", target_id).status());
  TTHC_ASSIGN_OR_RETURN(command.number, FindDossier(store_.Read(), "name", command.dossier));
  command.item_name = ItemName(target_id, command.number);
  return absl::OkStatus();
}

int64_t MirrorQueries::FirstNumberFrom(const std::string& start_date) const {
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(start_date);
  if (start_date.empty() || !day.ok()) return 1;
  const int64_t from = absl::ToUnixSeconds(LocalMidnight(DayNumber(*day)));
  int64_t first = 0;
  facts_.Read([&](const FactIndex::View& facts) {
    // Numbers are given in the order of opening, but times are as entered: the first row on or after the day decides.
    const FactColumns& columns = facts.columns;
    size_t row = 0;
    for (; row < columns.size(); ++row) {
      const uint32_t submit = columns.submit[row];
      const uint32_t accept = columns.accept[row];
      // An intake refusal opens and ends a dossier at once.
      const int64_t opened = submit != 0 ? submit : accept != 0 ? accept : columns.end[row];
      if (opened >= from) break;
    }
    first = static_cast<int64_t>(row) + 1;
  });
  return first;
}

}  // namespace tthc::server
