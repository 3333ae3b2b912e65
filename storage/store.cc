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

uint64_t RandomStoreId() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

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

std::string CatalogueKeyOf(const v1::LogRecord& record) {
  switch (record.change_case()) {
    case v1::LogRecord::kProcedure:
      return CatalogueKey(record.procedure().name(), record.procedure().version());
    case v1::LogRecord::kField:
      return CatalogueKey(record.field().name(), 0);
    case v1::LogRecord::kOffice:
      return CatalogueKey(record.office().name(), 0);
    case v1::LogRecord::kUnit:
      return CatalogueKey(record.unit().name(), 0);
    case v1::LogRecord::kOfficer:
      return CatalogueKey(record.officer().name(), 0);
    case v1::LogRecord::kCalendar:
      return CatalogueKey(absl::StrCat("calendars/", record.calendar().version()), 0);
    case v1::LogRecord::kScheme:
      return CatalogueKey(record.scheme().name(), 0);
    case v1::LogRecord::kClosing:
      return CatalogueKey(record.closing().name(), 0);
    case v1::LogRecord::kEvent:
    case v1::LogRecord::CHANGE_NOT_SET:
      break;
  }
  TTHC_CHECK(false);
  return "";
}

}  // namespace

absl::StatusOr<v1::HeadRecord> StoreReader::Head() const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<v1::HeadRecord> head, ReadRecord<v1::HeadRecord>(*snapshot_, HeadKey()));
  if (!head.has_value()) return HeadMissing("is missing");
  return *head;
}

absl::StatusOr<std::optional<v1::DossierRecord>> StoreReader::GetDossier(int64_t number) const {
  if (number < 0) return std::optional<v1::DossierRecord>();
  return ReadRecord<v1::DossierRecord>(*snapshot_, DossierKey(number));
}

absl::StatusOr<std::optional<int64_t>> StoreReader::FindCode(absl::string_view code) const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<v1::CodeRecord> record,
                        ReadRecord<v1::CodeRecord>(*snapshot_, CodeKey(CanonicalCode(code))));
  if (!record.has_value()) return std::optional<int64_t>();
  return std::optional<int64_t>(record->dossier_number());
}

absl::StatusOr<std::optional<v1::LogRecord>> StoreReader::GetLog(int64_t revision) const {
  if (revision < 0) return std::optional<v1::LogRecord>();
  return ReadRecord<v1::LogRecord>(*snapshot_, LogKey(revision));
}

absl::StatusOr<std::optional<v1::RequestRecord>> StoreReader::GetRequest(absl::string_view request_id) const {
  return ReadRecord<v1::RequestRecord>(*snapshot_, RequestKey(request_id));
}

absl::StatusOr<int64_t> StoreReader::GetCounter(absl::string_view name) const {
  TTHC_ASSIGN_OR_RETURN(const std::optional<v1::CounterRecord> record,
                        ReadRecord<v1::CounterRecord>(*snapshot_, CounterKey(name)));
  return record.has_value() ? record->last() : 0;
}

absl::Status StoreReader::ScanLog(int64_t from_revision, const VisitLog& visit) const {
  const int64_t from = std::max<int64_t>(from_revision, 0);
  return ScanNumbered<v1::LogRecord>(*snapshot_, LogKey(from), KeyRange(KeyKind::kLog).second, visit);
}

