#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/portal_sim/portal.h"

namespace tthc::portal_sim {

// The file in which a portal remembers: JSON objects, one a line, only ever appended to. What was answered is there
// when the process is killed; a machine that loses power may lose the end. Not thread-safe.
class Journal {
 public:
  // Makes the file, with mode 0600, if it is not there. A last line that was cut off is taken away: it was never
  // answered. UNAVAILABLE JOURNAL_UNUSABLE if the file can't be opened, read or is in use by another process.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Gives the portal back what the file holds. DATA_LOSS JOURNAL_UNREADABLE with the line.
  absl::Status Load(Portal* portal) const;
  // For PortalOptions::journal. Ends the process if the line can't be written: a portal that goes on would answer for
  // what it forgets.
  void Append(const std::string& line);

 private:
  Journal(std::string path, int file);

  std::string path_;
  int file_;
};

}  // namespace tthc::portal_sim
