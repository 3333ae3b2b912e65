#include "client/portal_sim/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

namespace tthc::portal_sim {
namespace {

absl::Status Unusable(const std::string& path) {
  const std::string cause = std::strerror(errno);
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "JOURNAL_UNUSABLE",
                    .message = absl::StrCat("state file ", path, ": ", cause),
                    .message_vi = absl::StrCat("Tệp trạng thái ", path, ": ", cause),
                    .metadata = {{"path", path}, {"cause", cause}}});
}

// Bytes up to the end of the last complete line. Looks back from the end, since only the last line can be incomplete.
absl::StatusOr<off_t> WholeLines(const std::string& path, int file) {
  struct stat status = {};
  if (fstat(file, &status) != 0) return Unusable(path);
  off_t length = status.st_size;
  char last = '\n';
  while (length > 0) {
    if (pread(file, &last, 1, length - 1) != 1) return Unusable(path);
    if (last == '\n') break;
    --length;
  }
  return length;
}

}  // namespace

Journal::Journal(std::string path, int file) : path_(std::move(path)), file_(file) {}

Journal::~Journal() { close(file_); }

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Unusable(path);
  std::unique_ptr<Journal> journal(new Journal(path, file));
  // Two processes would mix their lines, and neither would know what the other has answered. The lock ends with the
  // process, so that a kill leaves nothing to clean up.
  if (flock(file, LOCK_EX | LOCK_NB) != 0) return Unusable(path);
  const absl::StatusOr<off_t> length = WholeLines(path, file);
  if (!length.ok()) return length.status();
  // A kill within Append() left it. Its call was never answered.
  if (ftruncate(file, *length) != 0) return Unusable(path);
  return journal;
}

// Ends at the first line that can't be read: later lines build on it, and a portal with a hole in its state would give
// wrong answers.
absl::Status Journal::Load(Portal* portal) const {
  std::ifstream lines(path_, std::ios::binary);
  if (!lines) return Unusable(path_);
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (portal->Restore(line).ok()) continue;
    return MakeError({.code = absl::StatusCode::kDataLoss,
                      .reason = "JOURNAL_UNREADABLE",
                      .message = absl::StrCat("line ", number, " of state file ", path_, " can't be read"),
                      .message_vi = absl::StrCat("Không đọc được dòng ", number, " của tệp trạng thái ", path_),
                      .metadata = {{"path", path_}, {"line", absl::StrCat(number)}}});
  }
  return absl::OkStatus();
}

// One write per line: a kill leaves whole lines but for the last. No fsync: what the kernel has survives a kill, and a
// simulator need not survive a loss of power.
void Journal::Append(const std::string& line) {
  const std::string whole = line + "\n";
  size_t written = 0;
  while (written < whole.size()) {
    const ssize_t count = write(file_, whole.data() + written, whole.size() - written);
    if (count < 0 && errno == EINTR) continue;
    TTHC_CHECK(count > 0);
    written += static_cast<size_t>(count);
  }
}

}  // namespace tthc::portal_sim
