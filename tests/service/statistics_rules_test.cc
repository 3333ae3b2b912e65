#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "tests/testing/scripted_center.h"

// The rules of docs/statistics.md, one by one, on a dossier or two. Three working days by date: taken in on Monday
// 15/06/2026 it is due on Thursday 18/06 at 17:00.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::AmendmentOf;
using testing::At;
using testing::Between;
using testing::kByClock;
using testing::kClosedOffice;
using testing::kCounterUnit;
using testing::kJusticeUnit;
using testing::kLandOfficer;
using testing::kLandUnit;
using testing::kNoLimit;
using testing::kOffice;
using testing::kOtherOffice;
using testing::kThreeDays;
using testing::Preset;
using testing::SampleEvent;
using testing::ScriptedCenter;
using testing::ValueOrDie;
using testing::VoidOf;
using Kind = v1::Event;

constexpr char kAccepted[] = "2026-06-15T08:00";

v1::Period June() { return Preset("m6/2026"); }

v1::Event Online(v1::Event event) {
  event.mutable_accepted()->mutable_request()->set_channel(v1::CHANNEL_ONLINE);
  return event;
}

v1::Event Rating(v1::RatingPhase phase, v1::RatingLevel level) {
  v1::Event event;
  event.mutable_rated()->set_phase(phase);
  event.mutable_rated()->set_level(level);
  return event;
}

v1::Event ForwardTo(const std::string& unit, double days = 0) {
  v1::Event event;
  event.mutable_forwarded()->set_to_unit(unit);
  if (days > 0) *event.mutable_forwarded()->mutable_step_limit() = testing::WorkingDays(days);
  return event;
}

// Name and count of each row, by one grouping.
std::map<std::string, int64_t> CountsBy(ScriptedCenter& center, v1::Metric metric, v1::GroupBy group_by,
                                        const v1::Period& period, const v1::StatisticsFilter& filter = {}) {
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = period;
  request.add_metrics(metric);
  request.add_group_by(group_by);
  *request.mutable_filter() = filter;
  std::map<std::string, int64_t> counts;
  const v1::QueryStatisticsResponse response = center.Ask(request);
  for (const v1::StatisticsRow& row : response.rows()) counts[row.keys(0).name()] = row.values(0).count();
  return counts;
}

using Counts = std::map<std::string, int64_t>;

// --- Shares ----------------------------------------------------------------------------------------------------------

TEST(StatisticsRules, AnEmptyDenominatorGivesNoValue) {
  ScriptedCenter center;
  for (const v1::Metric share :
       {v1::METRIC_ON_TIME_SHARE_06A, v1::METRIC_ON_TIME_SHARE_766, v1::METRIC_ON_TIME_SHARE_SCORE,
        v1::METRIC_ON_TIME_SHARE_PROMISE, v1::METRIC_ON_TIME_SHARE_STEPS, v1::METRIC_SATISFACTION_RATE,
        v1::METRIC_RESPONSE_RATE, v1::METRIC_ONLINE_SHARE, v1::METRIC_ONLINE_PAYMENT_SHARE,
        v1::METRIC_PETITIONS_IN_TIME_SHARE, v1::METRIC_ELECTRONIC_RESULT_SHARE, v1::METRIC_DIGITIZED_SHARE,
        v1::METRIC_LATE_SHARE}) {
    const v1::StatisticsValue value = center.Value(share, Between("2026-05-01", "2026-06-01"));
    EXPECT_FALSE(value.has_percent()) << v1::Metric_Name(share);
    EXPECT_EQ(value.denominator(), 0);
    EXPECT_TRUE(value.has_denominator()) << "nothing to divide by is known: it is 0";
  }
}

TEST(StatisticsRules, SharesAreNotRoundedAndNeedNotAddUpToAHundred) {
  ScriptedCenter center;
  center.Open(kAccepted, Online(AcceptedEvent()));
  center.Open(kAccepted, AcceptedEvent());
  center.Open(kAccepted, AcceptedEvent());
  const v1::StatisticsValue online = center.Value(v1::METRIC_ONLINE_SHARE, June());
  EXPECT_EQ(online.numerator(), 1);
  EXPECT_EQ(online.denominator(), 3);
  EXPECT_DOUBLE_EQ(online.percent(), 100.0 / 3.0);
}

TEST(StatisticsRules, SharesOfTheWholeAreComputedAnewAndNotAveraged) {
  ScriptedCenter center;
  center.Open(kAccepted, Online(AcceptedEvent()));
  for (int i = 0; i < 3; ++i) center.Open(kAccepted, AcceptedEvent(kNoLimit));
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = June();
  request.add_metrics(v1::METRIC_ONLINE_SHARE);
  request.add_group_by(v1::GROUP_BY_PROCEDURE);
  const v1::QueryStatisticsResponse response = center.Ask(request);
  ASSERT_EQ(response.rows_size(), 2);
  EXPECT_DOUBLE_EQ(response.rows(0).values(0).percent(), 100);
  EXPECT_DOUBLE_EQ(response.rows(1).values(0).percent(), 0);
  EXPECT_DOUBLE_EQ(response.total().values(0).percent(), 25);
}

// --- Equal to the due moment -----------------------------------------------------------------------------------------

struct Verdicts {
  int64_t early, on_time, late;
  bool operator==(const Verdicts&) const = default;
};

