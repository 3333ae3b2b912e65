#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "storage/base/mutex.h"

namespace tthc::testing {

// A disk that fails on command: it fills up, refuses syncs, becomes read-only, or loses power and with it everything
// that was not synced. Files are real files of the machine; after RestorePower() they hold what a disk would hold.
// Thread-safe.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(uint64_t seed);
  const char* Name() const override { return "FaultyFileSystem"; }

  enum class Fault {
    kNone,
    // Appends answer "no space" and write half of the bytes, as a full disk does.
    kNoSpace,
    // Every change answers an error.
    kReadOnly,
    // Syncs answer an error; appends pass.
    kSyncFails,
  };
  void SetFault(Fault fault);

  // From here on nothing reaches the disk, and every change answers an error.
  void CutPower();
  // Undoes what was not synced when the power was cut: each file keeps a random part of its unsynced tail; files and
  // renames whose directory was not synced vanish. To be called while no file is open.
  void RestorePower();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* bytes,
                                 rocksdb::IODebugContext* dbg) override;

 private:
  friend class FaultyFile;
  friend class FaultyDirectory;

  struct FileState {
    uint64_t bytes = 0;
    uint64_t synced_bytes = 0;
  };
  // A name that was created or replaced and whose directory is not synced yet.
  struct UnsyncedName {
    std::string directory;
    // The content of the file that had the name before; nullopt: there was none.
    std::optional<std::string> previous_content;
  };

  rocksdb::IOStatus CheckChange() const;
  rocksdb::IOStatus Track(const std::string& path, std::unique_ptr<rocksdb::FSWritableFile>* file, bool is_new);
  std::optional<std::string> Content(const std::string& path) const;
  void Appended(const std::string& path, uint64_t bytes);
  void Synced(const std::string& path);
  void DirectorySynced(const std::string& directory);

  mutable Mutex mutex_;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  bool power_ ABSL_GUARDED_BY(mutex_) = true;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, FileState> files_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, UnsyncedName> unsynced_names_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::testing
