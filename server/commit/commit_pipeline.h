#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "server/service/commit_scope.h"
#include "server/service/fact_index.h"
#include "server/service/name_table.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

namespace tthc::server {

// The one writer (design.md section 3): drains the queue, lets each command decide, writes all that they decided in ONE
// durable commit, updates what lives in memory, then answers, in commit order.
class CommitPipeline {
 public:
  // One command. Both functions run on the pipeline's thread.
  struct Command {
    // Decides by reading and writing `scope`. An error refuses this command alone and leaves no trace; it is answered
    // when the batch that it was decided in is durable.
    std::function<absl::Status(CommitScope& scope)> run;
    // Called exactly once: OK after the durable sync, else the reason. Must not block.
    std::function<void(const absl::Status&)> done;
    // Runs, answers, and is thrown away.
    bool validate_only = false;
    // What it holds while it waits.
    size_t bytes = 0;
    // Not begun after it: DEADLINE_EXCEEDED.
    absl::Time deadline = absl::InfiniteFuture();
  };

  // What one commit changed, for the views in memory.
  struct Committed {
    // By number; the facts belong to the commit.
    FactChanges facts;
    // Names numbered for the first time.
    std::vector<std::pair<uint32_t, std::string>> new_names;
    std::shared_ptr<const Catalogue> catalogue;
    storage::v1::HeadRecord head;
    // Number and last revision of every dossier that got events.
    std::vector<std::pair<int64_t, int64_t>> dossiers;
    // What was written of the mirror; the records belong to the commit.
    std::vector<std::pair<std::string, const storage::v1::MirrorTargetRecord*>> mirror_targets;
    std::vector<std::pair<MirrorItemId, const storage::v1::MirrorItemRecord*>> mirror_items;
  };

  struct Options {
    storage::Store* store = nullptr;
    const Clock* clock = nullptr;
    std::shared_ptr<const Catalogue> catalogue;
    NameTable names;
    // Called after the sync and before any caller is answered, on the pipeline's thread.
    std::function<void(const Committed&)> on_committed;
  };

  explicit CommitPipeline(Options options);
  // Stops first.
  ~CommitPipeline();

  // Queues a command; `done` will be called. On an error here it will not: RESOURCE_EXHAUSTED QUEUE_FULL, UNAVAILABLE
  // SHUTTING_DOWN. Thread-safe.
  absl::Status Submit(Command command);

  // Carries out what is queued, then ends. Thread-safe, idempotent.
  void Stop();

  // False after a commit that the disk refused, until one succeeds.
  bool is_writable() const { return writable_.load(); }

 private:
  void Work();
  std::vector<Command> Drain();
  // Commits the commands from `from` on that fit into one batch; returns where the next one starts.
  size_t RunBatch(std::vector<Command>& commands, size_t from);
  absl::Status Write(Staged& staged, Committed& committed);
  void SweepRequests(storage::StoreWrites& writes, storage::v1::HeadRecord& head);
  absl::Time RecordTime();

  storage::Store& store_;
  const Clock& clock_;
  const std::function<void(const Committed&)> on_committed_;
  std::shared_ptr<const Catalogue> catalogue_;
  NameTable names_;
  DossierCache cache_;
  absl::Time last_record_time_ = absl::InfinitePast();
  absl::Time next_sweep_ = absl::InfinitePast();
  std::atomic<bool> writable_{true};

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Command> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tthc::server
