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
#include "tests/testing/random_center.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// What a write promises: all or nothing, acknowledged once it is durable, remembered for retries, bounded.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::At;
using testing::EngineKind;
using testing::FaultyEngine;
using testing::RandomCenter;
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

// --- A disk that fails -----------------------------------------------------------------------------------------------

class FullDiskTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  FaultyEngine* engine_ = nullptr;
  ServiceFixture fixture_{{.engine = GetParam(), .wrap = [this](std::unique_ptr<storage::Engine> inner) {
                             auto faulty = std::make_unique<FaultyEngine>(std::move(inner));
                             engine_ = faulty.get();
                             return faulty;
                           }}};
};

TEST_P(FullDiskTest, WritesAreRefusedWhileReadsGoOnAndLaterWritesSucceedWithoutARestart) {
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

TEST_P(FullDiskTest, OccasionalFailuresLeaveTheHistoryWhole) {
  RandomCenter center(testing::TestSeed(),
                      {.engine = GetParam(), .wrap = [this](std::unique_ptr<storage::Engine> inner) {
                         auto faulty = std::make_unique<FaultyEngine>(std::move(inner));
                         engine_ = faulty.get();
                         return faulty;
                       }});
  int failed = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string before = i % 10 == 0 ? center.fixture().StoredBytes() : "";
    if (i % 10 == 0) engine_->ScriptCommit(FaultyEngine::When::kBefore, DiskFull());
    const RandomCenter::Step step = center.Next();
    if (ErrorReason(step.status) != "STORE_READ_ONLY") continue;
    ++failed;
    if (!before.empty()) {
      EXPECT_EQ(center.fixture().StoredBytes(), before);
    }
  }
  EXPECT_GT(failed, 10);
  // The lists, which come from memory, agree with the store that a restart loads.
  std::string lists;
  for (const v1::Dossier& dossier : center.AllDossiers()) absl::StrAppend(&lists, dossier.DebugString());
  center.fixture().Restart();
  std::string again;
  for (const v1::Dossier& dossier : center.AllDossiers()) absl::StrAppend(&again, dossier.DebugString());
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
      // Background work may still report the fault, and the recovery of RocksDB tries once a second: the caller tries
      // again, as the error asks.
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

// --- Trials ----------------------------------------------------------------------------------------------------------

TEST(ValidateOnly, AnswersAsTheRealOneAndChangesNothing) {
  RandomCenter center(testing::TestSeed(), {});
  ServiceFixture& fixture = center.fixture();
  for (int i = 0; i < 300; ++i) {
    fixture.clock().Advance(center.history().Pause());
    testing::RandomCommand command = center.history().Next(fixture.clock().Now());
    testing::RandomCommand tried = command;
    if (tried.create.has_value()) tried.create->set_validate_only(true);
    if (tried.append.has_value()) tried.append->set_validate_only(true);
    if (tried.batch.has_value()) tried.batch->set_validate_only(true);
    const std::string bytes = fixture.StoredBytes();
    const absl::Status would = testing::SendCommand(fixture, tried).status;
    ASSERT_EQ(fixture.StoredBytes(), bytes);
    const RandomCenter::Step did = testing::SendCommand(fixture, command);
    // validate_only is part of the content that a repeated request id is compared by.
    if (ErrorReason(would) == "REQUEST_ID_REUSED") continue;
    ASSERT_EQ(ErrorReason(would), ErrorReason(did.status)) << command.DebugString();
    for (const std::string& name : did.dossiers) {
      center.history().Observe(fixture.MustGet(name), fixture.MustListEvents(name));
    }
  }
}

// No client may show a name, code, etag or revision that will never exist.
TEST(ValidateOnly, TheAnswerHasNoNamesCodesEtagsAndRevisions) {
  ServiceFixture fixture;
  for (const auto opening : {v1::Event::kAccepted, v1::Event::kSubmitted, v1::Event::kIntakeRefused}) {
    v1::CreateDossierRequest create;
    *create.add_events() = SampleEvent(opening);
    create.set_validate_only(true);
    create.set_view(v1::DOSSIER_VIEW_FULL);
    const auto tried = ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create));
    const v1::Dossier& dossier = tried.dossier();
    EXPECT_EQ(dossier.name() + dossier.code() + dossier.submission_code() + dossier.etag(), "");
    EXPECT_EQ(dossier.revision() + dossier.due_revision(), 0);
    EXPECT_TRUE(dossier.aliases().empty());
    EXPECT_NE(dossier.state(), v1::Dossier::STATE_UNSPECIFIED);
    const v1::Event& event = tried.events(0);
    EXPECT_EQ(event.name() + event.accepted().code() + event.submitted().code() + event.intake_refused().code(), "");
    EXPECT_EQ(event.revision(), 0);
    EXPECT_TRUE(event.has_record_time());
  }
  v1::AppendEventRequest append = NoteRequest(fixture.MustCreate({AcceptedEvent()}).name());
  append.set_validate_only(true);
  const auto tried = ValueOrDie(fixture.Call<v1::AppendEventResponse>(append));
  EXPECT_EQ(tried.dossier().name() + tried.dossier().etag() + tried.event().name(), "");
  EXPECT_EQ(tried.dossier().revision() + tried.event().revision(), 0);
  EXPECT_EQ(tried.dossier().state(), v1::Dossier::STATE_ACCEPTED);
}

