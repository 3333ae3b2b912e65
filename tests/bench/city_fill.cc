#include "tests/bench/city_fill.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/await.h"
#include "server/domain/fact.h"
#include "server/domain/fold.h"
#include "server/facts/name_table.h"
#include "server/seed.h"
#include "server/service/service.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/uid.h"
#include "storage/engine/rocksdb_engine.h"
#include "tests/bench/city.h"
#include "tthc/v1/catalogue_service.pb.h"

namespace tthc::bench {
namespace {

// To be raised when the lives change, or the records that are written of them.
constexpr int kCityVersion = 3;
constexpr int64_t kEventsPerCommit = 10'000;
constexpr int64_t kProgressPortion = 100'000;

std::string SummaryPath(const std::string& directory) { return absl::StrCat(directory, ".summary"); }

std::string Version(const CityFillOptions& options) {
  return absl::StrCat("v", kCityVersion, ".", domain::kFactVersion, "-", options.dossiers);
}

absl::StatusOr<std::unique_ptr<storage::Store>> OpenUnsynced(const std::string& directory) {
  TTHC_ASSIGN_OR_RETURN(auto engine, storage::OpenRocksDb({.directory = directory, .sync = false}));
  return storage::Store::Open(std::move(engine));
}

// The shipped calendar, the shipped catalogue and that of the city.
absl::Status SeedCity(const CityFillOptions& options) {
  TTHC_ASSIGN_OR_RETURN(auto store, OpenUnsynced(options.directory));
  const ManualClock clock(LocalMidnight(DayNumber(kCityFirstDay)));
  TTHC_ASSIGN_OR_RETURN(const auto service, server::Service::Open(std::move(store), {.clock = &clock}));
  TTHC_RETURN_IF_ERROR(server::SeedStore(*service, options.seed_directory));
  TTHC_RETURN_IF_ERROR(server::AwaitStatus(*service, CityOffices()));
  for (const v1::Procedure& procedure : CityProcedures()) {
    v1::UpdateProcedureRequest request;
    *request.mutable_procedure() = procedure;
    request.set_allow_missing(true);
    TTHC_RETURN_IF_ERROR(server::AwaitStatus(*service, request));
  }
  return absl::OkStatus();
}

// A dossier whose life goes on.
struct Running {
  int64_t number = 0;
  CityLife life;
  v1::Dossier dossier = {};
  std::vector<int64_t> revisions = {};
  v1::Event next = {};
  absl::Time next_time = {};
};

bool IsLater(const std::unique_ptr<Running>& a, const std::unique_ptr<Running>& b) {
  return std::pair(a->next_time, a->number) > std::pair(b->next_time, b->number);
}

class CityFiller {
 public:
  CityFiller(storage::Store* store, std::shared_ptr<const domain::Catalogue> catalogue, const CityFillOptions& options)
      : store_(*store),
        catalogue_(std::move(catalogue)),
        calendar_version_(catalogue_->latest_calendar_version()),
        calendar_(catalogue_->FindCalendar(calendar_version_)),
        options_(options),
        head_(store->head()) {}

  absl::Status Run() {
    TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> days, WorkingDays());
    for (int64_t number = 1; number <= options_.dossiers; ++number) {
      TTHC_RETURN_IF_ERROR(Open(number, days));
      if (number % kProgressPortion == 0 && options_.on_progress != nullptr) options_.on_progress(number);
    }
    TTHC_RETURN_IF_ERROR(RunUntil(CityNow()));
    for (const auto& running : waiting_) PutDossier(*running);
    for (const auto& [name, last] : counters_) writes_.PutCounter(name, last);
    // No request id was stored, so nothing is left to sweep.
    head_.set_swept_revision(head_.revision());
    TTHC_RETURN_IF_ERROR(Flush());
    return under_way_.get();
  }

  int64_t events() const { return events_; }

 private:
  absl::StatusOr<std::vector<int64_t>> WorkingDays() const {
    std::vector<int64_t> days;
    for (int64_t day = DayNumber(kCityFirstDay); day <= DayNumber(kCityLastDay); ++day) {
      TTHC_ASSIGN_OR_RETURN(const timing::DayKind kind, calendar_->KindOf(day));
      if (kind.kind == timing::DayKind::Kind::kWorking) days.push_back(day);
    }
    return days;
  }

