#pragma once

#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/catalogue/catalogue_command.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/catalogue_service.pb.h"

// The commands of the catalogue: procedures, fields, offices, units, officers and calendars.
//
// An entry is a log record. Procedures and calendars are versioned: an update adds a version and leaves the earlier
// ones as they are, since dossiers refer to them. The other entries are replaced whole. Nothing is deleted.
//
// A command has two halves. Prepare… looks at the request alone (texts, names, dates) and runs on the calling thread,
// so that nonsense never reaches the queue. Run… runs on the commit thread, looks at the catalogue, and stages records
// in the scope of its command. It changes nothing that others can see: the pipeline writes the records and publishes
// the next catalogue after the durable sync. If a command is refused, or its commit fails, nothing of it remains.
//
// A command that changes nothing writes nothing. Request ids are handled by RunOnce: a repetition is answered from the
// records that the first call wrote. With validate_only the request id is left alone.
//
// Errors of all: INVALID_ARGUMENT FIELD_INVALID with the path of the field; RESOURCE_EXHAUSTED CATALOGUE_FULL past the
// bounds of limits.h; those of RunOnce.
namespace tthc::server {

using UpdateProcedureCommand = CatalogueCommand<v1::UpdateProcedureRequest>;
using ImportOfficesCommand = CatalogueCommand<v1::ImportOfficesRequest>;
using CreateCalendarCommand = CatalogueCommand<v1::CreateCalendarRequest>;

// Adds the next version, or answers with the newest one if nothing differs. NOT_FOUND PROCEDURE_NOT_FOUND, ABORTED
// ETAG_MISMATCH. With an update mask the procedure is checked in Run…, after it was merged with the newest version.
absl::StatusOr<UpdateProcedureCommand> PrepareUpdateProcedure(const RequestContext& context,
                                                              const v1::UpdateProcedureRequest& request);
absl::StatusOr<v1::Procedure> RunUpdateProcedure(CommitScope& scope, UpdateProcedureCommand& command);

// Adds or replaces the entries that differ, all or none.
absl::StatusOr<ImportOfficesCommand> PrepareImportOffices(const RequestContext& context,
                                                          const v1::ImportOfficesRequest& request);
absl::StatusOr<v1::ImportOfficesResponse> RunImportOffices(CommitScope& scope, ImportOfficesCommand& command);

// Adds the next version, always: equal calendars are two versions. Whether days and sessions make a calendar is checked
// in Run…, where the calendar is built from them.
absl::StatusOr<CreateCalendarCommand> PrepareCreateCalendar(const RequestContext& context,
                                                            const v1::CreateCalendarRequest& request);
absl::StatusOr<v1::Calendar> RunCreateCalendar(CommitScope& scope, CreateCalendarCommand& command);

}  // namespace tthc::server
