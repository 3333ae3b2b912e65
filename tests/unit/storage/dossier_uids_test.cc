#include "storage/schema/dossier_uids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/engine/memory_engine.h"
#include "storage/schema/keys.h"
#include "storage/schema/migration.h"
#include "storage/schema/record.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/seed.h"

namespace tthc::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using tthc::testing::FaultyEngine;

constexpr int64_t kDossiers = 25;

UidSource SeededUids() {
  static const uint64_t seed = tthc::testing::TestSeed();
  auto random = std::make_shared<std::mt19937>(static_cast<uint32_t>(seed));
  return UidSourceFrom([random] { return static_cast<uint32_t>((*random)()); });
}

// Every third dossier is submitted online, every third refused at intake, and every third accepted at the counter.
v1::LogRecord OpeningOf(int64_t number) {
  v1::LogRecord record;
  record.set_record_time_us(1'795'662'000'000'000 + number);
  record.set_dossier_number(number);
  const std::string code = absl::StrCat("H24.60-261126-T000", number);
  if (number % 3 == 1) record.mutable_event()->mutable_submitted()->set_code(code);
  if (number % 3 == 2) record.mutable_event()->mutable_intake_refused()->set_code(code);
  if (number % 3 == 0) record.mutable_event()->mutable_accepted()->set_code(absl::StrCat("H24.60-261126-000", number));
  return record;
}

// A store as software without uids wrote it: each dossier has an opening event and, some revisions later, a note.
void FillOldStore(Engine& engine) {
  Batch batch;
  for (int64_t number = 1; number <= kDossiers; ++number) {
    batch.Put(LogKey(number), EncodeRecord(OpeningOf(number)));
    v1::LogRecord note;
    note.set_dossier_number(number);
    note.mutable_event()->mutable_noted()->set_text("ghi chú");
    batch.Put(LogKey(kDossiers + number), EncodeRecord(note));
    v1::DossierRecord dossier;
    dossier.mutable_fact()->set_due_time(number);
    dossier.mutable_dossier()->set_revision(kDossiers + number);
    dossier.add_revision_deltas(static_cast<uint64_t>(number));
    dossier.add_revision_deltas(kDossiers);
    batch.Put(DossierKey(number), EncodeRecord(dossier));
  }
  v1::SchemaRecord schema;
  schema.set_version(3);
  schema.set_store_id(42);
  schema.add_applied("schemes-and-closings");
  schema.add_applied("mirror");
  batch.Put(SchemaKey(), EncodeRecord(schema));
  v1::HeadRecord head;
  head.set_revision(2 * kDossiers);
  head.set_last_dossier_number(kDossiers);
  head.set_oldest_revision(1);
  batch.Put(HeadKey(), EncodeRecord(head));
  ASSERT_TRUE(engine.Commit(batch, 0, 2 * kDossiers).ok());
}

template <typename Record>
Record Read(const Engine& engine, const std::string& key) {
  const auto record = ReadRecord<Record>(*engine.TakeSnapshot(), key);
  EXPECT_TRUE(record.ok() && record->has_value()) << DescribeKey(key) << " " << record.status();
  return record.ok() && record->has_value() ? **record : Record();
}

std::string UidInLog(const Engine& engine, int64_t number) {
  return Read<v1::LogRecord>(engine, LogKey(number)).dossier_uid();
}

// Log, dossier, fact and index agree, and no two dossiers share a uid.
void ExpectEachHasOneUid(const Engine& engine) {
  std::set<std::string> uids;
  for (int64_t number = 1; number <= kDossiers; ++number) {
    const std::string uid = UidInLog(engine, number);
    EXPECT_TRUE(IsUid(uid)) << uid;
    EXPECT_TRUE(uids.insert(uid).second) << uid;
    const auto record = Read<v1::DossierRecord>(engine, DossierKey(number));
    EXPECT_EQ(record.dossier().name(), "dossiers/" + uid);
    EXPECT_EQ(record.fact().uid(), uid);
    EXPECT_EQ(record.dossier().submission_code(), number % 3 == 0 ? "" : absl::StrCat("H24.60-261126-T000", number));
    EXPECT_EQ(Read<v1::CodeRecord>(engine, CodeKey(absl::AsciiStrToUpper(uid))).dossier_number(), number);
    EXPECT_EQ(UidInLog(engine, kDossiers + number), "") << "only the event that opened it carries the uid";
  }
  size_t codes = 0;
  const auto [first, last] = KeyRange(KeyKind::kCode);
  ASSERT_TRUE(engine.TakeSnapshot()
                  ->Scan(first, last, {},
                         [&](absl::string_view, absl::string_view) {
                           ++codes;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(codes, static_cast<size_t>(kDossiers)) << "no uid of an interrupted run is left in the index";
}

TEST(AssignDossierUids, GivesEveryDossierOneUidAndTouchesNothingElse) {
  MemoryEngine engine;
  FillOldStore(engine);
  std::map<int64_t, v1::DossierRecord> before;
  for (int64_t number = 1; number <= kDossiers; ++number) {
    before[number] = Read<v1::DossierRecord>(engine, DossierKey(number));
  }
  ASSERT_EQ(AssignDossierUids(engine, SeededUids(), 7), absl::OkStatus());
  ExpectEachHasOneUid(engine);
  EXPECT_EQ(engine.revision(), 2 * kDossiers);
  for (int64_t number = 1; number <= kDossiers; ++number) {
    auto after = Read<v1::DossierRecord>(engine, DossierKey(number));
    after.mutable_dossier()->clear_name();
    after.mutable_dossier()->clear_submission_code();
    after.mutable_fact()->clear_uid();
    EXPECT_EQ(after.SerializeAsString(), before[number].SerializeAsString());
    auto opening = Read<v1::LogRecord>(engine, LogKey(number));
    opening.clear_dossier_uid();
    EXPECT_EQ(opening.SerializeAsString(), OpeningOf(number).SerializeAsString());
  }
}

// Whatever commit is lost, or applied without the caller hearing of it, the next run ends with one uid for each, and
// those that were given already stay.
TEST(AssignDossierUids, GoesOnAfterAnInterruptionAtAnyCommit) {
  for (const FaultyEngine::When when : {FaultyEngine::When::kBefore, FaultyEngine::When::kAfter}) {
    for (int interrupted = 0; interrupted < 4; ++interrupted) {
      FaultyEngine engine(std::make_unique<MemoryEngine>());
      FillOldStore(engine);
      for (int i = 0; i < interrupted; ++i) engine.ScriptCommit(when, absl::OkStatus());
      engine.ScriptCommit(when, absl::UnavailableError("power is gone"));
      const UidSource uids = SeededUids();
      ASSERT_EQ(AssignDossierUids(engine, uids, 7), absl::UnavailableError("power is gone"));
      std::map<int64_t, std::string> given;
      for (int64_t number = 1; number <= kDossiers; ++number) {
        if (const std::string uid = UidInLog(engine, number); !uid.empty()) given[number] = uid;
      }
      const int applied = interrupted + (when == FaultyEngine::When::kAfter ? 1 : 0);
      EXPECT_THAT(given, SizeIs(std::min<size_t>(static_cast<size_t>(7 * applied), kDossiers)));

      ASSERT_EQ(AssignDossierUids(engine, uids, 7), absl::OkStatus());
      ExpectEachHasOneUid(engine);
      for (const auto& [number, uid] : given) EXPECT_EQ(UidInLog(engine, number), uid);
    }
  }
}

TEST(AssignDossierUids, ChangesNothingTheSecondTime) {
  FaultyEngine engine(std::make_unique<MemoryEngine>());
  FillOldStore(engine);
  ASSERT_EQ(AssignDossierUids(engine, SeededUids()), absl::OkStatus());
  const int commits = engine.commits();
  ASSERT_EQ(AssignDossierUids(engine, SeededUids()), absl::OkStatus());
  EXPECT_EQ(engine.commits(), commits);
}

TEST(AssignDossierUids, DrawsAgainWhatIsACodeOrWasDrawnAlready) {
  MemoryEngine engine;
  FillOldStore(engine);
  Batch batch;
  v1::CodeRecord alias;
  alias.set_dossier_number(3);
  batch.Put(CodeKey("BBBBBBBBBBBBBBBB"), EncodeRecord(alias));
  ASSERT_TRUE(engine.Commit(batch, engine.revision(), engine.revision()).ok());
  // Each uid comes twice; the first of all is an alias.
  int calls = 0;
  ASSERT_EQ(AssignDossierUids(engine,
                              [&calls] {
                                const auto index = static_cast<size_t>(calls++ / 2);
                                if (index == 0) return std::string(kUidLength, 'b');
                                std::string uid(kUidLength, 'c');
                                uid.back() = kUidAlphabet[index % kUidAlphabet.size()];
                                return uid;
                              }),
            absl::OkStatus());
  std::set<std::string> uids;
  for (int64_t number = 1; number <= kDossiers; ++number) uids.insert(UidInLog(engine, number));
  EXPECT_THAT(uids, SizeIs(kDossiers));
  EXPECT_FALSE(uids.contains(std::string(kUidLength, 'b')));
  EXPECT_EQ(Read<v1::CodeRecord>(engine, CodeKey("BBBBBBBBBBBBBBBB")).dossier_number(), 3);
}

TEST(AssignDossierUids, RefusesADossierWithoutItsOpeningEvent) {
  MemoryEngine engine;
  FillOldStore(engine);
  Batch batch;
  batch.Delete(LogKey(4));
  ASSERT_TRUE(engine.Commit(batch, engine.revision(), engine.revision()).ok());
  const absl::Status status = AssignDossierUids(engine, SeededUids());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dossier 4 "));
}

TEST(AssignDossierUids, IsTheStepFromSchemaThreeToFour) {
  MemoryEngine engine;
  FillOldStore(engine);
  const auto schema = Migrate(engine, Migrations(), 0);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_GE(schema->version(), 4);
  EXPECT_EQ(schema->applied(2), "dossier-uids");
  ExpectEachHasOneUid(engine);
}

TEST(UidSource, DrawsSixteenOfThirtyOneCharactersEvenly) {
  const UidSource uids = SeededUids();
  std::map<char, int> counts;
  for (int i = 0; i < 20'000; ++i) {
    const std::string uid = uids();
    ASSERT_TRUE(IsUid(uid)) << uid;
    for (const char c : uid) ++counts[c];
  }
  EXPECT_THAT(counts, SizeIs(kUidAlphabet.size()));
  // 320,000 characters: about 10,323 of each, with a standard deviation of 100.
  for (const auto& [character, count] : counts) EXPECT_NEAR(count, 10'323, 700) << character;
}

TEST(UidSource, NeverDrawsTheSameTwiceFromTheSystemsEntropy) {
  const UidSource uids = RandomUidSource();
  std::set<std::string> seen;
  for (int i = 0; i < 2'000; ++i) EXPECT_TRUE(seen.insert(uids()).second);
}

TEST(IsUid, RefusesOtherCharactersAndLengths) {
  EXPECT_TRUE(IsUid("0123456789bcdfgh"));
  for (const char* text :
       {"", "0123456789bcdfg", "0123456789bcdfghj", "0123456789bcdfga", "0123456789BCDFGH", "H24.99.1-261122-"}) {
    EXPECT_FALSE(IsUid(text)) << text;
  }
}

}  // namespace
}  // namespace tthc::storage
