#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/service/method_table.h"
#include "storage/base/clock.h"
#include "storage/base/uid.h"
#include "storage/store.h"

namespace tthc::server {

struct Capabilities;

// The server without its wires: opens the data, owns the capabilities, applies commits to the views in memory and holds
// the binding table, through which every method is called. What a method means and which errors it gives is stated in
// the proto files.
//
// Ownership: owns the store and everything built on it. The clock outlives it.
// Threads: after Open, every function may be called by any thread.
// Failure: Open leaves nothing behind. A commit that the disk refuses makes the service read-only until one succeeds.
class Service {
 public:
  struct Options {
    // Of record times, deadlines, leases and "now".
    const Clock* clock = nullptr;
    // Threads for reads that may touch the disk.
    int read_threads = 4;
    // File that keeps the columns of facts between starts, see fact_snapshot.h. Empty: every start reads all dossiers.
    std::string fact_snapshot_path = {};
    // Draws the uids of new dossiers. Empty: from the operating system's entropy.
    UidSource uid_source = nullptr;
  };

  // Takes the store, upgrades facts that an older build stored, loads the catalogue, the facts and the mirror's
  // targets, starts the threads. DATA_LOSS and UNAVAILABLE from the store.
  static absl::StatusOr<std::unique_ptr<Service>> Open(std::unique_ptr<storage::Store> store, const Options& options);
  // Shuts down first, then saves the snapshot of the facts.
  ~Service();

  // Lets what was accepted finish, refuses the rest with UNAVAILABLE SHUTTING_DOWN, ends streams. Blocks; idempotent.
  void Shutdown();

  // True while the store accepts writes; for health.
  bool IsWritable() const;

  // All methods of tthc.v1.
  const MethodTable& methods() const { return methods_; }

 private:
  explicit Service(std::unique_ptr<Capabilities> capabilities);

  // Hidden, so that including this header pulls in no capability.
  std::unique_ptr<Capabilities> capabilities_;
  // After the capabilities: its handlers refer to them.
  MethodTable methods_;
};

}  // namespace tthc::server
