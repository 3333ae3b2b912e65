#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/crash/clerks.h"
#include "tests/crash/examination.h"
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
    auto server = TthcdProcess::Start({.data_directory = directory_.path(),
                                       .environment = {{"TTHC_CRASH_POINT", crash_point}}});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  // Restarts, examines, has the clerks work and the server die, `rounds` times. `crash_point` without the number of the
  // pass; empty: killed from outside at a random moment.
  void Run(int rounds, const std::string& crash_point);

  // As Run, but the clerks go home and the server is told to stop: it dies while it leaves, on its way to writing the
  // snapshot of facts.
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
  // Filled from the seed before anything is to go wrong.
  ASSERT_NE(StartServer(""), nullptr);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    // First a server that lives, for what the last one left behind.
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
    // What it leaves behind, a start must cope with: with an order to stop at once, and another that finds that one's.
    server = StartServer("");
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(examination_.AfterRestart(server->address(), &clerks_.commands()));
    const auto ended = server->Stop();
    ASSERT_TRUE(ended.ok() && *ended == 0) << server->process().Stderr();
  }
  ASSERT_NO_FATAL_FAILURE(Finish());
}

TEST_F(CrashTest, KilledAtRandomMoments) { Run(80, ""); }

TEST_F(CrashTest, KilledBeforeThePipelineCommits) {
  Run(15, "pipeline.before_commit");
  EXPECT_GT(examination_.unknown_not_done(), 0);
}

TEST_F(CrashTest, KilledAfterThePipelineCommitted) {
  Run(15, "pipeline.after_commit");
  // What was on the disk and unanswered; commands that still waited in the queue are not.
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
