#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/facts/fact_loading.h"
#include "server/facts/fact_snapshot.h"
#include "server/facts/historical_facts.h"
#include "storage/base/checksum.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_center.h"
#include "tests/testing/seed.h"
#include "tthc/storage/v1/fact_snapshot.pb.h"

// Loading a snapshot and the log after it gives the same facts as loading the records. A snapshot that is damaged, or
// belongs to another history, is ignored.
namespace tthc::server {
namespace {

using testing::RandomCenter;
using testing::ValueOrDie;

// So that even a small center has many chunks.
constexpr size_t kChunkRows = 5;
constexpr uint64_t kHashSeed = 1;

// --- All contents of an index as text: indexes with equal texts give equal answers ---

std::string DescribeMoments(const FactColumns& columns, size_t row) {
  std::string text;
  columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) {
    std::string other = absl::StrCat(moment.other);
    if (moment.kind == FactMoment::kStep) {
      other = absl::StrCat(columns.codes[FactColumns::kUnit].NameOf(moment.unit()), "/",
                           columns.codes[FactColumns::kOfficer].NameOf(moment.officer()));
    }
    absl::StrAppend(&text, " [", moment.kind, " ", moment.time, " ", moment.value, " ", moment.verdict, " ",
                    moment.flag, " ", moment.is_last, " ", other, "]");
  });
  return text;
}

std::string DescribeRow(const FactIndex::View& view, size_t row) {
  const FactColumns& columns = view.columns;
  std::string text = absl::StrCat(row, ":");
  for (size_t name = 0; name < FactColumns::kNameCount; ++name) {
    absl::StrAppend(&text, " ", columns.codes[name].NameOf(columns.names[name][row]));
  }
  absl::StrAppend(&text, " ", columns.traits[row], " ", columns.submit[row], " ", columns.accept[row], " ",
                  columns.due[row], " ", columns.due_766[row], " ", columns.end[row], " ", columns.returned[row]);
  absl::StrAppend(&text, " ", columns.handling_minutes.At(row), " ", columns.submitted_minutes.At(row), " ",
                  columns.hand_over_minutes.At(row), DescribeMoments(columns, row));
  absl::StrAppend(&text, " ", view.texts.EntryOf(row), " ", view.texts.CodesOf(row), " ", view.texts.NameOf(row), " ",
                  view.texts.DigitsOf(row), " ", view.texts.UidOf(row), "\n");
  return text;
}

