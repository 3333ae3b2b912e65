#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/engine/engine.h"
#include "storage/engine/memory_engine.h"
#include "storage/engine/rocksdb_engine.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/seed.h"

namespace tthc::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Rows = std::vector<std::pair<std::string, std::string>>;

struct EngineKind {
  std::string name;
  bool survives_reopen = false;
  std::function<absl::StatusOr<std::unique_ptr<Engine>>(const std::string& directory)> open;
};

Rows ScanAll(const Snapshot& snapshot, const std::string& from, const std::string& to, bool reverse = false,
             bool bulk = false) {
  Rows rows;
  const absl::Status status =
      snapshot.Scan(from, to, {.reverse = reverse, .bulk = bulk}, [&](absl::string_view key, absl::string_view value) {
        rows.emplace_back(key, value);
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

std::string GetOr(const Snapshot& snapshot, const std::string& key, const std::string& missing) {
  const auto value = snapshot.Get(key);
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() && value->has_value() ? **value : missing;
}

class EngineConformance : public ::testing::TestWithParam<EngineKind> {
 protected:
  void SetUp() override {
    ASSERT_FALSE(directory_.path().empty());
    Open();
  }

  void Open() {
    engine_.reset();
    auto engine = GetParam().open(directory_.path() + "/data");
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  // One commit that moves the revision by one.
  void Put(const Rows& rows) {
    Batch batch;
    for (const auto& [key, value] : rows) batch.Put(key, value);
    Commit(batch);
  }
  void Commit(const Batch& batch) {
    const int64_t revision = engine_->revision();
    const absl::Status status = engine_->Commit(batch, revision, revision + 1);
    ASSERT_TRUE(status.ok()) << status;
  }

  testing::ScratchDirectory directory_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(EngineConformance, StartsEmptyAtRevisionZero) {
  EXPECT_EQ(engine_->revision(), 0);
  EXPECT_EQ(engine_->TakeSnapshot()->revision(), 0);
  EXPECT_THAT(ScanAll(*engine_->TakeSnapshot(), "", ""), IsEmpty());
}

TEST_P(EngineConformance, AppliesABatchWhole) {
  Put({{"a", "1"}, {"b", "2"}});
  Batch batch;
  batch.Delete("a");
  batch.Put("c", "3");
  batch.Delete("never there");
  Commit(batch);
  EXPECT_THAT(ScanAll(*engine_->TakeSnapshot(), "", ""), ElementsAre(Pair("b", "2"), Pair("c", "3")));
  EXPECT_EQ(engine_->revision(), 2);
}

TEST_P(EngineConformance, LetsTheLaterWriteOfABatchWin) {
  Batch batch;
  batch.Put("a", "first");
  batch.Put("a", "second");
  batch.Put("b", "put");
  batch.Delete("b");
  batch.Delete("c");
  batch.Put("c", "put again");
  Commit(batch);
  EXPECT_THAT(ScanAll(*engine_->TakeSnapshot(), "", ""), ElementsAre(Pair("a", "second"), Pair("c", "put again")));
}

TEST_P(EngineConformance, RefusesACommitOnAnotherRevision) {
  Put({{"a", "1"}});
  Batch batch;
  batch.Put("a", "2");
  for (const int64_t stale : {0, 2, 100}) {
    const absl::Status status = engine_->Commit(batch, stale, stale + 1);
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(ErrorReason(status), "REVISION_CONFLICT");
  }
  EXPECT_EQ(GetOr(*engine_->TakeSnapshot(), "a", ""), "1");
  EXPECT_EQ(engine_->revision(), 1);
}

TEST_P(EngineConformance, MovesTheRevisionByAnyStepButNeverBack) {
  EXPECT_TRUE(engine_->Commit({}, 0, 0).ok());
  EXPECT_TRUE(engine_->Commit({}, 0, 7).ok());
  EXPECT_EQ(engine_->Commit({}, 7, 6).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(engine_->revision(), 7);
  EXPECT_EQ(engine_->TakeSnapshot()->revision(), 7);
}

TEST_P(EngineConformance, HidesItsRevisionKeyAndRefusesToWriteIt) {
  Put({{"mre", "before"}, {"mrev0", "after"}});
  const auto snapshot = engine_->TakeSnapshot();
  EXPECT_EQ(GetOr(*snapshot, kRevisionKey, "hidden"), "hidden");
  EXPECT_THAT(ScanAll(*snapshot, "m", "n"), ElementsAre(Pair("mre", "before"), Pair("mrev0", "after")));
  Batch batch;
  batch.Put(kRevisionKey, "99");
  EXPECT_EQ(engine_->Commit(batch, 1, 2).code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(EngineConformance, HidesLaterCommitsFromASnapshot) {
  Put({{"a", "old"}, {"b", "old"}});
  const auto before = engine_->TakeSnapshot();
  Batch batch;
  batch.Put("a", "new");
  batch.Delete("b");
  batch.Put("c", "new");
  Commit(batch);
  const auto after = engine_->TakeSnapshot();
  ASSERT_TRUE(engine_->CompactAll().ok());
  EXPECT_EQ(before->revision(), 1);
  EXPECT_THAT(ScanAll(*before, "", ""), ElementsAre(Pair("a", "old"), Pair("b", "old")));
  EXPECT_EQ(GetOr(*before, "c", "none"), "none");
  EXPECT_EQ(after->revision(), 2);
  EXPECT_THAT(ScanAll(*after, "", ""), ElementsAre(Pair("a", "new"), Pair("c", "new")));
}

TEST_P(EngineConformance, ScansHalfOpenRangesBothWays) {
  Put({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  const auto snapshot = engine_->TakeSnapshot();
  for (const bool bulk : {false, true}) {
    EXPECT_THAT(ScanAll(*snapshot, "b", "d", false, bulk), ElementsAre(Pair("b", "2"), Pair("c", "3")));
    EXPECT_THAT(ScanAll(*snapshot, "b", "d", true, bulk), ElementsAre(Pair("c", "3"), Pair("b", "2")));
    EXPECT_THAT(ScanAll(*snapshot, "c", "", true, bulk), ElementsAre(Pair("d", "4"), Pair("c", "3")));
  }
  EXPECT_THAT(ScanAll(*snapshot, "bb", "c"), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, "c", "c"), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, "d", "b"), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, "d", "b", true), IsEmpty());
}

TEST_P(EngineConformance, StopsAScanWhenTheVisitorReturnsFalse) {
  for (int i = 0; i < 600; ++i) Put({{std::to_string(1000 + i), "x"}});
  for (const bool reverse : {false, true}) {
    for (const int wanted : {1, 255, 256, 257, 599}) {
      int seen = 0;
      const auto status = engine_->TakeSnapshot()->Scan(
          "", "", {.reverse = reverse}, [&](absl::string_view, absl::string_view) { return ++seen < wanted; });
      EXPECT_TRUE(status.ok());
      EXPECT_EQ(seen, wanted);
    }
    EXPECT_EQ(ScanAll(*engine_->TakeSnapshot(), "", "", reverse).size(), 600u);
  }
}

TEST_P(EngineConformance, AllowsReadsAndCommitsDuringAScan) {
  Put({{"a", "1"}, {"b", "2"}});
  const auto snapshot = engine_->TakeSnapshot();
  int seen = 0;
  const auto status = snapshot->Scan("", "", {}, [&](absl::string_view key, absl::string_view value) {
    ++seen;
    EXPECT_EQ(GetOr(*snapshot, std::string(key), ""), value);
    Put({{std::string(key) + "+", "new"}});
    return true;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(seen, 2);
}

TEST_P(EngineConformance, KeepsEveryByteOfKeysAndValues) {
  const std::string zero(1, '\0');
  const Rows rows = {{zero, "zero"},      {zero + zero, ""}, {"a", ""},
                     {"a" + zero, zero},  {"a\xff", "\xff"}, {"b", std::string(300'000, 'v')},
                     {"\x7f", "7f"},      {"\x80", "80"},    {"\xff", std::string("\xff\0\xff", 3)},
                     {"\xff\xff", "last"}};
  Put(rows);
  const auto snapshot = engine_->TakeSnapshot();
  EXPECT_EQ(ScanAll(*snapshot, "", ""), rows);
  EXPECT_EQ(ScanAll(*snapshot, "", "", true), Rows(rows.rbegin(), rows.rend()));
  for (const auto& [key, value] : rows) EXPECT_EQ(GetOr(*snapshot, key, "missing"), value);
  EXPECT_THAT(ScanAll(*snapshot, "\xff", ""), ElementsAre(rows[8], rows[9]));
}

TEST_P(EngineConformance, ReportsTheRevisionThatASnapshotsRowsBelongTo) {
  constexpr int kCommits = 300;
  std::thread writer([&] {
    for (int i = 1; i <= kCommits; ++i) Put({{"count", std::to_string(i)}});
  });
  int64_t seen = 0;
  while (seen < kCommits) {
    const auto snapshot = engine_->TakeSnapshot();
    EXPECT_GE(snapshot->revision(), seen);
    seen = snapshot->revision();
    EXPECT_EQ(GetOr(*snapshot, "count", "0"), std::to_string(seen));
  }
  writer.join();
}

TEST_P(EngineConformance, LetsOneOfManyWritersWinEachRevision) {
  constexpr int kWriters = 4;
  constexpr int64_t kRevisions = 100;
  std::vector<int64_t> won(kWriters);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      for (int64_t revision = engine_->revision(); revision < kRevisions; revision = engine_->revision()) {
        Batch batch;
        batch.Put("r" + std::to_string(revision), std::to_string(i));
        const absl::Status status = engine_->Commit(batch, revision, revision + 1);
        if (status.ok()) ++won[static_cast<size_t>(i)];
        EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kAborted) << status;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  int64_t total = 0;
  for (const int64_t count : won) total += count;
  EXPECT_EQ(total, kRevisions);
  EXPECT_EQ(ScanAll(*engine_->TakeSnapshot(), "r", "s").size(), static_cast<size_t>(kRevisions));
}

// For engines whose data outlive them.
class DurableEngineConformance : public EngineConformance {};

TEST_P(DurableEngineConformance, KeepsRowsAndRevisionWhenReopened) {
  Put({{"a", "1"}, {"b", "2"}});
  Batch batch;
  batch.Delete("a");
  Commit(batch);
  Open();
  EXPECT_EQ(engine_->revision(), 2);
  EXPECT_THAT(ScanAll(*engine_->TakeSnapshot(), "", ""), ElementsAre(Pair("b", "2")));
  Put({{"c", "3"}});
  EXPECT_EQ(engine_->revision(), 3);
}

TEST_P(EngineConformance, ReportsStatsForOperators) {
  Put({{"a", "1"}, {"b", "2"}});
  const auto stats = engine_->GetStats();
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_GE(stats->keys_estimate, 2u);
  EXPECT_FALSE(stats->read_only);
  if (GetParam().survives_reopen) {
    EXPECT_GT(stats->bytes_on_disk, 0u);
  }
}

// Applies random operations to the engine and to a std::map: after each of them the engine and its living snapshots
// show what the map shows, or showed when the snapshot was taken.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  std::string RandomKey() {
    static const std::string kBytes("\0\1a\x7f\xff", 5);
    std::string key(1 + Below(3), '\0');
    for (char& byte : key) byte = kBytes[Below(kBytes.size())];
    return key;
  }

  Batch RandomBatch() {
    Batch batch;
    for (size_t i = Below(12); i > 0; --i) {
      const std::string key = RandomKey();
      if (Below(4) == 0) {
        batch.Delete(key);
        rows_.erase(key);
      } else {
        const std::string value(Below(400), static_cast<char>(Below(256)));
        batch.Put(key, value);
        rows_[key] = value;
      }
    }
    return batch;
  }

  const std::map<std::string, std::string>& rows() const { return rows_; }

 private:
  std::mt19937_64 random_;
  std::map<std::string, std::string> rows_;
};

Rows Expected(const std::map<std::string, std::string>& rows, const std::string& from, const std::string& to,
              bool reverse) {
  Rows expected;
  for (const auto& [key, value] : rows) {
    if (key >= from && (to.empty() || key < to)) expected.emplace_back(key, value);
  }
  return reverse ? Rows(expected.rbegin(), expected.rend()) : expected;
}

TEST_P(EngineConformance, BehavesAsAnOrderedMap) {
  Model model(testing::TestSeed());
  struct Past {
    std::unique_ptr<Snapshot> snapshot;
    std::map<std::string, std::string> rows;
    int64_t revision = 0;
  };
  std::vector<Past> pasts;
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE(step);
    const size_t dice = model.Below(100);
    if (dice < 60) {
      Commit(model.RandomBatch());
    } else if (dice < 70 && pasts.size() < 8) {
      pasts.push_back({engine_->TakeSnapshot(), model.rows(), engine_->revision()});
    } else if (dice < 75 && !pasts.empty()) {
      pasts.erase(pasts.begin() + static_cast<ptrdiff_t>(model.Below(pasts.size())));
    } else if (dice < 76) {
      ASSERT_TRUE(engine_->CompactAll().ok());
    } else if (dice < 77 && GetParam().survives_reopen) {
      pasts.clear();
      const int64_t revision = engine_->revision();
      Open();
      ASSERT_EQ(engine_->revision(), revision);
    } else {
      const std::string from = model.Below(3) == 0 ? "" : model.RandomKey();
      const std::string to = model.Below(3) == 0 ? "" : model.RandomKey();
      const bool reverse = model.Below(2) == 0;
      ASSERT_EQ(ScanAll(*engine_->TakeSnapshot(), from, to, reverse), Expected(model.rows(), from, to, reverse));
      const std::string key = model.RandomKey();
      const auto found = model.rows().find(key);
      ASSERT_EQ(GetOr(*engine_->TakeSnapshot(), key, "missing"),
                found == model.rows().end() ? "missing" : found->second);
      for (const Past& past : pasts) {
        ASSERT_EQ(ScanAll(*past.snapshot, from, to, reverse), Expected(past.rows, from, to, reverse));
        ASSERT_EQ(past.snapshot->revision(), past.revision);
      }
    }
  }
}

EngineKind Memory() {
  return {.name = "Memory", .survives_reopen = false, .open = [](const std::string&) {
            return std::make_unique<MemoryEngine>();
          }};
}

EngineKind FaultyWithoutFaults() {
  return {.name = "FaultyWithoutFaults", .survives_reopen = false, .open = [](const std::string&) {
            return std::make_unique<testing::FaultyEngine>(std::make_unique<MemoryEngine>());
          }};
}

EngineKind RocksDb() {
  return {.name = "RocksDb", .survives_reopen = true, .open = [](const std::string& directory) {
            return OpenRocksDb({.directory = directory});
          }};
}

EngineKind RocksDbHostile() {
  return {.name = "RocksDbHostile", .survives_reopen = true, .open = [](const std::string& directory) {
            return OpenRocksDb({.directory = directory, .sync = false, .hostile = true});
          }};
}

std::string NameOf(const ::testing::TestParamInfo<EngineKind>& kind) { return kind.param.name; }

INSTANTIATE_TEST_SUITE_P(Engines, EngineConformance,
                         ::testing::Values(Memory(), FaultyWithoutFaults(), RocksDb(), RocksDbHostile()), NameOf);
INSTANTIATE_TEST_SUITE_P(Engines, DurableEngineConformance, ::testing::Values(RocksDb(), RocksDbHostile()), NameOf);

}  // namespace
}  // namespace tthc::storage
