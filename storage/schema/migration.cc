#include "storage/schema/migration.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"
#include "storage/schema/dossier_uids.h"
#include "storage/schema/keys.h"
#include "storage/schema/record.h"

namespace tthc::storage {
namespace {

absl::Status TooNew(int32_t found, int32_t known) {
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "SCHEMA_TOO_NEW",
       .message = absl::StrCat("newer software wrote this data (schema ", found, "), this software knows up to ", known,
                               "; update the software, or restore a backup of its own time"),
       .message_vi = absl::StrCat("dữ liệu do phần mềm mới hơn ghi (lược đồ ", found, "), phần mềm này chỉ biết đến ",
                                  known, "; hãy cập nhật phần mềm hoặc phục hồi bản sao lưu cùng thời"),
       .metadata = {{"found_version", absl::StrCat(found)}, {"known_version", absl::StrCat(known)}}});
}

absl::Status NotAStore() {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "NOT_A_STORE",
                    .message = "the data directory holds other data than dossiers; choose another directory",
                    .message_vi = "thư mục dữ liệu chứa dữ liệu khác, không phải kho hồ sơ; hãy chọn thư mục khác"});
}

// Migrations change how records are written, not the history: the revision stays.
absl::Status Write(Engine& engine, Batch batch) {
  const int64_t revision = engine.revision();
  return engine.Commit(batch, revision, revision);
}

absl::StatusOr<v1::SchemaRecord> Create(Engine& engine, int32_t version, uint64_t store_id) {
  bool empty = true;
  TTHC_RETURN_IF_ERROR(engine.TakeSnapshot()->Scan("", "", {}, [&](absl::string_view, absl::string_view) {
    empty = false;
    return false;
  }));
  // Without a schema record only an empty engine is a new store; anything else is data that this software must not
  // touch.
  if (!empty || engine.revision() != 0) return NotAStore();
  v1::SchemaRecord schema;
  schema.set_version(version);
  schema.set_store_id(store_id);
  // The first revision will be 1; an empty feed begins there.
  v1::HeadRecord head;
  head.set_oldest_revision(1);
  Batch batch;
  batch.Put(SchemaKey(), EncodeRecord(schema));
  batch.Put(HeadKey(), EncodeRecord(head));
  TTHC_RETURN_IF_ERROR(Write(engine, std::move(batch)));
  return schema;
}

}  // namespace

const std::vector<Migration>& Migrations() {
  static const auto* const steps = new std::vector<Migration>{
      // Rewrites nothing. The version alone keeps software that does not know these records from opening the data.
      {.name = "schemes-and-closings", .run = [](Engine&) { return absl::OkStatus(); }},
      // As above: software that does not know the mirror would record events and leave its items behind.
      {.name = "mirror", .run = [](Engine&) { return absl::OkStatus(); }},
      // Dossiers are named by uids, which the records of their opening events carry; see dossier_uids.h.
      {.name = "dossier-uids", .run = [](Engine& engine) { return AssignDossierUids(engine, RandomUidSource()); }},
  };
  return *steps;
}

absl::StatusOr<v1::SchemaRecord> Migrate(Engine& engine, const std::vector<Migration>& steps, uint64_t new_store_id) {
  const auto newest = static_cast<int32_t>(1 + steps.size());
  TTHC_ASSIGN_OR_RETURN(std::optional<v1::SchemaRecord> found,
                        ReadRecord<v1::SchemaRecord>(*engine.TakeSnapshot(), SchemaKey()));
  if (!found.has_value()) return Create(engine, newest, new_store_id);
  v1::SchemaRecord& schema = *found;
  if (schema.version() > newest) return TooNew(schema.version(), newest);
  // A record that parses and has no version is not ours.
  if (schema.version() < 1) return NotAStore();
  while (schema.version() < newest) {
    const Migration& step = steps[static_cast<size_t>(schema.version() - 1)];
    // The version moves after the step: a crash in between runs the step again.
    TTHC_RETURN_IF_ERROR(step.run(engine));
    schema.set_version(schema.version() + 1);
    schema.add_applied(step.name);
    Batch batch;
    batch.Put(SchemaKey(), EncodeRecord(schema));
    TTHC_RETURN_IF_ERROR(Write(engine, std::move(batch)));
    Log(LogLevel::kInfo, "schema_migrated", {{"step", step.name}, {"version", absl::StrCat(schema.version())}});
  }
  return schema;
}

}  // namespace tthc::storage
