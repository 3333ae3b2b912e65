#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/calendars.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/random_center.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// Law 4: the guarantees that etcd gives for a watch, and the cases of its bugs.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::EngineKind;
using testing::FaultyEngine;
using testing::RandomCenter;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::SyncStream;
using testing::ValueOrDie;
using WatchStream = SyncStream<v1::WatchChangesResponse>;

enum class Disturbance { kNone, kCompaction, kRestart };

std::unique_ptr<WatchStream> Watch(ServiceFixture& fixture, int64_t from, const std::string& dossier = "") {
  v1::WatchChangesRequest request;
  request.set_start_revision(from);
  request.set_dossier(dossier);
  return std::make_unique<WatchStream>(ValueOrDie(fixture.Open<v1::WatchChangesResponse>(request)));
}

std::unique_ptr<WatchStream> WatchFromNow(ServiceFixture& fixture) {
  v1::WatchChangesRequest request;
  request.set_from_now(true);
  return std::make_unique<WatchStream>(ValueOrDie(fixture.Open<v1::WatchChangesResponse>(request)));
}

absl::Status WatchError(ServiceFixture& fixture, int64_t from) {
  v1::WatchChangesRequest request;
  request.set_start_revision(from);
  return fixture.Open<v1::WatchChangesResponse>(request).status();
}

absl::Status Compact(ServiceFixture& fixture, int64_t revision) {
  v1::CompactChangesRequest request;
  request.set_revision(revision);
  return fixture.Status(request);
}

// The feed in pages, read without a watcher: what a watch must send.
std::vector<v1::Change> AllChanges(ServiceFixture& fixture, int64_t from) {
  v1::ListChangesRequest request;
  request.set_start_revision(from);
  request.set_page_size(37);
  std::vector<v1::Change> all;
  while (true) {
    const v1::ListChangesResponse page = ValueOrDie(fixture.Call<v1::ListChangesResponse>(request));
    all.insert(all.end(), page.changes().begin(), page.changes().end());
    if (page.revision() == page.head_revision()) return all;
    request.set_start_revision(page.revision() + 1);
  }
}

// One watcher of a busy center, message by message.
class WatchTest : public ::testing::TestWithParam<std::tuple<EngineKind, Disturbance>> {
 protected:
  ServiceFixture& fixture() { return center_.fixture(); }

  // Follows from the first event on while the center works and is disturbed, until everything has been seen.
  void FollowTheCenter() {
    const int64_t first = fixture().head_revision() + 1;
    stream_ = Watch(fixture(), first);
    last_ = first - 1;
    first_ = first;
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 15; ++i) center_.Next();
      // A command of several events for sure.
      fixture().MustCreate(
          {AcceptedEvent(testing::kNoLimit), SampleEvent(v1::Event::kFinished), SampleEvent(v1::Event::kReturned)});
      if (round == 3 || round == 8) Disturb();
      if (round % 3 == 0) CatchUp();
    }
    CatchUp();
  }

  void Disturb() {
    if (std::get<1>(GetParam()) == Disturbance::kCompaction) {
      // Including what the watcher has not received yet.
      ASSERT_TRUE(Compact(fixture(), fixture().head_revision() - 5).ok());
    }
    if (std::get<1>(GetParam()) != Disturbance::kRestart) return;
    fixture().service().Shutdown();
    const absl::Status ended = stream_->Next().status();
    EXPECT_EQ(ErrorReason(ended), "SHUTTING_DOWN") << ended;
    stream_.reset();
    fixture().Restart();
    stream_ = Watch(fixture(), last_ + 1);
  }

  void CatchUp() {
    while (last_ < fixture().head_revision()) {
      const auto message = ValueOrDie(stream_->Next());
      ASSERT_TRUE(message.has_value());
      messages_.push_back(*message);
      last_ = message->revision();
    }
  }

  std::vector<v1::Change> Seen() const {
    std::vector<v1::Change> seen;
    for (const auto& message : messages_) seen.insert(seen.end(), message.changes().begin(), message.changes().end());
    return seen;
  }

  RandomCenter center_{testing::TestSeed(), {.engine = std::get<0>(GetParam())}};
  std::unique_ptr<WatchStream> stream_;
  std::vector<v1::WatchChangesResponse> messages_;
  int64_t first_ = 0;
  int64_t last_ = 0;
};

