#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/mirror/mirror_index.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/sample_events.h"

// Leases, deliveries, outcomes and decisions: what is pending at each target, what it has confirmed, and who may record
// it.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::MirrorTargetClient;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;
using v1::MirrorItem;
using v1::MirrorOutcome;

// --- Leases ----------------------------------------------------------------------------------------------------------

TEST(MirrorLease, HasOneHolderAndRefusesOutcomesOfTheOneBefore) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  MirrorTargetClient first(&fixture, "dvcqg");
  ASSERT_TRUE(first.Acquire("sync-1")->clean());
  MirrorTargetClient second(&fixture, "dvcqg");
  const auto refused = second.Acquire("sync-2");
  EXPECT_EQ(ErrorReason(refused.status()), "MIRROR_LEASE_HELD");
  EXPECT_EQ(ErrorMetadata(refused.status(), "holder"), "sync-1");
  EXPECT_GT(ErrorRetryDelay(refused.status()), absl::Seconds(15));
  const v1::MirrorDelivery delivery = ValueOrDie(first.List()).deliveries(0);

  fixture.clock().Advance(limits::kMirrorLeaseDefault * 4 / 3 + absl::Seconds(1));
  const auto taken = ValueOrDie(second.Acquire("sync-2"));
  EXPECT_FALSE(taken.clean()) << "the holder before may have sent anything";
  EXPECT_EQ(taken.head_revision(), fixture.head_revision());
  const std::string before = fixture.StoredBytes();
  const v1::MirrorOutcome outcome = MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE);
  EXPECT_EQ(ErrorReason(first.Record({outcome}).status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.Renew().status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.Release().status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.List().status()), "MIRROR_LEASE_LOST");
  EXPECT_TRUE(fixture.StoredBytes() == before);
  EXPECT_EQ(second.MustRecord(outcome), MirrorItem::STATE_CONFIRMED);
}

TEST(MirrorLease, CanBeRenewedAfterItExpiredUnlessAnotherHolderTookIt) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  fixture.clock().Advance(absl::Minutes(5));
  const auto renewed = ValueOrDie(client.Renew());
  EXPECT_GT(FromProto(renewed.lease().expire_time()), fixture.clock().Now());
  fixture.Restart();
  EXPECT_TRUE(client.Renew().ok()) << "a lease outlives the server";
}

// The holder counts on a whole lease from the moment it asked. A holder that acquires earlier would send at the same
// time.
TEST(MirrorLease, LeavesAWholeLeaseAfterEveryRenewalAndWritesHalfOfThem) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  const auto whole = [&](const v1::MirrorLease& lease) {
    return FromProto(lease.expire_time()) >= fixture.clock().Now() + limits::kMirrorLeaseDefault;
  };
  EXPECT_TRUE(whole(ValueOrDie(client.Acquire()).target().lease()));
  int writes = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string before = fixture.StoredBytes();
    fixture.clock().Advance(limits::kMirrorLeaseDefault / 4);
    EXPECT_TRUE(whole(ValueOrDie(client.Renew()).lease())) << i;
    if (fixture.StoredBytes() != before) ++writes;
  }
  EXPECT_EQ(writes, 10);
}

TEST(MirrorLease, IsCleanOnlyAfterACleanRelease) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  EXPECT_TRUE(ValueOrDie(client.Acquire("a")).clean()) << "nothing was ever sent";
  ASSERT_TRUE(client.Release().ok());
  ASSERT_TRUE(client.Release().ok()) << "the same again";
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  EXPECT_TRUE(ValueOrDie(client.Acquire("b")).clean());
  ASSERT_TRUE(client.Release(/*unclean=*/true).ok());
  const int64_t suspect = fixture.head_revision();
  const auto third = ValueOrDie(client.Acquire("c"));
  EXPECT_FALSE(third.clean());
  EXPECT_EQ(third.head_revision(), suspect);
  // What c did not deliver is as doubtful as before, although c ends cleanly. What came later is not.
  fixture.MustCreate({AcceptedEvent()});
  ASSERT_TRUE(client.Release().ok());
  const auto fourth = ValueOrDie(client.Acquire("d"));
  EXPECT_FALSE(fourth.clean());
  EXPECT_EQ(fourth.head_revision(), suspect);
  for (const v1::MirrorDelivery& delivery : client.MustListAll()) {
    client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE));
  }
  ASSERT_TRUE(client.Release().ok());
  EXPECT_TRUE(ValueOrDie(client.Acquire("e")).clean());
}

// --- What is delivered -----------------------------------------------------------------------------------------------

