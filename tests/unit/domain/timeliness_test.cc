#include "server/domain/timeliness.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/domain/fact.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"

// The four meanings of "on time" (docs/regulations.md), each by itself. Accepted on Friday 21/08/2026 09:15 with
// three working days: due on 25/08 at 17:00 by date, at 09:15 by the clock.
namespace tthc::domain {
namespace {

using testing::At;
using testing::History;
using testing::SampleEvent;
using testing::SampleTerms;
using testing::WorkingDays;
using T = v1::Timeliness;

constexpr char kAccepted[] = "2026-08-21T09:15";

History Accepted(v1::CountingRule rule = v1::COUNTING_RULE_DATE,
                 v1::SupplementMode mode = v1::SUPPLEMENT_MODE_RESTART) {
  return History(SampleTerms(WorkingDays(3), rule, mode)).On(kAccepted, v1::Event::kAccepted);
}

History Finished(absl::string_view when, v1::CountingRule rule = v1::COUNTING_RULE_DATE) {
  return Accepted(rule).On(when, v1::Event::kFinished);
}

T EvaluateAt(History history, absl::string_view now) {
  const v1::Dossier dossier = history.Fold();
  return domain::Evaluate(history.calendars(), dossier, At(now));
}

constexpr char kLater[] = "2026-10-01T08:00";

// --- Report 06a: dates -----------------------------------------------------------------------------------------------

TEST(Report06a, EndedDatesAreComparedAndEqualIsOnTime) {
  EXPECT_EQ(EvaluateAt(Finished("2026-08-24T23:59:59"), kLater).report_06a(), T::VERDICT_EARLY);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T00:00"), kLater).report_06a(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T17:00"), kLater).report_06a(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T23:59:59"), kLater).report_06a(), T::VERDICT_ON_TIME)
      << "a later hour of that day";
  EXPECT_EQ(EvaluateAt(Finished("2026-08-26T00:00"), kLater).report_06a(), T::VERDICT_LATE);
}

TEST(Report06a, OpenIsOverdueFromTheNextDayOn) {
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T23:59:59").report_06a(), T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-26T00:00").report_06a(), T::VERDICT_OPEN_OVERDUE);
}

TEST(Report06a, NothingDueIsOnTimeOnceEnded) {
  v1::Limit none;
  none.set_unit(v1::Limit::UNIT_NONE);
  History history(SampleTerms(none));
  history.On(kAccepted, v1::Event::kAccepted);
  EXPECT_EQ(EvaluateAt(history, kLater).report_06a(), T::VERDICT_OPEN_IN_TERM);
  history.On("2026-09-21T09:15", v1::Event::kFinished);
  EXPECT_EQ(EvaluateAt(history, kLater).report_06a(), T::VERDICT_ON_TIME);
}

// Portals count stopped dossiers as on time; one that was overdue when it was stopped stays late.
TEST(Report06a, AStoppedDossierIsEvaluatedAtItsStopAndNeverEarly) {
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-26T08:00", v1::Event::kStopped), kLater).report_06a(), T::VERDICT_LATE);
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-24T08:00", v1::Event::kStopped), kLater).report_06a(),
            T::VERDICT_ON_TIME);
}

TEST(Report06a, NothingBecomesLateWhileAWaitIsOpen) {
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-25T16:00", v1::Event::kPaused), kLater).report_06a(),
            T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-26T08:00", v1::Event::kPaused), kLater).report_06a(),
            T::VERDICT_OPEN_OVERDUE)
      << "late before the clock stopped";
}

TEST(Report06a, ARescheduleReplacesTheDueDate) {
  v1::Event rescheduled = SampleEvent(v1::Event::kRescheduled);
  *rescheduled.mutable_rescheduled()->mutable_new_due_time() = ToProto(At("2026-08-28T17:00"));
  History history = Accepted().On("2026-08-24T08:00", rescheduled);
  EXPECT_EQ(EvaluateAt(history.On("2026-08-28T18:00", v1::Event::kFinished), kLater).report_06a(), T::VERDICT_ON_TIME);
}

// --- Decision 766 ----------------------------------------------------------------------------------------------------

TEST(Decision766, AnEndByThePromiseIsOnTimeAndNeverEarly) {
  EXPECT_EQ(EvaluateAt(Finished("2026-08-21T10:00"), kLater).decision_766(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T17:00"), kLater).decision_766(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T17:00:01"), kLater).decision_766(), T::VERDICT_LATE)
      << "the same day, but after the promised hour";
}

TEST(Decision766, OpenIsInTermUntilThePromise) {
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T17:00").decision_766(), T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T17:01").decision_766(), T::VERDICT_OPEN_OVERDUE);
}

