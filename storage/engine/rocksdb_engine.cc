#include "storage/engine/rocksdb_engine.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/base/crash_point.h"
#include "storage/base/mutex.h"
#include "storage/base/status_macros.h"
#include "storage/engine/engine_errors.h"

namespace tthc::storage {
namespace {

rocksdb::Slice ToSlice(absl::string_view text) { return {text.data(), text.size()}; }
absl::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status ReadError(const rocksdb::Status& status) {
  return status.IsCorruption() ? DataCorruptError(status.ToString()) : StoreUnreadableError(status.ToString());
}

absl::Status WriteError(const rocksdb::Status& status) {
  return status.IsCorruption() ? DataCorruptError(status.ToString()) : StoreReadOnlyError(status.ToString());
}

// RocksDB has no code for a lock that is held, only a text.
absl::Status OpenError(const std::string& directory, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (absl::StrContains(text, "lock hold by current process") || absl::StrContains(text, "While lock file")) {
    return DataInUseError(directory);
  }
  return status.IsCorruption() ? DataCorruptError(text) : DataDirectoryError(directory, text);
}

// Notes failures of flushes and compactions: they happen on RocksDB's threads, and no call of ours returns them.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override { failed_.store(true); }
  // Commit decides when to resume. RocksDB's own thread that waits for free space would make our Resume fail as "busy".
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
  bool failed() const { return failed_.load(); }
  void Clear() { failed_.store(false); }
  void Set() { failed_.store(true); }

 private:
  std::atomic<bool> failed_{false};
};

// RocksDB never writes again after a failed write or sync, other than for lack of space, unless the file system marks
// the error as retryable. Marking it is safe: resuming flushes the contents of memory into new files and begins a new
// log, so nothing depends on the state of the bytes that failed.
rocksdb::IOStatus MarkRetryable(rocksdb::IOStatus status) {
  if (status.IsIOError() && !status.IsNoSpace()) status.SetRetryable(true);
  return status;
}

// The file system below RocksDB, with every error of a change marked as retryable. Reading is passed through.
class ResumableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Append(data, options, debug));
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Append(data, options, verification, debug));
  }
  rocksdb::IOStatus Flush(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Flush(options, debug));
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Sync(options, debug));
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Fsync(options, debug));
  }
  rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->Close(options, debug));
  }
};

class ResumableDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  using FSDirectoryWrapper::FSDirectoryWrapper;

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(FSDirectoryWrapper::Fsync(options, debug));
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& directory) override {
    return MarkRetryable(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory));
  }
  rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return MarkRetryable(FSDirectoryWrapper::Close(options, debug));
  }
};

class ResumableFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "tthc.ResumableFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    return Wrapped(target()->NewWritableFile(path, options, file, debug), file);
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override {
    return Wrapped(target()->ReopenWritableFile(path, options, file, debug), file);
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewDirectory(path, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<ResumableDirectory>(std::move(*directory));
    return MarkRetryable(std::move(status));
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    return MarkRetryable(target()->RenameFile(from, to, options, debug));
  }

 private:
  static rocksdb::IOStatus Wrapped(rocksdb::IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<ResumableFile>(std::move(*file));
    return MarkRetryable(std::move(status));
  }
};

