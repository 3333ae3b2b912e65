#include "server/app.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/await.h"
#include "server/seed.h"
#include "storage/base/status_macros.h"
#include "storage/engine/memory_engine.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::server {
namespace {

// The machine's clock, moved by --clock-offset.
class OffsetClock final : public Clock {
 public:
  explicit OffsetClock(absl::Duration offset) : offset_(offset) {}
  absl::Time Now() const override { return absl::Now() + offset_; }

 private:
  const absl::Duration offset_;
};

// Creates the directory if need be; a directory that another process uses is refused.
absl::StatusOr<std::unique_ptr<storage::Engine>> OpenEngine(const Config& config) {
  switch (config.engine) {
    case EngineKind::kMemory:
      return std::unique_ptr<storage::Engine>(std::make_unique<storage::MemoryEngine>());
    case EngineKind::kRocksDb:
      break;
  }
  return storage::OpenRocksDb({.directory = config.data_directory,
                               .write_buffer_bytes = config.write_buffer_bytes,
                               .block_cache_bytes = config.block_cache_bytes});
}

// In the data directory, but no part of the data. The memory engine keeps nothing, so it gets no snapshot.
std::string SnapshotPath(const Config& config) {
  if (config.engine == EngineKind::kMemory) return "";
  return absl::StrCat(config.data_directory, "/facts.snapshot");
}

}  // namespace

App::App(absl::Duration clock_offset) : clock_(std::make_unique<OffsetClock>(clock_offset)) {}

App::~App() {
  // Without rpc_ the start failed, and nothing serves.
  if (rpc_ != nullptr) Stop();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config) {
  std::unique_ptr<App> app(new App(config.clock_offset));
  TTHC_ASSIGN_OR_RETURN(auto engine, OpenEngine(config));
  TTHC_ASSIGN_OR_RETURN(auto store, storage::Store::Open(std::move(engine)));
  TTHC_ASSIGN_OR_RETURN(app->service_, Service::Open(std::move(store), {.clock = app->clock_.get(),
                                                                        .read_threads = config.read_threads,
                                                                        .fact_snapshot_path = SnapshotPath(config)}));
  // Before the wire opens, so that no client sees a store that is half seeded.
  if (!config.seed_directory.empty()) {
    TTHC_RETURN_IF_ERROR(SeedStore(*app->service_, config.seed_directory));
  }
  TTHC_ASSIGN_OR_RETURN(app->rpc_, rpc::RpcServer::Start({.listen = config.listen,
                                                          .service = app->service_.get(),
                                                          .clock = app->clock_.get(),
                                                          .registry = &app->metrics_}));
  return app;
}

std::string App::ReadyLine() const {
  v1::ListDossiersRequest request;
  request.set_page_size(1);
  request.set_view(v1::DOSSIER_VIEW_REFERENCE);
  const auto dossiers = Await<v1::ListDossiersResponse>(*service_, request);
  // The line is a courtesy: a store that cannot be read says so at the first call.
  const int64_t revision = dossiers.ok() ? dossiers->revision() : 0;
  const int64_t count = dossiers.ok() ? dossiers->total_size() : 0;
  return absl::StrCat("tthcd ready on ", address(), ", revision ", revision, ", ", count, " dossiers");
}

}  // namespace tthc::server
