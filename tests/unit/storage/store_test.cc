#include "storage/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "storage/base/errors.h"
#include "storage/engine/memory_engine.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/schema/keys.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/scratch_directory.h"

namespace tthc::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::unique_ptr<Store> OpenMemory() {
  auto store = Store::Open(std::make_unique<MemoryEngine>());
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

v1::HeadRecord HeadAt(int64_t revision) {
  v1::HeadRecord head;
  head.set_revision(revision);
  head.set_oldest_revision(1);
  return head;
}

v1::DossierRecord DossierWithFact(int64_t number) {
  v1::DossierRecord record;
  record.mutable_fact()->set_due_time(number * 10);
  record.mutable_fact()->set_code("code " + std::to_string(number));
  record.mutable_dossier()->set_code("code " + std::to_string(number));
  return record;
}

TEST(CanonicalCode, IgnoresCaseAndBlanks) {
  EXPECT_EQ(CanonicalCode("H24.60-261126-0001"), "H24.60-261126-0001");
  EXPECT_EQ(CanonicalCode(" \th24.60 - 261126 -0001\n"), "H24.60-261126-0001");
  EXPECT_EQ(CanonicalCode("đ-1"), "đ-1");
  EXPECT_EQ(CanonicalCode("  "), "");
}

TEST(Store, StartsEmptyWithARandomId) {
  const auto one = OpenMemory();
  const auto other = OpenMemory();
  EXPECT_NE(one->store_id(), other->store_id());
  EXPECT_EQ(one->head().revision(), 0);
  EXPECT_EQ(one->Read().Head()->oldest_revision(), 1);
  EXPECT_EQ(*one->Read().GetCounter("x"), 0);
  EXPECT_FALSE(one->Read().GetDossier(1)->has_value());
  EXPECT_FALSE(one->Read().GetDossier(-1)->has_value());
  EXPECT_FALSE(one->Read().GetLog(-1)->has_value());
  EXPECT_FALSE(one->Read().FindCode("x")->has_value());
}

TEST(Store, ReadsBackWhatACommitWrote) {
  const auto store = OpenMemory();
  v1::RequestRecord request;
  request.set_content_hash(5);
  v1::LogRecord log;
  log.set_dossier_number(1);
  log.mutable_event()->mutable_noted()->set_text("ghi chú");
  StoreWrites writes;
  EXPECT_TRUE(writes.empty());
  writes.PutDossier(1, DossierWithFact(1));
  writes.PutCode(" h24-1 ", 1);
  writes.PutLog(1, log);
  writes.Put<Requests>("request", request);
  writes.PutCounter("H24-261126", 17);
  writes.PutName(3, "units/dat-dai");
  EXPECT_GT(writes.bytes(), 60u);
  ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(1)).ok());

  const StoreReader reader = store->Read();
  EXPECT_EQ(reader.revision(), 1);
  EXPECT_EQ((*reader.GetDossier(1))->dossier().code(), "code 1");
  EXPECT_EQ(*reader.FindCode("H24 -1"), std::optional<int64_t>(1));
  EXPECT_EQ((*reader.GetLog(1))->event().noted().text(), "ghi chú");
  EXPECT_EQ((*reader.Get<Requests>("request"))->content_hash(), 5u);
  EXPECT_EQ(*reader.GetCounter("H24-261126"), 17);
  std::map<uint32_t, std::string> names;
  ASSERT_TRUE(reader.ScanNames([&](uint32_t number, const std::string& name) { names[number] = name; }).ok());
  EXPECT_THAT(names, ElementsAre(Pair(3u, "units/dat-dai")));

  StoreWrites next;
  next.Delete<Requests>("request");
  ASSERT_TRUE(store->Commit(std::move(next), HeadAt(1)).ok());
  EXPECT_FALSE(store->Read().Get<Requests>("request")->has_value());
  EXPECT_TRUE(reader.Get<Requests>("request")->has_value());
}

