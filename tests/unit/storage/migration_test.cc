#include "storage/schema/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"
#include "storage/engine/memory_engine.h"
#include "storage/schema/keys.h"
#include "storage/schema/record.h"

namespace tthc::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kId = 42;

absl::Status PutCounter(Engine& engine, int64_t last) {
  v1::CounterRecord record;
  record.set_last(last);
  Batch batch;
  batch.Put(CounterKey("c"), EncodeRecord(record));
  return engine.Commit(batch, engine.revision(), engine.revision());
}

int64_t Counter(const Engine& engine) {
  const auto record = ReadRecord<v1::CounterRecord>(*engine.TakeSnapshot(), CounterKey("c"));
  return record.ok() && record->has_value() ? (*record)->last() : -1;
}

// Safe to run twice, as every step must be: it sets, it does not add.
Migration SetsCounter(const std::string& name, int64_t last) {
  return {.name = name, .run = [last](Engine& engine) { return PutCounter(engine, last); }};
}

TEST(Migrate, CreatesTheNewestSchemaInAnEmptyEngine) {
  MemoryEngine engine;
  const auto schema = Migrate(engine, {SetsCounter("never run", 1)}, kId);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->version(), 2);
  EXPECT_EQ(schema->store_id(), kId);
  EXPECT_EQ(Counter(engine), -1);
  const auto head = ReadRecord<v1::HeadRecord>(*engine.TakeSnapshot(), HeadKey());
  EXPECT_EQ((*head)->oldest_revision(), 1);
}

TEST(Migrate, RunsEachStepOnceInOrder) {
  MemoryEngine engine;
  ASSERT_TRUE(Migrate(engine, {}, kId).ok());
  ASSERT_TRUE(engine.Commit({}, 0, 9).ok());
  std::vector<Migration> steps = {SetsCounter("first", 1)};
  ASSERT_TRUE(Migrate(engine, steps, 0).ok());
  EXPECT_EQ(Counter(engine), 1);
  steps.push_back(SetsCounter("second", 2));
  steps.push_back({.name = "third", .run = [](Engine& at) { return PutCounter(at, Counter(at) * 10); }});
  const auto schema = Migrate(engine, steps, 0);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(Counter(engine), 20);
  EXPECT_EQ(schema->version(), 4);
  EXPECT_EQ(schema->store_id(), kId);
  EXPECT_THAT(schema->applied(), ElementsAre("first", "second", "third"));
  ASSERT_TRUE(Migrate(engine, steps, 0).ok());
  EXPECT_EQ(Counter(engine), 20);
  EXPECT_EQ(engine.revision(), 9);
}

TEST(Migrate, RunsAFailedStepAgainAndNotTheOnesBefore) {
  MemoryEngine engine;
  ASSERT_TRUE(Migrate(engine, {}, kId).ok());
  bool broken = true;
  int first_runs = 0;
  const std::vector<Migration> steps = {{.name = "first",
                                         .run =
                                             [&](Engine& at) {
                                               ++first_runs;
                                               return PutCounter(at, 1);
                                             }},
                                        {.name = "second", .run = [&](Engine& at) {
                                           TTHC_RETURN_IF_ERROR(PutCounter(at, 2));
                                           return broken ? absl::UnavailableError("disk") : absl::OkStatus();
                                         }}};
  EXPECT_EQ(Migrate(engine, steps, 0).status(), absl::UnavailableError("disk"));
  broken = false;
  const auto schema = Migrate(engine, steps, 0);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_THAT(schema->applied(), ElementsAre("first", "second"));
  EXPECT_EQ(first_runs, 1);
  EXPECT_EQ(Counter(engine), 2);
}

TEST(Migrate, RefusesDataOfNewerSoftware) {
  MemoryEngine engine;
  std::vector<Migration> later = Migrations();
  later.push_back(SetsCounter("later", 1));
  ASSERT_TRUE(Migrate(engine, later, kId).ok());
  const auto schema = Migrate(engine, Migrations(), 0);
  EXPECT_EQ(schema.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(schema.status()), "SCHEMA_TOO_NEW");
  EXPECT_EQ(ErrorMetadata(schema.status(), "found_version"), absl::StrCat(later.size() + 1));
  EXPECT_EQ(ErrorMetadata(schema.status(), "known_version"), absl::StrCat(Migrations().size() + 1));
  EXPECT_THAT(ErrorMessage(schema.status(), "vi"), HasSubstr("cập nhật phần mềm"));
}

TEST(Migrate, RefusesDataThatIsNotAStore) {
  MemoryEngine engine;
  Batch batch;
  batch.Put("someone", "else");
  ASSERT_TRUE(engine.Commit(batch, 0, 0).ok());
  EXPECT_EQ(ErrorReason(Migrate(engine, {}, kId).status()), "NOT_A_STORE");
}

}  // namespace
}  // namespace tthc::storage
