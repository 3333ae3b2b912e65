#pragma once

#include <libpq-fe.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/load.h"

// libpq as the benchmarks use it.
namespace tthc::bench {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

absl::Status ErrorOf(PGconn* connection);
absl::StatusOr<Connection> Connect(const std::string& conninfo);
// One or several statements, whose answers are dropped.
absl::Status Execute(PGconn* connection, const std::string& sql);

// Parameters in PostgreSQL's binary form.
class Parameters {
 public:
  void Bigint(int64_t value);
  void Smallint(int value);
  void Uuid(const std::array<uint64_t, 2>& bits);
  void Bytes(std::string value);
  void Text(std::string value);
  // In text form; the statement gives the type.
  void Literal(std::string value);

  bool Send(PGconn* connection, const char* prepared) const;

 private:
  void Add(std::string value, bool binary);

  std::vector<std::string> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

// Clients that each have one prepared statement in flight; one thread waits for all of them.
class Clients {
 public:
  using MakeParameters = std::function<Parameters(size_t client)>;

  static absl::StatusOr<Clients> Open(const std::string& conninfo, const std::string& sql, size_t count);
  absl::StatusOr<LoadResult> Run(const MakeParameters& make, absl::Duration duration);

 private:
  static absl::StatusOr<bool> TakeAnswer(PGconn* connection);

  std::vector<Connection> connections_;
};

}  // namespace tthc::bench
