#include "tests/bench/statistics.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/domain/fact.h"
#include "server/facts/fact_columns.h"
#include "server/facts/name_table.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/bench/city.h"
#include "tests/bench/city_fill.h"
#include "tests/bench/city_postgres.h"
#include "tests/bench/fill.h"
#include "tests/bench/load.h"
#include "tests/bench/servers.h"
#include "tests/testing/dossier_records.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

namespace tthc::bench {
namespace {

constexpr char kQuery[] = "/tthc.v1.StatisticsService/QueryStatistics";
constexpr char kReport06a[] = "/tthc.v1.StatisticsService/ComputeReport06a";
constexpr char kList[] = "/tthc.v1.StatisticsService/ListCountedDossiers";
constexpr char kStreamAppend[] = "/tthc.v1.DossierService/StreamAppend";
constexpr size_t kWindow = 1024;
constexpr size_t kSamplesMax = 50'000;
constexpr double kAimDossiers = 5e6;

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

absl::Duration ThreadCpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

// All dossiers that came in.
absl::Time CityFrom() { return LocalMidnight(DayNumber(kCityFirstDay)); }
absl::Time CityTo() { return LocalMidnight(DayNumber(kCityLastDay) + 1); }

v1::Period Between(absl::Time from, absl::Time to) {
  v1::Period period;
  *period.mutable_start_time() = ToProto(from);
  *period.mutable_end_time() = ToProto(to);
  return period;
}

// Queries as of another moment each time, a day earlier, so that no cache helps.
class PastScript final : public Script {
 public:
  explicit PastScript(v1::QueryStatisticsRequest request) : request_(std::move(request)) {}

  Call Next(size_t) override {
    request_.mutable_as_of()->mutable_time()->set_seconds(request_.as_of().time().seconds() - kSecondsPerDay);
    return {.method = kQuery, .request = ToBytes(request_)};
  }
  absl::Status Answered(size_t, grpc::ByteBuffer&) override { return absl::OkStatus(); }

