#include "server/domain/fold.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"

// What each event does to a dossier, by the rules of docs/regulations.md and its "Clock of each event". August 2026:
// the 21st is a Friday, the 22nd a worked Saturday, 31/8 to 2/9 are off.
namespace tthc::domain {
namespace {

using testing::At;
using testing::History;
using testing::SampleEvent;
using testing::SampleTerms;
using testing::WorkingDays;

std::string People(const google::protobuf::Timestamp& time) { return FormatForPeople(FromProto(time)); }
std::string DueOf(const v1::Dossier& dossier) {
  return dossier.due().has_due_time() ? People(dossier.due().due_time()) : "none";
}
std::string OriginalOf(const v1::Dossier& dossier) { return People(dossier.due().original_due_time()); }

v1::Event AcceptedFor(const std::string& competent_office) {
  v1::Event event = testing::AcceptedEvent();
  event.mutable_accepted()->mutable_request()->set_competent_office(competent_office);
  return event;
}

v1::Event TakenAt(const std::string& office) {
  v1::Event event;
  event.mutable_step_taken()->set_unit(testing::kOtherUnit);
  event.mutable_step_taken()->set_office(office);
  return event;
}

v1::Event SecondSupplement(const std::string& approver, const std::string& reason) {
  v1::Event event = SampleEvent(v1::Event::kSupplementRequested);
  event.mutable_supplement_requested()->set_override_approver(approver);
  event.mutable_supplement_requested()->set_override_reason(reason);
  return event;
}

v1::Event RescheduledTo(absl::string_view new_due, bool late_notice = false) {
  v1::Event event = SampleEvent(v1::Event::kRescheduled);
  *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(At(new_due));
  event.mutable_rescheduled()->set_late_notice(late_notice);
  return event;
}

v1::Event RatedIn(v1::RatingPhase phase) {
  v1::Event event = SampleEvent(v1::Event::kRated);
  event.mutable_rated()->set_phase(phase);
  return event;
}

v1::Event PetitionEvent(v1::Event::PayloadCase kind, const std::string& id) {
  v1::Event event = SampleEvent(kind);
  if (event.has_petition_received()) event.mutable_petition_received()->set_petition_id(id);
  if (event.has_petition_answered()) event.mutable_petition_answered()->set_petition_id(id);
  return event;
}

// --- The start: rules D1 to D9 ---------------------------------------------------------------------------------------

TEST(Start, AcceptanceStartsTheClockAndMakesTheFirstPromise) {
  const v1::Dossier dossier = History().On("2026-08-21T09:15", v1::Event::kAccepted).Fold();
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_RUNNING);
  EXPECT_EQ(People(dossier.due().start_time()), "09:15 21/08/2026");
  EXPECT_EQ(DueOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(OriginalOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(People(dossier.due().clock_rule_due_time()), "09:15 25/08/2026");
  EXPECT_EQ(dossier.due_revision(), 1);
}

TEST(Start, ASubmissionRunsNoClockAndKeepsItsCodeAfterAcceptance) {
  History history;
  const v1::Dossier submitted = history.On("2026-08-20T22:00", v1::Event::kSubmitted).Fold();
  EXPECT_EQ(submitted.due().clock_state(), v1::Due::CLOCK_STATE_NOT_STARTED);
  EXPECT_EQ(DueOf(submitted), "none");
  EXPECT_EQ(submitted.code(), "");
  EXPECT_EQ(submitted.submission_code(), "H24.99.1-260821-T0001");
  v1::Event accepted = SampleEvent(v1::Event::kAccepted);
  accepted.mutable_accepted()->clear_request();
  const v1::Dossier dossier = history.On("2026-08-21T09:15", accepted).Fold();
  EXPECT_EQ(dossier.request().channel(), v1::CHANNEL_ONLINE) << "as submitted";
  EXPECT_EQ(dossier.submission_code(), "H24.99.1-260821-T0001");
  ASSERT_EQ(dossier.aliases_size(), 1);
  EXPECT_EQ(dossier.aliases(0), "H24.99.1-260821-T0001") << "so that the receipt of the submission still finds it";
  EXPECT_EQ(People(dossier.submit_time()), "22:00 20/08/2026");
  EXPECT_EQ(DueOf(dossier), "17:00 25/08/2026");
}

TEST(Start, ANonTerritorialDossierStartsWhenTheCompetentOfficeTakesIt) {
  History history;
  history.On("2026-08-21T09:15", AcceptedFor(testing::kOtherOffice));
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_NOT_STARTED);
  EXPECT_EQ(DueOf(history.Fold()), "none");
  history.On("2026-08-21T10:00", TakenAt(testing::kOffice));
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_NOT_STARTED) << "another office's receipt is none";
  history.On("2026-08-24T08:00", TakenAt(testing::kOtherOffice));
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_RUNNING);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 27/08/2026");
  history.On("2026-08-25T08:00", TakenAt(testing::kOtherOffice));
  EXPECT_EQ(DueOf(history.Fold()), "17:00 27/08/2026") << "rule D20: re-routing never restarts";
}

