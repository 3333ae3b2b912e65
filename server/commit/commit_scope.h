#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "server/facts/name_table.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/base/uid.h"
#include "storage/store.h"
#include "storage/tables.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"
#include "tthc/v1/mirror.pb.h"

// What a command reads and writes while it decides.
//
// Several commands share one durable commit (the *batch*). Each sees three layers, the later over the earlier: the
// store, what the commands before it in the batch have *staged*, and its own writes. So a command decides as if every
// earlier one were durable, although nothing is written yet. If it is refused, its own writes are dropped and no other
// command sees them. If the commit fails, all of them fail.
//
// Everything here lives on the commit thread. Errors are those of the store; a missing record that another record
// refers to is DATA_LOSS.
namespace tthc::server {

// A dossier as the pipeline holds it: its record as it lies on disk, so that writing it copies nothing, and the
// revisions of its events.
struct DossierState {
  // Fact and revision_deltas are completed when it is written.
  storage::v1::DossierRecord record;
  std::vector<int64_t> revisions;

  const v1::Dossier& dossier() const { return record.dossier(); }
  v1::Dossier* mutable_dossier() { return record.mutable_dossier(); }
};
using DossierStatePtr = std::shared_ptr<const DossierState>;

// What one or several commands have decided and not yet written.
//
// Staged records of one table are found by their keys; those of the log by their revisions. The commit turns all of it
// into one StoreWrites.
struct Staged {
  // By number.
  std::unordered_map<int64_t, std::shared_ptr<DossierState>> dossiers;
  // By revision, rising without gaps.
  std::vector<std::pair<int64_t, storage::v1::LogRecord>> log;
  // Records of every other table.
  storage::StagedRecords records;
  // nullptr: unchanged.
  std::shared_ptr<const domain::Catalogue> catalogue;
  // With the revisions and dossier numbers taken so far.
  storage::v1::HeadRecord head;
  // Of all records, which bounds a batch; of those in the log, which bounds a command.
  size_t bytes = 0;
  size_t log_bytes = 0;

  // Takes over what `later` decided on top of this.
  void Merge(Staged later);
};

// The entries found or put most recently: at least half of `size_max`, at most all of it. Two generations instead of a
// list in the order of use: no entry costs a second allocation. Not thread-safe.
template <typename Key, typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t size_max) : generation_max_(size_max / 2) {}

  // nullptr if it is not there; valid until the next call.
  const Value* Find(const Key& key) {
    if (const auto found = young_.find(key); found != young_.end()) return &found->second;
    const auto found = old_.find(key);
    if (found == old_.end()) return nullptr;
    // It was used again, so it moves to the young generation and stays when the old one is dropped.
    Value value = std::move(found->second);
    old_.erase(found);
    return Put(key, std::move(value));
  }
  // As Find, but removes it.
  std::optional<Value> Take(const Key& key) {
    for (auto* generation : {&young_, &old_}) {
      const auto found = generation->find(key);
      if (found == generation->end()) continue;
      Value value = std::move(found->second);
      generation->erase(found);
      return value;
    }
    return std::nullopt;
  }
  const Value* Put(const Key& key, Value value) {
    if (young_.size() >= generation_max_) old_ = std::exchange(young_, {});
    Value& place = young_[key];
    place = std::move(value);
    return &place;
  }

 private:
  // When the young generation is full, it becomes the old one, and the old one is dropped.
  const size_t generation_max_;
  std::unordered_map<Key, Value> young_;
  std::unordered_map<Key, Value> old_;
};

// Dossiers that were written or read recently, and the numbers behind their uids, codes and aliases, so that a busy
// dossier is not looked up and parsed again for each event. Holds only what is durable; a code never changes its owner.
// Not thread-safe.
struct DossierCache {
  // By number.
  RecentMap<int64_t, std::shared_ptr<DossierState>> dossiers{limits::kDossierCacheMax};
  // By canonical uid, code or alias.
  RecentMap<std::string, int64_t> codes{2 * limits::kDossierCacheMax};
};

// The three layers, for one command. Made for it, and gone when it has decided.
class CommitScope {
 public:
  // Everything outlives it.
  CommitScope(const storage::StoreReader& reader, DossierCache& cache, const Staged& batch, absl::Time now,
              const UidSource& uids);

  // The moment of recording: never before an earlier record's.
  absl::Time now() const { return now_; }
  // With the changes of this command.
  const domain::Catalogue& catalogue() const {
    return *(own_.catalogue != nullptr ? own_.catalogue : batch_.catalogue);
  }
  // With the revisions and numbers that this command has taken.
  const storage::v1::HeadRecord& head() const { return own_.head; }

  // --- Reading ---

