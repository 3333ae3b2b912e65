#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/faulty_file_system.h"
#include "tests/testing/random_centre.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// What a write promises: all or nothing, acknowledged only once it lasts, remembered for retries, bounded.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::At;
using testing::EngineKind;
using testing::FaultyEngine;
using testing::RandomCentre;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;

absl::Status DiskFull() {
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "STORE_READ_ONLY",
                    .message = "the disk is full",
                    .message_vi = "đĩa đầy",
                    .retry_delay = limits::kReadOnlyRetryDelay});
}

v1::AppendEventRequest NoteRequest(const std::string& parent) {
  v1::AppendEventRequest request;
  request.set_parent(parent);
  *request.mutable_event() = SampleEvent(v1::Event::kNoted);
  return request;
}

// --- A disk that refuses ---------------------------------------------------------------------------------------------

class FullDiskTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  FaultyEngine* engine_ = nullptr;
  ServiceFixture fixture_{{.engine = GetParam(), .wrap = [this](std::unique_ptr<storage::Engine> inner) {
                             auto faulty = std::make_unique<FaultyEngine>(std::move(inner));
                             engine_ = faulty.get();
                             return faulty;
                           }}};
};

TEST_P(FullDiskTest, WritesAreRefusedReadsGoOnAndItRecoversByItself) {
  const std::string name = fixture_.MustCreate({AcceptedEvent()}).name();
  const std::string bytes = fixture_.StoredBytes();
  engine_->FailAllCommits(DiskFull());
  for (int i = 0; i < 3; ++i) {
    const auto refused = fixture_.Create({AcceptedEvent()}, "the-one");
    EXPECT_EQ(ErrorReason(refused.status()), "STORE_READ_ONLY");
    EXPECT_GT(ErrorRetryDelay(refused.status()), absl::ZeroDuration());
  }
  EXPECT_FALSE(fixture_.Append(name, SampleEvent(v1::Event::kForwarded)).ok());
  EXPECT_FALSE(fixture_.service().IsWritable());
  EXPECT_EQ(fixture_.StoredBytes(), bytes);
  EXPECT_EQ(fixture_.MustGet(name).event_count(), 1);
  EXPECT_EQ(fixture_.MustListNames({}), std::vector<std::string>{name});
  EXPECT_EQ(fixture_.MustListEvents(name).size(), 1u);

  engine_->FailAllCommits(absl::OkStatus());
  EXPECT_EQ(ValueOrDie(fixture_.Create({AcceptedEvent()}, "the-one")).dossier().code(), "H24.99.1-260821-0002")
      << "no number was used up, and the retry is a first try";
  EXPECT_TRUE(fixture_.service().IsWritable());
  EXPECT_EQ(fixture_.MustAppend(name, SampleEvent(v1::Event::kForwarded)).event_count(), 2);
}

TEST_P(FullDiskTest, FailuresNowAndThenLeaveTheHistoryWhole) {
  RandomCentre centre(testing::TestSeed(),
                      {.engine = GetParam(), .wrap = [this](std::unique_ptr<storage::Engine> inner) {
                         auto faulty = std::make_unique<FaultyEngine>(std::move(inner));
                         engine_ = faulty.get();
                         return faulty;
                       }});
  int failed = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string before = i % 10 == 0 ? centre.fixture().StoredBytes() : "";
    if (i % 10 == 0) engine_->ScriptCommit(FaultyEngine::When::kBefore, DiskFull());
    const RandomCentre::Step step = centre.Next();
    if (ErrorReason(step.status) != "STORE_READ_ONLY") continue;
    ++failed;
    if (!before.empty()) {
      EXPECT_EQ(centre.fixture().StoredBytes(), before);
    }
  }
  EXPECT_GT(failed, 10);
  // What lives in memory says the same as what lies in the store.
  std::string lists;
  for (const v1::Dossier& dossier : centre.AllDossiers()) absl::StrAppend(&lists, dossier.DebugString());
  centre.fixture().Restart();
  std::string again;
  for (const v1::Dossier& dossier : centre.AllDossiers()) absl::StrAppend(&again, dossier.DebugString());
  EXPECT_EQ(again, lists);
}

