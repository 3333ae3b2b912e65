#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/rpc/adapter.h"
#include "server/rpc/grpc_host.h"
#include "server/service/service.h"

namespace tthc::rpc {

// Names of grpc.health.v1.Health. "" and every "tthc.v1.…Service" say whether reads are served: from start to shutdown.
// This one says whether writes are, too: NOT_SERVING while the store is read-only (disk full or failing).
inline constexpr char kWriteHealthName[] = "tthc.v1.write";

// tthc.v1 over gRPC. Thread-safe.
class RpcServer {
 public:
  struct Options {
    std::string listen;
    // These outlive the server.
    server::Service* service = nullptr;
    const Clock* clock = nullptr;
    prometheus::Registry* registry = nullptr;
  };

  // Serves at once. Errors: ListenAddress::Parse's, GrpcHost::Start's.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const Options& options);
  // Shuts down first.
  ~RpcServer() { Shutdown(); }

  const std::string& address() const { return host_->address(); }
  std::shared_ptr<grpc::Channel> InProcessChannel() { return host_->InProcessChannel(); }

  // Brings the health of writes up to date; to be called every second or so.
  void RefreshHealth();

  // Health says NOT_SERVING; what was accepted is finished and answered, the rest refused with SHUTTING_DOWN; streams
  // end. Shuts the service down, too. At most limits::kShutdownGrace for streams whose callers don't read. Blocks;
  // idempotent.
  void Shutdown();

 private:
  explicit RpcServer(const Options& options)
      : service_(options.service), adapter_(std::make_unique<Adapter>(options.clock, options.registry)) {}

  server::Service* const service_;
  std::unique_ptr<Adapter> adapter_;
  // After the adapter: calls end before it goes.
  std::unique_ptr<GrpcHost> host_;
};

}  // namespace tthc::rpc
