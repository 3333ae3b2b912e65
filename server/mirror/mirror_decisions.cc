#include "server/mirror/mirror_decisions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/call/page_token.h"
#include "server/commit/request_ids.h"
#include "server/mirror/mirror_item.h"
#include "server/mirror/mirror_lease.h"
#include "server/mirror/mirror_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using storage::v1::MirrorTargetRecord;
using v1::MirrorDecision;
using v1::MirrorItem;

// Recorded with items that the server itself makes pending again.
constexpr char kServerActor[] = "tthcd";
constexpr char kProfileChanged[] = "cấu hình gửi đã thay đổi (profile changed)";

// Checks what all decisions have in common. The hash covers the whole request, so that an id can't be reused for
// another decision.
template <typename Request>
absl::StatusOr<DecisionContext> MakeContext(const RequestContext& context, const Request& request,
                                            std::string target_id, bool reason_required) {
  if (reason_required && request.reason().empty()) return InvalidField("reason", "is required", "phải ghi lý do");
  TTHC_RETURN_IF_ERROR(
      CheckText("reason", request.reason(), {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  return DecisionContext{.target_id = std::move(target_id),
                         .actor = context.caller.actor,
                         .reason = request.reason(),
                         .request_id = request.request_id(),
                         .content_hash = request.request_id().empty() ? 0 : HashContent(request)};
}

template <typename Request>
absl::StatusOr<TargetCommand> PrepareTarget(const RequestContext& context, const Request& request,
                                            MirrorDecision::Kind kind) {
  TTHC_ASSIGN_OR_RETURN(std::string id, MirrorTargetId("name", request.name()));
  TargetCommand command{.context = {}, .kind = kind};
  TTHC_ASSIGN_OR_RETURN(command.context,
                        MakeContext(context, request, std::move(id), kind != MirrorDecision::KIND_RESUME));
  return command;
}

MirrorDecision MakeDecision(const DecisionContext& context, MirrorDecision::Kind kind) {
  MirrorDecision decision;
  decision.set_target(MirrorTargetName(context.target_id));
  decision.set_kind(kind);
  decision.set_reason(context.reason);
  decision.set_actor(context.actor);
  return decision;
}

// Repeating a decision (pausing a paused target) is no error: it records the new reason.
absl::StatusOr<std::string> DecideTarget(CommitScope& scope, const TargetCommand& command) {
  const DecisionContext& context = command.context;
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadMirrorTarget(scope, "name", context.target_id));
  switch (command.kind) {
    case MirrorDecision::KIND_PAUSE:
      target.set_paused(true);
      break;
    case MirrorDecision::KIND_RETIRE:
      target.set_retired(true);
      break;
    // KIND_RESUME also brings back a retired target.
    default:
      target.set_paused(false);
      target.set_retired(false);
      break;
  }
  target.set_pause_reason(context.reason);
  scope.Put<storage::MirrorTargets>(context.target_id, std::move(target));
  scope.PutMirrorDecision(MakeDecision(context, command.kind));
  return MirrorTargetName(context.target_id);
}

// Every decision clears next_try_time: the client must not wait out a delay that the decision has overtaken.
void SetDecision(const CommitScope& scope, const std::string& actor, const std::string& reason,
                 MirrorItemRecord& item) {
  item.set_decision_actor(actor);
  item.set_decision_reason(reason);
  item.set_decision_time_us(absl::ToUnixMicros(scope.now()));
  item.clear_next_try_time_us();
}

// Checked again on the commit thread: between the choice on the read pool and the commit, an event or another decision
// may have changed the item.
bool IsParkedFor(const MirrorItemDraft& draft, const std::vector<std::string>& error_reasons) {
  if (draft.state != MirrorItem::STATE_PARKED) return false;
  const std::string& reason = draft.record.last_error().reason();
  return error_reasons.empty() || std::find(error_reasons.begin(), error_reasons.end(), reason) != error_reasons.end();
}

void MakePending(CommitScope& scope, const MirrorTargetRecord& target, const std::string& actor,
                 const std::string& reason, MirrorItemDraft draft) {
  draft.record.clear_attempt_count();
  draft.record.clear_skipped_revision();
  SetDecision(scope, actor, reason, draft.record);
  PutMirrorItem(scope, target, std::move(draft), MirrorItem::STATE_PENDING);
}

// The target counts as not knowing the dossier any more.
void ForgetConfirmed(bool steps_too, MirrorItemRecord& item) {
  item.clear_known_to_target();
  item.clear_confirmed_digest();
  item.clear_confirmed_revision();
  item.clear_sent_status();
  if (steps_too) item.clear_confirmed_step_deltas();
}

// Both the first answer and a repeated one are made from the record, so that they are equal.
v1::RetryMirrorItemsResponse RetryAnswer(const MirrorDecision& decision) {
  v1::RetryMirrorItemsResponse response;
  response.set_retried_count(decision.retried_count());
  response.set_parked_count(decision.parked_count());
  return response;
}

absl::StatusOr<v1::RetryMirrorItemsResponse> DecideRetry(CommitScope& scope, const RetryCommand& command,
                                                         const MirrorIndex& index) {
  const DecisionContext& context = command.context;
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadMirrorTarget(scope, "parent", context.target_id));
  MirrorDecision decision = MakeDecision(context, MirrorDecision::KIND_RETRY);
  decision.set_error_reason(command.error_reason);
  decision.set_resend_record(command.resend_record);
  decision.set_resend_steps(command.resend_steps);
  // Named items are retried in any state; chosen ones only while they are parked.
  const bool parked_only = command.dossiers.empty();
  std::vector<std::string> wanted;
  if (!command.error_reason.empty()) wanted.push_back(command.error_reason);
  int64_t unparked = 0;
  for (const RetryCommand::Item& item : command.items) {
    TTHC_ASSIGN_OR_RETURN(MirrorItemDraft draft, OpenMirrorItem(scope, target, item.number));
    if (parked_only && !IsParkedFor(draft, wanted)) continue;
    if (draft.state == MirrorItem::STATE_PARKED) ++unparked;
    if (command.resend_record) ForgetConfirmed(command.resend_steps, draft.record);
    MakePending(scope, target, context.actor, context.reason, std::move(draft));
    decision.add_items(item.name);
  }
  decision.set_retried_count(decision.items_size());
  // The index knows the commits up to now, not the other commands of this batch: with several retries in one batch, the
  // count may be too high by what they made pending.
  const auto known = index.Find(context.target_id);
  const int64_t parked = known.has_value() ? known->counts.parked : 0;
  decision.set_parked_count(std::max<int64_t>(0, parked - unparked));
  v1::RetryMirrorItemsResponse response = RetryAnswer(decision);
  scope.PutMirrorDecision(std::move(decision));
  return response;
}

absl::Status NothingToSkip(const std::string& target_id, MirrorItem::State state) {
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "MIRROR_NOTHING_TO_SKIP",
       .message = absl::StrCat("nothing of this dossier is pending or parked at the target \"", target_id, "\""),
       .message_vi = absl::StrCat("Hồ sơ này không còn gì phải gửi đến \"", target_id, "\""),
       .metadata = {{"target", target_id}, {"state", MirrorItem::State_Name(state)}},
       .field = "name"});
}

