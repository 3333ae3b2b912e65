#include "server/rpc/rpc_server.h"

#include <utility>

#include "server/rpc/tthc_services.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {
namespace {

constexpr const char* kReadHealthNames[] = {"",
                                            "tthc.v1.DossierService",
                                            "tthc.v1.CatalogueService",
                                            "tthc.v1.DueTimeService",
                                            "tthc.v1.ChangeService",
                                            "tthc.v1.ReportService"};

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const Options& options) {
  TTHC_ASSIGN_OR_RETURN(const ListenAddress listen, ListenAddress::Parse(options.listen));
  std::unique_ptr<RpcServer> server(new RpcServer(options));
  TTHC_ASSIGN_OR_RETURN(
      server->host_, GrpcHost::Start(listen, MakeTthcServices(server->adapter_.get(), options.service)));
  for (const char* name : kReadHealthNames) server->host_->SetServing(name, true);
  server->RefreshHealth();
  return server;
}

void RpcServer::RefreshHealth() { host_->SetServing(kWriteHealthName, service_->IsWritable()); }

void RpcServer::Shutdown() {
  if (host_ == nullptr) return;
  host_->SetNothingServing();
  service_->Shutdown();
  adapter_->DrainStreams();
  // All unary calls have been answered by now; streams end as fast as their callers read.
  adapter_->WaitForStreams(limits::kShutdownGrace);
  // What is left are connections: an idle client may take seconds to notice that it should hang up.
  host_->Shutdown(limits::kHangUpGrace);
}

}  // namespace tthc::rpc