INSTANTIATE_TEST_SUITE_P(Engines, FullDiskTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

// RocksDB on a disk that fills up and is given room again.
TEST(FullDisk, TheRealEngineRefusesGoesOnReadingAndRecoversWithoutARestart) {
  const auto disk = std::make_shared<testing::FaultyFileSystem>(testing::TestSeed());
  ServiceFixture fixture({.engine = EngineKind::kRocksDb, .file_system = disk});
  const std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  int written = 1;
  for (int round = 0; round < 3; ++round) {
    for (const auto fault : {testing::FaultyFileSystem::Fault::kNoSpace, testing::FaultyFileSystem::Fault::kReadOnly}) {
      disk->SetFault(fault);
      absl::Status refused;
      // A buffer may still take a few; none of them may be lost later.
      for (int i = 0; i < 200 && refused.ok(); ++i) {
        refused = fixture.Append(name, SampleEvent(v1::Event::kNoted)).status();
        written += refused.ok() ? 1 : 0;
      }
      EXPECT_EQ(ErrorReason(refused), "STORE_READ_ONLY") << refused;
      EXPECT_GT(ErrorRetryDelay(refused), absl::ZeroDuration());
      EXPECT_FALSE(fixture.service().IsWritable());
      EXPECT_EQ(fixture.MustGet(name).event_count(), written);
      EXPECT_EQ(fixture.MustListEvents(name).size(), static_cast<size_t>(written));
      EXPECT_EQ(fixture.MustListNames({}).size(), 1u);
      disk->SetFault(testing::FaultyFileSystem::Fault::kNone);
      // Background work that met the fault may still be on its way to say so, and RocksDB's own recovery tries but once
      // a second: the caller tries again, as it is told.
      const absl::Time patience = absl::Now() + absl::Seconds(60);
      absl::Status accepted = absl::UnavailableError("not tried");
      while (!accepted.ok() && absl::Now() < patience) {
        accepted = fixture.Append(name, SampleEvent(v1::Event::kNoted)).status();
      }
      ASSERT_TRUE(accepted.ok()) << accepted;
      EXPECT_EQ(fixture.MustGet(name).event_count(), ++written);
      EXPECT_TRUE(fixture.service().IsWritable());
    }
  }
  fixture.Restart();
  EXPECT_EQ(fixture.MustGet(name).event_count(), written);
  EXPECT_EQ(fixture.MustListEvents(name).size(), static_cast<size_t>(written));
}

// --- Trying without doing --------------------------------------------------------------------------------------------

TEST(ValidateOnly, AnswersAsTheRealOneAndChangesNothing) {
  RandomCentre centre(testing::TestSeed(), {});
  ServiceFixture& fixture = centre.fixture();
  for (int i = 0; i < 300; ++i) {
    fixture.clock().Advance(centre.history().Pause());
    testing::RandomCommand command = centre.history().Next(fixture.clock().Now());
    testing::RandomCommand tried = command;
    if (tried.create.has_value()) tried.create->set_validate_only(true);
    if (tried.append.has_value()) tried.append->set_validate_only(true);
    if (tried.batch.has_value()) tried.batch->set_validate_only(true);
    const std::string bytes = fixture.StoredBytes();
    const absl::Status would = testing::SendCommand(fixture, tried).status;
    ASSERT_EQ(fixture.StoredBytes(), bytes);
    const RandomCentre::Step did = testing::SendCommand(fixture, command);
    // A retry is told apart from a first try by its content, which validate_only is a part of.
    if (ErrorReason(would) == "REQUEST_ID_REUSED") continue;
    ASSERT_EQ(ErrorReason(would), ErrorReason(did.status)) << command.DebugString();
    for (const std::string& name : did.dossiers) {
      centre.history().Observe(fixture.MustGet(name), fixture.MustListEvents(name));
    }
  }
}

// --- Etags, deadlines, bounds ----------------------------------------------------------------------------------------

TEST(Etag, OfManyWhoSawTheSameOnlyOneWrites) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  std::string etag = dossier.etag();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> won{0};
    std::vector<std::thread> clerks;
    for (int i = 0; i < 4; ++i) {
      clerks.emplace_back([&] {
        v1::AppendEventRequest request = NoteRequest(dossier.name());
        request.set_etag(etag);
        const auto answer = fixture.Call(&Service::AppendEvent, request);
        if (answer.ok()) {
          won.fetch_add(1);
        } else {
          EXPECT_EQ(ErrorReason(answer.status()), "ETAG_MISMATCH");
        }
      });
    }
    for (std::thread& clerk : clerks) clerk.join();
    ASSERT_EQ(won.load(), 1);
    etag = fixture.MustGet(dossier.name()).etag();
  }
}

