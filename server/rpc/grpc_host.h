#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/rpc_service.h"

namespace tthc::rpc {

// gRPC's server with the bounds of limits.h, health and reflection, around services that are ready. Thread-safe.
class GrpcHost {
 public:
  // Serves at once. UNAVAILABLE LISTEN_FAILED if the address is taken or may not be used.
  static absl::StatusOr<std::unique_ptr<GrpcHost>> Start(const ListenAddress& listen,
                                                         std::vector<std::unique_ptr<RpcService>> services);
  ~GrpcHost() { Shutdown(absl::ZeroDuration()); }

  // What clients dial, with the port that was chosen.
  const std::string& address() const { return address_; }
  // A channel inside the process, for bridges and tests. Must be gone before the host.
  std::shared_ptr<grpc::Channel> InProcessChannel() { return server_->InProcessChannel(grpc::ChannelArguments()); }

  // For grpc.health.v1.Health. "" = every name that was ever set.
  void SetServing(const std::string& name, bool serving);
  void SetNothingServing();

  // Takes no new calls; gives those under way up to `grace`, then cancels them. Blocks; idempotent.
  void Shutdown(absl::Duration grace);

 private:
  GrpcHost() = default;

  std::vector<std::unique_ptr<RpcService>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace tthc::rpc
