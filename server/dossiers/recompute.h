#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/call/request_context.h"
#include "server/commit/commit_pipeline.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "tthc/v1/catalogue_service.pb.h"

// Counts the due times of open dossiers again by a new version of the calendar (rule D20).
//
// The dossiers are those that are open when the stream begins. They are done in portions of limits::kRecomputePortion,
// one command and one message for each, so that appends from counters are not delayed. Every dossier that was counted
// by another version gets a `recomputed` event, also if its due time stays: its later waits are counted by the new
// version too. A dossier that can't be counted is reported in the message and left as it is.
//
// Failure: a portion that the commit refuses ends the stream and changes nothing; the portions before it are durable.
// Running it again skips what is done, so that it goes on where it stopped.
namespace tthc::server {

// `pipeline` outlives the stream. INVALID_ARGUMENT FIELD_INVALID at "reason"; NOT_FOUND CALENDAR_NOT_FOUND. The stream
// computes nothing before its first message is asked for; it ends with CANCELLED between two portions. With
// validate_only every portion is a trial.
absl::StatusOr<std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>> StartRecompute(
    CommitPipeline* pipeline, const FactIndex& index, const domain::Catalogue& catalogue, const RequestContext& context,
    const v1::RecomputeDueTimesRequest& request);

}  // namespace tthc::server