  // The same number on every working day, spread over its hours.
  absl::Status Open(int64_t number, const std::vector<int64_t>& days) {
    constexpr int64_t kSecondsPerWorkingDay = 8 * 3600;
    const int64_t place = (number - 1) * static_cast<int64_t>(days.size());
    const int64_t day = days[static_cast<size_t>(place / options_.dossiers)];
    const int64_t second = place % options_.dossiers * kSecondsPerWorkingDay / options_.dossiers;
    TTHC_ASSIGN_OR_RETURN(const absl::Time time, calendar_->AddWorkingSeconds("", LocalMidnight(day), second + 1));
    TTHC_RETURN_IF_ERROR(RunUntil(time));
    auto running = std::make_unique<Running>(
        Running{.number = number, .life = CityLife(number, time, DayNumber(kCityLastDay) - day, calendar_.get())});
    head_.set_last_dossier_number(number);
    Plan(std::move(running));
    return RunUntil(time);
  }

  // Queues the next event of the dossier, or writes its record if there is none.
  void Plan(std::unique_ptr<Running> running) {
    std::optional<v1::Event> next = running->life.Next(running->dossier);
    if (!next.has_value()) return PutDossier(*running);
    running->next = *std::move(next);
    running->next_time = FromProto(running->next.occur_time());
    waiting_.push_back(std::move(running));
    std::push_heap(waiting_.begin(), waiting_.end(), IsLater);
  }

  absl::Status RunUntil(absl::Time time) {
    while (!waiting_.empty() && waiting_.front()->next_time <= time) {
      std::pop_heap(waiting_.begin(), waiting_.end(), IsLater);
      std::unique_ptr<Running> running = std::move(waiting_.back());
      waiting_.pop_back();
      TTHC_RETURN_IF_ERROR(Record(*running));
      Plan(std::move(running));
      if (events_ % kEventsPerCommit == 0) TTHC_RETURN_IF_ERROR(Flush());
    }
    return absl::OkStatus();
  }

  absl::Status Record(Running& running) {
    v1::Event& event = running.next;
    TTHC_RETURN_IF_ERROR(Complete(running, event));
    last_record_time_ = std::max(last_record_time_, running.next_time);
    *event.mutable_record_time() = ToProto(last_record_time_);
    event.set_actor("city");
    head_.set_revision(head_.revision() + 1);
    event.set_revision(head_.revision());
    running.revisions.push_back(event.revision());
    TTHC_RETURN_IF_ERROR(domain::Apply(*catalogue_, event, running.dossier));
    storage::v1::LogRecord record;
    record.set_record_time_us(absl::ToUnixMicros(last_record_time_));
    record.set_dossier_number(running.number);
    if (running.revisions.size() == 1) {
      const std::string uid = uids_();
      running.dossier.set_name(absl::StrCat("dossiers/", uid));
      record.set_dossier_uid(uid);
      writes_.PutCode(uid, running.number);
    }
    *record.mutable_event() = std::move(event);
    writes_.PutLog(head_.revision(), record);
    ++events_;
    return absl::OkStatus();
  }

  // What the service freezes into an event.
  absl::Status Complete(Running& running, v1::Event& event) {
    if (event.has_submitted()) {
      event.mutable_submitted()->set_code(IssueCode(running, event.submitted().request(), "T"));
    } else if (event.has_accepted()) {
      v1::Accepted& accepted = *event.mutable_accepted();
      const v1::Request& request = accepted.has_request() ? accepted.request() : running.dossier.request();
      TTHC_ASSIGN_OR_RETURN(const auto procedure,
                            catalogue_->ProcedureOn(request.procedure(), LocalDayNumber(running.next_time)));
      v1::Terms& terms = *accepted.mutable_terms();
      terms.set_procedure_version(procedure->version());
      terms.set_field(procedure->field());
      TTHC_ASSIGN_OR_RETURN(*terms.mutable_limit(), domain::ChooseLimit(*procedure, "", request.channel(), ""));
      terms.set_counting_rule(procedure->counting_rule());
      terms.set_supplement_mode(procedure->supplement_mode());
      terms.set_calendar_version(calendar_version_);
      accepted.set_fee_vnd(procedure->fee_vnd());
      accepted.set_code(IssueCode(running, request, ""));
    } else if (event.has_petition_received()) {
      event.mutable_petition_received()->set_calendar_version(calendar_version_);
    }
    return absl::OkStatus();
  }

