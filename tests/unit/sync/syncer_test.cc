#include "client/sync/syncer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/sync/profile.h"
#include "storage/base/backoff.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tthc::v1::Dossier;
using tthc::v1::MirrorCondition;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorOutcome;

v1::Profile Shipped(const std::string& id) {
  Problems problems;
  v1::Profile profile = LoadProfile(id, &problems);
  EXPECT_TRUE(problems.empty()) << problems.Describe("en");
  return profile;
}

// Has the capabilities of a protocol only: the answers come from the test.
class AdapterOf final : public Adapter {
 public:
  bool has_login() const override { return login; }
  bool can_look_up() const override { return look_up; }
  bool has_insert() const override { return insert; }
  HttpRequest MakeRequest(const Call&, const std::string&, const std::string&) const override { return {}; }
  Answer ReadAnswer(const Call&, const HttpRequest&, const absl::StatusOr<HttpResponse>&, absl::Time,
                    absl::Duration) const override {
    return {};
  }

  bool login = false;
  bool look_up = true;
  bool insert = true;
};

Answer With(Verdict verdict) {
  Answer answer;
  answer.verdict = verdict;
  answer.reason = verdict == Verdict::kRefused ? "REFUSED" : "BUSY";
  return answer;
}
Answer Cut() {
  Answer answer = With(Verdict::kBusy);
  answer.may_have_applied = true;
  return answer;
}
Answer LoggedIn(const std::string& session) {
  Answer answer = With(Verdict::kDone);
  answer.session = session;
  return answer;
}
Answer Found(std::vector<int64_t> steps) {
  Answer answer = With(Verdict::kDone);
  answer.found = true;
  answer.reports_steps = true;
  answer.known_steps = std::move(steps);
  return answer;
}

class SyncerTest : public ::testing::Test {
 protected:
  // An accepted dossier with `steps` steps, of the revisions 10·number + 1, + 2, …
  MirrorDelivery Delivery(int64_t number, int steps = 1) {
    MirrorDelivery delivery;
    delivery.set_number(number);
    Dossier& dossier = *delivery.mutable_dossier();
    const std::string code = "H24.99.1-260821-000" + std::to_string(number);
    dossier.set_name("dossiers/uid" + std::to_string(number));
    dossier.set_code(code);
    dossier.set_state(steps > 1 ? Dossier::STATE_PROCESSING : Dossier::STATE_ACCEPTED);
    dossier.mutable_request()->set_procedure("procedures/1.004873");
    dossier.mutable_request()->set_office("offices/H24.99.1");
    (*delivery.mutable_display_names())["offices/H24.99.1"] = "UBND phường Mẫu";
    *dossier.mutable_accept_time() = ToProto(start_);
    for (int i = 1; i <= steps; ++i) {
      tthc::v1::MirrorStep& step = *delivery.add_steps();
      step.mutable_event()->set_revision(10 * number + i);
      *step.mutable_event()->mutable_occur_time() = ToProto(start_ + absl::Seconds(i));
      if (i == 1) {
        step.mutable_event()->mutable_accepted();
        step.set_state(Dossier::STATE_ACCEPTED);
      } else {
        step.mutable_event()->mutable_forwarded()->set_to_unit("units/vp");
        step.set_state(Dossier::STATE_PROCESSING);
      }
    }
    dossier.set_revision(10 * number + steps);
    return delivery;
  }

  Syncer& Begin(int workers = 1, bool clean = true) {
    syncer_ = std::make_unique<Syncer>(Syncer::Options{.profile = &profile_,
                                                       .adapter = &adapter_,
                                                       .workers = workers,
                                                       .window = 4 * workers,
                                                       .window_bytes = window_bytes_,
                                                       .retry_delay_first = absl::Seconds(1),
                                                       .retry_delay_max = absl::Seconds(60),
                                                       .failures_before_open = 3,
                                                       .attempts_max = 4,
                                                       .session_life = absl::Minutes(10),
                                                       .uniform = [] { return 1.0; }});
    syncer_->Begin(clean, 1000);
    return *syncer_;
  }