TEST(MirrorDeliveries, HaveEveryEventInEffectWithTheStateAfterIt) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
  forwarded.mutable_forwarded()->set_to_unit(testing::kLandUnit);
  const int64_t forward_revision = fixture.MustAppend(name, forwarded).revision();
  const int64_t noted = fixture.MustAppend(name, SampleEvent(v1::Event::kNoted)).revision();
  fixture.MustAppend(name, SampleEvent(v1::Event::kPaused));
  fixture.MustAppend(name, SampleEvent(v1::Event::kResumed));
  v1::Event corrected = forwarded;
  corrected.mutable_forwarded()->set_to_unit(testing::kJusticeUnit);
  fixture.MustAppend(name, testing::AmendmentOf(forward_revision, corrected));
  fixture.MustAppend(name, testing::VoidOf(noted));

  const v1::ListMirrorDeliveriesResponse page = ValueOrDie(client.List());
  ASSERT_EQ(page.deliveries_size(), 1);
  const v1::MirrorDelivery& delivery = page.deliveries(0);
  v1::Dossier now = fixture.MustGet(name);
  now.clear_timeliness();
  EXPECT_EQ(delivery.dossier().DebugString(), now.DebugString());
  EXPECT_EQ(delivery.number(), 1);
  ASSERT_EQ(delivery.steps_size(), 4) << "neither the voided note nor the amendments";
  EXPECT_EQ(delivery.steps(0).state(), v1::Dossier::STATE_ACCEPTED);
  EXPECT_EQ(delivery.steps(1).state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(delivery.steps(1).event().forwarded().to_unit(), testing::kJusticeUnit);
  EXPECT_EQ(delivery.steps(1).event().revision(), forward_revision);
  EXPECT_EQ(delivery.steps(1).unit(), testing::kJusticeUnit);
  EXPECT_EQ(delivery.steps(2).state(), v1::Dossier::STATE_PAUSED);
  EXPECT_NE(delivery.steps(2).pause_reason(), v1::PAUSE_REASON_UNSPECIFIED);
  EXPECT_EQ(delivery.steps(3).state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(delivery.steps(3).pause_reason(), v1::PAUSE_REASON_UNSPECIFIED);
  EXPECT_EQ(delivery.steps(3).due_time().seconds(), now.due().due_time().seconds());
  EXPECT_NE(delivery.display_names().at(testing::kJusticeUnit), "");
  EXPECT_NE(delivery.display_names().at(testing::kOffice), "");
  EXPECT_EQ(delivery.item().state(), MirrorItem::STATE_PENDING);
  EXPECT_EQ(delivery.item().desired_revision(), now.revision());
}

TEST(MirrorDeliveries, ComeInPagesAndStopWhilePausedOrRetired) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  EXPECT_EQ(client.MustListAll(3).size(), 10u);
  EXPECT_EQ(ValueOrDie(client.List(7)).deliveries(0).number(), 8);
  ASSERT_TRUE(client.Pause().ok());
  EXPECT_TRUE(ValueOrDie(client.List()).deliveries().empty());
  EXPECT_TRUE(ValueOrDie(client.Renew()).paused());
  EXPECT_EQ(ValueOrDie(client.List(0, 0, {names[4]})).deliveries(0).dossier().name(), names[4])
      << "named dossiers are listed even while paused";
  ASSERT_TRUE(client.Resume().ok());
  EXPECT_EQ(client.MustListAll().size(), 10u) << "nothing is lost by a pause";
  ASSERT_TRUE(client.Retire().ok());
  EXPECT_TRUE(ValueOrDie(client.List()).deliveries().empty());
  EXPECT_EQ(ErrorField(client.Pause("").status()), "reason");
}

