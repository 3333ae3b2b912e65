#include "server/mirror/mirror_delivery.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/domain/fold.h"
#include "server/domain/presentation.h"
#include "server/facts/display_names.h"
#include "server/facts/dossier_history.h"
#include "server/mirror/mirror_item.h"
#include "server/mirror/mirror_names.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using v1::MirrorItem;

// True for resource names of the collections that have display names.
bool IsReference(const std::string& text) {
  for (const char* const collection : {"officers/", "units/", "offices/", "procedures/", "fields/"}) {
    if (absl::StartsWith(text, collection)) return true;
  }
  return false;
}

// Calls `visit` with every string of a message and of the messages in it.
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

// Also adds the unit of an officer and the office of a unit: profiles have fields for them beside each other.
void AddName(const domain::Catalogue& catalogue, const std::string& name, v1::MirrorDelivery& delivery) {
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

void AddNames(const domain::Catalogue& catalogue, v1::MirrorDelivery& delivery) {
  const auto add = [&](const std::string& text) {
    if (IsReference(text)) AddName(catalogue, text, delivery);
  };
  VisitTexts(delivery.dossier(), add);
  for (const v1::MirrorStep& step : delivery.steps()) VisitTexts(step.event(), add);
  // The name of the procedure's version that was frozen into the dossier, which the catalogue may have replaced.
  const v1::Dossier& dossier = delivery.dossier();
  if (!dossier.procedure_display_name().empty()) {
    (*delivery.mutable_display_names())[dossier.request().procedure()] = dossier.procedure_display_name();
  }
}

// Reason of the wait that is open after the events folded so far.
v1::PauseReason OpenReason(const v1::Dossier& dossier) {
  const bool waits = !dossier.waits().empty() && !dossier.waits().rbegin()->has_end_time();
  return waits ? dossier.waits().rbegin()->reason() : v1::PAUSE_REASON_UNSPECIFIED;
}

// Adds every event in effect with the dossier's state right after it. Folds the events one by one once more, because
// the stored dossier has the last state only.
absl::Status AddSteps(const domain::CalendarSource& calendars, const std::vector<v1::Event>& effective,
                      v1::MirrorDelivery& delivery) {
  v1::Dossier dossier;
  for (const v1::Event& event : effective) {
    const auto kind = event.payload_case();
    // A voided event has no payload; an amendment is already in the event that it amends.
    if (kind == v1::Event::PAYLOAD_NOT_SET || kind == v1::Event::kAmended) continue;
    TTHC_RETURN_IF_ERROR(domain::Apply(calendars, event, dossier));
    v1::MirrorStep& step = *delivery.add_steps();
    *step.mutable_event() = event;
    domain::PresentEvent(delivery.dossier(), *step.mutable_event());
    step.set_state(dossier.state());
    step.set_pause_reason(OpenReason(dossier));
    if (dossier.due().has_due_time()) *step.mutable_due_time() = dossier.due().due_time();
    step.set_unit(dossier.unit());
    step.set_officer(dossier.officer());
  }
  return absl::OkStatus();
}

// Cuts every string of a message and of the messages in it. A letter is never cut in two.
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

// A dossier with hundreds of long texts exceeds the message limit. Sending it with cut texts is better than never
// sending it.
void FitMessage(v1::MirrorDelivery& delivery) {
  if (delivery.ByteSizeLong() <= limits::kMirrorDeliveriesBytesMax) return;
  for (v1::MirrorStep& step : *delivery.mutable_steps()) {
    CutTexts(limits::kShortTextBytesMax, *step.mutable_event());
  }
}

// Everything of the stored item but its state, which depends on the dossier's revision.
void FillItem(const MirrorItemRecord& record, v1::MirrorItem& item) {
  item.set_confirmed_revision(record.confirmed_revision());
  item.set_sent_status(record.sent_status());
  if (record.sent_time_us() != 0) *item.mutable_sent_time() = ProtoOfMicros(record.sent_time_us());
  if (record.confirmed_time_us() != 0) *item.mutable_confirmed_time() = ProtoOfMicros(record.confirmed_time_us());
  item.set_attempt_count(record.attempt_count());
  if (record.has_last_error()) *item.mutable_last_error() = record.last_error();
  if (record.next_try_time_us() != 0) *item.mutable_next_try_time() = ProtoOfMicros(record.next_try_time_us());
  for (const int64_t step : ConfirmedSteps(record)) item.add_confirmed_steps(step);
  item.set_known_to_target(record.known_to_target());
  item.set_confirmed_digest(record.confirmed_digest());
  item.set_skipped_revision(record.skipped_revision());
  item.set_decision_actor(record.decision_actor());
  item.set_decision_reason(record.decision_reason());
  if (record.decision_time_us() != 0) *item.mutable_decision_time() = ProtoOfMicros(record.decision_time_us());
}

}  // namespace

absl::StatusOr<storage::v1::DossierRecord> LoadMirrorDossier(const storage::StoreReader& reader,
                                                             int64_t dossier_number) {
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(dossier_number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", dossier_number, " has no record"));
  return *std::move(record);
}

absl::StatusOr<v1::MirrorItem> MakeMirrorItem(const storage::StoreReader& reader, const MirrorIndex::Target& target,
                                              int64_t dossier_number, const v1::Dossier& dossier) {
  TTHC_ASSIGN_OR_RETURN(const std::optional<MirrorItemRecord> record,
                        reader.Get<storage::MirrorItems>({target.record.number(), dossier_number}));
  v1::MirrorItem item;
  item.set_dossier(dossier.name());
  item.set_name(MakeMirrorItemName(target.id, dossier.name()));
  const MirrorItem::State state = MirrorStateOf(target.record, dossier_number, dossier.revision(), record);
  item.set_state(state == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::STATE_EXCLUDED : state);
  item.set_desired_revision(dossier.revision());
  if (record.has_value()) FillItem(*record, item);
  return item;
}

absl::StatusOr<v1::MirrorDelivery> MakeMirrorDelivery(const storage::StoreReader& reader,
                                                      const domain::Catalogue& catalogue,
                                                      const MirrorIndex::Target& target, int64_t dossier_number) {
  TTHC_ASSIGN_OR_RETURN(storage::v1::DossierRecord record, LoadMirrorDossier(reader, dossier_number));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, LoadEvents(reader, record, reader.revision()));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
  v1::MirrorDelivery delivery;
  delivery.set_number(dossier_number);
  *delivery.mutable_dossier() = std::move(*record.mutable_dossier());
  domain::Present(catalogue, *delivery.mutable_dossier());
  TTHC_RETURN_IF_ERROR(AddSteps(catalogue, effective, delivery));
  TTHC_ASSIGN_OR_RETURN(*delivery.mutable_item(), MakeMirrorItem(reader, target, dossier_number, delivery.dossier()));
  // Names are added after the cut: they are looked up by whole resource names.
  FitMessage(delivery);
  AddNames(catalogue, delivery);
  return delivery;
}

}  // namespace tthc::server