  // Makes the next call, answers it with `answer` and returns its kind.
  CallKind Next(const Answer& answer) {
    const auto started = syncer_->NextCall(now_);
    EXPECT_TRUE(started.has_value());
    if (!started.has_value()) return CallKind::kLogin;
    last_steps_ = started->call.steps;
    syncer_->OnAnswer(started->id, answer, now_);
    return started->call.kind;
  }
  // As Next, at the time when the next call is due.
  CallKind NextLater(const Answer& answer) {
    const absl::Time wake = syncer_->NextWake(now_);
    EXPECT_LT(wake, absl::InfiniteFuture());
    now_ = std::max(now_, wake);
    return Next(answer);
  }
  MirrorOutcome TheOutcome() {
    const auto outcomes = syncer_->TakeOutcomes(10);
    EXPECT_EQ(outcomes.size(), 1u);
    if (outcomes.empty()) return {};
    syncer_->OnRecorded(outcomes);
    return outcomes[0].outcome;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'787'278'500);
  absl::Time now_ = start_;
  v1::Profile profile_ = Shipped("dvcqg");
  AdapterOf adapter_;
  std::unique_ptr<Syncer> syncer_;
  std::vector<int64_t> last_steps_;
  size_t window_bytes_ = 1 << 20;
};

TEST_F(SyncerTest, SendsTheRecordBeforeItsSteps) {
  Begin().Add(Delivery(1, 2));
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kInsert);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_THAT(last_steps_, ElementsAre(11, 12));
  const MirrorOutcome outcome = TheOutcome();
  EXPECT_EQ(outcome.result(), MirrorOutcome::RESULT_DONE);
  EXPECT_EQ(outcome.revision(), 12);
  EXPECT_THAT(outcome.confirmed_steps(), ElementsAre(11, 12));
  EXPECT_TRUE(outcome.known_to_target());
  EXPECT_EQ(outcome.sent_status(), "4");
  EXPECT_EQ(syncer_->task_count(), 0u);
}

TEST_F(SyncerTest, ConfirmedRecordAndStepsAreNotSentAgain) {
  MirrorDelivery delivery = Delivery(1, 2);
  const Plan plan = MakePlan(profile_, delivery);
  delivery.mutable_item()->set_known_to_target(true);
  delivery.mutable_item()->set_confirmed_digest(plan.record_digest);
  delivery.mutable_item()->add_confirmed_steps(11);
  Begin().Add(delivery);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_THAT(last_steps_, ElementsAre(12));
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_DONE);
}

TEST_F(SyncerTest, ADossierWithNothingToSendIsConfirmedWithoutACall) {
  MirrorDelivery delivery = Delivery(1);
  delivery.mutable_item()->set_confirmed_digest(MakePlan(profile_, delivery).record_digest);
  delivery.mutable_item()->add_confirmed_steps(11);
  Begin().Add(delivery);
  EXPECT_FALSE(syncer_->NextCall(now_).has_value());
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_DONE);
}

TEST_F(SyncerTest, StepsGoInChunksOfTheProfile) {
  profile_.set_steps_per_call(2);
  Begin().Add(Delivery(1, 5));
  Next(With(Verdict::kDone));
  std::vector<std::vector<int64_t>> chunks;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
    chunks.push_back(last_steps_);
  }
  EXPECT_THAT(chunks, ElementsAre(ElementsAre(11, 12), ElementsAre(13, 14), ElementsAre(15)));
}

TEST_F(SyncerTest, AnExistingRecordIsUpdatedAfterALookUp) {
  Begin().Add(Delivery(1));
  EXPECT_EQ(Next(With(Verdict::kExists)), CallKind::kInsert);
  // The program that sent the record may have sent steps, too.
  EXPECT_EQ(Next(Found({})), CallKind::kLookup);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_DONE);
}

