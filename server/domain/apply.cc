#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/due.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/domain/refusal.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

using State = v1::Dossier::State;
using google::protobuf::Timestamp;

// Lists the events that are possible instead: in English all of them, for programs, and in Vietnamese those of the
// lifecycle, which are what a clerk chooses from.
absl::Status TransitionNotAllowed(State from, v1::Event::PayloadCase event) {
  const std::vector<std::string> allowed = AllowedEvents(from);
  std::vector<std::string> allowed_vi;
  for (int number = kFirstEvent; number <= kLastEvent; ++number) {
    const auto other = static_cast<v1::Event::PayloadCase>(number);
    if (IsLifecycleEvent(other) && FindTransition(from, other).kind != Transition::Kind::kNotAllowed) {
      allowed_vi.emplace_back(EventNameVi(other));
    }
  }
  const std::string state = v1::Dossier::State_Name(from);
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "TRANSITION_NOT_ALLOWED",
       .message = absl::StrCat(EventName(event), " is not possible in state ", state,
                               "; possible are: ", absl::StrJoin(allowed, ", ")),
       .message_vi = absl::StrCat(
           "Không thể ghi \"", EventNameVi(event), "\" khi hồ sơ đang ở trạng thái \"", StateNameVi(from),
           "\"; có thể ghi: ", allowed_vi.empty() ? "ghi chú, đính chính" : absl::StrJoin(allowed_vi, ", ")),
       .metadata = {{"state", state}, {"event", EventName(event)}, {"allowed", absl::StrJoin(allowed, ",")}}});
}

// The state from before a wait or a withdrawal request: that of the wait if one is still open, else processing, or
// submitted before acceptance.
State StateBehind(const v1::Dossier& dossier) {
  if (const v1::Wait* wait = OpenWait(dossier); wait != nullptr) {
    switch (wait->kind()) {
      case v1::Wait::KIND_SUPPLEMENT:
        return v1::Dossier::STATE_AWAITING_SUPPLEMENT;
      case v1::Wait::KIND_FINANCIAL:
        return v1::Dossier::STATE_AWAITING_PAYMENT;
      default:
        return v1::Dossier::STATE_PAUSED;
    }
  }
  return dossier.has_accept_time() ? v1::Dossier::STATE_PROCESSING : v1::Dossier::STATE_SUBMITTED;
}

// When the first event happened: nothing about the dossier can have happened earlier.
absl::Time OpeningTime(const v1::Dossier& dossier) {
  if (dossier.has_submit_time()) return FromProto(dossier.submit_time());
  return FromProto(dossier.has_accept_time() ? dossier.accept_time() : dossier.stop_time());
}

// Adds one event to a dossier. Each On… method has the effect of one payload; Run has checked the transition before it
// and sets the state after it. Lives during one call of Apply.
class Applier {
 public:
  Applier(const CalendarSource& calendars, const v1::Event& event, v1::Dossier& dossier)
      : calendars_(calendars), event_(event), dossier_(dossier) {}

  absl::Status Run();

 private:
  absl::Status CheckOrder() const;
  absl::Status Dispatch();

  absl::Status OnSubmitted(const v1::Submitted& payload);
  absl::Status OnAccepted(const v1::Accepted& payload);
  absl::Status OnIntakeRefused(const v1::IntakeRefused& payload);
  absl::Status OnForwarded(const v1::Forwarded& payload);
  absl::Status OnStepTaken(const v1::StepTaken& payload);
  absl::Status OnStepDone(const v1::StepDone& payload);
  absl::Status OnSupplementRequested(const v1::SupplementRequested& payload);
  absl::Status OnSupplementReceived();
  void OnFinancialObligationRequested(const v1::FinancialObligationRequested& payload);
  void OnPaused(const v1::Paused& payload);
  absl::Status OnOpinionAsked(const v1::OpinionAsked& payload);
  absl::Status OnOpinionGiven(const v1::OpinionGiven& payload);
  absl::Status OnRescheduled(const v1::Rescheduled& payload);
  absl::Status OnRated(const v1::Rated& payload);
  absl::Status OnDocumentAdded(const v1::DocumentAdded& payload);
  absl::Status OnPetitionReceived(const v1::PetitionReceived& payload);
  absl::Status OnPetitionAnswered(const v1::PetitionAnswered& payload);
  absl::Status OnRecomputed(const v1::Recomputed& payload);
  void OnStopped(const v1::Stopped& payload);
  absl::Status OnFinished(const v1::Finished& payload);

