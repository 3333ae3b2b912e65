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
#include "server/mirror/mirror_index.h"
#include "storage/base/errors.h"
#include "tests/testing/calendars.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/random_center.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// The state of every dossier at every target after random operations in random order: against a plain model, under
// concurrency, and over restarts.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::EngineKind;
using testing::MirrorTargetClient;
using testing::RandomCenter;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;
using v1::MirrorItem;
using v1::MirrorOutcome;

// --- Against a plain model -------------------------------------------------------------------------------------------

// The expected state of every dossier at one target: the last outcome or decision, and the revision that it was about.
class MirrorModel {
 public:
  MirrorModel(RandomCenter* center, const std::string& id) : center_(*center), client_(&center->fixture(), id) {}

  MirrorTargetClient& client() { return client_; }

  void Decide(int64_t number, int64_t revision, MirrorItem::State state) { decisions_[number] = {revision, state}; }

  MirrorItem::State StateOf(int64_t number, int64_t revision) const {
    const auto found = decisions_.find(number);
    if (found == decisions_.end() || found->second.first < revision) return MirrorItem::STATE_PENDING;
    return found->second.second;
  }

  // Compares with everything that the service answers about the target.
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
    for (const auto state :
         {MirrorItem::STATE_PENDING, MirrorItem::STATE_PARKED, MirrorItem::STATE_SKIPPED, MirrorItem::STATE_EXCLUDED}) {
      EXPECT_EQ(client_.MustListItems(state), expected[state]) << MirrorItem::State_Name(state);
    }
    const v1::MirrorProgress progress = client_.Progress();
    EXPECT_EQ(progress.confirmed_count(), std::ssize(expected[MirrorItem::STATE_CONFIRMED]));
    EXPECT_EQ(progress.pending_count(), std::ssize(expected[MirrorItem::STATE_PENDING]));
    EXPECT_EQ(progress.parked_count(), std::ssize(expected[MirrorItem::STATE_PARKED]));
    EXPECT_EQ(progress.skipped_count(), std::ssize(expected[MirrorItem::STATE_SKIPPED]));
    EXPECT_EQ(progress.total_count(), progress.confirmed_count() + progress.pending_count() + progress.parked_count() +
                                          progress.skipped_count());
    EXPECT_EQ(progress.has_confirmed_share(), progress.total_count() > 0);
    EXPECT_EQ(progress.head_revision(), center_.fixture().head_revision());
    EXPECT_EQ(progress.lag_event_count(), progress.head_revision() - progress.revision());
    ExpectPositionIsTrue(progress.revision());
    if (progress.pending_count() == 0) {
      EXPECT_EQ(progress.revision(), progress.head_revision());
    }
  }

  std::map<int64_t, v1::Dossier> Dossiers() {
    std::map<int64_t, v1::Dossier> dossiers;
    for (v1::Dossier& dossier : center_.AllDossiers()) {
      const int64_t number = NumberOf(dossier.name());
      dossiers[number] = std::move(dossier);
    }
    return dossiers;
  }
  int64_t NumberOf(const std::string& name) {
    return **center_.fixture().store().Read().FindCode(name.substr(std::string("dossiers/").size()));
  }

 private:
  // No pending dossier has an unconfirmed event up to the position, unless it has an attention key.
  void ExpectPositionIsTrue(int64_t position) {
    const storage::StoreReader reader = center_.fixture().store().Read();
    const uint32_t target =
        (*reader.Get<storage::MirrorTargets>(client_.name().substr(std::string("mirrorTargets/").size())))->number();
    std::set<int64_t> attention;
    ASSERT_TRUE(reader
                    .ScanMirrorAttention(target, 0,
                                         [&](int64_t number, const storage::v1::MirrorItemRecord& record) {
                                           storage::v1::MirrorItemRecord lean;
                                           lean.set_state(record.state());
                                           lean.set_state_revision(record.state_revision());
                                           EXPECT_EQ(record.SerializeAsString(), lean.SerializeAsString());
                                           attention.insert(number);
                                           return true;
                                         })
                    .ok());
    for (const auto& [number, dossier] : Dossiers()) {
      if (StateOf(number, dossier.revision()) != MirrorItem::STATE_PENDING || attention.contains(number)) continue;
      const auto item = *reader.Get<storage::MirrorItems>({target, number});
      const int64_t confirmed = item.has_value() ? item->confirmed_revision() : 0;
      for (const v1::Event& event : center_.fixture().MustListEvents(dossier.name())) {
        EXPECT_TRUE(event.revision() <= confirmed || event.revision() > position) << dossier.name();
      }
    }
  }

  RandomCenter& center_;
  MirrorTargetClient client_;
  std::map<int64_t, std::pair<int64_t, MirrorItem::State>> decisions_;
};

class MirrorModelTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  // Delivers some pending dossiers. Other things may happen between listing and recording.
  void Deliver(MirrorModel& model) {
    const auto page = ValueOrDie(model.client().List(0, static_cast<int32_t>(random().Number(1, 6))));
    if (random().Chance(40)) center_->Run(static_cast<int>(random().Number(1, 4)));
    std::vector<v1::MirrorOutcome> outcomes;
    std::vector<int64_t> numbers;
    for (const v1::MirrorDelivery& delivery : page.deliveries()) {
      static constexpr MirrorOutcome::Result kResults[] = {
          MirrorOutcome::RESULT_DONE,       MirrorOutcome::RESULT_DONE,    MirrorOutcome::RESULT_DONE,
          MirrorOutcome::RESULT_UNFINISHED, MirrorOutcome::RESULT_REFUSED, MirrorOutcome::RESULT_EXCLUDED};
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
          if (outcomes[i].result() == MirrorOutcome::RESULT_DONE)
            model.Decide(numbers[i], revision, MirrorItem::STATE_CONFIRMED);
          if (outcomes[i].result() == MirrorOutcome::RESULT_REFUSED)
            model.Decide(numbers[i], revision, MirrorItem::STATE_PARKED);
          if (outcomes[i].result() == MirrorOutcome::RESULT_EXCLUDED)
            model.Decide(numbers[i], revision, MirrorItem::STATE_EXCLUDED);
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
      model.Decide(number, dossier.revision(), MirrorItem::STATE_PENDING);
    }
    if (!names.empty()) model.client().MustRetry(names, random().Chance(30));
  }

  void RetryParked(MirrorModel& model) {
    int64_t parked = 0;
    for (const auto& [number, dossier] : model.Dossiers()) {
      if (model.StateOf(number, dossier.revision()) != MirrorItem::STATE_PARKED) continue;
      ++parked;
      model.Decide(number, dossier.revision(), MirrorItem::STATE_PENDING);
    }
    const v1::RetryMirrorItemsResponse response = model.client().MustRetry({});
    EXPECT_EQ(response.retried_count(), parked);
    EXPECT_EQ(response.parked_count(), 0);
  }

  void SkipSome(MirrorModel& model) {
    for (const auto& [number, dossier] : model.Dossiers()) {
      if (!random().Chance(6)) continue;
      const MirrorItem::State state = model.StateOf(number, dossier.revision());
      const auto skipped = model.client().Skip(dossier.name());
      const bool possible = state == MirrorItem::STATE_PENDING || state == MirrorItem::STATE_PARKED;
      EXPECT_EQ(skipped.ok(), possible) << skipped.status();
      if (possible) {
        model.Decide(number, dossier.revision(), MirrorItem::STATE_SKIPPED);
      } else {
        EXPECT_EQ(ErrorReason(skipped.status()), "MIRROR_NOTHING_TO_SKIP");
      }
    }
  }

  void Restart() {
    center_->fixture().Restart();
    for (MirrorModel* model : {city_.get(), nation_.get()}) {
      model->client().WaitUntilCounted();
    }
  }

  void Start(uint64_t seed) {
    nation_.reset();
    city_.reset();
    center_ = std::make_unique<RandomCenter>(seed, testing::ServiceFixtureOptions{.engine = GetParam()}, 12);
    city_ = std::make_unique<MirrorModel>(center_.get(), "thanh-pho");
    nation_ = std::make_unique<MirrorModel>(center_.get(), "dvcqg");
    ValueOrDie(city_->client().Acquire());
    center_->Run(20);
    // Acquired later; it takes the dossiers opened before as well.
    ValueOrDie(nation_->client().Acquire());
  }

  testing::RandomHistory& random() { return center_->history(); }

  std::unique_ptr<RandomCenter> center_;
  std::unique_ptr<MirrorModel> city_;
  std::unique_ptr<MirrorModel> nation_;
};

