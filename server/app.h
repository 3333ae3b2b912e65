#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "prometheus/registry.h"
#include "server/config.h"
#include "server/rpc/rpc_server.h"
#include "server/service/service.h"
#include "storage/base/clock.h"

namespace tthc::server {

// The whole server in one object: clock, engine, store, service and gRPC. Used by main() and by tests.
//
// Threads: Start, Tick and Stop are called by one thread, the others by any.
// Failure: a start that fails leaves nothing running and the data as they were.
class App {
 public:
  // Opens the data, fills a new store from the seed, then serves. Errors of the engine (DATA_IN_USE, DATA_CORRUPT, …),
  // of the store (SCHEMA_TOO_NEW), of the seed (SEED_UNREADABLE, or the field at fault), LISTEN_FAILED.
  static absl::StatusOr<std::unique_ptr<App>> Start(const Config& config);
  // Stops first.
  ~App();

  // The address that clients dial, with the port that was chosen.
  const std::string& address() const { return rpc_->address(); }
  // The line for stdout: "tthcd ready on 127.0.0.1:50551, revision 123, 45 dossiers".
  std::string ReadyLine() const;
  // To be called about every second.
  void Tick() { rpc_->RefreshHealth(); }
  // Finishes what was accepted and refuses the rest. Blocks for little more than limits::kShutdownGrace; idempotent.
  void Stop() { rpc_->Shutdown(); }

  // For tests, and for what runs inside the process.
  Service& service() { return *service_; }
  // Metrics of the whole process.
  prometheus::Registry& metrics() { return metrics_; }

 private:
  explicit App(absl::Duration clock_offset);

  // In the order in which they need each other, so that they are destroyed in the reverse order: first the wire, so
  // that no call comes in any more, then the service, which finishes and saves.
  std::unique_ptr<Clock> clock_;
  prometheus::Registry metrics_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<rpc::RpcServer> rpc_;
};

}  // namespace tthc::server
