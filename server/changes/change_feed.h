#pragma once

#include <list>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/read_pool.h"
#include "server/call/request_context.h"
#include "server/facts/fact_index.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"
#include "storage/store.h"
#include "tthc/v1/change_service.pb.h"

namespace tthc::server {

// The change feed: the log in pages (ListChanges) and as streams (WatchChanges).
//
// Vocabulary:
//   watcher         one open stream. It holds a position in the log and at most one pending reply, never changes: what
//                   its client has not read stays on disk, so that a slow client costs no memory.
//   command         the log records that one command wrote. They are never split between two messages.
//   progress mark   a message without changes, with the revision up to which everything was sent. Sent every
//                   limits::kWatchProgressInterval while nothing else is.
//   oldest          the oldest revision that the feed still returns; compaction raises it (compaction.h). A watcher
//   that
//                   is behind it goes on undisturbed, because the log itself stays.
//
// Ownership: the feed and the handle of the stream share a watcher; a read under way keeps it alive until it has
// answered.
//
// Threads: thread-safe. A watcher reads on the read pool, one read at a time. It is woken by commits, by Next and by a
// thread that ticks every second for progress marks. Lock order: a watcher's mutex is never taken under the feed's. No
// reply is called under a lock.
//
// Errors: as ChangeService promises. A read that fails ends its call; the client resumes from its last revision.
class ChangeFeed {
 public:
  // All outlive the feed. The clock decides when a progress mark is due.
  ChangeFeed(const storage::Store* store, const FactIndex* index, ReadPool* pool, const Clock* clock);
  ~ChangeFeed();

  // Reads one page, on the calling thread: one of the read pool. OUT_OF_RANGE REVISION_COMPACTED, REVISION_IN_FUTURE.
  absl::StatusOr<v1::ListChangesResponse> List(const v1::ListChangesRequest& request) const;

  // Opens a stream. The same errors, NOT_FOUND DOSSIER_NOT_FOUND, and RESOURCE_EXHAUSTED TOO_MANY_WATCHERS. Looks the
  // dossier up on the calling thread: one key of the index of codes.
  absl::StatusOr<std::unique_ptr<ServerStream<v1::WatchChangesResponse>>> Watch(const v1::WatchChangesRequest& request);

  // Wakes the watchers: more revisions are durable. Called by the commit thread; only posts reads.
  void OnCommitted();
  // Ends every stream with UNAVAILABLE SHUTTING_DOWN, and the ticking thread. Before the read pool stops.
  void Stop();

 private:
  class Watcher;

  // Appends the changes from `from` on, whole commands only, until `count_max` revisions or the bound in bytes is
  // reached. `only_dossier` 0: all. `revision` becomes the last one covered, also if it was filtered out.
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
  CondVar wake_ticker_;
  std::list<std::shared_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread ticker_;
};

}  // namespace tthc::server