TEST(Start, ACompetentOfficeThatIsTheReceivingOneStartsAtOnce) {
  const v1::Dossier dossier = History().On("2026-08-21T09:15", AcceptedFor(testing::kOffice)).Fold();
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_RUNNING);
}

TEST(Start, WaitsBeforeTheCompetentReceiptMoveNothing) {
  History history;
  history.On("2026-08-21T09:15", AcceptedFor(testing::kOtherOffice));
  history.On("2026-08-21T10:00", v1::Event::kPaused).On("2026-08-22T10:00", v1::Event::kResumed);
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_NOT_STARTED);
  history.On("2026-08-24T08:00", TakenAt(testing::kOtherOffice));
  EXPECT_EQ(DueOf(history.Fold()), "17:00 27/08/2026");
}

TEST(Start, AnAgreedLimitReplacesThatOfTheCatalogue) {
  v1::Event accepted = testing::AcceptedEvent();
  *accepted.mutable_accepted()->mutable_agreed_limit() = WorkingDays(5);
  accepted.mutable_accepted()->set_agreed_limit_basis("Văn bản thỏa thuận 01");
  const v1::Dossier dossier = History().On("2026-08-21T09:15", accepted).Fold();
  EXPECT_EQ(dossier.terms().limit().minutes(), 5 * 480);
  EXPECT_EQ(DueOf(dossier), "17:00 27/08/2026");
}

TEST(Start, NoLimitIsNeverDue) {
  v1::Limit none;
  none.set_unit(v1::Limit::UNIT_NONE);
  History history(SampleTerms(none));
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  EXPECT_EQ(DueOf(history.Fold()), "none");
  EXPECT_FALSE(history.Fold().due().has_original_due_time());
  history.On("2026-08-21T10:00", v1::Event::kRescheduled);
  EXPECT_EQ(ErrorReason(history.Refusal()), "NO_DUE_TIME");
}

TEST(Start, AMissingCalendarOrYearIsAnError) {
  v1::Terms terms = SampleTerms(WorkingDays(3));
  terms.set_calendar_version(7);
  EXPECT_EQ(ErrorReason(History(terms).On("2026-08-21T09:15", v1::Event::kAccepted).TryFold().status()),
            "CALENDAR_NOT_FOUND");
  const auto late = History().On("2026-12-30T09:15", v1::Event::kAccepted).TryFold();
  EXPECT_EQ(ErrorReason(late.status()), "CALENDAR_YEAR_NOT_LOADED");
  EXPECT_EQ(ErrorMetadata(late.status(), "year"), "2027");
}

// --- Supplements: rules D10 to D14 -----------------------------------------------------------------------------------

