#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/await.h"
#include "server/service/service.h"
#include "storage/base/clock.h"
#include "storage/engine/engine.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/testing/scratch_directory.h"

namespace tthc::testing {

enum class EngineKind { kMemory, kRocksDb };

struct ServiceFixtureOptions {
  EngineKind engine = EngineKind::kMemory;
  // Friday 21/08/2026 09:15, an ordinary working day.
  absl::Time now = absl::FromUnixSeconds(1'787'278'500);
  // The centre of sample_catalogue.h.
  bool seed = true;
  // Puts another engine before the one that keeps the data, such as one that fails.
  std::function<std::unique_ptr<storage::Engine>(std::unique_ptr<storage::Engine>)> wrap = nullptr;
  // Below RocksDB, such as a disk that fills up; every commit is synced then.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
};

// A service over a store of its own, called as if it were synchronous, with a clock that the test moves. RocksDB runs
// with tiny buffers and without waiting for the disk: the data outlive the service, which is what a restart asks for.
class ServiceFixture {
 public:
  explicit ServiceFixture(ServiceFixtureOptions options = {});
  ~ServiceFixture();

  server::Service& service() { return *service_; }
  // As the service has it; for looking at what is stored, not for writing.
  storage::Store& store() { return *store_; }
  ManualClock& clock() { return clock_; }

  // A new service over what the old one left behind.
  void Restart();

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(void (server::Service::*method)(const server::RequestContext&, const Request&,
                                                                server::Reply<Response>),
                                const Request& request) {
    return server::Await(service_.get(), method, request);
  }

  absl::StatusOr<v1::CreateDossierResponse> Create(const std::vector<v1::Event>& events,
                                                   const std::string& request_id = "");
  absl::StatusOr<v1::AppendEventResponse> Append(const std::string& parent, const v1::Event& event,
                                                 const std::string& request_id = "");
  absl::StatusOr<v1::Dossier> Get(const std::string& name);
  absl::StatusOr<v1::ListDossiersResponse> List(const v1::ListDossiersRequest& request);

  // These abort the test's process if they are refused.
  v1::Dossier MustCreate(const std::vector<v1::Event>& events);
  v1::Dossier MustAppend(const std::string& parent, const v1::Event& event);
  v1::Dossier MustGet(const std::string& name);
  // The whole history, page by page.
  std::vector<v1::Event> MustListEvents(const std::string& name);
  // Names in the order of the list, page by page.
  std::vector<std::string> MustListNames(v1::ListDossiersRequest request);

  // Every key and value, and the revision: two equal ones say that nothing has changed.
  std::string StoredBytes() const;
  int64_t head_revision() const { return store_->head().revision(); }

 private:
  void Open();
  void Seed();

  const ServiceFixtureOptions options_;
  ManualClock clock_;
  ScratchDirectory directory_;
  std::shared_ptr<storage::Engine> memory_;
  storage::Store* store_ = nullptr;
  std::unique_ptr<server::Service> service_;
};

// A stream whose messages are waited for.
template <typename T>
class SyncStream {
 public:
  explicit SyncStream(std::unique_ptr<server::ServerStream<T>> stream) : stream_(std::move(stream)) {}

  // nullopt at the orderly end.
  absl::StatusOr<std::optional<T>> Next() {
    std::promise<absl::StatusOr<std::optional<T>>> answer;
    stream_->Next([&answer](absl::StatusOr<std::optional<T>> message) { answer.set_value(std::move(message)); });
    return answer.get_future().get();
  }
  server::ServerStream<T>& stream() { return *stream_; }

 private:
  std::unique_ptr<server::ServerStream<T>> stream_;
};

}  // namespace tthc::testing
