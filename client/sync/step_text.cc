#include "client/sync/step_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/sources.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using tthc::v1::Event;
using tthc::v1::MirrorDelivery;

std::string UnitName(const MirrorDelivery& delivery, const std::string& unit) {
  const auto found = delivery.display_names().find(unit);
  return found == delivery.display_names().end() ? "" : found->second;
}

// "" for no amount.
std::string Amount(int64_t amount_vnd) { return amount_vnd > 0 ? absl::StrCat(amount_vnd, " đồng") : ""; }

// The texts that were entered with the event, in the order in which they are read; some may be empty.
std::vector<std::string> EnteredTexts(const MirrorDelivery& delivery, const Event& event) {
  switch (event.payload_case()) {
    case Event::kIntakeRefused:
      return {event.intake_refused().reason()};
    case Event::kForwarded:
      return {UnitName(delivery, event.forwarded().to_unit()), event.forwarded().note()};
    case Event::kStepDone:
      return {event.step_done().note()};
    case Event::kSupplementRequested:
      return {event.supplement_requested().content(), event.supplement_requested().reason()};
    case Event::kSupplementReceived:
      return {event.supplement_received().note()};
    case Event::kFinancialObligationRequested:
      return {Amount(event.financial_obligation_requested().amount_vnd()),
              event.financial_obligation_requested().document(), event.financial_obligation_requested().note()};
    case Event::kFinancialObligationMet:
      return {Amount(event.financial_obligation_met().amount_vnd()), event.financial_obligation_met().document(),
              event.financial_obligation_met().note()};
    case Event::kPaused:
      return {event.paused().document(), event.paused().note()};
    case Event::kResumed:
      return {event.resumed().document(), event.resumed().note()};
    case Event::kOpinionAsked:
      return {UnitName(delivery, event.opinion_asked().unit()), event.opinion_asked().content()};
    case Event::kOpinionGiven:
      return {UnitName(delivery, event.opinion_given().unit()), event.opinion_given().content()};
    case Event::kRescheduled:
      return {absl::StrCat("hẹn trả mới ", FormatForPeople(FromProto(event.rescheduled().new_due_time()))),
              event.rescheduled().reason()};
    case Event::kWithdrawalRequested:
      return {event.withdrawal_requested().reason()};
    case Event::kStopped:
      return {event.stopped().reason()};
    case Event::kFinished:
      return {event.finished().reason()};
    default:
      return {};
  }
}

}  // namespace

std::string StepText(const v1::Profile& profile, const MirrorDelivery& delivery, const tthc::v1::MirrorStep& step) {
  const v1::StepWords* const words = FindStepWords(profile, step.event());
  std::vector<std::string> entered = EnteredTexts(delivery, step.event());
  std::erase(entered, "");
  // The caller renders only events for which the profile has a text; an empty head does no harm in the others.
  const std::string head = words == nullptr ? "" : words->text();
  if (entered.empty()) return head;
  return absl::StrCat(head, head.empty() ? "" : ": ", absl::StrJoin(entered, "; "));
}

// Events of systems and of citizens name no officer.
std::string EventOfficer(const Event& event) {
  switch (event.payload_case()) {
    case Event::kAccepted:
      return event.accepted().officer();
    case Event::kStepTaken:
      return event.step_taken().officer();
    case Event::kStepDone:
      return event.step_done().officer();
    case Event::kSupplementRequested:
      return event.supplement_requested().officer();
    case Event::kFinished:
      return event.finished().officer();
    case Event::kReturned:
      return event.returned().officer();
    default:
      return "";
  }
}

std::string EventUnit(const Event& event) {
  switch (event.payload_case()) {
    case Event::kAccepted:
      return event.accepted().unit();
    case Event::kStepTaken:
      return event.step_taken().unit();
    case Event::kStepDone:
      return event.step_done().unit();
    default:
      return "";
  }
}

}  // namespace tthc::sync