  void TakeRequest(const v1::Request& request);
  absl::Status StartClock(const Timestamp& start);
  v1::Wait& OpenNewWait(v1::Wait::Kind kind);
  absl::Status EndWait();
  void EndClock();
  void CloseSteps();
  absl::Status RefreshStepDueTimes();
  absl::Status RefreshPetitionDueTimes();
  absl::Status SetPetitionDueTime(int64_t calendar_version, v1::Petition& petition) const;
  void AddAlias(const std::string& alias);
  void SetSubmissionCode(const std::string& code);

  const Timestamp& now() const { return event_.occur_time(); }

  const CalendarSource& calendars_;
  const v1::Event& event_;
  v1::Dossier& dossier_;
};

absl::Status Applier::CheckOrder() const {
  // Lifecycle events are in the order of their occur_time, because the clock is computed from it. The others may be
  // recorded late, but not before the dossier existed.
  const bool lifecycle = IsLifecycleEvent(event_.payload_case());
  const absl::Time occur = FromProto(now());
  const absl::Time last = FromProto(dossier_.last_occur_time());
  if (!lifecycle && dossier_.event_count() > 0 && occur < OpeningTime(dossier_)) {
    return InvalidField("event.occur_time",
                        absl::StrCat("is ", FormatRfc3339(occur), ", before the dossier was opened at ",
                                     FormatRfc3339(OpeningTime(dossier_))),
                        absl::StrCat("là ", FormatForPeople(occur), ", trước khi có hồ sơ (",
                                     FormatForPeople(OpeningTime(dossier_)), ")"));
  }
  if (lifecycle && dossier_.has_last_occur_time() && occur < last) {
    return InvalidField(
        "event.occur_time",
        absl::StrCat("is ", FormatRfc3339(occur), ", before the dossier's last event at ", FormatRfc3339(last),
                     "; give a later time, or amend that event"),
        absl::StrCat("là ", FormatForPeople(occur), ", trước sự kiện gần nhất của hồ sơ (", FormatForPeople(last),
                     "); hãy nhập thời điểm sau đó hoặc đính chính sự kiện kia"));
  }
  return absl::OkStatus();
}

absl::Status Applier::Run() {
  const auto kind = event_.payload_case();
  const State from = dossier_.state();
  const Transition transition = FindTransition(from, kind);
  if (transition.kind == Transition::Kind::kNotAllowed) return TransitionNotAllowed(from, kind);
  // An amendment folds the whole history again, so its length has a bound.
  if (dossier_.event_count() >= static_cast<int>(limits::kEventsPerDossierMax)) return TooManyEvents();
  TTHC_RETURN_IF_ERROR(CheckOrder());
  // The payload's effect sees the state from before the event; "back" then depends on the waits that are left.
  TTHC_RETURN_IF_ERROR(Dispatch());
  if (transition.kind == Transition::Kind::kTo) dossier_.set_state(transition.to);
  if (transition.kind == Transition::Kind::kBack) dossier_.set_state(StateBehind(dossier_));
  // Only these: a payment that is recorded late must not hold up the next event of the lifecycle.
  if (IsLifecycleEvent(kind)) *dossier_.mutable_last_occur_time() = now();
  return absl::OkStatus();
}

