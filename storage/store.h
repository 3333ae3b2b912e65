#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/base/mutex.h"
#include "storage/engine/engine.h"
#include "tthc/storage/v1/records.pb.h"

// The only storage API that the server sees: typed records over an Engine. Knows keys, envelopes and migrations; knows
// nothing of what events mean.
namespace tthc::storage {

// Reads one snapshot. Thread-safe. DATA_LOSS CHECKSUM_MISMATCH for a record that is not what was written.
class StoreReader {
 public:
  explicit StoreReader(std::unique_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}

  int64_t revision() const { return snapshot_->revision(); }
  absl::StatusOr<v1::HeadRecord> Head() const;

  // nullopt = not there.
  absl::StatusOr<std::optional<v1::DossierRecord>> GetDossier(int64_t number) const;
  // Number of the dossier with this code or alias, in the spelling of CanonicalCode().
  absl::StatusOr<std::optional<int64_t>> FindCode(absl::string_view code) const;
  absl::StatusOr<std::optional<v1::LogRecord>> GetLog(int64_t revision) const;
  absl::StatusOr<std::optional<v1::RequestRecord>> GetRequest(absl::string_view request_id) const;
  // 0 if it never counted.
  absl::StatusOr<int64_t> GetCounter(absl::string_view name) const;

  // In rising order until `visit` returns false. Checks every record's checksum. `visit` may take the record apart.
  using VisitLog = std::function<bool(int64_t revision, v1::LogRecord& record)>;
  absl::Status ScanLog(int64_t from_revision, const VisitLog& visit) const;
  // Facts only: the folded dossiers are not parsed, but the checksum of the whole record is checked. With `threads` > 1
  // (at most limits::kFactScanThreadsMax) in so many parallel ranges; those of one range, numbered from 0, are visited
  // one after the other. `fact` is valid during the call only.
  using VisitFact = std::function<void(int range, int64_t number, const v1::Fact& fact)>;
  absl::Status ScanFacts(int threads, const VisitFact& visit) const;
  using VisitDossier = std::function<bool(int64_t number, const v1::DossierRecord& record)>;
  absl::Status ScanDossiers(int64_t from_number, const VisitDossier& visit) const;
  // The whole catalogue, one record each, as last written (every version of procedures and calendars).
  using VisitCatalogue = std::function<void(const v1::LogRecord& record)>;
  absl::Status ScanCatalogue(const VisitCatalogue& visit) const;
  using VisitName = std::function<void(uint32_t number, const std::string& name)>;
  absl::Status ScanNames(const VisitName& visit) const;

  // The mirror. Targets by their id, items by the target's number and the dossier's.
  absl::StatusOr<std::optional<v1::MirrorTargetRecord>> GetMirrorTarget(absl::string_view target_id) const;
  using VisitMirrorTarget = std::function<void(const std::string& target_id, const v1::MirrorTargetRecord& record)>;
  absl::Status ScanMirrorTargets(const VisitMirrorTarget& visit) const;
  absl::StatusOr<std::optional<v1::MirrorItemRecord>> GetMirrorItem(uint32_t target, int64_t dossier_number) const;
  absl::StatusOr<std::optional<v1::MirrorExchangesRecord>> GetMirrorExchanges(uint32_t target,
                                                                              int64_t dossier_number) const;
  // Dossiers whose item is not what the target's position says, see StoreWrites::PutMirrorAttention; rising from
  // `from_dossier_number` on until `visit` returns false.
  using VisitMirrorAttention = std::function<bool(int64_t dossier_number, const v1::MirrorItemRecord& attention)>;
  absl::Status ScanMirrorAttention(uint32_t target, int64_t from_dossier_number,
                                   const VisitMirrorAttention& visit) const;

 private:
  std::unique_ptr<Snapshot> snapshot_;
};

// What one commit writes. Not thread-safe.
class StoreWrites {
 public:
  void PutDossier(int64_t number, const v1::DossierRecord& record);
  void PutCode(absl::string_view code, int64_t dossier_number);
  // An event's name, revision and record_time are left out: the key and the record say them.
  void PutLog(int64_t revision, const v1::LogRecord& record);
  void PutRequest(absl::string_view request_id, const v1::RequestRecord& record);
  void DeleteRequest(absl::string_view request_id);
  void PutCounter(absl::string_view name, int64_t last);
  // Keyed by what it is: procedure + version, calendar version, or resource name.
  void PutCatalogue(const v1::LogRecord& record);
  void PutName(uint32_t number, absl::string_view name);
  void PutMirrorTarget(absl::string_view target_id, const v1::MirrorTargetRecord& record);
  void PutMirrorItem(uint32_t target, int64_t dossier_number, const v1::MirrorItemRecord& record);
  void PutMirrorExchanges(uint32_t target, int64_t dossier_number, const v1::MirrorExchangesRecord& record);
  // Keeps only the state and its revision of `item`: what a start reads of it.
  void PutMirrorAttention(uint32_t target, int64_t dossier_number, const v1::MirrorItemRecord& item);
  void DeleteMirrorAttention(uint32_t target, int64_t dossier_number);

  size_t bytes() const { return batch_.bytes(); }
  bool empty() const { return batch_.empty(); }

 private:
  friend class Store;
  Batch batch_;
};

class Store {
 public:
  // Takes the engine, creates or migrates the schema. FAILED_PRECONDITION SCHEMA_TOO_NEW when newer software wrote the
  // data (the message names both versions and says to update).
  static absl::StatusOr<std::unique_ptr<Store>> Open(std::unique_ptr<Engine> engine);

  StoreReader Read() const;

  // Applies `writes` and the new head, durably, or nothing. INVALID_ARGUMENT if `head.revision` is below the present
  // one; else errors as Engine::Commit. Callers serialise their commits.
  absl::Status Commit(StoreWrites writes, const v1::HeadRecord& head);

  // As last committed. Thread-safe.
  v1::HeadRecord head() const;
  // Random, given at creation.
  uint64_t store_id() const { return store_id_; }
  Engine& engine() { return *engine_; }

 private:
  Store() = default;
  std::unique_ptr<Engine> engine_;
  uint64_t store_id_ = 0;
  mutable Mutex head_mutex_;
  v1::HeadRecord head_ ABSL_GUARDED_BY(head_mutex_);
};

// Codes are looked up without regard to ASCII case and to blanks (domain/regulations 6.2: parser tolerant).
std::string CanonicalCode(absl::string_view code);

}  // namespace tthc::storage
