#include "server/mirror/mirror_calls.h"

#include <set>
#include <utility>

#include "server/mirror/mirror_names.h"
#include "storage/base/status_macros.h"

namespace tthc::server {

MirrorCalls::MirrorCalls(const Options& options)
    : clock_(*options.clock),
      index_(*options.index),
      keeper_(*options.keeper),
      queries_(options.store, options.facts, options.index, options.catalogue) {}

// Outcomes may settle revisions. Scheduling here, and not after each call, covers every command that writes items.
void MirrorCalls::OnCommitted(const CommitPipeline::Committed& committed) {
  index_.OnCommitted(committed);
  const auto& items = committed.records.rows<storage::MirrorItems>();
  if (items.empty()) return;
  std::set<uint32_t> changed;
  for (const auto& [id, record] : items) changed.insert(id.first);
  for (const MirrorIndex::Target& target : index_.Targets()) {
    if (changed.contains(target.record.number())) keeper_.ScheduleAdvance(target.id);
  }
}

// --- Pause, resume, retire -------------------------------------------------------------------------------------------

absl::StatusOr<TargetCommand> MirrorCalls::PrepareTargetChange(const RequestContext& context,
                                                               const v1::PauseMirrorTargetRequest& request) const {
  return PreparePause(context, request);
}

absl::StatusOr<TargetCommand> MirrorCalls::PrepareTargetChange(const RequestContext& context,
                                                               const v1::ResumeMirrorTargetRequest& request) const {
  return PrepareResume(context, request);
}

absl::StatusOr<TargetCommand> MirrorCalls::PrepareTargetChange(const RequestContext& context,
                                                               const v1::RetireMirrorTargetRequest& request) const {
  return PrepareRetire(context, request);
}

absl::StatusOr<std::string> MirrorCalls::RunTargetChange(CommitScope& scope, TargetCommand& command) const {
  return RunTarget(scope, command);
}

absl::StatusOr<v1::MirrorTarget> MirrorCalls::AnswerTargetChange(const std::string& name) const {
  return queries_.GetTargetByName(name, clock_.Now());
}

// --- The lease -------------------------------------------------------------------------------------------------------

absl::StatusOr<AcquireCommand> MirrorCalls::PrepareAcquire(const RequestContext&,
                                                           const v1::AcquireMirrorTargetRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(AcquireCommand command, server::PrepareAcquire(request));
  command.first_dossier_number = queries_.FirstNumberFrom(request.start_date());
  return command;
}

absl::StatusOr<AcquireOutcome> MirrorCalls::RunAcquire(CommitScope& scope, AcquireCommand& command) const {
  return server::RunAcquire(scope, command, index_);
}

// On the read pool, so that the first portion of requeueing may scan the store.
absl::StatusOr<v1::AcquireMirrorTargetResponse> MirrorCalls::AnswerAcquire(const AcquireOutcome& outcome) const {
  v1::AcquireMirrorTargetResponse response;
  response.set_clean(outcome.clean);
  response.set_head_revision(outcome.head_revision);
  TTHC_ASSIGN_OR_RETURN(*response.mutable_target(),
                        queries_.GetTargetByName(MirrorTargetName(outcome.target_id), clock_.Now()));
  keeper_.ScheduleAdvance(outcome.target_id);
  if (outcome.profile_changed) {
    keeper_.Requeue(*pipeline_, outcome.target_id, outcome.fence, outcome.profile_digest);
  }
  return response;
}

void MirrorCalls::Renew(const RequestContext& context, const v1::RenewMirrorTargetRequest& request,
                        Reply<v1::RenewMirrorTargetResponse> reply) const {
  absl::StatusOr<RenewCommand> prepared = PrepareRenew(request, index_, clock_.Now());
  if (!prepared.ok()) return reply(prepared.status());
  // Outcomes since the last renewal may have settled more than was written.
  keeper_.ScheduleAdvance(prepared->target_id);
  if (!prepared->needs_write) return reply(AnswerRenewed(*prepared, index_));
  // Shared by the two functions of the command. Submit leaves the command as it is when it refuses it, so that the
  // reply is still there to be answered.
  CommitPipeline::Command command{
      .run = [this, renewal = *prepared](CommitScope& scope) { return RunRenew(scope, renewal, index_); },
      .done =
          [this, renewal = *prepared, reply = std::move(reply)](const absl::Status& status) mutable {
            if (!status.ok()) return reply(status);
            reply(AnswerRenewed(renewal, index_));
          },
      .bytes = request.ByteSizeLong(),
      .deadline = context.deadline};
  const absl::Status queued = pipeline_->Submit(std::move(command));
  if (!queued.ok()) command.done(queued);
}

absl::StatusOr<ReleaseCommand> MirrorCalls::PrepareRelease(const RequestContext&,
                                                           const v1::ReleaseMirrorTargetRequest& request) const {
  return server::PrepareRelease(request);
}

absl::StatusOr<v1::ReleaseMirrorTargetResponse> MirrorCalls::RunRelease(CommitScope& scope,
                                                                        ReleaseCommand& command) const {
  return server::RunRelease(scope, command, index_);
}

// --- Outcomes --------------------------------------------------------------------------------------------------------

absl::StatusOr<OutcomesCommand> MirrorCalls::PrepareOutcomes(const RequestContext&,
                                                             const v1::RecordMirrorOutcomesRequest& request) const {
  return server::PrepareOutcomes(request);
}

absl::StatusOr<v1::RecordMirrorOutcomesResponse> MirrorCalls::RunOutcomes(CommitScope& scope,
                                                                          OutcomesCommand& command) const {
  return server::RunOutcomes(scope, command, index_);
}

// --- Retry and skip --------------------------------------------------------------------------------------------------

absl::StatusOr<RetryCommand> MirrorCalls::PrepareRetry(const RequestContext& context,
                                                       const v1::RetryMirrorItemsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(RetryCommand command, server::PrepareRetry(context, request));
  TTHC_RETURN_IF_ERROR(queries_.Resolve(command));
  return command;
}

absl::StatusOr<v1::RetryMirrorItemsResponse> MirrorCalls::RunRetry(CommitScope& scope, RetryCommand& command) const {
  return server::RunRetry(scope, command, index_);
}

absl::StatusOr<SkipCommand> MirrorCalls::PrepareSkip(const RequestContext& context,
                                                     const v1::SkipMirrorItemRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(SkipCommand command, server::PrepareSkip(context, request));
  TTHC_RETURN_IF_ERROR(queries_.Resolve(command));
  return command;
}

absl::StatusOr<MirrorCalls::SkippedItem> MirrorCalls::RunSkip(CommitScope& scope, SkipCommand& command) const {
  SkippedItem item{.target_id = command.context.target_id};
  TTHC_ASSIGN_OR_RETURN(item.number, server::RunSkip(scope, command));
  return item;
}

absl::StatusOr<v1::MirrorItem> MirrorCalls::AnswerSkip(const SkippedItem& item) const {
  return queries_.GetItemOf(item.target_id, item.number);
}

}  // namespace tthc::server