 private:
  v1::QueryStatisticsRequest request_;
};

// The same query for both.
struct Question {
  std::string name;
  const char* method = nullptr;
  std::unique_ptr<Script> script = nullptr;
  // Empty if PostgreSQL has no such query.
  std::string sql = {};
  // For 5 M dossiers; 0 = none.
  double limit_ms = 0;
  double to_postgres_min = 0;
};

v1::QueryStatisticsRequest Query(absl::Time from, absl::Time to, const std::vector<v1::Metric>& metrics,
                                 const std::vector<v1::GroupBy>& group_by) {
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = Between(from, to);
  for (const v1::Metric metric : metrics) request.add_metrics(metric);
  for (const v1::GroupBy group : group_by) request.add_group_by(group);
  return request;
}

Question Ask(std::string name, const char* method, const google::protobuf::MessageLite& request, std::string sql,
             double limit_ms, double to_postgres_min) {
  return {.name = std::move(name),
          .method = method,
          .script = MakeRepeatScript(method, request),
          .sql = std::move(sql),
          .limit_ms = limit_ms,
          .to_postgres_min = to_postgres_min};
}

// --- Counts ---

const std::vector<v1::Metric>& CountMetrics() {
  static const auto* const kMetrics = new std::vector<v1::Metric>{
      v1::METRIC_RECEIVED, v1::METRIC_ENDED, v1::METRIC_ENDED_LATE_06A, v1::METRIC_OPEN, v1::METRIC_OPEN_OVERDUE};
  return *kMetrics;
}

v1::QueryStatisticsRequest CountQuery(v1::GroupBy group) {
  return Query(CityFrom(), CityTo(), CountMetrics(), {group});
}

std::string CountSql(const std::string& column) {
  const std::string from = SqlTime(CityFrom());
  const std::string to = SqlTime(CityTo());
  const std::string ended = absl::StrCat("accept_time IS NOT NULL AND end_time >= ", from, " AND end_time < ", to);
  return absl::StrCat("SELECT ", column, ", count(*) FILTER (WHERE accept_time >= ", from, " AND accept_time < ", to,
                      "), count(*) FILTER (WHERE ", ended, "), count(*) FILTER (WHERE ", ended,
                      " AND verdict_06a = 3), count(*) FILTER (WHERE accept_time < ", to,
                      " AND end_time IS NULL), count(*) FILTER (WHERE accept_time < ", to,
                      " AND end_time IS NULL AND overdue_from <= ", SqlTime(CityNow()), ") FROM city GROUP BY 1");
}

void AddCounts(std::vector<Question>& questions) {
  const std::pair<const char*, v1::GroupBy> groups[] = {
      {"field", v1::GROUP_BY_FIELD}, {"procedure", v1::GROUP_BY_PROCEDURE}, {"office", v1::GROUP_BY_OFFICE},
      {"unit", v1::GROUP_BY_UNIT},   {"officer", v1::GROUP_BY_OFFICER},     {"channel", v1::GROUP_BY_CHANNEL},
  };
  for (const auto& [name, group] : groups) {
    questions.push_back(Ask(absl::StrCat("five counts by ", name), kQuery, CountQuery(group), CountSql(name), 30, 80));
  }
  const auto by_month = Query(
      CityFrom(), CityTo(),
      {v1::METRIC_RECEIVED, v1::METRIC_RECEIVED_AT_COUNTER, v1::METRIC_RECEIVED_ONLINE, v1::METRIC_RECEIVED_BY_POST},
      {v1::GROUP_BY_MONTH});
  questions.push_back(Ask("received by month and channel", kQuery, by_month,
                          absl::StrCat("SELECT date_trunc('month', accept_time, 'Asia/Ho_Chi_Minh'), count(*), "
                                       "count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2), "
                                       "count(*) FILTER (WHERE channel = 3) FROM city WHERE accept_time >= ",
                                       SqlTime(CityFrom()), " AND accept_time < ", SqlTime(CityTo()), " GROUP BY 1"),
                          30, 80));
}

// --- Form 06a, series, distributions, lists, the past ---

std::string Report06aSql(const std::string& columns, absl::Time from, absl::Time to) {
  const std::string f = SqlTime(from);
  const std::string t = SqlTime(to);
  const std::string is_new = absl::StrCat("accept_time >= ", f);
  const std::string ended = absl::StrCat("end_time < ", t);
  const std::string open = absl::StrCat("(end_time IS NULL OR end_time >= ", t, ")");
  const std::vector<std::string> counts = {
      absl::StrCat(is_new, " AND channel = 2"),    absl::StrCat(is_new, " AND channel <> 2"),
      absl::StrCat("accept_time < ", f),           absl::StrCat(ended, " AND verdict_06a = 1"),
      absl::StrCat(ended, " AND verdict_06a = 2"), absl::StrCat(ended, " AND verdict_06a = 3"),
      absl::StrCat(open, " AND due_time >= ", t),  absl::StrCat(open, " AND due_time < ", t)};
  std::string sql = absl::StrCat("SELECT ", columns, ", count(*)");
  for (const std::string& count : counts) absl::StrAppend(&sql, ", count(*) FILTER (WHERE ", count, ")");
  absl::StrAppend(&sql, " FROM city WHERE accept_time < ", t, " AND (end_time IS NULL OR end_time >= ", f,
                  ") GROUP BY ", columns);
  return sql;
}

void AddReports(std::vector<Question>& questions) {
  // The third quarter of 2026 as reports to the government have it.
  const absl::Time from = LocalMidnight(DayNumber(absl::CivilDay(2026, 6, 15)));
  const absl::Time to = LocalMidnight(DayNumber(absl::CivilDay(2026, 9, 15)));
  v1::ComputeReport06aRequest request;
  *request.mutable_period() = Between(from, to);
  questions.push_back(
      Ask("form 06a of a quarter by field", kReport06a, request, Report06aSql("field", from, to), 60, 0));
  request.set_by_procedure(true);
  questions.push_back(Ask("form 06a of a quarter by field and procedure", kReport06a, request,
                          Report06aSql("field, procedure", from, to), 60, 0));
}

void AddSeries(std::vector<Question>& questions) {
  const absl::Time from = LocalMidnight(DayNumber(absl::CivilDay(2025, 10, 1)));
  const std::string f = SqlTime(from);
  const std::string t = SqlTime(CityTo());
  const auto request =
      Query(from, CityTo(), {v1::METRIC_RECEIVED, v1::METRIC_ENDED, v1::METRIC_ENDED_LATE_06A, v1::METRIC_OPEN},
            {v1::GROUP_BY_MONTH});
  questions.push_back(Ask(
      "series of 12 months", kQuery, request,
      absl::StrCat("WITH came AS (SELECT date_trunc('month', accept_time, 'Asia/Ho_Chi_Minh') AS month, count(*) AS n "
                   "FROM city WHERE accept_time >= ",
                   f, " AND accept_time < ", t,
                   " GROUP BY 1), went AS (SELECT date_trunc('month', end_time, 'Asia/Ho_Chi_Minh') AS month, "
                   "count(*) AS n, count(*) FILTER (WHERE verdict_06a = 3) AS late FROM city "
                   "WHERE accept_time IS NOT NULL AND end_time >= ",
                   f, " AND end_time < ", t,
                   " GROUP BY 1), before AS (SELECT count(*) AS n FROM city WHERE accept_time < ", f,
                   " AND (end_time IS NULL OR end_time >= ", f,
                   ")) SELECT month, came.n, went.n, went.late, "
                   "before.n + sum(came.n - went.n) OVER (ORDER BY month) FROM came JOIN went USING (month), before"),
      0, 0));
}

void AddDistributions(std::vector<Question>& questions) {
  const std::string sql = absl::StrCat(
      "count(*), avg(handling_minutes), "
      "percentile_disc(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY handling_minutes) FROM city "
      "WHERE accept_time IS NOT NULL AND end_time >= ",
      SqlTime(CityFrom()), " AND end_time < ", SqlTime(CityTo()));
  questions.push_back(Ask("handling time: median, p90, p99", kQuery,
                          Query(CityFrom(), CityTo(), {v1::METRIC_HANDLING_TIME}, {}), absl::StrCat("SELECT 0, ", sql),
                          150, 0));
  questions.push_back(Ask("handling time by field: median, p90, p99", kQuery,
                          Query(CityFrom(), CityTo(), {v1::METRIC_HANDLING_TIME}, {v1::GROUP_BY_FIELD}),
                          absl::StrCat("SELECT field, ", sql, " GROUP BY field"), 150, 0));
}

void AddRest(std::vector<Question>& questions) {
  v1::ListCountedDossiersRequest list;
  *list.mutable_period() = Between(CityFrom(), CityTo());
  list.set_metric(v1::METRIC_OPEN_OVERDUE);
  list.set_page_size(50);
  const std::string late = absl::StrCat(
      "FROM city WHERE end_time IS NULL AND accept_time IS NOT NULL AND overdue_from <= ", SqlTime(CityNow()));
  questions.push_back(Ask("late list, first 50 and their number", kList, list,
                          absl::StrCat("SELECT *, (SELECT count(*) ", late, ") ", late, " ORDER BY due_time LIMIT 50"),
                          0, 0));
  v1::QueryStatisticsRequest past = CountQuery(v1::GROUP_BY_FIELD);
  // Noon, in the midst of work.
  *past.mutable_as_of()->mutable_time() = ToProto(CityNow() - absl::Hours(24 * 90 + 6));
  questions.push_back({.name = "five counts by field as of 90 days ago, first time",
                       .method = kQuery,
                       .script = std::make_unique<PastScript>(past)});
  questions.push_back(Ask("five counts by field as of 90 days ago, again", kQuery, past, "", 0, 0));
}

// --- Measuring ---

class CityBenchmark {
 public:
  CityBenchmark(const StatisticsOptions& options, int64_t dossiers, bool is_last, Table* table)
      : options_(options), dossiers_(dossiers), is_last_(is_last), table_(*table) {}