Verdicts Of(ScriptedCenter& center, v1::Metric early) {
  return {center.Count(early, Preset("2026")), center.Count(static_cast<v1::Metric>(early + 1), Preset("2026")),
          center.Count(static_cast<v1::Metric>(early + 2), Preset("2026"))};
}

struct EndCase {
  const char* finished;
  Verdicts by_06a;
  Verdicts by_promise;
  // No early one.
  Verdicts by_766;
};

TEST(StatisticsRules, EqualToTheDueMomentIsOnTimeInEveryMeaning) {
  const EndCase cases[] = {
      {"2026-06-17T23:59:59", {1, 0, 0}, {1, 0, 0}, {0, 1, 0}},
      {"2026-06-18T00:00:00", {0, 1, 0}, {1, 0, 0}, {0, 1, 0}},
      {"2026-06-18T16:59:59", {0, 1, 0}, {1, 0, 0}, {0, 1, 0}},
      {"2026-06-18T17:00:00", {0, 1, 0}, {0, 1, 0}, {0, 1, 0}},
      {"2026-06-18T17:00:01", {0, 1, 0}, {0, 0, 1}, {0, 0, 1}},
      {"2026-06-18T23:59:59", {0, 1, 0}, {0, 0, 1}, {0, 0, 1}},
      {"2026-06-19T00:00:00", {0, 0, 1}, {0, 0, 1}, {0, 0, 1}},
  };
  for (const EndCase& the : cases) {
    ScriptedCenter center;
    center.Finished(kAccepted, the.finished);
    EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_06A), the.by_06a) << the.finished;
    EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_PROMISE), the.by_promise) << the.finished;
    EXPECT_EQ(center.Count(v1::METRIC_ENDED_ON_TIME_766, Preset("2026")), the.by_766.on_time) << the.finished;
    EXPECT_EQ(center.Count(v1::METRIC_ENDED_LATE_766, Preset("2026")), the.by_766.late) << the.finished;
  }
}

TEST(StatisticsRules, TheScoreComparesWholeWorkingMinutes) {
  // By the clock, 8.5 days: from Monday 15/06 08:00 to Thursday 25/06 12:00 less lunch: 25/06 13:30.
  const std::map<std::string, Verdicts> cases = {{"2026-06-25T13:29", {1, 0, 0}},
                                                 {"2026-06-25T13:30", {0, 1, 0}},
                                                 {"2026-06-25T13:30:59", {0, 1, 0}},
                                                 {"2026-06-25T13:31", {0, 0, 1}}};
  for (const auto& [finished, expected] : cases) {
    ScriptedCenter center;
    center.Finished(kAccepted, finished, kByClock);
    EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_SCORE), expected) << finished;
  }
}

TEST(StatisticsRules, WithoutADueTimeTheReportIsOnTimeAndPromiseAndScoreHaveNoValue) {
  ScriptedCenter center;
  center.Finished(kAccepted, "2026-09-01T08:00", kNoLimit);
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_06A), (Verdicts{0, 1, 0}));
  EXPECT_EQ(center.Count(v1::METRIC_ENDED_ON_TIME_766, Preset("2026")), 1);
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_PROMISE), (Verdicts{0, 0, 0}));
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_SCORE), (Verdicts{0, 0, 0}));
}

TEST(StatisticsRules, AnOpenOneIsOverdueFromTheDayAfterItsDueDateOn) {
  ScriptedCenter center;
  center.Open(kAccepted, AcceptedEvent());
  center.SetNow("2026-07-01T08:00");
  const auto overdue_at_end = [&](absl::string_view to) {
    return center.Count(v1::METRIC_OPEN_OVERDUE, Between("2026-06-01", to));
  };
  EXPECT_EQ(overdue_at_end("2026-06-19"), 0) << "the last moment is 18/06 23:59:59";
  EXPECT_EQ(overdue_at_end("2026-06-19T00:00:01"), 1);
  // Decision 766: to the moment.
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE_766, Between("2026-06-01", "2026-06-18T17:00:01")), 0);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE_766, Between("2026-06-01", "2026-06-18T17:00:02")), 1);
}

TEST(StatisticsRules, APetitionIsAnsweredInTimeAtItsDueMomentAndOpenLateAfterIt) {
  // 15 working days after Monday 15/06: Monday 06/07 at 17:00.
  for (const auto& [answered, in_time] :
       std::map<std::string, int64_t>{{"2026-07-06T17:00", 1}, {"2026-07-06T17:00:01", 0}}) {
    ScriptedCenter center;
    const std::string name = center.Open(kAccepted, AcceptedEvent());
    center.Append(name, kAccepted, Kind::kPetitionReceived);
    center.SetNow("2026-07-20T08:00");
    EXPECT_EQ(center.Count(v1::METRIC_PETITIONS_OPEN_OVERDUE, Between("2026-06-15", "2026-07-06T17:00:01")), 0);
    EXPECT_EQ(center.Count(v1::METRIC_PETITIONS_OPEN_OVERDUE, Between("2026-06-15", "2026-07-06T17:00:02")), 1);
    const v1::StatisticsValue open = center.Value(v1::METRIC_PETITIONS_IN_TIME_SHARE, Preset("2026"));
    EXPECT_EQ(open.denominator(), 1) << "open beyond its term";
    EXPECT_DOUBLE_EQ(open.percent(), 0);
    center.Append(name, answered, Kind::kPetitionAnswered);
    EXPECT_EQ(center.Count(v1::METRIC_PETITIONS_ANSWERED_IN_TIME, Preset("2026")), in_time);
    EXPECT_EQ(center.Count(v1::METRIC_PETITIONS_ANSWERED_LATE, Preset("2026")), 1 - in_time);
    EXPECT_EQ(center.Count(v1::METRIC_PETITIONS_OPEN_OVERDUE, Preset("2026")), 0);
  }
}

