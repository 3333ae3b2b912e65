#include "server/service/mirror_commands.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/service/service_errors.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using storage::v1::MirrorTargetRecord;
using v1::MirrorItem;
using v1::MirrorOutcome;

constexpr char kTargetPrefix[] = "mirrorTargets/";
constexpr size_t kTargetIdBytesMax = 63;
constexpr size_t kDigestBytesMax = 64;

absl::StatusOr<MirrorTargetRecord> LoadTarget(const CommitScope& scope, const std::string& id) {
  TTHC_ASSIGN_OR_RETURN(std::optional<MirrorTargetRecord> target, scope.FindMirrorTarget(id));
  if (!target.has_value()) return MirrorTargetNotFound(id);
  return *std::move(target);
}

absl::StatusOr<MirrorTargetRecord> LoadFenced(const CommitScope& scope, const std::string& id, int64_t fence) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadTarget(scope, id));
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(id, target, fence));
  return target;
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

// Longer than the holder counts on, so that it can renew for a third of a lease without a write.
void Prolong(absl::Time now, MirrorTargetRecord& target) {
  target.set_lease_expire_time_us(absl::ToUnixMicros(now) + target.lease_duration_us() * 4 / 3);
}

void KeepPosition(int64_t position, MirrorTargetRecord& target) {
  target.set_position(std::max(target.position(), position));
}

absl::Status CheckReason(const std::string& reason, bool required) {
  if (required && reason.empty()) return InvalidField("reason", "is required", "phải ghi lý do");
  return CheckText("reason", reason, {.bytes_max = limits::kLongTextBytesMax, .multi_line = true});
}

// Where the history begins of which a new target is owed something.
absl::StatusOr<int64_t> FirstPosition(const CommitScope& scope, int64_t first_dossier_number) {
  if (first_dossier_number <= 1) return 0;
  if (first_dossier_number > scope.head().last_dossier_number()) return scope.head().revision();
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> revisions, scope.LoadRevisions(first_dossier_number));
  return revisions.front() - 1;
}

absl::StatusOr<MirrorTargetRecord> MakeTarget(const CommitScope& scope,
                                              const v1::AcquireMirrorTargetRequest& request,
                                              int64_t first_dossier_number) {
  TTHC_ASSIGN_OR_RETURN(const auto targets, scope.LoadMirrorTargets());
  if (targets.size() >= limits::kMirrorTargetsMax) return TooManyTargets();
  MirrorTargetRecord target;
  uint32_t last_number = 0;
  for (const auto& [id, known] : targets) last_number = std::max(last_number, known.number());
  target.set_number(last_number + 1);
  target.set_create_time_us(absl::ToUnixMicros(scope.now()));
  target.set_profile_digest(request.profile_digest());
  target.set_first_dossier_number(first_dossier_number);
  TTHC_ASSIGN_OR_RETURN(const int64_t position, FirstPosition(scope, first_dossier_number));
  target.set_position(position);
  // Nothing was ever sent.
  target.set_released(true);
  return target;
}

// --- One item on its way -----------------------------------------------------------------------------------------

struct Draft {
  MirrorItemId id;
  // Of the dossier's events, and the last of them.
  std::vector<int64_t> revisions = {};
  int64_t revision = 0;
  MirrorItem::State state = MirrorItem::STATE_UNSPECIFIED;
  MirrorItemState item = {};
};

// A dossier that the position does not tell the state of by itself.
bool NeedsAttention(const MirrorTargetRecord& target, int64_t number, const MirrorItemRecord& item) {
  return item.state() != MirrorItem::CONFIRMED || number < target.first_dossier_number();
}

absl::StatusOr<Draft> OpenDraft(const CommitScope& scope, const MirrorTargetRecord& target, int64_t number) {
  Draft draft{.id = {target.number(), number}};
  TTHC_ASSIGN_OR_RETURN(draft.revisions, scope.LoadRevisions(number));
  draft.revision = draft.revisions.back();
  TTHC_ASSIGN_OR_RETURN(const std::optional<MirrorItemRecord> item, scope.FindMirrorItem(draft.id));
  draft.state = MirrorStateOf(target, number, draft.revision, item);
  if (item.has_value()) {
    draft.item.record = *item;
    draft.item.had_attention = NeedsAttention(target, number, *item);
  }
  return draft;
}