TEST(Supplement, StopsTheClockAndKeepsThePromiseMeanwhile) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_AWAITING_SUPPLEMENT);
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_STOPPED);
  EXPECT_EQ(DueOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(dossier.supplement_count(), 1);
  ASSERT_EQ(dossier.waits_size(), 1);
  EXPECT_EQ(dossier.waits(0).kind(), v1::Wait::KIND_SUPPLEMENT);
  EXPECT_FALSE(dossier.waits(0).has_end_time());
}

TEST(Supplement, RestartCountsTheWholeLimitFromTheCompletion) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-24T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-27T14:00", v1::Event::kSupplementReceived);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(DueOf(dossier), "17:00 04/09/2026") << "28/8, 3/9, 4/9";
  EXPECT_EQ(OriginalOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(dossier.due_revision(), 3);
  EXPECT_EQ(People(dossier.waits(0).due_time_before()), "17:00 25/08/2026");
  EXPECT_EQ(People(dossier.waits(0).due_time_after()), "17:00 04/09/2026");
}

TEST(Supplement, ResumeLeavesTheWaitOut) {
  History history(SampleTerms(WorkingDays(3), v1::COUNTING_RULE_CLOCK, v1::SUPPLEMENT_MODE_RESUME));
  history.On("2026-08-24T09:00", v1::Event::kAccepted).On("2026-08-24T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-25T10:00", v1::Event::kSupplementReceived);
  EXPECT_EQ(DueOf(history.Fold()), "09:00 28/08/2026") << "a day later than 09:00 27/08";
  EXPECT_EQ(People(history.Fold().due().start_time()), "09:00 24/08/2026");
}

TEST(Supplement, ASecondRequestNeedsAnApproverAndAReason) {
  History once;
  once.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  once.On("2026-08-24T10:00", v1::Event::kSupplementReceived);
  EXPECT_FALSE(once.Fold().over_supplemented());

  const auto refused = [&](const std::string& approver, const std::string& reason) {
    History history = once;
    return ErrorReason(history.On("2026-08-25T10:00", SecondSupplement(approver, reason)).Refusal());
  };
  EXPECT_EQ(refused("", ""), "SUPPLEMENT_ALREADY_REQUESTED");
  EXPECT_EQ(refused("Chủ tịch", ""), "SUPPLEMENT_ALREADY_REQUESTED");
  EXPECT_EQ(refused("", "thiếu thêm giấy tờ"), "SUPPLEMENT_ALREADY_REQUESTED");

  History twice = once;
  twice.On("2026-08-25T10:00", SecondSupplement("Chủ tịch", "thiếu thêm giấy tờ"));
  EXPECT_TRUE(twice.Fold().over_supplemented());
  EXPECT_EQ(twice.Fold().supplement_count(), 2);
}

TEST(Supplement, BeforeAcceptanceItIsNotCountedAndLeadsBackToTheSubmission) {
  History history;
  history.On("2026-08-20T08:00", v1::Event::kSubmitted).On("2026-08-20T09:00", v1::Event::kSupplementRequested);
  EXPECT_TRUE(history.Fold().waits(0).before_acceptance());
  history.On("2026-08-21T08:00", v1::Event::kSupplementReceived);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_SUBMITTED);
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 25/08/2026");
  EXPECT_EQ(history.Fold().supplement_count(), 0);
  history.On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  EXPECT_EQ(history.Fold().supplement_count(), 1);
  EXPECT_FALSE(history.Fold().over_supplemented());
}

// --- Pauses: rule D18, and opinions that are none: rule D19 ----------------------------------------------------------

TEST(Pause, TheDaysOfAFinancialObligationDoNotCount) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  history.On("2026-08-22T10:00", v1::Event::kFinancialObligationRequested);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_AWAITING_PAYMENT);
  EXPECT_EQ(history.Fold().waits(0).document(), "TB 12/2026");
  history.On("2026-08-25T10:00", v1::Event::kFinancialObligationMet);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 27/08/2026") << "22/8 and 24/8 taken out";
}

