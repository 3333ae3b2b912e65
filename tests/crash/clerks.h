#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tthc/v1/dossier_service.grpc.pb.h"

namespace tthc::crash {

// One command of a clerk, and what the clerk knows of it. Its notes carry texts that no other command has.
struct Command {
  std::string request_id;
  v1::CreateDossierRequest create;
  // Empty for a creation.
  v1::BatchAppendEventsRequest batch;
  std::vector<std::string> texts;

  enum class Outcome {
    // Sent, and the connection broke: it may have happened or not.
    kUnknown,
    kAcknowledged,
  };
  Outcome outcome = Outcome::kUnknown;
  // As answered, in the order of `texts`.
  std::vector<int64_t> revisions;
  std::vector<std::string> dossiers;
};

// Several clerks who work at once until the server is gone. Each opens dossiers and writes notes, one or several at a
// time, on their own and on each other's; now and then one has the feed compacted.
class Clerks {
 public:
  Clerks(uint64_t seed, int count);

  // Returns when every clerk has lost the server, or has sent `commands_max`. `on_acknowledged` is called after every
  // acknowledged command with their number in this burst, by one clerk at a time.
  void Work(const std::string& address, int commands_max, const std::function<void(int)>& on_acknowledged);

  // All that was ever sent, in no order between clerks.
  std::vector<Command>& commands() { return commands_; }

 private:
  Command Make(int clerk, std::mt19937_64& random);
  void WorkAlone(int clerk, const std::string& address, int commands_max);
  void Log(Command command);

  const int count_;
  std::mt19937_64 random_;
  int64_t last_id_ = 0;
  std::mutex mutex_;
  std::vector<Command> commands_;
  // Dossiers that are known to exist.
  std::vector<std::string> dossiers_;
  int acknowledged_ = 0;
  std::function<void(int)> on_acknowledged_;
};

// Sends it to the server and fills in the outcome. False if the connection broke.
bool Send(v1::DossierService::Stub* stub, Command* command);

}  // namespace tthc::crash