TEST_P(WatchTest, Ordered) {
  FollowTheCenter();
  int64_t before = 0;
  for (const v1::Change& change : Seen()) {
    EXPECT_GT(change.revision(), before);
    before = change.revision();
  }
  EXPECT_GT(Seen().size(), 60u);
}

TEST_P(WatchTest, Unique) {
  FollowTheCenter();
  std::set<int64_t> seen;
  for (const v1::Change& change : Seen()) EXPECT_TRUE(seen.insert(change.revision()).second) << change.revision();
}

TEST_P(WatchTest, Atomic) {
  FollowTheCenter();
  bool several = false;
  for (const v1::WatchChangesResponse& message : messages_) {
    // The last one of a message ends its command, and no command comes in two messages.
    if (message.changes().empty()) continue;
    EXPECT_EQ(message.changes().rbegin()->command_end_revision(), message.changes().rbegin()->revision());
    for (const v1::Change& change : message.changes()) {
      EXPECT_LE(change.command_end_revision(), message.revision());
      several |= change.command_end_revision() > change.revision();
    }
  }
  EXPECT_TRUE(several) << "no command wrote more than one event: nothing was tested";
}

TEST_P(WatchTest, Reliable) {
  FollowTheCenter();
  int64_t expected = first_;
  for (const v1::Change& change : Seen()) EXPECT_EQ(change.revision(), expected++);
  EXPECT_EQ(expected, fixture().head_revision() + 1);
}

TEST_P(WatchTest, Resumable) {
  FollowTheCenter();
  // Resumed at any revision, a watch sends the rest of the same sequence.
  const int64_t oldest = std::max(first_, fixture().store().head().oldest_revision());
  const std::vector<v1::Change> all = AllChanges(fixture(), oldest);
  for (size_t skip = 0; skip < all.size(); skip += 7) {
    const auto resumed = Watch(fixture(), all[skip].revision());
    std::vector<v1::Change> seen;
    while (seen.size() < all.size() - skip) {
      const auto message = ValueOrDie(resumed->Next());
      ASSERT_TRUE(message.has_value());
      seen.insert(seen.end(), message->changes().begin(), message->changes().end());
    }
    ASSERT_EQ(seen.size(), all.size() - skip);
    for (size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i].DebugString(), all[skip + i].DebugString());
  }
}

TEST_P(WatchTest, Bookmarkable) {
  FollowTheCenter();
  // Nothing is recorded now: only a progress mark can come, with the last revision.
  std::promise<v1::WatchChangesResponse> marked;
  stream_->stream().Next([&](auto message) { marked.set_value(**message); });
  fixture().clock().Advance(limits::kWatchProgressInterval);
  const v1::WatchChangesResponse mark = marked.get_future().get();
  EXPECT_TRUE(mark.changes().empty());
  EXPECT_EQ(mark.revision(), fixture().head_revision());
  messages_.push_back(mark);
  center_.Run(20);
  last_ = mark.revision();
  CatchUp();
  // After a message with revision r, nothing of r or less; up to r, everything.
  int64_t bookmark = first_ - 1;
  for (const v1::WatchChangesResponse& message : messages_) {
    for (const v1::Change& change : message.changes()) {
      EXPECT_GT(change.revision(), bookmark);
      EXPECT_LE(change.revision(), message.revision());
    }
    EXPECT_GE(message.revision(), bookmark);
    bookmark = message.revision();
  }
}

std::string NameOf(const ::testing::TestParamInfo<WatchTest::ParamType>& param) {
  constexpr const char* kDisturbances[] = {"Undisturbed", "Compacted", "Restarted"};
  const auto& [engine, disturbance] = param.param;
  return absl::StrCat(engine == EngineKind::kMemory ? "Memory" : "RocksDb",
                      kDisturbances[static_cast<int>(disturbance)]);
}

