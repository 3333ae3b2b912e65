#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
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
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/change_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/mirror_service.pb.h"
#include "tthc/v1/report_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::testing {

enum class EngineKind { kMemory, kRocksDb };

struct ServiceFixtureOptions {
  EngineKind engine = EngineKind::kMemory;
  // Friday 21/08/2026 09:15, an ordinary working day.
  absl::Time now = absl::FromUnixSeconds(1'787'278'500);
  // The center of sample_catalogue.h.
  bool seed = true;
  // Wraps the engine that has the data, for example in one that fails.
  std::function<std::unique_ptr<storage::Engine>(std::unique_ptr<storage::Engine>)> wrap = nullptr;
  // The file system below RocksDB, for example one that fills up; every commit is synced then.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
};

// A service over a store of its own, called as if it were synchronous, with a clock that the test moves and uids from a
// fixed seed. RocksDB runs with tiny buffers and without waiting for the disk: the data outlive the service, which is
// all that a restart needs.
class ServiceFixture {
 public:
  explicit ServiceFixture(ServiceFixtureOptions options = {});
  ~ServiceFixture();

  server::Service& service() { return *service_; }
  // The store of the service, for reading what is stored, not for writing.
  storage::Store& store() { return *store_; }
  ManualClock& clock() { return clock_; }

  // Destroys the service and opens a new one on the same data.
  void Restart();

  // Calls the method that takes a Request, past the checks of the wire.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const Request& request) {
    return server::Await<Response>(*service_, request);
  }
  // The same where only success matters.
  absl::Status Status(const google::protobuf::Message& request) { return server::AwaitStatus(*service_, request); }
  // Opens the server stream of the method that takes a Request.
  template <typename Response, typename Request>
  absl::StatusOr<std::unique_ptr<server::ServerStream<Response>>> Open(const Request& request) {
    return service_->methods().Open<Response>({.caller = {.actor = server::kServerActor}}, request);
  }

  // Creating and appending ask for the whole dossier and whole events in the answer.
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
  // Codes of the dossiers in the order of the list, page by page; of a dossier without a code the submission code.
  std::vector<std::string> MustListCodes(v1::ListDossiersRequest request);
  // Their names.
  std::vector<std::string> MustListNames(v1::ListDossiersRequest request);

  // Every key and value, and the revision: two equal results mean that nothing has changed.
  std::string StoredBytes() const;
  int64_t head_revision() const { return store_->head().revision(); }

 private:
  void OpenService();
  void Seed();

  const ServiceFixtureOptions options_;
  ManualClock clock_;
  ScratchDirectory directory_;
  std::shared_ptr<storage::Engine> memory_;
  // Lives as long as the fixture, so that a restarted service goes on with other uids.
  std::mt19937 uids_{20260821};
  storage::Store* store_ = nullptr;
  std::unique_ptr<server::Service> service_;
};

// A stream whose calls wait for the message.
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