TEST(MirrorDeliveries, BeginWithTheStartDateOfTheTarget) {
  ServiceFixture fixture;
  std::vector<std::string> before;
  for (int i = 0; i < 3; ++i) before.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  fixture.clock().Advance(absl::Hours(24));
  const std::string later = fixture.MustCreate({AcceptedEvent()}).name();
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire("sync-1", FormatIsoDate(LocalCivilDay(fixture.clock().Now()))));
  EXPECT_EQ(client.MustListItems(MirrorItem::STATE_PENDING), std::vector<std::string>({later}));
  EXPECT_EQ(client.Progress().total_count(), 1);
  // Events of those before do not count, and the position goes over them.
  const auto old = fixture.MustAppend(before[0], SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client.Progress().total_count(), 1);
  fixture.Restart();
  client.WaitUntilCounted();
  EXPECT_EQ(client.Progress().total_count(), 1);
  client.MustRecord(MirrorTargetClient::Outcome(client.MustListAll()[0], MirrorOutcome::RESULT_DONE));
  EXPECT_EQ(client.Progress().lag_event_count(), 0);
  EXPECT_DOUBLE_EQ(client.Progress().confirmed_share(), 1.0);
  // A person retries one of them: from then on the target takes it.
  client.MustRetry({old.name()});
  EXPECT_EQ(client.Progress().total_count(), 2);
  client.MustRecord(MirrorTargetClient::Outcome(client.MustListAll()[0], MirrorOutcome::RESULT_DONE));
  fixture.Restart();
  client.WaitUntilCounted();
  EXPECT_EQ(client.Progress().confirmed_count(), 2);
  fixture.MustAppend(old.name(), SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client.Progress().pending_count(), 1);
}

// --- Outcomes --------------------------------------------------------------------------------------------------------

v1::MirrorExchange Exchange(const std::string& text) {
  v1::MirrorExchange exchange;
  exchange.set_service("DongBoHoSoMC");
  exchange.set_request(text);
  exchange.set_http_status(200);
  exchange.set_outcome("refused");
  return exchange;
}

class MirrorOutcomesTest : public ::testing::Test {
 protected:
  MirrorOutcomesTest() { ValueOrDie(client_.Acquire()); }

  v1::MirrorDelivery Delivery() { return client_.MustListAll().at(0); }

  ServiceFixture fixture_;
  std::string name_ = fixture_.MustCreate({AcceptedEvent()}).name();
  MirrorTargetClient client_{&fixture_, "dvcqg"};
};

TEST_F(MirrorOutcomesTest, RecordingTheSameFailureAgainChangesNothing) {
  MirrorOutcome refused = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_REFUSED);
  refused.set_counts_as_attempt(true);
  *refused.add_exchanges() = Exchange("một");
  *refused.add_exchanges() = Exchange("hai");
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::STATE_PARKED);
  // The first write after an advance also stores the position.
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::STATE_PARKED);
  const std::string before = fixture_.StoredBytes();
  fixture_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::STATE_PARKED);
  EXPECT_TRUE(fixture_.StoredBytes() == before);
  const MirrorItem item = client_.MustGetItem(name_);
  EXPECT_EQ(item.attempt_count(), 1);
  EXPECT_EQ(item.exchanges_size(), 2);
}

TEST_F(MirrorOutcomesTest, RecordingTheSameSuccessAgainChangesNothing) {
  const MirrorOutcome done = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_DONE);
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::STATE_CONFIRMED);
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::STATE_CONFIRMED);
  const std::string before = fixture_.StoredBytes();
  fixture_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::STATE_CONFIRMED);
  EXPECT_TRUE(fixture_.StoredBytes() == before);
}

TEST_F(MirrorOutcomesTest, AnOutcomeOfAnEarlierRevisionLeavesTheItemPending) {
  const v1::MirrorDelivery delivery = Delivery();
  fixture_.MustAppend(name_, SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE)),
            MirrorItem::STATE_PENDING);
  const MirrorItem item = client_.MustGetItem(name_);
  EXPECT_EQ(item.confirmed_revision(), delivery.dossier().revision());
  EXPECT_EQ(item.confirmed_steps_size(), 1);
  EXPECT_EQ(client_.Progress().revision(), delivery.dossier().revision()) << "confirmed revisions are settled";
  EXPECT_EQ(client_.Progress().lag_event_count(), 1);
}

TEST_F(MirrorOutcomesTest, AParkedItemBecomesPendingWithItsNextEvent) {
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_REFUSED)),
            MirrorItem::STATE_PARKED);
  EXPECT_TRUE(client_.MustListAll().empty());
  EXPECT_EQ(client_.Progress().lag_event_count(), 0) << "parked items do not hold back the position";
  fixture_.MustAppend(name_, SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client_.MustListAll().size(), 1u);
  EXPECT_EQ(client_.Progress().parked_count(), 0);
}