TEST_F(SyncerTest, AMissingRecordIsInsertedWithAllItsSteps) {
  MirrorDelivery delivery = Delivery(1, 2);
  delivery.mutable_item()->set_known_to_target(true);
  delivery.mutable_item()->add_confirmed_steps(11);
  Begin().Add(delivery);
  EXPECT_EQ(Next(With(Verdict::kMissing)), CallKind::kUpdate);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kInsert);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_THAT(last_steps_, ElementsAre(11, 12));
}

TEST_F(SyncerTest, APortalThatContradictsItselfParksTheDossierAfterOneSwitch) {
  adapter_.look_up = false;
  Begin().Add(Delivery(1));
  EXPECT_EQ(Next(With(Verdict::kExists)), CallKind::kInsert);
  EXPECT_EQ(Next(With(Verdict::kMissing)), CallKind::kUpdate);
  const MirrorOutcome outcome = TheOutcome();
  EXPECT_EQ(outcome.result(), MirrorOutcome::RESULT_REFUSED);
  EXPECT_EQ(outcome.error().reason(), "CONTRADICTION");
}

TEST_F(SyncerTest, ARefusedDossierIsParkedAndOthersGoOn) {
  Begin().Add(Delivery(1));
  syncer_->Add(Delivery(2));
  Answer refusal = With(Verdict::kRefused);
  refusal.code = "12";
  refusal.exchange.set_service("DongBoHoSoMC");
  Next(refusal);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kInsert);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  const auto outcomes = syncer_->TakeOutcomes(10);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].outcome.result(), MirrorOutcome::RESULT_REFUSED);
  EXPECT_EQ(outcomes[0].outcome.error().code(), "12");
  EXPECT_EQ(outcomes[0].outcome.exchanges_size(), 1);
  EXPECT_EQ(outcomes[1].outcome.result(), MirrorOutcome::RESULT_DONE);
}

TEST_F(SyncerTest, StepsInDoubtAreLookedUpBeforeTheyAreSentAgain) {
  Begin().Add(Delivery(1, 3));
  Next(With(Verdict::kDone));
  EXPECT_EQ(Next(Cut()), CallKind::kSteps);
  EXPECT_TRUE(syncer_->has_unknown_ends());
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_UNFINISHED);
  EXPECT_EQ(NextLater(Found({11, 12})), CallKind::kLookup);
  EXPECT_FALSE(syncer_->has_unknown_ends());
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_THAT(last_steps_, ElementsAre(13));
  EXPECT_THAT(TheOutcome().confirmed_steps(), ElementsAre(11, 12, 13));
}

TEST_F(SyncerTest, AfterAnUncleanAcquisitionOldStepsAreLookedUpFirst) {
  Begin(1, /*clean=*/false).Add(Delivery(1, 2));
  EXPECT_EQ(Next(Found({11})), CallKind::kLookup);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_THAT(last_steps_, ElementsAre(12));
  // Later events were sent by nobody.
  syncer_->Add(Delivery(200, 1));
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kInsert);
}

// The record equals the one that was confirmed, but another version may have been sent since. Then it must be sent
// again.
class DoubtfulRecord : public SyncerTest {
 protected:
  MirrorDelivery Confirmed() {
    MirrorDelivery delivery = Delivery(1);
    tthc::v1::MirrorItem& item = *delivery.mutable_item();
    item.set_known_to_target(true);
    item.set_confirmed_digest(MakePlan(profile_, delivery).record_digest);
    item.add_confirmed_steps(11);
    *item.mutable_confirmed_time() = ToProto(start_);
    return delivery;
  }
};

TEST_F(DoubtfulRecord, IsSentAgainAfterAnUncleanAcquisition) {
  Begin(1, /*clean=*/false).Add(Confirmed());
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_DONE);
}

TEST_F(DoubtfulRecord, IsSentAgainAfterAnErrorSinceItsConfirmation) {
  MirrorDelivery delivery = Confirmed();
  *delivery.mutable_item()->mutable_last_error()->mutable_error_time() = ToProto(start_ + absl::Seconds(1));
  Begin().Add(delivery);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
}

