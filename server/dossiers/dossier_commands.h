#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/dossier_service.pb.h"

// The write side of dossiers: opens dossiers and appends events to them.
//
// Vocabulary:
//   command   one request, checked and normalized. It is carried out whole or not at all.
//   item      one event of an append, together with the dossier that it belongs to.
//   trial     a command with `validate_only`: it runs like any other and its writes are thrown away. Its answer has no
//             names, codes, etags and revisions, because none of them will exist.
//   replay    a command whose request id was carried out before. It writes nothing and builds the first answer again
//             from the history, in the view that the retry asks for.
//
// Threads: a Prepare… function is pure and runs on the thread of the caller. It does all that needs no state, so that
// the one commit thread does not have to. A Run… function runs on the commit thread, within the scope of its command.
//
// Ownership: a Prepare… function copies what it needs from the request. A Run… function consumes the events of its
// command, so a command runs only once.
//
// Errors: as the methods of DossierService promise, with the paths of their requests. INVALID_ARGUMENT and
// RESOURCE_EXHAUSTED ANSWER_TOO_LARGE also come from here: an answer that does not fit into one message refuses its
// command, because a client could not learn what was written.
//
// Failure: an error leaves nothing behind; the pipeline drops what the scope had staged. Nothing is durable when a Run…
// function returns: the pipeline sends the answer after its sync.
namespace tthc::server {

// Opens one dossier.
struct CreateCommand {
  // Normalized, in order; the first one opens the dossier.
  std::vector<v1::Event> events;
  // Recorded on each event.
  std::string actor;
  std::string request_id;
  // Covers what a retry must repeat: all of the request but its view. 0 without a request id.
  uint64_t content_hash = 0;
  // Never unspecified.
  v1::DossierView view = v1::DOSSIER_VIEW_REFERENCE;
  bool validate_only = false;
};

struct AppendItem {
  // dossiers/{uid, code or alias}, as the client wrote it.
  std::string parent;
  // Normalized.
  v1::Event event;
  // Etag of the dossier before the whole command. Empty: any.
  std::string etag;
};

// Appends events to one dossier or to several; the fields are those of CreateCommand.
struct AppendCommand {
  std::vector<AppendItem> items;
  std::string actor;
  std::string request_id;
  uint64_t content_hash = 0;
  v1::DossierView view = v1::DOSSIER_VIEW_REFERENCE;
  bool validate_only = false;
  // Errors of a batch name the item: "requests[3].event.…".
  bool is_batch = false;
};

// One message of StreamAppend; the adapter matches sequence numbers and puts errors into the acknowledgment.
struct StreamCommand {
  std::variant<CreateCommand, AppendCommand> command;
  // That of the command.
  bool validate_only = false;
};

absl::StatusOr<CreateCommand> PrepareCreate(const RequestContext& context, const v1::CreateDossierRequest& request);
absl::StatusOr<v1::CreateDossierResponse> RunCreate(CommitScope& scope, CreateCommand& command);

absl::StatusOr<AppendCommand> PrepareAppend(const RequestContext& context, const v1::AppendEventRequest& request);
absl::StatusOr<v1::AppendEventResponse> RunAppend(CommitScope& scope, AppendCommand& command);

absl::StatusOr<AppendCommand> PrepareBatchAppend(const RequestContext& context,
                                                 const v1::BatchAppendEventsRequest& request);
absl::StatusOr<v1::BatchAppendEventsResponse> RunBatchAppend(CommitScope& scope, AppendCommand& command);

absl::StatusOr<StreamCommand> PrepareStreamAppend(const RequestContext& context,
                                                  const v1::StreamAppendRequest& request);
absl::StatusOr<v1::StreamAppendResponse> RunStreamAppend(CommitScope& scope, StreamCommand& command);

}  // namespace tthc::server