// --- Views of answers ------------------------------------------------------------------------------------------------

TEST(AnswerView, IsAReferenceByDefault) {
  ServiceFixture fixture;
  v1::CreateDossierRequest create;
  *create.add_events() = AcceptedEvent();
  const auto created = ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create));
  v1::GetDossierRequest get;
  get.set_name(created.dossier().name());
  get.set_view(v1::DOSSIER_VIEW_REFERENCE);
  EXPECT_EQ(created.dossier().DebugString(), ValueOrDie(fixture.Call<v1::Dossier>(get)).DebugString());
  const auto appended = ValueOrDie(fixture.Call<v1::AppendEventResponse>(NoteRequest(created.dossier().name())));
  EXPECT_EQ(appended.dossier().DebugString(), ValueOrDie(fixture.Call<v1::Dossier>(get)).DebugString());
  // The event: name, revision and record time only.
  v1::Event expected;
  expected.set_name(absl::StrCat(created.dossier().name(), "/events/", fixture.head_revision()));
  expected.set_revision(fixture.head_revision());
  *expected.mutable_record_time() = ToProto(fixture.clock().Now());
  EXPECT_EQ(appended.event().DebugString(), expected.DebugString());
}

TEST(AnswerView, FullShowsTheWholeDossierAndTheWholeEvents) {
  ServiceFixture fixture;
  const std::string name = fixture.MustCreate({AcceptedEvent()}).name();
  v1::AppendEventRequest request = NoteRequest(name);
  request.set_view(v1::DOSSIER_VIEW_FULL);
  const auto full = ValueOrDie(fixture.Call<v1::AppendEventResponse>(request));
  EXPECT_EQ(full.dossier().DebugString(), fixture.MustGet(name).DebugString());
  EXPECT_EQ(full.event().DebugString(), fixture.MustListEvents(name).back().DebugString());
  request.set_view(v1::DOSSIER_VIEW_BASIC);
  const auto basic = ValueOrDie(fixture.Call<v1::AppendEventResponse>(request));
  EXPECT_TRUE(basic.dossier().has_request());
  EXPECT_FALSE(basic.event().has_noted());
}

