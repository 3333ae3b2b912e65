#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/rpc/adapter.h"
#include "server/rpc/grpc_host.h"
#include "server/service/service.h"

namespace tthc::rpc {

// The name under which grpc.health.v1.Health reports whether writes are accepted: NOT_SERVING while the store is
// read-only because its disk is full or failing. "" and every "tthc.v1.…Service" report whether reads are served, which
// they are from start to shutdown.
inline constexpr char kWriteHealthName[] = "tthc.v1.write";

// tthc.v1 over gRPC: every service that has rows in the binding table of the service, with health and reflection.
//
// Ownership: what Options refers to outlives the server.
// Threads: thread-safe.
// Failure: Start leaves nothing open behind.
class RpcServer {
 public:
  struct Options {
    // See ListenAddress; port 0 = any free one.
    std::string listen;
    server::Service* service = nullptr;
    // Of deadlines.
    const Clock* clock = nullptr;
    prometheus::Registry* registry = nullptr;
  };

  // Serves when it returns. Errors of ListenAddress::Parse and GrpcHost::Start.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const Options& options);
  // Shuts down first.
  ~RpcServer() { Shutdown(); }

  // The address that clients dial, with the port that was chosen.
  const std::string& address() const { return host_->address(); }
  // A channel inside the process, past the network, for bridges to other protocols. Must be gone before the server.
  std::shared_ptr<grpc::Channel> InProcessChannel() { return host_->InProcessChannel(); }

  // Updates the health of writes from what the commits last met; to be called about every second.
  void RefreshHealth();

  // Reports NOT_SERVING, finishes and answers what was accepted, refuses the rest with SHUTTING_DOWN and ends streams.
  // Shuts the service down, too. Waits at most limits::kShutdownGrace for streams whose clients do not read. Blocks;
  // idempotent.
  void Shutdown();

 private:
  explicit RpcServer(const Options& options)
      : service_(options.service), adapter_(std::make_unique<Adapter>(options.clock, options.registry)) {}

  server::Service* const service_;
  // On the heap, because services and calls refer to it.
  std::unique_ptr<Adapter> adapter_;
  // After the adapter, so that it is destroyed first: calls refer to the adapter.
  std::unique_ptr<GrpcHost> host_;
};

}  // namespace tthc::rpc