TEST(Pause, EachTypedReasonStopsTheClockAndIsKept) {
  for (int reason = v1::PauseReason_MIN + 1; reason <= v1::PauseReason_MAX; ++reason) {
    v1::Event paused = SampleEvent(v1::Event::kPaused);
    paused.mutable_paused()->set_reason(static_cast<v1::PauseReason>(reason));
    History history;
    history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", paused);
    const v1::Dossier dossier = history.Fold();
    EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_STOPPED);
    EXPECT_EQ(dossier.waits(0).reason(), reason);
    EXPECT_EQ(dossier.waits(0).document(), "CV 34/2026");
    history.On("2026-08-24T10:00", v1::Event::kResumed);
    EXPECT_EQ(DueOf(history.Fold()), "17:00 26/08/2026") << reason;
  }
}

TEST(Pause, SeveralWaitsAddUpByTheClock) {
  History history(SampleTerms(WorkingDays(3), v1::COUNTING_RULE_CLOCK));
  history.On("2026-08-24T09:00", v1::Event::kAccepted);
  history.On("2026-08-24T10:00", v1::Event::kPaused).On("2026-08-24T11:00", v1::Event::kResumed);
  history.On("2026-08-25T13:00", v1::Event::kFinancialObligationRequested);
  history.On("2026-08-25T15:30", v1::Event::kFinancialObligationMet);
  EXPECT_EQ(DueOf(history.Fold()), "14:00 27/08/2026") << "09:00 and 3.5 hours of work";
}

TEST(Pause, AnOpinionHasItsOwnLimitAndDoesNotStopTheClock) {
  v1::Event asked = SampleEvent(v1::Event::kOpinionAsked);
  *asked.mutable_opinion_asked()->mutable_limit() = WorkingDays(2);
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", asked);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_RUNNING);
  EXPECT_EQ(DueOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(People(dossier.opinions(0).due_time()), "17:00 24/08/2026");
  history.On("2026-08-28T10:00", v1::Event::kOpinionGiven);
  EXPECT_EQ(People(history.Fold().opinions(0).answer_time()), "10:00 28/08/2026");
  EXPECT_EQ(DueOf(history.Fold()), "17:00 25/08/2026");
  history.On("2026-08-28T11:00", v1::Event::kOpinionGiven);
  EXPECT_EQ(ErrorReason(history.Refusal()), "OPINION_NOT_ASKED");
}

// --- Rescheduling: rule D16 ------------------------------------------------------------------------------------------

TEST(Reschedule, MovesThePromiseOnceAndKeepsTheFirst) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  history.On("2026-08-24T16:59", RescheduledTo("2026-08-28T17:00"));
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(DueOf(dossier), "17:00 28/08/2026");
  EXPECT_EQ(OriginalOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(dossier.due_revision(), 2);
  EXPECT_EQ(People(dossier.reschedule().previous_due_time()), "17:00 25/08/2026");
  EXPECT_FALSE(dossier.reschedule().late_notice());
  history.On("2026-08-25T08:00", RescheduledTo("2026-09-04T17:00"));
  EXPECT_EQ(ErrorReason(history.Refusal()), "ALREADY_RESCHEDULED");
}

TEST(Reschedule, OnTheDueDayItIsTooLateUnlessMarked) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  History late = history;
  EXPECT_EQ(ErrorReason(late.On("2026-08-25T00:00", RescheduledTo("2026-08-28T17:00")).Refusal()),
            "RESCHEDULE_TOO_LATE");
  History marked = history;
  marked.On("2026-08-26T08:00", RescheduledTo("2026-08-28T17:00", true));
  EXPECT_EQ(DueOf(marked.Fold()), "17:00 28/08/2026");
  EXPECT_TRUE(marked.Fold().reschedule().late_notice());
}

TEST(Reschedule, TheNewPromiseMustBeAfterTheOldOne) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T08:00", RescheduledTo("2026-08-25T17:00"));
  EXPECT_EQ(ErrorField(history.Refusal()), "event.rescheduled.new_due_time");
}