TEST(Decision766, TheSupplementWaitIsTakenOffEvenIfTheLimitRestarts) {
  History history = Accepted().On("2026-08-24T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-26T10:00", v1::Event::kSupplementReceived);
  // Two days of wait: by this meaning until 27/08 17:00; by the restarted limit until 31/8 and later.
  EXPECT_EQ(EvaluateAt(History(history).On("2026-08-27T17:00", v1::Event::kFinished), kLater).decision_766(),
            T::VERDICT_ON_TIME);
  const T late = EvaluateAt(History(history).On("2026-08-27T17:01", v1::Event::kFinished), kLater);
  EXPECT_EQ(late.decision_766(), T::VERDICT_LATE);
  EXPECT_EQ(late.report_06a(), T::VERDICT_EARLY) << "never merged";
}

TEST(Decision766, OnlySupplementsAreTakenOffNotOtherWaits) {
  History history = Accepted().On("2026-08-24T10:00", v1::Event::kPaused).On("2026-08-26T10:00", v1::Event::kResumed);
  const T ended = EvaluateAt(history.On("2026-08-27T10:00", v1::Event::kFinished), kLater);
  EXPECT_EQ(ended.decision_766(), T::VERDICT_LATE);
  EXPECT_EQ(ended.report_06a(), T::VERDICT_ON_TIME);
}

TEST(Decision766, AnOpenSupplementRequestKeepsItInTerm) {
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-24T10:00", v1::Event::kSupplementRequested), kLater).decision_766(),
            T::VERDICT_OPEN_IN_TERM);
}

TEST(Decision766, ASecondSupplementRequestIsAlwaysLate) {
  v1::Event again = SampleEvent(v1::Event::kSupplementRequested);
  again.mutable_supplement_requested()->set_override_approver("Chủ tịch");
  again.mutable_supplement_requested()->set_override_reason("thiếu thêm");
  History history = Accepted().On("2026-08-21T10:00", v1::Event::kSupplementRequested);
  history.On("2026-08-21T11:00", v1::Event::kSupplementReceived).On("2026-08-21T14:00", again);
  EXPECT_EQ(EvaluateAt(history, "2026-08-21T15:00").decision_766(), T::VERDICT_LATE);
  history.On("2026-08-21T15:00", v1::Event::kSupplementReceived).On("2026-08-21T16:00", v1::Event::kFinished);
  const T ended = EvaluateAt(history, kLater);
  EXPECT_EQ(ended.decision_766(), T::VERDICT_LATE);
  EXPECT_EQ(ended.report_06a(), T::VERDICT_EARLY);
}

// --- The officials' score --------------------------------------------------------------------------------------------

TEST(OfficialsScore, WorkingTimeIsComparedWithTheLimit) {
  const auto score = [](absl::string_view end) {
    return EvaluateAt(Finished(end, v1::COUNTING_RULE_CLOCK), kLater).officials_score();
  };
  EXPECT_EQ(score("2026-08-25T09:14"), T::VERDICT_EARLY);
  EXPECT_EQ(score("2026-08-25T09:15"), T::VERDICT_ON_TIME);
  EXPECT_EQ(score("2026-08-25T09:15:59"), T::VERDICT_ON_TIME) << "whole minutes";
  EXPECT_EQ(score("2026-08-25T09:16"), T::VERDICT_LATE);
}

TEST(OfficialsScore, TimeOutsideSessionsDoesNotCount) {
  // Due at closing time: whatever follows before the next opening is the same working time.
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T22:00"), kLater).officials_score(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-26T07:30"), kLater).officials_score(), T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-26T07:31"), kLater).officials_score(), T::VERDICT_LATE);
}

TEST(OfficialsScore, OpenIsOverdueOnceMoreThanTheLimitIsUsed) {
  EXPECT_EQ(EvaluateAt(Accepted(v1::COUNTING_RULE_CLOCK), "2026-08-25T09:15").officials_score(),
            T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(Accepted(v1::COUNTING_RULE_CLOCK), "2026-08-25T09:16").officials_score(),
            T::VERDICT_OPEN_OVERDUE);
}

TEST(OfficialsScore, WaitsAreLeftOutOfBothTimes) {
  History history = Accepted(v1::COUNTING_RULE_CLOCK).On("2026-08-24T10:00", v1::Event::kPaused);
  history.On("2026-08-24T11:00", v1::Event::kResumed);
  EXPECT_EQ(EvaluateAt(History(history).On("2026-08-25T10:15", v1::Event::kFinished), kLater).officials_score(),
            T::VERDICT_ON_TIME);
  EXPECT_EQ(EvaluateAt(History(history).On("2026-08-25T10:16", v1::Event::kFinished), kLater).officials_score(),
            T::VERDICT_LATE);
}

