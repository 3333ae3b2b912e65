#pragma once

#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/life.h"

// The bytes that the real service makes of each command of a life, so that what it is compared with moves the same
// bytes.
namespace tthc::bench {

struct StepShape {
  size_t request_bytes = 0;
  size_t answer_bytes = 0;
  // Payload of the event as it lies in the log, and the folded dossier with its fact.
  std::string log_value;
  std::string dossier_value;
  struct Row {
    std::string key;
    std::string value;
  };
  // All that the command wrote, as it was written.
  std::vector<Row> rows;
};

using Shape = std::array<StepShape, kStepsPerLife>;

// Runs one life through a service in this process, with the shipped catalogue.
absl::StatusOr<Shape> MeasureShape(const std::string& seed_directory);

// The rows of one command, with keys as the service would give them: the event's revision, the dossier's number, the
// request id. Rows that a commit writes once, however many commands it holds, are left out.
void AddCommand(const StepShape& shape, int64_t revision, int64_t dossier, const std::string& request_id,
                rocksdb::WriteBatch* batch);
// The rows that a commit writes once.
void AddCommit(const StepShape& shape, int64_t revision, rocksdb::WriteBatch* batch);

// The options of the engine of the service, read from the file in which RocksDB stores them. `scratch` is a directory
// to use.
absl::StatusOr<rocksdb::Options> EngineOptions(const std::string& scratch);

}  // namespace tthc::bench
