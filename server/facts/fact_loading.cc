#include "server/facts/fact_loading.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/facts/fact_snapshot.h"
#include "server/facts/historical_facts.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

constexpr size_t kLoadPortion = 4096;

// Collects the facts that one thread reads and applies them in portions, so that the threads rarely wait for the lock
// of the index. The messages are reused: parsing into them allocates nothing after the first portion.
class FactLoader {
 public:
  FactLoader(FactIndex* index, int64_t revision) : index_(*index), revision_(revision), facts_(kLoadPortion) {}

  void Add(int64_t number, const storage::v1::Fact& fact) {
    storage::v1::Fact& place = facts_[changes_.size()];
    place = fact;
    changes_.emplace_back(number, &place);
    if (changes_.size() == kLoadPortion) Flush();
  }
  void Flush() {
    index_.Apply(changes_, {}, revision_);
    changes_.clear();
  }

 private:
  FactIndex& index_;
  const int64_t revision_;
  std::vector<storage::v1::Fact> facts_;
  FactChanges changes_;
};

int ThreadCount(int wanted) { return std::clamp(wanted, 1, limits::kFactScanThreadsMax); }

void LogIgnored(const absl::Status& why) {
  Log(LogLevel::kWarning, "fact_snapshot_ignored", {{"reason", std::string(why.message())}});
}

}  // namespace

absl::Status LoadFactsFromRecords(const storage::Store& store, int threads, FactIndex& index) {
  const storage::StoreReader reader = store.Read();
  std::vector<FactLoader> loaders;
  loaders.reserve(limits::kFactScanThreadsMax);
  // One for each range, so that no loader is shared between threads.
  for (int i = 0; i < ThreadCount(threads); ++i) loaders.emplace_back(&index, reader.revision());
  TTHC_RETURN_IF_ERROR(
      reader.ScanFacts(static_cast<int>(loaders.size()), [&](int range, int64_t number, const storage::v1::Fact& fact) {
        loaders[static_cast<size_t>(range)].Add(number, fact);
      }));
  for (FactLoader& loader : loaders) loader.Flush();
  return absl::OkStatus();
}

absl::Status CatchUp(const storage::Store& store, int64_t revision, int threads, FactIndex& index) {
  const storage::StoreReader reader = store.Read();
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> changed, ChangedSince(reader, revision));
  std::atomic<size_t> next{0};
  // The workers take single dossiers, not ranges: which ones changed says nothing about how large they are.
  const auto load = [&]() -> absl::Status {
    FactLoader loader(&index, reader.revision());
    for (size_t i = next++; i < changed.size(); i = next++) {
      TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(changed[i]));
      if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", changed[i], " has no record"));
      loader.Add(changed[i], record->fact());
    }
    loader.Flush();
    return absl::OkStatus();
  };
  std::vector<absl::Status> failures(static_cast<size_t>(ThreadCount(threads)));
  std::vector<std::thread> workers;
  for (absl::Status& failure : failures) workers.emplace_back([&load, &failure] { failure = load(); });
  for (std::thread& worker : workers) worker.join();
  for (const absl::Status& failure : failures) TTHC_RETURN_IF_ERROR(failure);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> LoadFacts(const storage::Store& store, const std::string& snapshot_path, int threads,
                                  FactIndex& index) {
  if (!snapshot_path.empty()) {
    absl::StatusOr<FactSnapshot> snapshot = LoadFactSnapshot(snapshot_path, store, ThreadCount(threads));
    if (snapshot.ok()) {
      index.Restore(std::move(snapshot->columns), std::move(snapshot->texts));
      TTHC_RETURN_IF_ERROR(CatchUp(store, snapshot->revision, threads, index));
      return snapshot->revision;
    }
    if (!absl::IsNotFound(snapshot.status())) LogIgnored(snapshot.status());
    // Removed before the history goes on: with a later head it might pass the checks.
    RemoveFactSnapshot(snapshot_path);
  }
  TTHC_RETURN_IF_ERROR(LoadFactsFromRecords(store, threads, index));
  return 0;
}

}  // namespace tthc::server
