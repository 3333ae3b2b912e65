#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/service/mirror_commands.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/sample_events.h"

// What each target is owed, what it has confirmed, and who may say so.
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

TEST(MirrorLease, OneHolderAtATimeAndTheOneBeforeCanRecordNothing) {
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
  EXPECT_FALSE(taken.clean()) << "nobody knows what the one before has sent";
  EXPECT_EQ(taken.head_revision(), fixture.head_revision());
  const std::string before = fixture.StoredBytes();
  const v1::MirrorOutcome outcome = MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE);
  EXPECT_EQ(ErrorReason(first.Record({outcome}).status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.Renew().status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.Release().status()), "MIRROR_LEASE_LOST");
  EXPECT_EQ(ErrorReason(first.List().status()), "MIRROR_LEASE_LOST");
  EXPECT_TRUE(fixture.StoredBytes() == before);
  EXPECT_EQ(second.MustRecord(outcome), MirrorItem::CONFIRMED);
}

TEST(MirrorLease, AnExpiredOneGoesOnUnlessSomeoneElseTookIt) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  fixture.clock().Advance(absl::Minutes(5));
  const auto renewed = ValueOrDie(client.Renew());
  EXPECT_GT(FromProto(renewed.lease().expire_time()), fixture.clock().Now());
  fixture.Restart();
  EXPECT_TRUE(client.Renew().ok()) << "a lease outlives the server";
}

// The holder counts on a whole lease from the moment it asked: whoever acquires earlier would speak beside it.
TEST(MirrorLease, EveryRenewalLeavesAWholeLeaseAndFewAreWritten) {
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

TEST(MirrorLease, IsCleanOnlyAfterAReleaseThatSaysSo) {
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
  // What c did not get to is as unknown as before, however cleanly c ends; what came later is not.
  fixture.MustCreate({AcceptedEvent()});
  ASSERT_TRUE(client.Release().ok());
  const auto fourth = ValueOrDie(client.Acquire("d"));
  EXPECT_FALSE(fourth.clean());
  EXPECT_EQ(fourth.head_revision(), suspect);
  for (const v1::MirrorDelivery& delivery : client.MustListAll()) {
    client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE));
  }
  ASSERT_TRUE(client.Release().ok());
  EXPECT_TRUE(ValueOrDie(client.Acquire("e")).clean());
}

// --- What is delivered -----------------------------------------------------------------------------------------------

TEST(MirrorDeliveries, TellEveryEventThatStandsAndHowItStoodThen) {
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
  EXPECT_EQ(delivery.steps(0).state(), v1::Dossier::ACCEPTED);
  EXPECT_EQ(delivery.steps(1).state(), v1::Dossier::PROCESSING);
  EXPECT_EQ(delivery.steps(1).event().forwarded().to_unit(), testing::kJusticeUnit);
  EXPECT_EQ(delivery.steps(1).event().revision(), forward_revision);
  EXPECT_EQ(delivery.steps(1).unit(), testing::kJusticeUnit);
  EXPECT_EQ(delivery.steps(2).state(), v1::Dossier::PAUSED);
  EXPECT_NE(delivery.steps(2).pause_reason(), v1::PAUSE_REASON_UNSPECIFIED);
  EXPECT_EQ(delivery.steps(3).state(), v1::Dossier::PROCESSING);
  EXPECT_EQ(delivery.steps(3).pause_reason(), v1::PAUSE_REASON_UNSPECIFIED);
  EXPECT_EQ(delivery.steps(3).due_time().seconds(), now.due().due_time().seconds());
  EXPECT_NE(delivery.display_names().at(testing::kJusticeUnit), "");
  EXPECT_NE(delivery.display_names().at(testing::kOffice), "");
  EXPECT_EQ(delivery.item().state(), MirrorItem::PENDING);
  EXPECT_EQ(delivery.item().desired_revision(), now.revision());
}

TEST(MirrorDeliveries, ComeInPagesAndOnlyToWhoMayHaveThem) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  EXPECT_EQ(client.MustListAll(3).size(), 10u);
  EXPECT_EQ(ValueOrDie(client.List(7)).deliveries(0).number(), 8);
  ASSERT_TRUE(client.Update(v1::UpdateMirrorTargetRequest::PAUSE).ok());
  EXPECT_TRUE(ValueOrDie(client.List()).deliveries().empty());
  EXPECT_TRUE(ValueOrDie(client.Renew()).paused());
  EXPECT_EQ(ValueOrDie(client.List(0, 0, {names[4]})).deliveries(0).dossier().name(), names[4])
      << "looking is not sending";
  ASSERT_TRUE(client.Update(v1::UpdateMirrorTargetRequest::RESUME, "").ok());
  EXPECT_EQ(client.MustListAll().size(), 10u) << "nothing is lost by a pause";
  ASSERT_TRUE(client.Update(v1::UpdateMirrorTargetRequest::RETIRE).ok());
  EXPECT_TRUE(ValueOrDie(client.List()).deliveries().empty());
  EXPECT_EQ(ErrorField(client.Update(v1::UpdateMirrorTargetRequest::PAUSE, "").status()), "reason");
}

