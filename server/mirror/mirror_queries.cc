#include "server/service/mirror_queries.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "server/domain/fold.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_history.h"
#include "server/service/mirror_commands.h"
#include "server/service/mirror_masking.h"
#include "server/service/page_token.h"
#include "server/service/statistics_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using v1::MirrorItem;

// A page looks at so many items for those of one reason; then the next one goes on.
constexpr size_t kItemsLookedAtMax = 2'000;

absl::Status Counting(const std::string& target_id) {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "MIRROR_COUNTING",
                    .message = absl::StrCat("what the target \"", target_id,
                                            "\" is owed is still being counted after a start; try again in a moment"),
                    .message_vi = absl::StrCat("Đang đếm lại những gì còn phải gửi đến \"", target_id,
                                               "\" sau khi khởi động; hãy thử lại sau giây lát"),
                    .metadata = {{"target", target_id}},
                    .retry_delay = absl::Seconds(1)});
}

google::protobuf::Duration ToDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(proto.seconds()))));
  return proto;
}

google::protobuf::Timestamp OfMicros(int64_t micros) { return ToProto(absl::FromUnixMicros(micros)); }

std::string TargetName(const std::string& id) { return absl::StrCat("mirrorTargets/", id); }

// What names a dossier or an event of it refers to.
bool IsReference(const std::string& text) {
  for (const char* const collection : {"officers/", "units/", "offices/", "procedures/", "fields/"}) {
    if (absl::StartsWith(text, collection)) return true;
  }
  return false;
}

// Calls `visit` with every text of a message and of those within it.
template <typename Visit>
void VisitTexts(const google::protobuf::Message& message, const Visit& visit) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  std::string scratch;
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        visit(field->is_repeated() ? reflection.GetRepeatedStringReference(message, field, i, &scratch)
                                   : reflection.GetStringReference(message, field, &scratch));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        VisitTexts(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                        : reflection.GetMessage(message, field),
                   visit);
      }
    }
  }
}

// The units of officers and the offices of units are referred to as well: who asks for one often needs the other.
void AddName(const Catalogue& catalogue, const std::string& name, v1::MirrorDelivery& delivery) {
  auto& names = *delivery.mutable_display_names();
  if (name.empty() || names.contains(name)) return;
  const std::string display_name = DisplayNameOf(catalogue, name);
  if (display_name.empty()) return;
  names[name] = display_name;
  if (const auto officer = catalogue.officers().find(name); officer != catalogue.officers().end()) {
    if (!officer->second->position().empty()) (*delivery.mutable_positions())[name] = officer->second->position();
    AddName(catalogue, officer->second->unit(), delivery);
  }
  if (const auto unit = catalogue.units().find(name); unit != catalogue.units().end()) {
    AddName(catalogue, unit->second->office(), delivery);
  }
}

void AddNames(const Catalogue& catalogue, v1::MirrorDelivery& delivery) {
  const auto add = [&](const std::string& text) {
    if (IsReference(text)) AddName(catalogue, text, delivery);
  };
  VisitTexts(delivery.dossier(), add);
  for (const v1::MirrorStep& step : delivery.steps()) VisitTexts(step.event(), add);
  // In the words of the version that was frozen into the dossier.
  const v1::Dossier& dossier = delivery.dossier();
  if (!dossier.procedure_display_name().empty()) {
    (*delivery.mutable_display_names())[dossier.request().procedure()] = dossier.procedure_display_name();
  }
}

v1::PauseReason OpenReason(const v1::Dossier& dossier) {
  const bool waits = !dossier.waits().empty() && !dossier.waits().rbegin()->has_end_time();
  return waits ? dossier.waits().rbegin()->reason() : v1::PAUSE_REASON_UNSPECIFIED;
}

// Every event that stands, and how the dossier stood after it: the fold once more, event by event.
absl::Status AddSteps(const domain::CalendarSource& calendars, const std::vector<v1::Event>& effective,
                      v1::MirrorDelivery& delivery) {
  v1::Dossier dossier;
  for (const v1::Event& event : effective) {
    const auto kind = event.payload_case();
    if (kind == v1::Event::PAYLOAD_NOT_SET || kind == v1::Event::kAmended) continue;
    TTHC_RETURN_IF_ERROR(domain::Apply(calendars, event, dossier));
    v1::MirrorStep& step = *delivery.add_steps();
    *step.mutable_event() = event;
    PresentEvent(delivery.dossier(), *step.mutable_event());
    step.set_state(dossier.state());
    step.set_pause_reason(OpenReason(dossier));
    if (dossier.due().has_due_time()) *step.mutable_due_time() = dossier.due().due_time();
    step.set_unit(dossier.unit());
    step.set_officer(dossier.officer());
  }
  return absl::OkStatus();
}

