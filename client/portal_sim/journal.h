#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/portal_sim/portal.h"

namespace tthc::portal_sim {

// The file that keeps a portal's state: one JSON object (see effect.h) per line, append-only. A restarted simulator
// knows what it accepted, so that tests can kill it as well.
//
// Everything that was answered survives a kill of the process; a loss of power may lose the last lines. The file grows
// without a bound and is never rewritten: a simulator lives for one test or one demonstration. Not thread-safe; the
// portal that writes to it is not either.
class Journal {
 public:
  // Creates the file, with mode 0600, if it does not exist. Removes an incomplete last line: it was never answered.
  // UNAVAILABLE JOURNAL_UNUSABLE if the file can't be opened or read or is in use by another process.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Restores the portal from the file. DATA_LOSS JOURNAL_UNREADABLE with the number of the line.
  absl::Status Load(Portal* portal) const;
  // For PortalOptions::journal. Ends the process if the line can't be written: the portal would answer calls whose
  // effect it does not keep.
  void Append(const std::string& line);

 private:
  Journal(std::string path, int file);

  std::string path_;
  int file_;
};

}  // namespace tthc::portal_sim