absl::Status Applier::Dispatch() {
  switch (event_.payload_case()) {
    case v1::Event::kSubmitted:
      return OnSubmitted(event_.submitted());
    case v1::Event::kAccepted:
      return OnAccepted(event_.accepted());
    case v1::Event::kIntakeRefused:
      return OnIntakeRefused(event_.intake_refused());
    case v1::Event::kForwarded:
      return OnForwarded(event_.forwarded());
    case v1::Event::kStepTaken:
      return OnStepTaken(event_.step_taken());
    case v1::Event::kStepDone:
      return OnStepDone(event_.step_done());
    case v1::Event::kSupplementRequested:
      return OnSupplementRequested(event_.supplement_requested());
    case v1::Event::kSupplementReceived:
      return OnSupplementReceived();
    case v1::Event::kFinancialObligationRequested:
      OnFinancialObligationRequested(event_.financial_obligation_requested());
      return absl::OkStatus();
    case v1::Event::kPaused:
      OnPaused(event_.paused());
      return absl::OkStatus();
    case v1::Event::kFinancialObligationMet:
      return EndWait();
    case v1::Event::kResumed:
      // Resuming after a withdrawal request takes only the request back: a wait from before it stays open.
      return dossier_.state() == v1::Dossier::STATE_PAUSED ? EndWait() : absl::OkStatus();
    case v1::Event::kOpinionAsked:
      return OnOpinionAsked(event_.opinion_asked());
    case v1::Event::kOpinionGiven:
      return OnOpinionGiven(event_.opinion_given());
    case v1::Event::kRescheduled:
      return OnRescheduled(event_.rescheduled());
    case v1::Event::kStopped:
      OnStopped(event_.stopped());
      return absl::OkStatus();
    case v1::Event::kFinished:
      return OnFinished(event_.finished());
    case v1::Event::kReturned:
      *dossier_.mutable_return_time() = now();
      return absl::OkStatus();
    case v1::Event::kRated:
      return OnRated(event_.rated());
    case v1::Event::kPetitionReceived:
      return OnPetitionReceived(event_.petition_received());
    case v1::Event::kPetitionAnswered:
      return OnPetitionAnswered(event_.petition_answered());
    case v1::Event::kDocumentAdded:
      return OnDocumentAdded(event_.document_added());
    case v1::Event::kPaid:
      // Payments add up: a fee may be paid in parts. A voided one is left out when the history is folded again.
      dossier_.set_paid_vnd(dossier_.paid_vnd() + event_.paid().amount_vnd());
      dossier_.set_paid_online(dossier_.paid_online() || event_.paid().online());
      return absl::OkStatus();
    case v1::Event::kAliasAdded:
      AddAlias(event_.alias_added().alias());
      return absl::OkStatus();
    case v1::Event::kRecomputed:
      return OnRecomputed(event_.recomputed());
    case v1::Event::kWithdrawalRequested:
    case v1::Event::kNoted:
      return absl::OkStatus();
    case v1::Event::kAmended:
    case v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  return absl::InternalError("an amendment folds the whole history, not one event");
}

// An alias may come again, in the request and in the acceptance; it is listed once, where it came first.
void Applier::AddAlias(const std::string& alias) {
  for (const std::string& known : dossier_.aliases()) {
    if (known == alias) return;
  }
  dossier_.add_aliases(alias);
}

// The code of a dossier that is not accepted yet. It comes before the aliases of the request and stays one of them, so
// that a receipt with this code finds the dossier after acceptance too. Empty if the event does not open the dossier.
void Applier::SetSubmissionCode(const std::string& code) {
  if (code.empty()) return;
  dossier_.set_submission_code(code);
  AddAlias(code);
}

// The newest request replaces the one before, but aliases add up: a code that was given once finds the dossier for
// good.
void Applier::TakeRequest(const v1::Request& request) {
  for (const std::string& alias : request.aliases()) AddAlias(alias);
  *dossier_.mutable_request() = request;
  dossier_.mutable_request()->clear_aliases();
}

absl::Status Applier::OnSubmitted(const v1::Submitted& payload) {
  SetSubmissionCode(payload.code());
  TakeRequest(payload.request());
  *dossier_.mutable_submit_time() = now();
  dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_NOT_STARTED);
  return absl::OkStatus();
}

absl::Status Applier::OnAccepted(const v1::Accepted& payload) {
  if (payload.has_request()) TakeRequest(payload.request());
  *dossier_.mutable_accept_time() = now();
  // Terms were frozen by the server at acceptance, so that later changes of the catalogue do not reach this dossier.
  *dossier_.mutable_terms() = payload.terms();
  // An agreement with the applicant replaces the limit of the catalogue (its basis is recorded in the event).
  if (payload.has_agreed_limit()) *dossier_.mutable_terms()->mutable_limit() = payload.agreed_limit();
  dossier_.set_code(payload.code());
  dossier_.set_accept_unit(payload.unit());
  dossier_.set_accept_officer(payload.officer());
  dossier_.set_unit(payload.unit());
  dossier_.set_officer(payload.officer());
  dossier_.set_fee_vnd(payload.fee_vnd());

  const v1::Request& request = dossier_.request();
  if (!request.competent_office().empty() && request.competent_office() != request.office()) {
    // Rule D2: the clock starts when the competent office takes the dossier, see OnStepTaken.
    dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_NOT_STARTED);
    return absl::OkStatus();
  }
  return StartClock(now());
}

