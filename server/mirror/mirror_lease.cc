#include "server/mirror/mirror_lease.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/mirror/mirror_item.h"
#include "server/mirror/mirror_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorTargetRecord;

// The client acquires the target again; whatever it had under way is decided by that answer.
absl::Status LeaseLost(const std::string& target_id) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "MIRROR_LEASE_LOST",
                    .message = absl::StrCat("another process has taken over the target \"", target_id,
                                            "\", or its lease was released; acquire it again"),
                    .message_vi = absl::StrCat("Quyền gửi đến hệ thống \"", target_id,
                                               "\" đã được trả lại hoặc chuyển cho tiến trình khác"),
                    .metadata = {{"target", target_id}},
                    .field = "fence"});
}

absl::Status LeaseHeld(const std::string& id, const MirrorTargetRecord& target, absl::Duration left) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "MIRROR_LEASE_HELD",
                    .message = absl::StrCat("\"", target.lease_holder(), "\" delivers to the target \"", id,
                                            "\" now; stop it, or wait until its lease ends"),
                    .message_vi = absl::StrCat("\"", target.lease_holder(), "\" đang gửi đến hệ thống \"", id,
                                               "\"; hãy dừng tiến trình đó hoặc chờ hết phiên giữ quyền"),
                    .metadata = {{"target", id}, {"holder", target.lease_holder()}},
                    .retry_delay = left});
}

// Targets are never deleted, so that a typing error in a configuration uses one up for good. The bound keeps the states
// in memory small.
absl::Status TooManyTargets() {
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "MIRROR_TOO_MANY_TARGETS",
                    .message = absl::StrCat("there are ", limits::kMirrorTargetsMax, " targets already"),
                    .message_vi = absl::StrCat("Đã có ", limits::kMirrorTargetsMax, " hệ thống nhận"),
                    .metadata = {{"max", absl::StrCat(limits::kMirrorTargetsMax)}}});
}

absl::Duration LeaseDuration(const v1::AcquireMirrorTargetRequest& request) {
  if (!request.has_lease_duration()) return limits::kMirrorLeaseDefault;
  return FromProto(request.lease_duration());
}

// A third longer than the holder counts on: it can renew for so long without a write.
void Prolong(absl::Time now, MirrorTargetRecord& target) {
  target.set_lease_expire_time_us(absl::ToUnixMicros(now) + target.lease_duration_us() * 4 / 3);
}

// Position of a new target: right before the first event of the first dossier that it takes.
absl::StatusOr<int64_t> FirstPosition(const CommitScope& scope, int64_t first_dossier_number) {
  if (first_dossier_number <= 1) return 0;
  // Every dossier so far is before the start: the history up to now is settled.
  if (first_dossier_number > scope.head().last_dossier_number()) return scope.head().revision();
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> revisions, scope.LoadRevisions(first_dossier_number));
  return revisions.front() - 1;
}

// A target that does not exist yet. Numbers are never given twice, since the keys of items hold them.
absl::StatusOr<MirrorTargetRecord> MakeTarget(const CommitScope& scope, const AcquireCommand& command) {
  TTHC_ASSIGN_OR_RETURN(const auto targets, scope.LoadMirrorTargets());
  if (targets.size() >= limits::kMirrorTargetsMax) return TooManyTargets();
  MirrorTargetRecord target;
  uint32_t last_number = 0;
  for (const auto& [id, known] : targets) last_number = std::max(last_number, known.number());
  target.set_number(last_number + 1);
  target.set_create_time_us(absl::ToUnixMicros(scope.now()));
  target.set_profile_digest(command.request.profile_digest());
  target.set_first_dossier_number(command.first_dossier_number);
  TTHC_ASSIGN_OR_RETURN(const int64_t position, FirstPosition(scope, command.first_dossier_number));
  target.set_position(position);
  // Nothing was ever sent, so every outcome is recorded.
  target.set_released(true);
  return target;
}

}  // namespace

absl::Status CheckMirrorFence(const std::string& target_id, const MirrorTargetRecord& target, int64_t fence) {
  const bool holds = !target.lease_holder().empty() && target.fence() == fence;
  return holds ? absl::OkStatus() : LeaseLost(target_id);
}