TEST(Reschedule, AWaitAfterItExtendsTheNewPromise) {
  History history(SampleTerms(WorkingDays(3), v1::COUNTING_RULE_CLOCK));
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T09:00", RescheduledTo("2026-08-28T10:00"));
  history.On("2026-08-24T09:00", v1::Event::kPaused).On("2026-08-24T10:30", v1::Event::kResumed);
  EXPECT_EQ(DueOf(history.Fold()), "11:30 28/08/2026");
}

TEST(Reschedule, ARestartedLimitReplacesIt) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T09:00", RescheduledTo("2026-08-26T17:00"));
  history.On("2026-08-24T09:00", v1::Event::kSupplementRequested);
  history.On("2026-08-27T09:00", v1::Event::kSupplementReceived);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 04/09/2026");
}

// --- Withdrawal and the ends: rules D15, D17, D22 --------------------------------------------------------------------

TEST(Withdrawal, ARequestThatIsTakenBackNeverStopsTheClock) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kWithdrawalRequested);
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_RUNNING);
  history.On("2026-08-24T10:00", v1::Event::kResumed);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 25/08/2026");
}

TEST(Withdrawal, ARequestThatIsTakenBackDuringAWaitLeavesTheWaitOpen) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kPaused);
  history.On("2026-08-22T11:00", v1::Event::kWithdrawalRequested).On("2026-08-24T08:00", v1::Event::kResumed);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_PAUSED);
  EXPECT_EQ(history.Fold().due().clock_state(), v1::Due::CLOCK_STATE_STOPPED);
  history.On("2026-08-24T10:00", v1::Event::kResumed);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 26/08/2026");
}

TEST(Intake, IsRefusedWhenTheSupplementOfASubmissionNeverComes) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kSubmitted).On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-28T10:00", v1::Event::kIntakeRefused);
  EXPECT_EQ(history.Fold().state(), v1::Dossier::STATE_INTAKE_REFUSED);
}

TEST(Steps, AUnitThatTakesTheDossierWithoutAHandOverEndsTheStepBefore) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", v1::Event::kForwarded);
  v1::Event taken = SampleEvent(v1::Event::kStepTaken);
  taken.mutable_step_taken()->set_unit("units/khac");
  history.On("2026-08-21T11:00", taken);
  const v1::Dossier dossier = history.Fold();
  ASSERT_EQ(dossier.steps_size(), 2);
  EXPECT_EQ(People(dossier.steps(0).done_time()), "11:00 21/08/2026");
}

TEST(Reschedule, OutsideOfficeHoursIsRefused) {
  for (const char* promised : {"2026-08-30T10:00", "2026-08-28T03:00", "2099-08-28T10:00"}) {
    SCOPED_TRACE(promised);
    History history;
    v1::Event rescheduled = SampleEvent(v1::Event::kRescheduled);
    *rescheduled.mutable_rescheduled()->mutable_new_due_time() = ToProto(At(promised));
    history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", rescheduled);
    EXPECT_EQ(history.TryFold().status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Order, NoEventMayHappenBeforeTheDossierIsOpened) {
  for (const auto kind : {v1::Event::kNoted, v1::Event::kPaid, v1::Event::kRated, v1::Event::kPetitionReceived}) {
    SCOPED_TRACE(static_cast<int>(kind));
    History history;
    history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T09:14", kind);
    EXPECT_EQ(ErrorField(history.TryFold().status()), "event.occur_time");
  }
}

TEST(Withdrawal, AStopDuringAWaitIsEvaluatedAtTheStartOfTheWait) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-24T10:00", v1::Event::kWithdrawalRequested).On("2026-08-24T11:00", v1::Event::kStopped);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_ENDED);
  EXPECT_EQ(People(dossier.stop_time()), "11:00 24/08/2026");
  EXPECT_FALSE(dossier.waits(0).has_end_time());
  EXPECT_EQ(dossier.end_reason(), "công dân rút hồ sơ");
  EXPECT_FALSE(dossier.has_finish_time());
}

TEST(End, TheClockEndsAtFinishedNotAtTheHandOver) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-24T10:00", v1::Event::kFinished);
  history.On("2026-09-10T08:00", v1::Event::kReturned);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(People(dossier.finish_time()), "10:00 24/08/2026");
  EXPECT_EQ(People(dossier.return_time()), "08:00 10/09/2026");
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_ENDED);
}

