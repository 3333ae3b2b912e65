#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "server/service/fact_index.h"
#include "storage/base/mutex.h"
#include "storage/store.h"
#include "tthc/v1/statistics.pb.h"

namespace tthc::server {

// A point of the history that figures stand on.
struct HistoryPoint {
  // Everything up to here counts.
  int64_t revision = 0;
  // Open dossiers are judged no later.
  absl::Time time;
  // Nothing has been recorded behind it.
  bool is_now = true;
};

// Numbers of the dossiers with events behind `revision`, rising.
absl::StatusOr<std::vector<int64_t>> ChangedSince(const storage::StoreReader& reader, int64_t revision);

// The facts, and the offices that they are counted under.
struct FactsThen {
  FactColumns columns;
  Catalogue::ByName<v1::Office> offices;
};

// The facts as they were: today's columns, with every dossier that changed since folded again from its events. The last
// few are kept. Thread-safe.
class AsOfFacts {
 public:
  // All outlive it.
  AsOfFacts(const storage::Store* store, const FactIndex* index, const CurrentCatalogue* catalogue)
      : store_(*store), index_(*index), catalogue_(*catalogue) {}

  // What a request's as_of means. INVALID_ARGUMENT AS_OF_INVALID: in the future, or before the first record.
  absl::StatusOr<HistoryPoint> Resolve(const v1::AsOf& as_of, absl::Time now) const;

  // As of `revision`, which must have been recorded. Takes as long as folding what changed since; one at a time. Errors
  // of the store and of the fold.
  absl::StatusOr<std::shared_ptr<const FactsThen>> At(int64_t revision);

 private:
  struct Kept {
    int64_t revision = 0;
    std::shared_ptr<const FactsThen> facts;
  };
  absl::StatusOr<std::shared_ptr<const FactsThen>> Make(int64_t revision) const;
  absl::Status FoldChanged(const storage::StoreReader& reader, int64_t revision, FactColumns& columns) const;
  // The last revision that was recorded no later than `time`; 0 if none.
  absl::StatusOr<int64_t> RevisionAt(const storage::StoreReader& reader, absl::Time time) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const CurrentCatalogue& catalogue_;
  Mutex mutex_;
  // The one used last in front.
  std::list<Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