TEST(Deadline, WhatHasNotBegunByThenIsDropped) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  const std::string bytes = fixture.StoredBytes();
  const RequestContext late{.caller = {.actor = "tester"}, .deadline = fixture.clock().Now() - absl::Seconds(1)};
  std::promise<absl::Status> written;
  fixture.service().AppendEvent(late, NoteRequest(dossier.name()),
                                [&](auto answer) { written.set_value(answer.status()); });
  EXPECT_EQ(written.get_future().get().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(fixture.StoredBytes(), bytes);
  std::promise<absl::Status> read;
  fixture.service().ListDossiers(late, {}, [&](auto answer) { read.set_value(answer.status()); });
  EXPECT_EQ(read.get_future().get().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Queue, PastItsBoundWritesAreRefusedWithATimeToComeBack) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  // The first answer holds the writer up.
  std::promise<void> release;
  std::promise<void> held;
  const std::shared_future<void> released = release.get_future().share();
  fixture.service().AppendEvent({}, NoteRequest(dossier.name()), [&, released](auto) {
    held.set_value();
    released.wait();
  });
  held.get_future().wait();
  std::atomic<size_t> answered{0};
  std::atomic<size_t> accepted{0};
  std::promise<absl::Status> refused;
  size_t sent = 0;
  v1::AppendEventRequest tried = NoteRequest(dossier.name());
  tried.set_validate_only(true);
  std::atomic<bool> full{false};
  for (; !full.load() && sent < limits::kCommitQueueMax + 10; ++sent) {
    fixture.service().AppendEvent({}, tried, [&](const absl::StatusOr<v1::AppendEventResponse>& answer) {
      if (answer.ok()) accepted.fetch_add(1);
      if (!answer.ok() && !full.exchange(true)) refused.set_value(answer.status());
      answered.fetch_add(1);
    });
  }
  const absl::Status status = refused.get_future().get();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "QUEUE_FULL");
  EXPECT_EQ(ErrorRetryDelay(status), limits::kQueueFullRetryDelay);
  release.set_value();
  fixture.service().Shutdown();
  EXPECT_EQ(answered.load(), sent) << "each is answered once";
  EXPECT_EQ(accepted.load(), limits::kCommitQueueMax) << "what was taken in is carried out";
}

TEST(Shutdown, FinishesWhatWasTakenInAndRefusesTheRest) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  std::atomic<int> done{0};
  for (int i = 0; i < 200; ++i) {
    fixture.service().AppendEvent({}, NoteRequest(dossier.name()), [&](const auto& answer) { done += answer.ok(); });
  }
  fixture.service().Shutdown();
  EXPECT_EQ(done.load(), 200);
  const absl::Status refused = fixture.Append(dossier.name(), SampleEvent(v1::Event::kNoted)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(refused), "SHUTTING_DOWN");
  EXPECT_EQ(ErrorReason(fixture.Get(dossier.name()).status()), "SHUTTING_DOWN");
  fixture.Restart();
  EXPECT_EQ(fixture.MustGet(dossier.name()).event_count(), 201);
}

// --- Retries over time -----------------------------------------------------------------------------------------------