TEST_P(MirrorModelTest, EveryDossierHasTheStateOfTheModel) {
  const uint64_t seed = testing::TestSeed();
  const uint64_t rounds = GetParam() == EngineKind::kMemory ? 4 : 1;
  for (uint64_t round = 0; round < rounds; ++round) {
    Start(seed + round);
    for (int i = 0; i < 250; ++i) {
      MirrorModel& model = random().Chance(50) ? *city_ : *nation_;
      const int64_t what = random().Number(1, 100);
      if (what <= 45) {
        center_->Next();
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
    // The same before and after a restart, for each dossier.
    for (int times = 0; times < 2; ++times) {
      ASSERT_NO_FATAL_FAILURE(city_->ExpectServiceAgrees());
      ASSERT_NO_FATAL_FAILURE(nation_->ExpectServiceAgrees());
      Restart();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, MirrorModelTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

// --- Concurrency -----------------------------------------------------------------------------------------------------

// The states of dossiers as they are stored, by name.
std::map<std::string, std::string> StatesOnDisk(ServiceFixture& fixture, MirrorTargetClient& client,
                                                const std::vector<std::string>& names) {
  std::map<std::string, std::string> states;
  for (const std::string& name : names) states[name] = MirrorItem::State_Name(client.MustGetItem(name).state());
  EXPECT_EQ(fixture.head_revision(), client.Progress().head_revision());
  return states;
}

std::map<std::string, std::string> StatesInMemory(MirrorTargetClient& client, const std::vector<std::string>& names) {
  std::map<std::string, std::string> states;
  for (const std::string& name : names) states[name] = "STATE_CONFIRMED";
  for (const auto state :
       {MirrorItem::STATE_PENDING, MirrorItem::STATE_PARKED, MirrorItem::STATE_SKIPPED, MirrorItem::STATE_EXCLUDED}) {
    for (const std::string& name : client.MustListItems(state, 50)) states[name] = MirrorItem::State_Name(state);
  }
  return states;
}

TEST(Mirror, MemoryAgreesWithTheDiskUnderConcurrentWrites) {
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
          // Just started; the other threads go on.
          ASSERT_EQ(ErrorReason(page.status()), "MIRROR_COUNTING");
          continue;
        }
        std::vector<v1::MirrorOutcome> outcomes;
        for (const v1::MirrorDelivery& delivery : page->deliveries()) {
          const auto result = random() % 4 == 0 ? MirrorOutcome::RESULT_REFUSED : MirrorOutcome::RESULT_DONE;
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

// Commits while a target is being counted: whichever snapshot the count read, none is lost and none is counted twice.
TEST(MirrorIndex, AppliesCommitsDuringCountingOnce) {
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
    // The states of `known` after each commit: what a count of that snapshot gives.
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
      if (decides) committed.records.Put<storage::MirrorItems>({1, number}, item);
      committed.head = head;
      for (MirrorIndex* index : {&counted, &known}) index->OnCommitted(committed);
      const std::vector<MirrorIndex::States> now = known.ActiveStates();
      moments.push_back(now.at(0));
    }
    EXPECT_TRUE(counted.ActiveStates().empty()) << "still counting";
    counted.Finish(1, moments[random() % moments.size()]);
    EXPECT_EQ(counted.ActiveStates(), known.ActiveStates());
    const MirrorIndex::Target a = *counted.Find("dvcqg");
    const MirrorIndex::Target b = *known.Find("dvcqg");
    EXPECT_EQ(a.counts.total(), b.counts.total());
    EXPECT_EQ(a.counts.pending, b.counts.pending);
    EXPECT_EQ(a.counts.excluded, b.counts.excluded);
  }
}

}  // namespace
}  // namespace tthc::server
