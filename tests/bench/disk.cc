#include "tests/bench/disk.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/base/status_macros.h"

namespace tthc::bench {

absl::StatusOr<LoadResult> RunRawAppends(const std::string& directory, const Shape& shape, absl::Duration duration) {
  std::string bytes;
  for (const StepShape::Row& row : shape[1].rows) absl::StrAppend(&bytes, row.key, row.value);
  const std::string path = absl::StrCat(directory, "/raw");
  const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, path);
  std::vector<absl::Duration> latencies;
  const absl::Time started = absl::Now();
  for (absl::Time now = started; now < started + duration;) {
    if (write(fd, bytes.data(), bytes.size()) < 0 || fdatasync(fd) != 0) return absl::ErrnoToStatus(errno, path);
    const absl::Time before = now;
    now = absl::Now();
    latencies.push_back(now - before);
  }
  close(fd);
  unlink(path.c_str());
  return Summarize(std::move(latencies), absl::Now() - started);
}

absl::StatusOr<LoadResult> RunRocksDb(const std::string& directory, const Shape& shape, size_t batch,
                                      absl::Duration duration) {
  TTHC_ASSIGN_OR_RETURN(rocksdb::Options options, EngineOptions(absl::StrCat(directory, "/options")));
  options.create_if_missing = true;
  const std::string path = absl::StrCat(directory, "/alone");
  rocksdb::DB* opened = nullptr;
  if (const rocksdb::Status status = rocksdb::DB::Open(options, path, &opened); !status.ok()) {
    return absl::InternalError(status.ToString());
  }
  std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  std::vector<absl::Duration> latencies;
  int64_t commands = 0;
  const absl::Time started = absl::Now();
  for (absl::Time now = started; now < started + duration;) {
    rocksdb::WriteBatch writes;
    for (size_t i = 0; i < batch; ++i) {
      const int64_t dossier = 1 + commands / kStepsPerLife;
      const int step = static_cast<int>(commands % kStepsPerLife);
      AddCommand(shape[static_cast<size_t>(step)], ++commands, dossier, Life(0, dossier).RequestId(step), &writes);
    }
    AddCommit(shape[0], commands, &writes);
    if (const rocksdb::Status status = db->Write(durable, &writes); !status.ok()) {
      return absl::InternalError(status.ToString());
    }
    const absl::Time before = now;
    now = absl::Now();
    latencies.push_back(now - before);
  }
  LoadResult result = Summarize(std::move(latencies), absl::Now() - started);
  result.per_second *= static_cast<double>(batch);
  db.reset();
  rocksdb::DestroyDB(path, options).PermitUncheckedError();
  return result;
}

}  // namespace tthc::bench