TEST(End, ARefusalAfterExaminationIsAResultAndNeedsAReason) {
  v1::Event refused = SampleEvent(v1::Event::kFinished);
  refused.mutable_finished()->set_result(v1::Finished::RESULT_REFUSED);
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  History without = history;
  EXPECT_EQ(ErrorField(without.On("2026-08-24T10:00", refused).Refusal()), "event.finished.reason");
  refused.mutable_finished()->set_reason("không đủ điều kiện");
  const v1::Dossier dossier = history.On("2026-08-24T10:00", refused).Fold();
  EXPECT_EQ(dossier.result(), v1::Finished::RESULT_REFUSED);
  EXPECT_EQ(dossier.end_reason(), "không đủ điều kiện");
}

TEST(End, IntakeRefusedEndsWithoutEverRunning) {
  const v1::Dossier dossier = History().On("2026-08-21T09:15", v1::Event::kIntakeRefused).Fold();
  EXPECT_EQ(dossier.due().clock_state(), v1::Due::CLOCK_STATE_ENDED);
  EXPECT_EQ(People(dossier.stop_time()), "09:15 21/08/2026");
  EXPECT_FALSE(dossier.has_accept_time());
  EXPECT_EQ(dossier.end_reason(), "không thuộc thẩm quyền");
}

TEST(End, AMatterResolvedOnTheSpotIsThreeEventsAtOneTime) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T09:15", v1::Event::kFinished);
  history.On("2026-08-21T09:15", v1::Event::kReturned);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_RETURNED);
  EXPECT_EQ(People(dossier.accept_time()), People(dossier.return_time()));
  EXPECT_EQ(dossier.event_count(), 3);
}

// --- Steps: form 06, rule D19 ----------------------------------------------------------------------------------------

TEST(Steps, TheRowsOfTheControlSlipFollowFromTheHandOvers) {
  v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
  *forwarded.mutable_forwarded()->mutable_step_limit() = WorkingDays(1);
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", forwarded);
  history.On("2026-08-21T14:00", v1::Event::kStepTaken).On("2026-08-22T09:00", v1::Event::kStepDone);
  v1::Event onward = SampleEvent(v1::Event::kForwarded);
  onward.mutable_forwarded()->set_to_unit(testing::kLandUnit);
  onward.mutable_forwarded()->set_to_officer(testing::kLandOfficer);
  history.On("2026-08-22T10:00", onward).On("2026-08-24T10:00", v1::Event::kFinished);
  const v1::Dossier dossier = history.Fold();
  ASSERT_EQ(dossier.steps_size(), 2);
  const v1::Step& first = dossier.steps(0);
  EXPECT_EQ(first.from_unit(), testing::kCounterUnit);
  EXPECT_EQ(first.from_officer(), testing::kCounterOfficer);
  EXPECT_EQ(People(first.forward_time()), "10:00 21/08/2026");
  EXPECT_EQ(People(first.take_time()), "14:00 21/08/2026");
  EXPECT_EQ(People(first.done_time()), "09:00 22/08/2026");
  EXPECT_EQ(People(first.due_time()), "17:00 22/08/2026");
  EXPECT_EQ(dossier.steps(1).from_unit(), testing::kJusticeUnit);
  EXPECT_EQ(People(dossier.steps(1).done_time()), "10:00 24/08/2026") << "the end of the dossier ends its last step";
  EXPECT_FALSE(dossier.steps(1).has_due_time());
  EXPECT_EQ(dossier.unit(), testing::kLandUnit);
  EXPECT_EQ(dossier.officer(), testing::kLandOfficer);
  EXPECT_EQ(dossier.accept_unit(), testing::kCounterUnit);
}