// From acceptance, or from the receipt by the competent office (rules D1, D2).
absl::Status Applier::StartClock(const Timestamp& start) {
  dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_RUNNING);
  *dossier_.mutable_due()->mutable_start_time() = start;
  return RefreshDueTimes(calendars_, event_.revision(), dossier_);
}

absl::Status Applier::OnIntakeRefused(const v1::IntakeRefused& payload) {
  // Awaiting a supplement is one state before and after acceptance, but intake can be refused only before it.
  if (dossier_.has_accept_time()) return TransitionNotAllowed(dossier_.state(), event_.payload_case());
  SetSubmissionCode(payload.code());
  if (payload.has_request()) TakeRequest(payload.request());
  *dossier_.mutable_stop_time() = now();
  dossier_.set_end_reason(payload.reason());
  dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_ENDED);
  return absl::OkStatus();
}

absl::Status Applier::OnForwarded(const v1::Forwarded& payload) {
  // Form 06 has no gap between two rows: the hand-over ends the step before.
  CloseSteps();
  v1::Step& step = *dossier_.add_steps();
  step.set_unit(payload.to_unit());
  step.set_officer(payload.to_officer());
  // Read before the unit and the officer of the dossier are replaced below.
  step.set_from_unit(payload.from_unit().empty() ? dossier_.unit() : payload.from_unit());
  step.set_from_officer(payload.from_officer().empty() ? dossier_.officer() : payload.from_officer());
  step.set_note(payload.note());
  *step.mutable_forward_time() = now();
  if (payload.has_step_limit()) *step.mutable_limit() = payload.step_limit();
  dossier_.set_unit(payload.to_unit());
  dossier_.set_officer(payload.to_officer());
  return RefreshStepDueTimes();
}

absl::Status Applier::OnStepTaken(const v1::StepTaken& payload) {
  // The unit takes what was forwarded to it; otherwise it takes the dossier by itself, which is a step of its own.
  v1::Step* step = nullptr;
  if (!dossier_.steps().empty()) {
    v1::Step& last = *dossier_.mutable_steps()->rbegin();
    if (last.unit() == payload.unit() && !last.has_take_time() && !last.has_done_time()) step = &last;
  }
  if (step == nullptr) {
    CloseSteps();
    step = dossier_.add_steps();
    step->set_unit(payload.unit());
    step->set_from_unit(dossier_.unit());
    step->set_from_officer(dossier_.officer());
    *step->mutable_forward_time() = now();
  }
  *step->mutable_take_time() = now();
  if (!payload.officer().empty()) step->set_officer(payload.officer());
  if (payload.has_step_limit()) *step->mutable_limit() = payload.step_limit();
  dossier_.set_unit(payload.unit());
  dossier_.set_officer(step->officer());

  // Rule D2: this is the receipt by the competent office.
  const std::string& competent = dossier_.request().competent_office();
  if (dossier_.due().clock_state() == v1::Due::CLOCK_STATE_NOT_STARTED && payload.office() == competent) {
    TTHC_RETURN_IF_ERROR(StartClock(now()));
  }
  return RefreshStepDueTimes();
}