std::shared_ptr<rocksdb::TableFactory> TableFactory(const RocksDbOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = options.hostile ? 256 : 16 * 1024;
  table.block_cache = rocksdb::NewLRUCache(options.hostile ? 4096 : options.block_cache_bytes);
  // The distribution's build computes crc32c without the processor's instruction.
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // In the cache and in parts, so that neither opening nor memory grows with the data.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

rocksdb::Options DbOptions(const RocksDbOptions& options, rocksdb::Env* env,
                           std::shared_ptr<BackgroundErrors> listener) {
  constexpr int kWriteBuffers = 3;
  rocksdb::Options db;
  db.env = env;
  db.create_if_missing = true;
  db.listeners.push_back(std::move(listener));
  db.table_factory = TableFactory(options);
  db.write_buffer_size = options.hostile ? 16 * 1024 : options.write_buffer_bytes / kWriteBuffers;
  db.max_write_buffer_number = kWriteBuffers;
  // Keys of one kind arrive together and mostly rising: the skip list resumes where the kind's last key went. Hints
  // work only while one thread inserts.
  db.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  db.allow_concurrent_memtable_write = false;
  // Most request ids that are looked up are new: a bloom filter over the memtable answers for those that are not there.
  db.memtable_whole_key_filtering = true;
  db.memtable_prefix_bloom_size_ratio = 0.05;
  db.compression = rocksdb::kLZ4Compression;
  db.bottommost_compression = rocksdb::kZSTD;
  // Keeps the space that old versions take near a tenth.
  db.level_compaction_dynamic_level_bytes = true;
  db.max_background_jobs = 2;
  // Files are written to the disk as they grow, so that no sync at their end delays a commit.
  db.bytes_per_sync = 1024 * 1024;
  // For tests: several levels after some hundred commits.
  if (options.hostile) {
    db.target_file_size_base = 16 * 1024;
    db.max_bytes_for_level_base = 64 * 1024;
    db.level0_file_num_compaction_trigger = 2;
  }
  // Resuming is ours, see ResumeIfFailed.
  db.max_bgerror_resume_count = 0;
  // What opening would read for, and the statistics that it would write: a start must not grow with the data.
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  // RocksDB's own log, bounded: what matters to operators is in ours.
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.keep_log_file_num = 3;
  db.max_log_file_size = 4 * 1024 * 1024;
  return db;
}

class RocksDbSnapshot final : public Snapshot {
 public:
  // `status` is the result of reading the revision. If it failed, every read of this snapshot returns it.
  RocksDbSnapshot(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, int64_t revision, absl::Status status)
      : db_(db), snapshot_(snapshot), revision_(revision), status_(std::move(status)) {}
  ~RocksDbSnapshot() override { db_.ReleaseSnapshot(snapshot_); }

  int64_t revision() const override { return revision_; }

  absl::StatusOr<std::optional<std::string>> Get(absl::string_view key) const override {
    TTHC_RETURN_IF_ERROR(status_);
    if (key == kRevisionKey) return std::nullopt;
    rocksdb::ReadOptions read;
    read.snapshot = snapshot_;
    std::string value;
    const rocksdb::Status status = db_.Get(read, ToSlice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return ReadError(status);
    return value;
  }

  absl::Status Scan(absl::string_view from, absl::string_view to, const ScanOptions& options,
                    const Visit& visit) const override {
    TTHC_RETURN_IF_ERROR(status_);
    const rocksdb::Slice lower = ToSlice(from);
    const rocksdb::Slice upper = ToSlice(to);
    if (!to.empty() && from >= to) return absl::OkStatus();
    rocksdb::ReadOptions read;
    read.snapshot = snapshot_;
    read.iterate_lower_bound = &lower;
    if (!to.empty()) read.iterate_upper_bound = &upper;
    if (options.bulk) {
      // A scan of everything would push out what look-ups need. It goes on to the end, so reading ahead pays.
      read.fill_cache = false;
      read.readahead_size = 2 * 1024 * 1024;
    }
    // RocksDB aborts the process if an iterator outlives its database, so none leaves this function.
    const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(read));
    for (options.reverse ? at->SeekToLast() : at->SeekToFirst(); at->Valid();
         options.reverse ? at->Prev() : at->Next()) {
      const absl::string_view key = ToView(at->key());
      if (key == kRevisionKey) continue;
      if (!visit(key, ToView(at->value()))) return absl::OkStatus();
    }
    return at->status().ok() ? absl::OkStatus() : ReadError(at->status());
  }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* const snapshot_;
  const int64_t revision_;
  const absl::Status status_;
};

class RocksDbEngine final : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const RocksDbOptions& options) {
    auto engine = std::unique_ptr<RocksDbEngine>(new RocksDbEngine(options));
    TTHC_RETURN_IF_ERROR(engine->OpenDb());
    return engine;
  }

  ~RocksDbEngine() override {
    if (db_ == nullptr) return;
    // Saves the next start the replay of the log. If the flush fails nothing is lost: the log has it all.
    if (!errors_->failed()) db_->Flush(rocksdb::FlushOptions()).PermitUncheckedError();
    db_->Close().PermitUncheckedError();
  }

  std::unique_ptr<Snapshot> TakeSnapshot() const override;
  absl::Status Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) override;
  int64_t revision() const override { return revision_.load(); }
  absl::StatusOr<Stats> GetStats() const override;

  absl::Status CompactAll() override {
    rocksdb::CompactRangeOptions compact;
    compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    const rocksdb::Status status = db_->CompactRange(compact, nullptr, nullptr);
    return status.ok() ? absl::OkStatus() : WriteError(status);
  }

 private:
  // The sequence number of the last published commit, and the revision that it stands for.
  struct Published {
    rocksdb::SequenceNumber sequence = 0;
    int64_t revision = 0;
  };

  explicit RocksDbEngine(const RocksDbOptions& options)
      : options_(options), errors_(std::make_shared<BackgroundErrors>()) {}

  absl::Status OpenDb();
  absl::StatusOr<int64_t> ReadRevision(const rocksdb::Snapshot* snapshot) const;
  absl::Status ResumeIfFailed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mutex_);
  absl::Status ProbeDisk() ABSL_EXCLUSIVE_LOCKS_REQUIRED(commit_mutex_);
  void Publish(int64_t revision) ABSL_LOCKS_EXCLUDED(published_mutex_);

  const RocksDbOptions options_;
  const std::shared_ptr<BackgroundErrors> errors_;
  // Before db_, which uses it until the end: members are destroyed in reverse order.
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  // Taken before published_mutex_; held across the sync, so no reader takes it.
  Mutex commit_mutex_;
  mutable Mutex published_mutex_;
  Published published_ ABSL_GUARDED_BY(published_mutex_);
  std::atomic<int64_t> revision_{0};
};