// Skips up to the dossier's last revision. Its steps up to there are never sent, its record is with the next event.
absl::StatusOr<int64_t> DecideSkip(CommitScope& scope, const SkipCommand& command) {
  const DecisionContext& context = command.context;
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadMirrorTarget(scope, "name", context.target_id));
  TTHC_ASSIGN_OR_RETURN(MirrorItemDraft draft, OpenMirrorItem(scope, target, command.number));
  if (draft.state != MirrorItem::STATE_PARKED && draft.state != MirrorItem::STATE_PENDING) {
    // Clients see a dossier before the target's start as excluded.
    const bool is_excluded = draft.state == MirrorItem::STATE_UNSPECIFIED;
    return NothingToSkip(context.target_id, is_excluded ? MirrorItem::STATE_EXCLUDED : draft.state);
  }
  SetDecision(scope, context.actor, context.reason, draft.record);
  draft.record.set_skipped_revision(draft.revision);
  PutMirrorItem(scope, target, std::move(draft), MirrorItem::STATE_SKIPPED);
  MirrorDecision decision = MakeDecision(context, MirrorDecision::KIND_SKIP);
  decision.add_items(command.item_name);
  scope.PutMirrorDecision(std::move(decision));
  return command.number;
}

// A portion bounds the time on the commit thread: each item is read, changed and written.
absl::StatusOr<size_t> RetryCountMax(const v1::RetryMirrorItemsRequest& request) {
  constexpr auto kMax = static_cast<int>(limits::kMirrorRetryPortion);
  if (request.names_size() > kMax) {
    return InvalidField("names", absl::StrCat("at most ", kMax, " at once"),
                        absl::StrCat("tối đa ", kMax, " hồ sơ một lần"));
  }
  if (request.count_max() < 0) return InvalidField("count_max", "must not be negative", "không được âm");
  return static_cast<size_t>(request.count_max() == 0 ? kMax : std::min(request.count_max(), kMax));
}

}  // namespace