  absl::Status Run() {
    const std::string filled = absl::StrCat(options_.cache, "/city-", dossiers_);
    TTHC_RETURN_IF_ERROR(FillCity({.directory = filled,
                                   .seed_directory = options_.seed_directory,
                                   .dossiers = dossiers_,
                                   .on_progress = [](int64_t done) { Say(absl::StrCat("filling: ", done)); }})
                             .status());
    directory_ = absl::StrCat(options_.scratch, "/city");
    TTHC_RETURN_IF_ERROR(CopyStore(filled, directory_));
    TTHC_ASSIGN_OR_RETURN(CityPostgres postgres, CityPostgres::Create(options_.conninfo));
    TTHC_RETURN_IF_ERROR(MeasureFacts(postgres));
    Say(absl::StrCat("indexing ", Volume(dossiers_), " in PostgreSQL"));
    TTHC_RETURN_IF_ERROR(postgres.Finish());
    TTHC_RETURN_IF_ERROR(MeasureQuestions(postgres));
    TTHC_RETURN_IF_ERROR(MeasureStarts());
    if (is_last_) TTHC_RETURN_IF_ERROR(MeasureAppends());
    std::filesystem::remove_all(directory_);
    return absl::OkStatus();
  }

 private:
  std::string Of(const std::string& what) const { return absl::StrCat(what, ", ", Volume(dossiers_)); }
  // A limit for 5 M dossiers, scaled to the number that there are.
  double Scaled(double limit) const { return limit * static_cast<double>(dossiers_) / kAimDossiers; }

