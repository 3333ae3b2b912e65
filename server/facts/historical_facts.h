#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "storage/base/mutex.h"
#include "storage/base/published.h"
#include "storage/store.h"
#include "tthc/v1/statistics.pb.h"

// The facts as they were at an earlier revision, for figures "as of" a moment.
//
// Today's columns are copied, and every dossier that has changed since is folded again from its events up to the
// revision asked for. So yesterday costs little, and the first day of the store as much as folding everything. The last
// few results are kept, because one report asks for the same moment many times.
//
// A copy is shared by pointer and never changes. Errors are those of the store and of the fold.
namespace tthc::server {

// A point of the history at which figures are computed.
struct HistoryPoint {
  // Everything recorded up to this revision counts. 0 with is_now.
  int64_t revision = 0;
  // The latest instant at which open dossiers are evaluated.
  absl::Time time;
  // The present: the live columns are used.
  bool is_now = true;
};

// Numbers of the dossiers with events after `revision`, rising.
absl::StatusOr<std::vector<int64_t>> ChangedSince(const storage::StoreReader& reader, int64_t revision);

// The facts, and the offices of that time: which ones there are decides which rows a report has.
struct HistoricalFacts {
  // With the names and codes of today: they only ever grow.
  FactColumns columns;
  domain::Catalogue::ByName<v1::Office> offices;
};

// Makes and keeps historical facts. Thread-safe.
class HistoricalFactsCache {
 public:
  // All of them outlive the cache.
  HistoricalFactsCache(const storage::Store* store, const FactIndex* index,
                       const Published<domain::Catalogue>* catalogue)
      : store_(*store), index_(*index), catalogue_(*catalogue) {}

  // The point that a request's as_of names; the present if it is unset. INVALID_ARGUMENT AS_OF_INVALID if it lies in
  // the future or before the first record.
  absl::StatusOr<HistoryPoint> Resolve(const v1::AsOf& as_of, absl::Time now) const;

  // The facts as of `revision`, which must have been recorded. Callers that ask for other revisions wait meanwhile: one
  // fold of a large store at a time is enough for memory and disk.
  absl::StatusOr<std::shared_ptr<const HistoricalFacts>> At(int64_t revision);

 private:
  // One result that is kept.
  struct Entry {
    int64_t revision = 0;
    std::shared_ptr<const HistoricalFacts> facts;
  };
  // Copies the columns and takes them back to `revision`.
  absl::StatusOr<std::shared_ptr<const HistoricalFacts>> Make(int64_t revision) const;
  // Folds the dossiers that changed after `revision` again and puts their facts into `columns`. Uses several threads.
  absl::Status FoldChanged(const storage::StoreReader& reader, int64_t revision, FactColumns& columns) const;
  // The last revision recorded at or before `time`; 0 if there is none.
  absl::StatusOr<int64_t> RevisionAt(const storage::StoreReader& reader, absl::Time time) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const Published<domain::Catalogue>& catalogue_;
  // Held while facts are made, too.
  Mutex mutex_;
  // The most recently used one is in front.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
