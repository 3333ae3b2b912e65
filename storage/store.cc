#include "storage/store.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/schema/keys.h"
#include "storage/schema/migration.h"
#include "storage/schema/record.h"

namespace tthc::storage {
namespace {

// Distinguishes stores, so that page tokens and snapshots of one are refused by another.
uint64_t RandomStoreId() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

// Every store has a head from its creation on: without one, or with one that does not fit, files are missing.
absl::Status HeadMissing(absl::string_view what) {
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "HEAD_MISMATCH",
                    .message = absl::StrCat("the store's head record ", what, "; restore the last backup"),
                    .message_vi = "bản ghi đầu mối của kho dữ liệu không khớp; hãy phục hồi từ bản sao lưu gần nhất"});
}

// Parses every record of a key range into one reused message, until `visit` returns false or a record is damaged.
template <typename Record, typename Visit>
absl::Status ScanRecords(const Snapshot& snapshot, const std::string& from, const std::string& to, const Visit& visit) {
  Record record;
  absl::Status status;
  TTHC_RETURN_IF_ERROR(snapshot.Scan(from, to, {.bulk = true}, [&](absl::string_view key, absl::string_view value) {
    status = DecodeRecord(key, value, &record);
    return status.ok() && visit(key, record);
  }));
  return status;
}

// As ScanRecords, for kinds whose keys are numbers.
template <typename Record, typename Visit>
absl::Status ScanNumbered(const Snapshot& snapshot, const std::string& from, const std::string& to,
                          const Visit& visit) {
  absl::Status status;
  TTHC_RETURN_IF_ERROR(ScanRecords<Record>(snapshot, from, to, [&](absl::string_view key, Record& record) {
    const absl::StatusOr<int64_t> number = NumberOfKey(key);
    status = number.status();
    return number.ok() && visit(*number, record);
  }));
  return status;
}

// The facts of one range of dossiers. One message is reused for all of them.
absl::Status ScanFactRange(const Snapshot& snapshot, int range, const std::string& from, const std::string& to,
                           const StoreReader::VisitFact& visit) {
  v1::Fact fact;
  absl::Status status;
  TTHC_RETURN_IF_ERROR(snapshot.Scan(from, to, {.bulk = true}, [&](absl::string_view key, absl::string_view value) {
    const absl::StatusOr<int64_t> number = NumberOfKey(key);
    status = number.ok() ? DecodeFact(key, value, &fact) : number.status();
    if (status.ok()) visit(range, *number, fact);
    return status.ok();
  }));
  return status;
}

// Number of the last dossier; 0 without any.
absl::StatusOr<int64_t> LastDossierNumber(const Snapshot& snapshot) {
  const auto [from, to] = KeyRange(KeyKind::kDossier);
  absl::StatusOr<int64_t> last = 0;
  TTHC_RETURN_IF_ERROR(snapshot.Scan(from, to, {.reverse = true}, [&](absl::string_view key, absl::string_view) {
    last = NumberOfKey(key);
    return false;
  }));
  return last;
}

}  // namespace

absl::StatusOr<v1::HeadRecord> StoreReader::Head() const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<v1::HeadRecord> head, ReadRecord<v1::HeadRecord>(*snapshot_, HeadKey()));
  if (!head.has_value()) return HeadMissing("is missing");
  return *head;
}

absl::StatusOr<std::optional<v1::DossierRecord>> StoreReader::GetDossier(int64_t number) const {
  // Numbers and revisions of callers may be anything; keys are not made of negative ones.
  if (number < 0) return std::optional<v1::DossierRecord>();
  return ReadRecord<v1::DossierRecord>(*snapshot_, DossierKey(number));
}

// Not a template, so that only this file needs the envelope.
absl::StatusOr<bool> StoreReader::Load(const std::string& key, google::protobuf::MessageLite* record) const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<std::string> value, snapshot_->Get(key));
  if (!value.has_value()) return false;
  TTHC_RETURN_IF_ERROR(DecodeRecord(key, *value, record));
  return true;
}

absl::StatusOr<std::optional<int64_t>> StoreReader::FindCode(absl::string_view code) const {
  TTHC_ASSIGN_OR_RETURN(const auto record, Get<Codes>(CanonicalCode(code)));
  if (!record.has_value()) return std::optional<int64_t>();
  return std::optional<int64_t>(record->dossier_number());
}

absl::StatusOr<std::optional<v1::LogRecord>> StoreReader::GetLog(int64_t revision) const {
  if (revision < 0) return std::optional<v1::LogRecord>();
  return ReadRecord<v1::LogRecord>(*snapshot_, LogKey(revision));
}

absl::StatusOr<int64_t> StoreReader::GetCounter(absl::string_view name) const {
  TTHC_ASSIGN_OR_RETURN(const auto record, Get<Counters>(std::string(name)));
  return record.has_value() ? record->last() : 0;
}

absl::Status StoreReader::ScanLog(int64_t from_revision, const VisitLog& visit) const {
  const int64_t from = std::max<int64_t>(from_revision, 0);
  return ScanNumbered<v1::LogRecord>(*snapshot_, LogKey(from), KeyRange(KeyKind::kLog).second, visit);
}

