#include "server/service/commit_pipeline.h"

#include <algorithm>
#include <utility>

#include "server/domain/fact.h"
#include "server/service/service_errors.h"
#include "storage/base/crash_point.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// What follows from the rest of the record.
void CompleteRecord(const Catalogue& catalogue, const domain::NumberOfName& number_of, DossierState& state) {
  *state.record.mutable_fact() = domain::MakeFact(catalogue, state.dossier(), number_of);
  // Revisions are only ever added.
  auto& deltas = *state.record.mutable_revision_deltas();
  int64_t before = deltas.empty() ? 0 : state.revisions[static_cast<size_t>(deltas.size()) - 1];
  for (auto i = static_cast<size_t>(deltas.size()); i < state.revisions.size(); ++i) {
    deltas.Add(static_cast<uint64_t>(state.revisions[i] - before));
    before = state.revisions[i];
  }
}

// Says of each that it was written too.
void WriteMirror(const Staged& staged, storage::StoreWrites& writes, CommitPipeline::Committed& committed) {
  for (const auto& [id, record] : staged.mirror_targets) {
    writes.PutMirrorTarget(id, record);
    committed.mirror_targets.emplace_back(id, &record);
  }
  for (const auto& [id, state] : staged.mirror_items) {
    const auto [target, number] = id;
    writes.PutMirrorItem(target, number, state.record);
    if (state.exchanges.has_value()) writes.PutMirrorExchanges(target, number, *state.exchanges);
    if (state.attention) {
      writes.PutMirrorAttention(target, number, state.record);
    } else if (state.had_attention) {
      writes.DeleteMirrorAttention(target, number);
    }
    committed.mirror_items.emplace_back(id, &state.record);
  }
}

}  // namespace

CommitPipeline::CommitPipeline(Options options)
    : store_(*options.store),
      clock_(*options.clock),
      on_committed_(std::move(options.on_committed)),
      catalogue_(std::move(options.catalogue)),
      names_(std::move(options.names)),
      thread_([this] { Work(); }) {}

CommitPipeline::~CommitPipeline() { Stop(); }

absl::Status CommitPipeline::Submit(Command command) {
  {
    MutexLock lock(mutex_);
    if (stopping_) return ShuttingDown();
    const bool full = queue_.size() >= limits::kCommitQueueMax ||
                      (queue_bytes_ + command.bytes > limits::kCommitQueueBytesMax && !queue_.empty());
    if (full) return QueueFull("writes");
    queue_bytes_ += command.bytes;
    queue_.push_back(std::move(command));
    // The writer is awake as long as it finds work: only the first has to wake it.
    if (queue_.size() > 1) return absl::OkStatus();
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void CommitPipeline::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::vector<CommitPipeline::Command> CommitPipeline::Drain() {
  std::unique_lock<std::mutex> lock(mutex_.native());
  wake_.wait(lock, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_ || !queue_.empty(); });
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
  // Across a restart too: the machine's clock may have been set back meanwhile.
  const auto last = store_.Read().GetLog(store_.head().revision());
  if (last.ok() && last->has_value()) last_record_time_ = absl::FromUnixMicros((*last)->record_time_us());
  while (true) {
    std::vector<Command> commands = Drain();
    if (commands.empty()) return;
    for (size_t next = 0; next < commands.size();) next = RunBatch(commands, next);
  }
}

// Records never go back in time, even when the machine's clock does.
absl::Time CommitPipeline::RecordTime() {
  // Microseconds are what is kept: what is computed from and what is stored must be the same.
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
    // By the clock, not by the moment of recording: that one may run ahead of a clock that was set back.
    if (clock_.Now() > command.deadline) {
      command.done(absl::DeadlineExceededError("the request waited longer than its deadline; nothing was written"));
      continue;
    }
    CommitScope scope(reader, cache_, batch, now);
    absl::Status status = command.run(scope);
    const bool stages = status.ok() && !command.validate_only;
    if (stages) batch.Merge(scope.TakeStaged());
    decided.push_back({std::move(command), std::move(status)});
  }

  Committed committed;
  const absl::Status written = Write(batch, committed);
  if (written.ok() && on_committed_ != nullptr) on_committed_(committed);
  // A refusal may rest on what an earlier command of the batch staged: it is true only if that became durable.
  for (auto& [command, status] : decided) command.done(written.ok() ? status : written);
  return next;
}

absl::Status CommitPipeline::Write(Staged& staged, Committed& committed) {
  // Only reads, or retries of what was done before: nothing to write, and what they read is durable already.
  const bool mirrors = !staged.mirror_targets.empty() || !staged.mirror_items.empty();
  if (staged.log.empty() && !mirrors && staged.head.SerializeAsString() == store_.head().SerializeAsString()) {
    committed.head = staged.head;
    return absl::OkStatus();
  }
  storage::StoreWrites writes;
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
  // Numbers rise: the columns grow by their end.
  std::sort(committed.facts.begin(), committed.facts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [number, name] : committed.new_names) writes.PutName(number, name);
  for (const auto& [code, number] : staged.codes) writes.PutCode(code, number);
  for (const auto& [revision, record] : staged.log) writes.PutLog(revision, record);
  for (const auto& [request_id, record] : staged.requests) writes.PutRequest(request_id, record);
  for (const auto& [name, last] : staged.counters) writes.PutCounter(name, last);
  for (const auto& record : staged.catalogue_records) writes.PutCatalogue(record);
  WriteMirror(staged, writes, committed);
  SweepRequests(writes, staged.head);

  TTHC_CRASH_POINT("pipeline.before_commit");
  const absl::Status status = store_.Commit(std::move(writes), staged.head);
  writable_.store(status.ok());
  if (!status.ok()) return status;
  TTHC_CRASH_POINT("pipeline.after_commit");

  for (const auto& [number, state] : staged.dossiers) cache_.dossiers.Put(number, state);
  for (const auto& [code, number] : staged.codes) cache_.codes.Put(code, number);
  for (const auto& [number, name] : committed.new_names) names_.Add(number, name);
  catalogue_ = staged.catalogue;
  committed.catalogue = staged.catalogue;
  committed.head = std::move(staged.head);
  return absl::OkStatus();
}

// Retries are remembered for limits::kRequestIdRetention; what is older goes with some later commit.
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
        if (!record.request_id().empty()) writes.DeleteRequest(record.request_id());
        head.set_swept_revision(revision);
        return true;
      });
  // A sweep that fails is no reason to refuse a write: the next one tries again.
  if (!status.ok()) head.set_swept_revision(store_.head().swept_revision());
  next_sweep_ = reached_end ? now + limits::kRequestSweepInterval : now;
}

}  // namespace tthc::server
