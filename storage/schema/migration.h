#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/engine/engine.h"
#include "tthc/storage/v1/records.pb.h"

// Numbered migrations: how data that older software wrote are brought to the format of today.
//
// The schema's version rises by one with each step. Opening a store runs the steps that are missing, in order. A step
// rewrites records by commits of its own and the version moves only afterwards, so a crash runs the step again: it must
// recognize what it has done already. There is no way back; newer data are refused by older software.
//
// Runs before anything else uses the engine, on one thread.
namespace tthc::storage {

// One step from schema version N to N+1.
struct Migration {
  // Kept in SchemaRecord.applied; never renamed once released.
  std::string name;
  // Rewrites records of `engine`, at an unchanged revision and in portions that fit in memory. May be run again after a
  // crash. An error stops the opening and leaves the version where it was.
  std::function<absl::Status(Engine& engine)> run;
};

// All steps, oldest first: step i leads from version i + 1 to i + 2. Steps are appended and never changed.
const std::vector<Migration>& Migrations();

// Brings the data to version 1 + steps.size() and returns the schema; creates it (with `new_store_id` and an empty
// head) in an empty engine. Each step that ran is logged as `schema_migrated`. FAILED_PRECONDITION SCHEMA_TOO_NEW when
// newer software wrote the data, NOT_A_STORE when something else did; the errors of the engine and of the steps.
absl::StatusOr<v1::SchemaRecord> Migrate(Engine& engine, const std::vector<Migration>& steps, uint64_t new_store_id);

}  // namespace tthc::storage
