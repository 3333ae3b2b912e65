#include "server/commit/commit_pipeline.h"

#include <algorithm>
#include <utility>

#include "server/call/errors.h"
#include "server/domain/fact.h"
#include "storage/base/crash_point.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Fills in what follows from the rest of the record.
void CompleteRecord(const domain::Catalogue& catalogue, const domain::NumberOfName& number_of, DossierState& state) {
  *state.record.mutable_fact() = domain::MakeFact(catalogue, state.dossier(), number_of);
  // Revisions are only ever added.
  auto& deltas = *state.record.mutable_revision_deltas();
  int64_t before = deltas.empty() ? 0 : state.revisions[static_cast<size_t>(deltas.size()) - 1];
  for (auto i = static_cast<size_t>(deltas.size()); i < state.revisions.size(); ++i) {
    deltas.Add(static_cast<uint64_t>(state.revisions[i] - before));
    before = state.revisions[i];
  }
}

}  // namespace

CommitPipeline::CommitPipeline(Options options)
    : store_(*options.store),
      clock_(*options.clock),
      on_committed_(std::move(options.on_committed)),
      uids_(options.uid_source != nullptr ? std::move(options.uid_source) : RandomUidSource()),
      catalogue_(std::move(options.catalogue)),
      names_(std::move(options.names)),
      thread_([this] { Work(); }) {}

CommitPipeline::~CommitPipeline() { Stop(); }

absl::Status CommitPipeline::Submit(Command&& command) {
  {
    MutexLock lock(mutex_);
    if (stopping_) return ShuttingDown();
    const bool full = queue_.size() >= limits::kCommitQueueMax ||
                      (queue_bytes_ + command.bytes > limits::kCommitQueueBytesMax && !queue_.empty());
    if (full) return QueueFull("writes");
    queue_bytes_ += command.bytes;
    queue_.push_back(std::move(command));
    // The writer does not wait while the queue holds commands, so only the first one has to wake it. Each notification
    // saved is a system call less for the caller.
    if (queue_.size() > 1) return absl::OkStatus();
  }
  wake_.NotifyOne();
  return absl::OkStatus();
}

void CommitPipeline::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

std::vector<CommitPipeline::Command> CommitPipeline::Drain() {
  MutexLock lock(mutex_);
  while (!stopping_ && queue_.empty()) wake_.Wait(mutex_);
  std::vector<Command> commands;
  commands.reserve(std::min(queue_.size(), limits::kCommitBatchCommandsMax));
  while (!queue_.empty() && commands.size() < limits::kCommitBatchCommandsMax) {
    queue_bytes_ -= queue_.front().bytes;
    commands.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return commands;
}

void CommitPipeline::Work() {
  // Record times must not go back across a restart either: the machine's clock may have been set back meanwhile.
  const auto last = store_.Read().GetLog(store_.head().revision());
  if (last.ok() && last->has_value()) last_record_time_ = absl::FromUnixMicros((*last)->record_time_us());
  while (true) {
    std::vector<Command> commands = Drain();
    if (commands.empty()) return;
    for (size_t next = 0; next < commands.size();) next = RunBatch(commands, next);
  }
}

// "As of" and the binary search over record times rely on it: record times never go back, even when the machine's clock
// does.
absl::Time CommitPipeline::RecordTime() {
  // Records keep microseconds. Rounded here, so that what commands compute with is what a replay reads.
  last_record_time_ = std::max(last_record_time_, absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())));
  return last_record_time_;
}

size_t CommitPipeline::RunBatch(std::vector<Command>& commands, size_t from) {
  const storage::StoreReader reader = store_.Read();
  Staged batch;
  batch.catalogue = catalogue_;
  batch.head = store_.head();

  struct Decided {
    Command command;
    absl::Status status;
  };
  std::vector<Decided> decided;
  decided.reserve(commands.size() - from);
  size_t next = from;
  while (next < commands.size() && batch.bytes < limits::kCommitBatchBytesMax) {
    Command& command = commands[next++];
    const absl::Time now = RecordTime();
    // The clock, not the moment of recording: that one runs ahead of a clock that was set back.
    if (clock_.Now() > command.deadline) {
      command.done(DeadlinePassed());
      continue;
    }
    CommitScope scope(reader, cache_, batch, now, uids_);
    absl::Status status = command.run(scope);
    const bool stages = status.ok() && !command.validate_only;
    if (stages) batch.Merge(scope.TakeStaged());
    decided.push_back({std::move(command), std::move(status)});
  }

  Committed committed;
  const absl::Status written = Write(batch, committed);
  if (written.ok() && on_committed_ != nullptr) on_committed_(committed);
  // A refusal may depend on what an earlier command of the batch staged, so it holds only if that became durable.
  for (auto& [command, status] : decided) command.done(written.ok() ? status : written);
  return next;
}