std::string Describe(const FactIndex& index) {
  std::string text;
  index.Read([&](const FactIndex::View& view) {
    absl::StrAppend(&text, "revision ", view.revision, ", ", view.texts.size(), " texts\n");
    for (size_t row = 0; row < view.columns.size(); ++row) absl::StrAppend(&text, DescribeRow(view, row));
  });
  FactFilter overdue;
  overdue.overdue_at = UINT32_MAX;
  for (const int64_t number : index.List(overdue, FactIndex::Order::kDueFirst, std::nullopt, 100'000).numbers) {
    absl::StrAppend(&text, number, " ");
  }
  return text;
}

void AddNames(const storage::StoreReader& reader, FactIndex& index) {
  std::vector<std::pair<uint32_t, std::string>> names;
  const absl::Status scanned = reader.ScanNames([&](uint32_t number, const std::string& name) {
    if (number >= 1 && index.NameOf(number).empty()) names.emplace_back(number, name);
  });
  ASSERT_TRUE(scanned.ok()) << scanned;
  // Only names: the facts of that revision follow later, and a snapshot may be taken in between.
  index.Apply({}, names, index.revision());
}

std::string FromRecords(const storage::Store& store) {
  FactIndex index;
  AddNames(store.Read(), index);
  const absl::Status loaded = LoadFactsFromRecords(store, 2, index);
  EXPECT_TRUE(loaded.ok()) << loaded;
  return Describe(index);
}

class FactSnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override { path_ = absl::StrCat(directory_.path(), "/facts.snapshot"); }

  storage::Store& store() { return center_.fixture().store(); }

  // Applies to `index_` what the service has committed since the last call.
  void Follow() {
    const storage::StoreReader reader = store().Read();
    AddNames(reader, index_);
    const std::vector<int64_t> changed = ValueOrDie(ChangedSince(reader, followed_));
    std::vector<storage::v1::Fact> facts;
    for (const int64_t number : changed) facts.push_back(ValueOrDie(reader.GetDossier(number))->fact());
    FactChanges changes;
    for (size_t i = 0; i < changed.size(); ++i) changes.emplace_back(changed[i], &facts[i]);
    index_.Apply(changes, {}, reader.revision());
    followed_ = reader.revision();
  }
  void RunAndFollow(int steps) {
    for (int i = 0; i < steps; ++i) {
      center_.Next();
      Follow();
    }
  }
  int64_t Save() { return ValueOrDie(SaveFactSnapshot(path_, store(), index_, kChunkRows)); }

  // Loads facts as a start does. Returns the revision of the snapshot that was used, 0 = none.
  int64_t Load(std::string* description) {
    FactIndex index;
    AddNames(store().Read(), index);
    const int64_t revision = ValueOrDie(LoadFacts(store(), path_, 2, index));
    *description = Describe(index);
    return revision;
  }
  void ExpectIgnored(const std::string& what) {
    SCOPED_TRACE(what);
    std::string loaded;
    EXPECT_EQ(Load(&loaded), 0);
    EXPECT_EQ(loaded, FromRecords(store()));
    EXPECT_FALSE(std::filesystem::exists(path_)) << "a later history might make it look valid again";
  }

  std::string ReadFile() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void WriteFile(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  // Changes the message at the end and sets its hash right.
  void EditFooter(const std::string& whole, const std::function<void(storage::v1::FactSnapshot*)>& edit) const {
    constexpr size_t kTrailer = 24;
    std::string trailer = whole.substr(whole.size() - kTrailer);
    uint64_t size = 0;
    std::memcpy(&size, trailer.data() + 8, sizeof size);
    storage::v1::FactSnapshot footer;
    ASSERT_TRUE(footer.ParseFromString(whole.substr(whole.size() - kTrailer - size, size)));
    edit(&footer);
    const std::string bytes = footer.SerializeAsString();
    const uint64_t sums[] = {Hash64(bytes, kHashSeed), bytes.size()};
    std::memcpy(trailer.data(), sums, sizeof sums);
    WriteFile(absl::StrCat(whole.substr(0, whole.size() - kTrailer - size), bytes, trailer));
  }

  const uint64_t seed_ = testing::TestSeed();
  std::mt19937_64 random_{seed_};
  testing::ScratchDirectory directory_;
  std::string path_;
  RandomCenter center_{seed_, {}, 25};
  FactIndex index_;
  int64_t followed_ = 0;
};

TEST_F(FactSnapshotTest, LoadsTheSameAsTheRecordsAtAnyMoment) {
  for (int round = 0; round < 12; ++round) {
    RunAndFollow(static_cast<int>(1 + random_() % 40));
    if (random_() % 2 == 0) Save();
    std::string loaded;
    Load(&loaded);
    ASSERT_EQ(loaded, FromRecords(store())) << "round " << round;
  }
}

TEST_F(FactSnapshotTest, CopiesWhileCommitsGoOn) {
  RunAndFollow(60);
  for (int round = 0; round < 6; ++round) {
    std::atomic<bool> done{false};
    std::atomic<int> saved{0};
    std::thread saving([&] {
      while (!done.load() || saved.load() == 0) {
        Save();
        ++saved;
      }
    });
    RunAndFollow(40);
    done.store(true);
    saving.join();
    std::string loaded;
    ASSERT_GT(Load(&loaded), 0);
    ASSERT_EQ(loaded, FromRecords(store())) << "round " << round << ", after " << saved << " snapshots";
  }
}

TEST_F(FactSnapshotTest, AcceptsChangesAfterItWasLoaded) {
  RunAndFollow(80);
  const int64_t revision = Save();
  FactIndex index;
  AddNames(store().Read(), index);
  ASSERT_EQ(ValueOrDie(LoadFacts(store(), path_, 3, index)), revision);
  // Restored columns, moments and texts must accept changes like any others.
  center_.Run(80);
  AddNames(store().Read(), index);
  ASSERT_TRUE(CatchUp(store(), revision, 3, index).ok());
  EXPECT_EQ(Describe(index), FromRecords(store()));
}

TEST_F(FactSnapshotTest, IsNotUsedWhenAnyBitIsWrong) {
  RunAndFollow(120);
  Save();
  const std::string whole = ReadFile();
  for (int i = 0; i < 150; ++i) {
    std::string damaged = whole;
    const size_t at = random_() % whole.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (random_() % 8)));
    WriteFile(damaged);
    ASSERT_FALSE(LoadFactSnapshot(path_, store(), 2).ok()) << "byte " << at << " of " << whole.size();
  }
  ExpectIgnored("a wrong bit");
}

TEST_F(FactSnapshotTest, IsNotUsedWhenItIsNotWhole) {
  RunAndFollow(60);
  Save();
  const std::string whole = ReadFile();
  for (int i = 0; i < 60; ++i) {
    WriteFile(whole.substr(0, random_() % whole.size()));
    ASSERT_FALSE(LoadFactSnapshot(path_, store(), 2).ok());
  }
  for (const std::string& bytes : {std::string(), whole.substr(0, 8), whole + "x", whole + whole.substr(8)}) {
    WriteFile(bytes);
    ASSERT_FALSE(LoadFactSnapshot(path_, store(), 2).ok()) << bytes.size() << " of " << whole.size() << " bytes";
  }
  ExpectIgnored("something after its end");
  std::filesystem::create_directory(path_);
  ASSERT_FALSE(LoadFactSnapshot(path_, store(), 2).ok()) << "a directory";
}

