#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/service/mirror_index.h"
#include "storage/base/errors.h"
#include "tests/testing/calendars.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/random_centre.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// Where every dossier stands with every target, whatever happened and in whatever order: against a plain model, with
// everything at once, over restarts.
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

// --- Everything at once ----------------------------------------------------------------------------------------------

// The states of dossiers as a start would count them, by name.
std::map<std::string, std::string> StatesOnDisk(ServiceFixture& fixture, MirrorTargetClient& client,
                                                const std::vector<std::string>& names) {
  std::map<std::string, std::string> states;
  for (const std::string& name : names) states[name] = MirrorItem::State_Name(client.MustGetItem(name).state());
  EXPECT_EQ(fixture.head_revision(), client.Progress().head_revision());
  return states;
}

std::map<std::string, std::string> StatesInMemory(MirrorTargetClient& client, const std::vector<std::string>& names) {
  std::map<std::string, std::string> states;
  for (const std::string& name : names) states[name] = "CONFIRMED";
  for (const auto state : {MirrorItem::PENDING, MirrorItem::PARKED, MirrorItem::SKIPPED, MirrorItem::NOT_OWED}) {
    for (const std::string& name : client.MustListItems(state, 50)) states[name] = MirrorItem::State_Name(state);
  }
  return states;
}

TEST(Mirror, StaysTrueWhileEverythingHappensAtOnce) {
  const uint64_t seed = testing::TestSeed();
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  for (uint64_t round = 0; round < 6; ++round) {
    std::vector<std::thread> threads;
    for (uint64_t clerk = 0; clerk < 2; ++clerk) {
      threads.emplace_back([&, random = std::mt19937_64(seed + 10 * round + clerk)]() mutable {
        for (int i = 0; i < 60; ++i) fixture.MustAppend(names[random() % names.size()], SampleEvent(v1::Event::kNoted));
      });
    }
    threads.emplace_back([&, random = std::mt19937_64(seed + 10 * round + 2)]() mutable {
      for (int i = 0; i < 40; ++i) {
        const auto page = client.List(static_cast<int64_t>(random() % 40), 8);
        if (!page.ok()) {
          // Just started; the clerks do not wait for it.
          ASSERT_EQ(ErrorReason(page.status()), "MIRROR_COUNTING");
          continue;
        }
        std::vector<v1::MirrorOutcome> outcomes;
        for (const v1::MirrorDelivery& delivery : page->deliveries()) {
          const auto result = random() % 4 == 0 ? MirrorOutcome::REFUSED : MirrorOutcome::DONE;
          outcomes.push_back(MirrorTargetClient::Outcome(delivery, result));
        }
        if (outcomes.empty()) continue;
        ASSERT_TRUE(client.Record(outcomes).ok());
      }
    });
    threads.emplace_back([&, random = std::mt19937_64(seed + 10 * round + 3)]() mutable {
      for (int i = 0; i < 20; ++i) {
        client.MustRetry({names[random() % names.size()]});
        // There may be nothing to skip.
        client.Skip(names[random() % names.size()]).IgnoreError();
        const v1::MirrorProgress progress = client.Progress();
        EXPECT_LE(progress.revision(), progress.head_revision());
      }
    });
    for (std::thread& thread : threads) thread.join();
    client.WaitUntilCounted();
    const auto states = StatesInMemory(client, names);
    ASSERT_EQ(states, StatesOnDisk(fixture, client, names)) << "seed " << seed << " round " << round;
    fixture.Restart();
    if (round % 2 == 0) continue;
    client.WaitUntilCounted();
    ASSERT_EQ(StatesInMemory(client, names), states) << "seed " << seed << " round " << round;
  }
}

// Commits while a target is being counted, whatever moment the counting saw: none is lost, none is counted twice.
TEST(MirrorIndex, TakesCommitsWhileItCounts) {
  std::mt19937_64 random(testing::TestSeed());
  for (int round = 0; round < 200; ++round) {
    storage::v1::MirrorTargetRecord record;
    record.set_number(1);
    record.set_first_dossier_number(static_cast<int64_t>(1 + random() % 4));
    storage::v1::HeadRecord head;
    MirrorIndex counted;
    counted.Start(head);
    counted.AddTarget("dvcqg", record);
    MirrorIndex known;
    known.Start(head);
    known.AddTarget("dvcqg", record);
    known.Finish(1, {});
    // How `known` stood after each commit: what a counting that saw that moment comes to.
    std::vector<MirrorIndex::States> moments = {{}};
    std::map<int64_t, int64_t> revisions;
    for (int i = 0; i < 30; ++i) {
      CommitPipeline::Committed committed;
      storage::v1::MirrorItemRecord item;
      const auto number = static_cast<int64_t>(1 + random() % 8);
      // A decision, an event, or both: the event before the decision, or behind it.
      const bool decides = random() % 2 == 0 && revisions.contains(number);
      const bool event_first = random() % 2 == 0;
      if (decides && !event_first) item.set_state_revision(revisions[number]);
      if (!decides || random() % 4 == 0) {
        head.set_revision(head.revision() + 1);
        head.set_last_dossier_number(std::max(head.last_dossier_number(), number));
        revisions[number] = head.revision();
        committed.dossiers.emplace_back(number, head.revision());
      }
      if (decides && event_first) item.set_state_revision(revisions[number]);
      item.set_state(static_cast<int32_t>(1 + random() % 5));
      if (decides) committed.mirror_items.push_back({{1, number}, &item});
      committed.head = head;
      for (MirrorIndex* index : {&counted, &known}) index->OnCommitted(committed);
      const std::vector<MirrorIndex::States> now = known.ActiveStates();
      moments.push_back(now.at(0));
    }
    EXPECT_TRUE(counted.ActiveStates().empty()) << "not known yet";
    counted.Finish(1, moments[random() % moments.size()]);
    EXPECT_EQ(counted.ActiveStates(), known.ActiveStates());
    const MirrorIndex::Target a = *counted.Find("dvcqg");
    const MirrorIndex::Target b = *known.Find("dvcqg");
    EXPECT_EQ(a.counts.owed(), b.counts.owed());
    EXPECT_EQ(a.counts.pending, b.counts.pending);
    EXPECT_EQ(a.counts.not_owed, b.counts.not_owed);
  }
}

}  // namespace
}  // namespace tthc::server
