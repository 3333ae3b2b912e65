#include "server/rpc/rpc_server.h"

#include <utility>
#include <vector>

#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const Options& options) {
  TTHC_ASSIGN_OR_RETURN(const ListenAddress listen, ListenAddress::Parse(options.listen));
  std::unique_ptr<RpcServer> server(new RpcServer(options));
  const server::MethodTable& table = options.service->methods();
  std::vector<std::unique_ptr<RpcService>> services;
  for (const auto* service : table.Services()) {
    services.push_back(std::make_unique<RpcService>(service, table, server->adapter_.get()));
  }
  TTHC_ASSIGN_OR_RETURN(server->host_, GrpcHost::Start(listen, std::move(services)));
  server->host_->SetServing("", true);
  // Every service of the table, so that a new one is known to health checks.
  for (const auto* service : table.Services()) server->host_->SetServing(std::string(service->full_name()), true);
  server->RefreshHealth();
  return server;
}

void RpcServer::RefreshHealth() { host_->SetServing(kWriteHealthName, service_->IsWritable()); }

void RpcServer::Shutdown() {
  // Start failed, so nothing runs.
  if (host_ == nullptr) return;
  // First, so that load balancers and scripts send nothing more.
  host_->SetNothingServing();
  service_->Shutdown();
  adapter_->DrainStreams();
  // All unary calls are answered by now; streams end as fast as their clients read.
  adapter_->WaitForStreams(limits::kShutdownGrace);
  // Only connections are left. An idle client may take seconds to close its own, so they get a short grace.
  host_->Shutdown(limits::kHangUpGrace);
}

}  // namespace tthc::rpc