TEST(Store, KeepsTheMirrorOfEachTargetApart) {
  auto store = *Store::Open(std::make_unique<MemoryEngine>());
  StoreWrites writes;
  v1::MirrorTargetRecord target;
  for (const uint32_t number : {1u, 2u}) {
    target.set_number(number);
    writes.Put<MirrorTargets>(number == 1 ? "dvcqg" : "city", target);
    for (const int64_t dossier : {int64_t{3}, int64_t{5}, int64_t{9}}) {
      v1::MirrorItemRecord item;
      item.set_state(3);
      item.set_state_revision(10 * dossier + number);
      item.set_sent_status("4");
      writes.Put<MirrorItems>({number, dossier}, item);
      writes.Put<MirrorAttention>({number, dossier}, item);
    }
  }
  v1::MirrorExchangesRecord exchanges;
  exchanges.add_exchanges()->set_service("DongBoHoSoMC");
  writes.Put<MirrorExchanges>({2, 5}, exchanges);
  ASSERT_TRUE(store->Commit(std::move(writes), store->head()).ok()) << "at an unchanged revision";

  const StoreReader reader = store->Read();
  std::vector<std::string> ids;
  ASSERT_TRUE(
      reader.ScanMirrorTargets([&](const std::string& id, const v1::MirrorTargetRecord&) { ids.push_back(id); }).ok());
  EXPECT_EQ(ids, (std::vector<std::string>{"city", "dvcqg"}));
  EXPECT_EQ((*reader.Get<MirrorTargets>("city"))->number(), 2u);
  EXPECT_FALSE(reader.Get<MirrorTargets>("c")->has_value());
  EXPECT_EQ((*reader.Get<MirrorItems>({2, 5}))->state_revision(), 52);
  EXPECT_FALSE(reader.Get<MirrorItems>({1, 4})->has_value());
  EXPECT_EQ((*reader.Get<MirrorExchanges>({2, 5}))->exchanges_size(), 1);
  EXPECT_FALSE(reader.Get<MirrorExchanges>({1, 5})->has_value());
  std::vector<int64_t> numbers;
  const auto visit = [&](int64_t number, const v1::MirrorItemRecord& attention) {
    EXPECT_EQ(attention.state_revision(), 10 * number + 1);
    numbers.push_back(number);
    return numbers.size() < 2;
  };
  ASSERT_TRUE(reader.ScanMirrorAttention(1, 4, visit).ok());
  EXPECT_EQ(numbers, (std::vector<int64_t>{5, 9}));
  StoreWrites later;
  later.Delete<MirrorAttention>({1, 5});
  ASSERT_TRUE(store->Commit(std::move(later), store->head()).ok());
  numbers.clear();
  ASSERT_TRUE(store->Read().ScanMirrorAttention(1, 4, visit).ok());
  EXPECT_EQ(numbers, (std::vector<int64_t>{9}));
}

TEST(Store, LeavesOutOfAnEventWhatItsKeyHas) {
  const auto store = OpenMemory();
  v1::LogRecord log;
  log.set_record_time_us(5);
  log.mutable_event()->set_name("dossiers/x/events/1");
  log.mutable_event()->set_revision(1);
  log.mutable_event()->mutable_record_time()->set_seconds(5);
  log.mutable_event()->set_actor("users/lan");
  StoreWrites writes;
  writes.PutLog(1, log);
  ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(1)).ok());
  v1::LogRecord lean;
  lean.set_record_time_us(5);
  lean.mutable_event()->set_actor("users/lan");
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(**store->Read().GetLog(1), lean));
}

TEST(Store, KeepsEveryVersionOfTheCatalogueAndTheLastOfTheRest) {
  const auto store = OpenMemory();
  const auto put = [&](const v1::LogRecord& record) {
    StoreWrites writes;
    writes.PutCatalogue(record);
    const int64_t revision = store->head().revision() + 1;
    ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(revision)).ok());
  };
  for (const int version : {1, 2}) {
    v1::LogRecord procedure;
    procedure.mutable_procedure()->set_name("procedures/1.004873");
    procedure.mutable_procedure()->set_version(version);
    put(procedure);
    v1::LogRecord calendar;
    calendar.mutable_calendar()->set_version(version);
    put(calendar);
    v1::LogRecord unit;
    unit.mutable_unit()->set_name("units/dat-dai");
    unit.mutable_unit()->set_display_name("name " + std::to_string(version));
    put(unit);
    v1::LogRecord scheme;
    scheme.mutable_scheme()->set_name("schemes/qd766-2022");
    scheme.mutable_scheme()->set_display_name("scheme " + std::to_string(version));
    put(scheme);
    v1::LogRecord closing;
    closing.mutable_closing()->set_name("closings/00000" + std::to_string(version));
    put(closing);
  }
  std::vector<std::string> seen;
  ASSERT_TRUE(store->Read()
                  .ScanCatalogue([&](const v1::LogRecord& record) {
                    if (record.has_procedure()) seen.push_back("p" + std::to_string(record.procedure().version()));
                    if (record.has_calendar()) seen.push_back("c" + std::to_string(record.calendar().version()));
                    if (record.has_unit()) seen.push_back(record.unit().display_name());
                    if (record.has_scheme()) seen.push_back(record.scheme().display_name());
                    if (record.has_closing()) seen.push_back(record.closing().name());
                  })
                  .ok());
  EXPECT_THAT(seen, ElementsAre("c1", "c2", "closings/000001", "closings/000002", "p1", "p2", "scheme 2", "name 2"));
}