  // The record of a table, see storage/tables.h: Find<storage::MirrorTargets>(id). nullopt if it is not there.
  template <typename Table>
  absl::StatusOr<std::optional<typename Table::Record>> Find(const typename Table::Key& key) const {
    for (const Staged* staged : {&own_, &batch_}) {
      if (const auto* record = staged->records.Find<Table>(key); record != nullptr) return *record;
    }
    return reader_.Get<Table>(key);
  }
  // Number of the dossier with this uid, code or alias, in any case and with any blanks; nullopt if there is none.
  absl::StatusOr<std::optional<int64_t>> FindCode(const std::string& code) const;
  // `number` comes from FindCode, so DATA_LOSS if the dossier is not there.
  absl::StatusOr<DossierStatePtr> LoadDossier(int64_t number) const;
  // Revisions of its events, rising. Does not fill the cache: commands that go over many dossiers would drive out those
  // that clerks work on.
  absl::StatusOr<std::vector<int64_t>> LoadRevisions(int64_t number) const;
  // As LoadDossier, to be changed and given to PutDossier. Taken out of the cache rather than copied: if the command or
  // its commit fails, the next one reads it from the store.
  absl::StatusOr<std::shared_ptr<DossierState>> TakeDossier(int64_t number);
  // All recorded events of a dossier, complete with revision and record_time.
  absl::StatusOr<std::vector<v1::Event>> LoadEvents(const DossierState& state) const;
  // The log record of a revision.
  absl::StatusOr<storage::v1::LogRecord> LoadLog(int64_t revision) const;
  // All targets of the mirror by their ids.
  absl::StatusOr<std::map<std::string, storage::v1::MirrorTargetRecord>> LoadMirrorTargets() const;

  // --- Drawing ---

  // The next value of a durable counter, from 1. Dropped with the command if it is refused.
  absl::StatusOr<int64_t> Count(const std::string& counter);
  // The number of a dossier that is being opened. Numbers have no gaps: one of a refused command is drawn again.
  int64_t NewDossierNumber();
  // A uid that no dossier has and that no code or alias looks like. Give it to PutEvent with the opening event.
  absl::StatusOr<std::string> NewUid();
  // The revision of the next log record, which must then be written: revisions have no gaps.
  int64_t NewRevision();

  // --- Writing ---

  // Replaces a record of a table: Put<storage::MirrorTargets>(id, record). Tables lie beside the log: what must be part
  // of the history goes through PutEvent, PutCatalogue or PutMirrorDecision.
  template <typename Table>
  void Put(const typename Table::Key& key, typename Table::Record record) {
    own_.bytes += record.ByteSizeLong();
    own_.records.Put<Table>(key, std::move(record));
  }
  template <typename Table>
  void Delete(const typename Table::Key& key) {
    own_.records.Delete<Table>(key);
  }
  // From here on only the commit changes `state`.
  void PutDossier(int64_t number, std::shared_ptr<DossierState> state) { own_.dossiers[number] = std::move(state); }
  // `code` in the spelling of CanonicalCode().
  void PutCode(const std::string& code, int64_t number);
  // Writes the event at its own revision, which came from NewRevision(). `opened_uid` is given with the event that
  // opens the dossier, and with no other: it is recorded there, and the dossier is found by it from now on.
  void PutEvent(int64_t number, v1::Event event, const std::string& opened_uid = "");
  // Writes a catalogue entry at a revision of its own. Errors of Catalogue::Add.
  absl::Status PutCatalogue(storage::v1::LogRecord record);
  // Writes a decision about the mirror at a revision of its own, which it returns. What the decision does is put into
  // the tables by the same command.
  int64_t PutMirrorDecision(v1::MirrorDecision decision);
  // Moves the beginning of the change feed; log records stay.
  void SetOldestRevision(int64_t revision) { own_.head.set_oldest_revision(revision); }

  // Marks the log records written so far as one command and, with a request id, remembers it for repetitions. Call
  // last. INVALID_ARGUMENT COMMAND_TOO_LARGE if the log records are more than one message of the feed carries.
  absl::Status EndCommand(const std::string& request_id, uint64_t content_hash);

  // Everything that the command has decided. The scope must not be used any more.
  Staged TakeStaged() { return std::move(own_); }

 private:
  // From the store, past all layers and the cache.
  absl::StatusOr<std::shared_ptr<DossierState>> ReadDossier(int64_t number) const;
  // `revision` came from NewRevision().
  void AppendLog(int64_t revision, storage::v1::LogRecord record);

  // The layers from below: the store, with a cache before it; the batch; this command.
  const storage::StoreReader& reader_;
  DossierCache& cache_;
  const Staged& batch_;
  Staged own_;
  // own_.catalogue while this command may still change it.
  std::shared_ptr<domain::Catalogue> draft_catalogue_;
  const absl::Time now_;
  const UidSource& uids_;
};

}  // namespace tthc::server