absl::Status CommitPipeline::Write(Staged& staged, Committed& committed) {
  // Only validations or repetitions: nothing to write, and what they read is durable already. Saves the sync.
  if (staged.log.empty() && staged.records.empty() &&
      staged.head.SerializeAsString() == store_.head().SerializeAsString()) {
    committed.head = staged.head;
    return absl::OkStatus();
  }
  storage::StoreWrites writes;
  // New names get their numbers here, in the thread that commits, so that no two commands draw the same one. They
  // become known only after the commit: if it fails, the next one draws the same numbers again.
  const domain::NumberOfName number_of = [&](const std::string& name) -> uint32_t {
    if (name.empty()) return 0;
    if (const uint32_t known = names_.Find(name); known != 0) return known;
    for (const auto& [number, fresh] : committed.new_names) {
      if (fresh == name) return number;
    }
    const auto number = static_cast<uint32_t>(names_.next_number() + committed.new_names.size());
    committed.new_names.emplace_back(number, name);
    return number;
  };
  committed.facts.reserve(staged.dossiers.size());
  for (const auto& [number, state] : staged.dossiers) {
    CompleteRecord(*staged.catalogue, number_of, *state);
    writes.PutDossier(number, state->record);
    committed.facts.emplace_back(number, &state->record.fact());
    committed.dossiers.emplace_back(number, state->revisions.back());
  }
  // The columns grow at their end, so rows must come in the order of their numbers.
  std::sort(committed.facts.begin(), committed.facts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [number, name] : committed.new_names) writes.PutName(number, name);
  for (const auto& [revision, record] : staged.log) writes.PutLog(revision, record);
  staged.records.WriteTo(writes);
  SweepRequests(writes, staged.head);

  // A crash before this line leaves nothing of the batch, one after the next leaves all of it.
  TTHC_CRASH_POINT("pipeline.before_commit");
  const absl::Status status = store_.Commit(std::move(writes), staged.head);
  writable_.store(status.ok());
  if (!status.ok()) return status;
  TTHC_CRASH_POINT("pipeline.after_commit");

  // The cache holds only what is durable, so it is filled last.
  for (const auto& [number, state] : staged.dossiers) cache_.dossiers.Put(number, state);
  for (const auto& [code, record] : staged.records.rows<storage::Codes>()) {
    cache_.codes.Put(code, record->dossier_number());
  }
  for (const auto& [number, name] : committed.new_names) names_.Add(number, name);
  catalogue_ = staged.catalogue;
  committed.catalogue = staged.catalogue;
  committed.records = std::move(staged.records);
  committed.head = std::move(staged.head);
  return absl::OkStatus();
}

// Follows the log behind swept_revision: the records there carry the request ids of their commands.
void CommitPipeline::SweepRequests(storage::StoreWrites& writes, storage::v1::HeadRecord& head) {
  const absl::Time now = last_record_time_;
  if (now < next_sweep_) return;
  const int64_t keep_from_us = absl::ToUnixMicros(now - limits::kRequestIdRetention);
  size_t looked_at = 0;
  bool reached_end = true;
  const absl::Status status =
      store_.Read().ScanLog(head.swept_revision() + 1, [&](int64_t revision, const storage::v1::LogRecord& record) {
        if (record.record_time_us() >= keep_from_us) return false;
        if (++looked_at > limits::kRequestSweepMax) {
          reached_end = false;
          return false;
        }
        if (!record.request_id().empty()) writes.Delete<storage::Requests>(record.request_id());
        head.set_swept_revision(revision);
        return true;
      });
  // A failed sweep must not refuse a write; the next one tries again from the same place.
  if (!status.ok()) head.set_swept_revision(store_.head().swept_revision());
  next_sweep_ = reached_end ? now + limits::kRequestSweepInterval : now;
}

}  // namespace tthc::server