TEST_F(FactSnapshotTest, IsNotUsedForAnotherHistory) {
  RunAndFollow(40);
  Save();
  const std::string whole = ReadFile();
  const std::vector<std::pair<const char*, std::function<void(storage::v1::FactSnapshot*)>>> cases = {
      {"another store", [](auto* it) { it->set_store_id(it->store_id() + 1); }},
      {"older rules", [](auto* it) { it->set_fact_version(it->fact_version() - 1); }},
      {"another build", [](auto* it) { it->set_layout(it->layout() + 1); }},
      {"one column less", [](auto* it) { it->mutable_codes()->RemoveLast(); }},
      {"newer than the data", [](auto* it) { it->set_to_revision(it->to_revision() + 1); }},
      {"another record at its revision", [](auto* it) { it->set_to_log_hash(it->to_log_hash() + 1); }},
      {"one row more", [](auto* it) { it->mutable_chunks(0)->set_row_count(it->chunks(0).row_count() + 1); }},
      {"one moment more", [](auto* it) { it->mutable_chunks(0)->set_moment_count(it->chunks(0).moment_count() + 1); }},
      {"a chunk elsewhere", [](auto* it) { it->mutable_chunks(0)->set_offset(it->chunks(0).offset() + 1); }},
      {"a chunk behind the end", [](auto* it) { it->mutable_chunks(0)->set_offset(int64_t{1} << 40); }},
  };
  for (const auto& [what, edit] : cases) {
    ASSERT_NO_FATAL_FAILURE(EditFooter(whole, edit));
    ExpectIgnored(what);
  }
  ASSERT_NO_FATAL_FAILURE(EditFooter(whole, [](auto*) {}));
  std::string loaded;
  EXPECT_GT(Load(&loaded), 0) << "an unchanged footer must be accepted";
}

TEST_F(FactSnapshotTest, LeavesTheOldOneWhenTheNewCantBeWritten) {
  RunAndFollow(20);
  const int64_t revision = Save();
  RunAndFollow(20);
  // A directory stands where the new file would be created.
  std::filesystem::create_directory(path_ + ".new");
  EXPECT_EQ(SaveFactSnapshot(path_, store(), index_).status().code(), absl::StatusCode::kUnavailable);
  std::string loaded;
  EXPECT_EQ(Load(&loaded), revision);
  EXPECT_EQ(loaded, FromRecords(store()));
}

TEST_F(FactSnapshotTest, IsWrittenWhenEnoughWasRecorded) {
  RunAndFollow(10);
  FactSnapshotKeeper::Options options = {.path = path_,
                                         .store = &store(),
                                         .index = &index_,
                                         .interval = absl::Milliseconds(1),
                                         .revisions_min = followed_ - 1};
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  FactSnapshotKeeper keeper(options);
  while (!std::filesystem::exists(path_) && absl::Now() < deadline) std::this_thread::yield();
  ASSERT_TRUE(std::filesystem::exists(path_)) << "on its own thread";
  RunAndFollow(3);
  keeper.Stop();
  std::string loaded;
  EXPECT_EQ(Load(&loaded), followed_) << "Stop() writes a last snapshot";
}

TEST_F(FactSnapshotTest, IsNotWrittenWithoutChanges) {
  RunAndFollow(10);
  { FactSnapshotKeeper keeper({.path = path_, .store = &store(), .index = &index_, .saved_revision = followed_}); }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

// Law 1 with files: after random histories a service restarts from snapshots.
TEST(FactSnapshotServiceTest, ARestartedServiceFindsNoDifference) {
  const uint64_t seed = testing::TestSeed();
  RandomCenter center(seed, {.engine = testing::EngineKind::kRocksDb}, 15);
  for (int round = 0; round < 4; ++round) {
    center.Run(60);
    center.fixture().Restart();
    testing::SyncStream<v1::VerifyFactsResponse> stream(
        ValueOrDie(center.fixture().Open<v1::VerifyFactsResponse>(v1::VerifyFactsRequest())));
    int64_t checked = 0;
    for (auto part = ValueOrDie(stream.Next()); part.has_value(); part = ValueOrDie(stream.Next())) {
      ASSERT_EQ(part->difference_count(), 0) << part->ShortDebugString();
      checked = part->checked_count();
    }
    EXPECT_GT(checked, 0);
  }
}

}  // namespace
}  // namespace tthc::server