absl::Status Applier::OnStepDone(const v1::StepDone& payload) {
  // From the last step: a unit may have had the dossier more than once.
  for (auto step = dossier_.mutable_steps()->rbegin(); step != dossier_.mutable_steps()->rend(); ++step) {
    if (step->unit() != payload.unit() || step->has_done_time()) continue;
    if (!step->has_take_time() && dossier_.due().clock_state() == v1::Due::CLOCK_STATE_NOT_STARTED) {
      return Refused("STEP_NOT_TAKEN",
                     "the clock starts when the competent office takes the dossier: record step_taken first",
                     "Thời hạn tính từ khi cơ quan có thẩm quyền nhận hồ sơ; hãy ghi nhận xử lý trước");
    }
    // Done without having been taken: taken when done.
    if (!step->has_take_time()) *step->mutable_take_time() = now();
    *step->mutable_done_time() = now();
    if (!payload.officer().empty()) step->set_officer(payload.officer());
    if (!payload.note().empty()) step->set_note(payload.note());
    return absl::OkStatus();
  }
  return Refused("STEP_NOT_TAKEN", absl::StrCat(payload.unit(), " has no open step; forward to it or take it first"),
                 absl::StrCat(payload.unit(), " không có bước đang mở; hãy chuyển hoặc nhận xử lý trước"));
}

// A wait that ended, or another calendar, moves the due times of the steps that are still open.
absl::Status Applier::RefreshStepDueTimes() {
  for (v1::Step& step : *dossier_.mutable_steps()) {
    if (!step.has_limit() || step.has_done_time()) continue;
    TTHC_ASSIGN_OR_RETURN(Timestamp due, InnerDueTime(calendars_, dossier_, step.forward_time(), step.limit()));
    if (due.seconds() == 0) {
      step.clear_due_time();
    } else {
      *step.mutable_due_time() = std::move(due);
    }
  }
  return absl::OkStatus();
}

// Stops the clock if it runs. A wait before acceptance, or before the competent office has the dossier, finds no clock
// to stop and is only recorded.
v1::Wait& Applier::OpenNewWait(v1::Wait::Kind kind) {
  v1::Wait& wait = *dossier_.add_waits();
  wait.set_kind(kind);
  *wait.mutable_start_time() = now();
  wait.set_before_acceptance(!dossier_.has_accept_time());
  if (dossier_.due().has_due_time()) *wait.mutable_due_time_before() = dossier_.due().due_time();
  if (dossier_.due().clock_state() == v1::Due::CLOCK_STATE_RUNNING)
    dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_STOPPED);
  return wait;
}

absl::Status Applier::EndWait() {
  v1::Wait& wait = *dossier_.mutable_waits()->rbegin();
  *wait.mutable_end_time() = now();
  // Before acceptance, and before the competent office has the dossier, no clock was stopped.
  if (dossier_.due().clock_state() != v1::Due::CLOCK_STATE_STOPPED) return absl::OkStatus();
  dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_RUNNING);
  TTHC_RETURN_IF_ERROR(RefreshDueTimes(calendars_, event_.revision(), dossier_));
  if (dossier_.due().has_due_time()) *wait.mutable_due_time_after() = dossier_.due().due_time();
  return RefreshStepDueTimes();
}

absl::Status Applier::OnSupplementRequested(const v1::SupplementRequested& payload) {
  if (dossier_.has_accept_time()) {
    // Rule D11: once. A second request is possible with an approver and a reason, and stays visible for good.
    const bool again = dossier_.supplement_count() > 0;
    if (again && (payload.override_approver().empty() || payload.override_reason().empty())) {
      return Refused("SUPPLEMENT_ALREADY_REQUESTED",
                     "a supplement may be asked for only once (Decree 118/2025 art. 11); set override_approver and "
                     "override_reason to record a second request, which the national portal counts as late",
                     "Chỉ được yêu cầu bổ sung một lần (Điều 11 Nghị định 118/2025/NĐ-CP); muốn ghi lần nữa phải nêu "
                     "người cho phép và lý do, và hồ sơ bị Cổng Dịch vụ công tính là quá hạn");
    }
    dossier_.set_supplement_count(dossier_.supplement_count() + 1);
    dossier_.set_over_supplemented(again);
  }
  v1::Wait& wait = OpenNewWait(v1::Wait::KIND_SUPPLEMENT);
  wait.set_content(payload.content());
  return absl::OkStatus();
}

absl::Status Applier::OnSupplementReceived() {
  const bool restarts = dossier_.terms().supplement_mode() != v1::SUPPLEMENT_MODE_RESUME &&
                        dossier_.due().clock_state() == v1::Due::CLOCK_STATE_STOPPED;
  // Decree 61/2018/NĐ-CP art. 19.4: the whole limit is counted again from the completion.
  if (restarts) *dossier_.mutable_due()->mutable_start_time() = now();
  return EndWait();
}