void PutDraft(CommitScope& scope, const MirrorTargetRecord& target, Draft draft, MirrorItem::State state) {
  draft.item.record.set_state(state);
  draft.item.record.set_state_revision(draft.revision);
  draft.item.attention = NeedsAttention(target, draft.id.second, draft.item.record);
  scope.PutMirrorItem(draft.id, std::move(draft.item));
}

void SetConfirmedSteps(const std::vector<int64_t>& steps, MirrorItemRecord& item) {
  item.clear_confirmed_step_deltas();
  int64_t before = 0;
  for (const int64_t step : steps) {
    item.add_confirmed_step_deltas(static_cast<uint64_t>(step - before));
    before = step;
  }
}

absl::Status MergeSteps(const std::string& field, const MirrorOutcome& outcome, Draft& draft) {
  MirrorItemRecord& item = draft.item.record;
  if (outcome.confirmed_steps().empty()) return absl::OkStatus();
  std::vector<int64_t> fresh(outcome.confirmed_steps().begin(), outcome.confirmed_steps().end());
  std::sort(fresh.begin(), fresh.end());
  if (!std::includes(draft.revisions.begin(), draft.revisions.end(), fresh.begin(), fresh.end())) {
    return InvalidField(field + ".confirmed_steps", "names an event that this dossier has not, or names it twice",
                        "có sự kiện không thuộc hồ sơ này hoặc bị lặp");
  }
  std::vector<int64_t> all;
  const std::vector<int64_t> known = ConfirmedSteps(item);
  std::set_union(known.begin(), known.end(), fresh.begin(), fresh.end(), std::back_inserter(all));
  SetConfirmedSteps(all, item);
  return absl::OkStatus();
}

bool SameError(const v1::MirrorError& a, const v1::MirrorError& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// Adds those exchanges that are not kept yet. False if all of them were: the outcome has been recorded before.
absl::StatusOr<bool> MergeExchanges(const CommitScope& scope, const MirrorOutcome& outcome, Draft& draft) {
  if (outcome.exchanges().empty()) return false;
  TTHC_ASSIGN_OR_RETURN(storage::v1::MirrorExchangesRecord kept, scope.LoadMirrorExchanges(draft.id));
  bool added = false;
  for (const v1::MirrorExchange& exchange : outcome.exchanges()) {
    const std::string bytes = exchange.SerializeAsString();
    const bool known = std::any_of(kept.exchanges().begin(), kept.exchanges().end(),
                                   [&](const v1::MirrorExchange& other) { return other.SerializeAsString() == bytes; });
    if (known) continue;
    added = true;
    *kept.add_exchanges() = exchange;
  }
  const int surplus = kept.exchanges_size() - static_cast<int>(limits::kMirrorExchangesMax);
  if (surplus > 0) kept.mutable_exchanges()->DeleteSubrange(0, surplus);
  if (added) draft.item.exchanges = std::move(kept);
  return added;
}

MirrorItem::State NextState(const MirrorOutcome& outcome, const Draft& draft) {
  // An outcome of less than everything leaves it at what it was; one that was not owed is being told now.
  const MirrorItem::State same = draft.state == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::PENDING : draft.state;
  if (outcome.revision() != draft.revision) return same;
  switch (outcome.result()) {
    case MirrorOutcome::DONE:
      return MirrorItem::CONFIRMED;
    case MirrorOutcome::REFUSED:
      // Somebody may have decided while it was on its way.
      return draft.state == MirrorItem::SKIPPED ? MirrorItem::SKIPPED : MirrorItem::PARKED;
    case MirrorOutcome::NOT_OWED:
      return MirrorItem::NOT_OWED;
    default:
      return same;
  }
}

// What was confirmed, whatever the result.
void TakeConfirmed(absl::Time now, const MirrorOutcome& outcome, bool is_new, MirrorItemRecord& item) {
  const int64_t now_us = absl::ToUnixMicros(now);
  is_new |= outcome.sent_status() != item.sent_status() || outcome.confirmed_digest() != item.confirmed_digest();
  if (!outcome.sent_status().empty() && is_new) {
    item.set_sent_status(outcome.sent_status());
    item.set_sent_time_us(now_us);
    item.set_confirmed_digest(outcome.confirmed_digest());
  }
  if (outcome.known_to_target()) item.set_known_to_target(true);
  if (outcome.result() != MirrorOutcome::DONE) return;
  if (outcome.revision() > item.confirmed_revision()) {
    item.set_confirmed_revision(outcome.revision());
    item.set_confirmed_time_us(now_us);
  }
}

void TakeTries(const MirrorOutcome& outcome, bool is_repeat, MirrorItemRecord& item) {
  if (outcome.result() == MirrorOutcome::DONE) {
    item.clear_attempts();
    item.clear_last_error();
    item.clear_next_try_time_us();
    return;
  }
  if (outcome.counts_as_attempt()) {
    if (!is_repeat) item.set_attempts(item.attempts() + 1);
  } else if (!outcome.confirmed_steps().empty() || !outcome.sent_status().empty()) {
    item.clear_attempts();
  }
  if (outcome.has_error()) *item.mutable_last_error() = outcome.error();
  item.clear_next_try_time_us();
  if (outcome.has_next_try_time()) item.set_next_try_time_us(absl::ToUnixMicros(FromProto(outcome.next_try_time())));
}

absl::StatusOr<MirrorItem::State> RecordOutcome(CommitScope& scope, const MirrorTargetRecord& target,
                                                const std::string& field, const MirrorOutcome& outcome) {
  const std::string code(absl::StripPrefix(outcome.dossier(), "dossiers/"));
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> number, scope.FindCode(code));
  if (!number.has_value()) return DossierNotFound(field + ".dossier", outcome.dossier());
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, target, *number));
  if (outcome.revision() < draft.revisions.front() || outcome.revision() > draft.revision) {
    return InvalidField(field + ".revision", absl::StrCat("the dossier has had no revision ", outcome.revision()),
                        "hồ sơ chưa từng có phiên bản này");
  }
  MirrorItemRecord& item = draft.item.record;
  TTHC_RETURN_IF_ERROR(MergeSteps(field, outcome, draft));
  TTHC_ASSIGN_OR_RETURN(const bool new_exchanges, MergeExchanges(scope, outcome, draft));
  const bool is_repeat = outcome.exchanges().empty()
                             ? outcome.error().has_error_time() && SameError(outcome.error(), item.last_error())
                             : !new_exchanges;
  const MirrorItem::State state = NextState(outcome, draft);
  TakeTries(outcome, is_repeat, item);
  TakeConfirmed(scope.now(), outcome, new_exchanges, item);
  // Even if it says nothing new: a write that was refused may have reached the disk, and memory has to hear of it.
  PutDraft(scope, target, std::move(draft), state);
  return state;
}

