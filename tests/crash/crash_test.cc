#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/crash/clerks.h"
#include "tests/crash/examination.h"
#include "tests/testing/dossier_records.h"
#include "tests/testing/old_store.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/seed.h"
#include "tests/testing/tthcd_process.h"

// Law 2: an acknowledged event survives `kill -9` and restart, once, whole and in order. Real servers, real kills.
namespace tthc::crash {
namespace {

using testing::TthcdProcess;

constexpr int kClerks = 4;
constexpr int kSigKilled = 128 + 9;

class CrashTest : public ::testing::Test {
 protected:
  std::unique_ptr<TthcdProcess> StartServer(const std::string& crash_point) {
    auto server =
        TthcdProcess::Start({.data_directory = directory_.path(), .environment = {{"TTHC_CRASH_POINT", crash_point}}});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  // `rounds` times: restarts the server, examines it, lets the clerks work and has the server killed. `crash_point` is
  // given without the number of the pass; empty: killed from outside at a random moment.
  void Run(int rounds, const std::string& crash_point);

  // As Run, but the clerks have finished and the server gets SIGTERM: it is killed during its shutdown, while it writes
  // the snapshot of facts.
  void RunStops(int rounds, const std::string& crash_point);

  // Ends the last server in order and looks at the store itself.
  void Finish() {
    const auto server = StartServer("");
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(examination_.AfterRestart(server->address(), &clerks_.commands()));
    const auto status = server->Stop();
    ASSERT_TRUE(status.ok() && *status == 0) << server->process().Stderr();
    examination_.OfTheStore(directory_.path(), clerks_.commands());
    size_t texts = 0;
    for (const Command& command : clerks_.commands()) texts += command.texts.size();
    std::cout << clerks_.commands().size() << " commands, " << texts << " events; of unknown outcome "
              << examination_.unknown_done() << " done, " << examination_.unknown_not_done() << " not" << std::endl;
    EXPECT_GT(clerks_.commands().size(), 100u);
  }

  const uint64_t seed_ = testing::TestSeed();
  std::mt19937_64 random_{seed_};
  testing::ScratchDirectory directory_;
  Clerks clerks_{seed_ + 1, kClerks};
  Examination examination_;
};

void CrashTest::Run(int rounds, const std::string& crash_point) {
  // The seed is loaded before anything fails.
  ASSERT_NE(StartServer(""), nullptr);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    // First a server without crash points, to examine the files of the one before.
    auto server = StartServer("");
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(examination_.AfterRestart(server->address(), &clerks_.commands()));
    if (!crash_point.empty()) {
      server->Kill();
      server = StartServer(absl::StrCat(crash_point, ":", 1 + random_() % 25));
      ASSERT_NE(server, nullptr);
    }
    const int kill_after = crash_point.empty() ? static_cast<int>(1 + random_() % 60) : 0;
    clerks_.Work(server->address(), 150, [&](int acknowledged) {
      if (acknowledged == kill_after) server->process().Signal(9);
    });
    const auto status = server->process().Wait(absl::Seconds(30));
    ASSERT_TRUE(status.ok() && *status == kSigKilled) << "it did not die: " << status.status();
  }
  ASSERT_NO_FATAL_FAILURE(Finish());
}

void CrashTest::RunStops(int rounds, const std::string& crash_point) {
  ASSERT_NE(StartServer(""), nullptr);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    auto server = StartServer(crash_point);
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(examination_.AfterRestart(server->address(), &clerks_.commands()));
    clerks_.Work(server->address(), 60, [](int) {});
    const auto status = server->Stop();
    ASSERT_TRUE(status.ok() && *status == kSigKilled) << "it did not die: " << status.status();
    // The next start must cope with whatever files are left, and so must the one after its own clean stop.
    server = StartServer("");
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(examination_.AfterRestart(server->address(), &clerks_.commands()));
    const auto ended = server->Stop();
    ASSERT_TRUE(ended.ok() && *ended == 0) << server->process().Stderr();
  }
  ASSERT_NO_FATAL_FAILURE(Finish());
}

// A start that upgrades an old store may be killed, too: the next one finishes the work.
TEST(MigrationCrashTest, AnInterruptedUpgradeIsFinishedByTheNextStart) {
  for (const std::string point : {"migration.before_commit", "migration.after_commit"}) {
    SCOPED_TRACE(point);
    const testing::OldStore old;
    const auto killed =
        TthcdProcess::Start({.data_directory = old.path(), .environment = {{"TTHC_CRASH_POINT", point + ":1"}}});
    ASSERT_FALSE(killed.ok()) << "it did not die";
    auto server = TthcdProcess::Start({.data_directory = old.path()});
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_THAT((*server)->ready_line(), ::testing::HasSubstr("24 dossiers"));
    const auto status = (*server)->Stop();
    ASSERT_TRUE(status.ok() && *status == 0) << (*server)->process().Stderr();

    auto store = storage::Store::Open(*storage::OpenRocksDb({.directory = old.path()}));
    ASSERT_TRUE(store.ok()) << store.status();
    std::map<int64_t, std::string> uid_in_log;
    ASSERT_TRUE((*store)
                    ->Read()
                    .ScanLog(1,
                             [&](int64_t, const storage::v1::LogRecord& record) {
                               if (record.dossier_uid().empty()) return true;
                               EXPECT_TRUE(uid_in_log.emplace(record.dossier_number(), record.dossier_uid()).second);
                               return true;
                             })
                    .ok());
    std::set<std::string> names;
    ASSERT_TRUE(testing::VisitDossiers((*store)->Read(), [&](int64_t number, const storage::v1::DossierRecord& record) {
                  EXPECT_EQ(record.dossier().name(), "dossiers/" + uid_in_log[number]);
                  names.insert(record.dossier().name());
                }).ok());
    EXPECT_EQ(names.size(), 24u);
  }
}

TEST_F(CrashTest, KilledAtRandomMoments) { Run(80, ""); }

TEST_F(CrashTest, KilledBeforeThePipelineCommits) {
  Run(15, "pipeline.before_commit");
  EXPECT_GT(examination_.unknown_not_done(), 0);
}

TEST_F(CrashTest, KilledAfterThePipelineCommitted) {
  Run(15, "pipeline.after_commit");
  // Some commands were durable and not answered yet; those that still waited in the queue are lost.
  EXPECT_GT(examination_.unknown_done(), 0);
}

TEST_F(CrashTest, KilledBeforeTheEngineWrites) {
  Run(15, "engine.before_write");
  EXPECT_GT(examination_.unknown_not_done(), 0);
}

TEST_F(CrashTest, KilledAfterTheEngineWrote) {
  Run(15, "engine.after_write");
  EXPECT_GT(examination_.unknown_done(), 0);
}

TEST_F(CrashTest, KilledWhileTheSnapshotOfFactsIsWritten) { RunStops(4, "facts.writing"); }

TEST_F(CrashTest, KilledBeforeTheSnapshotOfFactsIsThere) { RunStops(4, "facts.before_rename"); }

TEST_F(CrashTest, KilledAfterTheSnapshotOfFactsIsThere) { RunStops(4, "facts.after_rename"); }

}  // namespace
}  // namespace tthc::crash