TEST(AnswerView, ABatchShowsEachDossierOnceInTheOrderOfFirstMention) {
  ServiceFixture fixture;
  const v1::Dossier first = fixture.MustCreate({AcceptedEvent()});
  const v1::Dossier second = fixture.MustCreate({AcceptedEvent()});
  v1::BatchAppendEventsRequest batch;
  for (const v1::Dossier* dossier : {&second, &first, &second}) {
    *batch.add_requests() = NoteRequest("dossiers/" + dossier->code());
    batch.mutable_requests()->rbegin()->set_etag(dossier->etag());
  }
  const auto answer = ValueOrDie(fixture.Call<v1::BatchAppendEventsResponse>(batch));
  ASSERT_EQ(answer.dossiers_size(), 2) << "an etag refers to the dossier before the batch, so that all three match";
  EXPECT_EQ(answer.dossiers(0).name(), second.name());
  EXPECT_EQ(answer.dossiers(0).etag(), fixture.MustGet(second.name()).etag());
  EXPECT_EQ(answer.dossiers(1).name(), first.name());
  ASSERT_EQ(answer.events_size(), 3);
  EXPECT_EQ(answer.events(1).name(), absl::StrCat(first.name(), "/events/", answer.events(1).revision()));
}

TEST(AnswerView, AReplayShowsTheFirstAnswerInTheViewOfTheRetry) {
  ServiceFixture fixture;
  v1::CreateDossierRequest create;
  *create.add_events() = AcceptedEvent();
  create.set_request_id("once");
  create.set_view(v1::DOSSIER_VIEW_FULL);
  auto first = ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create));
  const std::string name = first.dossier().name();
  fixture.MustAppend(name, SampleEvent(v1::Event::kForwarded));
  const std::string bytes = fixture.StoredBytes();
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create)).DebugString(), first.DebugString());
  create.clear_view();
  const auto reference = ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create));
  EXPECT_EQ(reference.dossier().etag(), first.dossier().etag()) << "of then, not of now";
  EXPECT_EQ(reference.dossier().state(), v1::Dossier::STATE_ACCEPTED);
  EXPECT_FALSE(reference.dossier().has_request());
  EXPECT_EQ(reference.events(0).name(), first.events(0).name());
  EXPECT_FALSE(reference.events(0).has_accepted());
  EXPECT_EQ(fixture.StoredBytes(), bytes);
}

TEST(AnswerView, WarningsComeInEveryViewAndWithTheReplay) {
  ServiceFixture fixture;
  v1::CreateDossierRequest create;
  *create.add_events() = AcceptedEvent();
  create.mutable_events(0)->mutable_accepted()->mutable_request()->mutable_applicant()->set_phone_number("113");
  create.set_request_id("once");
  for (const auto view : {v1::DOSSIER_VIEW_UNSPECIFIED, v1::DOSSIER_VIEW_BASIC, v1::DOSSIER_VIEW_FULL}) {
    create.set_view(view);
    const auto answer = ValueOrDie(fixture.Call<v1::CreateDossierResponse>(create));
    EXPECT_EQ(answer.dossier().warnings_size(), 1) << view;
    EXPECT_EQ(fixture.MustGet(answer.dossier().name()).warnings_size(), 0);
  }
}

// --- Etags, deadlines, bounds ----------------------------------------------------------------------------------------

