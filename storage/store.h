#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "storage/base/mutex.h"
#include "storage/base/status_macros.h"
#include "storage/engine/engine.h"
#include "storage/tables.h"
#include "tthc/storage/v1/records.pb.h"

// The only storage API that the server sees: typed records over an Engine. It knows keys, envelopes, checksums and
// migrations; it does not know what events mean.
//
// Vocabulary. The *log* has one record for each *revision*, from 1 to the head, without gaps; it is the truth. Every
// other record follows from it, or lies beside it (leases, exchanges). The *head* says where the history ends.
//
// There is one writer, the commit pipeline: it collects a StoreWrites and commits it with the new head, all or nothing
// and durably. Readers take a StoreReader: one snapshot that later commits do not change. Readers never wait for the
// writer, nor the writer for readers.
//
// A record whose checksum is wrong ends every call that reads it in DATA_LOSS CHECKSUM_MISMATCH, with the record's kind
// and number in the metadata; it is never skipped. After a failed commit nothing of it is visible and the next one may
// succeed; only a commit whose sync failed may still be found whole after a crash, see docs/storage_format.md.
namespace tthc::storage {

// Reads one snapshot. Thread-safe. Errors as above, and UNAVAILABLE from the disk. Must be destroyed before its store,
// and soon: while it lives the engine keeps what it may still read.
class StoreReader {
 public:
  explicit StoreReader(std::unique_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}

  // Revision of the last commit that the snapshot holds.
  int64_t revision() const { return snapshot_->revision(); }
  // Where the history ended then. DATA_LOSS HEAD_MISMATCH if the record is missing.
  absl::StatusOr<v1::HeadRecord> Head() const;

  // The record of a table, see storage/tables.h: Get<MirrorItems>({target, number}). nullopt if it is not there.
  template <typename Table>
  absl::StatusOr<std::optional<typename Table::Record>> Get(const typename Table::Key& key) const {
    std::optional<typename Table::Record> record(std::in_place);
    TTHC_ASSIGN_OR_RETURN(const bool found, Load(Table::EncodeKey(key), &*record));
    if (!found) record.reset();
    return record;
  }

  // A dossier by its number, and the log record of a revision; nullopt if it is not there.
  absl::StatusOr<std::optional<v1::DossierRecord>> GetDossier(int64_t number) const;
  absl::StatusOr<std::optional<v1::LogRecord>> GetLog(int64_t revision) const;
  // Number of the dossier with this uid, code or alias, in any case and with any blanks; nullopt if there is none.
  absl::StatusOr<std::optional<int64_t>> FindCode(absl::string_view code) const;
  // The last value of a counter; 0 if it never counted.
  absl::StatusOr<int64_t> GetCounter(absl::string_view name) const;

  // Scans visit records in the order of their keys. `visit` may change the record that it gets; it must not keep it.

  // The log, from `from_revision` on until `visit` returns false. Records of one command follow each other; the caller
  // must expect every kind of change.
  using VisitLog = std::function<bool(int64_t revision, v1::LogRecord& record)>;
  absl::Status ScanLog(int64_t from_revision, const VisitLog& visit) const;
  // Facts only: the folded dossiers are not parsed, but the checksum of the whole record is checked. With `threads` > 1
  // (at most limits::kFactScanThreadsMax) the numbers are cut into that many ranges, which are scanned in parallel;
  // facts of one range, numbered from 0, are visited one after the other. `fact` is valid during the call only.
  using VisitFact = std::function<void(int range, int64_t number, const v1::Fact& fact)>;
  absl::Status ScanFacts(int threads, const VisitFact& visit) const;
  // The whole catalogue, one record each, as last written (every version of procedures and calendars).
  using VisitCatalogue = std::function<void(const v1::LogRecord& record)>;
  absl::Status ScanCatalogue(const VisitCatalogue& visit) const;
  // All names that facts refer to, by their numbers.
  using VisitName = std::function<void(uint32_t number, const std::string& name)>;
  absl::Status ScanNames(const VisitName& visit) const;
  // All targets of the mirror, by their ids.
  using VisitMirrorTarget = std::function<void(const std::string& target_id, const v1::MirrorTargetRecord& record)>;
  absl::Status ScanMirrorTargets(const VisitMirrorTarget& visit) const;
  // Dossiers of one target that have a MirrorAttention record, from `from_dossier_number` on until `visit` returns
  // false.
  using VisitMirrorAttention = std::function<bool(int64_t dossier_number, const v1::MirrorItemRecord& attention)>;
  absl::Status ScanMirrorAttention(uint32_t target, int64_t from_dossier_number,
                                   const VisitMirrorAttention& visit) const;