void Applier::OnFinancialObligationRequested(const v1::FinancialObligationRequested& payload) {
  v1::Wait& wait = OpenNewWait(v1::Wait::KIND_FINANCIAL);
  wait.set_document(payload.document());
  wait.set_content(payload.note());
}

void Applier::OnPaused(const v1::Paused& payload) {
  v1::Wait& wait = OpenNewWait(v1::Wait::KIND_PAUSE);
  wait.set_reason(payload.reason());
  wait.set_document(payload.document());
  wait.set_content(payload.note());
}

absl::Status Applier::OnOpinionAsked(const v1::OpinionAsked& payload) {
  v1::Opinion& opinion = *dossier_.add_opinions();
  opinion.set_unit(payload.unit());
  *opinion.mutable_ask_time() = now();
  // Rule D19: an opinion has a limit of its own and does not stop the clock of the dossier.
  if (!payload.has_limit()) return absl::OkStatus();
  TTHC_ASSIGN_OR_RETURN(Timestamp due, InnerDueTime(calendars_, dossier_, now(), payload.limit()));
  if (due.seconds() != 0) *opinion.mutable_due_time() = std::move(due);
  return absl::OkStatus();
}

absl::Status Applier::OnOpinionGiven(const v1::OpinionGiven& payload) {
  for (v1::Opinion& opinion : *dossier_.mutable_opinions()) {
    if (opinion.unit() != payload.unit() || opinion.has_answer_time()) continue;
    *opinion.mutable_answer_time() = now();
    return absl::OkStatus();
  }
  return Refused("OPINION_NOT_ASKED", absl::StrCat("no opinion of ", payload.unit(), " is awaited; ask for it first"),
                 absl::StrCat("Chưa lấy ý kiến của ", payload.unit(), "; hãy ghi việc lấy ý kiến trước"));
}

absl::Status Applier::OnRescheduled(const v1::Rescheduled& payload) {
  if (!dossier_.due().has_due_time()) {
    return Refused("NO_DUE_TIME", "nothing is due, so there is nothing to reschedule",
                   "Hồ sơ không có hẹn trả nên không thể hẹn lại");
  }
  // Rule D16: once, and at least a day before the due date; a late apology must be marked as one.
  if (dossier_.has_reschedule()) {
    return Refused("ALREADY_RESCHEDULED",
                   "a dossier may be rescheduled only once (Decree 118/2025, form 04); finish or stop it instead",
                   "Mỗi hồ sơ chỉ được hẹn lại một lần (Nghị định 118/2025/NĐ-CP, mẫu số 04)");
  }
  const absl::Time due = FromProto(dossier_.due().due_time());
  const absl::Time new_due = FromProto(payload.new_due_time());
  if (new_due <= due) {
    return InvalidField("event.rescheduled.new_due_time",
                        absl::StrCat("must lie after the present due time ", FormatRfc3339(due)),
                        absl::StrCat("phải sau thời điểm hẹn trả hiện tại ", FormatForPeople(due)));
  }
  TTHC_ASSIGN_OR_RETURN(const auto calendar, RequireCalendar(calendars_, dossier_.terms().calendar_version()));
  // The result is handed over at the new time, so that the office must be open in the second before it.
  TTHC_ASSIGN_OR_RETURN(const int64_t worked,
                        calendar->WorkingSeconds(DueInputOf(dossier_).office, new_due - absl::Seconds(1), new_due));
  if (worked == 0) {
    return InvalidField(
        "event.rescheduled.new_due_time",
        absl::StrCat(FormatRfc3339(new_due), " is outside office hours; choose a time when the office is open"),
        absl::StrCat(FormatForPeople(new_due), " ngoài giờ làm việc; hãy chọn giờ làm việc"));
  }
  if (LocalDayNumber(FromProto(now())) >= LocalDayNumber(due) && !payload.late_notice()) {
    return Refused("RESCHEDULE_TOO_LATE",
                   absl::StrCat("the apology is due at least one day before ", FormatRfc3339(due),
                                "; set late_notice to record it as late"),
                   absl::StrCat("Phải xin lỗi, hẹn lại trước ngày hẹn trả ít nhất 01 ngày (hẹn trả ",
                                FormatForPeople(due), "); nếu vẫn ghi, hãy đánh dấu xin lỗi muộn"));
  }
  v1::Reschedule& reschedule = *dossier_.mutable_reschedule();
  *reschedule.mutable_reschedule_time() = now();
  // A copy: RefreshDueTimes replaces the promise, and the old one has to stay visible.
  *reschedule.mutable_previous_due_time() = dossier_.due().due_time();
  *reschedule.mutable_new_due_time() = payload.new_due_time();
  reschedule.set_reason(payload.reason());
  reschedule.set_approver(payload.approver());
  reschedule.set_late_notice(payload.late_notice());
  return RefreshDueTimes(calendars_, event_.revision(), dossier_);
}