TEST_F(MirrorOutcomesTest, KeepNoMoreExchangesThanTheirBound) {
  MirrorOutcome outcome = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_UNFINISHED);
  for (int i = 0; i < 3; ++i) *outcome.add_exchanges() = Exchange(absl::StrCat("lần ", i));
  client_.MustRecord(outcome);
  outcome.clear_exchanges();
  for (int i = 3; i < 6; ++i) *outcome.add_exchanges() = Exchange(absl::StrCat("lần ", i));
  outcome.mutable_exchanges(2)->set_request(std::string(limits::kMirrorRequestBytesMax + 1, 'x'));
  client_.MustRecord(outcome);
  const MirrorItem item = client_.MustGetItem(name_);
  ASSERT_EQ(item.exchanges_size(), static_cast<int>(limits::kMirrorExchangesMax));
  EXPECT_EQ(item.exchanges(0).request(), "lần 2");
  EXPECT_EQ(item.exchanges(3).request().size(), limits::kMirrorRequestBytesMax);
  EXPECT_TRUE(item.exchanges(3).request_cut());
}

TEST_F(MirrorOutcomesTest, AreRecordedAllOrNone) {
  const std::string second = fixture_.MustCreate({AcceptedEvent()}).name();
  const std::vector<v1::MirrorDelivery> deliveries = client_.MustListAll();
  const MirrorOutcome good = MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::RESULT_DONE);
  const auto refuses = [&](const std::string& field, MirrorOutcome bad) {
    const std::string before = fixture_.StoredBytes();
    const auto status = client_.Record({good, std::move(bad)}).status();
    EXPECT_EQ(ErrorField(status), "outcomes[1]." + field) << status;
    EXPECT_TRUE(fixture_.StoredBytes() == before);
  };
  const MirrorOutcome fine = MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::RESULT_DONE);
  MirrorOutcome bad = fine;
  bad.set_dossier("dossiers/KHONG-CO");
  refuses("dossier", bad);
  bad = fine;
  bad.set_revision(deliveries[1].dossier().revision() + 1);
  refuses("revision", bad);
  bad = fine;
  bad.add_confirmed_steps(deliveries[0].dossier().revision());
  refuses("confirmed_steps", bad);
  bad = fine;
  bad.clear_result();
  refuses("result", bad);
  EXPECT_TRUE(client_.Record({good, fine}).ok());
}

TEST_F(MirrorOutcomesTest, ASkipWinsOverAnOutcomeThatArrivesLater) {
  const v1::MirrorDelivery delivery = Delivery();
  ValueOrDie(client_.Skip(name_, "đã báo bằng văn bản"));
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_REFUSED)),
            MirrorItem::STATE_SKIPPED);
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_UNFINISHED)),
            MirrorItem::STATE_SKIPPED);
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE)),
            MirrorItem::STATE_CONFIRMED);
  EXPECT_EQ(client_.MustGetItem(name_).decision_reason(), "đã báo bằng văn bản");
}

TEST_F(MirrorOutcomesTest, SkippedStepsStaySkippedUntilARetry) {
  const int64_t revision = Delivery().dossier().revision();
  EXPECT_EQ(ValueOrDie(client_.Skip(name_, "đã báo bằng văn bản")).skipped_revision(), revision);
  fixture_.MustAppend(name_, testing::SampleEvent(v1::Event::kForwarded));
  EXPECT_EQ(Delivery().item().skipped_revision(), revision);
  EXPECT_EQ(Delivery().item().state(), MirrorItem::STATE_PENDING);
  client_.MustRetry({name_});
  EXPECT_EQ(Delivery().item().skipped_revision(), 0);
}

TEST_F(MirrorOutcomesTest, ResendingForgetsWhatWasConfirmed) {
  client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_DONE));
  EXPECT_EQ(client_.MustRetry({name_}).retried_count(), 1);
  EXPECT_EQ(Delivery().item().confirmed_steps_size(), 1) << "confirmed steps are not sent again";
  client_.MustRetry({name_}, /*resend=*/true);
  const MirrorItem item = Delivery().item();
  EXPECT_EQ(item.confirmed_revision(), 0);
  EXPECT_FALSE(item.known_to_target());
  EXPECT_TRUE(item.confirmed_steps().empty());
}

TEST_F(MirrorOutcomesTest, ANewProfileMakesItemsPendingThatTheOldOneCouldNotRender) {
  const std::string other = fixture_.MustCreate({AcceptedEvent()}).name();
  const std::vector<v1::MirrorDelivery> deliveries = client_.MustListAll();
  MirrorOutcome unmapped = MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::RESULT_REFUSED);
  unmapped.mutable_error()->set_reason("STATUS_UNMAPPED");
  const MirrorOutcome refused = MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::RESULT_REFUSED);
  ValueOrDie(client_.Record({unmapped, refused}));
  EXPECT_EQ(client_.MustListItems(MirrorItem::STATE_PARKED, 3, "STATUS_UNMAPPED"), std::vector<std::string>({name_}));
  ASSERT_TRUE(client_.Release().ok());
  ValueOrDie(client_.Acquire("sync-1", "", "hồ sơ 2"));
  // Requeueing runs in the background.
  while (client_.Progress().pending_count() == 0) continue;
  EXPECT_EQ(client_.MustListItems(MirrorItem::STATE_PENDING), std::vector<std::string>({name_}));
  EXPECT_EQ(client_.MustListItems(MirrorItem::STATE_PARKED), std::vector<std::string>({other}));
}

