#include "server/domain/fold.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/lifecycle.h"
#include "server/domain/refusal.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

absl::Status NotPossible(const v1::Event& amendment, absl::string_view why, absl::string_view why_vi) {
  const std::string target = absl::StrCat(amendment.amended().target_revision());
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "AMENDMENT_NOT_POSSIBLE",
                    .message = absl::StrCat("event ", target, " can't be amended so: ", why),
                    .message_vi = absl::StrCat("Không thể đính chính sự kiện ", target, ": ", why_vi),
                    .metadata = {{"target_revision", target}}});
}

// Puts the content of the amendment in the place of its target. When, by whom and at which revision the target was
// recorded stays as it was.
absl::Status Substitute(const v1::Event& amendment, bool target_opens, v1::Event& target) {
  const v1::Amended& amended = amendment.amended();
  if (amended.voided()) {
    const bool accepts = target.payload_case() == v1::Event::kAccepted;
    if (target_opens || accepts) {
      return NotPossible(amendment,
                         "the event that opened or accepted the dossier can't be voided; stop the dossier instead",
                         "không hủy được sự kiện mở hoặc tiếp nhận hồ sơ; hãy ghi dừng giải quyết");
    }
    target.clear_payload();
    return absl::OkStatus();
  }
  v1::Event replaced = amended.replacement();
  replaced.set_name(target.name());
  replaced.set_revision(target.revision());
  *replaced.mutable_record_time() = target.record_time();
  replaced.set_actor(target.actor());
  replaced.set_imported(target.imported());
  if (!replaced.has_occur_time()) *replaced.mutable_occur_time() = target.occur_time();
  target = std::move(replaced);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::Event>> EffectiveEvents(const std::vector<v1::Event>& events) {
  std::vector<v1::Event> effective = events;
  // Amendments name their targets by revision; a target must come before its amendment.
  std::map<int64_t, size_t> position;
  for (size_t i = 0; i < events.size(); ++i) position[events[i].revision()] = i;

  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].payload_case() != v1::Event::kAmended) continue;
    const v1::Amended& amended = events[i].amended();
    const auto found = position.find(amended.target_revision());
    if (found == position.end() || found->second >= i) {
      return NotPossible(events[i], "this dossier has no such event before it", "hồ sơ không có sự kiện này trước đó");
    }
    const v1::Event& original = events[found->second];
    if (original.payload_case() == v1::Event::kAmended || original.payload_case() == v1::Event::kRecomputed) {
      return NotPossible(events[i], "amendments and recomputations are not amended; amend the first event again",
                         "không đính chính một lần đính chính hay tính lại; hãy đính chính lại sự kiện gốc");
    }
    if (!amended.voided() && amended.replacement().payload_case() != original.payload_case()) {
      return NotPossible(
          events[i], absl::StrCat("it is ", EventName(original.payload_case()), ", the replacement must be one too"),
          absl::StrCat("đây là sự kiện \"", EventNameVi(original.payload_case()),
                       "\", nội dung thay thế phải cùng loại"));
    }
    // A later amendment replaces an earlier one whole, so it starts from what was recorded.
    v1::Event& target = effective[found->second];
    target = original;
    TTHC_RETURN_IF_ERROR(Substitute(events[i], found->second == 0, target));
    target.set_amended_by_revision(events[i].revision());
  }
  return effective;
}

absl::StatusOr<v1::Dossier> Amend(const CalendarSource& calendars, const v1::Dossier& before,
                                  const std::vector<v1::Event>& events) {
  const v1::Event& amendment = events.back();
  if (before.event_count() >= static_cast<int>(limits::kEventsPerDossierMax)) return TooManyEvents();
  const auto amendments = std::count_if(
      events.begin(), events.end(), [](const v1::Event& event) { return event.payload_case() == v1::Event::kAmended; });
  if (amendments > static_cast<ptrdiff_t>(limits::kAmendmentsPerDossierMax)) {
    return Refused("TOO_MANY_AMENDMENTS",
                   absl::StrCat("a dossier holds at most ", limits::kAmendmentsPerDossierMax, " amendments"),
                   absl::StrCat("Mỗi hồ sơ có tối đa ", limits::kAmendmentsPerDossierMax, " lần đính chính"));
  }
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, EffectiveEvents(events));
  v1::Dossier dossier;
  // The only part of the state that is not in the events.
  dossier.set_name(before.name());
  for (const v1::Event& event : effective) {
    const bool counts = event.payload_case() != v1::Event::PAYLOAD_NOT_SET;
    if (counts && event.payload_case() != v1::Event::kAmended) {
      TTHC_RETURN_IF_ERROR(Apply(calendars, event, dossier));
      continue;
    }
    // An amendment acts through its target, and a voided event does nothing; both stay in the history and are counted.
    dossier.set_event_count(dossier.event_count() + 1);
    dossier.set_revision(event.revision());
  }
  // The fold has set due_revision to the revisions of earlier events. But for a reader of the history the promise moved
  // when the amendment was recorded, or it did not move at all.
  const bool moved = dossier.due().has_due_time() != before.due().has_due_time() ||
                     FromProto(dossier.due().due_time()) != FromProto(before.due().due_time());
  dossier.set_due_revision(moved ? amendment.revision() : before.due_revision());
  return dossier;
}

absl::StatusOr<v1::Dossier> Fold(const CalendarSource& calendars, const std::vector<v1::Event>& events) {
  v1::Dossier dossier;
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].payload_case() != v1::Event::kAmended) {
      TTHC_RETURN_IF_ERROR(Apply(calendars, events[i], dossier));
      continue;
    }
    // Amend needs the state before the amendment for due_revision: hence one more fold for each amendment. Their number
    // is bounded by limits::kAmendmentsPerDossierMax.
    const std::vector<v1::Event> until(events.begin(), events.begin() + static_cast<ptrdiff_t>(i) + 1);
    TTHC_ASSIGN_OR_RETURN(dossier, Amend(calendars, dossier, until));
  }
  return dossier;
}

}  // namespace tthc::domain
