#include "tests/testing/service_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/engine/memory_engine.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_catalogue.h"

namespace tthc::testing {
namespace {

using server::Service;

// Shares the data, so that they outlive the store that used them.
class SharedEngine final : public storage::Engine {
 public:
  explicit SharedEngine(std::shared_ptr<storage::Engine> engine) : engine_(std::move(engine)) {}

  std::unique_ptr<storage::Snapshot> TakeSnapshot() const override { return engine_->TakeSnapshot(); }
  absl::Status Commit(const storage::Batch& batch, int64_t expected_revision, int64_t new_revision) override {
    return engine_->Commit(batch, expected_revision, new_revision);
  }
  int64_t revision() const override { return engine_->revision(); }
  absl::StatusOr<Stats> GetStats() const override { return engine_->GetStats(); }
  absl::Status CompactAll() override { return engine_->CompactAll(); }

 private:
  const std::shared_ptr<storage::Engine> engine_;
};

template <typename Add, typename Entries>
void AddAll(const Add& add, const Entries& entries) {
  for (const auto& entry : entries) *add() = entry;
}

}  // namespace

ServiceFixture::ServiceFixture(ServiceFixtureOptions options)
    : options_(std::move(options)), clock_(options_.now), memory_(std::make_shared<storage::MemoryEngine>()) {
  OpenService();
  if (options_.seed) Seed();
}

ServiceFixture::~ServiceFixture() = default;

void ServiceFixture::OpenService() {
  std::unique_ptr<storage::Engine> engine;
  if (options_.engine == EngineKind::kMemory) {
    engine = std::make_unique<SharedEngine>(memory_);
  } else {
    engine = ValueOrDie(storage::OpenRocksDb({.directory = directory_.path(),
                                              .sync = options_.file_system != nullptr,
                                              .hostile = true,
                                              .file_system = options_.file_system}));
  }
  if (options_.wrap != nullptr) engine = options_.wrap(std::move(engine));
  auto store = ValueOrDie(storage::Store::Open(std::move(engine)));
  store_ = store.get();
  // Stores in memory start from records, stores on disk from their snapshot: both ways are tested.
  const bool keeps_files = options_.engine == EngineKind::kRocksDb;
  service_ = ValueOrDie(Service::Open(
      std::move(store), {.clock = &clock_,
                         .read_threads = 2,
                         .fact_snapshot_path = keeps_files ? directory_.path() + "/facts.snapshot" : std::string(),
                         .uid_source = UidSourceFrom([this] { return static_cast<uint32_t>(uids_()); })}));
}

void ServiceFixture::Restart() {
  service_.reset();
  OpenService();
}

void ServiceFixture::Seed() {
  v1::CreateCalendarRequest calendar;
  *calendar.mutable_calendar() = SampleCalendarProto();
  ValueOrDie(Call<v1::Calendar>(calendar));
  v1::ImportOfficesRequest offices;
  AddAll([&] { return offices.add_fields(); }, SampleFields());
  AddAll([&] { return offices.add_offices(); }, SampleOffices());
  AddAll([&] { return offices.add_units(); }, SampleUnits());
  AddAll([&] { return offices.add_officers(); }, SampleOfficers());
  ValueOrDie(Call<v1::ImportOfficesResponse>(offices));
  for (const v1::Procedure& procedure : SampleProcedures()) {
    v1::UpdateProcedureRequest request;
    *request.mutable_procedure() = procedure;
    request.set_allow_missing(true);
    ValueOrDie(Call<v1::Procedure>(request));
  }
}

absl::StatusOr<v1::CreateDossierResponse> ServiceFixture::Create(const std::vector<v1::Event>& events,
                                                                 const std::string& request_id) {
  v1::CreateDossierRequest request;
  for (const v1::Event& event : events) *request.add_events() = event;
  request.set_request_id(request_id);
  request.set_view(v1::DOSSIER_VIEW_FULL);
  return Call<v1::CreateDossierResponse>(request);
}

absl::StatusOr<v1::AppendEventResponse> ServiceFixture::Append(const std::string& parent, const v1::Event& event,
                                                               const std::string& request_id) {
  v1::AppendEventRequest request;
  request.set_parent(parent);
  *request.mutable_event() = event;
  request.set_request_id(request_id);
  request.set_view(v1::DOSSIER_VIEW_FULL);
  return Call<v1::AppendEventResponse>(request);
}

absl::StatusOr<v1::Dossier> ServiceFixture::Get(const std::string& name) {
  v1::GetDossierRequest request;
  request.set_name(name);
  return Call<v1::Dossier>(request);
}

absl::StatusOr<v1::ListDossiersResponse> ServiceFixture::List(const v1::ListDossiersRequest& request) {
  return Call<v1::ListDossiersResponse>(request);
}

v1::Dossier ServiceFixture::MustCreate(const std::vector<v1::Event>& events) {
  return ValueOrDie(Create(events)).dossier();
}

v1::Dossier ServiceFixture::MustAppend(const std::string& parent, const v1::Event& event) {
  return ValueOrDie(Append(parent, event)).dossier();
}

v1::Dossier ServiceFixture::MustGet(const std::string& name) { return ValueOrDie(Get(name)); }

std::vector<v1::Event> ServiceFixture::MustListEvents(const std::string& name) {
  v1::ListEventsRequest request;
  request.set_parent(name);
  request.set_page_size(7);
  std::vector<v1::Event> events;
  do {
    const v1::ListEventsResponse page = ValueOrDie(Call<v1::ListEventsResponse>(request));
    events.insert(events.end(), page.events().begin(), page.events().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return events;
}

std::vector<std::string> ServiceFixture::MustListNames(v1::ListDossiersRequest request) {
  std::vector<std::string> names;
  do {
    const v1::ListDossiersResponse page = ValueOrDie(List(request));
    for (const v1::Dossier& dossier : page.dossiers()) names.push_back(dossier.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return names;
}

std::vector<std::string> ServiceFixture::MustListCodes(v1::ListDossiersRequest request) {
  std::vector<std::string> codes;
  do {
    const v1::ListDossiersResponse page = ValueOrDie(List(request));
    for (const v1::Dossier& dossier : page.dossiers()) {
      codes.push_back(dossier.code().empty() ? dossier.submission_code() : dossier.code());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return codes;
}

std::string ServiceFixture::StoredBytes() const {
  const auto snapshot = store_->engine().TakeSnapshot();
  std::string bytes = absl::StrCat(snapshot->revision(), "\n");
  const absl::Status scanned =
      snapshot->Scan("", "", {.bulk = true}, [&](absl::string_view key, absl::string_view value) {
        absl::StrAppend(&bytes, key.size(), " ", key, " ", value.size(), " ", value);
        return true;
      });
  return scanned.ok() ? bytes : std::string(scanned.message());
}

}  // namespace tthc::testing