TEST(Steps, HandingOnEndsTheStepBefore) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", v1::Event::kForwarded);
  history.On("2026-08-22T10:00", v1::Event::kForwarded);
  EXPECT_EQ(People(history.Fold().steps(0).done_time()), "10:00 22/08/2026");
}

TEST(Steps, OnlyAnOpenStepCanBeDone) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", v1::Event::kForwarded);
  v1::Event done = SampleEvent(v1::Event::kStepDone);
  done.mutable_step_done()->set_unit(testing::kLandUnit);
  EXPECT_EQ(ErrorReason(history.On("2026-08-21T11:00", done).Refusal()), "STEP_NOT_TAKEN");
}

TEST(Steps, AWaitExtendsAnOpenStepToo) {
  v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
  *forwarded.mutable_forwarded()->mutable_step_limit() = WorkingDays(1);
  History history(SampleTerms(WorkingDays(5), v1::COUNTING_RULE_CLOCK));
  history.On("2026-08-24T09:00", v1::Event::kAccepted).On("2026-08-24T10:00", forwarded);
  history.On("2026-08-24T14:00", v1::Event::kPaused).On("2026-08-24T16:00", v1::Event::kResumed);
  EXPECT_EQ(People(history.Fold().steps(0).due_time()), "13:30 25/08/2026") << "10:00 and two hours of work";
}

// --- Beside the lifecycle: rule D28, ratings, papers, money, codes ---------------------------------------------------

TEST(Petition, IsAnsweredWithinFifteenWorkingDaysWhateverTheDossierDoes) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-24T10:00", v1::Event::kFinished);
  history.On("2026-08-25T08:00", v1::Event::kPetitionReceived);
  const v1::Dossier dossier = history.Fold();
  ASSERT_EQ(dossier.petitions_size(), 1);
  EXPECT_EQ(People(dossier.petitions(0).due_time()), "17:00 18/09/2026") << "26/8-28/8, 3/9-4/9, 7/9-11/9, 14/9-18/9";
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_FINISHED);
  history.On("2026-09-01T08:00", v1::Event::kPetitionAnswered);
  EXPECT_EQ(People(history.Fold().petitions(0).answer_time()), "08:00 01/09/2026");
}

TEST(Petition, ItsIdIsUniqueAndItIsAnsweredOnceAndNotBeforeItsReceipt) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kPetitionReceived);
  History again = history;
  EXPECT_EQ(ErrorReason(again.On("2026-08-22T11:00", v1::Event::kPetitionReceived).Refusal()), "PETITION_EXISTS");
  History unknown = history;
  unknown.On("2026-08-22T11:00", PetitionEvent(v1::Event::kPetitionAnswered, "PA-09"));
  EXPECT_EQ(ErrorReason(unknown.Refusal()), "PETITION_NOT_OPEN");
  History early = history;
  EXPECT_EQ(ErrorField(early.On("2026-08-22T09:59", v1::Event::kPetitionAnswered).Refusal()), "event.occur_time");
  history.On("2026-08-22T11:00", v1::Event::kPetitionAnswered);
  EXPECT_EQ(ErrorReason(history.On("2026-08-22T12:00", v1::Event::kPetitionAnswered).Refusal()), "PETITION_NOT_OPEN");
}

TEST(Petition, ADossierHoldsABoundedNumber) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  for (size_t i = 0; i <= limits::kPetitionsPerDossierMax; ++i) {
    history.On("2026-08-22T10:00", PetitionEvent(v1::Event::kPetitionReceived, absl::StrCat("PA-", i)));
  }
  EXPECT_EQ(ErrorField(history.Refusal()), "event.petition_received");
}

