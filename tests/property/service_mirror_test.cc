#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/service/mirror_commands.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/schema/keys.h"
#include "tests/testing/calendars.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/random_centre.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// What each target is owed, what it has confirmed, and who may say so.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::EngineKind;
using testing::MirrorTargetClient;
using testing::RandomCentre;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;
using v1::MirrorItem;
using v1::MirrorOutcome;

// --- Against a plain model -------------------------------------------------------------------------------------------

// What one target should think of every dossier: the last decision, and the dossier's revision that it was made of.
class MirrorModel {
 public:
  MirrorModel(RandomCentre* centre, const std::string& id) : centre_(*centre), client_(&centre->fixture(), id) {}

  MirrorTargetClient& client() { return client_; }

  void Decide(int64_t number, int64_t revision, MirrorItem::State state) { decisions_[number] = {revision, state}; }

  MirrorItem::State StateOf(int64_t number, int64_t revision) const {
    const auto found = decisions_.find(number);
    if (found == decisions_.end() || found->second.first < revision) return MirrorItem::PENDING;
    return found->second.second;
  }

  // Asks the service in every way there is.
  void ExpectServiceAgrees() {
    std::map<MirrorItem::State, std::vector<std::string>> expected;
    for (const auto& [number, dossier] : Dossiers()) {
      const MirrorItem::State state = StateOf(number, dossier.revision());
      expected[state].push_back(dossier.name());
      const MirrorItem item = client_.MustGetItem(dossier.name());
      ASSERT_EQ(MirrorItem::State_Name(item.state()), MirrorItem::State_Name(state)) << dossier.name();
      EXPECT_EQ(item.desired_revision(), dossier.revision());
      EXPECT_LE(item.confirmed_revision(), dossier.revision());
    }
    for (const auto state : {MirrorItem::PENDING, MirrorItem::PARKED, MirrorItem::SKIPPED, MirrorItem::NOT_OWED}) {
      EXPECT_EQ(client_.MustListItems(state), expected[state]) << MirrorItem::State_Name(state);
    }
    const v1::MirrorProgress progress = client_.Progress();
    EXPECT_EQ(progress.confirmed(), std::ssize(expected[MirrorItem::CONFIRMED]));
    EXPECT_EQ(progress.pending(), std::ssize(expected[MirrorItem::PENDING]));
    EXPECT_EQ(progress.parked(), std::ssize(expected[MirrorItem::PARKED]));
    EXPECT_EQ(progress.skipped(), std::ssize(expected[MirrorItem::SKIPPED]));
    EXPECT_EQ(progress.owed(), progress.confirmed() + progress.pending() + progress.parked() + progress.skipped());
    EXPECT_EQ(progress.has_confirmed_share(), progress.owed() > 0);
    EXPECT_EQ(progress.head_revision(), centre_.fixture().head_revision());
    EXPECT_EQ(progress.lag_events(), progress.head_revision() - progress.revision());
    ExpectPositionIsTrue(progress.revision());
    if (progress.pending() == 0) {
      EXPECT_EQ(progress.revision(), progress.head_revision());
    }
  }

  std::map<int64_t, v1::Dossier> Dossiers() {
    std::map<int64_t, v1::Dossier> dossiers;
    for (v1::Dossier& dossier : centre_.AllDossiers()) {
      const int64_t number = NumberOf(dossier.name());
      dossiers[number] = std::move(dossier);
    }
    return dossiers;
  }
  int64_t NumberOf(const std::string& name) {
    return **centre_.fixture().store().Read().FindCode(name.substr(std::string("dossiers/").size()));
  }