// --- Targets ---------------------------------------------------------------------------------------------------------

absl::StatusOr<TargetCommand> PreparePause(const RequestContext& context, const v1::PauseMirrorTargetRequest& request) {
  return PrepareTarget(context, request, MirrorDecision::KIND_PAUSE);
}

absl::StatusOr<TargetCommand> PrepareResume(const RequestContext& context,
                                            const v1::ResumeMirrorTargetRequest& request) {
  return PrepareTarget(context, request, MirrorDecision::KIND_RESUME);
}

absl::StatusOr<TargetCommand> PrepareRetire(const RequestContext& context,
                                            const v1::RetireMirrorTargetRequest& request) {
  return PrepareTarget(context, request, MirrorDecision::KIND_RETIRE);
}

absl::StatusOr<std::string> RunTarget(CommitScope& scope, const TargetCommand& command) {
  return RunOnce<std::string>(
      scope, command.context.request_id, command.context.content_hash,
      [&](CommitScope& inner) { return DecideTarget(inner, command); },
      [&](CommitScope&, int64_t, int32_t) -> absl::StatusOr<std::string> {
        return MirrorTargetName(command.context.target_id);
      });
}

// --- Retry -----------------------------------------------------------------------------------------------------------

absl::StatusOr<RetryCommand> PrepareRetry(const RequestContext& context, const v1::RetryMirrorItemsRequest& request) {
  RetryCommand command;
  TTHC_ASSIGN_OR_RETURN(std::string target_id, MirrorTargetId("parent", request.parent()));
  TTHC_ASSIGN_OR_RETURN(command.count_max, RetryCountMax(request));
  for (int i = 0; i < request.names_size(); ++i) {
    const std::string field = absl::StrCat("names[", i, "]");
    TTHC_ASSIGN_OR_RETURN(MirrorItemName name, ParseMirrorItemName(field, request.names(i)));
    if (name.target_id != target_id) return InvalidField(field, "belongs to another target", "thuộc hệ thống khác");
    command.dossiers.push_back(std::move(name.dossier));
  }
  const bool named = !command.dossiers.empty();
  if (!named && request.resend_record())
    return InvalidField("resend_record", "needs names", "chỉ dùng khi nêu rõ hồ sơ");
  if (request.resend_steps() && !request.resend_record()) {
    return InvalidField("resend_steps", "needs resend_record", "chỉ dùng cùng resend_record");
  }
  if (named && !request.error_reason().empty()) {
    return InvalidField("error_reason", "is for requests without names", "chỉ dùng khi không nêu hồ sơ");
  }
  TTHC_RETURN_IF_ERROR(CheckText("error_reason", request.error_reason(), {.bytes_max = limits::kResourceNameBytesMax}));
  TTHC_ASSIGN_OR_RETURN(command.context, MakeContext(context, request, std::move(target_id), false));
  command.error_reason = request.error_reason();
  command.resend_record = request.resend_record();
  command.resend_steps = request.resend_steps();
  return command;
}

