#include "tests/bench/mirror.h"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/sdk/client.h"
#include "client/sync/curl_http.h"
#include "storage/base/status_macros.h"
#include "tests/bench/fill.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"
#include "tests/testing/process.h"

namespace tthc::bench {
namespace {

using testing::Process;

constexpr int kWorkers = 16;
constexpr absl::Duration kAnswerTime = absl::Milliseconds(20);
constexpr double kClerksRate = 200;
constexpr size_t kClerks = 8;
// The conditions take turns this fast, so that what else the machine does affects all of them alike.
constexpr absl::Duration kSlice = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kCatchUpPatience = absl::Minutes(30);
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);
constexpr char kTarget[] = "mirrorTargets/portal";
// A reserved port that no program listens on: connections are refused.
constexpr char kNobody[] = "http://127.0.0.1:1";

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

// The condition of the target while clerks work.
enum class Way { kNoMirror, kHealthy, kDead, kHanging };

struct CounterFigures {
  LoadResult at_rate;
  LoadResult closed_loop;
};

// One tthcd and, once they are started, the portal and tthc-sync. All are killed with it.
class Center {
 public:
  static absl::StatusOr<std::unique_ptr<Center>> Start(const std::string& home, const std::string& store,
                                                       const std::string& seed_directory) {
    std::unique_ptr<Center> center(new Center(home));
    TTHC_ASSIGN_OR_RETURN(center->server_, ServerProcess::StartTthcd(store, seed_directory));
    sdk::ClientOptions options;
    options.target = center->server_->address();
    center->client_ = std::make_unique<sdk::Client>(options);
    return center;
  }

  absl::Status StartPortal(absl::Duration answer_time) {
    TTHC_ASSIGN_OR_RETURN(
        portal_,
        Process::Start({.program = TTHC_PORTAL_SIM_PROGRAM,
                        .arguments = {"--listen", "127.0.0.1:0", "--answer-time", absl::FormatDuration(answer_time)}}));
    const absl::StatusOr<std::string> ready = portal_->ReadLine(kPatience);
    if (!ready.ok()) return absl::UnavailableError(portal_->Stderr());
    portal_url_ = std::string(absl::StripPrefix(*ready, "tthc-portal-sim ready on "));
    return absl::OkStatus();
  }

  absl::Status StartSync(const std::string& profile, const std::string& portal_url) {
    const std::string password = absl::StrCat(home_, "/password");
    const std::string config = absl::StrCat(home_, "/sync.textproto");
    std::ofstream(password) << "demo\n";
    chmod(password.c_str(), 0600);
    std::ofstream file(config);
    file << "server: \"" << server_->address() << "\"\ntargets {\n  id: \"portal\"\n  display_name: \"Portal\"\n"
         << "  profile: \"" << profile << "\"\n  base_url: \"" << portal_url << "\"\n  agency: \"H24.99.1\"\n"
         << "  worker_count: " << kWorkers << "\n";
    if (profile == "dvcqg") {
      file << "  destination: \"VN:GOV:bench\"\n  destination_place: PLACE_HEADER\n  username: \"demo\"\n"
           << "  password { file: \"password\" }\n";
    }
    file << "}\n";
    file.close();
    TTHC_ASSIGN_OR_RETURN(sync_,
                          Process::Start({.program = TTHC_SYNC_PROGRAM, .arguments = {"run", "--config", config}}));
    if (!sync_->ReadLine(kPatience).ok()) return absl::UnavailableError(sync_->Stderr());
    return absl::OkStatus();
  }