absl::Status StoreReader::ScanFacts(int threads, const VisitFact& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kDossier);
  const int count = std::clamp(threads, 1, limits::kFactScanThreadsMax);
  if (count == 1) return ScanFactRange(*snapshot_, 0, first, last, visit);

  TTHC_ASSIGN_OR_RETURN(const int64_t last_number, LastDossierNumber(*snapshot_));
  const int64_t portion = last_number / count + 1;
  std::vector<absl::Status> statuses(static_cast<size_t>(count));
  std::vector<std::thread> workers;
  for (int i = 0; i < count; ++i) {
    workers.emplace_back([&, i] {
      statuses[static_cast<size_t>(i)] =
          ScanFactRange(*snapshot_, i, DossierKey(portion * i), DossierKey(portion * (i + 1)), visit);
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (const absl::Status& status : statuses) TTHC_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::Status StoreReader::ScanDossiers(int64_t from_number, const VisitDossier& visit) const {
  const int64_t from = std::max<int64_t>(from_number, 0);
  return ScanNumbered<v1::DossierRecord>(*snapshot_, DossierKey(from), KeyRange(KeyKind::kDossier).second, visit);
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

absl::StatusOr<std::optional<v1::MirrorTargetRecord>> StoreReader::GetMirrorTarget(absl::string_view target_id) const {
  return ReadRecord<v1::MirrorTargetRecord>(*snapshot_, MirrorTargetKey(target_id));
}

absl::Status StoreReader::ScanMirrorTargets(const VisitMirrorTarget& visit) const {
  const auto [first, last] = KeyRange(KeyKind::kMirrorTarget);
  return ScanRecords<v1::MirrorTargetRecord>(*snapshot_, first, last,
                                             [&](absl::string_view key, const v1::MirrorTargetRecord& record) {
                                               visit(std::string(key.substr(1)), record);
                                               return true;
                                             });
}

absl::StatusOr<std::optional<v1::MirrorItemRecord>> StoreReader::GetMirrorItem(uint32_t target,
                                                                              int64_t dossier_number) const {
  return ReadRecord<v1::MirrorItemRecord>(*snapshot_, MirrorKey(KeyKind::kMirrorItem, target, dossier_number));
}

absl::StatusOr<std::optional<v1::MirrorExchangesRecord>> StoreReader::GetMirrorExchanges(
    uint32_t target, int64_t dossier_number) const {
  return ReadRecord<v1::MirrorExchangesRecord>(*snapshot_,
                                               MirrorKey(KeyKind::kMirrorExchanges, target, dossier_number));
}

absl::Status StoreReader::ScanMirrorAttention(uint32_t target, int64_t from_dossier_number,
                                              const VisitMirrorAttention& visit) const {
  const auto [first, last] = MirrorKeyRange(KeyKind::kMirrorAttention, target, from_dossier_number);
  return ScanNumbered<v1::MirrorItemRecord>(*snapshot_, first, last, visit);
}

void StoreWrites::PutDossier(int64_t number, const v1::DossierRecord& record) {
  batch_.Put(DossierKey(number), EncodeRecord(record));
}

void StoreWrites::PutCode(absl::string_view code, int64_t dossier_number) {
  v1::CodeRecord record;
  record.set_dossier_number(dossier_number);
  batch_.Put(CodeKey(CanonicalCode(code)), EncodeRecord(record));
}

void StoreWrites::PutLog(int64_t revision, const v1::LogRecord& record) {
  const tthc::v1::Event& event = record.event();
  const bool says_twice = !event.name().empty() || event.revision() != 0 || event.has_record_time();
  if (!says_twice) {
    batch_.Put(LogKey(revision), EncodeRecord(record));
    return;
  }
  v1::LogRecord lean = record;
  lean.mutable_event()->clear_name();
  lean.mutable_event()->clear_revision();
  lean.mutable_event()->clear_record_time();
  batch_.Put(LogKey(revision), EncodeRecord(lean));
}

void StoreWrites::PutRequest(absl::string_view request_id, const v1::RequestRecord& record) {
  batch_.Put(RequestKey(request_id), EncodeRecord(record));
}

void StoreWrites::DeleteRequest(absl::string_view request_id) { batch_.Delete(RequestKey(request_id)); }

void StoreWrites::PutCounter(absl::string_view name, int64_t last) {
  v1::CounterRecord record;
  record.set_last(last);
  batch_.Put(CounterKey(name), EncodeRecord(record));
}

void StoreWrites::PutCatalogue(const v1::LogRecord& record) {
  batch_.Put(CatalogueKeyOf(record), EncodeRecord(record));
}

void StoreWrites::PutName(uint32_t number, absl::string_view name) {
  v1::NameRecord record;
  record.set_name(name.data(), name.size());
  batch_.Put(NameKey(number), EncodeRecord(record));
}

void StoreWrites::PutMirrorTarget(absl::string_view target_id, const v1::MirrorTargetRecord& record) {
  batch_.Put(MirrorTargetKey(target_id), EncodeRecord(record));
}

void StoreWrites::PutMirrorItem(uint32_t target, int64_t dossier_number, const v1::MirrorItemRecord& record) {
  batch_.Put(MirrorKey(KeyKind::kMirrorItem, target, dossier_number), EncodeRecord(record));
}

void StoreWrites::PutMirrorExchanges(uint32_t target, int64_t dossier_number, const v1::MirrorExchangesRecord& record) {
  batch_.Put(MirrorKey(KeyKind::kMirrorExchanges, target, dossier_number), EncodeRecord(record));
}

void StoreWrites::PutMirrorAttention(uint32_t target, int64_t dossier_number, const v1::MirrorItemRecord& item) {
  v1::MirrorItemRecord lean;
  lean.set_state(item.state());
  lean.set_state_revision(item.state_revision());
  batch_.Put(MirrorKey(KeyKind::kMirrorAttention, target, dossier_number), EncodeRecord(lean));
}

void StoreWrites::DeleteMirrorAttention(uint32_t target, int64_t dossier_number) {
  batch_.Delete(MirrorKey(KeyKind::kMirrorAttention, target, dossier_number));
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<Engine> engine) {
  TTHC_ASSIGN_OR_RETURN(const v1::SchemaRecord schema, Migrate(*engine, Migrations(), RandomStoreId()));
  std::unique_ptr<Store> store(new Store);
  store->engine_ = std::move(engine);
  store->store_id_ = schema.store_id();
  TTHC_ASSIGN_OR_RETURN(v1::HeadRecord head, store->Read().Head());
  if (head.revision() != store->engine_->revision()) return HeadMissing("and the engine name different revisions");
  MutexLock lock(store->head_mutex_);
  store->head_ = std::move(head);
  return store;
}

StoreReader Store::Read() const { return StoreReader(engine_->TakeSnapshot()); }

absl::Status Store::Commit(StoreWrites writes, const v1::HeadRecord& head) {
  const int64_t present = this->head().revision();
  Batch batch = std::move(writes.batch_);
  batch.Put(HeadKey(), EncodeRecord(head));
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
    if (!absl::ascii_isspace(byte)) canonical.push_back(absl::ascii_toupper(byte));
  }
  return canonical;
}

}  // namespace tthc::storage