 private:
  // Nothing that is pending lies at or below the position, unless a key of attention says so.
  void ExpectPositionIsTrue(int64_t position) {
    const storage::StoreReader reader = centre_.fixture().store().Read();
    const uint32_t target = (*reader.GetMirrorTarget(client_.name().substr(std::string("mirrorTargets/").size())))
                                ->number();
    std::set<int64_t> attention;
    ASSERT_TRUE(reader
                    .ScanMirrorAttention(target, 0,
                                         [&](int64_t number, const storage::v1::MirrorItemRecord&) {
                                           attention.insert(number);
                                           return true;
                                         })
                    .ok());
    for (const auto& [number, dossier] : Dossiers()) {
      if (StateOf(number, dossier.revision()) != MirrorItem::PENDING || attention.contains(number)) continue;
      const auto item = *reader.GetMirrorItem(target, number);
      const int64_t confirmed = item.has_value() ? item->confirmed_revision() : 0;
      for (const v1::Event& event : centre_.fixture().MustListEvents(dossier.name())) {
        EXPECT_TRUE(event.revision() <= confirmed || event.revision() > position) << dossier.name();
      }
    }
  }

  RandomCentre& centre_;
  MirrorTargetClient client_;
  std::map<int64_t, std::pair<int64_t, MirrorItem::State>> decisions_;
};

class MirrorModelTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  // Sends some of what is pending; between the asking and the recording other things happen.
  void Deliver(MirrorModel& model) {
    const auto page = ValueOrDie(model.client().List(0, static_cast<int32_t>(random().Number(1, 6))));
    if (random().Chance(40)) centre_->Run(static_cast<int>(random().Number(1, 4)));
    std::vector<v1::MirrorOutcome> outcomes;
    std::vector<int64_t> numbers;
    for (const v1::MirrorDelivery& delivery : page.deliveries()) {
      static constexpr MirrorOutcome::Result kResults[] = {MirrorOutcome::DONE, MirrorOutcome::DONE,
                                                           MirrorOutcome::DONE, MirrorOutcome::UNFINISHED,
                                                           MirrorOutcome::REFUSED, MirrorOutcome::NOT_OWED};
      outcomes.push_back(MirrorTargetClient::Outcome(delivery, kResults[random().Number(0, 5)]));
      numbers.push_back(delivery.number());
    }
    if (outcomes.empty()) return;
    std::map<int64_t, v1::Dossier> dossiers = model.Dossiers();
    for (int times = random().Chance(20) ? 2 : 1; times > 0; --times) {
      const auto recorded = ValueOrDie(model.client().Record(outcomes));
      for (size_t i = 0; i < outcomes.size(); ++i) {
        const int64_t revision = dossiers[numbers[i]].revision();
        if (outcomes[i].revision() == revision) {
          if (outcomes[i].result() == MirrorOutcome::DONE) model.Decide(numbers[i], revision, MirrorItem::CONFIRMED);
          if (outcomes[i].result() == MirrorOutcome::REFUSED) model.Decide(numbers[i], revision, MirrorItem::PARKED);
          if (outcomes[i].result() == MirrorOutcome::NOT_OWED) model.Decide(numbers[i], revision, MirrorItem::NOT_OWED);
        }
        EXPECT_EQ(recorded.states(static_cast<int>(i)), model.StateOf(numbers[i], revision));
      }
    }
  }

  void RetrySome(MirrorModel& model) {
    std::vector<std::string> names;
    for (const auto& [number, dossier] : model.Dossiers()) {
      if (!random().Chance(10)) continue;
      names.push_back(dossier.name());
      model.Decide(number, dossier.revision(), MirrorItem::PENDING);
    }
    if (!names.empty()) model.client().MustRetry(names, random().Chance(30));
  }

  void RetryParked(MirrorModel& model) {
    int64_t parked = 0;
    for (const auto& [number, dossier] : model.Dossiers()) {
      if (model.StateOf(number, dossier.revision()) != MirrorItem::PARKED) continue;
      ++parked;
      model.Decide(number, dossier.revision(), MirrorItem::PENDING);
    }
    const v1::RetryMirrorItemsResponse response = model.client().MustRetry({});
    EXPECT_EQ(response.retried(), parked);
    EXPECT_EQ(response.parked(), 0);
  }

  void SkipSome(MirrorModel& model) {
    for (const auto& [number, dossier] : model.Dossiers()) {
      if (!random().Chance(6)) continue;
      const MirrorItem::State state = model.StateOf(number, dossier.revision());
      const auto skipped = model.client().Skip(dossier.name());
      const bool possible = state == MirrorItem::PENDING || state == MirrorItem::PARKED;
      EXPECT_EQ(skipped.ok(), possible) << skipped.status();
      if (possible) {
        model.Decide(number, dossier.revision(), MirrorItem::SKIPPED);
      } else {
        EXPECT_EQ(ErrorReason(skipped.status()), "MIRROR_NOTHING_TO_SKIP");
      }
    }
  }

  void Restart() {
    centre_->fixture().Restart();
    for (MirrorModel* model : {city_.get(), nation_.get()}) {
      model->client().WaitUntilCounted();
    }
  }

  void Start(uint64_t seed) {
    nation_.reset();
    city_.reset();
    centre_ = std::make_unique<RandomCentre>(seed, testing::ServiceFixtureOptions{.engine = GetParam()}, 12);
    city_ = std::make_unique<MirrorModel>(centre_.get(), "thanh-pho");
    nation_ = std::make_unique<MirrorModel>(centre_.get(), "dvcqg");
    ValueOrDie(city_->client().Acquire());
    centre_->Run(20);
    // Comes later, and is owed what happened before as well.
    ValueOrDie(nation_->client().Acquire());
  }

  testing::RandomHistory& random() { return centre_->history(); }

  std::unique_ptr<RandomCentre> centre_;
  std::unique_ptr<MirrorModel> city_;
  std::unique_ptr<MirrorModel> nation_;
};

