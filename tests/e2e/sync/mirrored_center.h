#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/portal.h"
#include "client/sdk/client.h"
#include "tests/testing/process.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/tthcd_process.h"
#include "tthc/v1/mirror_service.pb.h"

namespace tthc::testing {

// tthcd, tthc-sync and tthc-portal-sim as processes on local ports, which stay the same when a process is killed and
// started again; and a clerk who records events. Law 7 is checked on the state that they leave.
class MirroredCenter {
 public:
  struct Options {
    // --faults of the simulator.
    std::string faults = {};
    absl::Duration lease = absl::Seconds(4);
    int workers = 4;
    uint64_t seed = 1;
  };
  explicit MirroredCenter(Options options);
  ~MirroredCenter();

  void StartServer();
  void KillServer();
  void StartPortal();
  void KillPortal();
  // Several programs may run at once, under different names.
  void StartSync(const std::string& name = "one");
  void KillSync(const std::string& name = "one");
  // Sends SIGTERM, as systemd does, and returns the exit status.
  int StopSync(const std::string& name = "one");
  std::string SyncErrors(const std::string& name = "one");

  // Records one event: opens a dossier or continues one. Waits for the server if it is down.
  void Work();
  // Works for `time`, with `pause` between two events on average.
  void WorkFor(absl::Duration time, absl::Duration pause);

  // Waits until nothing is pending and returns how long it took. Fails the test if it takes longer than `patience`.
  absl::Duration WaitUntilDelivered(absl::Duration patience);
  // Differences between the center and the portal's journal. Empty: Law 7 holds.
  std::vector<std::string> Differences();
  // The portal as restored from its journal.
  std::unique_ptr<portal_sim::Portal> ReadPortal();

  tthc::v1::MirrorTarget Target();
  sdk::Client& client() { return *client_; }
  const std::string& server_address() const { return server_address_; }
  size_t dossier_count() const { return dossiers_.size(); }
  ScratchDirectory& directory() { return directory_; }
  std::mt19937_64& random() { return random_; }

 private:
  void WriteConfig();
  std::string PathOf(absl::string_view file) const;
  int64_t Number(int64_t from, int64_t to) { return std::uniform_int_distribution<int64_t>(from, to)(random_); }

  const Options options_;
  std::mt19937_64 random_;
  ScratchDirectory directory_;
  std::string server_address_;
  std::string portal_url_;
  std::unique_ptr<TthcdProcess> server_;
  std::unique_ptr<Process> portal_;
  std::map<std::string, std::unique_ptr<Process>> syncs_;
  std::unique_ptr<sdk::Client> client_;
  std::vector<std::string> dossiers_;
};

}  // namespace tthc::testing