TEST_F(DoubtfulRecord, IsSentAgainAfterARetry) {
  MirrorDelivery delivery = Confirmed();
  *delivery.mutable_item()->mutable_decision_time() = ToProto(start_ + absl::Seconds(1));
  Begin().Add(delivery);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
}

TEST_F(DoubtfulRecord, MakesAReleaseUnclean) {
  Begin().Add(Delivery(1));
  EXPECT_EQ(Next(Cut()), CallKind::kInsert);
  EXPECT_TRUE(syncer_->has_unknown_ends());
  EXPECT_EQ(NextLater(With(Verdict::kExists)), CallKind::kInsert);
  EXPECT_EQ(Next(Found({})), CallKind::kLookup);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kUpdate);
  EXPECT_FALSE(syncer_->has_unknown_ends());
}

TEST_F(SyncerTest, AFailedLookUpDoesNotCountAsNotFound) {
  Begin(1, /*clean=*/false).Add(Delivery(1));
  EXPECT_EQ(Next(With(Verdict::kUnreadable)), CallKind::kLookup);
  EXPECT_EQ(NextLater(With(Verdict::kBusy)), CallKind::kLookup);
  EXPECT_EQ(NextLater(Found({11})), CallKind::kLookup);
}

TEST_F(SyncerTest, OneLoginServesAllWorkers) {
  adapter_.login = true;
  Begin(/*workers=*/3);
  for (int i = 1; i <= 3; ++i) syncer_->Add(Delivery(i));
  const auto login = syncer_->NextCall(now_);
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(login->call.kind, CallKind::kLogin);
  EXPECT_FALSE(syncer_->NextCall(now_).has_value()) << "a second login";
  syncer_->OnAnswer(login->id, LoggedIn("s-1"), now_);

  std::vector<Syncer::StartedCall> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(*syncer_->NextCall(now_));
  for (const auto& call : calls) EXPECT_EQ(call.session, "s-1");
  // All three find the session expired. That takes one new login and counts as no attempt.
  for (const auto& call : calls) syncer_->OnAnswer(call.id, With(Verdict::kSessionExpired), now_);
  EXPECT_EQ(Next(LoggedIn("s-2")), CallKind::kLogin);
  const auto again = syncer_->NextCall(now_);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->session, "s-2");
  EXPECT_EQ(syncer_->counts().logins, 2);
  EXPECT_FALSE(syncer_->has_outcomes());
}

TEST_F(SyncerTest, WaitsGrowAfterRefusedLogins) {
  adapter_.login = true;
  Begin().Add(Delivery(1));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(NextLater(With(Verdict::kRefused)), CallKind::kLogin);
    EXPECT_EQ(syncer_->Condition().state(), MirrorCondition::STATE_LOGIN_REFUSED);
    EXPECT_GE(syncer_->NextWake(now_) - now_, absl::Seconds(30) * i);
  }
  EXPECT_FALSE(syncer_->has_outcomes()) << "the dossier is not to blame";
}

TEST_F(SyncerTest, AnOutageOpensTheBreakerAndUsesUpNoAttempts) {
  Begin(/*workers=*/2);
  for (int i = 1; i <= 8; ++i) syncer_->Add(Delivery(i));
  int calls = 0;
  while (now_ < start_ + absl::Hours(24)) {
    now_ = std::max(now_ + absl::Milliseconds(1), syncer_->NextWake(now_));
    const auto started = syncer_->NextCall(now_);
    if (!started.has_value()) continue;
    ++calls;
    if (syncer_->Condition().state() == MirrorCondition::STATE_UNREACHABLE) {
      EXPECT_FALSE(syncer_->NextCall(now_).has_value()) << "one probe at a time";
    }
    syncer_->OnAnswer(started->id, With(Verdict::kBusy), now_);
  }
  EXPECT_THAT(syncer_->TakeOutcomes(100), IsEmpty());
  // At most one probe a minute, once the waits have grown.
  EXPECT_LE(calls, 24 * 60 + 20);
  now_ = std::max(now_, syncer_->NextWake(now_));
  for (int i = 0; i < 100 && syncer_->task_count() > 0; ++i) {
    NextLater(With(Verdict::kDone));
    syncer_->OnRecorded(syncer_->TakeOutcomes(10));
  }
  EXPECT_EQ(syncer_->counts().finished, 8);
  EXPECT_EQ(syncer_->Condition().state(), MirrorCondition::STATE_HEALTHY);
}