void CutBytes(size_t max, std::string& bytes, bool* cut) {
  if (bytes.size() <= max) return;
  bytes.resize(max);
  if (cut != nullptr) *cut = true;
}

// Texts are UTF-8 on the wire: never cut within a letter.
void CutText(size_t max, std::string& text) {
  if (text.size() <= max) return;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  text.resize(max);
}

void NormalizeExchange(v1::MirrorExchange& exchange) {
  bool cut = exchange.request_cut();
  CutBytes(limits::kMirrorRequestBytesMax, *exchange.mutable_request(), &cut);
  exchange.set_request_cut(cut);
  cut = exchange.response_cut();
  CutBytes(limits::kMirrorResponseBytesMax, *exchange.mutable_response(), &cut);
  exchange.set_response_cut(cut);
  CutText(limits::kMirrorErrorBytesMax, *exchange.mutable_error());
  CutText(limits::kMirrorErrorBytesMax, *exchange.mutable_url());
  CutText(limits::kResourceNameBytesMax, *exchange.mutable_service());
  CutText(limits::kResourceNameBytesMax, *exchange.mutable_outcome());
}

absl::Status NormalizeOutcome(const std::string& field, MirrorOutcome& outcome) {
  const auto check = [&](const char* name, const std::string& text) {
    return CheckText(absl::StrCat(field, ".", name), text, {.bytes_max = limits::kResourceNameBytesMax});
  };
  TTHC_RETURN_IF_ERROR(check("dossier", outcome.dossier()));
  TTHC_RETURN_IF_ERROR(check("sent_status", outcome.sent_status()));
  TTHC_RETURN_IF_ERROR(check("error.reason", outcome.error().reason()));
  TTHC_RETURN_IF_ERROR(check("error.code", outcome.error().code()));
  if (!MirrorOutcome::Result_IsValid(outcome.result()) || outcome.result() == MirrorOutcome::RESULT_UNSPECIFIED) {
    return InvalidField(field + ".result", "is no result", "không có kết quả này");
  }
  if (outcome.confirmed_digest().size() > kDigestBytesMax) {
    return InvalidField(field + ".confirmed_digest", "is longer than any digest", "dài quá mức");
  }
  if (outcome.confirmed_steps_size() > static_cast<int>(limits::kEventsPerDossierMax)) {
    return InvalidField(field + ".confirmed_steps", "are more than a dossier has events", "nhiều hơn số sự kiện");
  }
  if (outcome.has_error()) CutText(limits::kMirrorErrorBytesMax, *outcome.mutable_error()->mutable_message());
  const int surplus = outcome.exchanges_size() - static_cast<int>(limits::kMirrorExchangesMax);
  if (surplus > 0) outcome.mutable_exchanges()->DeleteSubrange(0, surplus);
  for (v1::MirrorExchange& exchange : *outcome.mutable_exchanges()) NormalizeExchange(exchange);
  return absl::OkStatus();
}

