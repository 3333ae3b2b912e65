#include "server/service/service.h"

#include <utility>

#include "server/facts/fact_upgrade.h"
#include "server/service/capabilities.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

absl::StatusOr<std::shared_ptr<const domain::Catalogue>> LoadCatalogue(const storage::StoreReader& reader) {
  auto catalogue = std::make_shared<domain::Catalogue>();
  absl::Status failed;
  TTHC_RETURN_IF_ERROR(reader.ScanCatalogue([&](const storage::v1::LogRecord& record) {
    // The scan cannot be stopped; the first error is the one to report.
    if (failed.ok()) failed = catalogue->Add(record);
  }));
  TTHC_RETURN_IF_ERROR(failed);
  return std::shared_ptr<const domain::Catalogue>(std::move(catalogue));
}

}  // namespace

// Rows are added last, because executors and handlers refer to what Start has made.
Service::Service(std::unique_ptr<Capabilities> capabilities) : capabilities_(std::move(capabilities)) {
  AddDossierRows(&methods_, *capabilities_);
  AddCatalogueRows(&methods_, *capabilities_);
  AddDueTimeRows(&methods_, *capabilities_);
  AddChangeRows(&methods_, *capabilities_);
  AddReportRows(&methods_, *capabilities_);
  AddStatisticsRows(&methods_, *capabilities_);
  AddMirrorRows(&methods_, *capabilities_);
  methods_.CheckComplete();
}

Service::~Service() {
  capabilities_->Shutdown();
  // Last, because it may take seconds and by now no caller waits.
  capabilities_->SaveFacts();
}

absl::StatusOr<std::unique_ptr<Service>> Service::Open(std::unique_ptr<storage::Store> store, const Options& options) {
  TTHC_ASSIGN_OR_RETURN(auto catalogue, LoadCatalogue(store->Read()));
  // Before anything reads facts: those that an older build stored may lack fields.
  TTHC_RETURN_IF_ERROR(UpgradeFacts(*store, *catalogue));
  auto capabilities = std::make_unique<Capabilities>(std::move(store), options, std::move(catalogue));
  TTHC_RETURN_IF_ERROR(capabilities->Start(options));
  return std::unique_ptr<Service>(new Service(std::move(capabilities)));
}

void Service::Shutdown() { capabilities_->Shutdown(); }

bool Service::IsWritable() const { return capabilities_->pipeline->is_writable(); }

}  // namespace tthc::server