TEST(OfficialsScore, IsUnsetBeyondTheLoadedYears) {
  const T evaluated = EvaluateAt(Accepted(), "2027-02-01T08:00");
  EXPECT_EQ(evaluated.officials_score(), T::VERDICT_UNSPECIFIED);
  EXPECT_EQ(evaluated.report_06a(), T::VERDICT_OPEN_OVERDUE) << "dates need no calendar";
  EXPECT_EQ(evaluated.working_minutes_left(), 0);
}

// --- The promise to the second, and the steps ------------------------------------------------------------------------

TEST(Promise, AnEndAtThePromiseIsOnTime) {
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T16:59:59"), kLater).promise(), T::VERDICT_EARLY);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T17:00"), kLater).promise(), T::VERDICT_ON_TIME);
  const T later_hour = EvaluateAt(Finished("2026-08-25T17:30"), kLater);
  EXPECT_EQ(later_hour.promise(), T::VERDICT_LATE);
  EXPECT_EQ(later_hour.report_06a(), T::VERDICT_ON_TIME) << "the same day";
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T17:00").promise(), T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T17:00:01").promise(), T::VERDICT_OPEN_OVERDUE);
}

TEST(Promise, WorkingMinutesLeftAreNegativeOnceItHasPassed) {
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T16:30").working_minutes_left(), 30);
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-25T20:00").working_minutes_left(), 0);
  EXPECT_EQ(EvaluateAt(Accepted(), "2026-08-26T08:30").working_minutes_left(), -60);
  EXPECT_EQ(EvaluateAt(Finished("2026-08-25T16:00"), kLater).working_minutes_left(), 60) << "at the end, not now";
  EXPECT_EQ(EvaluateAt(Accepted().On("2026-08-25T16:00", v1::Event::kPaused), kLater).working_minutes_left(), 60)
      << "when the clock stopped";
}

TEST(StepResult, EachStepIsComparedWithItsOwnDueDate) {
  v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
  *forwarded.mutable_forwarded()->mutable_step_limit() = WorkingDays(1);
  History history = Accepted().On("2026-08-21T10:00", forwarded);
  EXPECT_EQ(EvaluateAt(history, "2026-08-22T20:00").steps(0), T::VERDICT_OPEN_IN_TERM);
  EXPECT_EQ(EvaluateAt(history, "2026-08-23T08:00").steps(0), T::VERDICT_OPEN_OVERDUE);
  history.On("2026-08-22T18:00", v1::Event::kForwarded).On("2026-08-24T08:00", forwarded);
  const T evaluated = EvaluateAt(history, "2026-08-24T09:00");
  ASSERT_EQ(evaluated.steps_size(), 3);
  EXPECT_EQ(evaluated.steps(0), T::VERDICT_ON_TIME);
  EXPECT_EQ(evaluated.steps(1), T::VERDICT_UNSPECIFIED) << "no limit";
  EXPECT_EQ(evaluated.steps(2), T::VERDICT_OPEN_IN_TERM);
}

TEST(Evaluated, EverythingIsUnspecifiedBeforeAcceptance) {
  const T evaluated = EvaluateAt(History().On(kAccepted, v1::Event::kSubmitted), kLater);
  EXPECT_EQ(evaluated.SerializeAsString(), "");
}

// --- Overdue times and facts -----------------------------------------------------------------------------------------

TEST(OverdueTime, IsTheDueTimeWhileItCanBecomeLate) {
  EXPECT_EQ(OverdueTime(Accepted().Fold()), At("2026-08-25T17:00"));
  EXPECT_EQ(OverdueTime(Accepted().On("2026-08-25T16:00", v1::Event::kPaused).Fold()), absl::InfiniteFuture());
  EXPECT_EQ(OverdueTime(Accepted().On("2026-08-25T17:00", v1::Event::kPaused).Fold()), absl::InfiniteFuture())
      << "not late yet at the due time itself";
  EXPECT_EQ(OverdueTime(Accepted().On("2026-08-25T17:00:01", v1::Event::kPaused).Fold()), At("2026-08-25T17:00"));
  EXPECT_EQ(OverdueTime(Finished("2026-08-24T08:00").Fold()), absl::InfiniteFuture());
  EXPECT_EQ(OverdueTime(History().On(kAccepted, v1::Event::kSubmitted).Fold()), absl::InfiniteFuture());
}

// A supplement that never came (rule D14): the clock had stopped in time, whenever the office closes the dossier.
TEST(EvaluationTime, OfADossierStoppedDuringAWaitIsTheStartOfTheWait) {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kSupplementRequested);
  history.On("2026-09-28T11:00", v1::Event::kStopped);
  const v1::Dossier dossier = history.Fold();
  const v1::Timeliness evaluated = domain::Evaluate(history.calendars(), dossier, At("2026-10-01T08:00"));
  EXPECT_EQ(evaluated.report_06a(), v1::Timeliness::VERDICT_ON_TIME) << "a stopped dossier was not resolved early";
  EXPECT_EQ(evaluated.promise(), v1::Timeliness::VERDICT_EARLY);
  EXPECT_GT(evaluated.working_minutes_left(), 0);
  const storage::v1::Fact fact = MakeFact(history.calendars(), dossier, [](const std::string&) { return 0u; });
  EXPECT_EQ(fact.flags(), static_cast<uint32_t>(kFactAccepted | kFactStopped | kFactHeld | kFactSupplementOnce));
  EXPECT_EQ(fact.verdicts() & 3u, kVerdictOnTime);
}