INSTANTIATE_TEST_SUITE_P(Engines, WatchTest,
                         ::testing::Combine(::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                                            ::testing::Values(Disturbance::kNone, Disturbance::kCompaction,
                                                              Disturbance::kRestart)),
                         NameOf);

// --- Cases that etcd's tests had missed ------------------------------------------------------------------------------

class EtcdCaseTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  // `count` notes on one dossier; returns the revision of the first.
  int64_t AddNotes(int count) {
    if (name_.empty()) name_ = fixture_.MustCreate({AcceptedEvent()}).name();
    const int64_t first = fixture_.head_revision() + 1;
    for (int i = 0; i < count; ++i) fixture_.MustAppend(name_, SampleEvent(v1::Event::kNoted));
    return first;
  }
  std::vector<int64_t> Take(WatchStream& stream, size_t count) {
    std::vector<int64_t> revisions;
    while (revisions.size() < count) {
      const auto message = ValueOrDie(stream.Next());
      for (const v1::Change& change : message->changes()) revisions.push_back(change.revision());
    }
    return revisions;
  }
  static std::vector<int64_t> Range(int64_t from, size_t count) {
    std::vector<int64_t> range;
    for (size_t i = 0; i < count; ++i) range.push_back(from + static_cast<int64_t>(i));
    return range;
  }

  ServiceFixture fixture_{{.engine = GetParam()}};
  std::string name_;
};

// etcd #18089.
TEST_P(EtcdCaseTest, AWatcherThatLagsBehindACompactionMissesNothing) {
  const int64_t first = AddNotes(1);
  const auto stream = Watch(fixture_, first);
  AddNotes(20);
  ASSERT_TRUE(Compact(fixture_, fixture_.head_revision() + 1).ok());
  EXPECT_EQ(Take(*stream, 21), Range(first, 21));
  AddNotes(1);
  EXPECT_EQ(Take(*stream, 1), Range(first + 21, 1));
}

// etcd #19179.
TEST_P(EtcdCaseTest, AWatchThatOpensAtTheCompactedRevisionMissesNothing) {
  const int64_t first = AddNotes(20);
  ASSERT_TRUE(Compact(fixture_, first + 10).ok());
  EXPECT_EQ(Take(*Watch(fixture_, first + 10), 10), Range(first + 10, 10));
  const absl::Status gone = WatchError(fixture_, first + 9);
  EXPECT_EQ(gone.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ErrorReason(gone), "REVISION_COMPACTED");
  EXPECT_EQ(ErrorMetadata(gone, "oldest_revision"), absl::StrCat(first + 10));
  EXPECT_EQ(ErrorMetadata(gone, "head_revision"), absl::StrCat(first + 19));
  fixture_.Restart();
  EXPECT_EQ(ErrorReason(WatchError(fixture_, first + 9)), "REVISION_COMPACTED")
      << "a restart does not undo a compaction";
  EXPECT_EQ(Take(*Watch(fixture_, first + 10), 10), Range(first + 10, 10));
}

// etcd #15220.
TEST_P(EtcdCaseTest, AProgressMarkNeverOvertakesAChange) {
  AddNotes(1);
  const std::string other = fixture_.MustCreate({AcceptedEvent()}).name();
  const int64_t first = fixture_.head_revision() + 1;
  const auto all = Watch(fixture_, first);
  const auto one = Watch(fixture_, first, name_);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 400; ++i) {
      fixture_.MustAppend(i % 3 == 0 ? name_ : other, SampleEvent(v1::Event::kNoted));
      // A progress mark is due all the time.
      fixture_.clock().Advance(limits::kWatchProgressInterval);
    }
    stop.store(true);
  });
  const auto follow = [&](WatchStream& stream) {
    int64_t bookmark = first - 1;
    size_t seen = 0;
    while (!stop.load() || bookmark < fixture_.head_revision()) {
      const auto message = ValueOrDie(stream.Next());
      for (const v1::Change& change : message->changes()) {
        EXPECT_GT(change.revision(), bookmark);
        EXPECT_LE(change.revision(), message->revision());
        ++seen;
      }
      EXPECT_GE(message->revision(), bookmark);
      bookmark = message->revision();
      // A last mark, if the next message would only come with the next commit.
      fixture_.clock().Advance(limits::kWatchProgressInterval);
    }
    return seen;
  };
  size_t seen_of_one = 0;
  std::thread follower([&] { seen_of_one = follow(*one); });
  EXPECT_EQ(follow(*all), 400u);
  follower.join();
  writer.join();
  EXPECT_EQ(seen_of_one, 134u);
}

