#include "storage/engine/rocksdb_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>

#include "storage/base/crash_point.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/faulty_file_system.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/seed.h"

namespace tthc::storage {
namespace {

using ::testing::HasSubstr;
using Fault = testing::FaultyFileSystem::Fault;

// Commit number r writes "row r" and "last": what is on disk must be exactly the first commits, up to some r.
absl::Status CommitNext(Engine& engine, size_t value_bytes = 100) {
  const int64_t revision = engine.revision() + 1;
  Batch batch;
  batch.Put("row " + std::to_string(1'000'000 + revision), std::string(value_bytes, static_cast<char>(revision)));
  batch.Put("last", std::to_string(revision));
  return engine.Commit(batch, revision - 1, revision);
}

void ExpectWholeUpTo(const Engine& engine, int64_t revision, size_t value_bytes = 100) {
  EXPECT_EQ(engine.revision(), revision);
  const auto snapshot = engine.TakeSnapshot();
  const auto last = snapshot->Get("last");
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->value_or("0"), std::to_string(revision));
  int64_t rows = 0;
  const absl::Status status = snapshot->Scan("row ", "row~", {}, [&](absl::string_view key, absl::string_view value) {
    ++rows;
    EXPECT_EQ(key, "row " + std::to_string(1'000'000 + rows));
    EXPECT_EQ(value, std::string(value_bytes, static_cast<char>(rows)));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(rows, revision);
}

// Death tests run in a new process here, since a forked one would lack RocksDB's threads. The new process runs the
// whole test again; this gives it the directory of its parent.
class SharedWithDeathTest {
 public:
  explicit SharedWithDeathTest(const std::string& own_directory) {
    const char* of_parent = std::getenv(kVariable);
    is_child_ = of_parent != nullptr;
    directory_ = is_child_ ? of_parent : own_directory;
    setenv(kVariable, directory_.c_str(), 1);
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
  ~SharedWithDeathTest() { unsetenv(kVariable); }

  bool is_child() const { return is_child_; }
  const std::string& directory() const { return directory_; }

 private:
  static constexpr char kVariable[] = "TTHC_TEST_SHARED_DIRECTORY";
  bool is_child_ = false;
  std::string directory_;
};

class RocksDbEngineTest : public ::testing::Test {
 protected:
  RocksDbOptions Options() const { return {.directory = directory_.path() + "/data"}; }

  std::unique_ptr<Engine> Open(const RocksDbOptions& options) {
    auto engine = OpenRocksDb(options);
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  testing::ScratchDirectory directory_;
};

TEST_F(RocksDbEngineTest, RefusesASecondOpenerAndNamesTheDirectory) {
  const auto first = Open(Options());
  const auto second = OpenRocksDb(Options());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(second.status()), "DATA_IN_USE");
  EXPECT_THAT(ErrorMessage(second.status(), "en"), HasSubstr(Options().directory));
  EXPECT_THAT(ErrorMessage(second.status(), "vi"), HasSubstr("đang dùng thư mục dữ liệu " + Options().directory));
  EXPECT_TRUE(CommitNext(*first).ok());
}

TEST_F(RocksDbEngineTest, RefusesADirectoryThatAnotherProcessHolds) {
  const SharedWithDeathTest shared(Options().directory);
  const auto holder = shared.is_child() ? nullptr : Open({.directory = shared.directory()});
  EXPECT_EXIT(
      {
        const auto second = OpenRocksDb({.directory = shared.directory()});
        std::fputs(ErrorReason(second.status()).c_str(), stderr);
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "DATA_IN_USE");
}

TEST_F(RocksDbEngineTest, NamesTheDirectoryThatCantBeUsed) {
  std::ofstream(directory_.path() + "/file") << "not a directory";
  const auto engine = OpenRocksDb({.directory = directory_.path() + "/file/data"});
  EXPECT_EQ(ErrorReason(engine.status()), "DATA_DIRECTORY_UNUSABLE");
  EXPECT_THAT(ErrorMessage(engine.status(), "vi"), HasSubstr(directory_.path() + "/file/data"));
}

TEST_F(RocksDbEngineTest, RefusesBuffersBeyondTheBound) {
  RocksDbOptions options = Options();
  options.write_buffer_bytes = limits::kWriteBufferBytesMax + 1;
  EXPECT_EQ(OpenRocksDb(options).status().code(), absl::StatusCode::kInvalidArgument);
}

// Overwrites some bytes of every table file at this share of its length.
void DamageTables(const std::string& directory, double share) {
  int tables = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != ".sst") continue;
    ++tables;
    const auto at = static_cast<double>(entry.file_size()) * share;
    std::fstream table(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(static_cast<std::streamoff>(at));
    table << "damage";
  }
  ASSERT_GT(tables, 0);
}

TEST_F(RocksDbEngineTest, AnswersDataLossForADamagedTable) {
  std::mt19937_64 random(1);
  std::string noise(200'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  {
    const auto engine = Open(Options());
    Batch batch;
    batch.Put("big", noise);
    batch.Put("small", "intact");
    ASSERT_TRUE(engine->Commit(batch, 0, 1).ok());
  }
  DamageTables(Options().directory, 0.5);
  {
    const auto engine = Open(Options());
    const auto snapshot = engine->TakeSnapshot();
    EXPECT_EQ(snapshot->Get("big").status().code(), absl::StatusCode::kDataLoss);
    const absl::Status scanned = snapshot->Scan("", "", {}, [](absl::string_view, absl::string_view) { return true; });
    EXPECT_EQ(ErrorReason(scanned), "DATA_CORRUPT");
    EXPECT_EQ(snapshot->Get("small")->value_or(""), "intact");
  }
}

TEST_F(RocksDbEngineTest, RefusesToOpenWithoutAReadableRevision) {
  {
    const auto engine = Open(Options());
    ASSERT_TRUE(CommitNext(*engine).ok());
  }
  DamageTables(Options().directory, 0.02);
  EXPECT_EQ(ErrorReason(OpenRocksDb(Options()).status()), "DATA_CORRUPT");
}

TEST_F(RocksDbEngineTest, DiesAtTheNamedCrashPointAndKeepsWhatWasAcknowledged) {
  const SharedWithDeathTest shared(Options().directory);
  const RocksDbOptions options = {.directory = shared.directory()};
  const auto run = [&](const char* point) {
    ArmCrashPoint(point);
    const auto engine = OpenRocksDb(options);
    while (CommitNext(**engine).ok()) {
    }
  };
  EXPECT_EXIT(run("engine.before_write:4"), ::testing::KilledBySignal(SIGKILL), "");
  ExpectWholeUpTo(*Open(options), 3);
  EXPECT_EXIT(run("engine.after_write:2"), ::testing::KilledBySignal(SIGKILL), "");
  ExpectWholeUpTo(*Open(options), 5);
}

// Law 2.
TEST_F(RocksDbEngineTest, LosesNoAcknowledgedCommitWhenThePowerFails) {
  const uint64_t seed = testing::TestSeed();
  std::mt19937_64 random(seed);
  const auto disk = std::make_shared<testing::FaultyFileSystem>(seed);
  RocksDbOptions options = Options();
  options.file_system = disk;
  int64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    options.hostile = round % 2 == 0;
    auto engine = Open(options);
    ASSERT_NE(engine, nullptr);
    ASSERT_NO_FATAL_FAILURE(ExpectWholeUpTo(*engine, acknowledged, 700));
    for (size_t commits = random() % 120; commits > 0; --commits) {
      ASSERT_TRUE(CommitNext(*engine, 700).ok());
      ++acknowledged;
    }
    if (random() % 4 == 0) {
      ASSERT_TRUE(engine->CompactAll().ok());
    }
    disk->CutPower();
    EXPECT_FALSE(CommitNext(*engine, 700).ok());
    engine.reset();
    disk->RestorePower();
  }
}

// Checks the faulty disk itself: without a sync for each commit a power loss must lose commits.
TEST_F(RocksDbEngineTest, LosesCommitsThatWereNotSynced) {
  const auto disk = std::make_shared<testing::FaultyFileSystem>(7);
  RocksDbOptions options = Options();
  options.file_system = disk;
  options.sync = false;
  auto engine = Open(options);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(CommitNext(*engine).ok());
  disk->CutPower();
  engine.reset();
  disk->RestorePower();
  engine = Open(options);
  EXPECT_LT(engine->revision(), 200);
  ExpectWholeUpTo(*engine, engine->revision());
}

class RocksDbFaultTest : public RocksDbEngineTest, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    options_ = Options();
    options_.hostile = GetParam();
    options_.file_system = disk_;
  }

