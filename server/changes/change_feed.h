#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/service/fact_index.h"
#include "server/service/read_pool.h"
#include "server/service/request_context.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"
#include "storage/store.h"
#include "tthc/v1/change_service.pb.h"

namespace tthc::server {

// The log, handed out revision by revision: pages for ListChanges, streams for WatchChanges. A watcher holds no more
// than a position; what it has not taken yet stays on disk, so that a slow one costs nothing but its own lag.
// Thread-safe.
class ChangeFeed {
 public:
  // All outlive the feed. The clock says when a progress mark is due.
  ChangeFeed(const storage::Store* store, const FactIndex* index, ReadPool* pool, const Clock* clock);
  ~ChangeFeed();

  // One page, read on the calling thread (one of the pool's).
  absl::StatusOr<v1::ListChangesResponse> List(const v1::ListChangesRequest& request) const;

  absl::StatusOr<std::unique_ptr<ServerStream<v1::WatchChangesResponse>>> Watch(const v1::WatchChangesRequest& request);

  // The pipeline has made more revisions durable.
  void OnCommitted();
  // Ends every stream with UNAVAILABLE SHUTTING_DOWN.
  void Stop();

 private:
  class Watcher;

  // Changes from `from` on, whole commands only, until a bound is reached. `revision` becomes the last one covered.
  absl::Status Read(int64_t from, size_t count_max, int64_t only_dossier, const storage::StoreReader& reader,
                    google::protobuf::RepeatedPtrField<v1::Change>* changes, int64_t* revision) const;
  absl::Status CheckStart(int64_t start, const storage::v1::HeadRecord& head) const;
  void Tick();
  void Remove(Watcher* watcher);

  const storage::Store& store_;
  const FactIndex& index_;
  ReadPool& pool_;
  const Clock& clock_;

  mutable Mutex mutex_;
  std::condition_variable wake_ticker_;
  std::list<std::shared_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread ticker_;
};

}  // namespace tthc::server