// etcd #17529.
TEST_P(EtcdCaseTest, NoEventIsLostWhileReadersAreStarved) {
  const int64_t first = AddNotes(1) + 1;
  const auto stream = Watch(fixture_, first);
  std::promise<std::vector<int64_t>> seen;
  std::thread follower([&] { seen.set_value(Take(*stream, 30)); });
  // Both read threads are blocked and the queue of the pool is full.
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> answered{0};
  v1::GetDossierRequest get;
  get.set_name(name_);
  size_t sent = 0;
  std::atomic<bool> full{false};
  while (!full.load()) {
    fixture_.service().methods().Call<v1::Dossier>({}, get, [&, released](const absl::StatusOr<v1::Dossier>& dossier) {
      if (ErrorReason(dossier.status()) == "QUEUE_FULL") {
        full.store(true);
      } else {
        released.wait();
      }
      answered.fetch_add(1);
    });
    ++sent;
    ASSERT_LE(sent, limits::kReadQueueMax + 10);
  }
  AddNotes(30);
  release.set_value();
  follower.join();
  EXPECT_EQ(seen.get_future().get(), Range(first, 30));
  // The replies refer to this test's locals.
  while (answered.load() < static_cast<int>(sent)) std::this_thread::yield();
}

// etcd #20221.
TEST_P(EtcdCaseTest, AWatchFromTheNextRevisionOrFromNowSendsNothingOld) {
  AddNotes(5);
  const int64_t head = fixture_.head_revision();
  EXPECT_EQ(ErrorReason(WatchError(fixture_, head + 2)), "REVISION_IN_FUTURE");
  const auto next = Watch(fixture_, head + 1);
  const auto from_now = WatchFromNow(fixture_);
  AddNotes(3);
  EXPECT_EQ(Take(*next, 3), Range(head + 1, 3));
  EXPECT_EQ(Take(*from_now, 3), Range(head + 1, 3));
}

// etcd #17780.
TEST_P(EtcdCaseTest, NoRevisionIsGivenTwiceAfterACompactionAndARestart) {
  const int64_t first = AddNotes(10);
  const int64_t head = fixture_.head_revision();
  ASSERT_TRUE(Compact(fixture_, head + 1).ok());
  fixture_.Restart();
  EXPECT_EQ(fixture_.head_revision(), head);
  EXPECT_EQ(AddNotes(1), head + 1);
  // The dossiers' history stays whole.
  const std::vector<v1::Event> events = fixture_.MustListEvents(name_);
  ASSERT_EQ(events.size(), 12u);
  EXPECT_EQ(events[1].revision(), first);
  // A compaction never lowers the oldest revision.
  ASSERT_TRUE(Compact(fixture_, 1).ok());
  EXPECT_EQ(ErrorReason(WatchError(fixture_, first)), "REVISION_COMPACTED");
}