// Ends the clock for good. A wait that is open stays open: the clock had stopped when it began, and the dossier is
// evaluated at that time.
void Applier::EndClock() {
  dossier_.mutable_due()->set_clock_state(v1::Due::CLOCK_STATE_ENDED);
  CloseSteps();
}

// A hand-over or the end of the dossier completes every open step: form 06 has no gap between two rows.
void Applier::CloseSteps() {
  for (v1::Step& step : *dossier_.mutable_steps()) {
    if (!step.has_done_time()) *step.mutable_done_time() = now();
  }
}

void Applier::OnStopped(const v1::Stopped& payload) {
  EndClock();
  *dossier_.mutable_stop_time() = now();
  dossier_.set_end_reason(payload.reason());
  // Whether the applicant or the office wanted the end: statistics keep the two apart (rule D17).
  dossier_.set_withdrawn(dossier_.state() == v1::Dossier::STATE_WITHDRAWAL_REQUESTED);
}

absl::Status Applier::OnFinished(const v1::Finished& payload) {
  // A submission can be in the state of a withdrawal request, too, and was never accepted: it can only be stopped.
  if (!dossier_.has_accept_time()) return TransitionNotAllowed(dossier_.state(), event_.payload_case());
  if (payload.result() == v1::Finished::RESULT_REFUSED && payload.reason().empty()) {
    return InvalidField("event.finished.reason", "is required when the result is REFUSED",
                        "phải nêu lý do khi kết quả là từ chối giải quyết");
  }
  EndClock();
  *dossier_.mutable_finish_time() = now();
  dossier_.set_result(payload.result());
  dossier_.set_end_reason(payload.reason());
  dossier_.set_late_reason(payload.late_reason());
  dossier_.set_electronic_result(payload.electronic_result());
  return absl::OkStatus();
}

// One rating for each phase, or one applicant would count twice.
absl::Status Applier::OnRated(const v1::Rated& payload) {
  if (payload.phase() == v1::RATING_PHASE_RESULT && !HasEnded(dossier_.state())) {
    return Refused("PHASE_NOT_REACHED", "the result can be rated only once there is one",
                   "Chỉ đánh giá kết quả sau khi hồ sơ đã xử lý xong");
  }
  for (const v1::Rating& rating : dossier_.ratings()) {
    if (rating.phase() != payload.phase()) continue;
    return Refused("ALREADY_RATED", "this phase is rated already; amend that rating to change it",
                   "Giai đoạn này đã được đánh giá; muốn sửa hãy đính chính lần đánh giá đó");
  }
  v1::Rating& rating = *dossier_.add_ratings();
  rating.set_phase(payload.phase());
  rating.set_level(payload.level());
  rating.set_comment(payload.comment());
  *rating.mutable_rate_time() = now();
  return absl::OkStatus();
}

absl::Status Applier::OnDocumentAdded(const v1::DocumentAdded& payload) {
  if (dossier_.request().documents_size() >= static_cast<int>(limits::kDocumentsPerDossierMax)) {
    return InvalidField("event.document_added",
                        absl::StrCat("a dossier holds at most ", limits::kDocumentsPerDossierMax, " documents"),
                        absl::StrCat("mỗi hồ sơ có tối đa ", limits::kDocumentsPerDossierMax, " giấy tờ"));
  }
  *dossier_.mutable_request()->add_documents() = payload.document();
  return absl::OkStatus();
}