TEST(Store, ScansFactsInAnyNumberOfPartsOnceEach) {
  const auto store = OpenMemory();
  for (const int64_t dossiers : {1, 2, 7, 1000}) {
    StoreWrites writes;
    for (int64_t number = 1; number <= dossiers; ++number) writes.PutDossier(number, DossierWithFact(number));
    ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(1)).ok());
    for (const int threads : {1, 2, 3, 8, 1000}) {
      std::mutex mutex;
      std::map<int64_t, int64_t> due_times;
      std::map<int, int64_t> last_of_range;
      int visits = 0;
      ASSERT_TRUE(store->Read()
                      .ScanFacts(threads,
                                 [&](int range, int64_t number, const v1::Fact& fact) {
                                   const std::lock_guard<std::mutex> lock(mutex);
                                   ++visits;
                                   EXPECT_LT(range, threads);
                                   EXPECT_LT(std::exchange(last_of_range[range], number), number);
                                   due_times[number] = fact.due_time();
                                 })
                      .ok());
      EXPECT_EQ(visits, dossiers);
      EXPECT_EQ(due_times.size(), static_cast<size_t>(dossiers));
      for (const auto& [number, due_time] : due_times) EXPECT_EQ(due_time, number * 10);
    }
  }
}

TEST(Store, ScansTheLogFromARevisionUntilTheVisitorStops) {
  const auto store = OpenMemory();
  StoreWrites writes;
  for (int64_t revision = 1; revision <= 300; ++revision) {
    v1::LogRecord record;
    record.set_dossier_number(revision);
    writes.PutLog(revision, record);
  }
  ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(300)).ok());
  std::vector<int64_t> seen;
  ASSERT_TRUE(store->Read()
                  .ScanLog(254,
                           [&](int64_t revision, const v1::LogRecord& record) {
                             EXPECT_EQ(record.dossier_number(), revision);
                             seen.push_back(revision);
                             return revision < 257;
                           })
                  .ok());
  EXPECT_THAT(seen, ElementsAre(254, 255, 256, 257));
}

TEST(Store, NamesTheDamagedRecordInEveryRead) {
  const auto store = OpenMemory();
  StoreWrites writes;
  for (int64_t number = 1; number <= 3; ++number) writes.PutDossier(number, DossierWithFact(number));
  writes.PutLog(1, v1::LogRecord());
  ASSERT_TRUE(store->Commit(std::move(writes), HeadAt(1)).ok());
  Batch damage;
  damage.Put(DossierKey(2), std::string("\1\0\0\0\0\1", 6));
  damage.Put(LogKey(1), "");
  ASSERT_TRUE(store->engine().Commit(damage, 1, 1).ok());

  const StoreReader reader = store->Read();
  const auto expect_names = [](const absl::Status& status, const std::string& record) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(ErrorReason(status), "CHECKSUM_MISMATCH");
    EXPECT_EQ(ErrorMetadata(status, "record"), record);
  };
  expect_names(reader.GetDossier(2).status(), "dossier 2");
  expect_names(reader.ScanFacts(1, [](int, int64_t, const v1::Fact&) {}), "dossier 2");
  expect_names(reader.ScanFacts(2, [](int, int64_t, const v1::Fact&) {}), "dossier 2");
  expect_names(reader.GetLog(1).status(), "log 1");
  expect_names(reader.ScanLog(0, [](int64_t, const v1::LogRecord&) { return true; }), "log 1");
  EXPECT_TRUE(reader.GetDossier(3)->has_value());
}

TEST(Store, KeepsItsHeadWhenACommitIsRefused) {
  auto engine = std::make_unique<testing::FaultyEngine>(std::make_unique<MemoryEngine>());
  testing::FaultyEngine& faulty = *engine;
  const auto store = *Store::Open(std::move(engine));
  faulty.ScriptCommit(testing::FaultyEngine::When::kBefore, absl::UnavailableError("full"));
  StoreWrites writes;
  writes.PutCounter("c", 1);
  EXPECT_EQ(store->Commit(writes, HeadAt(1)), absl::UnavailableError("full"));
  EXPECT_EQ(store->head().revision(), 0);
  EXPECT_EQ(*store->Read().GetCounter("c"), 0);
  EXPECT_TRUE(store->Commit(writes, HeadAt(1)).ok());
  EXPECT_EQ(store->head().revision(), 1);
  EXPECT_EQ(store->Commit(writes, HeadAt(0)).code(), absl::StatusCode::kInvalidArgument);
}

TEST(Store, RefusesAHeadThatTheEngineDoesNotShare) {
  testing::ScratchDirectory directory;
  const RocksDbOptions options = {.directory = directory.path()};
  {
    const auto store = *Store::Open(*OpenRocksDb(options));
    ASSERT_TRUE(store->engine().Commit({}, 0, 5).ok());
  }
  EXPECT_EQ(ErrorReason(Store::Open(*OpenRocksDb(options)).status()), "HEAD_MISMATCH");
}

TEST(Store, KeepsHeadAndIdWhenReopened) {
  testing::ScratchDirectory directory;
  const RocksDbOptions options = {.directory = directory.path()};
  uint64_t id = 0;
  {
    const auto store = *Store::Open(*OpenRocksDb(options));
    id = store->store_id();
    ASSERT_TRUE(store->Commit({}, HeadAt(3)).ok());
  }
  const auto store = Store::Open(*OpenRocksDb(options));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->store_id(), id);
  EXPECT_EQ((*store)->head().revision(), 3);
}

}  // namespace
}  // namespace tthc::storage
