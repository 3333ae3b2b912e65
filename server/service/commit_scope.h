#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "server/service/name_table.h"
#include "storage/store.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::server {

// A dossier as the pipeline holds it: the folded state and where its events lie. Immutable once shared.
struct DossierState {
  v1::Dossier dossier;
  std::vector<int64_t> revisions;
};
using DossierStatePtr = std::shared_ptr<const DossierState>;

// What one or several commands have decided and not yet written.
struct Staged {
  std::unordered_map<int64_t, DossierStatePtr> dossiers;
  std::unordered_map<std::string, int64_t> codes;
  std::unordered_map<std::string, storage::v1::RequestRecord> requests;
  std::unordered_map<std::string, int64_t> counters;
  std::vector<std::pair<int64_t, storage::v1::LogRecord>> log;
  std::vector<storage::v1::LogRecord> catalogue_records;
  std::shared_ptr<const Catalogue> catalogue;
  storage::v1::HeadRecord head;
  size_t bytes = 0;

  // Takes over what `later` decided on top of this.
  void Merge(Staged later);
};

// Dossiers that were written or read lately, so that a busy one is not parsed again for each event. Not thread-safe.
class DossierCache {
 public:
  DossierStatePtr Find(int64_t number) const;
  void Put(int64_t number, DossierStatePtr state);
  void Clear() { entries_.clear(); }

 private:
  std::unordered_map<int64_t, DossierStatePtr> entries_;
};

// What one command sees and writes: the store, what earlier commands of the same batch decided, and its own writes on top.
// Lives on the pipeline's thread during one command. Nothing of it shows until the batch is durable.
class CommitScope {
 public:
  CommitScope(const storage::StoreReader& reader, DossierCache& cache, const Staged& batch, absl::Time now);

  // The moment of recording: never before an earlier record's.
  absl::Time now() const { return now_; }
  const Catalogue& catalogue() const { return *(own_.catalogue != nullptr ? own_.catalogue : batch_.catalogue); }

  absl::StatusOr<std::optional<int64_t>> FindCode(const std::string& code) const;
  // DATA_LOSS if it is not there: numbers come from FindCode.
  absl::StatusOr<DossierStatePtr> LoadDossier(int64_t number) const;
  // All recorded events of a dossier, complete with revision and record_time.
  absl::StatusOr<std::vector<v1::Event>> LoadEvents(const DossierState& state) const;
  absl::StatusOr<std::optional<storage::v1::RequestRecord>> FindRequest(const std::string& request_id) const;
  // The log record of a revision, staged or stored.
  absl::StatusOr<storage::v1::LogRecord> LoadLog(int64_t revision) const;

  // Next value of a durable counter, from 1.
  absl::StatusOr<int64_t> Count(const std::string& counter);
  int64_t NewDossierNumber();
  int64_t NewRevision();
  const storage::v1::HeadRecord& head() const { return own_.head; }

  void PutDossier(int64_t number, DossierStatePtr state) { own_.dossiers[number] = std::move(state); }
  void PutCode(const std::string& code, int64_t number) { own_.codes[code] = number; }
  void PutEvent(int64_t number, const v1::Event& event);
  absl::Status PutCatalogue(storage::v1::LogRecord record);
  void SetOldestRevision(int64_t revision) { own_.head.set_oldest_revision(revision); }
  // Remembers the command for retries, and marks its log records as one command. Call last.
  void EndCommand(const std::string& request_id, uint64_t content_hash);

  Staged TakeStaged() { return std::move(own_); }

 private:
  const storage::StoreReader& reader_;
  DossierCache& cache_;
  const Staged& batch_;
  Staged own_;
  // own_.catalogue while this command may still change it.
  std::shared_ptr<Catalogue> draft_catalogue_;
  absl::Time now_;
};

}  // namespace tthc::server