void Decide(const CommitScope& scope, const MirrorDecision& decision, MirrorItemRecord& item) {
  item.set_decision_actor(decision.actor);
  item.set_decision_reason(decision.reason);
  item.set_decision_time_us(absl::ToUnixMicros(scope.now()));
  item.clear_next_try_time_us();
}

absl::StatusOr<bool> RetryOne(CommitScope& scope, const MirrorTargetRecord& target, const RetryCommand& command,
                              int64_t number) {
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, target, number));
  MirrorItemRecord& item = draft.item.record;
  if (command.parked_only) {
    const std::vector<std::string>& wanted = command.error_reasons;
    const bool matches = wanted.empty() || std::find(wanted.begin(), wanted.end(), item.last_error().reason()) !=
                                               wanted.end();
    if (draft.state != MirrorItem::PARKED || !matches) return false;
  }
  if (command.forget_record) {
    item.clear_known_to_target();
    item.clear_confirmed_digest();
    item.clear_confirmed_revision();
    item.clear_sent_status();
    if (command.forget_steps) item.clear_confirmed_step_deltas();
  }
  item.clear_attempts();
  item.clear_skipped_revision();
  Decide(scope, command.decision, item);
  PutDraft(scope, target, std::move(draft), MirrorItem::PENDING);
  return true;
}

absl::StatusOr<int64_t> RetryAll(CommitScope& scope, const MirrorTargetRecord& target, const RetryCommand& command) {
  int64_t retried = 0;
  for (const int64_t number : command.numbers) {
    TTHC_ASSIGN_OR_RETURN(const bool changed, RetryOne(scope, target, command, number));
    if (changed) ++retried;
  }
  return retried;
}

}  // namespace

absl::StatusOr<std::string> MirrorTargetId(const std::string& name) {
  const std::string id(absl::StripPrefix(name, kTargetPrefix));
  const bool ok = id.size() < name.size() && !id.empty() && id.size() <= kTargetIdBytesMax &&
                  std::all_of(id.begin(), id.end(), [](char c) {
                    const auto byte = static_cast<unsigned char>(c);
                    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
                  });
  if (ok) return id;
  return InvalidField("name", "must look like mirrorTargets/…, of lower-case letters, digits and hyphens",
                      "phải có dạng mirrorTargets/…, chỉ gồm chữ thường, chữ số và dấu gạch nối");
}

absl::Status MirrorTargetNotFound(const std::string& target_id) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "MIRROR_TARGET_NOT_FOUND",
                    .message = absl::StrCat("there is no target \"", target_id, "\""),
                    .message_vi = absl::StrCat("Không có hệ thống nhận \"", target_id, "\""),
                    .metadata = {{"target", target_id}},
                    .field = "name"});
}

absl::Status MirrorLeaseLost(const std::string& target_id) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "MIRROR_LEASE_LOST",
                    .message = absl::StrCat("another process has taken over the target \"", target_id,
                                            "\", or its lease was released; acquire it again"),
                    .message_vi = absl::StrCat("Quyền gửi đến hệ thống \"", target_id,
                                               "\" đã được trả lại hoặc chuyển cho tiến trình khác"),
                    .metadata = {{"target", target_id}},
                    .field = "fence"});
}

absl::Status CheckMirrorFence(const std::string& target_id, const MirrorTargetRecord& target, int64_t fence) {
  const bool holds = !target.lease_holder().empty() && target.fence() == fence;
  return holds ? absl::OkStatus() : MirrorLeaseLost(target_id);
}

MirrorItem::State MirrorStateOf(const MirrorTargetRecord& target, int64_t dossier_number, int64_t revision,
                                const std::optional<MirrorItemRecord>& item) {
  if (item.has_value()) {
    return item->state_revision() >= revision ? static_cast<MirrorItem::State>(item->state()) : MirrorItem::PENDING;
  }
  return dossier_number >= target.first_dossier_number() ? MirrorItem::PENDING : MirrorItem::STATE_UNSPECIFIED;
}