// --- Decisions of people ---------------------------------------------------------------------------------------------

class MirrorDecisionsTest : public MirrorOutcomesTest {
 protected:
  // The decisions in the log, oldest first.
  std::vector<v1::MirrorDecision> Decisions() {
    std::vector<v1::MirrorDecision> decisions;
    const absl::Status status = fixture_.store().Read().ScanLog(1, [&](int64_t, const storage::v1::LogRecord& record) {
      if (record.has_mirror_decision()) decisions.push_back(record.mirror_decision());
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return decisions;
  }
  void Park() { client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_REFUSED)); }
};

TEST_F(MirrorDecisionsTest, AreRecordsOfTheLog) {
  Park();
  const int64_t before = fixture_.head_revision();
  ValueOrDie(client_.Pause("bảo trì"));
  ValueOrDie(client_.Resume());
  client_.MustRetry({name_}, /*resend=*/true);
  ValueOrDie(client_.Skip(name_, "đã báo bằng văn bản"));
  ValueOrDie(client_.Retire("thôi dùng"));
  EXPECT_EQ(fixture_.head_revision(), before + 5) << "each has a revision";
  const std::vector<v1::MirrorDecision> decisions = Decisions();
  ASSERT_EQ(decisions.size(), 5u);
  const v1::MirrorDecision::Kind kinds[] = {v1::MirrorDecision::KIND_PAUSE, v1::MirrorDecision::KIND_RESUME,
                                            v1::MirrorDecision::KIND_RETRY, v1::MirrorDecision::KIND_SKIP,
                                            v1::MirrorDecision::KIND_RETIRE};
  for (size_t i = 0; i < decisions.size(); ++i) {
    EXPECT_EQ(decisions[i].kind(), kinds[i]) << i;
    EXPECT_EQ(decisions[i].target(), "mirrorTargets/dvcqg");
    EXPECT_FALSE(decisions[i].actor().empty());
  }
  EXPECT_EQ(decisions[0].reason(), "bảo trì");
  EXPECT_EQ(decisions[2].retried_count(), 1);
  EXPECT_EQ(decisions[2].parked_count(), 0);
  EXPECT_TRUE(decisions[2].resend_record());
  EXPECT_TRUE(decisions[2].resend_steps());
  ASSERT_EQ(decisions[2].items_size(), 1);
  EXPECT_EQ(decisions[2].items(0), client_.ItemName(name_));
  ASSERT_EQ(decisions[3].items_size(), 1);
  EXPECT_EQ(decisions[3].items(0), client_.ItemName(name_));
}

TEST_F(MirrorDecisionsTest, AreInTheChangeFeed) {
  ValueOrDie(client_.Pause("bảo trì"));
  v1::ListChangesRequest request;
  request.set_start_revision(fixture_.head_revision());
  const auto changes = ValueOrDie(fixture_.Call<v1::ListChangesResponse>(request));
  ASSERT_EQ(changes.changes_size(), 1);
  EXPECT_EQ(changes.changes(0).mirror_decision().reason(), "bảo trì");
}

TEST_F(MirrorDecisionsTest, ARepeatedRequestIdTakesEffectOnce) {
  Park();
  const v1::RetryMirrorItemsResponse first = ValueOrDie(client_.Retry({}, false, "gui-lai-1"));
  EXPECT_EQ(first.retried_count(), 1);
  EXPECT_EQ(first.parked_count(), 0);
  Park();
  const std::string before = fixture_.StoredBytes();
  const v1::RetryMirrorItemsResponse again = ValueOrDie(client_.Retry({}, false, "gui-lai-1"));
  EXPECT_EQ(again.DebugString(), first.DebugString()) << "answered from the record of the first";
  EXPECT_TRUE(fixture_.StoredBytes() == before);
  EXPECT_EQ(client_.MustGetItem(name_).state(), MirrorItem::STATE_PARKED);
  EXPECT_EQ(ErrorReason(client_.Retry({name_}, false, "gui-lai-1").status()), "REQUEST_ID_REUSED");

  ValueOrDie(client_.Skip(name_, "không cần", "bo-qua-1"));
  client_.MustRetry({name_});
  EXPECT_EQ(ValueOrDie(client_.Skip(name_, "không cần", "bo-qua-1")).state(), MirrorItem::STATE_PENDING);
  ValueOrDie(client_.Pause("bảo trì", "tam-dung-1"));
  ValueOrDie(client_.Resume());
  EXPECT_FALSE(ValueOrDie(client_.Pause("bảo trì", "tam-dung-1")).paused()) << "answered from the present state";
  fixture_.Restart();
  client_.WaitUntilCounted();
  EXPECT_EQ(ValueOrDie(client_.Retry({}, false, "gui-lai-1")).retried_count(), 1) << "remembered over a restart";
}

