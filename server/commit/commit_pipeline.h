#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/commit/commit_scope.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "server/facts/name_table.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"
#include "storage/base/uid.h"
#include "storage/store.h"

namespace tthc::server {

// The one writer of the store.
//
// Callers submit commands; one thread takes all that are queued and lets each decide in a CommitScope. What they
// decided is written in ONE durable commit (group commit), because the sync is what costs. Only after the sync are the
// views in memory updated, by on_committed, and then the callers answered, in the order of their commands. So a caller
// that has its answer finds its own writes in every later read, and no answer is given for what a crash can lose.
//
// Failures:
// - A command that is refused leaves no trace; the other commands of its batch are not affected.
// - A commit that the disk refuses fails every command of its batch with the same error, usually UNAVAILABLE
//   STORE_READ_ONLY, and nothing of it is visible. The thread goes on; the next commit is tried like any other.
// - After a crash a batch is there as a whole or not at all. Commands that were not answered may be either; clients
// find
//   out by sending them again with the same request id (server/commit/request_ids.h).
//
// The queue is bounded in commands and in bytes; past the bound Submit refuses. Thread-safe but for what Command says.
class CommitPipeline {
 public:
  // One command. Both functions run on the pipeline's thread.
  struct Command {
    // Decides by reading and writing `scope`, once. An error refuses this command alone.
    absl::AnyInvocable<absl::Status(CommitScope& scope)> run;
    // Called exactly once: OK after the durable sync, else the reason. A refusal waits for the sync, too: it may rest
    // on what an earlier command of the same batch staged. Must not block.
    absl::AnyInvocable<void(const absl::Status&)> done;
    // Decides and answers; what it staged is dropped.
    bool validate_only = false;
    // What it holds in memory while it is queued.
    size_t bytes = 0;
    // If it has not begun by then it is answered DEADLINE_EXCEEDED, and nothing is written.
    absl::Time deadline = absl::InfiniteFuture();
  };

  // What one commit changed, for the views in memory. References are valid during on_committed only.
  struct Committed {
    // By number, rising.
    FactChanges facts;
    // Names that were given a number by this commit.
    std::vector<std::pair<uint32_t, std::string>> new_names;
    std::shared_ptr<const domain::Catalogue> catalogue;
    storage::v1::HeadRecord head;
    // Number and last revision of every dossier that got events.
    std::vector<std::pair<int64_t, int64_t>> dossiers;
    // Records of every other table, as they were written: records.rows<storage::MirrorItems>().
    storage::StagedRecords records;
  };

  struct Options {
    // Both outlive the pipeline. Nobody else commits to the store.
    storage::Store* store = nullptr;
    const Clock* clock = nullptr;
    // As loaded from the store.
    std::shared_ptr<const domain::Catalogue> catalogue = nullptr;
    NameTable names = {};
    // Where the uids of new dossiers come from; empty: RandomUidSource().
    UidSource uid_source = nullptr;
    // Called after the sync and before any caller is answered, on the pipeline's thread. Must not block.
    std::function<void(const Committed&)> on_committed = nullptr;
  };

  // Starts the thread.
  explicit CommitPipeline(Options options);
  // Stops first.
  ~CommitPipeline();

  // Queues a command; `done` will be called. On an error it will not, and `command` is left as it was, so that the
  // caller can answer: RESOURCE_EXHAUSTED QUEUE_FULL, UNAVAILABLE SHUTTING_DOWN.
  absl::Status Submit(Command&& command);

  // Carries out what is queued, then ends the thread. Idempotent.
  void Stop();

  // False after a commit that the disk refused, until one succeeds.
  bool is_writable() const { return writable_.load(); }

 private:
  // The thread: drains and commits until it is stopped and the queue is empty.
  void Work();
  // Waits for commands and takes those that are queued, up to a bound; empty at the end.
  std::vector<Command> Drain();
  // Commits the commands from `from` on that fit into one batch; returns where the next one starts.
  size_t RunBatch(std::vector<Command>& commands, size_t from);
  // Writes a batch in one durable commit and fills in what it changed. On an error nothing was written.
  absl::Status Write(Staged& staged, Committed& committed);
  // Deletes request ids that are past their retention, a bounded number with each commit.
  void SweepRequests(storage::StoreWrites& writes, storage::v1::HeadRecord& head);
  // The next moment of recording.
  absl::Time RecordTime();

  // Of Options.
  storage::Store& store_;
  const Clock& clock_;
  const std::function<void(const Committed&)> on_committed_;
  // These belong to the pipeline's thread.
  const UidSource uids_;
  std::shared_ptr<const domain::Catalogue> catalogue_;
  NameTable names_;
  DossierCache cache_;
  absl::Time last_record_time_ = absl::InfinitePast();
  absl::Time next_sweep_ = absl::InfinitePast();

  // Read by health checks on any thread.
  std::atomic<bool> writable_{true};

  // Guards the queue only. Held for moments: never while a command runs or a commit is written.
  Mutex mutex_;
  CondVar wake_;
  std::deque<Command> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tthc::server