TEST_F(SyncerTest, RetryAfterIsHonored) {
  Begin(/*workers=*/4);
  for (int i = 1; i <= 4; ++i) syncer_->Add(Delivery(i));
  Answer busy = With(Verdict::kBusy);
  busy.retry_after = absl::Seconds(90);
  Next(busy);
  EXPECT_FALSE(syncer_->NextCall(now_ + absl::Seconds(89)).has_value());
  EXPECT_TRUE(syncer_->NextCall(now_ + absl::Seconds(90)).has_value());
}

TEST_F(SyncerTest, ADossierThatFailsWhileOthersSucceedIsParked) {
  Begin();
  syncer_->Add(Delivery(1));
  int64_t next_number = 2;
  for (int i = 0; i < 100 && syncer_->counts().refused == 0; ++i) {
    if (syncer_->room() > 0) syncer_->Add(Delivery(next_number++));
    now_ = std::max(now_ + absl::Seconds(1), syncer_->NextWake(now_));
    const auto started = syncer_->NextCall(now_);
    if (!started.has_value()) continue;
    const bool is_first = started->call.delivery->number() == 1;
    syncer_->OnAnswer(started->id, With(is_first ? Verdict::kUnreadable : Verdict::kDone), now_);
    for (const auto& outcome : syncer_->TakeOutcomes(10)) {
      EXPECT_TRUE(outcome.outcome.result() != MirrorOutcome::RESULT_REFUSED || outcome.number == 1);
      syncer_->OnRecorded({outcome});
    }
  }
  EXPECT_EQ(syncer_->counts().refused, 1);
}

TEST_F(SyncerTest, AnUnmappedStatusHoldsTheDossier) {
  profile_.clear_statuses();
  Begin().Add(Delivery(1));
  EXPECT_FALSE(syncer_->NextCall(now_).has_value());
  const MirrorOutcome outcome = TheOutcome();
  EXPECT_EQ(outcome.result(), MirrorOutcome::RESULT_REFUSED);
  EXPECT_EQ(outcome.error().reason(), "STATUS_UNMAPPED");
}

TEST_F(SyncerTest, OneDossierHasOneCallAtATime) {
  Begin(/*workers=*/4).Add(Delivery(1, 3));
  EXPECT_FALSE(syncer_->Add(Delivery(1, 4))) << "it is in the window already";
  ASSERT_TRUE(syncer_->NextCall(now_).has_value());
  EXPECT_FALSE(syncer_->NextCall(now_).has_value());
}

TEST_F(SyncerTest, ADeliveryListedBeforeItsDossierLeftIsNotAdded) {
  Begin();
  syncer_->Add(Delivery(1));
  syncer_->BeginFetch();
  Next(With(Verdict::kDone));
  Next(With(Verdict::kDone));
  EXPECT_EQ(TheOutcome().result(), MirrorOutcome::RESULT_DONE);
  EXPECT_FALSE(syncer_->Add(Delivery(1, 2))) << "it was listed before the first step was recorded";
  EXPECT_TRUE(syncer_->Add(Delivery(2)));
  syncer_->EndFetch();
  EXPECT_TRUE(syncer_->Add(Delivery(1, 2)));
}

TEST_F(SyncerTest, TheWindowIsBounded) {
  Begin(/*workers=*/2);
  for (int i = 1; i <= 8; ++i) EXPECT_TRUE(syncer_->Add(Delivery(i)));
  EXPECT_EQ(syncer_->room(), 0);
  EXPECT_FALSE(syncer_->Add(Delivery(9)));
}