TEST(Rating, OncePerPhaseAndTheResultOnlyOnceThereIsOne) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  History early = history;
  EXPECT_EQ(ErrorReason(early.On("2026-08-21T10:00", RatedIn(v1::RATING_PHASE_RESULT)).Refusal()), "PHASE_NOT_REACHED");
  history.On("2026-08-21T10:00", RatedIn(v1::RATING_PHASE_RECEPTION));
  History again = history;
  EXPECT_EQ(ErrorReason(again.On("2026-08-21T11:00", RatedIn(v1::RATING_PHASE_RECEPTION)).Refusal()), "ALREADY_RATED");
  history.On("2026-08-24T10:00", v1::Event::kFinished);
  history.On("2026-08-24T11:00", RatedIn(v1::RATING_PHASE_RESULT));
  ASSERT_EQ(history.Fold().ratings_size(), 2);
  EXPECT_EQ(history.Fold().ratings(1).phase(), v1::RATING_PHASE_RESULT);
  EXPECT_EQ(ErrorReason(history.On("2026-08-24T12:00", RatedIn(v1::RATING_PHASE_RESULT)).Refusal()), "ALREADY_RATED");
}

TEST(Aside, DocumentsPaymentsAndAliasesAddUp) {
  v1::Event online = SampleEvent(v1::Event::kPaid);
  online.mutable_paid()->set_online(true);
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T09:16", v1::Event::kDocumentAdded);
  history.On("2026-08-21T09:17", v1::Event::kPaid).On("2026-08-21T09:18", online);
  history.On("2026-08-21T09:19", v1::Event::kAliasAdded).On("2026-08-21T09:20", v1::Event::kAliasAdded);
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(dossier.request().documents_size(), 1);
  EXPECT_EQ(dossier.paid_vnd(), 100'000);
  EXPECT_TRUE(dossier.paid_online());
  EXPECT_EQ(dossier.aliases_size(), 1) << "the same code twice is one";
  EXPECT_EQ(dossier.last_occur_time().seconds(), dossier.accept_time().seconds()) << "these move nothing along";
}

TEST(Order, ALifecycleEventMayNotHappenBeforeTheLastOne) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kForwarded);
  History earlier = history;
  EXPECT_EQ(ErrorField(earlier.On("2026-08-22T09:59", v1::Event::kStepTaken).Refusal()), "event.occur_time");
  EXPECT_TRUE(History(history).On("2026-08-22T10:00", v1::Event::kStepTaken).TryFold().ok()) << "the same moment";
  EXPECT_TRUE(History(history).On("2026-08-21T09:30", v1::Event::kNoted).TryFold().ok()) << "a note has its own time";
}

TEST(Recompute, AnotherCalendarMovesThePromiseAndKeepsTheFirst) {
  History history;
  history.calendars().Add(2, testing::SampleCalendarWithHoliday("2026-08-24"));
  v1::Event recomputed;
  recomputed.mutable_recomputed()->set_calendar_version(2);
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-21T10:00", recomputed);
  EXPECT_EQ(DueOf(history.Fold()), "17:00 26/08/2026");
  EXPECT_EQ(OriginalOf(history.Fold()), "17:00 25/08/2026");
  EXPECT_EQ(history.Fold().terms().calendar_version(), 2);
  EXPECT_EQ(history.Fold().due_revision(), 2);
}

TEST(Bounds, ADossierHoldsABoundedNumberOfEventsAmendmentsIncluded) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted);
  while (history.last_revision() < static_cast<int64_t>(limits::kEventsPerDossierMax)) {
    history.On("2026-08-21T10:00", v1::Event::kNoted);
  }
  EXPECT_EQ(History(history).Fold().event_count(), static_cast<int>(limits::kEventsPerDossierMax));
  History noted = history;
  EXPECT_EQ(ErrorReason(noted.On("2026-08-21T10:00", v1::Event::kNoted).Refusal()), "TOO_MANY_EVENTS");
  History amended = history;
  EXPECT_EQ(ErrorReason(amended.On("2026-08-21T10:00", testing::VoidOf(5)).Refusal()), "TOO_MANY_EVENTS");
}

}  // namespace
}  // namespace tthc::domain
