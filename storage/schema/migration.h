#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/engine/engine.h"
#include "tthc/storage/v1/records.pb.h"

namespace tthc::storage {

// One step from schema version N to N+1.
struct Migration {
  // Kept in SchemaRecord.applied; never renamed once released.
  std::string name;
  // Rewrites what lies in `engine` by commits of its own, at an unchanged revision and in portions that fit in memory.
  // A crash in its midst runs it again from the start: what is done already must not hurt.
  std::function<absl::Status(Engine& engine)> run;
};

// All steps there are, oldest first: step i leads from version i + 1 to i + 2. Append only.
const std::vector<Migration>& Migrations();

// Brings the data to version 1 + steps.size() and returns what stands there then; creates it (with `new_store_id` and
// an empty head) in an empty engine. FAILED_PRECONDITION SCHEMA_TOO_NEW when later software wrote the data, NOT_A_STORE
// when something else did; the errors of the engine and of the steps.
absl::StatusOr<v1::SchemaRecord> Migrate(Engine& engine, const std::vector<Migration>& steps, uint64_t new_store_id);

}  // namespace tthc::storage