  absl::Status StartMirror(Way way) {
    switch (way) {
      case Way::kNoMirror:
        return absl::OkStatus();
      case Way::kHealthy:
        TTHC_RETURN_IF_ERROR(StartPortal(absl::ZeroDuration()));
        return StartSync("dvcqg", portal_url_);
      case Way::kDead:
        return StartSync("dvcqg", kNobody);
      case Way::kHanging:
        // Without a login, so that every worker hangs.
        TTHC_RETURN_IF_ERROR(StartPortal(absl::Seconds(60)));
        return StartSync("wrapper", portal_url_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::MirrorProgress> Progress() {
    v1::GetMirrorTargetRequest request;
    request.set_name(kTarget);
    TTHC_ASSIGN_OR_RETURN(const v1::MirrorTarget target, client_->GetMirrorTarget(request));
    return target.progress();
  }

  // Waits until `count` dossiers are confirmed and, if `all`, nothing is pending.
  absl::Status WaitUntilConfirmed(int64_t count, bool all) {
    const absl::Time end = absl::Now() + kCatchUpPatience;
    while (absl::Now() < end) {
      const absl::StatusOr<v1::MirrorProgress> progress = Progress();
      // The target exists once tthc-sync has acquired it.
      const bool is_known = progress.ok() && !progress->counting() && progress->confirmed_count() >= count;
      if (is_known && progress->parked_count() > 0) return absl::UnknownError("dossiers were refused");
      if (is_known && (!all || progress->pending_count() == 0)) return absl::OkStatus();
      absl::SleepFor(kLookAgain);
    }
    return absl::DeadlineExceededError("the mirror does not catch up");
  }

  // The counts of calls and records that the portal shows.
  absl::StatusOr<nlohmann::json> PortalCounts() {
    TTHC_ASSIGN_OR_RETURN(const sync::HttpResponse answer,
                          http_.Send({.method = "GET",
                                      .url = absl::StrCat(portal_url_, "/_sim/counts.json"),
                                      .headers = {},
                                      .body = "",
                                      .timeout = kPatience},
                                     nullptr));
    return nlohmann::json::parse(answer.body);
  }

  absl::StatusOr<int64_t> PortalCalls() {
    TTHC_ASSIGN_OR_RETURN(const nlohmann::json counts, PortalCounts());
    int64_t calls = 0;
    for (const auto& [name, count] : counts["calls"].items()) calls += count.get<int64_t>();
    return calls;
  }

  ServerProcess& server() { return *server_; }
  const Process& portal() const { return *portal_; }
  const Process& sync() const { return *sync_; }
  absl::Duration SyncCpuTime() const { return sync_ == nullptr ? absl::ZeroDuration() : CpuTimeOf(sync_->pid()); }
  const std::string& portal_url() const { return portal_url_; }

 private:
  explicit Center(std::string home) : home_(std::move(home)), http_(HttpOptions()) {}

  static sync::CurlHttpOptions HttpOptions() {
    sync::CurlHttpOptions options;
    options.connect_timeout = kPatience;
    return options;
  }

  const std::string home_;
  sync::CurlHttp http_;
  std::string portal_url_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<sdk::Client> client_;
  std::unique_ptr<Process> portal_;
  // Last, so that it is destroyed first.
  std::unique_ptr<Process> sync_;
};

class MirrorBenchmark {
 public:
  MirrorBenchmark(const MirrorOptions& options, Table* table)
      : options_(options), table_(*table), salt_(std::random_device{}()) {}

  absl::Status Run() {
    FillOptions fill{.directory = absl::StrCat(options_.cache, "/", options_.dossiers),
                     .seed_directory = options_.seed_directory,
                     .dossiers = options_.dossiers};
    TTHC_RETURN_IF_ERROR(FillStore(fill).status());
    filled_directory_ = fill.directory;
    TTHC_RETURN_IF_ERROR(MeasureCounters());
    for (int round = 0; round < options_.rounds; ++round) {
      Say(absl::StrCat("mirror, round ", round + 1, " of ", options_.rounds));
      TTHC_RETURN_IF_ERROR(MeasureThroughput(kAnswerTime));
      TTHC_RETURN_IF_ERROR(MeasureThroughput(absl::ZeroDuration()));
    }
    Say("catching up");
    return MeasureCatchUp();
  }

 private:
  std::string Home(const std::string& name) {
    const std::string home = absl::StrCat(options_.scratch, "/mirror-", name);
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
    std::filesystem::create_directories(home, ignored);
    return home;
  }

  // A new store without dossiers.
  absl::StatusOr<std::unique_ptr<Center>> StartEmpty(const std::string& name) {
    const std::string home = Home(name);
    return Center::Start(home, absl::StrCat(home, "/data"), options_.seed_directory);
  }

  // All of its dossiers are pending for a new target.
  absl::StatusOr<std::unique_ptr<Center>> StartFilled() {
    const std::string home = Home("filled");
    TTHC_RETURN_IF_ERROR(CopyStore(filled_directory_, absl::StrCat(home, "/data")));
    return Center::Start(home, absl::StrCat(home, "/data"), options_.seed_directory);
  }

  // --- The counter ---------------------------------------------------------------------------------------------------

  struct Counter {
    explicit Counter(std::unique_ptr<Center> its_center, uint64_t salt)
        : center(std::move(its_center)), script(MakeTthcScript(Wire::kUnary, salt, &numbers)) {}

    const std::shared_ptr<grpc::Channel>& channel() const { return center->server().channel(); }
    // 200 appends a second for so long.
    absl::Status Work(absl::Duration duration) {
      const absl::Duration before = center->SyncCpuTime();
      TTHC_ASSIGN_OR_RETURN(figures.at_rate, RunAtRate(channel(), script.get(), kClerksRate, duration));
      sync_cpu += center->SyncCpuTime() - before;
      worked += duration;
      return absl::OkStatus();
    }
    double SyncCpuPercent() const { return 100 * absl::FDivDuration(sync_cpu, worked); }

    const std::unique_ptr<Center> center;
    LifeNumbers numbers;
    const std::unique_ptr<Script> script;
    CounterFigures figures;
    absl::Duration sync_cpu;
    absl::Duration worked;
  };

  absl::Status StartCounters() {
    for (const auto& [way, name] : {std::pair(Way::kNoMirror, "alone"), std::pair(Way::kHealthy, "healthy"),
                                    std::pair(Way::kDead, "dead"), std::pair(Way::kHanging, "hanging")}) {
      TTHC_ASSIGN_OR_RETURN(std::unique_ptr<Center> center, StartEmpty(name));
      TTHC_RETURN_IF_ERROR(center->StartMirror(way));
      counters_.push_back(std::make_unique<Counter>(std::move(center), salt_++));
      // Long enough for the workers to be busy.
      TTHC_RETURN_IF_ERROR(counters_.back()->Work(options_.turn));
    }
    return absl::OkStatus();
  }

  void Compare(const CounterFigures& ours, const CounterFigures& bare, const std::string& names, bool has_aim) {
    const auto add = [&](Figure& figure, double of_ours, double of_bare) {
      figure.ours.push_back(of_ours);
      figure.bare.push_back(of_bare);
      if (has_aim) figure.to_bare_min = 0.9;
    };
    const std::string ways = absl::StrCat(", ", names);
    if (ours.at_rate.count > 0) {
      add(table_.Time(absl::StrCat("p50 of an append at 200/s", ways), 0), absl::ToDoubleMilliseconds(ours.at_rate.p50),
          absl::ToDoubleMilliseconds(bare.at_rate.p50));
      add(table_.Time(absl::StrCat("p99 of an append at 200/s", ways), 0), absl::ToDoubleMilliseconds(ours.at_rate.p99),
          absl::ToDoubleMilliseconds(bare.at_rate.p99));
    }
    if (ours.closed_loop.count > 0) {
      add(table_.Rate(absl::StrCat("appends of 8 clerks without a pause", ways)), ours.closed_loop.per_second,
          bare.closed_loop.per_second);
    }
  }

  void CompareAll() {
    const CounterFigures& alone = counters_[0]->figures;
    const CounterFigures& healthy = counters_[1]->figures;
    Compare(healthy, alone, "portal healthy; bare = no mirror", /*has_aim=*/false);
    Compare(counters_[2]->figures, healthy, "portal dead; bare = portal healthy", /*has_aim=*/true);
    Compare(counters_[3]->figures, healthy, "portal hanging; bare = portal healthy", /*has_aim=*/true);
  }

  absl::Status MeasureSlices() {
    const auto slices = static_cast<size_t>(std::max<int64_t>(1, 4 * options_.turn / kSlice));
    for (size_t slice = 0; slice < slices; ++slice) {
      // Every condition is the first, the second … equally often.
      for (size_t i = 0; i < counters_.size(); ++i) {
        TTHC_RETURN_IF_ERROR(counters_[(slice + i) % counters_.size()]->Work(kSlice));
      }
      CompareAll();
    }
    return absl::OkStatus();
  }

  absl::Status MeasureClerks() {
    for (const auto& counter : counters_) {
      TTHC_ASSIGN_OR_RETURN(counter->figures.closed_loop,
                            RunClosedLoop(counter->channel(), counter->script.get(), kClerks, options_.turn));
      counter->figures.at_rate = {};
      // What it left pending must not burden the next way.
      if (counter == counters_[1]) TTHC_RETURN_IF_ERROR(counter->center->WaitUntilConfirmed(0, /*all=*/true));
    }
    CompareAll();
    for (const auto& counter : counters_) counter->figures.closed_loop = {};
    return absl::OkStatus();
  }

  absl::Status MeasureCounters() {
    TTHC_RETURN_IF_ERROR(StartCounters());
    for (int round = 0; round < options_.rounds; ++round) {
      Say(absl::StrCat("counters, round ", round + 1, " of ", options_.rounds));
      TTHC_RETURN_IF_ERROR(MeasureSlices());
      TTHC_RETURN_IF_ERROR(MeasureClerks());
    }
    for (const size_t way : {1u, 2u}) {
      table_
          .Cost(absl::StrCat("CPU of tthc-sync beside 200 appends/s, portal ", way == 1 ? "healthy" : "dead"),
                "% of a core", 0)
          .ours.push_back(counters_[way]->SyncCpuPercent());
    }
    // Idle neighbors would still take memory and the page cache.
    counters_.clear();
    return absl::OkStatus();
  }

  // --- tthc-sync -----------------------------------------------------------------------------------------------------

  absl::Status MeasureThroughput(absl::Duration answer_time) {
    TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<Center> center, StartFilled());
    TTHC_RETURN_IF_ERROR(center->StartPortal(answer_time));
    TTHC_RETURN_IF_ERROR(center->StartSync("dvcqg", center->portal_url()));
    TTHC_RETURN_IF_ERROR(center->WaitUntilConfirmed(kWorkers, /*all=*/false));
    const absl::Time started = absl::Now();
    TTHC_ASSIGN_OR_RETURN(const int64_t calls_before, center->PortalCalls());
    TTHC_ASSIGN_OR_RETURN(const v1::MirrorProgress before, center->Progress());
    absl::SleepFor(options_.turn);
    TTHC_ASSIGN_OR_RETURN(const v1::MirrorProgress after, center->Progress());
    TTHC_ASSIGN_OR_RETURN(const int64_t calls_after, center->PortalCalls());
    const double seconds = absl::ToDoubleSeconds(absl::Now() - started);
    if (after.pending_count() == 0)
      return absl::UnknownError("too few dossiers to measure how fast they are delivered");

    const bool is_instant = answer_time == absl::ZeroDuration();
    const std::string answers =
        is_instant ? "answers at once" : absl::StrCat("answers after ", absl::FormatDuration(answer_time));
    Figure& calls = table_.Rate(absl::StrCat("tthc-sync, ", kWorkers, " workers, ", answers, ": calls",
                                             is_instant ? "" : "; bare = workers by answer time"));
    calls.ours.push_back(static_cast<double>(calls_after - calls_before) / seconds);
    if (!is_instant) {
      calls.bare.push_back(kWorkers / absl::ToDoubleSeconds(answer_time));
      calls.to_bare_min = 0.8;
    }
    table_.Rate(absl::StrCat("tthc-sync, ", kWorkers, " workers, ", answers, ": dossiers"))
        .ours.push_back(static_cast<double>(after.confirmed_count() - before.confirmed_count()) / seconds);
    return is_instant ? MeasureCounterBeside(center.get()) : absl::OkStatus();
  }

  // What clerks notice while tthc-sync catches up after an outage.
  absl::Status MeasureCounterBeside(Center* center) {
    LifeNumbers numbers;
    const auto script = MakeTthcScript(Wire::kUnary, salt_++, &numbers);
    TTHC_ASSIGN_OR_RETURN(const LoadResult beside,
                          RunAtRate(center->server().channel(), script.get(), kClerksRate, options_.turn));
    TTHC_ASSIGN_OR_RETURN(const v1::MirrorProgress progress, center->Progress());
    if (progress.pending_count() < kWorkers) return absl::UnknownError("too few dossiers to catch up beside appends");
    table_.Time("p50 of an append at 200/s, catching up at full speed", 0)
        .ours.push_back(absl::ToDoubleMilliseconds(beside.p50));
    table_.Time("p99 of an append at 200/s, catching up at full speed", 0)
        .ours.push_back(absl::ToDoubleMilliseconds(beside.p99));
    return absl::OkStatus();
  }

  absl::Status MeasureCatchUp() {
    TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<Center> center, StartFilled());
    TTHC_RETURN_IF_ERROR(center->StartPortal(absl::ZeroDuration()));
    const absl::Duration server_before = center->server().CpuTime();
    const absl::Time started = absl::Now();
    TTHC_RETURN_IF_ERROR(center->StartSync("dvcqg", center->portal_url()));
    TTHC_RETURN_IF_ERROR(center->WaitUntilConfirmed(options_.dossiers, /*all=*/true));
    const absl::Duration took = absl::Now() - started;

    TTHC_ASSIGN_OR_RETURN(const nlohmann::json counts, center->PortalCounts());
    const auto records = counts["records_applied"].get<int64_t>();
    if (records != options_.dossiers || counts["steps_repeated"].get<int64_t>() != 0) {
      return absl::UnknownError(absl::StrCat("the portal has other records than it should have: ", counts.dump()));
    }
    const std::string what = absl::StrCat(Volume(options_.dossiers), " caught up, portal answers at once");
    const auto dossiers = static_cast<double>(options_.dossiers);
    table_.Cost(absl::StrCat(what, ": time"), "s", 0).ours.push_back(absl::ToDoubleSeconds(took));
    table_.Rate(absl::StrCat(what, ": dossiers")).ours.push_back(dossiers / absl::ToDoubleSeconds(took));
    table_.Cost(absl::StrCat(what, ": memory of tthc-sync at its highest"), "MB", 128)
        .ours.push_back(MemoryMegabytes(center->sync().pid(), "VmHWM"));
    const auto add_cpu = [&](const std::string& program, absl::Duration used) {
      table_.Cost(absl::StrCat(what, ": CPU of ", program, " for a dossier"), "µs", 0)
          .ours.push_back(absl::ToDoubleMicroseconds(used) / dossiers);
    };
    add_cpu("tthc-sync", CpuTimeOf(center->sync().pid()));
    add_cpu("tthcd", center->server().CpuTime() - server_before);
    add_cpu("the simulator", CpuTimeOf(center->portal().pid()));
    return absl::OkStatus();
  }

  const MirrorOptions& options_;
  Table& table_;
  std::string filled_directory_;
  // Request ids of different scripts on one store.
  uint64_t salt_;
  // Alone, healthy, dead, hanging.
  std::vector<std::unique_ptr<Counter>> counters_;
};

}  // namespace

absl::Status MeasureMirror(const MirrorOptions& options, Table* table) { return MirrorBenchmark(options, table).Run(); }

}  // namespace tthc::bench