  std::string IssueCode(const Running& running, const v1::Request& request, const char* mark) {
    const absl::CivilDay day = LocalCivilDay(running.next_time);
    const std::string prefix =
        absl::StrFormat("%s-%02d%02d%02d-%s", std::string(absl::StripPrefix(request.office(), "offices/")),
                        static_cast<int>(day.year() % 100), day.month(), day.day(), mark);
    std::string code = absl::StrFormat("%s%04d", prefix, ++counters_[prefix]);
    writes_.PutCode(code, running.number);
    return code;
  }

  void PutDossier(const Running& running) {
    storage::v1::DossierRecord record;
    const domain::NumberOfName number_of = [this](const std::string& name) { return NumberOf(name); };
    *record.mutable_fact() = domain::MakeFact(*catalogue_, running.dossier, number_of);
    *record.mutable_dossier() = running.dossier;
    int64_t before = 0;
    for (const int64_t revision : running.revisions) {
      record.add_revision_deltas(static_cast<uint64_t>(revision - before));
      before = revision;
    }
    writes_.PutDossier(running.number, record);
  }

  uint32_t NumberOf(const std::string& name) {
    if (name.empty()) return 0;
    if (const uint32_t known = names_.Find(name); known != 0) return known;
    const uint32_t number = names_.next_number();
    names_.Add(number, name);
    writes_.PutName(number, name);
    return number;
  }

  // The store writes one batch while the next one is made.
  absl::Status Flush() {
    if (under_way_.valid()) TTHC_RETURN_IF_ERROR(under_way_.get());
    under_way_ = std::async(std::launch::async, [this, writes = std::exchange(writes_, {}), head = head_]() mutable {
      return store_.Commit(std::move(writes), head);
    });
    return absl::OkStatus();
  }

  storage::Store& store_;
  const std::shared_ptr<const domain::Catalogue> catalogue_;
  const int64_t calendar_version_;
  const std::shared_ptr<const timing::Calendar> calendar_;
  const CityFillOptions& options_;
  storage::v1::HeadRecord head_;
  storage::StoreWrites writes_;
  std::future<absl::Status> under_way_;
  server::NameTable names_;
  std::mt19937 random_{20260821};
  const UidSource uids_ = UidSourceFrom([this] { return static_cast<uint32_t>(random_()); });
  std::map<std::string, int64_t> counters_;
  // A heap with the next event at the front.
  std::vector<std::unique_ptr<Running>> waiting_;
  absl::Time last_record_time_ = absl::UnixEpoch();
  int64_t events_ = 0;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const domain::Catalogue>> LoadCatalogue(const storage::StoreReader& reader) {
  auto catalogue = std::make_shared<domain::Catalogue>();
  absl::Status failed;
  TTHC_RETURN_IF_ERROR(
      reader.ScanCatalogue([&](const storage::v1::LogRecord& record) { failed.Update(catalogue->Add(record)); }));
  TTHC_RETURN_IF_ERROR(failed);
  return std::shared_ptr<const domain::Catalogue>(std::move(catalogue));
}

absl::StatusOr<FilledCity> FillCity(const CityFillOptions& options) {
  FilledCity filled;
  std::string version;
  std::ifstream summary(SummaryPath(options.directory));
  if (summary >> version >> filled.events && version == Version(options)) {
    filled.dossiers = options.dossiers;
    return filled;
  }
  std::error_code error;
  std::filesystem::remove_all(options.directory, error);
  std::filesystem::create_directories(options.directory, error);
  TTHC_RETURN_IF_ERROR(SeedCity(options));
  TTHC_ASSIGN_OR_RETURN(const auto store, OpenUnsynced(options.directory));
  TTHC_ASSIGN_OR_RETURN(auto catalogue, LoadCatalogue(store->Read()));
  CityFiller filler(store.get(), std::move(catalogue), options);
  TTHC_RETURN_IF_ERROR(filler.Run());
  filled = {.dossiers = options.dossiers, .events = filler.events()};
  std::ofstream file(SummaryPath(options.directory));
  file << Version(options) << ' ' << filled.events << '\n';
  file.close();
  if (file.fail()) return absl::UnavailableError("the summary of the filled city can't be written");
  return filled;
}

}  // namespace tthc::bench