absl::StatusOr<v1::RetryMirrorItemsResponse> RunRetry(CommitScope& scope, const RetryCommand& command,
                                                      const MirrorIndex& index) {
  return RunOnce<v1::RetryMirrorItemsResponse>(
      scope, command.context.request_id, command.context.content_hash,
      [&](CommitScope& inner) { return DecideRetry(inner, command, index); },
      // The decision is the command's only record.
      [](CommitScope& inner, int64_t first_revision, int32_t) -> absl::StatusOr<v1::RetryMirrorItemsResponse> {
        TTHC_ASSIGN_OR_RETURN(const storage::v1::LogRecord record, inner.LoadLog(first_revision));
        return RetryAnswer(record.mirror_decision());
      });
}

// --- Skip ------------------------------------------------------------------------------------------------------------

absl::StatusOr<SkipCommand> PrepareSkip(const RequestContext& context, const v1::SkipMirrorItemRequest& request) {
  TTHC_ASSIGN_OR_RETURN(MirrorItemName name, ParseMirrorItemName("name", request.name()));
  SkipCommand command;
  TTHC_ASSIGN_OR_RETURN(command.context, MakeContext(context, request, std::move(name.target_id), true));
  command.dossier = std::move(name.dossier);
  return command;
}

absl::StatusOr<int64_t> RunSkip(CommitScope& scope, const SkipCommand& command) {
  return RunOnce<int64_t>(
      scope, command.context.request_id, command.context.content_hash,
      [&](CommitScope& inner) { return DecideSkip(inner, command); },
      [&](CommitScope&, int64_t, int32_t) -> absl::StatusOr<int64_t> { return command.number; });
}

// --- Requeueing ------------------------------------------------------------------------------------------------------

absl::StatusOr<std::vector<int64_t>> ListParked(const storage::StoreReader& reader, uint32_t target,
                                                const std::vector<std::string>& error_reasons, int64_t after_number,
                                                size_t count_max) {
  std::vector<int64_t> numbers;
  // A visitor can't return an error; it ends the scan and leaves the error here.
  absl::Status failed;
  TTHC_RETURN_IF_ERROR(
      reader.ScanMirrorAttention(target, after_number + 1, [&](int64_t number, const MirrorItemRecord& attention) {
        if (attention.state() != MirrorItem::STATE_PARKED) return true;
        if (!error_reasons.empty()) {
          // An attention key holds the state only; the reason is in the item.
          const auto item = reader.Get<storage::MirrorItems>({target, number});
          failed = item.status();
          if (!failed.ok()) return false;
          const std::string reason = item->has_value() ? (*item)->last_error().reason() : "";
          if (std::find(error_reasons.begin(), error_reasons.end(), reason) == error_reasons.end()) return true;
        }
        numbers.push_back(number);
        return numbers.size() < count_max;
      }));
  TTHC_RETURN_IF_ERROR(failed);
  return numbers;
}

absl::Status RunRequeue(CommitScope& scope, const std::string& target_id, int64_t fence,
                        const std::vector<int64_t>& numbers, const std::vector<std::string>& error_reasons) {
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadFencedMirrorTarget(scope, "name", target_id, fence));
  for (const int64_t number : numbers) {
    TTHC_ASSIGN_OR_RETURN(MirrorItemDraft draft, OpenMirrorItem(scope, target, number));
    if (!IsParkedFor(draft, error_reasons)) continue;
    MakePending(scope, target, kServerActor, kProfileChanged, std::move(draft));
  }
  return absl::OkStatus();
}

absl::Status RunKeepProfile(CommitScope& scope, const std::string& target_id, int64_t fence,
                            const std::string& profile_digest) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadFencedMirrorTarget(scope, "name", target_id, fence));
  target.set_profile_digest(profile_digest);
  scope.Put<storage::MirrorTargets>(target_id, std::move(target));
  return absl::OkStatus();
}

}  // namespace tthc::server