INSTANTIATE_TEST_SUITE_P(Engines, EtcdCaseTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

// --- Further cases ---------------------------------------------------------------------------------------------------

TEST(Watch, ACommitThatFailsIsNeverSeen) {
  FaultyEngine* engine = nullptr;
  ServiceFixture fixture({.wrap = [&](auto inner) {
    auto faulty = std::make_unique<FaultyEngine>(std::move(inner));
    engine = faulty.get();
    return faulty;
  }});
  const std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  const int64_t next = fixture.head_revision() + 1;
  const auto stream = WatchFromNow(fixture);
  engine->ScriptCommit(FaultyEngine::When::kBefore, absl::UnavailableError("no space"));
  EXPECT_FALSE(fixture.Append(name, SampleEvent(v1::Event::kPaid)).ok());
  fixture.MustAppend(name, SampleEvent(v1::Event::kNoted));
  const auto message = ValueOrDie(stream->Next());
  ASSERT_EQ(message->changes_size(), 1);
  EXPECT_EQ(message->changes(0).revision(), next);
  EXPECT_TRUE(message->changes(0).event().has_noted());
}

TEST(Watch, AWatchOfOneDossierSendsExactlyItsEvents) {
  RandomCenter center(testing::TestSeed(), {});
  const int64_t first = center.fixture().head_revision() + 1;
  center.Run(150);
  for (const v1::Dossier& dossier : center.AllDossiers()) {
    const auto stream = Watch(center.fixture(), first, dossier.name());
    std::vector<int64_t> expected;
    for (const v1::Event& event : center.fixture().MustListEvents(dossier.name())) expected.push_back(event.revision());
    std::vector<int64_t> seen;
    while (seen.size() < expected.size()) {
      const auto message = ValueOrDie(stream->Next());
      for (const v1::Change& change : message->changes()) {
        EXPECT_EQ(change.dossier(), dossier.name());
        seen.push_back(change.revision());
      }
    }
    EXPECT_EQ(seen, expected);
  }
}

TEST(Watch, StartRevisionZeroIsTheOldestRetainedInBothMethods) {
  ServiceFixture fixture;
  const std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  for (int i = 0; i < 5; ++i) fixture.MustAppend(name, SampleEvent(v1::Event::kNoted));
  for (const int64_t oldest : {int64_t{1}, fixture.head_revision() - 2}) {
    ASSERT_TRUE(Compact(fixture, oldest).ok());
    EXPECT_EQ(AllChanges(fixture, 0).front().revision(), oldest);
    const auto stream = Watch(fixture, 0);
    EXPECT_EQ(ValueOrDie(stream->Next())->changes(0).revision(), oldest);
  }
}

TEST(Watch, FromNowTakesNoStartRevision) {
  ServiceFixture fixture;
  v1::WatchChangesRequest request;
  request.set_from_now(true);
  request.set_start_revision(1);
  const absl::Status refused = fixture.Open<v1::WatchChangesResponse>(request).status();
  EXPECT_EQ(ErrorReason(refused), "FIELD_INVALID");
  EXPECT_EQ(ErrorField(refused), "start_revision");
}

TEST(Watch, ADossierIsFoundByUidAndCodeAndEveryChangeCarriesItsName) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  fixture.MustCreate({AcceptedEvent()});
  for (const std::string& name : {dossier.name(), "dossiers/" + dossier.code()}) {
    const auto stream = Watch(fixture, dossier.revision(), name);
    const auto message = ValueOrDie(stream->Next());
    ASSERT_EQ(message->changes_size(), 1) << name;
    EXPECT_EQ(message->changes(0).dossier(), dossier.name());
    EXPECT_EQ(message->changes(0).event().name(), absl::StrCat(dossier.name(), "/events/", dossier.revision()));
  }
}

TEST(Watch, DecisionsAboutTheMirrorAreSent) {
  ServiceFixture fixture;
  v1::AcquireMirrorTargetRequest acquire;
  acquire.set_name("mirrorTargets/tinh");
  acquire.set_holder("tester");
  ASSERT_TRUE(fixture.Status(acquire).ok());
  const auto stream = WatchFromNow(fixture);
  v1::PauseMirrorTargetRequest pause;
  pause.set_name("mirrorTargets/tinh");
  pause.set_reason("bảo trì");
  ASSERT_TRUE(fixture.Status(pause).ok());
  const auto message = ValueOrDie(stream->Next());
  ASSERT_EQ(message->changes_size(), 1);
  EXPECT_EQ(message->changes(0).dossier(), "");
  const v1::MirrorDecision& decision = message->changes(0).mirror_decision();
  EXPECT_EQ(decision.target(), "mirrorTargets/tinh");
  EXPECT_EQ(decision.kind(), v1::MirrorDecision::KIND_PAUSE);
  EXPECT_EQ(decision.reason(), "bảo trì");
}

