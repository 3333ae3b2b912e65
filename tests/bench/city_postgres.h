#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/load.h"
#include "tests/bench/postgres_client.h"
#include "tthc/storage/v1/records.pb.h"

// The dossiers of a city in PostgreSQL, as a system would keep them there: one row each, with the columns that queries
// need, with verdict and minutes computed once at the end as in our facts, and with all other data in one value.
namespace tthc::bench {

class CityPostgres {
 public:
  // An empty table, to be filled.
  static absl::StatusOr<CityPostgres> Create(std::string conninfo);

  absl::Status Add(int64_t number, const storage::v1::DossierRecord& record);
  // After the last row: indexes, statistics of the planner.
  absl::Status Finish();

  absl::StatusOr<LoadResult> Run(const std::string& sql, absl::Duration duration) const;
  // The sum of each column but the first over all rows of the answer.
  absl::StatusOr<std::vector<int64_t>> Sums(const std::string& sql) const;

 private:
  CityPostgres(std::string conninfo, Connection connection)
      : conninfo_(std::move(conninfo)), connection_(std::move(connection)) {}
  absl::Status Send();

  std::string conninfo_;
  // Runs a COPY until Finish().
  Connection connection_;
  std::string rows_;
};

// A moment as an SQL literal.
std::string SqlTime(absl::Time time);

}  // namespace tthc::bench
