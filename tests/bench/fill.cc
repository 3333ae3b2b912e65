#include "tests/bench/fill.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/await.h"
#include "server/seed.h"
#include "server/service/service.h"
#include "storage/base/check.h"
#include "storage/base/status_macros.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/bench/life.h"
#include "tests/bench/shape.h"

namespace tthc::bench {
namespace {

// To be raised when the lives change, or what the service writes of them.
constexpr int kFillVersion = 2;
constexpr absl::Duration kPeriod = absl::Hours(24 * 300);
constexpr ptrdiff_t kInFlightMax = 1024;
constexpr uint64_t kSalt = 1;
// Dossiers between two steps of one: about a day's worth.
constexpr int64_t kDaysInPeriod = 250;

class Filler {
 public:
  Filler(const server::Service* service, ManualClock* clock, const FillOptions& options)
      : service_(*service),
        clock_(*clock),
        options_(options),
        lag_(std::max<int64_t>(options.dossiers / kDaysInPeriod, kInFlightMax)),
        names_(static_cast<size_t>(options.dossiers)) {}

  absl::Status Run() {
    const int64_t ticks = options_.dossiers + lag_ * (kStepsPerLife - 1);
    const absl::Duration tick = kPeriod / ticks;
    for (int64_t at = 1; at <= ticks; ++at) {
      for (int step = 0; step < kStepsPerLife; ++step) Submit(at - step * lag_, step);
      clock_.Advance(tick);
      if (at % 10'000 == 0 && options_.on_progress != nullptr) options_.on_progress(std::min(at, options_.dossiers));
    }
    for (ptrdiff_t i = 0; i < kInFlightMax; ++i) in_flight_.acquire();
    return failed_;
  }

  std::vector<std::string> TakeNames() { return std::move(names_); }

 private:
  void Submit(int64_t number, int step) {
    if (number < 1 || number > options_.dossiers) return;
    in_flight_.acquire();
    const Life life(kSalt, number, number > options_.dossiers * 97 / 100);
    std::string& name = names_[static_cast<size_t>(number - 1)];
    if (step == 0) {
      auto create = std::make_unique<v1::CreateDossierRequest>(life.Create());
      const v1::CreateDossierRequest& request = *create;
      service_.methods().Call<v1::CreateDossierResponse>(
          {.caller = {.actor = "bench"}}, request,
          [this, &name, create = std::move(create)](absl::StatusOr<v1::CreateDossierResponse> response) {
            if (response.ok()) name = response->dossier().name();
            End(response.status());
          });
      return;
    }
    // The dossier was created a lag ago. More calls than may be in flight have begun since, so its name is known.
    auto append = std::make_unique<v1::AppendEventRequest>(life.Append(step, name));
    const v1::AppendEventRequest& request = *append;
    service_.methods().Call<v1::AppendEventResponse>(
        {.caller = {.actor = "bench"}}, request,
        [this, append = std::move(append)](absl::StatusOr<v1::AppendEventResponse> response) {
          End(response.status());
        });
  }

  void End(const absl::Status& status) {
    if (!status.ok()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      failed_.Update(status);
    }
    in_flight_.release();
  }

  const server::Service& service_;
  ManualClock& clock_;
  const FillOptions& options_;
  const int64_t lag_;
  std::vector<std::string> names_;
  std::counting_semaphore<kInFlightMax> in_flight_{kInFlightMax};
  std::mutex mutex_;
  absl::Status failed_;
};

absl::StatusOr<uint64_t> BytesOf(storage::Engine& engine) {
  TTHC_ASSIGN_OR_RETURN(const storage::Engine::Stats stats, engine.GetStats());
  return stats.bytes_on_disk;
}

std::string SummaryPath(const std::string& directory) { return absl::StrCat(directory, ".summary"); }

std::string Version(const FillOptions& options) { return absl::StrCat("v", kFillVersion, "-", options.dossiers); }

bool ReadSummary(const FillOptions& options, Filled* filled) {
  std::ifstream file(SummaryPath(options.directory));
  std::string version;
  if (!(file >> version >> filled->dossiers >> filled->events >> filled->bytes_as_written >> filled->bytes_compacted)) {
    return false;
  }
  for (std::string name; file >> name;) filled->names.push_back(std::move(name));
  return version == Version(options) && static_cast<int64_t>(filled->names.size()) == filled->dossiers;
}

absl::Status WriteSummary(const FillOptions& options, const Filled& filled) {
  std::ofstream file(SummaryPath(options.directory));
  file << Version(options) << ' ' << filled.dossiers << ' ' << filled.events << ' ' << filled.bytes_as_written << ' '
       << filled.bytes_compacted << '\n';
  for (const std::string& name : filled.names) file << name << '\n';
  file.close();
  return file.fail() ? absl::UnavailableError("the summary of the filled store can't be written") : absl::OkStatus();
}

// Not synced: if the machine fails, it is made anew.
absl::StatusOr<std::unique_ptr<storage::Engine>> OpenUnsynced(const std::string& directory) {
  return storage::OpenRocksDb({.directory = directory, .sync = false});
}

absl::Status Measure(const std::string& directory, Filled* filled) {
  TTHC_ASSIGN_OR_RETURN(auto engine, OpenUnsynced(directory));
  TTHC_ASSIGN_OR_RETURN(filled->bytes_as_written, BytesOf(*engine));
  // On a copy, so that the benchmarked store has levels as in everyday use.
  const std::string copy = absl::StrCat(directory, ".compacted");
  engine.reset();
  TTHC_RETURN_IF_ERROR(CopyStore(directory, copy));
  TTHC_ASSIGN_OR_RETURN(auto compacted, OpenUnsynced(copy));
  TTHC_RETURN_IF_ERROR(compacted->CompactAll());
  // Files that compaction replaced go when the database is closed.
  compacted.reset();
  TTHC_ASSIGN_OR_RETURN(compacted, OpenUnsynced(copy));
  TTHC_ASSIGN_OR_RETURN(filled->bytes_compacted, BytesOf(*compacted));
  compacted.reset();
  std::error_code ignored;
  std::filesystem::remove_all(copy, ignored);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Filled> FillStore(const FillOptions& options) {
  Filled filled;
  if (ReadSummary(options, &filled)) return filled;
  filled = {};
  std::error_code error;
  std::filesystem::remove_all(options.directory, error);
  std::filesystem::create_directories(options.directory, error);
  {
    TTHC_ASSIGN_OR_RETURN(auto engine, OpenUnsynced(options.directory));
    TTHC_ASSIGN_OR_RETURN(auto store, storage::Store::Open(std::move(engine)));
    ManualClock clock(absl::Now() - kPeriod);
    TTHC_ASSIGN_OR_RETURN(const auto service, server::Service::Open(std::move(store), {.clock = &clock}));
    TTHC_RETURN_IF_ERROR(server::SeedStore(*service, options.seed_directory));
    Filler filler(service.get(), &clock, options);
    TTHC_RETURN_IF_ERROR(filler.Run());
    filled.dossiers = options.dossiers;
    filled.events = options.dossiers * kStepsPerLife;
    filled.names = filler.TakeNames();
  }
  TTHC_RETURN_IF_ERROR(Measure(options.directory, &filled));
  TTHC_RETURN_IF_ERROR(WriteSummary(options, filled));
  return filled;
}

absl::Status CopyStore(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::remove_all(to, error);
  std::filesystem::create_directories(to, error);
  for (const auto& entry : std::filesystem::directory_iterator(from, error)) {
    const std::filesystem::path target = std::filesystem::path(to) / entry.path().filename();
    // Table files never change, so a hard link is enough.
    if (entry.path().extension() == ".sst") {
      std::filesystem::create_hard_link(entry.path(), target, error);
      if (!error) continue;
    }
    std::filesystem::copy_file(entry.path(), target, error);
    if (error) return absl::UnavailableError(absl::StrCat("copying ", entry.path().string(), ": ", error.message()));
  }
  return error ? absl::UnavailableError(error.message()) : absl::OkStatus();
}

absl::StatusOr<double> MeasureStoreImport(const std::string& directory, const std::string& seed_directory) {
  constexpr int64_t kDossiers = 40'000;
  constexpr int64_t kDossiersPerCommit = 256;
  TTHC_ASSIGN_OR_RETURN(const Shape shape, MeasureShape(seed_directory));
  // Decoded once, because only the store is measured, from records to durable bytes.
  std::array<storage::v1::LogRecord, kStepsPerLife> log;
  for (size_t step = 0; step < log.size(); ++step) {
    TTHC_CHECK(log[step].ParseFromString(shape[step].log_value.substr(5)));
    if (step > 0) log[step].clear_request_id();
  }
  storage::v1::DossierRecord dossier;
  TTHC_CHECK(dossier.ParseFromString(shape.back().dossier_value.substr(5)));

  TTHC_ASSIGN_OR_RETURN(auto engine, storage::OpenRocksDb({.directory = directory}));
  TTHC_ASSIGN_OR_RETURN(const auto store, storage::Store::Open(std::move(engine)));
  storage::v1::HeadRecord head = store->head();
  const absl::Time started = absl::Now();
  for (int64_t number = 0; number < kDossiers;) {
    storage::StoreWrites writes;
    for (int64_t i = 0; i < kDossiersPerCommit && number < kDossiers; ++i) {
      const Life life(kSalt, ++number);
      const std::string request_id = life.RequestId(0);
      dossier.mutable_revision_deltas()->Set(0, static_cast<uint64_t>(head.revision() + 1));
      log[0].set_request_id(request_id);
      for (storage::v1::LogRecord& record : log) {
        head.set_revision(head.revision() + 1);
        record.set_dossier_number(number);
        writes.PutLog(head.revision(), record);
      }
      writes.PutDossier(number, dossier);
      writes.PutCode(absl::StrCat("H24.99.1-260821-", number), number);
      writes.Put<storage::Requests>(request_id, {});
    }
    TTHC_RETURN_IF_ERROR(store->Commit(std::move(writes), head));
  }
  return static_cast<double>(kDossiers * kStepsPerLife) / absl::ToDoubleSeconds(absl::Now() - started);
}

absl::Status WriteRegister(const std::string& path, const std::string& prefix, int64_t rows) {
  std::ofstream file(path);
  file << "Mã hồ sơ,Mã TTHC,\"Tên tổ chức, cá nhân\",Số định danh,Số điện thoại,Cơ quan,Kênh,"
          "Nhận hồ sơ,Ngày xử lý xong,Kết quả,Trả kết quả\n";
  for (int64_t row = 1; row <= rows; ++row) {
    const v1::CreateDossierRequest life = Life(kSalt, row).Create();
    const v1::Applicant& applicant = life.events(0).accepted().request().applicant();
    file << prefix << row << ",1.004873," << applicant.display_name() << ',' << applicant.identity_number() << ','
         << applicant.phone_number()
         << ",H24.99.1,Trực tiếp,05/01/2026 08:15,07/01/2026 15:30,Đồng ý,08/01/2026 09:00\n";
  }
  file.close();
  return file.fail() ? absl::UnavailableError(absl::StrCat(path, " can't be written")) : absl::OkStatus();
}

}  // namespace tthc::bench