// --- Received, carried over, ended -----------------------------------------------------------------------------------

TEST(StatisticsRules, DaysBeginAtMidnightInHoChiMinhCity) {
  ScriptedCenter center;
  center.Open("2026-06-15T23:59:59", AcceptedEvent());
  center.Open("2026-06-16T00:00:00", AcceptedEvent());
  center.SetNow("2026-06-20T08:00");
  EXPECT_EQ(center.Count(v1::METRIC_RECEIVED, Preset("d15/06/2026")), 1);
  EXPECT_EQ(center.Count(v1::METRIC_RECEIVED, Preset("d16/06/2026")), 1);
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_DAY, Between("2026-06-14", "2026-06-18")),
            (Counts{{"2026-06-14", 0}, {"2026-06-15", 1}, {"2026-06-16", 1}, {"2026-06-17", 0}}));
  // 15/06 17:00 in UTC is the midnight of the 16th here.
  v1::Period period;
  period.mutable_start_time()->set_seconds(1'781'542'800);
  period.mutable_end_time()->set_seconds(1'781'542'800 + 86'400);
  EXPECT_EQ(FormatRfc3339(FromProto(period.start_time())), "2026-06-16T00:00:00+07:00");
  EXPECT_EQ(center.Count(v1::METRIC_RECEIVED, period), 1);
}

TEST(StatisticsRules, APeriodHoldsItsFirstMomentAndNotItsLast) {
  ScriptedCenter center;
  center.Open(kAccepted, AcceptedEvent());
  center.SetNow("2026-06-20T08:00");
  EXPECT_EQ(center.Count(v1::METRIC_RECEIVED, Between("2026-06-15T08:00", "2026-06-15T08:00:01")), 1);
  EXPECT_EQ(center.Count(v1::METRIC_RECEIVED, Between("2026-06-15T07:00", "2026-06-15T08:00")), 0);
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Between("2026-06-15T08:00", "2026-06-16")), 0);
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Between("2026-06-15T08:00:01", "2026-06-16")), 1);
}

TEST(StatisticsRules, CarriedOverIsWhatWasOpenAtTheBeginning) {
  ScriptedCenter center;
  center.Finished(kAccepted, "2026-06-30T23:59:59");
  center.Finished(kAccepted, "2026-07-01T00:00:00");
  center.Open(kAccepted, AcceptedEvent());
  center.SetNow("2026-08-01T08:00");
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Preset("m7/2026")), 2);
  EXPECT_EQ(center.Count(v1::METRIC_ENDED, Preset("m7/2026")), 1);
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Preset("m6/2026")), 0);
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Preset("m8/2026")), 1);
}

TEST(StatisticsRules, RefusedAtIntakeWasNeverReceived) {
  ScriptedCenter center;
  center.Open(kAccepted, SampleEvent(Kind::kIntakeRefused));
  const std::string submitted = center.Open(kAccepted, SampleEvent(Kind::kSubmitted));
  v1::Event refused = SampleEvent(Kind::kIntakeRefused);
  refused.mutable_intake_refused()->clear_request();
  center.Append(submitted, "2026-06-16T08:00", refused);
  EXPECT_EQ(center.Count(v1::METRIC_REFUSED_AT_INTAKE, June()), 2);
  EXPECT_EQ(center.Count(v1::METRIC_SUBMITTED, June()), 1);
  for (const v1::Metric metric : {v1::METRIC_RECEIVED, v1::METRIC_ENDED, v1::METRIC_OPEN, v1::METRIC_CARRIED_OVER,
                                  v1::METRIC_STOPPED, v1::METRIC_ENDED_ON_TIME_06A}) {
    EXPECT_EQ(center.Count(metric, June()), 0) << v1::Metric_Name(metric);
  }
}

TEST(StatisticsRules, StoppedAndWithdrawnAreDistinguishedAndNeverEarly) {
  struct Case {
    bool asked;
    const char* stopped;
    v1::Metric metric;
    Verdicts expected;
  };
  const Case cases[] = {{false, "2026-06-16T08:00", v1::METRIC_STOPPED, {0, 1, 0}},
                        {true, "2026-06-16T08:00", v1::METRIC_WITHDRAWN, {0, 1, 0}},
                        {false, "2026-06-18T23:59", v1::METRIC_STOPPED, {0, 1, 0}},
                        {true, "2026-06-19T08:00", v1::METRIC_WITHDRAWN, {0, 0, 1}},
                        {false, "2026-06-19T08:00", v1::METRIC_STOPPED, {0, 0, 1}}};
  for (const Case& the : cases) {
    ScriptedCenter center;
    const std::string name = center.Open(kAccepted, AcceptedEvent());
    if (the.asked) center.Append(name, "2026-06-15T09:00", Kind::kWithdrawalRequested);
    center.Append(name, the.stopped, Kind::kStopped);
    EXPECT_EQ(center.Count(the.metric, June()), 1) << the.stopped;
    EXPECT_EQ(center.Count(v1::METRIC_STOPPED, June()) + center.Count(v1::METRIC_WITHDRAWN, June()), 1);
    EXPECT_EQ(center.Count(v1::METRIC_ENDED, June()), 1);
    EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_06A), the.expected) << the.stopped;
  }
}

