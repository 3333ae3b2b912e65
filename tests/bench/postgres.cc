#include "tests/bench/postgres.h"

#include <fstream>
#include <random>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/status_macros.h"
#include "tests/bench/postgres_client.h"

namespace tthc::bench {
namespace {

constexpr uint64_t kSalt = 7;

absl::StatusOr<std::string> ReadFile(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return file ? absl::StatusOr<std::string>(text.str()) : absl::NotFoundError(path);
}

}  // namespace

absl::StatusOr<Postgres> Postgres::Prepare(std::string conninfo, Shape shape) {
  TTHC_ASSIGN_OR_RETURN(const Connection connection, Connect(conninfo));
  TTHC_ASSIGN_OR_RETURN(const std::string schema, ReadFile(TTHC_SOURCE_DIR "/tests/bench/schema.sql"));
  TTHC_RETURN_IF_ERROR(Execute(connection.get(), schema));
  return Postgres(std::move(conninfo), std::move(shape));
}

absl::StatusOr<LoadResult> Postgres::RunAppends(size_t connections, absl::Duration duration) {
  TTHC_ASSIGN_OR_RETURN(Clients clients,
                        Clients::Open(conninfo_, "SELECT append_event($1, $2, $3, $4, $5)", connections));
  std::vector<std::pair<int64_t, int>> lives(connections);
  return clients.Run(
      [&](size_t client) {
        auto& [number, step] = lives[client];
        if (step == 0) number = numbers_.Next();
        const StepShape& shape = shape_[static_cast<size_t>(step)];
        Parameters parameters;
        parameters.Bigint(number);
        parameters.Smallint(step);
        parameters.Uuid(Life(kSalt, number).RequestIdBits(step));
        parameters.Bytes(shape.log_value);
        parameters.Bytes(shape.dossier_value);
        step = (step + 1) % kStepsPerLife;
        return parameters;
      },
      duration);
}

absl::StatusOr<LoadResult> Postgres::RunBatches(size_t batch, absl::Duration duration) {
  TTHC_ASSIGN_OR_RETURN(Clients clients, Clients::Open(conninfo_, "SELECT append_events($1, $2, $3, $4, $5)", 1));
  std::vector<int64_t> lives(batch);
  int step = 0;
  const auto make = [&](size_t) {
    std::string dossiers = "{";
    std::string requests = "{";
    for (int64_t& number : lives) {
      if (step == 0) number = numbers_.Next();
      const char* comma = dossiers.size() > 1 ? "," : "";
      absl::StrAppend(&dossiers, comma, number);
      absl::StrAppend(&requests, comma, Life(kSalt, number).RequestId(step));
    }
    const StepShape& shape = shape_[static_cast<size_t>(step)];
    Parameters parameters;
    parameters.Literal(dossiers + "}");
    parameters.Smallint(step);
    parameters.Literal(requests + "}");
    parameters.Bytes(shape.log_value);
    parameters.Bytes(shape.dossier_value);
    step = (step + 1) % kStepsPerLife;
    return parameters;
  };
  TTHC_ASSIGN_OR_RETURN(LoadResult result, clients.Run(make, duration));
  result.per_second *= static_cast<double>(batch);
  return result;
}

absl::Status Postgres::FillForReading(int64_t dossiers) {
  TTHC_ASSIGN_OR_RETURN(const Connection connection, Connect(conninfo_));
  // As for tthcd: 3 of 100 are open, those that came in last.
  TTHC_RETURN_IF_ERROR(
      Execute(connection.get(),
              absl::StrCat("DROP TABLE IF EXISTS reading; CREATE UNLOGGED TABLE reading AS SELECT number, "
                           "'H24.99.1-260821-' || number AS code, (number % 12)::smallint AS field, "
                           "(CASE WHEN number > ",
                           dossiers,
                           " * 0.97 THEN 4 ELSE 10 END)::smallint AS state, "
                           "now() - (",
                           dossiers, " - number) * interval '300 days' / ", dossiers,
                           " AS accept_time, "
                           "now() - (",
                           dossiers, " - number) * interval '300 days' / ", dossiers,
                           " + interval '3 days' AS due_time, decode(repeat('5a', ", shape_.back().dossier_value.size(),
                           "), 'hex') AS folded "
                           "FROM generate_series(1, ",
                           dossiers, ") AS number")));
  TTHC_RETURN_IF_ERROR(
      Execute(connection.get(),
              "ALTER TABLE reading ADD PRIMARY KEY (number); CREATE UNIQUE INDEX ON reading (code); "
              "CREATE INDEX ON reading (accept_time); CREATE INDEX ON reading (due_time) WHERE state < 9"));
  TTHC_RETURN_IF_ERROR(Execute(connection.get(), "VACUUM ANALYZE reading"));
  reading_dossiers_ = dossiers;
  return absl::OkStatus();
}

absl::StatusOr<LoadResult> Postgres::RunLookUps(size_t connections, absl::Duration duration) {
  TTHC_ASSIGN_OR_RETURN(Clients clients,
                        Clients::Open(conninfo_, "SELECT folded FROM reading WHERE code = $1", connections));
  std::mt19937_64 random(20260821);
  return clients.Run(
      [&](size_t) {
        Parameters parameters;
        parameters.Text(absl::StrCat("H24.99.1-260821-", 1 + random() % static_cast<uint64_t>(reading_dossiers_)));
        return parameters;
      },
      duration);
}

absl::StatusOr<LoadResult> Postgres::RunQuery(const char* sql, absl::Duration duration) {
  TTHC_ASSIGN_OR_RETURN(Clients clients, Clients::Open(conninfo_, sql, 1));
  return clients.Run([](size_t) { return Parameters(); }, duration);
}

absl::StatusOr<LoadResult> Postgres::RunListPages(absl::Duration duration) {
  return RunQuery("SELECT folded, (SELECT count(*) FROM reading) FROM reading ORDER BY accept_time DESC LIMIT 50",
                  duration);
}

absl::StatusOr<LoadResult> Postgres::RunLatePages(absl::Duration duration) {
  return RunQuery(
      "SELECT folded, (SELECT count(*) FROM reading WHERE state < 9 AND due_time < now()) FROM reading "
      "WHERE state < 9 AND due_time < now() ORDER BY due_time LIMIT 50",
      duration);
}

absl::StatusOr<LoadResult> Postgres::RunGroupBy(absl::Duration duration) {
  return RunQuery(
      "SELECT field, count(*), count(*) FILTER (WHERE state < 9), count(*) FILTER (WHERE due_time < now()) FROM "
      "reading "
      "GROUP BY field",
      duration);
}

}  // namespace tthc::bench