TEST(Etag, OfConcurrentWritesWithTheSameEtagOneSucceeds) {
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
        const auto answer = fixture.Call<v1::AppendEventResponse>(request);
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

TEST(Deadline, ACallThatHasNotBegunByThenIsDropped) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  const std::string bytes = fixture.StoredBytes();
  const RequestContext late{.caller = {.actor = "tester"}, .deadline = fixture.clock().Now() - absl::Seconds(1)};
  std::promise<absl::Status> written;
  const v1::AppendEventRequest note = NoteRequest(dossier.name());
  fixture.service().methods().Call<v1::AppendEventResponse>(late, note,
                                                            [&](auto answer) { written.set_value(answer.status()); });
  EXPECT_EQ(written.get_future().get().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(fixture.StoredBytes(), bytes);
  std::promise<absl::Status> read;
  const v1::ListDossiersRequest list;
  fixture.service().methods().Call<v1::ListDossiersResponse>(late, list,
                                                             [&](auto answer) { read.set_value(answer.status()); });
  EXPECT_EQ(read.get_future().get().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Queue, PastItsBoundWritesAreRefusedWithARetryDelay) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  // The first answer blocks the commit thread.
  std::promise<void> release;
  std::promise<void> held;
  const std::shared_future<void> released = release.get_future().share();
  const v1::AppendEventRequest first = NoteRequest(dossier.name());
  fixture.service().methods().Call<v1::AppendEventResponse>({}, first, [&, released](auto) {
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
    fixture.service().methods().Call<v1::AppendEventResponse>(
        {}, tried, [&](const absl::StatusOr<v1::AppendEventResponse>& answer) {
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
  EXPECT_EQ(answered.load(), sent) << "every call is answered once";
  EXPECT_EQ(accepted.load(), limits::kCommitQueueMax) << "every queued command is carried out";
}

TEST(Shutdown, CarriesOutQueuedCommandsAndRefusesLaterCalls) {
  ServiceFixture fixture;
  const v1::Dossier dossier = fixture.MustCreate({AcceptedEvent()});
  std::atomic<int> done{0};
  const v1::AppendEventRequest note = NoteRequest(dossier.name());
  for (int i = 0; i < 200; ++i) {
    fixture.service().methods().Call<v1::AppendEventResponse>({}, note,
                                                              [&](const auto& answer) { done += answer.ok(); });
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
    // Expired ids are deleted by a later write.
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
  EXPECT_EQ(ValueOrDie(fixture.store().Read().Get<storage::Requests>("once")).has_value(), false);
  EXPECT_NE(retried(), dossier.code()) << "a new request by then";
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

// --- Occur time and record time --------------------------------------------------------------------------------------

TEST(RecordTime, NeverGoesBackWhenTheClockOfTheMachineDoes) {
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

TEST(OccurTime, OfAClientWhoseClockRunsALittleAheadBecomesNow) {
  ServiceFixture fixture;
  v1::Event event = AcceptedEvent();
  *event.mutable_occur_time() = ToProto(fixture.clock().Now() + limits::kFutureSkewMax);
  const auto created = ValueOrDie(fixture.Create({event}));
  EXPECT_EQ(FromProto(created.events(0).occur_time()), fixture.clock().Now());
}

TEST(LateEntry, IsMarkedAndBoundedUnlessItIsImported) {
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

// --- Concurrency -----------------------------------------------------------------------------------------------------

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

TEST(StreamAppend, EachMessageIsOneCommandWithItsOwnAnswerOrError) {
  ServiceFixture fixture;
  v1::StreamAppendRequest create;
  *create.mutable_create()->add_events() = AcceptedEvent();
  // Ignored: an acknowledgment has no dossier.
  create.mutable_create()->set_view(v1::DOSSIER_VIEW_FULL);
  const auto created = ValueOrDie(fixture.Call<v1::StreamAppendResponse>(create));
  const v1::Dossier dossier = fixture.MustGet("dossiers/H24.99.1-260821-0001");
  EXPECT_EQ(created.dossier(), dossier.name());
  EXPECT_EQ(created.code(), dossier.code());
  EXPECT_EQ(created.etag(), dossier.etag());
  EXPECT_EQ(created.revision(), fixture.head_revision());
  v1::StreamAppendRequest refused;
  refused.mutable_append()->set_parent(created.dossier());
  *refused.mutable_append()->mutable_event() = SampleEvent(v1::Event::kReturned);
  EXPECT_EQ(ErrorReason(fixture.Status(refused)), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(ErrorField(fixture.Status(v1::StreamAppendRequest())), "command");
}

TEST(StreamAppend, ATrialWritesNothingAndAcknowledgesNoNames) {
  ServiceFixture fixture;
  v1::StreamAppendRequest create;
  *create.mutable_create()->add_events() = AcceptedEvent();
  create.mutable_create()->set_validate_only(true);
  const std::string bytes = fixture.StoredBytes();
  const auto tried = ValueOrDie(fixture.Call<v1::StreamAppendResponse>(create));
  EXPECT_EQ(fixture.StoredBytes(), bytes);
  EXPECT_EQ(tried.DebugString(), v1::StreamAppendResponse().DebugString());
}

}  // namespace
}  // namespace tthc::server