TEST(StatisticsRules, AWithdrawalThatWasTakenBackIsNone) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-15T09:00", Kind::kWithdrawalRequested);
  center.Append(name, "2026-06-15T10:00", Kind::kResumed);
  center.Append(name, "2026-06-16T10:00", Kind::kStopped);
  EXPECT_EQ(center.Count(v1::METRIC_STOPPED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_WITHDRAWN, June()), 0);
}

TEST(StatisticsRules, ASubmissionThatWasWithdrawnHasEndedWithoutBeingReceived) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, SampleEvent(Kind::kSubmitted));
  EXPECT_EQ(CountsBy(center, v1::METRIC_SUBMITTED, v1::GROUP_BY_RESULT, June()), (Counts{{"OUTCOME_OPEN", 1}}));
  center.Append(name, "2026-06-15T09:00", Kind::kWithdrawalRequested);
  center.Append(name, "2026-06-15T10:00", Kind::kStopped);
  EXPECT_EQ(CountsBy(center, v1::METRIC_SUBMITTED, v1::GROUP_BY_RESULT, June()), (Counts{{"OUTCOME_WITHDRAWN", 1}}));
  EXPECT_EQ(center.Count(v1::METRIC_WITHDRAWN, June()), 0) << "it was never received";
  EXPECT_EQ(center.Count(v1::METRIC_REFUSED_AT_INTAKE, June()), 0) << "it was not refused";
  EXPECT_EQ(center.Count(v1::METRIC_OPEN, June()), 0);
}

TEST(StatisticsRules, TheClockEndsWhenItIsFinishedNotWhenItIsHandedOver) {
  ScriptedCenter center;
  const std::string name = center.Finished(kAccepted, "2026-06-18T10:00");
  EXPECT_EQ(center.Count(v1::METRIC_WAITING_FOR_HAND_OVER, June()), 1);
  center.Append(name, "2026-06-29T10:00", Kind::kReturned);
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_06A), (Verdicts{0, 1, 0}));
  EXPECT_EQ(center.Count(v1::METRIC_RETURNED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_WAITING_FOR_HAND_OVER, June()), 0);
  EXPECT_EQ(center.Count(v1::METRIC_WAITING_FOR_HAND_OVER, Between("2026-06-01", "2026-06-25")), 1) << "as it was then";
}

// --- Waits -----------------------------------------------------------------------------------------------------------

TEST(StatisticsRules, AnUnansweredWaitHoldsWhatWasNotOverdueBefore) {
  for (const auto& [asked, overdue] :
       std::map<std::string, int64_t>{{"2026-06-18T16:00", 0}, {"2026-06-18T17:00", 0}, {"2026-06-18T17:00:01", 1}}) {
    ScriptedCenter center;
    const std::string name = center.Open(kAccepted, AcceptedEvent());
    center.Append(name, asked, Kind::kSupplementRequested);
    center.SetNow("2026-07-10T08:00");
    EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE, June()), overdue) << asked;
    EXPECT_EQ(center.Count(v1::METRIC_OPEN_IN_TERM, June()), 1 - overdue) << asked;
    EXPECT_EQ(center.Count(v1::METRIC_WAITING_FOR_SUPPLEMENT, June()), 1) << asked;
  }
}

TEST(StatisticsRules, WhatEndsDuringAWaitIsEvaluatedAtItsBeginning) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-17T08:00", Kind::kSupplementRequested);
  center.Append(name, "2026-06-29T08:00", Kind::kWithdrawalRequested);
  center.Append(name, "2026-06-29T09:00", Kind::kStopped);
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_06A), (Verdicts{0, 1, 0}));
  EXPECT_EQ(center.Count(v1::METRIC_ENDED_ON_TIME_766, June()), 1);
  EXPECT_EQ(Of(center, v1::METRIC_ENDED_EARLY_PROMISE), (Verdicts{1, 0, 0}));
}

TEST(StatisticsRules, Decision766TakesTheSupplementWaitOffAndCallsASecondRequestLate) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-16T08:00", Kind::kSupplementRequested);
  center.Append(name, "2026-06-18T08:00", Kind::kSupplementReceived);
  center.SetNow("2026-06-25T08:00");
  // Promised for 18/06 17:00, two days waited: in term until 20/06 17:00.
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_IN_TERM_766, Between("2026-06-01", "2026-06-20T17:00:01")), 1);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_IN_TERM_766, Between("2026-06-01", "2026-06-20T17:00:02")), 0);
  EXPECT_EQ(center.Count(v1::METRIC_OVER_SUPPLEMENTED, June()), 0);
  v1::Event again = SampleEvent(Kind::kSupplementRequested);
  again.mutable_supplement_requested()->set_override_approver("Chủ tịch");
  again.mutable_supplement_requested()->set_override_reason("thiếu thêm");
  center.Append(name, "2026-06-22T09:00", again);
  EXPECT_EQ(center.Count(v1::METRIC_OVER_SUPPLEMENTED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE_766, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE, June()), 0) << "the meanings are never mixed";
}

