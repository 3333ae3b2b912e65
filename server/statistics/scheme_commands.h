#pragma once

#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/catalogue/catalogue_command.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/statistics_service.pb.h"

// Changing schemes of evaluation (bộ tiêu chí đánh giá).
//
// A scheme is one entry of the catalogue and one log record, replaced whole; the log keeps the earlier ones. Scores
// that were computed are not stored, so a changed scheme changes the scores of past periods as well: a change of the
// law is a new scheme with a later start_date, not a change of the old one.
//
// See server/catalogue/catalogue_commands.h for the two halves of a command, its threads, and what happens if it fails.
namespace tthc::server {

// The scheme as it was sent; see CatalogueCommand.
using UpdateSchemeCommand = CatalogueCommand<v1::UpdateSchemeRequest>;

// Stores the scheme, or answers with what is stored if nothing differs. With an update mask the scheme is checked in
// Run…, after it was merged with what is stored. INVALID_ARGUMENT FIELD_INVALID below "scheme" or at "update_mask";
// NOT_FOUND SCHEME_NOT_FOUND; ABORTED ETAG_MISMATCH; RESOURCE_EXHAUSTED CATALOGUE_FULL; errors of RunOnce.
absl::StatusOr<UpdateSchemeCommand> PrepareUpdateScheme(const RequestContext& context,
                                                        const v1::UpdateSchemeRequest& request);
absl::StatusOr<v1::Scheme> RunUpdateScheme(CommitScope& scope, UpdateSchemeCommand& command);

}  // namespace tthc::server
