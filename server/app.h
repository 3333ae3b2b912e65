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

// The whole server in one object: clock, engine, store, service, wire. Used by main() and by tests.
class App {
 public:
  // Opens the data, fills a new store from the seed, then serves. Errors: the engine's (DATA_IN_USE, DATA_CORRUPT, …),
  // the store's (SCHEMA_TOO_NEW), the seed's (SEED_UNREADABLE or the field that is wrong), LISTEN_FAILED.
  static absl::StatusOr<std::unique_ptr<App>> Start(const Config& config);
  // Stops first.
  ~App();

  const std::string& address() const { return rpc_->address(); }
  // "tthcd ready on 127.0.0.1:50551, revision 123, 45 dossiers".
  std::string ReadyLine() const;
  // To be called every second or so.
  void Tick() { rpc_->RefreshHealth(); }
  // Finishes what was accepted, refuses the rest. Blocks for at most a little over limits::kShutdownGrace; idempotent.
  void Stop() { rpc_->Shutdown(); }

  Service& service() { return *service_; }
  prometheus::Registry& metrics() { return metrics_; }

 private:
  explicit App(absl::Duration clock_offset);

  // In the order in which they need each other.
  std::unique_ptr<Clock> clock_;
  prometheus::Registry metrics_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<rpc::RpcServer> rpc_;
};

}  // namespace tthc::server
