#include "tests/testing/faulty_file_system.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace tthc::testing {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(FaultyFileSystem& system, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), system_(system), path_(std::move(path)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    const IOStatus fault = system_.CheckChange();
    if (fault.IsNoSpace()) {
      const rocksdb::Slice half(data.data(), data.size() / 2);
      if (target()->Append(half, options, dbg).ok()) system_.Appended(path_, half.size());
    }
    if (!fault.ok()) return fault;
    IOStatus status = target()->Append(data, options, dbg);
    if (status.ok()) system_.Appended(path_, data.size());
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override { return SyncBy(options, dbg); }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override { return SyncBy(options, dbg); }
  // RangeSync only starts writing early; it promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  IOStatus SyncBy(const IOOptions& options, IODebugContext* dbg) {
    const IOStatus fault = system_.CheckChange();
    // A full disk can still sync what it holds.
    if (!fault.ok() && !fault.IsNoSpace()) return fault;
    {
      MutexLock lock(system_.mutex_);
      if (system_.fault_ == FaultyFileSystem::Fault::kSyncFails) return IOStatus::IOError("sync failed");
    }
    IOStatus status = target()->Sync(options, dbg);
    if (status.ok()) system_.Synced(path_);
    return status;
  }

  FaultyFileSystem& system_;
  const std::string path_;
};

class FaultyDirectory final : public rocksdb::FSDirectory {
 public:
  FaultyDirectory(FaultyFileSystem& system, std::string path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : system_(system), path_(std::move(path)), directory_(std::move(directory)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    const IOStatus fault = system_.CheckChange();
    if (!fault.ok() && !fault.IsNoSpace()) return fault;
    IOStatus status = directory_->Fsync(options, dbg);
    if (status.ok()) system_.DirectorySynced(path_);
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* dbg) override { return directory_->Close(options, dbg); }

 private:
  FaultyFileSystem& system_;
  const std::string path_;
  const std::unique_ptr<rocksdb::FSDirectory> directory_;
};

namespace {

std::string Normal(const std::string& path) {
  std::string normal = std::filesystem::path(path).lexically_normal().string();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::string ParentOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

}  // namespace

FaultyFileSystem::FaultyFileSystem(uint64_t seed) : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}

void FaultyFileSystem::SetFault(Fault fault) {
  MutexLock lock(mutex_);
  fault_ = fault;
}

void FaultyFileSystem::CutPower() {
  MutexLock lock(mutex_);
  power_ = false;
}

void FaultyFileSystem::RestorePower() {
  MutexLock lock(mutex_);
  std::error_code gone;
  for (const auto& [path, state] : files_) {
    if (state.synced_bytes >= state.bytes) continue;
    const uint64_t kept = state.synced_bytes + random_() % (state.bytes - state.synced_bytes + 1);
    std::filesystem::resize_file(path, kept, gone);
  }
  for (const auto& [path, name] : unsynced_names_) {
    std::filesystem::remove(path, gone);
    if (name.previous_content.has_value()) std::ofstream(path, std::ios::binary) << *name.previous_content;
  }
  files_.clear();
  unsynced_names_.clear();
  power_ = true;
}

IOStatus FaultyFileSystem::CheckChange() const {
  MutexLock lock(mutex_);
  if (!power_) return IOStatus::IOError("power is off");
  if (fault_ == Fault::kReadOnly) return IOStatus::IOError("Read-only file system");
  if (fault_ == Fault::kNoSpace) return IOStatus::NoSpace("No space left on device");
  return IOStatus::OK();
}

std::optional<std::string> FaultyFileSystem::Content(const std::string& path) const {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

IOStatus FaultyFileSystem::Track(const std::string& path, std::unique_ptr<rocksdb::FSWritableFile>* file, bool is_new) {
  const std::string normal = Normal(path);
  MutexLock lock(mutex_);
  if (is_new) {
    files_[normal] = {};
    unsynced_names_.try_emplace(normal, UnsyncedName{.directory = ParentOf(normal), .previous_content = std::nullopt});
  } else {
    std::error_code none;
    const uint64_t bytes = std::filesystem::file_size(normal, none);
    files_.try_emplace(normal, FileState{.bytes = none ? 0 : bytes, .synced_bytes = none ? 0 : bytes});
  }
  *file = std::make_unique<FaultyFile>(*this, normal, std::move(*file));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* dbg) {
  if (IOStatus fault = CheckChange(); !fault.ok() && !fault.IsNoSpace()) return fault;
  IOStatus status = target()->NewWritableFile(path, options, file, dbg);
  return status.ok() ? Track(path, file, /*is_new=*/true) : status;
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* dbg) {
  if (IOStatus fault = CheckChange(); !fault.ok() && !fault.IsNoSpace()) return fault;
  IOStatus status = target()->ReopenWritableFile(path, options, file, dbg);
  return status.ok() ? Track(path, file, /*is_new=*/false) : status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* dbg) {
  IOStatus status = target()->NewDirectory(path, options, directory, dbg);
  if (status.ok()) *directory = std::make_unique<FaultyDirectory>(*this, Normal(path), std::move(*directory));
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* dbg) {
  if (IOStatus fault = CheckChange(); !fault.ok() && !fault.IsNoSpace()) return fault;
  IOStatus status = target()->DeleteFile(path, options, dbg);
  if (status.ok()) {
    MutexLock lock(mutex_);
    files_.erase(Normal(path));
    unsynced_names_.erase(Normal(path));
  }
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* dbg) {
  if (IOStatus fault = CheckChange(); !fault.ok() && !fault.IsNoSpace()) return fault;
  const std::string normal_from = Normal(from);
  const std::string normal_to = Normal(to);
  MutexLock lock(mutex_);
  std::optional<std::string> previous = Content(normal_to);
  IOStatus status = target()->RenameFile(from, to, options, dbg);
  if (!status.ok()) return status;
  unsynced_names_.try_emplace(normal_to,
                              UnsyncedName{.directory = ParentOf(normal_to), .previous_content = std::move(previous)});
  unsynced_names_.erase(normal_from);
  const auto moved = files_.find(normal_from);
  if (moved != files_.end()) {
    files_[normal_to] = moved->second;
    files_.erase(moved);
  }
  return status;
}

IOStatus FaultyFileSystem::GetFreeSpace(const std::string& path, const IOOptions& options, uint64_t* bytes,
                                        IODebugContext* dbg) {
  IOStatus status = target()->GetFreeSpace(path, options, bytes, dbg);
  MutexLock lock(mutex_);
  if (fault_ == Fault::kNoSpace) *bytes = 0;
  return status;
}

void FaultyFileSystem::Appended(const std::string& path, uint64_t bytes) {
  MutexLock lock(mutex_);
  files_[path].bytes += bytes;
}

void FaultyFileSystem::Synced(const std::string& path) {
  MutexLock lock(mutex_);
  files_[path].synced_bytes = files_[path].bytes;
}

void FaultyFileSystem::DirectorySynced(const std::string& directory) {
  MutexLock lock(mutex_);
  std::erase_if(unsynced_names_, [&](const auto& entry) { return entry.second.directory == directory; });
}

}  // namespace tthc::testing
