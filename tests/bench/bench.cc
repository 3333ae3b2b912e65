// The benchmark that tests/bench/run builds and starts: measures in interleaved rounds, prints one table.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/base/status_macros.h"
#include "tests/bench/disk.h"
#include "tests/bench/fill.h"
#include "tests/bench/load.h"
#include "tests/bench/mirror.h"
#include "tests/bench/postgres.h"
#include "tests/bench/report.h"
#include "tests/bench/servers.h"
#include "tests/bench/shape.h"
#include "tests/bench/statistics.h"
#include "tests/testing/process.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/report_service.pb.h"

namespace tthc::bench {
namespace {

constexpr char kSeedDirectory[] = TTHC_SOURCE_DIR "/deploy/data";
constexpr size_t kWindow = 1024;

struct Options {
  std::string scratch;
  std::string cache;
  std::string conninfo;
  std::string only;
  int rounds = 5;
  double seconds = 2;
  int64_t dossiers = 1'000'000;

  absl::Duration turn() const { return absl::Seconds(seconds); }
};

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

class Benchmark {
 public:
  Benchmark(Options options, Shape shape, Postgres postgres)
      : options_(std::move(options)),
        shape_(std::move(shape)),
        postgres_(std::move(postgres)),
        salt_(std::random_device{}()) {}

  absl::Status Run() {
    const std::pair<const char*, absl::Status (Benchmark::*)()> parts[] = {
        {"appends", &Benchmark::MeasureAppends}, {"streams", &Benchmark::MeasureStreams},
        {"rates", &Benchmark::MeasureRates},     {"machine", &Benchmark::MeasureMachine},
        {"reads", &Benchmark::MeasureReads},     {"restart", &Benchmark::MeasureRestarts},
        {"import", &Benchmark::MeasureImport},   {"statistics", &Benchmark::MeasureCity},
        {"mirror", &Benchmark::MeasureDelivery},
    };
    for (const auto& [name, part] : parts) {
      if (!options_.only.empty() && options_.only != name) continue;
      Say(absl::StrCat("== ", name));
      TTHC_RETURN_IF_ERROR((this->*part)());
    }
    return absl::OkStatus();
  }

  void Print() const { table_.Print(); }

 private:
  Figure& At(const std::string& name, const std::string& unit) { return table_.At(name, unit); }
  Figure& Rate(const std::string& name) { return table_.Rate(name); }
  Figure& Time(const std::string& name, double limit_ms) { return table_.Time(name, limit_ms); }

  std::string Directory(const std::string& name) {
    const std::string path = absl::StrCat(options_.scratch, "/", name);
    std::filesystem::create_directories(path);
    return path;
  }

  absl::Status StartPair() {
    if (tthcd_ != nullptr) return absl::OkStatus();
    TTHC_ASSIGN_OR_RETURN(tthcd_, ServerProcess::StartTthcd(Directory("ours"), kSeedDirectory));
    TTHC_ASSIGN_OR_RETURN(bare_, ServerProcess::StartBare(Directory("bare"), kSeedDirectory));
    ours_unary_ = MakeTthcScript(Wire::kUnary, salt_, &numbers_);
    bare_unary_ = MakeBareScript(Wire::kUnary, salt_, &bare_numbers_, shape_);
    echo_ = MakeBareScript(Wire::kEcho, salt_, &bare_numbers_, shape_);
    return absl::OkStatus();
  }

  Figure& CpuTime(const std::string& name) { return table_.Cost(name, "µs", 0); }

  // Calls `run` and puts what each call cost the server into `figure`, if there is one.
  template <typename Run>
  static absl::StatusOr<LoadResult> WithCpuTime(const ServerProcess& server, Figure* figure,
                                                std::vector<double> Figure::*column, const Run& run) {
    const absl::Duration before = server.CpuTime();
    TTHC_ASSIGN_OR_RETURN(const LoadResult result, run());
    const absl::Duration used = server.CpuTime() - before;
    if (figure != nullptr) {
      (figure->*column).push_back(absl::ToDoubleMicroseconds(used) / static_cast<double>(result.count));
    }
    return result;
  }