TEST(StatisticsRules, WhatIsOpenAndInTermIsOnTimeForDecision766) {
  ScriptedCenter center;
  center.Finished(kAccepted, "2026-06-22T08:00");
  center.Open("2026-06-22T09:00", AcceptedEvent());
  const v1::StatisticsValue share = center.Value(v1::METRIC_ON_TIME_SHARE_766, June());
  EXPECT_EQ(share.numerator(), 1);
  EXPECT_EQ(share.denominator(), 2);
}

// --- Ratings, amendments, as of --------------------------------------------------------------------------------------

TEST(StatisticsRules, TheLastRatingOfAPhaseCountsAndTheHistoryIsKept) {
  ScriptedCenter center;
  const std::string name = center.Finished(kAccepted, "2026-06-16T08:00");
  center.Append(name, "2026-06-16T09:00", Rating(v1::RATING_PHASE_RESULT, v1::RATING_LEVEL_DISSATISFIED));
  const int64_t before = center.fixture().head_revision();
  const v1::Event rated = center.EventOf(name, Kind::kRated);
  v1::Event changed = Rating(v1::RATING_PHASE_RESULT, v1::RATING_LEVEL_VERY_SATISFIED);
  center.Append(name, "2026-06-17T09:00", AmendmentOf(rated.revision(), changed));
  EXPECT_EQ(center.Count(v1::METRIC_RATED_VERY_SATISFIED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_RATED_RESULT_VERY_SATISFIED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_RATED_DISSATISFIED, June()), 0);
  EXPECT_EQ(center.Count(v1::METRIC_RATED_RECEPTION_VERY_SATISFIED, June()), 0);
  const v1::StatisticsValue response = center.Value(v1::METRIC_RESPONSE_RATE, June());
  EXPECT_EQ(response.numerator(), 1) << "a dossier answers once, however often it is asked";
  v1::QueryStatisticsRequest then;
  *then.mutable_period() = June();
  then.add_metrics(v1::METRIC_RATED_DISSATISFIED);
  then.mutable_as_of()->set_revision(before);
  EXPECT_EQ(center.Ask(then).total().values(0).count(), 1);
}

TEST(StatisticsRules, ReopenedByAnAmendmentItIsOpenAsIfItHadNeverEnded) {
  ScriptedCenter center;
  const std::string name = center.Finished(kAccepted, "2026-06-16T08:00");
  const int64_t before = center.fixture().head_revision();
  EXPECT_EQ(center.Count(v1::METRIC_ENDED, June()), 1);
  center.Append(name, "2026-07-20T09:00", VoidOf(center.EventOf(name, Kind::kFinished).revision()));
  EXPECT_EQ(center.Count(v1::METRIC_ENDED, June()), 0);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_CARRIED_OVER, Preset("m7/2026")), 1);
  v1::QueryStatisticsRequest then;
  *then.mutable_period() = June();
  then.add_metrics(v1::METRIC_ENDED);
  then.add_metrics(v1::METRIC_OPEN);
  then.mutable_as_of()->set_revision(before);
  EXPECT_EQ(center.Ask(then).total().values(0).count(), 1);
  EXPECT_EQ(center.Ask(then).total().values(1).count(), 0);
}

TEST(StatisticsRules, AsOfATimeTakesWhatWasRecordedByThenHoweverEarlyItHappened) {
  ScriptedCenter center;
  center.Open(kAccepted, AcceptedEvent());
  center.SetNow("2026-06-20T08:00");
  // Entered five days after it happened.
  center.Open("2026-06-15T09:00", AcceptedEvent());
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = June();
  request.add_metrics(v1::METRIC_RECEIVED);
  *request.mutable_as_of()->mutable_time() = ToProto(At("2026-06-20T07:59:59"));
  EXPECT_EQ(center.Ask(request).total().values(0).count(), 1);
  *request.mutable_as_of()->mutable_time() = ToProto(At("2026-06-20T08:00"));
  EXPECT_EQ(center.Ask(request).total().values(0).count(), 2) << "the last moment that counts";
}

TEST(StatisticsRules, AsOfARevisionAndAnEarlierTimeEvaluatesWhatIsKnownNowAtThatTime) {
  ScriptedCenter center;
  center.Finished(kAccepted, "2026-06-19T08:00");
  // Entered on 20/06.
  center.SetNow("2026-06-20T08:00");
  center.Open("2026-06-16T08:00", AcceptedEvent());
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = June();
  for (const v1::Metric metric : {v1::METRIC_RECEIVED, v1::METRIC_ENDED, v1::METRIC_OPEN, v1::METRIC_OPEN_OVERDUE}) {
    request.add_metrics(metric);
  }
  request.mutable_as_of()->set_revision(center.fixture().head_revision());
  const auto counts = [&](absl::string_view time) {
    *request.mutable_as_of()->mutable_time() = ToProto(At(time));
    std::vector<int64_t> found;
    const v1::QueryStatisticsResponse response = center.Ask(request);
    for (const v1::StatisticsValue& value : response.total().values()) found.push_back(value.count());
    return found;
  };
  EXPECT_EQ(counts("2026-06-15T09:00"), (std::vector<int64_t>{1, 0, 1, 0}));
  EXPECT_EQ(counts("2026-06-16T09:00"), (std::vector<int64_t>{2, 0, 2, 0})) << "known only since";
  EXPECT_EQ(counts("2026-06-19T07:00"), (std::vector<int64_t>{2, 0, 2, 1}));
  EXPECT_EQ(counts("2026-06-19T09:00"), (std::vector<int64_t>{2, 1, 1, 0}));
}