// Cuts every text of a message and of those within it, never within a letter.
void CutTexts(size_t bytes_max, google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  const auto cut = [bytes_max](std::string text) {
    size_t size = std::min(text.size(), bytes_max);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text.resize(size);
    return text;
  };
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field->is_repeated()) {
      if (is_text) reflection.SetString(&message, field, cut(reflection.GetString(message, field)));
      if (is_message) CutTexts(bytes_max, *reflection.MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (is_text) {
        reflection.SetRepeatedString(&message, field, i, cut(reflection.GetRepeatedString(message, field, i)));
      } else if (is_message) {
        CutTexts(bytes_max, *reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

// A dossier with hundreds of long texts is more than a message carries. It is told with their beginnings rather than
// not at all.
void FitMessage(v1::MirrorDelivery& delivery) {
  if (delivery.ByteSizeLong() <= limits::kMirrorDeliveriesBytesMax) return;
  for (v1::MirrorStep& step : *delivery.mutable_steps()) {
    CutTexts(limits::kShortTextBytesMax, *step.mutable_event());
  }
}

void FillItem(const MirrorItemRecord& record, v1::MirrorItem& item) {
  item.set_confirmed_revision(record.confirmed_revision());
  item.set_sent_status(record.sent_status());
  if (record.sent_time_us() != 0) *item.mutable_sent_time() = OfMicros(record.sent_time_us());
  if (record.confirmed_time_us() != 0) *item.mutable_confirmed_time() = OfMicros(record.confirmed_time_us());
  item.set_attempts(record.attempts());
  if (record.has_last_error()) *item.mutable_last_error() = record.last_error();
  if (record.next_try_time_us() != 0) *item.mutable_next_try_time() = OfMicros(record.next_try_time_us());
  for (const int64_t step : ConfirmedSteps(record)) item.add_confirmed_steps(step);
  item.set_known_to_target(record.known_to_target());
  item.set_confirmed_digest(record.confirmed_digest());
  item.set_skipped_revision(record.skipped_revision());
  item.set_decision_actor(record.decision_actor());
  item.set_decision_reason(record.decision_reason());
  if (record.decision_time_us() != 0) *item.mutable_decision_time() = OfMicros(record.decision_time_us());
}

// The last one who got a result in hand, as the events say; "" if nobody did.
absl::StatusOr<std::string> ReceiverOf(const storage::StoreReader& reader, const storage::v1::DossierRecord& record) {
  if (!record.dossier().has_return_time()) return "";
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, LoadEvents(reader, record, reader.revision()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  for (auto event = effective.rbegin(); event != effective.rend(); ++event) {
    if (event->has_returned()) return event->returned().receiver_name();
  }
  return "";
}

absl::StatusOr<storage::v1::DossierRecord> LoadRecord(const storage::StoreReader& reader, int64_t number) {
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  return *std::move(record);
}

absl::StatusOr<MirrorMasker> MaskerOf(const storage::StoreReader& reader, const storage::v1::DossierRecord& record) {
  TTHC_ASSIGN_OR_RETURN(const std::string receiver, ReceiverOf(reader, record));
  return MirrorMasker(record.dossier(), receiver);
}

absl::Status AddExchanges(const storage::StoreReader& reader, const MirrorIndex::Target& target, int64_t number,
                          const MirrorMasker* masker, v1::MirrorItem& item) {
  TTHC_ASSIGN_OR_RETURN(auto kept, reader.GetMirrorExchanges(target.record.number(), number));
  if (!kept.has_value()) return absl::OkStatus();
  for (v1::MirrorExchange& exchange : *kept->mutable_exchanges()) {
    if (masker != nullptr) masker->Mask(exchange);
    exchange.clear_personal_keys();
    *item.add_exchanges() = std::move(exchange);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MirrorIndex::Target> MirrorQueries::FindTarget(const std::string& name) const {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(name));
  std::optional<MirrorIndex::Target> target = mirror_.Find(id);
  if (!target.has_value()) return MirrorTargetNotFound(id);
  return *std::move(target);
}

absl::StatusOr<v1::MirrorTarget> MirrorQueries::Present(const MirrorIndex::Target& target, absl::Time now) const {
  const storage::v1::MirrorTargetRecord& record = target.record;
  v1::MirrorTarget shown;
  shown.set_name(TargetName(target.id));
  shown.set_display_name(record.display_name());
  shown.set_paused(record.paused());
  shown.set_retired(record.retired());
  shown.set_pause_reason(record.pause_reason());
  *shown.mutable_create_time() = OfMicros(record.create_time_us());
  shown.mutable_lease()->set_holder(record.lease_holder());
  shown.mutable_lease()->set_fence(record.fence());
  if (record.lease_expire_time_us() != 0) {
    *shown.mutable_lease()->mutable_expire_time() = OfMicros(record.lease_expire_time_us());
  }
  *shown.mutable_condition() = target.condition;
  v1::MirrorProgress& progress = *shown.mutable_progress();
  progress.set_revision(target.position);
  progress.set_head_revision(target.head);
  progress.set_lag_events(target.head - target.position);
  absl::Duration lag;
  if (target.position < target.head) {
    TTHC_ASSIGN_OR_RETURN(const auto log, store_.Read().GetLog(target.position + 1));
    if (log.has_value()) lag = std::max(absl::ZeroDuration(), now - absl::FromUnixMicros(log->record_time_us()));
  }
  *progress.mutable_lag_time() = ToDuration(lag);
  progress.set_owed(target.counts.owed());
  progress.set_confirmed(target.counts.confirmed);
  progress.set_pending(target.counts.pending);
  progress.set_parked(target.counts.parked);
  progress.set_skipped(target.counts.skipped);
  if (!target.counting && target.counts.owed() > 0) {
    progress.set_confirmed_share(static_cast<double>(target.counts.confirmed) /
                                 static_cast<double>(target.counts.owed()));
  }
  progress.set_compaction_margin(limits::kMirrorHoldRevisionsMax - progress.lag_events());
  progress.set_counting(target.counting);
  return shown;
}

absl::StatusOr<v1::ListMirrorTargetsResponse> MirrorQueries::ListTargets(const v1::ListMirrorTargetsRequest& request,
                                                                         absl::Time now) const {
  v1::ListMirrorTargetsResponse response;
  for (const MirrorIndex::Target& target : mirror_.Targets()) {
    if (target.record.retired() && !request.show_retired()) continue;
    TTHC_ASSIGN_OR_RETURN(*response.add_targets(), Present(target, now));
  }
  return response;
}

absl::StatusOr<v1::MirrorTarget> MirrorQueries::GetTarget(const std::string& name, absl::Time now) const {
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget(name));
  return Present(target, now);
}

absl::StatusOr<v1::MirrorItem> MirrorQueries::MakeItem(const storage::StoreReader& reader,
                                                       const MirrorIndex::Target& target, int64_t number,
                                                       const v1::Dossier& dossier) const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<MirrorItemRecord> record,
                        reader.GetMirrorItem(target.record.number(), number));
  v1::MirrorItem item;
  const std::string name = DossierName(dossier);
  item.set_dossier(name);
  item.set_name(absl::StrCat(TargetName(target.id), "/items/", absl::StripPrefix(name, "dossiers/")));
  const MirrorItem::State state = MirrorStateOf(target.record, number, dossier.revision(), record);
  item.set_state(state == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::NOT_OWED : state);
  item.set_desired_revision(dossier.revision());
  if (record.has_value()) FillItem(*record, item);
  return item;
}

absl::StatusOr<v1::MirrorDelivery> MirrorQueries::MakeDelivery(const storage::StoreReader& reader,
                                                               const MirrorIndex::Target& target,
                                                               int64_t number) const {
  TTHC_ASSIGN_OR_RETURN(storage::v1::DossierRecord record, LoadRecord(reader, number));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, LoadEvents(reader, record, reader.revision()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  const auto catalogue = catalogue_.Get();
  v1::MirrorDelivery delivery;
  delivery.set_number(number);
  *delivery.mutable_dossier() = std::move(*record.mutable_dossier());
  server::Present(*catalogue, *delivery.mutable_dossier());
  TTHC_RETURN_IF_ERROR(AddSteps(*catalogue, effective, delivery));
  TTHC_ASSIGN_OR_RETURN(*delivery.mutable_item(), MakeItem(reader, target, number, delivery.dossier()));
  FitMessage(delivery);
  AddNames(*catalogue, delivery);
  return delivery;
}

absl::StatusOr<v1::ListMirrorDeliveriesResponse> MirrorQueries::ListChosen(
    const MirrorIndex::Target& target, const v1::ListMirrorDeliveriesRequest& request) const {
  if (request.dossiers_size() > limits::kMirrorDeliveriesPageMax) {
    return InvalidField("dossiers", absl::StrCat("at most ", limits::kMirrorDeliveriesPageMax, " at once"),
                        absl::StrCat("tối đa ", limits::kMirrorDeliveriesPageMax, " hồ sơ một lần"));
  }
  TTHC_ASSIGN_OR_RETURN(std::vector<int64_t> numbers,
                        Resolve({request.dossiers().begin(), request.dossiers().end()}));
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  const storage::StoreReader reader = store_.Read();
  v1::ListMirrorDeliveriesResponse response;
  size_t bytes = 0;
  for (const int64_t number : numbers) {
    if (number <= request.after_number()) continue;
    TTHC_ASSIGN_OR_RETURN(v1::MirrorDelivery delivery, MakeDelivery(reader, target, number));
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
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget(request.name()));
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(target.id, target.record, request.fence()));
  if (!request.dossiers().empty()) return ListChosen(target, request);
  if (target.counting) return Counting(target.id);
  v1::ListMirrorDeliveriesResponse response;
  if (target.record.paused() || target.record.retired()) return response;
  // One more says whether it goes on. Taken before the snapshot, so that every dossier is there.
  const std::vector<int64_t> numbers =
      mirror_.List(target.record.number(), MirrorItem::PENDING, request.after_number(), page_size + 1);
  const storage::StoreReader reader = store_.Read();
  size_t bytes = 0;
  int64_t last = request.after_number();
  for (const int64_t number : numbers) {
    const bool full = response.deliveries_size() == static_cast<int>(page_size);
    absl::StatusOr<v1::MirrorDelivery> delivery = full ? v1::MirrorDelivery() : MakeDelivery(reader, target, number);
    if (!delivery.ok()) {
      // It stays pending and is seen as such; the others must not wait for it.
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

absl::StatusOr<v1::ListMirrorItemsResponse> MirrorQueries::ListItems(const v1::ListMirrorItemsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget(request.name()));
  const MirrorItem::State state =
      request.state() == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::PARKED : request.state();
  if (!MirrorItem::State_IsValid(state) || state == MirrorItem::CONFIRMED) {
    return InvalidField("state", "must be PARKED, PENDING, SKIPPED or NOT_OWED", "không liệt kê trạng thái này");
  }
  const uint64_t arguments = HashArguments(request);
  int64_t after = 0;
  if (!request.page_token().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto token, DecodePageToken(store_.store_id(), arguments, request.page_token()));
    after = token.last_number();
  }
  if (target.counting) return Counting(target.id);
  v1::ListMirrorItemsResponse response;
  response.set_total_size(state == MirrorItem::PARKED    ? target.counts.parked
                          : state == MirrorItem::PENDING ? target.counts.pending
                          : state == MirrorItem::SKIPPED ? target.counts.skipped
                                                         : target.counts.not_owed);
  const size_t look_at = request.error_reason().empty() ? page_size : kItemsLookedAtMax;
  const std::vector<int64_t> numbers = mirror_.List(target.record.number(), state, after, look_at + 1);
  const storage::StoreReader reader = store_.Read();
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i == look_at || response.items_size() == static_cast<int>(page_size)) {
      storage::v1::PageToken token;
      token.set_last_number(numbers[i - 1]);
      response.set_next_page_token(EncodePageToken(store_.store_id(), arguments, std::move(token)));
      break;
    }
    if (!request.error_reason().empty()) {
      TTHC_ASSIGN_OR_RETURN(const auto item, reader.GetMirrorItem(target.record.number(), numbers[i]));
      if (!item.has_value() || item->last_error().reason() != request.error_reason()) continue;
    }
    TTHC_ASSIGN_OR_RETURN(const storage::v1::DossierRecord record, LoadRecord(reader, numbers[i]));
    TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeItem(reader, target, numbers[i], record.dossier()));
    if (!item.last_error().message().empty()) {
      TTHC_ASSIGN_OR_RETURN(const MirrorMasker masker, MaskerOf(reader, record));
      masker.Mask(*item.mutable_last_error());
    }
    *response.add_items() = std::move(item);
  }
  return response;
}

absl::StatusOr<v1::GetMirrorItemsResponse> MirrorQueries::GetItems(const v1::GetMirrorItemsRequest& request) const {
  if (!v1::MirrorExchangeView_IsValid(request.view())) {
    return InvalidField("view", "is no view", "không có cách xem này");
  }
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t number, dossiers_.Resolve(reader, "dossier", request.dossier()));
  TTHC_ASSIGN_OR_RETURN(const storage::v1::DossierRecord record, LoadRecord(reader, number));
  TTHC_ASSIGN_OR_RETURN(const MirrorMasker masker, MaskerOf(reader, record));
  const bool raw = request.view() == v1::MIRROR_EXCHANGE_VIEW_RAW;
  v1::GetMirrorItemsResponse response;
  for (const MirrorIndex::Target& target : mirror_.Targets()) {
    if (target.record.retired()) continue;
    TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeItem(reader, target, number, record.dossier()));
    if (!raw && item.has_last_error()) masker.Mask(*item.mutable_last_error());
    TTHC_RETURN_IF_ERROR(AddExchanges(reader, target, number, raw ? nullptr : &masker, item));
    *response.add_items() = std::move(item);
  }
  return response;
}

