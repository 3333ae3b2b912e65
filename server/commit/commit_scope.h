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
#include "server/service/catalogue.h"
#include "server/service/name_table.h"
#include "storage/base/limits.h"
#include "storage/store.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::server {

// A dossier as the pipeline holds it: its record as it lies on disk, so that writing it copies nothing, and where its
// events lie.
struct DossierState {
  // Fact and revision_deltas are filled in when it is written.
  storage::v1::DossierRecord record;
  std::vector<int64_t> revisions;

  const v1::Dossier& dossier() const { return record.dossier(); }
  v1::Dossier* mutable_dossier() { return record.mutable_dossier(); }
};
using DossierStatePtr = std::shared_ptr<const DossierState>;

// One dossier at one target, as a command leaves it.
struct MirrorItemState {
  storage::v1::MirrorItemRecord record;
  // Unset = as they are.
  std::optional<storage::v1::MirrorExchangesRecord> exchanges;
  // Whether its state is another than the target's position tells, and whether it was before.
  bool attention = false;
  bool had_attention = false;
};
// Target number, dossier number.
using MirrorItemId = std::pair<uint32_t, int64_t>;

// What one or several commands have decided and not yet written.
struct Staged {
  std::unordered_map<int64_t, std::shared_ptr<DossierState>> dossiers;
  std::unordered_map<std::string, int64_t> codes;
  std::unordered_map<std::string, storage::v1::RequestRecord> requests;
  std::unordered_map<std::string, int64_t> counters;
  std::vector<std::pair<int64_t, storage::v1::LogRecord>> log;
  std::vector<storage::v1::LogRecord> catalogue_records;
  std::map<std::string, storage::v1::MirrorTargetRecord> mirror_targets;
  std::map<MirrorItemId, MirrorItemState> mirror_items;
  std::shared_ptr<const Catalogue> catalogue;
  storage::v1::HeadRecord head;
  size_t bytes = 0;

  // Takes over what `later` decided on top of this.
  void Merge(Staged later);
};

// What was found or put lately: between half of `size_max` and all of it. Not thread-safe.
template <typename Key, typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t size_max) : generation_max_(size_max / 2) {}

  // nullptr if it is not there; valid until the next call.
  const Value* Find(const Key& key) {
    if (const auto found = young_.find(key); found != young_.end()) return &found->second;
    const auto found = old_.find(key);
    if (found == old_.end()) return nullptr;
    // Used again: it outlives its generation.
    Value value = std::move(found->second);
    old_.erase(found);
    return Put(key, std::move(value));
  }
  // As Find, but forgets it.
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
  const size_t generation_max_;
  std::unordered_map<Key, Value> young_;
  std::unordered_map<Key, Value> old_;
};

// Dossiers that were written or read lately, and the numbers of their codes, so that a busy one is not looked up and
// parsed again for each event. Holds only what is durable; a code never changes hands. Not thread-safe.
struct DossierCache {
  RecentMap<int64_t, std::shared_ptr<DossierState>> dossiers{limits::kDossierCacheMax};
  RecentMap<std::string, int64_t> codes{2 * limits::kDossierCacheMax};
};

// What one command sees and writes: the store, what earlier commands of the same batch decided, and its own writes on
// top. Lives on the pipeline's thread during one command. Nothing of it shows until the batch is durable.
class CommitScope {
 public:
  CommitScope(const storage::StoreReader& reader, DossierCache& cache, const Staged& batch, absl::Time now);

  // The moment of recording: never before an earlier record's.
  absl::Time now() const { return now_; }
  const Catalogue& catalogue() const { return *(own_.catalogue != nullptr ? own_.catalogue : batch_.catalogue); }

  absl::StatusOr<std::optional<int64_t>> FindCode(const std::string& code) const;
  // DATA_LOSS if it is not there: numbers come from FindCode.
  absl::StatusOr<DossierStatePtr> LoadDossier(int64_t number) const;
  // Revisions of its events, rising. Reads past the cache, for commands that go over many dossiers: the busy ones stay.
  absl::StatusOr<std::vector<int64_t>> LoadRevisions(int64_t number) const;
  // As LoadDossier, to be changed and given to PutDossier. Taken out of the cache rather than copied: if the command or
  // its commit fails, the next one reads what the store has.
  absl::StatusOr<std::shared_ptr<DossierState>> TakeDossier(int64_t number);
  // All recorded events of a dossier, complete with revision and record_time.
  absl::StatusOr<std::vector<v1::Event>> LoadEvents(const DossierState& state) const;
  absl::StatusOr<std::optional<storage::v1::RequestRecord>> FindRequest(const std::string& request_id) const;
  // The log record of a revision, staged or stored.
  absl::StatusOr<storage::v1::LogRecord> LoadLog(int64_t revision) const;

  // The mirror's targets by their ids.
  absl::StatusOr<std::map<std::string, storage::v1::MirrorTargetRecord>> LoadMirrorTargets() const;
  absl::StatusOr<std::optional<storage::v1::MirrorTargetRecord>> FindMirrorTarget(const std::string& target_id) const;
  absl::StatusOr<std::optional<storage::v1::MirrorItemRecord>> FindMirrorItem(MirrorItemId id) const;
  // Empty without any.
  absl::StatusOr<storage::v1::MirrorExchangesRecord> LoadMirrorExchanges(MirrorItemId id) const;

  // Next value of a durable counter, from 1.
  absl::StatusOr<int64_t> Count(const std::string& counter);
  int64_t NewDossierNumber();
  int64_t NewRevision();
  const storage::v1::HeadRecord& head() const { return own_.head; }

  // Nobody changes `state` any more, but for the commit that writes it.
  void PutDossier(int64_t number, std::shared_ptr<DossierState> state) { own_.dossiers[number] = std::move(state); }
  void PutCode(const std::string& code, int64_t number) { own_.codes[code] = number; }
  void PutEvent(int64_t number, v1::Event event);
  absl::Status PutCatalogue(storage::v1::LogRecord record);
  void PutMirrorTarget(const std::string& target_id, storage::v1::MirrorTargetRecord record);
  // `had_attention` counts the first time only.
  void PutMirrorItem(MirrorItemId id, MirrorItemState state);
  void SetOldestRevision(int64_t revision) { own_.head.set_oldest_revision(revision); }
  // Remembers the command for retries, and marks its log records as one command. Call last. INVALID_ARGUMENT
  // COMMAND_TOO_LARGE if it is more than one message of the feed carries.
  absl::Status EndCommand(const std::string& request_id, uint64_t content_hash);

  Staged TakeStaged() { return std::move(own_); }

 private:
  absl::StatusOr<std::shared_ptr<DossierState>> ReadDossier(int64_t number) const;

  const storage::StoreReader& reader_;
  DossierCache& cache_;
  const Staged& batch_;
  Staged own_;
  // own_.catalogue while this command may still change it.
  std::shared_ptr<Catalogue> draft_catalogue_;
  absl::Time now_;
};

}  // namespace tthc::server