TEST(Watch, CatalogueChangesAreSent) {
  ServiceFixture fixture;
  const auto stream = Watch(fixture, 1);
  std::set<v1::Change::ChangeCase> kinds;
  int64_t last = 0;
  while (last < fixture.head_revision()) {
    const auto message = ValueOrDie(stream->Next());
    for (const v1::Change& change : message->changes()) kinds.insert(change.change_case());
    last = message->revision();
  }
  EXPECT_EQ(kinds, (std::set<v1::Change::ChangeCase>{v1::Change::kProcedure, v1::Change::kField, v1::Change::kOffice,
                                                     v1::Change::kUnit, v1::Change::kOfficer, v1::Change::kCalendar}));
}

TEST(Watch, ACanceledStreamEndsAndLeavesTheOthersAlone) {
  ServiceFixture fixture;
  const std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  const auto canceled = WatchFromNow(fixture);
  const auto other = WatchFromNow(fixture);
  std::promise<absl::Status> ended;
  canceled->stream().Next([&](auto message) { ended.set_value(message.status()); });
  canceled->stream().Cancel();
  EXPECT_EQ(ended.get_future().get().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(canceled->Next().status().code(), absl::StatusCode::kCancelled);
  fixture.MustAppend(name, SampleEvent(v1::Event::kNoted));
  EXPECT_EQ(ValueOrDie(other->Next())->changes_size(), 1);
}

TEST(Watch, TheNumberOfStreamsIsBounded) {
  ServiceFixture fixture;
  std::vector<std::unique_ptr<WatchStream>> streams;
  for (size_t i = 0; i < limits::kWatchersMax; ++i) streams.push_back(WatchFromNow(fixture));
  const absl::Status refused = WatchError(fixture, 0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(refused), "TOO_MANY_WATCHERS");
  EXPECT_GT(ErrorRetryDelay(refused), absl::ZeroDuration());
  streams.pop_back();
  EXPECT_TRUE(WatchError(fixture, 0).ok());
}

TEST(ListChanges, PagesEndOnlyBetweenCommandsAndGiveTheWholeFeed) {
  RandomCenter center(testing::TestSeed(), {});
  center.Run(200);
  ServiceFixture& fixture = center.fixture();
  for (const int size : {1, 2, 3, 10, 1000}) {
    v1::ListChangesRequest request;
    request.set_page_size(size);
    int64_t expected = 1;
    while (true) {
      const v1::ListChangesResponse page = ValueOrDie(fixture.Call<v1::ListChangesResponse>(request));
      for (const v1::Change& change : page.changes()) ASSERT_EQ(change.revision(), expected++);
      if (!page.changes().empty()) {
        ASSERT_EQ(page.changes().rbegin()->command_end_revision(), page.revision());
      }
      if (page.revision() == page.head_revision()) break;
      request.set_start_revision(page.revision() + 1);
    }
    EXPECT_EQ(expected, fixture.head_revision() + 1);
  }
}

TEST(ListChanges, AtTheHeadAPageIsEmpty) {
  ServiceFixture fixture;
  v1::ListChangesRequest request;
  request.set_start_revision(fixture.head_revision() + 1);
  const v1::ListChangesResponse page = ValueOrDie(fixture.Call<v1::ListChangesResponse>(request));
  EXPECT_TRUE(page.changes().empty());
  EXPECT_EQ(page.revision(), fixture.head_revision());
  EXPECT_EQ(page.head_revision(), fixture.head_revision());
}

}  // namespace
}  // namespace tthc::server