TEST_F(SyncerTest, TheWindowIsBoundedInBytes) {
  window_bytes_ = Delivery(1).ByteSizeLong() + 1;
  Begin();
  EXPECT_TRUE(syncer_->Add(Delivery(1)));
  EXPECT_TRUE(syncer_->Add(Delivery(2)));
  EXPECT_EQ(syncer_->room(), 0);
  for (int i = 0; i < 4; ++i) Next(With(Verdict::kDone));
  syncer_->OnRecorded(syncer_->TakeOutcomes(10));
  EXPECT_EQ(syncer_->room(), 4);
}

TEST_F(SyncerTest, WhilePausedNoCallBegins) {
  Begin().Add(Delivery(1));
  syncer_->SetPaused(true);
  EXPECT_FALSE(syncer_->NextCall(now_).has_value());
  syncer_->SetPaused(false);
  EXPECT_TRUE(syncer_->NextCall(now_).has_value());
}

TEST_F(SyncerTest, AnAnswerOfAnEarlierLeaseChangesNothing) {
  Begin().Add(Delivery(1));
  const auto started = syncer_->NextCall(now_);
  syncer_->Begin(/*clean=*/false, 1000);
  syncer_->OnAnswer(started->id, With(Verdict::kDone), now_);
  EXPECT_EQ(syncer_->task_count(), 0u);
  EXPECT_FALSE(syncer_->has_outcomes());
}

TEST_F(SyncerTest, ProgressIsReportedBeforeAShutdown) {
  Begin().Add(Delivery(1, 2));
  Next(With(Verdict::kDone));
  syncer_->ReportProgress();
  const auto outcomes = syncer_->TakeOutcomes(10);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_FALSE(outcomes[0].final);
  EXPECT_EQ(outcomes[0].outcome.result(), MirrorOutcome::RESULT_UNFINISHED);
  EXPECT_EQ(outcomes[0].outcome.sent_status(), "4");
}

// Supervisors read it as "the portal has our data": nothing but a confirmed record or step may set it.
TEST_F(SyncerTest, LastSuccessIsTheLastConfirmedDelivery) {
  adapter_.login = true;
  Begin(1, /*clean=*/false).Add(Delivery(1));
  EXPECT_EQ(Next(LoggedIn("s-1")), CallKind::kLogin);
  EXPECT_FALSE(syncer_->Condition().has_last_success_time()) << "a login";
  EXPECT_EQ(Next(Found({})), CallKind::kLookup);
  EXPECT_FALSE(syncer_->Condition().has_last_success_time()) << "a look-up";
  EXPECT_EQ(Next(With(Verdict::kRefused)), CallKind::kUpdate);
  EXPECT_FALSE(syncer_->Condition().has_last_success_time()) << "a refusal";
  TheOutcome();
  syncer_->Add(Delivery(200));
  now_ += absl::Minutes(1);
  EXPECT_EQ(Next(With(Verdict::kDone)), CallKind::kInsert);
  const absl::Time confirmed = now_;
  EXPECT_EQ(FromProto(syncer_->Condition().last_success_time()), confirmed);
  now_ += absl::Minutes(1);
  EXPECT_EQ(Next(With(Verdict::kBusy)), CallKind::kSteps);
  EXPECT_EQ(FromProto(syncer_->Condition().last_success_time()), confirmed) << "a failure";
  EXPECT_EQ(NextLater(With(Verdict::kDone)), CallKind::kSteps);
  EXPECT_EQ(FromProto(syncer_->Condition().last_success_time()), now_);
}

TEST(FullJitter, GrowsToTheCap) {
  const absl::Duration first = absl::Seconds(1);
  const absl::Duration most = absl::Seconds(60);
  EXPECT_EQ(FullJitter(first, most, 1, 1.0), absl::Seconds(1));
  EXPECT_EQ(FullJitter(first, most, 4, 1.0), absl::Seconds(8));
  EXPECT_EQ(FullJitter(first, most, 4, 0.5), absl::Seconds(4));
  EXPECT_EQ(FullJitter(first, most, 1000, 1.0), most);
  EXPECT_EQ(FullJitter(first, most, 5, 0.0), absl::ZeroDuration());
}

}  // namespace
}  // namespace tthc::sync