TEST(MirrorDeliveries, BeginWithTheDayThatTheTargetBeginsWith) {
  ServiceFixture fixture;
  std::vector<std::string> before;
  for (int i = 0; i < 3; ++i) before.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  fixture.clock().Advance(absl::Hours(24));
  const std::string later = fixture.MustCreate({AcceptedEvent()}).name();
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire("sync-1", FormatIsoDate(LocalCivilDay(fixture.clock().Now()))));
  EXPECT_EQ(client.MustListItems(MirrorItem::PENDING), std::vector<std::string>({later}));
  EXPECT_EQ(client.Progress().owed(), 1);
  // Events of those before do not count, and the position goes over them.
  const auto old = fixture.MustAppend(before[0], SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client.Progress().owed(), 1);
  fixture.Restart();
  client.WaitUntilCounted();
  EXPECT_EQ(client.Progress().owed(), 1);
  client.MustRecord(MirrorTargetClient::Outcome(client.MustListAll()[0], MirrorOutcome::DONE));
  EXPECT_EQ(client.Progress().lag_events(), 0);
  EXPECT_DOUBLE_EQ(client.Progress().confirmed_share(), 1.0);
  // Somebody wants one of them told all the same: from then on it is owed.
  client.MustRetry({old.name()});
  EXPECT_EQ(client.Progress().owed(), 2);
  client.MustRecord(MirrorTargetClient::Outcome(client.MustListAll()[0], MirrorOutcome::DONE));
  fixture.Restart();
  client.WaitUntilCounted();
  EXPECT_EQ(client.Progress().confirmed(), 2);
  fixture.MustAppend(old.name(), SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client.Progress().pending(), 1);
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

TEST_F(MirrorOutcomesTest, TheSameAgainChangesNothing) {
  MirrorOutcome refused = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::REFUSED);
  refused.set_counts_as_attempt(true);
  *refused.add_exchanges() = Exchange("một");
  *refused.add_exchanges() = Exchange("hai");
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::PARKED);
  // The next write keeps how far the position has come.
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::PARKED);
  const std::string before = fixture_.StoredBytes();
  fixture_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(client_.MustRecord(refused), MirrorItem::PARKED);
  EXPECT_TRUE(fixture_.StoredBytes() == before);
  const MirrorItem item = client_.MustGetItem(name_);
  EXPECT_EQ(item.attempts(), 1);
  EXPECT_EQ(item.exchanges_size(), 2);
}

TEST_F(MirrorOutcomesTest, TheSameSuccessAgainChangesNothing) {
  const MirrorOutcome done = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::DONE);
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::CONFIRMED);
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::CONFIRMED);
  const std::string before = fixture_.StoredBytes();
  fixture_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(client_.MustRecord(done), MirrorItem::CONFIRMED);
  EXPECT_TRUE(fixture_.StoredBytes() == before);
}

TEST_F(MirrorOutcomesTest, OfAnEarlierRevisionLeavesItPending) {
  const v1::MirrorDelivery delivery = Delivery();
  fixture_.MustAppend(name_, SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE)), MirrorItem::PENDING);
  const MirrorItem item = client_.MustGetItem(name_);
  EXPECT_EQ(item.confirmed_revision(), delivery.dossier().revision());
  EXPECT_EQ(item.confirmed_steps_size(), 1);
  EXPECT_EQ(client_.Progress().revision(), delivery.dossier().revision()) << "what was confirmed is behind us";
  EXPECT_EQ(client_.Progress().lag_events(), 1);
}

TEST_F(MirrorOutcomesTest, AParkedOneGoesByItselfOnceItIsCorrected) {
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::REFUSED)), MirrorItem::PARKED);
  EXPECT_TRUE(client_.MustListAll().empty());
  EXPECT_EQ(client_.Progress().lag_events(), 0) << "it holds up nobody";
  fixture_.MustAppend(name_, SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(client_.MustListAll().size(), 1u);
  EXPECT_EQ(client_.Progress().parked(), 0);
}