TEST(StatisticsRules, ABucketStillAheadHasNoFiguresOfItsEnd) {
  ScriptedCenter center;
  center.Open(kAccepted, AcceptedEvent());
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = Between("2026-06-15", "2026-06-18");
  request.add_metrics(v1::METRIC_OPEN);
  request.add_metrics(v1::METRIC_RECEIVED);
  request.add_group_by(v1::GROUP_BY_DAY);
  const v1::QueryStatisticsResponse response = center.Ask(request);
  ASSERT_EQ(response.rows_size(), 3);
  EXPECT_EQ(response.rows(0).values(0).count(), 1) << "evaluated now";
  EXPECT_FALSE(response.rows(1).values(0).has_count());
  EXPECT_TRUE(response.rows(1).values(1).has_count());
  EXPECT_EQ(response.total().values(0).count(), 1);
}

// --- Groups ----------------------------------------------------------------------------------------------------------

TEST(StatisticsRules, AMergedOfficesFiguresCountUnderItsSuccessor) {
  ScriptedCenter center("2026-06-01T07:30");
  v1::Event there = AcceptedEvent();
  there.mutable_accepted()->mutable_request()->set_office(kClosedOffice);
  center.Open(kAccepted, there);
  center.Open(kAccepted, AcceptedEvent());
  // Closed on 30/06, in the middle of the reporting quarter.
  const v1::Period quarter = Preset("q3/2026");
  center.SetNow("2026-07-10T08:00");
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, quarter), (Counts{{kOffice, 2}}));
  v1::StatisticsFilter filter;
  filter.add_offices(kOffice);
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, quarter, filter), (Counts{{kOffice, 2}}));
  filter.set_keep_former_offices(true);
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, quarter, filter), (Counts{{kOffice, 1}}));
  filter.clear_offices();
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, quarter, filter),
            (Counts{{kOffice, 1}, {kClosedOffice, 1}}));
}

TEST(StatisticsRules, OfficesThatMergeOneAfterTheOtherCountUnderTheLast) {
  ScriptedCenter center("2026-06-01T07:30");
  v1::Event there = AcceptedEvent();
  there.mutable_accepted()->mutable_request()->set_office(kClosedOffice);
  center.Open(kAccepted, there);
  const int64_t before = center.fixture().head_revision();
  center.SetNow("2026-07-10T08:00");
  v1::ImportOfficesRequest update;
  v1::Office& office = *update.add_offices();
  office.set_name(kOffice);
  office.set_display_name("UBND xã Hợp Tiến");
  office.set_end_date("2026-07-10");
  office.set_successor(kOtherOffice);
  ValueOrDie(center.fixture().Call<v1::ImportOfficesResponse>(update));
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, Preset("q3/2026")), (Counts{{kOtherOffice, 1}}));
  v1::QueryStatisticsRequest then;
  *then.mutable_period() = Preset("q3/2026");
  then.add_metrics(v1::METRIC_RECEIVED);
  then.add_group_by(v1::GROUP_BY_OFFICE);
  then.mutable_as_of()->set_revision(before);
  EXPECT_EQ(center.Ask(then).rows(0).keys(0).name(), kOffice) << "the second merger was not recorded then";
}

TEST(StatisticsRules, AnOfficeStandsForThoseItSucceededEvenIfItWasSucceededItself) {
  ScriptedCenter center("2026-06-01T07:30");
  v1::Event there = AcceptedEvent();
  there.mutable_accepted()->mutable_request()->set_office(kClosedOffice);
  center.Open(kAccepted, there);
  center.SetNow("2026-07-10T08:00");
  v1::ImportOfficesRequest update;
  v1::Office& office = *update.add_offices();
  office.set_name(kOffice);
  office.set_display_name("UBND xã Hợp Tiến");
  office.set_end_date("2026-07-10");
  office.set_successor(kOtherOffice);
  ValueOrDie(center.fixture().Call<v1::ImportOfficesResponse>(update));
  for (const char* name : {kClosedOffice, kOffice, kOtherOffice}) {
    v1::StatisticsFilter filter;
    filter.add_offices(name);
    EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, Preset("q3/2026"), filter),
              (Counts{{kOtherOffice, 1}}))
        << name;
  }
}

TEST(StatisticsRules, BeforeTheMergerAnOfficeStandsForItself) {
  ScriptedCenter center("2026-06-01T07:30");
  v1::Event there = AcceptedEvent();
  there.mutable_accepted()->mutable_request()->set_office(kClosedOffice);
  center.Open(kAccepted, there);
  center.SetNow("2026-07-10T08:00");
  EXPECT_EQ(CountsBy(center, v1::METRIC_RECEIVED, v1::GROUP_BY_OFFICE, June()), (Counts{{kClosedOffice, 1}}))
      << "30/06 was its last day";
  EXPECT_EQ(CountsBy(center, v1::METRIC_OPEN, v1::GROUP_BY_OFFICE, Between("2026-06-01", "2026-07-02")),
            (Counts{{kOffice, 1}}));
}

