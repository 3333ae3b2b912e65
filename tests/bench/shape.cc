#include "tests/bench/shape.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/options_util.h>

#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/await.h"
#include "server/seed.h"
#include "server/service/service.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/engine/memory_engine.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/schema/keys.h"
#include "storage/store.h"

namespace tthc::bench {
namespace {

using storage::KeyKind;

// An engine that remembers the last commit.
class ListeningEngine final : public storage::Engine {
 public:
  std::unique_ptr<storage::Snapshot> TakeSnapshot() const override { return memory_.TakeSnapshot(); }
  absl::Status Commit(const storage::Batch& batch, int64_t expected, int64_t next) override {
    last_ = batch.writes();
    return memory_.Commit(batch, expected, next);
  }
  int64_t revision() const override { return memory_.revision(); }
  absl::StatusOr<Stats> GetStats() const override { return memory_.GetStats(); }
  absl::Status CompactAll() override { return memory_.CompactAll(); }

  const std::vector<storage::Batch::Write>& last() const { return last_; }

 private:
  storage::MemoryEngine memory_;
  std::vector<storage::Batch::Write> last_;
};

bool IsKind(const std::string& key, KeyKind kind) { return key[0] == static_cast<char>(kind); }

// Rows that each commit writes once: the head of the store and the counter of the day's codes.
bool IsOfCommit(const std::string& key) { return IsKind(key, KeyKind::kMeta) || IsKind(key, KeyKind::kCounter); }

StepShape MakeShape(const google::protobuf::Message& request, const google::protobuf::Message& answer,
                    const std::vector<storage::Batch::Write>& writes) {
  StepShape shape{.request_bytes = request.ByteSizeLong(),
                  .answer_bytes = answer.ByteSizeLong(),
                  .log_value = {},
                  .dossier_value = {},
                  .rows = {}};
  for (const auto& [key, value] : writes) {
    // Names are numbered once in a store's life.
    if (!value.has_value() || IsKind(key, KeyKind::kName)) continue;
    shape.rows.push_back({.key = key, .value = *value});
    if (IsKind(key, KeyKind::kLog)) shape.log_value = *value;
    if (IsKind(key, KeyKind::kDossier)) shape.dossier_value = *value;
  }
  // The engine's own record of the revision.
  shape.rows.push_back({.key = storage::kRevisionKey, .value = "1234567"});
  return shape;
}

// A value of the same size that differs each time, or compression would remove it.
std::string Vary(const std::string& value, int64_t number) {
  std::string varied = value;
  std::memcpy(varied.data(), &number, std::min(sizeof number, varied.size()));
  return varied;
}

std::string KeyFor(const std::string& example, int64_t revision, int64_t dossier, const std::string& request_id) {
  switch (static_cast<KeyKind>(example[0])) {
    case KeyKind::kLog:
      return storage::LogKey(revision);
    case KeyKind::kDossier:
      return storage::DossierKey(dossier);
    case KeyKind::kRequest:
      return storage::RequestKey(request_id);
    case KeyKind::kCode: {
      // The index has the uid, which has no dash, and the code. Uids come in no order, so their digits are scattered.
      const bool is_uid = !absl::StrContains(example, "-");
      return storage::CodeKey(
          is_uid ? absl::StrCat(absl::Hex(static_cast<uint64_t>(dossier) * 0x9E3779B97F4A7C15, absl::kZeroPad16))
                 : absl::StrCat("H24.99.1-260821-", absl::Dec(dossier, absl::kZeroPad8)));
    }
    default:
      return example;
  }
}

}  // namespace

absl::StatusOr<Shape> MeasureShape(const std::string& seed_directory) {
  auto listening = std::make_unique<ListeningEngine>();
  const ListeningEngine& engine = *listening;
  TTHC_ASSIGN_OR_RETURN(auto store, storage::Store::Open(std::move(listening)));
  const SystemClock clock;
  TTHC_ASSIGN_OR_RETURN(const auto service, server::Service::Open(std::move(store), {.clock = &clock}));
  TTHC_RETURN_IF_ERROR(server::SeedStore(*service, seed_directory));

  Shape shape;
  // The first life numbers the names; the second is an ordinary one.
  for (int64_t number = 1; number <= 2; ++number) {
    const Life life(0, number);
    const v1::CreateDossierRequest create = life.Create();
    TTHC_ASSIGN_OR_RETURN(const auto created, server::Await<v1::CreateDossierResponse>(*service, create));
    shape[0] = MakeShape(create, created, engine.last());
    for (int step = 1; step < kStepsPerLife; ++step) {
      const v1::AppendEventRequest append = life.Append(step, created.dossier().name());
      TTHC_ASSIGN_OR_RETURN(const auto appended, server::Await<v1::AppendEventResponse>(*service, append));
      shape[static_cast<size_t>(step)] = MakeShape(append, appended, engine.last());
    }
  }
  return shape;
}

void AddCommand(const StepShape& shape, int64_t revision, int64_t dossier, const std::string& request_id,
                rocksdb::WriteBatch* batch) {
  for (const StepShape::Row& row : shape.rows) {
    if (IsOfCommit(row.key)) continue;
    TTHC_CHECK(batch->Put(KeyFor(row.key, revision, dossier, request_id), Vary(row.value, revision)).ok());
  }
}

void AddCommit(const StepShape& shape, int64_t revision, rocksdb::WriteBatch* batch) {
  for (const StepShape::Row& row : shape.rows) {
    if (IsOfCommit(row.key)) TTHC_CHECK(batch->Put(row.key, Vary(row.value, revision)).ok());
  }
}

absl::StatusOr<rocksdb::Options> EngineOptions(const std::string& scratch) {
  TTHC_RETURN_IF_ERROR(storage::OpenRocksDb({.directory = scratch}).status());
  rocksdb::DBOptions db;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::Status loaded = rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), scratch, &db, &families);
  if (!loaded.ok() || families.size() != 1) return absl::InternalError(loaded.ToString());
  rocksdb::Options options(db, families[0].options);
  options.env = rocksdb::Env::Default();
  auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (table == nullptr) return absl::InternalError("no options of the table");
  // The block cache is an object, so the options file does not have it.
  table->block_cache = rocksdb::NewLRUCache(limits::kBlockCacheBytesDefault);
  if (options.memtable_insert_with_hint_prefix_extractor == nullptr || table->filter_policy == nullptr) {
    return absl::InternalError("the options file does not hold all options");
  }
  return options;
}

}  // namespace tthc::bench
