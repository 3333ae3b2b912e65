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

// gRPC's server with the bounds of limits.h, health and reflection, around services that are ready.
//
// The bounds hold for what a client can cause before a handler runs: the size of a message, calls on one connection,
// memory of the transport, threads. Two processes cannot listen on one port. A connection whose peer is gone is closed
// after a keepalive that is not answered.
//
// Ownership: owns the services.
// Threads: thread-safe.
// Process: the first host of a process sets the log functions of gRPC and of protobuf, for good.
class GrpcHost {
 public:
  // Serves when it returns. UNAVAILABLE LISTEN_FAILED if the address is taken or may not be used.
  static absl::StatusOr<std::unique_ptr<GrpcHost>> Start(const ListenAddress& listen,
                                                         std::vector<std::unique_ptr<RpcService>> services);
  ~GrpcHost() { Shutdown(absl::ZeroDuration()); }

  // The address that clients dial, with the port that was chosen.
  const std::string& address() const { return address_; }
  // A channel inside the process, for bridges and tests. Must be gone before the host.
  std::shared_ptr<grpc::Channel> InProcessChannel() { return server_->InProcessChannel(grpc::ChannelArguments()); }

  // The answers of grpc.health.v1.Health. A name that was never set is unknown to it.
  void SetServing(const std::string& name, bool serving);
  // Makes every name NOT_SERVING, for good.
  void SetNothingServing();

  // Refuses new calls, waits up to `grace` for the running ones, then cancels them. Blocks; idempotent.
  void Shutdown(absl::Duration grace);

 private:
  GrpcHost() = default;

  // Before the server, which refers to them until it is destroyed.
  std::vector<std::unique_ptr<RpcService>> services_;
  std::unique_ptr<grpc::Server> server_;
  // With the chosen port.
  std::string address_;
};

}  // namespace tthc::rpc