  absl::Status MeasureWindow(size_t slots) {
    Figure& figure = Rate(absl::StrCat("durable append, ", slots, " in flight"));
    if (slots <= 64) figure.to_bare_min = 0.7;
    if (slots == 64) figure.to_postgres_min = 1.8;
    if (slots == 16) figure.to_postgres_min = 1.2;
    Figure* cpu = nullptr;
    if (slots == 64) cpu = &CpuTime("CPU of the server for one append, 64 in flight");
    const auto closed_loop = [&](Script* script, ServerProcess* server) {
      return RunClosedLoop(server->channel(), script, slots, options_.turn());
    };
    TTHC_ASSIGN_OR_RETURN(const auto ours, WithCpuTime(*tthcd_, cpu, &Figure::ours,
                                                       [&] { return closed_loop(ours_unary_.get(), tthcd_.get()); }));
    TTHC_ASSIGN_OR_RETURN(const auto bare, WithCpuTime(*bare_, cpu, &Figure::bare,
                                                       [&] { return closed_loop(bare_unary_.get(), bare_.get()); }));
    figure.ours.push_back(ours.per_second);
    figure.bare.push_back(bare.per_second);
    if (slots <= 64) {
      TTHC_ASSIGN_OR_RETURN(const auto postgres, postgres_.RunAppends(slots, options_.turn()));
      figure.postgres.push_back(postgres.per_second);
    }
    if (slots != 1) return absl::OkStatus();
    TTHC_ASSIGN_OR_RETURN(const auto raw, RunRawAppends(options_.scratch, shape_, options_.turn()));
    Figure& to_raw = Rate("same; bare = append + fdatasync alone");
    to_raw.to_bare_min = 0.33;
    to_raw.ours.push_back(ours.per_second);
    to_raw.bare.push_back(raw.per_second);
    return absl::OkStatus();
  }

  absl::Status MeasureStream() {
    Figure& figure = Rate(absl::StrCat("stream append, window ", kWindow, " (PostgreSQL: 100 rows a transaction)"));
    figure.limit = 27'000;
    figure.to_bare_min = 0.7;
    figure.to_postgres_min = 1.3;
    const auto ours = MakeTthcScript(Wire::kStream, salt_, &numbers_);
    const auto bare = MakeBareScript(Wire::kStream, salt_, &bare_numbers_, shape_);
    Figure* cpu = &CpuTime("CPU of the server for one append of a stream");
    const auto stream = [&](Script* script, ServerProcess* server, const char* method) {
      return RunStream(server->channel(), method, script, kWindow, options_.turn());
    };
    TTHC_ASSIGN_OR_RETURN(const auto our_result, WithCpuTime(*tthcd_, cpu, &Figure::ours, [&] {
                            return stream(ours.get(), tthcd_.get(), "/tthc.v1.DossierService/StreamAppend");
                          }));
    TTHC_ASSIGN_OR_RETURN(const auto bare_result, WithCpuTime(*bare_, cpu, &Figure::bare, [&] {
                            return stream(bare.get(), bare_.get(), "/tthc.bench.Bare/StreamAppend");
                          }));
    TTHC_ASSIGN_OR_RETURN(const auto postgres, postgres_.RunBatches(100, options_.turn()));
    figure.ours.push_back(our_result.per_second);
    figure.bare.push_back(bare_result.per_second);
    figure.postgres.push_back(postgres.per_second);
    return absl::OkStatus();
  }

  absl::Status MeasureAppends() {
    TTHC_RETURN_IF_ERROR(StartPair());
    for (int round = 0; round < options_.rounds; ++round) {
      Say(absl::StrCat("round ", round + 1, " of ", options_.rounds));
      for (const size_t slots : {1u, 16u, 64u, 256u}) TTHC_RETURN_IF_ERROR(MeasureWindow(slots));
    }
    return absl::OkStatus();
  }

  absl::Status MeasureStreams() {
    TTHC_RETURN_IF_ERROR(StartPair());
    for (int round = 0; round < options_.rounds; ++round) TTHC_RETURN_IF_ERROR(MeasureStream());
    return absl::OkStatus();
  }

  absl::Status MeasureRates() {
    TTHC_RETURN_IF_ERROR(StartPair());
    for (int round = 0; round < options_.rounds; ++round) {
      for (const auto& [rate, limit_ms] : {std::pair(200, 2.5), std::pair(2000, 5.0)}) {
        Figure& figure = Time(absl::StrCat("p99 of an append at ", rate, "/s"), limit_ms);
        TTHC_ASSIGN_OR_RETURN(const auto ours,
                              RunAtRate(tthcd_->channel(), ours_unary_.get(), rate, 2 * options_.turn()));
        TTHC_ASSIGN_OR_RETURN(const auto bare,
                              RunAtRate(bare_->channel(), bare_unary_.get(), rate, 2 * options_.turn()));
        figure.ours.push_back(Milliseconds(ours.p99));
        figure.bare.push_back(Milliseconds(bare.p99));
      }
    }
    return absl::OkStatus();
  }

