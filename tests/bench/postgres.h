#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/load.h"

// PostgreSQL on the same work, as a sensible person would do it there: one function that inserts the event, updates the
// dossier, counts and fills the outbox, in one transaction.
namespace tthc::bench {

class Postgres {
 public:
  // `conninfo` names an existing server and database. Creates the tables anew.
  static absl::StatusOr<Postgres> Prepare(std::string conninfo, Shape shape);

  // `connections` clients, each with one transaction in flight.
  absl::StatusOr<LoadResult> RunAppends(size_t connections, absl::Duration duration);
  // One client, `batch` events of as many dossiers in each transaction, written by sets; per_second counts events.
  absl::StatusOr<LoadResult> RunBatches(size_t batch, absl::Duration duration);

  // Puts `dossiers` folded dossiers into a table of their own, for reading.
  absl::Status FillForReading(int64_t dossiers);
  // Look-ups by code.
  absl::StatusOr<LoadResult> RunLookUps(size_t connections, absl::Duration duration);
  // The newest 50 with the exact total; the 50 that are overdue longest, with the exact total; counts by field.
  absl::StatusOr<LoadResult> RunListPages(absl::Duration duration);
  absl::StatusOr<LoadResult> RunLatePages(absl::Duration duration);
  absl::StatusOr<LoadResult> RunGroupBy(absl::Duration duration);

 private:
  Postgres(std::string conninfo, Shape shape) : conninfo_(std::move(conninfo)), shape_(std::move(shape)) {}
  absl::StatusOr<LoadResult> RunQuery(const char* sql, absl::Duration duration);

  std::string conninfo_;
  Shape shape_;
  int64_t reading_dossiers_ = 0;
  LifeNumbers numbers_;
};

}  // namespace tthc::bench