absl::StatusOr<v1::MirrorItem> MirrorQueries::GetItem(const std::string& target_name, int64_t dossier_number) const {
  TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, FindTarget(target_name));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const storage::v1::DossierRecord record, LoadRecord(reader, dossier_number));
  TTHC_ASSIGN_OR_RETURN(v1::MirrorItem item, MakeItem(reader, target, dossier_number, record.dossier()));
  TTHC_ASSIGN_OR_RETURN(const MirrorMasker masker, MaskerOf(reader, record));
  if (item.has_last_error()) masker.Mask(*item.mutable_last_error());
  return item;
}

absl::StatusOr<std::vector<int64_t>> MirrorQueries::Resolve(const std::vector<std::string>& names) const {
  const storage::StoreReader reader = store_.Read();
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < names.size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const int64_t number,
                          dossiers_.Resolve(reader, absl::StrCat("dossiers[", i, "]"), names[i]));
    numbers.push_back(number);
  }
  return numbers;
}

absl::StatusOr<int64_t> MirrorQueries::Resolve(const std::string& field, const std::string& name) const {
  return dossiers_.Resolve(store_.Read(), field, name);
}

absl::StatusOr<std::vector<int64_t>> MirrorQueries::ListParked(const MirrorIndex::Target& target,
                                                               const std::vector<std::string>& error_reasons,
                                                               int64_t after_number, size_t count_max) const {
  const storage::StoreReader reader = store_.Read();
  std::vector<int64_t> numbers;
  absl::Status failed;
  TTHC_RETURN_IF_ERROR(reader.ScanMirrorAttention(
      target.record.number(), after_number + 1, [&](int64_t number, const MirrorItemRecord& attention) {
        if (attention.state() != MirrorItem::PARKED) return true;
        if (!error_reasons.empty()) {
          const auto item = reader.GetMirrorItem(target.record.number(), number);
          failed = item.status();
          if (!failed.ok()) return false;
          const std::string reason = item->has_value() ? (*item)->last_error().reason() : "";
          if (std::find(error_reasons.begin(), error_reasons.end(), reason) == error_reasons.end()) return true;
        }
        numbers.push_back(number);
        return numbers.size() < count_max;
      }));
  TTHC_RETURN_IF_ERROR(failed);
  return numbers;
}

int64_t MirrorQueries::FirstNumberFrom(const std::string& start_date) const {
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(start_date);
  if (start_date.empty() || !day.ok()) return 1;
  const int64_t from = absl::ToUnixSeconds(LocalMidnight(DayNumber(*day)));
  int64_t first = 0;
  facts_.Read([&](const FactIndex::View& facts) {
    const FactColumns& columns = facts.columns;
    size_t row = 0;
    for (; row < columns.size(); ++row) {
      const uint32_t submit = columns.submit[row];
      const uint32_t accept = columns.accept[row];
      const int64_t opened = submit != 0 ? submit : accept != 0 ? accept : columns.end[row];
      if (opened >= from) break;
    }
    first = static_cast<int64_t>(row) + 1;
  });
  return first;
}

}  // namespace tthc::server