TEST(StatisticsRules, TheUnitThatHeldItAtTheDueMomentIsResponsible) {
  struct Case {
    const char* handed_on;
    const char* responsible;
  };
  for (const Case& the : {Case{"2026-06-18T16:59:59", kLandUnit}, Case{"2026-06-18T17:00", kLandUnit},
                          Case{"2026-06-18T17:00:01", kJusticeUnit}}) {
    ScriptedCenter center;
    const std::string name = center.Open(kAccepted, AcceptedEvent());
    center.Append(name, "2026-06-15T09:00", ForwardTo(kJusticeUnit));
    center.Append(name, the.handed_on, ForwardTo(kLandUnit));
    center.SetNow("2026-06-25T08:00");
    EXPECT_EQ(CountsBy(center, v1::METRIC_OPEN_OVERDUE, v1::GROUP_BY_RESPONSIBLE_UNIT, June()),
              (Counts{{the.responsible, 1}}))
        << the.handed_on;
    EXPECT_EQ(CountsBy(center, v1::METRIC_OPEN_OVERDUE, v1::GROUP_BY_UNIT, June()), (Counts{{kLandUnit, 1}}));
  }
}

TEST(StatisticsRules, StepsCountForTheirOwnUnitAndOfficer) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-15T09:00", ForwardTo(kJusticeUnit, 1));
  v1::Event on = ForwardTo(kLandUnit, 1);
  on.mutable_forwarded()->set_to_officer(kLandOfficer);
  center.Append(name, "2026-06-17T09:00", on);
  center.Append(name, "2026-06-18T09:00", Kind::kFinished);
  EXPECT_EQ(CountsBy(center, v1::METRIC_STEPS_LATE, v1::GROUP_BY_UNIT, June()), (Counts{{kJusticeUnit, 1}}));
  EXPECT_EQ(CountsBy(center, v1::METRIC_STEPS_ON_TIME, v1::GROUP_BY_UNIT, June()), (Counts{{kLandUnit, 1}}));
  EXPECT_EQ(CountsBy(center, v1::METRIC_STEPS_ON_TIME, v1::GROUP_BY_OFFICER, June()), (Counts{{kLandOfficer, 1}}));
  EXPECT_EQ(CountsBy(center, v1::METRIC_STEPS_LATE, v1::GROUP_BY_OFFICER, June()), (Counts{{"", 1}}));
  // 08:00-09:00 at the counter; two days; one day.
  const auto minutes = [&](const std::string& unit, v1::Metric metric = v1::METRIC_TIME_WITH_UNIT) {
    v1::QueryStatisticsRequest request;
    *request.mutable_period() = June();
    request.add_metrics(metric);
    request.add_group_by(v1::GROUP_BY_UNIT);
    const v1::QueryStatisticsResponse response = center.Ask(request);
    for (const v1::StatisticsRow& row : response.rows()) {
      if (row.keys(0).name() == unit) return row.values(0).median_minutes();
    }
    return int64_t{-1};
  };
  EXPECT_EQ(minutes(kCounterUnit), 60);
  EXPECT_EQ(minutes(kJusticeUnit), 960);
  EXPECT_EQ(minutes(kLandUnit), 480);
  EXPECT_EQ(minutes(kCounterUnit, v1::METRIC_TIME_ACCEPTED), 60);
}

TEST(StatisticsRules, MissingApologiesAreLateOnesThatWereNotRescheduled) {
  ScriptedCenter center;
  const std::string excused = center.Open(kAccepted, AcceptedEvent());
  v1::Event apology = SampleEvent(Kind::kRescheduled);
  *apology.mutable_rescheduled()->mutable_new_due_time() = ToProto(At("2026-06-22T17:00"));
  center.Append(excused, "2026-06-17T08:00", apology);
  center.Open(kAccepted, AcceptedEvent());
  center.Finished(kAccepted, "2026-06-19T08:00");
  center.SetNow("2026-06-25T08:00");
  EXPECT_EQ(center.Count(v1::METRIC_RESCHEDULED, June()), 1);
  EXPECT_EQ(center.Count(v1::METRIC_OPEN_OVERDUE, June()), 2);
  EXPECT_EQ(center.Count(v1::METRIC_MISSING_APOLOGY, June()), 2) << "one ended late, one overdue";
}

TEST(StatisticsRules, TheListHasHowLateSinceWhenAndWhoIsResponsible) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-15T09:00", ForwardTo(kJusticeUnit));
  center.Append(name, "2026-06-19T10:00", ForwardTo(kLandUnit));
  center.SetNow("2026-06-22T09:00");
  v1::ListCountedDossiersRequest request;
  *request.mutable_period() = June();
  request.set_metric(v1::METRIC_OPEN_OVERDUE);
  const auto listed = ValueOrDie(center.fixture().Call<v1::ListCountedDossiersResponse>(request));
  ASSERT_EQ(listed.dossiers_size(), 1);
  const v1::CountedDossier& late = listed.dossiers(0);
  EXPECT_EQ(late.dossier().name(), name);
  // Due on Thursday 18/06 at 17:00: Friday, and 07:30 to 09:00 of Monday.
  EXPECT_EQ(late.days_late(), 4);
  EXPECT_EQ(late.working_minutes_late(), 480 + 90);
  EXPECT_EQ(FromProto(late.count_time()), At("2026-06-19T00:00"));
  EXPECT_EQ(FromProto(late.holder_since_time()), At("2026-06-19T10:00"));
  EXPECT_EQ(late.responsible_unit(), kJusticeUnit);
  EXPECT_EQ(late.dossier().unit(), kLandUnit);
}

