#include "tests/testing/sample_events.h"

#include <utility>

#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"

namespace tthc::testing {
namespace {

void FillHandling(v1::Event::PayloadCase kind, v1::Event& event) {
  switch (kind) {
    case v1::Event::kForwarded:
      event.mutable_forwarded()->set_to_unit(kJusticeUnit);
      return;
    case v1::Event::kStepTaken:
      event.mutable_step_taken()->set_unit(kJusticeUnit);
      return;
    case v1::Event::kStepDone:
      event.mutable_step_done()->set_unit(kJusticeUnit);
      return;
    case v1::Event::kSupplementRequested:
      event.mutable_supplement_requested()->set_content("bản sao Giấy khai sinh");
      event.mutable_supplement_requested()->set_reason("thiếu thành phần hồ sơ");
      return;
    case v1::Event::kSupplementReceived:
      event.mutable_supplement_received();
      return;
    case v1::Event::kFinancialObligationRequested:
      event.mutable_financial_obligation_requested()->set_document("TB 12/2026");
      return;
    case v1::Event::kFinancialObligationMet:
      event.mutable_financial_obligation_met();
      return;
    case v1::Event::kPaused:
      event.mutable_paused()->set_reason(v1::PAUSE_REASON_VERIFICATION);
      event.mutable_paused()->set_document("CV 34/2026");
      return;
    case v1::Event::kResumed:
      event.mutable_resumed();
      return;
    case v1::Event::kOpinionAsked:
      event.mutable_opinion_asked()->set_unit(kJusticeUnit);
      return;
    case v1::Event::kOpinionGiven:
      event.mutable_opinion_given()->set_unit(kJusticeUnit);
      return;
    default:
      return;
  }
}

void FillEnd(v1::Event::PayloadCase kind, v1::Event& event) {
  switch (kind) {
    case v1::Event::kRescheduled:
      *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(At("2026-12-30T17:00"));
      event.mutable_rescheduled()->set_reason("cán bộ nghỉ ốm");
      event.mutable_rescheduled()->set_approver("Chủ tịch UBND xã");
      return;
    case v1::Event::kWithdrawalRequested:
      event.mutable_withdrawal_requested();
      return;
    case v1::Event::kStopped:
      event.mutable_stopped()->set_reason("công dân rút hồ sơ");
      return;
    case v1::Event::kFinished:
      event.mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
      return;
    case v1::Event::kReturned:
      event.mutable_returned();
      return;
    case v1::Event::kRated:
      event.mutable_rated()->set_level(v1::RATING_LEVEL_SATISFIED);
      event.mutable_rated()->set_phase(v1::RATING_PHASE_RECEPTION);
      return;
    case v1::Event::kAmended:
      event = VoidOf(1);
      return;
    case v1::Event::kRecomputed:
      event.mutable_recomputed()->set_calendar_version(1);
      return;
    default:
      return;
  }
}

void FillAside(v1::Event::PayloadCase kind, v1::Event& event) {
  switch (kind) {
    case v1::Event::kPetitionReceived:
      event.mutable_petition_received()->set_petition_id("PA-01");
      event.mutable_petition_received()->set_content("chậm trả kết quả");
      return;
    case v1::Event::kPetitionAnswered:
      event.mutable_petition_answered()->set_petition_id("PA-01");
      event.mutable_petition_answered()->set_content("đã giải thích");
      return;
    case v1::Event::kNoted:
      event.mutable_noted()->set_text("ghi chú");
      return;
    case v1::Event::kDocumentAdded:
      event.mutable_document_added()->mutable_document()->set_display_name("Tờ khai");
      return;
    case v1::Event::kPaid:
      event.mutable_paid()->set_amount_vnd(50'000);
      return;
    case v1::Event::kAliasAdded:
      event.mutable_alias_added()->set_alias("G22.99.01-2026-000001");
      return;
    default:
      return;
  }
}

}  // namespace

v1::Request SampleRequest(const std::string& procedure, const std::string& applicant) {
  v1::Request request;
  request.set_procedure(procedure);
  request.set_office(kOffice);
  request.set_channel(v1::CHANNEL_COUNTER);
  request.mutable_applicant()->set_type(v1::Applicant::TYPE_CITIZEN);
  request.mutable_applicant()->set_display_name(applicant);
  return request;
}

v1::Event AcceptedEvent(const std::string& procedure) {
  v1::Event event;
  *event.mutable_accepted()->mutable_request() = SampleRequest(procedure);
  event.mutable_accepted()->set_unit(kCounterUnit);
  event.mutable_accepted()->set_officer(kCounterOfficer);
  return event;
}

v1::Event SampleEvent(v1::Event::PayloadCase kind) {
  v1::Event event;
  switch (kind) {
    case v1::Event::kSubmitted:
      *event.mutable_submitted()->mutable_request() = SampleRequest();
      event.mutable_submitted()->mutable_request()->set_channel(v1::CHANNEL_ONLINE);
      return event;
    case v1::Event::kAccepted:
      return AcceptedEvent();
    case v1::Event::kIntakeRefused:
      *event.mutable_intake_refused()->mutable_request() = SampleRequest();
      event.mutable_intake_refused()->set_reason("không thuộc thẩm quyền");
      return event;
    default:
      FillHandling(kind, event);
      FillEnd(kind, event);
      FillAside(kind, event);
      return event;
  }
}

v1::Event AmendmentOf(int64_t target_revision, const v1::Event& replacement) {
  v1::Event event;
  v1::Amended& amended = *event.mutable_amended();
  amended.set_target_revision(target_revision);
  amended.set_reason("nhập nhầm");
  amended.set_approver("Chánh Văn phòng");
  *amended.mutable_replacement() = replacement;
  return event;
}

v1::Event VoidOf(int64_t target_revision) {
  v1::Event event = AmendmentOf(target_revision, {});
  event.mutable_amended()->clear_replacement();
  event.mutable_amended()->set_voided(true);
  return event;
}

v1::Terms SampleTerms(const v1::Limit& limit, v1::CountingRule rule, v1::SupplementMode mode) {
  v1::Terms terms;
  terms.set_procedure_version(1);
  terms.set_field("fields/ho-tich");
  *terms.mutable_limit() = limit;
  terms.set_counting_rule(rule);
  terms.set_supplement_mode(mode);
  terms.set_calendar_version(1);
  return terms;
}

History& History::On(absl::string_view when, v1::Event event) {
  event.set_revision(last_revision() + 1);
  *event.mutable_occur_time() = ToProto(At(when));
  *event.mutable_record_time() = event.occur_time();
  if (event.has_submitted()) event.mutable_submitted()->set_code("H24.99.1-260821-T0001");
  if (event.has_petition_received()) event.mutable_petition_received()->set_calendar_version(1);
  v1::Event* accepting = &event;
  if (event.has_amended() && event.amended().has_replacement()) {
    accepting = event.mutable_amended()->mutable_replacement();
    if (accepting->has_petition_received()) accepting->mutable_petition_received()->set_calendar_version(1);
  }
  if (accepting->has_accepted()) {
    accepting->mutable_accepted()->set_code("H24.99.1-260821-0001");
    if (!accepting->accepted().has_terms()) *accepting->mutable_accepted()->mutable_terms() = terms_;
  }
  events_.push_back(std::move(event));
  return *this;
}

absl::StatusOr<v1::Dossier> History::TryFold() const { return domain::Fold(calendars_, events_); }

v1::Dossier History::Fold() const { return ValueOrDie(TryFold()); }

absl::Status History::Refusal() const {
  const std::vector<v1::Event> before(events_.begin(), events_.end() - 1);
  if (!before.empty()) ValueOrDie(domain::Fold(calendars_, before));
  return TryFold().status();
}

}  // namespace tthc::testing