 private:
  // False if there is no such record.
  absl::StatusOr<bool> Load(const std::string& key, google::protobuf::MessageLite* record) const;

  // Every read goes through it, so all of them see the same revision.
  std::unique_ptr<Snapshot> snapshot_;
};

// What one commit writes, encoded as it is added. A later write of the same record wins. It belongs to the caller until
// Commit takes it; dropping it writes nothing. Not thread-safe.
class StoreWrites {
 public:
  // The record of a table, see storage/tables.h: Put<MirrorItems>({target, number}, record).
  template <typename Table>
  void Put(const typename Table::Key& key, const typename Table::Record& record) {
    PutRecord(Table::EncodeKey(key), record);
  }
  // The record need not exist.
  template <typename Table>
  void Delete(const typename Table::Key& key) {
    batch_.Delete(Table::EncodeKey(key));
  }

  // The whole record: fact, folded dossier and revisions.
  void PutDossier(int64_t number, const v1::DossierRecord& record);
  // An event's name, revision and record_time are left out: the key and the record have them.
  void PutLog(int64_t revision, const v1::LogRecord& record);
  // `number` was never given before.
  void PutName(uint32_t number, absl::string_view name);
  // A uid, code or alias in any spelling.
  void PutCode(absl::string_view code, int64_t dossier_number);
  // The last value given.
  void PutCounter(absl::string_view name, int64_t last);
  // Under the key that the entry has: procedure and version, calendar version, or resource name.
  void PutCatalogue(const v1::LogRecord& record);

  // Of keys and values, as the engine will write them.
  size_t bytes() const { return batch_.bytes(); }
  // Nothing is written. A commit of it still writes the head.
  bool empty() const { return batch_.empty(); }

 private:
  friend class Store;
  // In its envelope.
  void PutRecord(std::string key, const google::protobuf::MessageLite& record);

  Batch batch_;
};

// One store over one engine, which it owns. Reading is thread-safe; commits come from one thread at a time.
class Store {
 public:
  // Takes the engine, then creates the schema in an empty one or runs the migrations that are missing. Migrations may
  // take minutes on large stores; a crash during one is repaired by the next opening.
  // FAILED_PRECONDITION SCHEMA_TOO_NEW when newer software wrote the data (the message names both versions and says to
  // update), NOT_A_STORE when it is something else; DATA_LOSS HEAD_MISMATCH when head and engine disagree.
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<Engine> engine);

  // A snapshot of the last commit. Cheap: a request takes one for itself, so that all that it reads fits together.
  StoreReader Read() const;

  // Applies `writes` and the new head, durably, or nothing. Snapshots taken before show the store as it was.
  // INVALID_ARGUMENT if `head.revision` is below the present one; else errors as Engine::Commit.
  absl::Status Commit(StoreWrites writes, const v1::HeadRecord& head);

  // As last committed; a reader that needs head and records of one revision takes it from StoreReader::Head instead.
  // Thread-safe.
  v1::HeadRecord head() const;
  // Random, drawn when the store was created.
  uint64_t store_id() const { return store_id_; }
  // For statistics and compaction; not for writing.
  Engine& engine() { return *engine_; }

 private:
  Store() = default;
  // Both are set by Open and never change.
  std::unique_ptr<Engine> engine_;
  uint64_t store_id_ = 0;
  // Guards the copy of the head that readers take; the commit itself runs without it.
  mutable Mutex head_mutex_;
  v1::HeadRecord head_ ABSL_GUARDED_BY(head_mutex_);
};

// The spelling under which codes are stored and compared: ASCII letters in upper case, blanks removed
// (docs/regulations.md, "Dossier code").
std::string CanonicalCode(absl::string_view code);

}  // namespace tthc::storage