TEST_P(MirrorModelTest, EveryDossierIsWhereThePlainModelSays) {
  const uint64_t seed = testing::TestSeed();
  const uint64_t rounds = GetParam() == EngineKind::kMemory ? 4 : 1;
  for (uint64_t round = 0; round < rounds; ++round) {
    Start(seed + round);
    for (int i = 0; i < 250; ++i) {
      MirrorModel& model = random().Chance(50) ? *city_ : *nation_;
      const int64_t what = random().Number(1, 100);
      if (what <= 45) {
        centre_->Next();
      } else if (what <= 85) {
        Deliver(model);
      } else if (what <= 89) {
        RetrySome(model);
      } else if (what <= 92) {
        RetryParked(model);
      } else if (what <= 95) {
        SkipSome(model);
      } else if (what <= 97) {
        ValueOrDie(model.client().Acquire());
      } else {
        Restart();
      }
      if (i % 25 == 0) {
        ASSERT_NO_FATAL_FAILURE(city_->ExpectServiceAgrees()) << "seed " << seed + round << " step " << i;
        ASSERT_NO_FATAL_FAILURE(nation_->ExpectServiceAgrees()) << "seed " << seed + round << " step " << i;
        ASSERT_FALSE(HasFailure()) << "seed " << seed + round << " step " << i;
      }
    }
    // The same before and after a start, to the dossier.
    for (int times = 0; times < 2; ++times) {
      ASSERT_NO_FATAL_FAILURE(city_->ExpectServiceAgrees());
      ASSERT_NO_FATAL_FAILURE(nation_->ExpectServiceAgrees());
      Restart();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, MirrorModelTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

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

  fixture.clock().Advance(limits::kMirrorLeaseDefault + absl::Seconds(1));
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

TEST(MirrorLease, RenewalsWriteOnlyWhenAThirdIsGone) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  const std::string before = fixture.StoredBytes();
  fixture.clock().Advance(absl::Seconds(6));
  ValueOrDie(client.Renew());
  EXPECT_TRUE(fixture.StoredBytes() == before);
  fixture.clock().Advance(absl::Seconds(2));
  const auto renewed = ValueOrDie(client.Renew());
  EXPECT_TRUE(fixture.StoredBytes() != before);
  EXPECT_EQ(FromProto(renewed.lease().expire_time()), fixture.clock().Now() + limits::kMirrorLeaseDefault);
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
