#include "tests/bench/postgres_client.h"

#include <endian.h>
#include <poll.h>

#include <utility>

#include "absl/time/clock.h"
#include "storage/base/status_macros.h"

namespace tthc::bench {

absl::Status ErrorOf(PGconn* connection) { return absl::UnknownError(PQerrorMessage(connection)); }

absl::StatusOr<Connection> Connect(const std::string& conninfo) {
  Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return ErrorOf(connection.get());
  return connection;
}

absl::Status Execute(PGconn* connection, const std::string& sql) {
  const Result result(PQexec(connection, sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? absl::OkStatus() : ErrorOf(connection);
}

void Parameters::Bigint(int64_t value) {
  const uint64_t wire = htobe64(static_cast<uint64_t>(value));
  Add({reinterpret_cast<const char*>(&wire), sizeof wire}, true);
}

void Parameters::Smallint(int value) {
  const uint16_t wire = htobe16(static_cast<uint16_t>(value));
  Add({reinterpret_cast<const char*>(&wire), sizeof wire}, true);
}

void Parameters::Uuid(const std::array<uint64_t, 2>& bits) {
  Add({reinterpret_cast<const char*>(bits.data()), sizeof bits}, true);
}

void Parameters::Bytes(std::string value) { Add(std::move(value), true); }
void Parameters::Text(std::string value) { Add(std::move(value), false); }
void Parameters::Literal(std::string value) { Add(std::move(value), false); }

bool Parameters::Send(PGconn* connection, const char* prepared) const {
  std::vector<const char*> values;
  for (const std::string& value : values_) values.push_back(value.data());
  return PQsendQueryPrepared(connection, prepared, static_cast<int>(values.size()), values.data(), lengths_.data(),
                             formats_.data(), 1) == 1;
}

void Parameters::Add(std::string value, bool binary) {
  lengths_.push_back(static_cast<int>(value.size()));
  formats_.push_back(binary ? 1 : 0);
  values_.push_back(std::move(value));
}

absl::StatusOr<Clients> Clients::Open(const std::string& conninfo, const std::string& sql, size_t count) {
  Clients clients;
  for (size_t i = 0; i < count; ++i) {
    TTHC_ASSIGN_OR_RETURN(Connection connection, Connect(conninfo));
    const Result prepared(PQprepare(connection.get(), "work", sql.c_str(), 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return ErrorOf(connection.get());
    clients.connections_.push_back(std::move(connection));
  }
  return clients;
}

absl::StatusOr<LoadResult> Clients::Run(const MakeParameters& make, absl::Duration duration) {
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

absl::StatusOr<bool> Clients::TakeAnswer(PGconn* connection) {
  if (PQconsumeInput(connection) != 1) return ErrorOf(connection);
  while (PQisBusy(connection) == 0) {
    const Result result(PQgetResult(connection));
    if (result == nullptr) return true;
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(connection);
  }
  return false;
}

}  // namespace tthc::bench