TEST_F(MirrorOutcomesTest, KeepNoMoreExchangesThanTheirBound) {
  MirrorOutcome outcome = MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::UNFINISHED);
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
  const MirrorOutcome good = MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::DONE);
  const auto refuses = [&](const std::string& field, MirrorOutcome bad) {
    const std::string before = fixture_.StoredBytes();
    const auto status = client_.Record({good, std::move(bad)}).status();
    EXPECT_EQ(ErrorField(status), "outcomes[1]." + field) << status;
    EXPECT_TRUE(fixture_.StoredBytes() == before);
  };
  const MirrorOutcome fine = MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::DONE);
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

TEST_F(MirrorOutcomesTest, ADecisionWinsOverAnOutcomeOnItsWay) {
  const v1::MirrorDelivery delivery = Delivery();
  ValueOrDie(client_.Skip(name_, "đã báo bằng văn bản"));
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::REFUSED)), MirrorItem::SKIPPED);
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::UNFINISHED)), MirrorItem::SKIPPED);
  EXPECT_EQ(client_.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE)), MirrorItem::CONFIRMED);
  EXPECT_EQ(client_.MustGetItem(name_).decision_reason(), "đã báo bằng văn bản");
}

TEST_F(MirrorOutcomesTest, WhatWasSkippedIsNotOwedUntilItIsAskedForAgain) {
  const int64_t revision = Delivery().dossier().revision();
  EXPECT_EQ(ValueOrDie(client_.Skip(name_, "đã báo bằng văn bản")).skipped_revision(), revision);
  fixture_.MustAppend(name_, testing::SampleEvent(v1::Event::kForwarded));
  EXPECT_EQ(Delivery().item().skipped_revision(), revision);
  EXPECT_EQ(Delivery().item().state(), MirrorItem::PENDING);
  client_.MustRetry({name_});
  EXPECT_EQ(Delivery().item().skipped_revision(), 0);
}

TEST_F(MirrorOutcomesTest, ForgettingHasEverythingToldAgain) {
  client_.MustRecord(MirrorTargetClient::Outcome(Delivery(), MirrorOutcome::DONE));
  EXPECT_EQ(client_.MustRetry({name_}).retried(), 1);
  EXPECT_EQ(Delivery().item().confirmed_steps_size(), 1) << "steps are told once";
  client_.MustRetry({name_}, /*forget=*/true);
  const MirrorItem item = Delivery().item();
  EXPECT_EQ(item.confirmed_revision(), 0);
  EXPECT_FALSE(item.known_to_target());
  EXPECT_TRUE(item.confirmed_steps().empty());
}

TEST_F(MirrorOutcomesTest, ANewProfileTakesUpWhatTheOldOneCouldNotSay) {
  const std::string other = fixture_.MustCreate({AcceptedEvent()}).name();
  const std::vector<v1::MirrorDelivery> deliveries = client_.MustListAll();
  MirrorOutcome unmapped = MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::REFUSED);
  unmapped.mutable_error()->set_reason("STATUS_UNMAPPED");
  const MirrorOutcome refused = MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::REFUSED);
  ValueOrDie(client_.Record({unmapped, refused}));
  EXPECT_EQ(client_.MustListItems(MirrorItem::PARKED, 3, "STATUS_UNMAPPED"), std::vector<std::string>({name_}));
  ASSERT_TRUE(client_.Release().ok());
  ValueOrDie(client_.Acquire("sync-1", "", "hồ sơ 2"));
  // Done on the side, portion by portion.
  while (client_.Progress().pending() == 0) continue;
  EXPECT_EQ(client_.MustListItems(MirrorItem::PENDING), std::vector<std::string>({name_}));
  EXPECT_EQ(client_.MustListItems(MirrorItem::PARKED), std::vector<std::string>({other}));
}

// --- Compaction ------------------------------------------------------------------------------------------------------