TEST(RequestId, IsRememberedForItsTimeAndForgottenLater) {
  ServiceFixture fixture;
  const absl::Time first = fixture.clock().Now();
  const v1::Dossier dossier = ValueOrDie(fixture.Create({AcceptedEvent()}, "once")).dossier();
  const auto retried = [&] { return ValueOrDie(fixture.Create({AcceptedEvent()}, "once")).dossier().code(); };
  const auto pass = [&](absl::Duration since) {
    fixture.clock().Set(first + since);
    // Old ids go with some later write.
    for (int i = 0; i < 3; ++i) {
      fixture.MustAppend(dossier.name(), SampleEvent(v1::Event::kNoted));
      fixture.clock().Advance(limits::kRequestSweepInterval);
    }
  };
  pass(limits::kRequestIdRetention - absl::Minutes(10));
  EXPECT_EQ(retried(), dossier.code());
  fixture.Restart();
  EXPECT_EQ(retried(), dossier.code());
  pass(limits::kRequestIdRetention + absl::Minutes(10));
  EXPECT_EQ(ValueOrDie(fixture.store().Read().GetRequest("once")).has_value(), false);
  EXPECT_NE(retried(), dossier.code()) << "by then it is a new request";
}

TEST(RequestId, ManyAtOnceHaveOneEffect) {
  ServiceFixture fixture;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> codes(4);
    std::vector<std::thread> tries;
    for (std::string& code : codes) {
      tries.emplace_back([&] {
        code = ValueOrDie(fixture.Create({AcceptedEvent()}, absl::StrCat("round-", round))).dossier().code();
      });
    }
    for (std::thread& one : tries) one.join();
    EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 1u);
  }
  EXPECT_EQ(fixture.MustListNames({}).size(), 20u);
}

TEST(RequestId, AFailureIsNotRemembered) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  EXPECT_FALSE(fixture.Append(dossier.name(), SampleEvent(v1::Event::kReturned), "try").ok());
  fixture.MustAppend(dossier.name(), SampleEvent(v1::Event::kFinished));
  EXPECT_TRUE(fixture.Append(dossier.name(), SampleEvent(v1::Event::kReturned), "try").ok());
}

// --- Two times -------------------------------------------------------------------------------------------------------

TEST(RecordTime, NeverGoesBackEvenWhenTheMachinesClockDoes) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  const absl::Time first = fixture.clock().Now();
  for (const bool restarted : {false, true}) {
    if (restarted) fixture.Restart();
    fixture.clock().Set(first - absl::Hours(1));
    fixture.MustAppend(dossier.name(), SampleEvent(v1::Event::kNoted));
    EXPECT_EQ(FromProto(fixture.MustListEvents(dossier.name()).back().record_time()), first)
        << (restarted ? "after a restart" : "while running");
  }
}

TEST(RecordTime, AClientsClockThatRunsALittleAheadIsPulledBack) {
  ServiceFixture fixture;
  v1::Event event = AcceptedEvent();
  *event.mutable_occur_time() = ToProto(fixture.clock().Now() + limits::kFutureSkewMax);
  const auto created = ValueOrDie(fixture.Create({event}));
  EXPECT_EQ(FromProto(created.events(0).occur_time()), fixture.clock().Now());
}

TEST(LateEntry, IsMarkedBoundedAndFreeForWhatIsImported) {
  ServiceFixture fixture;
  const absl::Time now = fixture.clock().Now();
  const auto entered = [&](absl::Duration ago, bool imported) {
    v1::Event event = AcceptedEvent();
    *event.mutable_occur_time() = ToProto(now - ago);
    event.set_imported(imported);
    return fixture.Create({event});
  };
  EXPECT_FALSE(ValueOrDie(entered(limits::kLateEntryThreshold, false)).events(0).late_entry());
  EXPECT_TRUE(ValueOrDie(entered(limits::kLateEntryThreshold + absl::Seconds(1), false)).events(0).late_entry());
  EXPECT_TRUE(entered(limits::kLateEntryMax, false).ok());
  EXPECT_EQ(ErrorField(entered(limits::kLateEntryMax + absl::Seconds(1), false).status()), "events[0].occur_time");
  const auto imported = ValueOrDie(entered(absl::Hours(24 * 400), true));
  EXPECT_TRUE(imported.events(0).imported());
  EXPECT_TRUE(imported.events(0).late_entry());
}