TEST_F(MirrorDecisionsTest, NameItemsByUidCodeOrAliasOfTheSameTarget) {
  MirrorTargetClient other(&fixture_, "igate");
  ValueOrDie(other.Acquire());
  const std::string code = fixture_.MustGet(name_).code();
  EXPECT_EQ(client_.MustGetItem(code).name(), client_.ItemName(name_));
  EXPECT_EQ(client_.MustRetry({code, name_}).retried_count(), 1) << "the same item named twice";
  v1::RetryMirrorItemsRequest request;
  request.set_parent(client_.name());
  request.add_names(client_.ItemName(name_));
  request.add_names(other.ItemName(name_));
  EXPECT_EQ(ErrorField(fixture_.Status(request)), "names[1]");
  request.clear_names();
  request.set_resend_record(true);
  EXPECT_EQ(ErrorField(fixture_.Status(request)), "resend_record");
  EXPECT_EQ(ErrorReason(client_.Retry({"dossiers/KHONG-CO"}).status()), "DOSSIER_NOT_FOUND");
  EXPECT_EQ(ErrorField(client_.Retry({"dossiers/KHONG-CO"}).status()), "names[0]");
  const absl::Status nothing = [&] {
    client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::RESULT_DONE));
    return client_.Skip(name_).status();
  }();
  EXPECT_EQ(ErrorReason(nothing), "MIRROR_NOTHING_TO_SKIP");
  EXPECT_EQ(ErrorMetadata(nothing, "state"), "STATE_CONFIRMED");
}

// --- Lists of targets and items --------------------------------------------------------------------------------------

TEST(MirrorLists, TargetsComeByNameInPages) {
  ServiceFixture fixture;
  for (const char* const id : {"c", "a", "d", "b"}) ValueOrDie(MirrorTargetClient(&fixture, id).Acquire());
  ValueOrDie(MirrorTargetClient(&fixture, "b").Retire());
  v1::ListMirrorTargetsRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = ValueOrDie(fixture.Call<v1::ListMirrorTargetsResponse>(request));
    EXPECT_EQ(page.total_size(), 3);
    EXPECT_LE(page.targets_size(), 2);
    for (const v1::MirrorTarget& target : page.targets()) names.push_back(target.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names, std::vector<std::string>({"mirrorTargets/a", "mirrorTargets/c", "mirrorTargets/d"}));
  request.set_show_retired(true);
  request.set_page_size(0);
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::ListMirrorTargetsResponse>(request)).targets_size(), 4);
}