absl::StatusOr<MirrorTargetRecord> LoadFencedMirrorTarget(const CommitScope& scope, absl::string_view field,
                                                          const std::string& target_id, int64_t fence) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadMirrorTarget(scope, field, target_id));
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(target_id, target, fence));
  return target;
}

// The index moves the position in memory only. A start reads the log from the stored position on, so that writing it
// along keeps starts short; an old one costs time and nothing else.
bool KeepMirrorPosition(const MirrorIndex& index, const std::string& target_id, MirrorTargetRecord& target) {
  const int64_t position = index.PositionOf(target_id);
  if (position <= target.position()) return false;
  target.set_position(position);
  return true;
}

absl::StatusOr<AcquireCommand> PrepareAcquire(const v1::AcquireMirrorTargetRequest& request) {
  AcquireCommand command{.request = request, .target_id = {}};
  TTHC_ASSIGN_OR_RETURN(command.target_id, MirrorTargetId("name", request.name()));
  TTHC_RETURN_IF_ERROR(CheckText("display_name", request.display_name(), {.bytes_max = limits::kShortTextBytesMax}));
  TTHC_RETURN_IF_ERROR(CheckText("holder", request.holder(), {.bytes_max = limits::kResourceNameBytesMax}));
  if (request.holder().empty()) return InvalidField("holder", "is required", "phải ghi tên tiến trình");
  const absl::Duration duration = LeaseDuration(request);
  if (duration < limits::kMirrorLeaseMin || duration > limits::kMirrorLeaseMax) {
    return InvalidField("lease_duration",
                        absl::StrCat("must be ", absl::FormatDuration(limits::kMirrorLeaseMin), " to ",
                                     absl::FormatDuration(limits::kMirrorLeaseMax)),
                        absl::StrCat("phải từ ", absl::ToInt64Seconds(limits::kMirrorLeaseMin), " đến ",
                                     absl::ToInt64Seconds(limits::kMirrorLeaseMax), " giây"));
  }
  if (!request.start_date().empty() && !ParseIsoDate(request.start_date()).ok()) {
    return InvalidField("start_date", "is not an existing day YYYY-MM-DD", "không phải ngày có thật dạng YYYY-MM-DD");
  }
  if (request.profile_digest().size() > limits::kMirrorDigestBytesMax) {
    return InvalidField("profile_digest", absl::StrCat("at most ", limits::kMirrorDigestBytesMax, " bytes"),
                        absl::StrCat("tối đa ", limits::kMirrorDigestBytesMax, " byte"));
  }
  return command;
}

absl::StatusOr<AcquireOutcome> RunAcquire(CommitScope& scope, const AcquireCommand& command, const MirrorIndex& index) {
  const v1::AcquireMirrorTargetRequest& request = command.request;
  TTHC_ASSIGN_OR_RETURN(std::optional<MirrorTargetRecord> known, scope.Find<storage::MirrorTargets>(command.target_id));
  if (!known.has_value()) {
    TTHC_ASSIGN_OR_RETURN(known, MakeTarget(scope, command));
  }
  MirrorTargetRecord& target = *known;
  const absl::Duration left = absl::FromUnixMicros(target.lease_expire_time_us()) - scope.now();
  const bool held = !target.lease_holder().empty() && target.lease_holder() != request.holder();
  if (held && left > absl::ZeroDuration()) return LeaseHeld(command.target_id, target, left);

  // Before `clean` is computed from it: what was settled since the last write counts.
  KeepMirrorPosition(index, command.target_id, target);
  const int64_t head = scope.head().revision();
  // The lease before this one ended without a clean release: its holder may have sent anything up to now.
  if (!target.released()) target.set_unclean_revision(head);
  AcquireOutcome outcome{.target_id = command.target_id, .profile_digest = request.profile_digest()};
  outcome.clean = target.position() >= target.unclean_revision();
  outcome.head_revision = outcome.clean ? head : target.unclean_revision();
  outcome.profile_changed = !request.profile_digest().empty() && request.profile_digest() != target.profile_digest();
  if (!request.display_name().empty()) target.set_display_name(request.display_name());
  // A client that acquires a retired target wants it back in use.
  target.set_retired(false);
  target.set_lease_holder(request.holder());
  target.set_fence(target.fence() + 1);
  outcome.fence = target.fence();
  target.set_lease_duration_us(absl::ToInt64Microseconds(LeaseDuration(request)));
  target.set_released(false);
  Prolong(scope.now(), target);
  scope.Put<storage::MirrorTargets>(command.target_id, std::move(target));
  return outcome;
}