  absl::StatusOr<std::unique_ptr<ServerProcess>> Start() const {
    return ServerProcess::StartTthcd(
        directory_, options_.seed_directory,
        {absl::StrCat("--clock-offset=", absl::ToInt64Seconds(CityNow() - absl::Now()), "s")});
  }

  // Fills PostgreSQL, and measures size and cost of facts.
  absl::Status MeasureFacts(CityPostgres& postgres) {
    TTHC_ASSIGN_OR_RETURN(auto engine, storage::OpenRocksDb({.directory = directory_, .sync = false}));
    TTHC_ASSIGN_OR_RETURN(const auto store, storage::Store::Open(std::move(engine)));
    const storage::StoreReader reader = store->Read();
    server::FactColumns columns;
    std::vector<storage::v1::DossierRecord> samples;
    const int64_t every = std::max<int64_t>(1, dossiers_ / static_cast<int64_t>(kSamplesMax));
    absl::Status status;
    TTHC_RETURN_IF_ERROR(testing::VisitDossiers(reader, [&](int64_t number, const storage::v1::DossierRecord& record) {
      status.Update(postgres.Add(number, record));
      columns.Resize(static_cast<size_t>(number));
      columns.Set(static_cast<size_t>(number - 1), record.fact());
      if (number % every == 0) samples.push_back(record);
    }));
    TTHC_RETURN_IF_ERROR(status);
    table_.Cost(Of("memory of a dossier's fact"), "B", 100)
        .ours.push_back(static_cast<double>(columns.bytes()) / static_cast<double>(dossiers_));

    TTHC_ASSIGN_OR_RETURN(const auto catalogue, LoadCatalogue(reader));
    server::NameTable names;
    TTHC_RETURN_IF_ERROR(reader.ScanNames([&](uint32_t number, const std::string& name) { names.Add(number, name); }));
    const domain::NumberOfName number_of = [&](const std::string& name) { return names.Find(name); };
    const absl::Duration before = ThreadCpuTime();
    for (size_t i = 0; i < samples.size(); ++i) {
      columns.Set(i, domain::MakeFact(*catalogue, samples[i].dossier(), number_of));
    }
    fact_time_ = (ThreadCpuTime() - before) / static_cast<int64_t>(std::max<size_t>(1, samples.size()));
    return absl::OkStatus();
  }

  absl::Status MeasureQuestions(const CityPostgres& postgres) {
    std::vector<Question> questions;
    AddCounts(questions);
    AddReports(questions);
    AddSeries(questions);
    AddDistributions(questions);
    AddRest(questions);
    TTHC_ASSIGN_OR_RETURN(const auto server, Start());
    // The filler leaves none.
    table_.Time(Of("start from all records, without a snapshot"), 0).ours.push_back(Milliseconds(server->start_time()));
    TTHC_RETURN_IF_ERROR(CheckSameCounts(*server, postgres));
    for (int round = 0; round < options_.rounds; ++round) {
      Say(absl::StrCat(Volume(dossiers_), ", round ", round + 1, " of ", options_.rounds));
      for (Question& question : questions) TTHC_RETURN_IF_ERROR(Measure(*server, postgres, question));
    }
    table_.Cost(absl::StrCat("memory of the server with ", Volume(dossiers_)), "MB", 0)
        .ours.push_back(server->ResidentMegabytes());
    return server->Stop();
  }

  absl::Status Measure(const ServerProcess& server, const CityPostgres& postgres, Question& question) {
    const absl::Duration before = server.CpuTime();
    TTHC_ASSIGN_OR_RETURN(const auto ours, RunClosedLoop(server.channel(), question.script.get(), 1, options_.turn));
    const absl::Duration cpu = server.CpuTime() - before;
    Figure& figure = table_.Time(Of(question.name), Scaled(question.limit_ms));
    figure.ours.push_back(Milliseconds(ours.p50));
    // All cores together, as time on one core.
    table_.Time(absl::StrCat("CPU of the server for ", Of(question.name)), 0)
        .ours.push_back(Milliseconds(cpu) / static_cast<double>(ours.count));
    if (question.sql.empty()) return absl::OkStatus();
    if (question.to_postgres_min > 0) figure.to_postgres_min = question.to_postgres_min;
    TTHC_ASSIGN_OR_RETURN(const auto theirs, postgres.Run(question.sql, options_.turn));
    figure.postgres.push_back(Milliseconds(theirs.p50));
    return absl::OkStatus();
  }