TEST(EvaluationTime, AStepIsNotLateWhileTheClockIsStopped) {
  History history;
  v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
  *forwarded.mutable_forwarded()->mutable_step_limit() = testing::WorkingDays(1);
  history.On("2026-08-20T09:15", v1::Event::kAccepted).On("2026-08-20T10:00", forwarded);
  history.On("2026-08-20T11:00", v1::Event::kSupplementRequested);
  const v1::Timeliness evaluated = domain::Evaluate(history.calendars(), history.Fold(), At("2026-09-28T08:00"));
  ASSERT_EQ(evaluated.steps_size(), 1);
  EXPECT_EQ(evaluated.steps(0), v1::Timeliness::VERDICT_OPEN_IN_TERM);
}

TEST(Fact, IsAPureFunctionOfTheFold) {
  std::map<std::string, uint32_t> numbers;
  const auto number_of = [&](const std::string& name) -> uint32_t {
    if (name.empty()) return 0;
    return numbers.try_emplace(name, static_cast<uint32_t>(numbers.size() + 1)).first->second;
  };
  v1::Event accepted = testing::AcceptedEvent();
  v1::Applicant& applicant = *accepted.mutable_accepted()->mutable_request()->mutable_applicant();
  applicant.set_phone_number("0912 345 678");
  applicant.set_identity_number("031085001234");
  History history;
  history.On(kAccepted, accepted).On("2026-08-21T10:00", v1::Event::kForwarded);
  history.On("2026-08-21T10:01", v1::Event::kAliasAdded);
  v1::Dossier dossier = history.Fold();
  dossier.set_name("dossiers/0123456789bcdfgh");
  const storage::v1::Fact open = MakeFact(history.calendars(), dossier, number_of);
  EXPECT_EQ(open.uid(), "0123456789bcdfgh");
  EXPECT_EQ(open.state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(open.channel(), v1::CHANNEL_COUNTER);
  EXPECT_EQ(open.folded_name(), "nguyen thi hoa");
  EXPECT_EQ(open.phone_digits(), "0912345678");
  EXPECT_EQ(open.identity_digits(), "031085001234");
  EXPECT_EQ(open.code(), "H24.99.1-260821-0001");
  ASSERT_EQ(open.aliases_size(), 1);
  EXPECT_EQ(open.unit(), numbers.at(testing::kJusticeUnit));
  EXPECT_EQ(open.officer(), 0u) << "the unit has not chosen an officer";
  EXPECT_EQ(open.accept_time(), absl::ToUnixSeconds(At(kAccepted)));
  EXPECT_EQ(open.due_time(), absl::ToUnixSeconds(At("2026-08-25T17:00")));
  EXPECT_EQ(open.overdue_time(), open.due_time());
  EXPECT_EQ(open.end_time(), 0);
  EXPECT_EQ(open.holder_since_time(), absl::ToUnixSeconds(At("2026-08-21T10:00")));
  EXPECT_EQ(open.flags(), static_cast<uint32_t>(kFactAccepted));

  v1::Event refused = SampleEvent(v1::Event::kFinished);
  refused.mutable_finished()->set_result(v1::Finished::RESULT_REFUSED);
  refused.mutable_finished()->set_reason("không đủ điều kiện");
  history.On("2026-08-24T10:00", refused).On("2026-08-24T11:00", v1::Event::kReturned);
  const storage::v1::Fact ended = MakeFact(history.calendars(), history.Fold(), number_of);
  EXPECT_EQ(ended.flags(), static_cast<uint32_t>(kFactAccepted | kFactRefused));
  EXPECT_EQ(ended.verdicts(), kVerdictEarly << kShift06a | kVerdictOnTime << kShift766 | kVerdictEarly << kShiftScore |
                                  kVerdictEarly << kShiftPromise);
  EXPECT_EQ(OutcomeOf(ended), v1::OUTCOME_REFUSED);
  EXPECT_EQ(ended.end_time(), absl::ToUnixSeconds(At("2026-08-24T10:00")));
  EXPECT_EQ(ended.return_time(), absl::ToUnixSeconds(At("2026-08-24T11:00")));
  EXPECT_EQ(ended.overdue_time(), 0);
}

}  // namespace
}  // namespace tthc::domain