TEST(MirrorCompaction, WaitsForWhatATargetHasNotConfirmed) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  const auto compact = [&](int64_t revision) {
    v1::CompactChangesRequest request;
    request.set_revision(revision);
    return fixture.Call(&Service::CompactChanges, request).status();
  };
  const int64_t settled = fixture.head_revision();
  fixture.MustCreate({AcceptedEvent()});
  EXPECT_TRUE(compact(settled + 1).ok()) << "what it has not confirmed is there still";
  const absl::Status refused = compact(settled + 2);
  EXPECT_EQ(ErrorReason(refused), "MIRROR_BEHIND");
  EXPECT_EQ(ErrorMetadata(refused, "target"), "dvcqg");
  EXPECT_EQ(ErrorMetadata(refused, "position"), absl::StrCat(settled));
  EXPECT_EQ(client.Progress().compaction_margin(), limits::kMirrorHoldRevisionsMax - 1);
  // Parked is settled, and so is what nobody is told any more.
  const v1::MirrorDelivery delivery = client.MustListAll().at(0);
  client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::REFUSED));
  EXPECT_TRUE(compact(settled + 2).ok());
  fixture.MustCreate({AcceptedEvent()});
  EXPECT_EQ(ErrorReason(compact(settled + 3)), "MIRROR_BEHIND");
  ValueOrDie(client.Update(v1::UpdateMirrorTargetRequest::RETIRE));
  EXPECT_TRUE(compact(settled + 3).ok());
  ValueOrDie(client.Update(v1::UpdateMirrorTargetRequest::RESUME));
  EXPECT_EQ(client.MustListAll().size(), 1u) << "deliveries do not need the feed";
}

TEST(MirrorCompaction, WaitsNoLongerThanItsBound) {
  MirrorIndex::Target target{.id = "dvcqg", .record = {}, .condition = {}};
  target.position = 100;
  const int64_t bound = 100 + limits::kMirrorHoldRevisionsMax;
  EXPECT_EQ(ErrorReason(CheckCompaction({target}, 102, bound)), "MIRROR_BEHIND");
  EXPECT_TRUE(CheckCompaction({target}, 101, bound).ok());
  EXPECT_TRUE(CheckCompaction({target}, 102, bound + 1).ok());
}

// --- What it never does ----------------------------------------------------------------------------------------------

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
  EXPECT_FALSE(client.Record({MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE)}).ok());
  EXPECT_EQ(client.Progress().pending(), 1);
  EXPECT_EQ(client.Progress().confirmed(), 0);
  engine->FailAllCommits(absl::OkStatus());
  EXPECT_EQ(client.MustRecord(MirrorTargetClient::Outcome(delivery, MirrorOutcome::DONE)), MirrorItem::CONFIRMED);
}

TEST(Mirror, AWriteThatWasRefusedAndDoneIsFoundWhenItIsRepeated) {
  testing::FaultyEngine* engine = nullptr;
  ServiceFixture fixture({.wrap = [&](std::unique_ptr<storage::Engine> inner) {
    auto faulty = std::make_unique<testing::FaultyEngine>(std::move(inner));
    engine = faulty.get();
    return faulty;
  }});
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  fixture.MustCreate({AcceptedEvent()});
  const MirrorOutcome done = MirrorTargetClient::Outcome(client.MustListAll().at(0), MirrorOutcome::DONE);
  engine->ScriptCommit(testing::FaultyEngine::When::kAfter, absl::UnavailableError("no answer from the disk"));
  EXPECT_FALSE(client.Record({done}).ok());
  EXPECT_EQ(client.Progress().confirmed(), 0);
  EXPECT_EQ(client.MustRecord(done), MirrorItem::CONFIRMED);
  EXPECT_EQ(client.Progress().confirmed(), 1);
  EXPECT_EQ(client.Progress().lag_events(), 0);
}

TEST(Mirror, TellsHowLongTheOldestHasWaited) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  EXPECT_FALSE(client.Progress().has_confirmed_share()) << "nothing is owed";
  fixture.MustCreate({AcceptedEvent()});
  fixture.clock().Advance(absl::Minutes(10));
  fixture.MustCreate({AcceptedEvent()});
  fixture.clock().Advance(absl::Minutes(5));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 15 * 60);
  const std::vector<v1::MirrorDelivery> deliveries = client.MustListAll();
  // The later one first: the oldest still waits.
  client.MustRecord(MirrorTargetClient::Outcome(deliveries[1], MirrorOutcome::DONE));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 15 * 60);
  EXPECT_EQ(client.Progress().lag_events(), 2);
  client.MustRecord(MirrorTargetClient::Outcome(deliveries[0], MirrorOutcome::REFUSED));
  EXPECT_EQ(client.Progress().lag_time().seconds(), 0);
  EXPECT_DOUBLE_EQ(client.Progress().confirmed_share(), 0.5);
}

TEST(Mirror, KnowsItsTargetsByNameOnly) {
  ServiceFixture fixture;
  for (const std::string id : {"", "Cổng", "UPPER", "with space", "a/b"}) {
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