TEST(StatisticsRules, TheListShowsAsMuchOfADossierAsTheViewSays) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  center.Append(name, "2026-06-15T09:00", ForwardTo(kJusticeUnit));
  v1::ListCountedDossiersRequest request;
  *request.mutable_period() = June();
  request.set_metric(v1::METRIC_OPEN);
  const auto dossier_in = [&](v1::DossierView view) {
    request.set_view(view);
    return ValueOrDie(center.fixture().Call<v1::ListCountedDossiersResponse>(request)).dossiers(0).dossier();
  };
  const v1::Dossier full = dossier_in(v1::DOSSIER_VIEW_FULL);
  EXPECT_EQ(full.steps_size(), 1);
  EXPECT_TRUE(full.has_timeliness());
  const v1::Dossier basic = dossier_in(v1::DOSSIER_VIEW_BASIC);
  EXPECT_EQ(basic.steps_size(), 0);
  EXPECT_TRUE(basic.has_timeliness());
  EXPECT_EQ(basic.unit(), kJusticeUnit);
  EXPECT_EQ(dossier_in(v1::DOSSIER_VIEW_UNSPECIFIED).SerializeAsString(), basic.SerializeAsString());
  const v1::Dossier reference = dossier_in(v1::DOSSIER_VIEW_REFERENCE);
  EXPECT_EQ(reference.name(), name);
  EXPECT_EQ(reference.unit(), "");
}

TEST(StatisticsRules, WaitingLongerThanSoManyWorkingDays) {
  ScriptedCenter center;
  const std::string name = center.Open(kAccepted, AcceptedEvent());
  // On a Tuesday; the day itself does not count.
  center.Append(name, "2026-06-16T08:00", Kind::kSupplementRequested);
  center.SetNow("2026-06-23T08:00");
  v1::ListCountedDossiersRequest request;
  *request.mutable_period() = June();
  request.set_metric(v1::METRIC_WAITING_FOR_SUPPLEMENT);
  for (const auto& [days, listed] : std::map<int32_t, int64_t>{{0, 1}, {1, 1}, {4, 1}, {5, 0}, {6, 0}}) {
    request.set_waiting_days_min(days);
    const auto answer = ValueOrDie(center.fixture().Call<v1::ListCountedDossiersResponse>(request));
    EXPECT_EQ(answer.total_size(), listed) << "17, 18, 19, 22 and 23/06 are five, not more than " << days;
  }
}

// --- Distributions ---------------------------------------------------------------------------------------------------

TEST(StatisticsRules, PercentilesAreOfTheNearestRank) {
  ScriptedCenter center;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(center.Open(kAccepted, AcceptedEvent(kNoLimit)));
  // 1, 2, …, 10 minutes, in any order.
  for (int i = 0; i < 10; ++i) {
    center.Append(names[static_cast<size_t>(i * 3 % 10)], At(kAccepted) + absl::Minutes(i + 1),
                  SampleEvent(Kind::kFinished));
  }
  const v1::StatisticsValue value = center.Value(v1::METRIC_HANDLING_TIME, June());
  EXPECT_EQ(value.count(), 10);
  EXPECT_DOUBLE_EQ(value.mean_minutes(), 5.5);
  EXPECT_EQ(value.median_minutes(), 5);
  EXPECT_EQ(value.p90_minutes(), 9);
  EXPECT_EQ(value.p99_minutes(), 10);
  const v1::StatisticsValue none = center.Value(v1::METRIC_HANDLING_TIME, Preset("m5/2026"));
  EXPECT_EQ(none.count(), 0);
  EXPECT_FALSE(none.has_mean_minutes());
  EXPECT_FALSE(none.has_median_minutes());
  EXPECT_FALSE(none.has_p99_minutes());
}

TEST(StatisticsRules, HandlingTimeIsWorkingTimeWithoutWaits) {
  ScriptedCenter center;
  // Monday 15:00 to Tuesday 09:00, 13:00 to 14:00 of Tuesday asked and answered, finished at 15:00.
  const std::string name = center.Open("2026-06-15T15:00", AcceptedEvent());
  center.Append(name, "2026-06-16T09:00", ForwardTo(kJusticeUnit));
  center.Append(name, "2026-06-16T13:00", Kind::kSupplementRequested);
  center.Append(name, "2026-06-16T14:00", Kind::kSupplementReceived);
  center.Append(name, "2026-06-16T15:00", Kind::kFinished);
  center.Append(name, "2026-06-17T08:30", Kind::kReturned);
  const auto median = [&](v1::Metric metric) { return center.Value(metric, June()).median_minutes(); };
  EXPECT_EQ(median(v1::METRIC_HANDLING_TIME), 120 + 240 + 60);
  EXPECT_EQ(median(v1::METRIC_TIME_ACCEPTED), 120 + 90);
  EXPECT_EQ(median(v1::METRIC_TIME_PROCESSING), 150 + 60);
  EXPECT_EQ(median(v1::METRIC_TIME_AWAITING_SUPPLEMENT), 60);
  EXPECT_EQ(median(v1::METRIC_TIME_AWAITING_HAND_OVER), 120 + 60);
}

}  // namespace
}  // namespace tthc::server