std::vector<int64_t> ConfirmedSteps(const MirrorItemRecord& item) {
  std::vector<int64_t> steps;
  int64_t revision = 0;
  for (const uint64_t delta : item.confirmed_step_deltas()) {
    revision += static_cast<int64_t>(delta);
    steps.push_back(revision);
  }
  return steps;
}

absl::Status CheckAcquire(const v1::AcquireMirrorTargetRequest& request) {
  TTHC_RETURN_IF_ERROR(MirrorTargetId(request.name()).status());
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
  if (request.profile_digest().size() > kDigestBytesMax) {
    return InvalidField("profile_digest", "is longer than any digest", "dài quá mức");
  }
  return absl::OkStatus();
}

absl::StatusOr<AcquireOutcome> RunAcquire(CommitScope& scope, const v1::AcquireMirrorTargetRequest& request,
                                          int64_t first_dossier_number, int64_t position) {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
  TTHC_ASSIGN_OR_RETURN(std::optional<MirrorTargetRecord> known, scope.FindMirrorTarget(id));
  AcquireOutcome outcome;
  if (!known.has_value()) {
    TTHC_ASSIGN_OR_RETURN(known, MakeTarget(scope, request, first_dossier_number));
  }
  MirrorTargetRecord& target = *known;
  const absl::Duration left = absl::FromUnixMicros(target.lease_expire_time_us()) - scope.now();
  const bool held = !target.lease_holder().empty() && target.lease_holder() != request.holder();
  if (held && left > absl::ZeroDuration()) return LeaseHeld(id, target, left);

  KeepPosition(position, target);
  const int64_t head = scope.head().revision();
  if (!target.released()) target.set_unclean_revision(head);
  outcome.clean = target.position() >= target.unclean_revision();
  outcome.head_revision = outcome.clean ? head : target.unclean_revision();
  outcome.profile_changed =
      !request.profile_digest().empty() && request.profile_digest() != target.profile_digest();
  if (!request.display_name().empty()) target.set_display_name(request.display_name());
  target.set_retired(false);
  target.set_lease_holder(request.holder());
  target.set_fence(target.fence() + 1);
  outcome.fence = target.fence();
  target.set_lease_duration_us(absl::ToInt64Microseconds(LeaseDuration(request)));
  target.set_released(false);
  Prolong(scope.now(), target);
  scope.PutMirrorTarget(id, std::move(target));
  return outcome;
}

absl::Status RunRenew(CommitScope& scope, const v1::RenewMirrorTargetRequest& request, int64_t position) {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadFenced(scope, id, request.fence()));
  KeepPosition(position, target);
  Prolong(scope.now(), target);
  scope.PutMirrorTarget(id, std::move(target));
  return absl::OkStatus();
}

absl::Status RunRelease(CommitScope& scope, const v1::ReleaseMirrorTargetRequest& request, int64_t position) {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadTarget(scope, id));
  // The same release again, when its answer got lost.
  if (target.lease_holder().empty() && target.fence() == request.fence()) return absl::OkStatus();
  TTHC_RETURN_IF_ERROR(CheckMirrorFence(id, target, request.fence()));
  KeepPosition(position, target);
  target.clear_lease_holder();
  target.clear_lease_expire_time_us();
  target.set_released(!request.unclean());
  scope.PutMirrorTarget(id, std::move(target));
  return absl::OkStatus();
}

absl::Status CheckUpdateTarget(const v1::UpdateMirrorTargetRequest& request) {
  TTHC_RETURN_IF_ERROR(MirrorTargetId(request.name()).status());
  const bool known = v1::UpdateMirrorTargetRequest::Action_IsValid(request.action()) &&
                     request.action() != v1::UpdateMirrorTargetRequest::ACTION_UNSPECIFIED;
  if (!known) return InvalidField("action", "must be PAUSE, RESUME or RETIRE", "phải là tạm dừng, tiếp tục hoặc thôi");
  return CheckReason(request.reason(), request.action() != v1::UpdateMirrorTargetRequest::RESUME);
}

absl::Status RunUpdateTarget(CommitScope& scope, const v1::UpdateMirrorTargetRequest& request) {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadTarget(scope, id));
  switch (request.action()) {
    case v1::UpdateMirrorTargetRequest::PAUSE:
      target.set_paused(true);
      break;
    case v1::UpdateMirrorTargetRequest::RETIRE:
      target.set_retired(true);
      break;
    default:
      target.set_paused(false);
      target.set_retired(false);
      break;
  }
  target.set_pause_reason(request.reason());
  scope.PutMirrorTarget(id, std::move(target));
  return absl::OkStatus();
}