TEST(MirrorLists, ItemsOfAllTargetsComeByTargetAndDossier) {
  ServiceFixture fixture;
  MirrorTargetClient first(&fixture, "a");
  MirrorTargetClient second(&fixture, "b");
  MirrorTargetClient retired(&fixture, "c");
  for (MirrorTargetClient* client : {&first, &second, &retired}) ValueOrDie(client->Acquire());
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) names.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  ValueOrDie(retired.Retire());
  v1::ListMirrorItemsRequest request;
  request.set_parent("mirrorTargets/-");
  request.set_state(MirrorItem::STATE_PENDING);
  std::vector<std::string> expected;
  for (MirrorTargetClient* client : {&first, &second}) {
    for (const std::string& name : names) expected.push_back(client->ItemName(name));
  }
  for (const int page_size : {1, 3, 5, 10}) {
    request.set_page_size(page_size);
    std::vector<std::string> listed;
    do {
      const auto page = ValueOrDie(fixture.Call<v1::ListMirrorItemsResponse>(request));
      EXPECT_EQ(page.total_size(), 10);
      EXPECT_LE(page.items_size(), page_size);
      for (const MirrorItem& item : page.items()) listed.push_back(item.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(listed, expected) << page_size;
  }
}

TEST(MirrorLists, ItemsOfOneDossierCarryTheirExchanges) {
  ServiceFixture fixture;
  MirrorTargetClient first(&fixture, "a");
  MirrorTargetClient second(&fixture, "b");
  for (MirrorTargetClient* client : {&first, &second}) ValueOrDie(client->Acquire());
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  MirrorOutcome refused = MirrorTargetClient::Outcome(first.MustListAll().at(0), MirrorOutcome::RESULT_REFUSED);
  *refused.add_exchanges() = Exchange("một");
  first.MustRecord(refused);
  v1::ListMirrorItemsRequest request;
  request.set_parent("mirrorTargets/-");
  request.set_dossier(absl::StrCat("dossiers/", dossier.code()));
  const auto all = ValueOrDie(fixture.Call<v1::ListMirrorItemsResponse>(request));
  ASSERT_EQ(all.items_size(), 2);
  EXPECT_EQ(all.total_size(), 2);
  EXPECT_EQ(all.items(0).state(), MirrorItem::STATE_PARKED);
  EXPECT_EQ(all.items(0).exchanges_size(), 1);
  EXPECT_EQ(all.items(1).state(), MirrorItem::STATE_PENDING);
  EXPECT_EQ(all.items(0).dossier(), dossier.name());
  ValueOrDie(second.Retire());
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::ListMirrorItemsResponse>(request)).items_size(), 1);
  EXPECT_TRUE(second.GetItem(dossier.name()).ok()) << "a retired target keeps its items";
  request.set_state(MirrorItem::STATE_PARKED);
  EXPECT_EQ(ErrorField(fixture.Status(request)), "state");
  request.clear_state();
  request.set_error_reason("REFUSED");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "error_reason");
  request.clear_error_reason();
  request.clear_dossier();
  request.set_view(v1::MIRROR_EXCHANGE_VIEW_RAW);
  EXPECT_EQ(ErrorField(fixture.Status(request)), "view");
}

// --- Compaction ------------------------------------------------------------------------------------------------------

TEST(MirrorCompaction, IsRefusedBeyondWhatATargetHasSettled) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  const auto compact = [&](int64_t revision) {
    v1::CompactChangesRequest request;
    request.set_revision(revision);
    return fixture.Status(request);
  };
  const int64_t settled = fixture.head_revision();
  fixture.MustCreate({AcceptedEvent()});
  EXPECT_TRUE(compact(settled + 1).ok()) << "keeps everything that is not settled";
  const absl::Status refused = compact(settled + 2);
  EXPECT_EQ(ErrorReason(refused), "MIRROR_BEHIND");
  EXPECT_EQ(ErrorMetadata(refused, "target"), "dvcqg");
  EXPECT_EQ(ErrorMetadata(refused, "position"), absl::StrCat(settled));
  EXPECT_EQ(client.Progress().compaction_margin(), limits::kMirrorHoldRevisionsMax - 1);
  // A parked item is settled, and a retired target holds back nothing.
  const v1::MirrorDelivery delivery = client.MustListAll().at(0);
  client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_REFUSED));
  EXPECT_TRUE(compact(settled + 2).ok());
  fixture.MustCreate({AcceptedEvent()});
  EXPECT_EQ(ErrorReason(compact(settled + 3)), "MIRROR_BEHIND");
  ValueOrDie(client.Retire());
  EXPECT_TRUE(compact(settled + 3).ok());
  ValueOrDie(client.Resume("đã xong"));
  EXPECT_EQ(client.MustListAll().size(), 1u) << "deliveries do not need the feed";
}

TEST(MirrorCompaction, IsHeldBackUpToTheBoundOnly) {
  MirrorIndex::Target target{.id = "dvcqg", .record = {}, .condition = {}};
  target.position = 100;
  const int64_t bound = 100 + limits::kMirrorHoldRevisionsMax;
  EXPECT_EQ(ErrorReason(CheckCompaction({target}, 102, bound)), "MIRROR_BEHIND");
  EXPECT_TRUE(CheckCompaction({target}, 101, bound).ok());
  EXPECT_TRUE(CheckCompaction({target}, 102, bound + 1).ok());
}

// --- Writes and progress ---------------------------------------------------------------------------------------------

