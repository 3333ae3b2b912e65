#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/clerks.h"
#include "tests/testing/tthcd_process.h"

namespace tthc::crash {

// Looks at the data of a server that was killed: once through the server that runs again, once at what lies on the
// disk.
class Examination {
 public:
  // Nothing that was acknowledged is missing, nothing is there twice or in part, revisions never fell. Also sends again
  // what nobody knows the outcome of: then it must be there once. Looks at everything since the last time.
  void AfterRestart(const std::string& address, std::vector<Command>* commands);
  // With no server running: every dossier's state is what its events fold to, every code is of one dossier, and all
  // that was ever seen is there still.
  void OfTheStore(const std::string& data_directory, const std::vector<Command>& commands);

  // How many commands of unknown outcome had happened, and how many had not.
  int unknown_done() const { return unknown_done_; }
  int unknown_not_done() const { return unknown_not_done_; }

 private:
  struct Seen {
    int64_t revision = 0;
    std::string dossier;
  };
  // Reads the histories of the dossiers that `commands` touched; the feed may be compacted.
  void ReadHistories(v1::DossierService::Stub* stub, const std::vector<const Command*>& commands);
  void CheckAcknowledged(const Command& command) const;
  // Counts it as done or not.
  void CheckWholeOrNothing(const Command& command);

  size_t examined_ = 0;
  int64_t highest_revision_ = 0;
  int unknown_done_ = 0;
  int unknown_not_done_ = 0;
  // By the text of a note or of a dossier's content.
  std::map<std::string, std::vector<Seen>> seen_;
  std::map<std::string, int64_t> revision_of_dossier_;
};

}  // namespace tthc::crash