  void ExpectReadOnly(Engine& engine, int64_t revision) {
    for (int i = 0; i < 3; ++i) {
      const absl::Status status = CommitNext(engine);
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(ErrorReason(status), "STORE_READ_ONLY");
      EXPECT_GT(ErrorRetryDelay(status), absl::ZeroDuration());
      ExpectWholeUpTo(engine, revision);
    }
    EXPECT_TRUE(engine.GetStats()->read_only);
  }

  const std::shared_ptr<testing::FaultyFileSystem> disk_ = std::make_shared<testing::FaultyFileSystem>(1);
  RocksDbOptions options_;
};

TEST_P(RocksDbFaultTest, RefusesWritesWhileTheDiskFailsAndAcceptsThemAfterwards) {
  auto engine = Open(options_);
  for (const Fault fault : {Fault::kNoSpace, Fault::kReadOnly, Fault::kSyncFails, Fault::kNoSpace}) {
    SCOPED_TRACE(static_cast<int>(fault));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(CommitNext(*engine).ok());
    const int64_t revision = engine->revision();
    disk_->SetFault(fault);
    ExpectReadOnly(*engine, revision);
    disk_->SetFault(Fault::kNone);
    const absl::Status status = CommitNext(*engine);
    ASSERT_TRUE(status.ok()) << status;
    ExpectWholeUpTo(*engine, revision + 1);
    EXPECT_FALSE(engine->GetStats()->read_only);
    // Remains of failed writes in the log must not hide later commits from a start after a crash.
    disk_->CutPower();
    engine.reset();
    disk_->RestorePower();
    engine = Open(options_);
    ExpectWholeUpTo(*engine, revision + 1);
  }
}

TEST_P(RocksDbFaultTest, LosesNothingWhenItDiesWhileTheDiskFails) {
  for (const Fault fault : {Fault::kNoSpace, Fault::kReadOnly, Fault::kSyncFails}) {
    SCOPED_TRACE(static_cast<int>(fault));
    auto engine = Open(options_);
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(CommitNext(*engine).ok());
    const int64_t revision = engine->revision();
    disk_->SetFault(fault);
    ExpectReadOnly(*engine, revision);
    disk_->CutPower();
    engine.reset();
    disk_->SetFault(Fault::kNone);
    disk_->RestorePower();
    engine = Open(options_);
    // A commit whose sync failed was refused; it may be there as a whole, or not at all.
    EXPECT_GE(engine->revision(), revision);
    EXPECT_LE(engine->revision(), revision + 1);
    ExpectWholeUpTo(*engine, engine->revision());
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, RocksDbFaultTest, ::testing::Bool(),
                         [](const auto& setting) { return setting.param ? "Hostile" : "Ordinary"; });

}  // namespace
}  // namespace tthc::storage