absl::Status RocksDbEngine::OpenDb() {
  // RocksDB creates one directory only, not those above it.
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  if (error) return DataDirectoryError(options_.directory, error.message());
  env_ = rocksdb::NewCompositeEnv(std::make_shared<ResumableFileSystem>(
      options_.file_system != nullptr ? options_.file_system : rocksdb::FileSystem::Default()));

  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(DbOptions(options_, env_.get(), errors_), options_.directory, &db);
  if (!status.ok()) return OpenError(options_.directory, status);
  db_.reset(db);
  TTHC_ASSIGN_OR_RETURN(const int64_t revision, ReadRevision(nullptr));
  Publish(revision);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> RocksDbEngine::ReadRevision(const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db_->Get(read, kRevisionKey, &value);
  // A new database.
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return ReadError(status);
  int64_t revision = 0;
  if (!absl::SimpleAtoi(value, &revision)) return DataCorruptError("the revision is not a number");
  return revision;
}

void RocksDbEngine::Publish(int64_t revision) {
  MutexLock lock(published_mutex_);
  // Commits hold commit_mutex_, so the latest sequence is that of the commit just written.
  published_ = {.sequence = db_->GetLatestSequenceNumber(), .revision = revision};
  revision_.store(revision);
}

std::unique_ptr<Snapshot> RocksDbEngine::TakeSnapshot() const {
  const rocksdb::Snapshot* snapshot = db_->GetSnapshot();
  Published published;
  {
    MutexLock lock(published_mutex_);
    published = published_;
  }
  if (snapshot->GetSequenceNumber() == published.sequence) {
    return std::make_unique<RocksDbSnapshot>(*db_, snapshot, published.revision, absl::OkStatus());
  }
  // The snapshot was taken between a commit's write and its publication, so its revision is read from it. Rare.
  const absl::StatusOr<int64_t> revision = ReadRevision(snapshot);
  return std::make_unique<RocksDbSnapshot>(*db_, snapshot, revision.ok() ? *revision : 0, revision.status());
}

absl::Status RocksDbEngine::ResumeIfFailed() {
  if (!errors_->failed()) return absl::OkStatus();
  // Resume waits for background work, which retries for ever while the disk fails, and would hold up the commit thread
  // with it. So a probe file finds out first whether the disk can be written again.
  TTHC_RETURN_IF_ERROR(ProbeDisk());
  // Background work that failed before the disk came back may report it only now. Each attempt waits for the work that
  // is running, so each error disturbs at most one attempt.
  constexpr int kAttempts = 5;
  rocksdb::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    errors_->Clear();
    status = db_->Resume();
    if (status.ok() && !errors_->failed()) return absl::OkStatus();
  }
  errors_->Set();
  return WriteError(status.ok() ? rocksdb::Status::IOError("background work keeps failing") : status);
}