  // The limits of the machine, in the column of the bare server.
  absl::Status MeasureMachine() {
    TTHC_RETURN_IF_ERROR(StartPair());
    for (int round = 0; round < options_.rounds; ++round) {
      TTHC_ASSIGN_OR_RETURN(const auto echo, RunClosedLoop(bare_->channel(), echo_.get(), 64, options_.turn()));
      Rate("machine: gRPC echo of the same size, 64 in flight").bare.push_back(echo.per_second);
      for (const size_t batch : {1u, 64u, 256u}) {
        TTHC_ASSIGN_OR_RETURN(const auto alone, RunRocksDb(Directory("rocksdb"), shape_, batch, options_.turn()));
        Rate(absl::StrCat("machine: RocksDB alone, one writer, batches of ", batch)).bare.push_back(alone.per_second);
      }
    }
    return absl::OkStatus();
  }

  absl::Status StartFilled() {
    if (filled_.dossiers == 0) {
      FillOptions fill{.directory = absl::StrCat(options_.cache, "/", options_.dossiers),
                       .seed_directory = kSeedDirectory,
                       .dossiers = options_.dossiers};
      fill.on_progress = [](int64_t done) {
        if (done % 100'000 == 0) Say(absl::StrCat("filling: ", done, " dossiers"));
      };
      TTHC_ASSIGN_OR_RETURN(filled_, FillStore(fill));
      filled_directory_ = fill.directory;
    }
    // Idle neighbors would still take memory and the page cache.
    tthcd_.reset();
    bare_.reset();
    TTHC_RETURN_IF_ERROR(CopyStore(filled_directory_, Directory("filled")));
    return absl::OkStatus();
  }

  using PostgresQuery = absl::StatusOr<LoadResult> (Postgres::*)(absl::Duration);
  absl::Status MeasurePage(ServerProcess* server, const std::string& what, Script* script, PostgresQuery query,
                           double p50_max_ms, double p99_max_ms) {
    TTHC_ASSIGN_OR_RETURN(const auto ours, RunClosedLoop(server->channel(), script, 1, options_.turn()));
    TTHC_ASSIGN_OR_RETURN(const auto postgres, (postgres_.*query)(options_.turn()));
    Figure& p50 = Time(absl::StrCat(what, ", ", Volume(options_.dossiers), ", p50"), p50_max_ms);
    p50.ours.push_back(Milliseconds(ours.p50));
    p50.postgres.push_back(Milliseconds(postgres.p50));
    Figure& p99 = Time(absl::StrCat(what, ", ", Volume(options_.dossiers), ", p99"), p99_max_ms);
    p99.ours.push_back(Milliseconds(ours.p99));
    p99.postgres.push_back(Milliseconds(postgres.p99));
    return absl::OkStatus();
  }

  absl::Status MeasureFeed(ServerProcess* server) {
    const auto stub = v1::ChangeService::NewStub(server->channel());
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_start_revision(1);
    const auto reader = stub->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    int64_t changes = 0;
    const absl::Time started = absl::Now();
    while (absl::Now() < started + options_.turn() && changes < filled_.events && reader->Read(&response)) {
      changes += response.changes_size();
    }
    const absl::Duration took = absl::Now() - started;
    context.TryCancel();
    while (reader->Read(&response)) {
    }
    reader->Finish().error_code();
    if (changes == 0) return absl::UnknownError("the feed is silent");
    Figure& figure = Rate("change feed, typed, from the start");
    figure.limit = 300'000;
    figure.ours.push_back(static_cast<double>(changes) / absl::ToDoubleSeconds(took));
    return absl::OkStatus();
  }

  absl::Status MeasureReads() {
    TTHC_RETURN_IF_ERROR(StartFilled());
    TTHC_RETURN_IF_ERROR(postgres_.FillForReading(options_.dossiers));
    TTHC_ASSIGN_OR_RETURN(const auto server, ServerProcess::StartTthcd(Directory("filled"), kSeedDirectory));
    const auto look_up = MakeLookUpScript(&filled_.names);
    v1::ListDossiersRequest list;
    v1::ListLateDossiersRequest late;
    v1::SummarizeTimelinessRequest summary;
    summary.mutable_start_time()->set_seconds(absl::ToUnixSeconds(absl::Now() - absl::Hours(24 * 200)));
    summary.mutable_end_time()->set_seconds(absl::ToUnixSeconds(absl::Now() - absl::Hours(24 * 100)));
    summary.set_group_by(v1::GROUP_BY_FIELD);
    const auto list_script = MakeRepeatScript("/tthc.v1.DossierService/ListDossiers", list);
    const auto late_script = MakeRepeatScript("/tthc.v1.ReportService/ListLateDossiers", late);
    const auto summary_script = MakeRepeatScript("/tthc.v1.ReportService/SummarizeTimeliness", summary);
    // 30 ms for 5 M dossiers.
    const double summary_max_ms = 30.0 * static_cast<double>(options_.dossiers) / 5e6;
    for (int round = 0; round < options_.rounds; ++round) {
      Figure& figure = Rate("look-up of a dossier, 64 in flight");
      figure.limit = 25'000;
      TTHC_ASSIGN_OR_RETURN(const auto ours, RunClosedLoop(server->channel(), look_up.get(), 64, options_.turn()));
      TTHC_ASSIGN_OR_RETURN(const auto postgres, postgres_.RunLookUps(64, options_.turn()));
      figure.ours.push_back(ours.per_second);
      figure.postgres.push_back(postgres.per_second);
      TTHC_RETURN_IF_ERROR(
          MeasurePage(server.get(), "list page of 50", list_script.get(), &Postgres::RunListPages, 2, 6));
      TTHC_RETURN_IF_ERROR(
          MeasurePage(server.get(), "late page of 50", late_script.get(), &Postgres::RunLatePages, 2, 6));
      TTHC_RETURN_IF_ERROR(
          MeasurePage(server.get(), "counts by field", summary_script.get(), &Postgres::RunGroupBy, summary_max_ms, 0));
      TTHC_RETURN_IF_ERROR(MeasureFeed(server.get()));
    }
    return server->Stop();
  }

  // Also the size of the data in memory and on disk.
  absl::Status MeasureRestarts() {
    TTHC_RETURN_IF_ERROR(StartFilled());
    const double per_dossier = static_cast<double>(filled_.dossiers);
    Figure& compacted = table_.Cost("bytes on disk per dossier of 8 events, compacted", "B", 1100);
    compacted.ours.push_back(static_cast<double>(filled_.bytes_compacted) / per_dossier);
    Figure& written = table_.Cost("bytes on disk per dossier of 8 events, as written", "B", 0);
    written.ours.push_back(static_cast<double>(filled_.bytes_as_written) / per_dossier);

    const auto look_up = MakeLookUpScript(&filled_.names);
    // The limits are for 5 M dossiers. After a kill the log is replayed as well, at most 48 MB of it.
    const double millions = static_cast<double>(options_.dossiers) / 1e6;
    for (int round = 0; round < options_.rounds; ++round) {
      TTHC_ASSIGN_OR_RETURN(auto server, ServerProcess::StartTthcd(Directory("filled"), kSeedDirectory));
      Time(absl::StrCat("start after a clean stop, ", Volume(options_.dossiers)), 400 * millions)
          .ours.push_back(Milliseconds(server->start_time()));
      AddMemory("idle", 200, *server);
      TTHC_RETURN_IF_ERROR(RunClosedLoop(server->channel(), look_up.get(), 64, options_.turn()).status());
      // Long enough for the log to reach its greatest length.
      const auto stream = MakeTthcScript(Wire::kStream, salt_, &numbers_);
      TTHC_RETURN_IF_ERROR(RunStream(server->channel(), "/tthc.v1.DossierService/StreamAppend", stream.get(), kWindow,
                                     2 * options_.turn())
                               .status());
      AddMemory("after look-ups and appends", 400, *server);
      server->Kill();
      TTHC_ASSIGN_OR_RETURN(server, ServerProcess::StartTthcd(Directory("filled"), kSeedDirectory));
      Time(absl::StrCat("start after kill -9, ", Volume(options_.dossiers)), 2000 + 400 * millions)
          .ours.push_back(Milliseconds(server->start_time()));
      TTHC_RETURN_IF_ERROR(server->Stop());
    }
    return absl::OkStatus();
  }

  void AddMemory(const std::string& when, double limit_mb, const ServerProcess& server) {
    Figure& figure = table_.Cost(absl::StrCat("memory with ", Volume(options_.dossiers), ", ", when), "MB", limit_mb);
    figure.ours.push_back(server.ResidentMegabytes());
  }

  absl::Status MeasureCsvImport(int round) {
    constexpr int64_t kRows = 60'000;
    const std::string path = absl::StrCat(options_.scratch, "/register.csv");
    TTHC_RETURN_IF_ERROR(WriteRegister(path, absl::StrCat("CSV", round, "-"), kRows));
    const absl::Time started = absl::Now();
    const testing::ProgramResult import = testing::RunProgram(
        {.program = TTHC_PROGRAM, .arguments = {"import", path, "--server", tthcd_->address(), "--lang", "en"}},
        absl::Minutes(10));
    if (import.status != 0) return absl::UnknownError(absl::StrCat("tthc import: ", import.errors));
    Figure& figure = Rate("import of a CSV register by tthc, rows of 3 events");
    figure.limit = 25'000;
    figure.ours.push_back(static_cast<double>(kRows) / absl::ToDoubleSeconds(absl::Now() - started));
    return absl::OkStatus();
  }

  absl::Status MeasureImport() {
    TTHC_RETURN_IF_ERROR(StartPair());
    for (int round = 0; round < options_.rounds; ++round) {
      const auto import = MakeImportScript(salt_, &numbers_);
      TTHC_ASSIGN_OR_RETURN(const auto stream, RunStream(tthcd_->channel(), "/tthc.v1.DossierService/StreamAppend",
                                                         import.get(), kWindow, options_.turn()));
      Rate("import through a stream, 8 events in a message, events").ours.push_back(stream.per_second * kStepsPerLife);
      TTHC_RETURN_IF_ERROR(MeasureCsvImport(round));
      const std::string directory = Directory(absl::StrCat("import", round));
      TTHC_ASSIGN_OR_RETURN(const double store, MeasureStoreImport(directory, kSeedDirectory));
      std::filesystem::remove_all(directory);
      Figure& into_store = Rate("import into the store, events");
      into_store.limit = 200'000;
      into_store.ours.push_back(store);
    }
    return absl::OkStatus();
  }

  absl::Status MeasureCity() {
    // Idle neighbors would still take memory and the page cache.
    tthcd_.reset();
    bare_.reset();
    return MeasureStatistics({.scratch = options_.scratch,
                              .cache = options_.cache,
                              .conninfo = options_.conninfo,
                              .seed_directory = kSeedDirectory,
                              .rounds = options_.rounds,
                              .turn = options_.turn(),
                              .dossiers = {options_.dossiers, 5 * options_.dossiers}},
                             &table_);
  }

  absl::Status MeasureDelivery() {
    tthcd_.reset();
    bare_.reset();
    return MeasureMirror({.scratch = options_.scratch,
                          .cache = options_.cache,
                          .seed_directory = kSeedDirectory,
                          .rounds = options_.rounds,
                          .turn = options_.turn(),
                          .dossiers = options_.dossiers / 10},
                         &table_);
  }

  const Options options_;
  const Shape shape_;
  Postgres postgres_;
  const uint64_t salt_;
  LifeNumbers numbers_;
  LifeNumbers bare_numbers_;
  std::unique_ptr<ServerProcess> tthcd_;
  std::unique_ptr<ServerProcess> bare_;
  std::unique_ptr<Script> ours_unary_;
  std::unique_ptr<Script> bare_unary_;
  std::unique_ptr<Script> echo_;
  Filled filled_;
  std::string filled_directory_;
  Table table_;
};

absl::Status RunAll(const Options& options) {
  TTHC_ASSIGN_OR_RETURN(Shape shape, MeasureShape(kSeedDirectory));
  TTHC_ASSIGN_OR_RETURN(Postgres postgres, Postgres::Prepare(options.conninfo, shape));
  Benchmark benchmark(options, std::move(shape), std::move(postgres));
  TTHC_RETURN_IF_ERROR(benchmark.Run());
  benchmark.Print();
  return absl::OkStatus();
}

}  // namespace
}  // namespace tthc::bench

int main(int argc, char** argv) {
  tthc::bench::Options options;
  CLI::App app("Measures tthcd against the machine's limits and PostgreSQL; tests/bench/run prepares what it needs.");
  app.add_option("--scratch", options.scratch, "directory for data that is thrown away")->required();
  app.add_option("--cache", options.cache, "directory that keeps filled stores between runs")->required();
  app.add_option("--postgres", options.conninfo, "how to reach PostgreSQL")->required();
  const std::vector<std::string> parts = {"appends", "streams", "rates",      "machine", "reads",
                                          "restart", "import",  "statistics", "mirror"};
  app.add_option("--only", options.only, absl::StrCat("one part: ", absl::StrJoin(parts, ", ")))
      ->check(CLI::IsMember(parts));
  app.add_option("--rounds", options.rounds, "interleaved rounds")->check(CLI::Range(1, 100));
  app.add_option("--seconds", options.seconds, "seconds of each measurement")->check(CLI::Range(0.1, 600.0));
  app.add_option("--dossiers", options.dossiers, "dossiers in the filled store")->check(CLI::Range(10'000, 20'000'000));
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = tthc::bench::RunAll(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