  static absl::Status CheckSameCounts(const ServerProcess& server, const CityPostgres& postgres) {
    const auto stub = v1::StatisticsService::NewStub(server.channel());
    grpc::ClientContext context;
    v1::QueryStatisticsResponse response;
    const grpc::Status answered = stub->QueryStatistics(&context, CountQuery(v1::GROUP_BY_FIELD), &response);
    if (!answered.ok()) return absl::UnknownError(answered.error_message());
    std::vector<int64_t> ours;
    for (const v1::StatisticsValue& value : response.total().values()) ours.push_back(value.count());
    TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> theirs, postgres.Sums(CountSql("field")));
    Say(absl::StrCat("received, ended, late, open, overdue: ", absl::StrJoin(ours, " ")));
    if (ours == theirs) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat("tthcd counts ", absl::StrJoin(ours, " "), ", PostgreSQL ", absl::StrJoin(theirs, " ")));
  }

  absl::Status MeasureStarts() {
    LifeNumbers numbers;
    for (int round = 0; round < options_.rounds; ++round) {
      TTHC_ASSIGN_OR_RETURN(auto server, Start());
      table_.Time(Of("start after a clean stop"), Scaled(4000)).ours.push_back(Milliseconds(server->start_time()));
      TTHC_RETURN_IF_ERROR(Append(*server, &numbers, 2 * options_.turn, nullptr));
      server->Kill();
      TTHC_ASSIGN_OR_RETURN(server, Start());
      // Part of it does not grow with the dossiers: the log that was not flushed.
      table_.Time(Of("start after kill -9"), std::max(Scaled(4000), 2400.0))
          .ours.push_back(Milliseconds(server->start_time()));
      TTHC_RETURN_IF_ERROR(server->Stop());
    }
    return absl::OkStatus();
  }

  absl::Status Append(const ServerProcess& server, LifeNumbers* numbers, absl::Duration duration,
                      absl::Duration* cpu_of_one) const {
    const auto stream = MakeTthcScript(Wire::kStream, salt_++, numbers);
    const absl::Duration before = server.CpuTime();
    TTHC_ASSIGN_OR_RETURN(const auto result,
                          RunStream(server.channel(), kStreamAppend, stream.get(), kWindow, duration));
    if (cpu_of_one != nullptr) *cpu_of_one = (server.CpuTime() - before) / result.count;
    return absl::OkStatus();
  }

  absl::Status MeasureAppends() {
    TTHC_ASSIGN_OR_RETURN(const auto server, Start());
    LifeNumbers numbers;
    const auto append = MakeTthcScript(Wire::kUnary, salt_++, &numbers);
    const auto query = MakeRepeatScript(kQuery, CountQuery(v1::GROUP_BY_PROCEDURE));
    for (int round = 0; round < options_.rounds; ++round) {
      absl::Duration cpu_of_one;
      TTHC_RETURN_IF_ERROR(Append(*server, &numbers, options_.turn, &cpu_of_one));
      table_.Cost("what facts take of an append's CPU", "%", 5)
          .ours.push_back(100 * absl::FDivDuration(fact_time_, cpu_of_one));
      const absl::Duration span = 2 * options_.turn;
      TTHC_ASSIGN_OR_RETURN(const auto alone, RunAtRate(server->channel(), append.get(), 200, span));
      table_.Time("p99 of an append at 200/s, nobody asking", 0).ours.push_back(Milliseconds(alone.p99));
      absl::Status queried;
      std::thread asking(
          [&] { queried = RunClosedLoop(server->channel(), query.get(), 1, span + absl::Seconds(1)).status(); });
      const auto beside = RunAtRate(server->channel(), append.get(), 200, span);
      asking.join();
      TTHC_RETURN_IF_ERROR(queried);
      TTHC_RETURN_IF_ERROR(beside.status());
      table_.Time(absl::StrCat("p99 of an append at 200/s, ", Volume(dossiers_), " being counted without a break"), 0)
          .ours.push_back(Milliseconds(beside->p99));
    }
    return server->Stop();
  }

  const StatisticsOptions& options_;
  const int64_t dossiers_;
  const bool is_last_;
  Table& table_;
  std::string directory_;
  // The cost of making a fact and of putting it into the columns.
  absl::Duration fact_time_;
  // Request ids of different scripts on one store.
  mutable uint64_t salt_ = 1;
};

}  // namespace

absl::Status MeasureStatistics(const StatisticsOptions& options, Table* table) {
  for (const int64_t dossiers : options.dossiers) {
    TTHC_RETURN_IF_ERROR(CityBenchmark(options, dossiers, dossiers == options.dossiers.back(), table).Run());
  }
  return absl::OkStatus();
}

}  // namespace tthc::bench
