#include "tests/bench/postgres.h"

#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/base/status_macros.h"

namespace tthc::bench {
namespace {

constexpr uint64_t kSalt = 7;
constexpr Oid kBigint = 20;
constexpr Oid kSmallint = 21;
constexpr Oid kText = 25;
constexpr Oid kBytea = 17;
constexpr Oid kUuid = 2950;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

// Parameters in PostgreSQL's binary form.
class Parameters {
 public:
  void Bigint(int64_t value) {
    const uint64_t wire = htobe64(static_cast<uint64_t>(value));
    Add(kBigint, {reinterpret_cast<const char*>(&wire), sizeof wire}, true);
  }
  void Smallint(int value) {
    const uint16_t wire = htobe16(static_cast<uint16_t>(value));
    Add(kSmallint, {reinterpret_cast<const char*>(&wire), sizeof wire}, true);
  }
  void Uuid(const std::array<uint64_t, 2>& bits) {
    Add(kUuid, {reinterpret_cast<const char*>(bits.data()), sizeof bits}, true);
  }
  void Bytes(std::string value) { Add(kBytea, std::move(value), true); }
  void Text(std::string value) { Add(kText, std::move(value), false); }
  // In text form, of a type that the statement says.
  void Literal(std::string value) { Add(0, std::move(value), false); }

  bool Send(PGconn* connection, const char* prepared) const {
    std::vector<const char*> values;
    for (const std::string& value : values_) values.push_back(value.data());
    return PQsendQueryPrepared(connection, prepared, static_cast<int>(values.size()), values.data(), lengths_.data(),
                               formats_.data(), 1) == 1;
  }

 private:
  void Add(Oid type, std::string value, bool binary) {
    types_.push_back(type);
    lengths_.push_back(static_cast<int>(value.size()));
    formats_.push_back(binary ? 1 : 0);
    values_.push_back(std::move(value));
  }

  std::vector<Oid> types_;
  std::vector<std::string> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

absl::Status ErrorOf(PGconn* connection) { return absl::UnknownError(PQerrorMessage(connection)); }

absl::StatusOr<Connection> Connect(const std::string& conninfo) {
  Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return ErrorOf(connection.get());
  return connection;
}

absl::Status Execute(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection, sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? absl::OkStatus() : ErrorOf(connection);
}

// Clients that each keep one prepared statement under way, all waited for at once.
class Clients {
 public:
  using MakeParameters = std::function<Parameters(size_t client)>;

  static absl::StatusOr<Clients> Open(const std::string& conninfo, const char* sql, size_t count) {
    Clients clients;
    for (size_t i = 0; i < count; ++i) {
      TTHC_ASSIGN_OR_RETURN(Connection connection, Connect(conninfo));
      const std::unique_ptr<PGresult, void (*)(PGresult*)> prepared(
          PQprepare(connection.get(), "work", sql, 0, nullptr), &PQclear);
      if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return ErrorOf(connection.get());
      clients.connections_.push_back(std::move(connection));
    }
    return clients;
  }

  absl::StatusOr<LoadResult> Run(const MakeParameters& make, absl::Duration duration) {
    std::vector<pollfd> polled;
    std::vector<absl::Time> sent(connections_.size());
    std::vector<absl::Duration> latencies;
    const absl::Time started = absl::Now();
    const auto send = [&](size_t client) {
      sent[client] = absl::Now();
      return make(client).Send(connections_[client].get(), "work");
    };
    for (size_t i = 0; i < connections_.size(); ++i) {
      polled.push_back({.fd = PQsocket(connections_[i].get()), .events = POLLIN, .revents = 0});
      if (!send(i)) return ErrorOf(connections_[i].get());
    }
    for (size_t under_way = connections_.size(); under_way > 0;) {
      poll(polled.data(), polled.size(), -1);
      for (size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents == 0) continue;
        TTHC_ASSIGN_OR_RETURN(const bool answered, TakeAnswer(connections_[i].get()));
        if (!answered) continue;
        const absl::Time now = absl::Now();
        latencies.push_back(now - sent[i]);
        if (now < started + duration) {
          if (!send(i)) return ErrorOf(connections_[i].get());
        } else {
          polled[i].fd = -1;
          --under_way;
        }
      }
    }
    return Summarize(std::move(latencies), absl::Now() - started);
  }

 private:
  static absl::StatusOr<bool> TakeAnswer(PGconn* connection) {
    if (PQconsumeInput(connection) != 1) return ErrorOf(connection);
    while (PQisBusy(connection) == 0) {
      const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection), &PQclear);
      if (result == nullptr) return true;
      if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(connection);
    }
    return false;
  }

  std::vector<Connection> connections_;
};

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
  // As tthcd's: 3 of 100 are open, and were taken in last.
  TTHC_RETURN_IF_ERROR(Execute(
      connection.get(),
      absl::StrCat("DROP TABLE IF EXISTS reading; CREATE UNLOGGED TABLE reading AS SELECT number, "
                   "'H24.99.1-260821-' || number AS code, (number % 12)::smallint AS field, "
                   "(CASE WHEN number > ",
                   dossiers, " * 0.97 THEN 4 ELSE 10 END)::smallint AS state, "
                   "now() - (", dossiers, " - number) * interval '300 days' / ", dossiers, " AS accept_time, "
                   "now() - (", dossiers, " - number) * interval '300 days' / ", dossiers,
                   " + interval '3 days' AS due_time, decode(repeat('5a', ",
                   shape_.back().dossier_value.size(), "), 'hex') AS folded "
                   "FROM generate_series(1, ", dossiers, ") AS number")));
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