absl::Status NormalizeOutcomes(v1::RecordMirrorOutcomesRequest& request) {
  TTHC_RETURN_IF_ERROR(MirrorTargetId(request.name()).status());
  if (request.outcomes().empty() || request.outcomes_size() > static_cast<int>(limits::kMirrorOutcomesMax)) {
    return InvalidField("outcomes", absl::StrCat("must be 1 to ", limits::kMirrorOutcomesMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kMirrorOutcomesMax, " kết quả"));
  }
  for (int i = 0; i < request.outcomes_size(); ++i) {
    TTHC_RETURN_IF_ERROR(NormalizeOutcome(absl::StrCat("outcomes[", i, "]"), *request.mutable_outcomes(i)));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordMirrorOutcomesResponse> RunRecordOutcomes(CommitScope& scope,
                                                                   const v1::RecordMirrorOutcomesRequest& request,
                                                                   int64_t position) {
  TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadFenced(scope, id, request.fence()));
  v1::RecordMirrorOutcomesResponse response;
  for (int i = 0; i < request.outcomes_size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const MirrorItem::State state,
                          RecordOutcome(scope, target, absl::StrCat("outcomes[", i, "]"), request.outcomes(i)));
    response.add_states(state);
  }
  if (position > target.position()) {
    KeepPosition(position, target);
    scope.PutMirrorTarget(id, std::move(target));
  }
  return response;
}

absl::StatusOr<int64_t> RunRetry(CommitScope& scope, const RetryCommand& command) {
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadTarget(scope, command.target_id));
  return RetryAll(scope, target, command);
}

absl::Status RunSkip(CommitScope& scope, const std::string& target_id, int64_t dossier_number,
                     const MirrorDecision& decision) {
  TTHC_RETURN_IF_ERROR(CheckReason(decision.reason, true));
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadTarget(scope, target_id));
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, target, dossier_number));
  if (draft.state != MirrorItem::PARKED && draft.state != MirrorItem::PENDING) {
    return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                      .reason = "MIRROR_NOTHING_TO_SKIP",
                      .message = absl::StrCat("the target \"", target_id, "\" is owed nothing of this dossier now"),
                      .message_vi = absl::StrCat("Hồ sơ này không còn gì phải gửi đến \"", target_id, "\""),
                      .metadata = {{"target", target_id}, {"state", MirrorItem::State_Name(draft.state)}},
                      .field = "dossier"});
  }
  Decide(scope, decision, draft.item.record);
  draft.item.record.set_skipped_revision(draft.revision);
  PutDraft(scope, target, std::move(draft), MirrorItem::SKIPPED);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> RunRequeue(CommitScope& scope, const RetryCommand& command, int64_t fence) {
  TTHC_ASSIGN_OR_RETURN(const MirrorTargetRecord target, LoadFenced(scope, command.target_id, fence));
  return RetryAll(scope, target, command);
}

absl::Status RunKeepProfile(CommitScope& scope, const std::string& target_id, int64_t fence,
                            const std::string& profile_digest) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target, LoadFenced(scope, target_id, fence));
  target.set_profile_digest(profile_digest);
  scope.PutMirrorTarget(target_id, std::move(target));
  return absl::OkStatus();
}

absl::Status CheckCompaction(const std::vector<MirrorIndex::Target>& targets, int64_t oldest_revision, int64_t head) {
  for (const MirrorIndex::Target& target : targets) {
    if (target.record.retired() || oldest_revision <= target.position + 1) continue;
    if (head - target.position > limits::kMirrorHoldRevisionsMax) continue;
    const std::string position = absl::StrCat(target.position);
    return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                      .reason = "MIRROR_BEHIND",
                      .message = absl::StrCat("the target \"", target.id, "\" has confirmed up to ", position,
                                              " only; compact no further, wait for it, or retire it"),
                      .message_vi = absl::StrCat("Hệ thống \"", target.id, "\" mới xác nhận đến ", position,
                                                 "; hãy chờ, hoặc ngừng sử dụng hệ thống đó"),
                      .metadata = {{"target", target.id}, {"position", position}},
                      .field = "revision"});
  }
  return absl::OkStatus();
}

}  // namespace tthc::server