absl::Status Applier::OnPetitionReceived(const v1::PetitionReceived& payload) {
  for (const v1::Petition& petition : dossier_.petitions()) {
    if (petition.petition_id() != payload.petition_id()) continue;
    return Refused("PETITION_EXISTS", absl::StrCat("petition ", payload.petition_id(), " is recorded already"),
                   absl::StrCat("Phản ánh, kiến nghị ", payload.petition_id(), " đã được ghi nhận"));
  }
  if (dossier_.petitions_size() >= static_cast<int>(limits::kPetitionsPerDossierMax)) {
    return InvalidField("event.petition_received",
                        absl::StrCat("a dossier holds at most ", limits::kPetitionsPerDossierMax, " petitions"),
                        absl::StrCat("mỗi hồ sơ có tối đa ", limits::kPetitionsPerDossierMax, " phản ánh, kiến nghị"));
  }
  v1::Petition& petition = *dossier_.add_petitions();
  petition.set_petition_id(payload.petition_id());
  *petition.mutable_receive_time() = now();
  return SetPetitionDueTime(payload.calendar_version(), petition);
}

// Rule D28: 15 working days from the receipt, whatever the limit of the dossier is.
absl::Status Applier::SetPetitionDueTime(int64_t calendar_version, v1::Petition& petition) const {
  TTHC_ASSIGN_OR_RETURN(const auto calendar, RequireCalendar(calendars_, calendar_version));
  timing::DueInput input{.received = FromProto(petition.receive_time()), .office = dossier_.request().office()};
  input.limit.set_unit(v1::Limit::UNIT_WORKING_DAY);
  input.limit.set_minutes(limits::kPetitionWorkingDays * limits::kMinutesPerWorkingDay);
  TTHC_ASSIGN_OR_RETURN(const timing::DueTimes times, timing::ComputeDueTimes(*calendar, input));
  *petition.mutable_due_time() = ToProto(*times.due);
  return absl::OkStatus();
}

// An answered petition keeps the due time that it was answered against.
absl::Status Applier::RefreshPetitionDueTimes() {
  for (v1::Petition& petition : *dossier_.mutable_petitions()) {
    if (petition.has_answer_time()) continue;
    TTHC_RETURN_IF_ERROR(SetPetitionDueTime(dossier_.terms().calendar_version(), petition));
  }
  return absl::OkStatus();
}

absl::Status Applier::OnPetitionAnswered(const v1::PetitionAnswered& payload) {
  for (v1::Petition& petition : *dossier_.mutable_petitions()) {
    if (petition.petition_id() != payload.petition_id() || petition.has_answer_time()) continue;
    if (FromProto(now()) < FromProto(petition.receive_time())) {
      return InvalidField("event.occur_time", "lies before the petition came in", "trước khi nhận phản ánh, kiến nghị");
    }
    *petition.mutable_answer_time() = now();
    petition.set_upheld(payload.upheld());
    return absl::OkStatus();
  }
  return Refused("PETITION_NOT_OPEN", absl::StrCat("there is no unanswered petition ", payload.petition_id()),
                 absl::StrCat("Không có phản ánh, kiến nghị ", payload.petition_id(), " đang chờ trả lời"));
}

absl::Status Applier::OnRecomputed(const v1::Recomputed& payload) {
  // An amendment of the acceptance may have frozen a newer calendar than this event names: never go back.
  if (payload.calendar_version() > dossier_.terms().calendar_version()) {
    dossier_.mutable_terms()->set_calendar_version(payload.calendar_version());
  }
  TTHC_RETURN_IF_ERROR(RefreshPetitionDueTimes());
  // Without a running count there is no promise to move yet; the acceptance that follows uses the new calendar.
  if (!dossier_.due().has_start_time()) return absl::OkStatus();
  TTHC_RETURN_IF_ERROR(RefreshDueTimes(calendars_, event_.revision(), dossier_));
  return RefreshStepDueTimes();
}

}  // namespace

absl::Status Apply(const CalendarSource& calendars, const v1::Event& event, v1::Dossier& dossier) {
  // Counted and stamped last, so that the checks above see the dossier from before the event.
  TTHC_RETURN_IF_ERROR(Applier(calendars, event, dossier).Run());
  dossier.set_event_count(dossier.event_count() + 1);
  dossier.set_revision(event.revision());
  return absl::OkStatus();
}

}  // namespace tthc::domain