absl::Status RocksDbEngine::ProbeDisk() {
  constexpr size_t kProbeBytes = 1024 * 1024;
  const std::string path = options_.directory + "/probe.tmp";
  const rocksdb::Status written =
      rocksdb::WriteStringToFile(env_.get(), std::string(kProbeBytes, '\0'), path, /*should_sync=*/true);
  // If it can't be deleted, the next probe overwrites it.
  env_->DeleteFile(path).PermitUncheckedError();
  return written.ok() ? absl::OkStatus() : WriteError(written);
}

absl::Status RocksDbEngine::Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) {
  MutexLock lock(commit_mutex_);
  TTHC_RETURN_IF_ERROR(CheckCommit(batch, revision_.load(), expected_revision, new_revision));

  // With room for the header of each write, so that a large batch grows without being copied.
  rocksdb::WriteBatch writes(batch.bytes() + batch.writes().size() * 16 + 64);
  for (const Batch::Write& write : batch.writes()) {
    const rocksdb::Status status =
        write.value.has_value() ? writes.Put(write.key, *write.value) : writes.Delete(write.key);
    if (!status.ok()) return absl::InvalidArgumentError(status.ToString());
  }
  // In the same batch, so that data and revision can't disagree.
  writes.Put(kRevisionKey, absl::StrCat(new_revision)).PermitUncheckedError();

  TTHC_CRASH_POINT("engine.before_write");
  rocksdb::WriteOptions write;
  write.sync = options_.sync;
  const bool had_failed = errors_->failed();
  TTHC_RETURN_IF_ERROR(ResumeIfFailed());
  rocksdb::Status status = db_->Write(write, &writes);
  if (!status.ok() && had_failed) {
    // As above: an old error of background work may have been reported between the resume and this write.
    errors_->Set();
    TTHC_RETURN_IF_ERROR(ResumeIfFailed());
    status = db_->Write(write, &writes);
  }
  // Nothing of the batch is visible. The next commit resumes first.
  if (!status.ok()) {
    errors_->Set();
    return WriteError(status);
  }
  TTHC_CRASH_POINT("engine.after_write");
  Publish(new_revision);
  return absl::OkStatus();
}

absl::StatusOr<Engine::Stats> RocksDbEngine::GetStats() const {
  Stats stats;
  stats.read_only = errors_->failed();
  // Stays 0 if RocksDB has no estimate: a figure for operators is no reason to fail.
  db_->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &stats.keys_estimate);
  // Compactions delete files meanwhile; one that is gone counts nothing.
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(options_.directory, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const uintmax_t size = at->file_size(gone);
    if (!gone) stats.bytes_on_disk += size;
  }
  if (error) return StoreUnreadableError(error.message());
  return stats;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenRocksDb(const RocksDbOptions& options) {
  if (options.directory.empty()) return absl::InvalidArgumentError("a data directory is needed");
  if (options.write_buffer_bytes == 0 || options.write_buffer_bytes > limits::kWriteBufferBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("write buffers must have between 1 and ",
                                                   limits::kWriteBufferBytesMax, " bytes, not ",
                                                   options.write_buffer_bytes));
  }
  return RocksDbEngine::Open(options);
}

}  // namespace tthc::storage
