#include "tests/testing/test_server.h"

#include <grpcpp/create_channel.h>

#include <iostream>
#include <utility>

#include "server/seed.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/engine/memory_engine.h"
#include "storage/store.h"

namespace tthc::testing {
namespace {

template <typename T>
T Need(absl::StatusOr<T> made) {
  if (!made.ok()) std::cerr << made.status() << std::endl;
  TTHC_CHECK(made.ok());
  return *std::move(made);
}

}  // namespace

absl::Time DefaultTestTime() {
  return absl::FromCivil(absl::CivilSecond(2026, 8, 21, 9, 15, 0), absl::FixedTimeZone(7 * 60 * 60));
}

TestServer::TestServer(TestServerOptions options) : clock_(options.now) {
  if (options.engine == nullptr) options.engine = std::make_unique<storage::MemoryEngine>();
  auto store = Need(storage::Store::Open(std::move(options.engine)));
  service_ = Need(server::Service::Open(std::move(store), {.clock = &clock_}));
  if (options.seed) {
    const absl::Status seeded = server::SeedStore(*service_, TTHC_SOURCE_DIR "/deploy/data");
    if (!seeded.ok()) std::cerr << seeded << std::endl;
    TTHC_CHECK(seeded.ok());
  }
  rpc_ = Need(rpc::RpcServer::Start(
      {.listen = "127.0.0.1:0", .service = service_.get(), .clock = &clock_, .registry = &metrics_}));
  channel_ = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  dossiers_ = v1::DossierService::NewStub(channel_);
  catalogue_ = v1::CatalogueService::NewStub(channel_);
  due_times_ = v1::DueTimeService::NewStub(channel_);
  changes_ = v1::ChangeService::NewStub(channel_);
  reports_ = v1::ReportService::NewStub(channel_);
  statistics_ = v1::StatisticsService::NewStub(channel_);
}

TestServer::~TestServer() { rpc_->Shutdown(); }

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) return FromRpcStatus(details);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace tthc::testing