absl::Status StoreReader::ScanFacts(int threads, const VisitFact& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kDossier);
  const int count = std::clamp(threads, 1, limits::kFactScanThreadsMax);
  // Without threads of its own, for tests and small stores.
  if (count == 1) return ScanFactRange(*snapshot_, 0, first, last, visit);

  TTHC_ASSIGN_OR_RETURN(const int64_t last_number, LastDossierNumber(*snapshot_));
  const int64_t portion = last_number / count + 1;
  std::vector<absl::Status> statuses(static_cast<size_t>(count));
  std::vector<std::thread> workers;
  // Equal ranges of numbers: dossiers are numbered without gaps, so the ranges hold about as many each.
  for (int i = 0; i < count; ++i) {
    workers.emplace_back([&, i] {
      statuses[static_cast<size_t>(i)] =
          ScanFactRange(*snapshot_, i, DossierKey(portion * i), DossierKey(portion * (i + 1)), visit);
    });
  }
  // All are joined before an error returns: they refer to variables of this function.
  for (std::thread& worker : workers) worker.join();
  for (const absl::Status& status : statuses) TTHC_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::Status StoreReader::ScanCatalogue(const VisitCatalogue& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kCatalogue);
  return ScanRecords<v1::LogRecord>(*snapshot_, first, last, [&](absl::string_view, const v1::LogRecord& record) {
    visit(record);
    return true;
  });
}

absl::Status StoreReader::ScanNames(const VisitName& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kName);
  return ScanNumbered<v1::NameRecord>(*snapshot_, first, last, [&](int64_t number, const v1::NameRecord& record) {
    visit(static_cast<uint32_t>(number), record.name());
    return true;
  });
}

absl::Status StoreReader::ScanMirrorTargets(const VisitMirrorTarget& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kMirrorTarget);
  return ScanRecords<v1::MirrorTargetRecord>(*snapshot_, first, last,
                                             [&](absl::string_view key, const v1::MirrorTargetRecord& record) {
                                               visit(std::string(key.substr(1)), record);
                                               return true;
                                             });
}

absl::Status StoreReader::ScanMirrorAttention(uint32_t target, int64_t from_dossier_number,
                                              const VisitMirrorAttention& visit) const {
  const auto [first, last] = MirrorKeyRange(KeyKind::kMirrorAttention, target, from_dossier_number);
  return ScanNumbered<v1::MirrorItemRecord>(*snapshot_, first, last, visit);
}

void StoreWrites::PutDossier(int64_t number, const v1::DossierRecord& record) { PutRecord(DossierKey(number), record); }

void StoreWrites::PutCode(absl::string_view code, int64_t dossier_number) {
  v1::CodeRecord record;
  record.set_dossier_number(dossier_number);
  Put<Codes>(CanonicalCode(code), record);
}

void StoreWrites::PutLog(int64_t revision, const v1::LogRecord& record) {
  const tthc::v1::Event& event = record.event();
  // The pipeline has removed them; imports and tests may not have.
  const bool says_twice = !event.name().empty() || event.revision() != 0 || event.has_record_time();
  if (!says_twice) {
    PutRecord(LogKey(revision), record);
    return;
  }
  // A copy, because records of the pipeline are used after the commit.
  v1::LogRecord lean = record;
  lean.mutable_event()->clear_name();
  lean.mutable_event()->clear_revision();
  lean.mutable_event()->clear_record_time();
  PutRecord(LogKey(revision), lean);
}

void StoreWrites::PutCounter(absl::string_view name, int64_t last) {
  v1::CounterRecord record;
  record.set_last(last);
  Put<Counters>(std::string(name), record);
}

void StoreWrites::PutCatalogue(const v1::LogRecord& record) {
  Put<CatalogueEntries>(CatalogueEntries::KeyOf(record), record);
}

void StoreWrites::PutName(uint32_t number, absl::string_view name) {
  v1::NameRecord record;
  record.set_name(name.data(), name.size());
  PutRecord(NameKey(number), record);
}

void StoreWrites::PutRecord(std::string key, const google::protobuf::MessageLite& record) {
  batch_.Put(std::move(key), EncodeRecord(record));
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<Engine> engine) {
  // Before anything is read: everything else expects records of today's format.
  TTHC_ASSIGN_OR_RETURN(const v1::SchemaRecord schema, Migrate(*engine, Migrations(), RandomStoreId()));
  std::unique_ptr<Store> store(new Store);
  store->engine_ = std::move(engine);
  store->store_id_ = schema.store_id();
  TTHC_ASSIGN_OR_RETURN(v1::HeadRecord head, store->Read().Head());
  // Both are written by every commit. If they differ, files of different backups were mixed.
  if (head.revision() != store->engine_->revision()) return HeadMissing("and the engine name different revisions");
  MutexLock lock(store->head_mutex_);
  store->head_ = std::move(head);
  return store;
}

StoreReader Store::Read() const { return StoreReader(engine_->TakeSnapshot()); }

absl::Status Store::Commit(StoreWrites writes, const v1::HeadRecord& head) {
  // Only the writer changes the head, so this is what the engine expects, unless another process has written.
  const int64_t present = this->head().revision();
  Batch batch = std::move(writes.batch_);
  // The head is part of the same commit: it can't be ahead of or behind what it describes.
  batch.Put(HeadKey(), EncodeRecord(head));
  // On an error the copy below stays as it is: readers go on with the last head that is durable.
  TTHC_RETURN_IF_ERROR(engine_->Commit(batch, present, head.revision()));
  MutexLock lock(head_mutex_);
  head_ = head;
  return absl::OkStatus();
}

v1::HeadRecord Store::head() const {
  MutexLock lock(head_mutex_);
  return head_;
}

std::string CanonicalCode(absl::string_view code) {
  std::string canonical;
  canonical.reserve(code.size());
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    // ASCII only: codes are ASCII, and other letters of aliases are compared as they are.
    if (!absl::ascii_isspace(byte)) canonical.push_back(absl::ascii_toupper(byte));
  }
  return canonical;
}

}  // namespace tthc::storage
