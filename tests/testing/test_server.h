#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "prometheus/registry.h"
#include "server/rpc/rpc_server.h"
#include "server/service/service.h"
#include "storage/base/clock.h"
#include "storage/engine/engine.h"
#include "tthc/v1/catalogue_service.grpc.pb.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/dossier_service.grpc.pb.h"
#include "tthc/v1/due_time.grpc.pb.h"
#include "tthc/v1/report_service.grpc.pb.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

namespace tthc::testing {

// Friday 21/8/2026, 09:15 in Asia/Ho_Chi_Minh: an ordinary working day of the shipped calendar.
absl::Time DefaultTestTime();

struct TestServerOptions {
  absl::Time now = DefaultTestTime();
  // The shipped calendar, catalogue and sample center.
  bool seed = true;
  // Null = a new memory engine.
  std::unique_ptr<storage::Engine> engine = nullptr;
};

// The whole server inside the test's process, on a free port, with a clock that the test moves. Aborts the test's
// process if it can't start.
class TestServer {
 public:
  explicit TestServer(TestServerOptions options = {});
  // Shuts down first.
  ~TestServer();

  ManualClock& clock() { return clock_; }
  server::Service& service() { return *service_; }
  rpc::RpcServer& rpc() { return *rpc_; }
  prometheus::Registry& metrics() { return metrics_; }
  const std::string& address() const { return rpc_->address(); }

  // One connection to it over TCP, and the stubs on it.
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  v1::DossierService::Stub& dossiers() { return *dossiers_; }
  v1::CatalogueService::Stub& catalogue() { return *catalogue_; }
  v1::DueTimeService::Stub& due_times() { return *due_times_; }
  v1::ChangeService::Stub& changes() { return *changes_; }
  v1::ReportService::Stub& reports() { return *reports_; }
  v1::StatisticsService::Stub& statistics() { return *statistics_; }

 private:
  ManualClock clock_;
  prometheus::Registry metrics_;
  std::unique_ptr<server::Service> service_;
  std::unique_ptr<rpc::RpcServer> rpc_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DossierService::Stub> dossiers_;
  std::unique_ptr<v1::CatalogueService::Stub> catalogue_;
  std::unique_ptr<v1::DueTimeService::Stub> due_times_;
  std::unique_ptr<v1::ChangeService::Stub> changes_;
  std::unique_ptr<v1::ReportService::Stub> reports_;
  std::unique_ptr<v1::StatisticsService::Stub> statistics_;
};

// The status of a call as the service gave it, with the details.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace tthc::testing