// Answered from the index, without a snapshot of the store: renewals come several times per lease from every client.
absl::StatusOr<RenewCommand> PrepareRenew(const v1::RenewMirrorTargetRequest& request, MirrorIndex& index,
                                          absl::Time now) {
  RenewCommand command{.target_id = {}, .fence = request.fence()};
  TTHC_ASSIGN_OR_RETURN(command.target_id, MirrorTargetId("name", request.name()));
  const std::optional<MirrorIndex::Target> target = index.Find(command.target_id);
  if (!target.has_value()) return MirrorTargetNotFound("name", command.target_id);
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(command.target_id, target->record, request.fence()));
  if (request.condition().error().size() > limits::kMirrorErrorBytesMax) {
    return InvalidField("condition.error", absl::StrCat("at most ", limits::kMirrorErrorBytesMax, " bytes"),
                        absl::StrCat("tối đa ", limits::kMirrorErrorBytesMax, " byte"));
  }
  if (request.has_condition()) index.SetCondition(command.target_id, request.fence(), request.condition());
  // The holder counts on a whole lease from now on. As long as that much is left there is nothing to write.
  const absl::Duration left = absl::FromUnixMicros(target->record.lease_expire_time_us()) - now;
  command.needs_write = left < absl::Microseconds(target->record.lease_duration_us());
  return command;
}

absl::Status RunRenew(CommitScope& scope, const RenewCommand& command, const MirrorIndex& index) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target,
                        LoadFencedMirrorTarget(scope, "name", command.target_id, command.fence));
  KeepMirrorPosition(index, command.target_id, target);
  Prolong(scope.now(), target);
  scope.Put<storage::MirrorTargets>(command.target_id, std::move(target));
  return absl::OkStatus();
}

absl::StatusOr<v1::RenewMirrorTargetResponse> AnswerRenewed(const RenewCommand& command, const MirrorIndex& index) {
  const std::optional<MirrorIndex::Target> target = index.Find(command.target_id);
  if (!target.has_value()) return MirrorTargetNotFound("name", command.target_id);
  const MirrorTargetRecord& record = target->record;
  v1::RenewMirrorTargetResponse response;
  response.mutable_lease()->set_holder(record.lease_holder());
  response.mutable_lease()->set_fence(record.fence());
  *response.mutable_lease()->mutable_expire_time() = ToProto(absl::FromUnixMicros(record.lease_expire_time_us()));
  response.set_paused(record.paused() || record.retired());
  response.set_pending_count(target->counts.pending);
  return response;
}

absl::StatusOr<ReleaseCommand> PrepareRelease(const v1::ReleaseMirrorTargetRequest& request) {
  ReleaseCommand command{.target_id = {}, .fence = request.fence(), .unclean = request.unclean()};
  TTHC_ASSIGN_OR_RETURN(command.target_id, MirrorTargetId("name", request.name()));
  return command;
}

absl::StatusOr<v1::ReleaseMirrorTargetResponse> RunRelease(CommitScope& scope, const ReleaseCommand& command,
                                                           const MirrorIndex& index) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadMirrorTarget(scope, "name", command.target_id));
  // The first release may have been recorded without its answer reaching the client.
  const bool is_repeat = target.lease_holder().empty() && target.fence() == command.fence;
  if (is_repeat) return v1::ReleaseMirrorTargetResponse();
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(command.target_id, target, command.fence));
  KeepMirrorPosition(index, command.target_id, target);
  target.clear_lease_holder();
  target.clear_lease_expire_time_us();
  // False makes the next acquisition unclean, as a crash would.
  target.set_released(!command.unclean);
  scope.Put<storage::MirrorTargets>(command.target_id, std::move(target));
  return v1::ReleaseMirrorTargetResponse();
}

}  // namespace tthc::server