// --- Many at once ----------------------------------------------------------------------------------------------------

TEST(Concurrency, EveryAcknowledgedEventIsThereOnceInTheOrderOfItsSender) {
  ServiceFixture fixture({.engine = EngineKind::kRocksDb});
  constexpr int kClerks = 4;
  constexpr int kNotes = 150;
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) names.push_back(fixture.MustCreate({AcceptedEvent()}).name());
  std::vector<std::thread> clerks;
  for (int clerk = 0; clerk < kClerks; ++clerk) {
    clerks.emplace_back([&, clerk] {
      for (int n = 0; n < kNotes; ++n) {
        v1::Event note;
        note.mutable_noted()->set_text(absl::StrCat(clerk, ":", n));
        fixture.MustAppend(names[static_cast<size_t>(n % 3)], note);
        if (n % 10 == 0) fixture.MustListNames({});
      }
    });
  }
  for (std::thread& clerk : clerks) clerk.join();
  std::map<std::string, int64_t> revision_of;
  for (const std::string& name : names) {
    for (const v1::Event& event : fixture.MustListEvents(name)) {
      if (!event.has_noted()) continue;
      EXPECT_TRUE(revision_of.emplace(event.noted().text(), event.revision()).second);
    }
  }
  EXPECT_EQ(revision_of.size(), size_t{kClerks * kNotes});
  for (int clerk = 0; clerk < kClerks; ++clerk) {
    for (int n = 1; n < kNotes; ++n) {
      EXPECT_LT(revision_of.at(absl::StrCat(clerk, ":", n - 1)), revision_of.at(absl::StrCat(clerk, ":", n)));
    }
  }
}

TEST(Concurrency, AReadSeesItsOwnWrites) {
  ServiceFixture fixture;
  for (int i = 1; i <= 200; ++i) {
    const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
    EXPECT_EQ(fixture.MustGet(dossier.name()).revision(), dossier.revision());
    v1::ListDossiersRequest newest;
    newest.set_page_size(1);
    const v1::ListDossiersResponse page = ValueOrDie(fixture.List(newest));
    EXPECT_EQ(page.total_size(), i);
    EXPECT_EQ(page.dossiers(0).name(), dossier.name());
    EXPECT_GE(page.revision(), dossier.revision());
  }
}

// --- The bulk stream's commands --------------------------------------------------------------------------------------

TEST(StreamAppend, EachMessageIsOneCommandAndARefusalIsItsOwn) {
  ServiceFixture fixture;
  v1::StreamAppendRequest create;
  create.set_sequence(7);
  *create.mutable_create()->add_events() = AcceptedEvent();
  const auto created = ValueOrDie(fixture.Call(&Service::StreamAppend, create));
  EXPECT_EQ(created.sequence(), 7);
  EXPECT_EQ(created.dossier(), "dossiers/H24.99.1-260821-0001");
  EXPECT_EQ(created.revision(), fixture.head_revision());
  v1::StreamAppendRequest refused;
  refused.set_sequence(8);
  refused.mutable_append()->set_parent(created.dossier());
  *refused.mutable_append()->mutable_event() = SampleEvent(v1::Event::kReturned);
  const auto told = ValueOrDie(fixture.Call(&Service::StreamAppend, refused));
  EXPECT_EQ(told.sequence(), 8);
  EXPECT_EQ(ErrorReason(FromRpcStatus(told.error())), "TRANSITION_NOT_ALLOWED");
  const auto nothing = ValueOrDie(fixture.Call(&Service::StreamAppend, v1::StreamAppendRequest()));
  EXPECT_EQ(ErrorField(FromRpcStatus(nothing.error())), "command");
}

}  // namespace
}  // namespace tthc::server