TEST(Mirror, WritesNothingWithAnEvent) {
  ServiceFixture with;
  ServiceFixture without;
  MirrorTargetClient client(&with, "dvcqg");
  ValueOrDie(client.Acquire());
  for (ServiceFixture* fixture : {&with, &without}) {
    const std::string name = fixture->MustCreate({AcceptedEvent()}).name();
    for (int i = 0; i < 20; ++i) fixture->MustAppend(name, SampleEvent(v1::Event::kNoted));
  }
  const auto keys = [](ServiceFixture& fixture) {
    int count = 0;
    const auto snapshot = fixture.store().engine().TakeSnapshot();
    const auto scanned = snapshot->Scan("", "", {}, [&](absl::string_view, absl::string_view) {
      ++count;
      return true;
    });
    return scanned.ok() ? count : -1;
  };
  EXPECT_EQ(keys(with), keys(without) + 1) << "the target itself";
}

TEST(Mirror, AFailedWriteLeavesNoTraceInMemoryEither) {
  testing::FaultyEngine* engine = nullptr;
  ServiceFixture fixture({.wrap = [&](std::unique_ptr<storage::Engine> inner) {
    auto faulty = std::make_unique<testing::FaultyEngine>(std::move(inner));
    engine = faulty.get();
    return faulty;
  }});
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  fixture.MustCreate({AcceptedEvent()});
  const v1::MirrorDelivery delivery = client.MustListAll().at(0);
  engine->FailAllCommits(absl::UnavailableError("the disk is full"));
  EXPECT_FALSE(client.Record({MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE)}).ok());
  EXPECT_EQ(client.Progress().pending_count(), 1);
  EXPECT_EQ(client.Progress().confirmed_count(), 0);
  engine->FailAllCommits(absl::OkStatus());
  EXPECT_EQ(client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::RESULT_DONE)),
            MirrorItem::STATE_CONFIRMED);
}

TEST(Mirror, AWriteThatFailedAfterReachingTheDiskTakesEffectWhenRepeated) {
  testing::FaultyEngine* engine = nullptr;
  ServiceFixture fixture({.wrap = [&](std::unique_ptr<storage::Engine> inner) {
    auto faulty = std::make_unique<testing::FaultyEngine>(std::move(inner));
    engine = faulty.get();
    return faulty;
  }});
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  fixture.MustCreate({AcceptedEvent()});
  const MirrorOutcome done = MirrorTargetClient::Outcome(client.MustListAll().at(0), MirrorOutcome::RESULT_DONE);
  engine->ScriptCommit(testing::FaultyEngine::When::kAfter, absl::UnavailableError("no answer from the disk"));
  EXPECT_FALSE(client.Record({done}).ok());
  EXPECT_EQ(client.Progress().confirmed_count(), 0);
  EXPECT_EQ(client.MustRecord(done), MirrorItem::STATE_CONFIRMED);
  EXPECT_EQ(client.Progress().confirmed_count(), 1);
  EXPECT_EQ(client.Progress().lag_event_count(), 0);
}

TEST(Mirror, ReportsTheAgeOfTheOldestUnsettledEvent) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  EXPECT_FALSE(client.Progress().has_confirmed_share()) << "the target takes no dossier yet";
  fixture.MustCreate({AcceptedEvent()});
  fixture.clock().Advance(absl::Minutes(10));
  fixture.MustCreate({AcceptedEvent()});
  fixture.clock().Advance(absl::Minutes(5));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 15 * 60);
  const std::vector<v1::MirrorDelivery> deliveries = client.MustListAll();
  // The later one first: the oldest is still pending.
  client.MustRecord(MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::RESULT_DONE));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 15 * 60);
  EXPECT_EQ(client.Progress().lag_event_count(), 2);
  client.MustRecord(MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::RESULT_REFUSED));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 0);
  EXPECT_DOUBLE_EQ(client.Progress().confirmed_share(), 0.5);
}

TEST(Mirror, RefusesMalformedNamesUnknownTargetsAndTooManyTargets) {
  ServiceFixture fixture;
  for (const std::string id : {"", "-", "Cổng", "UPPER", "with space", "a/b"}) {
    EXPECT_EQ(ErrorField(MirrorTargetClient(&fixture, id).Acquire().status()), "name") << id;
  }
  EXPECT_EQ(ErrorReason(MirrorTargetClient(&fixture, "chua-co").TryGet().status()), "MIRROR_TARGET_NOT_FOUND");
  for (size_t i = 0; i < limits::kMirrorTargetsMax; ++i) {
    ValueOrDie(MirrorTargetClient(&fixture, absl::StrCat("t", i)).Acquire());
  }
  EXPECT_EQ(ErrorReason(MirrorTargetClient(&fixture, "mot-nua").Acquire().status()), "MIRROR_TOO_MANY_TARGETS");
}

}  // namespace
}  // namespace tthc::server
