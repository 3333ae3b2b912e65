#include "server/mirror/mirror_outcomes.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/call/errors.h"
#include "server/mirror/mirror_item.h"
#include "server/mirror/mirror_lease.h"
#include "server/mirror/mirror_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using storage::v1::MirrorTargetRecord;
using v1::MirrorItem;
using v1::MirrorOutcome;

// --- What comes in ---------------------------------------------------------------------------------------------------

// Bodies are bytes: they may be cut anywhere, and the view masks what a cut leaves of a value.
void CutBytes(size_t max, std::string& bytes, bool* cut) {
  if (bytes.size() <= max) return;
  bytes.resize(max);
  *cut = true;
}

// Texts are UTF-8 on the wire: a letter is never cut in two.
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
  if (outcome.confirmed_digest().size() > limits::kMirrorDigestBytesMax) {
    return InvalidField(field + ".confirmed_digest", absl::StrCat("at most ", limits::kMirrorDigestBytesMax, " bytes"),
                        absl::StrCat("tối đa ", limits::kMirrorDigestBytesMax, " byte"));
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

// --- What it changes -------------------------------------------------------------------------------------------------

// Adds the steps that this delivery confirmed to those confirmed before. They must be events of the dossier: a client
// that mixes up two dossiers would otherwise keep steps of the other one from ever being sent.
absl::Status MergeSteps(const std::string& field, const MirrorOutcome& outcome, MirrorItemDraft& draft) {
  if (outcome.confirmed_steps().empty()) return absl::OkStatus();
  std::vector<int64_t> added(outcome.confirmed_steps().begin(), outcome.confirmed_steps().end());
  std::sort(added.begin(), added.end());
  if (!std::includes(draft.revisions.begin(), draft.revisions.end(), added.begin(), added.end())) {
    return InvalidField(field + ".confirmed_steps", "has a revision that is no event of this dossier, or has one twice",
                        "có sự kiện không thuộc hồ sơ này hoặc bị lặp");
  }
  std::vector<int64_t> all;
  const std::vector<int64_t> known = ConfirmedSteps(draft.record);
  std::set_union(known.begin(), known.end(), added.begin(), added.end(), std::back_inserter(all));
  SetConfirmedSteps(all, draft.record);
  return absl::OkStatus();
}

// Compared as bytes: errors have few fields, and equal ones come from the same attempt.
bool SameError(const v1::MirrorError& a, const v1::MirrorError& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// Adds the exchanges that the item does not have. False if it has them all: the outcome was recorded before.
absl::StatusOr<bool> MergeExchanges(const CommitScope& scope, const MirrorOutcome& outcome, MirrorItemDraft& draft) {
  if (outcome.exchanges().empty()) return false;
  TTHC_ASSIGN_OR_RETURN(auto stored, scope.Find<storage::MirrorExchanges>(draft.id));
  storage::v1::MirrorExchangesRecord kept = std::move(stored).value_or(storage::v1::MirrorExchangesRecord());
  bool added = false;
  for (const v1::MirrorExchange& exchange : outcome.exchanges()) {
    const std::string bytes = exchange.SerializeAsString();
    const bool known = std::any_of(kept.exchanges().begin(), kept.exchanges().end(),
                                   [&](const v1::MirrorExchange& other) { return other.SerializeAsString() == bytes; });
    if (known) continue;
    added = true;
    *kept.add_exchanges() = exchange;
  }
  // The oldest ones go, so that the item stays small however often a delivery fails.
  const int surplus = kept.exchanges_size() - static_cast<int>(limits::kMirrorExchangesMax);
  if (surplus > 0) kept.mutable_exchanges()->DeleteSubrange(0, surplus);
  if (added) draft.exchanges = std::move(kept);
  return added;
}

// The item's state after the outcome. Only an outcome about the dossier's last revision may end PENDING: otherwise an
// event that was recorded during the delivery would never be sent.
MirrorItem::State NextState(const MirrorOutcome& outcome, const MirrorItemDraft& draft) {
  // A dossier before the target's start has no state yet; from its first outcome on it has.
  const MirrorItem::State same = draft.state == MirrorItem::STATE_UNSPECIFIED ? MirrorItem::STATE_PENDING : draft.state;
  if (outcome.revision() != draft.revision) return same;
  switch (outcome.result()) {
    case MirrorOutcome::RESULT_DONE:
      return MirrorItem::STATE_CONFIRMED;
    case MirrorOutcome::RESULT_REFUSED:
      // A person may have skipped it while the delivery was under way: that decision stands.
      return draft.state == MirrorItem::STATE_SKIPPED ? MirrorItem::STATE_SKIPPED : MirrorItem::STATE_PARKED;
    case MirrorOutcome::RESULT_EXCLUDED:
      return MirrorItem::STATE_EXCLUDED;
    default:
      return same;
  }
}

// Keeps what was confirmed, whatever the result. An outcome that was recorded before must not move the times.
void KeepConfirmed(absl::Time now, const MirrorOutcome& outcome, bool is_new, MirrorItemRecord& item) {
  const int64_t now_us = absl::ToUnixMicros(now);
  is_new |= outcome.sent_status() != item.sent_status() || outcome.confirmed_digest() != item.confirmed_digest();
  if (!outcome.sent_status().empty() && is_new) {
    item.set_sent_status(outcome.sent_status());
    item.set_sent_time_us(now_us);
    item.set_confirmed_digest(outcome.confirmed_digest());
  }
  if (outcome.known_to_target()) item.set_known_to_target(true);
  if (outcome.result() != MirrorOutcome::RESULT_DONE) return;
  if (outcome.revision() > item.confirmed_revision()) {
    item.set_confirmed_revision(outcome.revision());
    item.set_confirmed_time_us(now_us);
  }
}

// Counts the attempt and keeps its error. A success, or a partial one that is no failure of the dossier, starts the
// count anew: attempts_max is about failures in a row.
void KeepAttempt(const MirrorOutcome& outcome, bool is_repeat, MirrorItemRecord& item) {
  if (outcome.result() == MirrorOutcome::RESULT_DONE) {
    item.clear_attempt_count();
    item.clear_last_error();
    item.clear_next_try_time_us();
    return;
  }
  if (outcome.counts_as_attempt()) {
    if (!is_repeat) item.set_attempt_count(item.attempt_count() + 1);
  } else if (!outcome.confirmed_steps().empty() || !outcome.sent_status().empty()) {
    item.clear_attempt_count();
  }
  if (outcome.has_error()) *item.mutable_last_error() = outcome.error();
  item.clear_next_try_time_us();
  if (outcome.has_next_try_time()) item.set_next_try_time_us(absl::ToUnixMicros(FromProto(outcome.next_try_time())));
}

// Applies one outcome. The item is read through the scope, so that several outcomes of one dossier in the same call
// build on each other.
absl::StatusOr<MirrorItem::State> RecordOutcome(CommitScope& scope, const MirrorTargetRecord& target,
                                                const std::string& field, const MirrorOutcome& outcome) {
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> number, scope.FindCode(DossierKeyOf(outcome.dossier())));
  if (!number.has_value()) return DossierNotFound(field + ".dossier", outcome.dossier());
  TTHC_ASSIGN_OR_RETURN(MirrorItemDraft draft, OpenMirrorItem(scope, target, *number));
  if (outcome.revision() < draft.revisions.front() || outcome.revision() > draft.revision) {
    return InvalidField(field + ".revision", absl::StrCat("the dossier never had the revision ", outcome.revision()),
                        "hồ sơ chưa từng có phiên bản này");
  }
  MirrorItemRecord& item = draft.record;
  TTHC_RETURN_IF_ERROR(MergeSteps(field, outcome, draft));
  TTHC_ASSIGN_OR_RETURN(const bool has_new_exchanges, MergeExchanges(scope, outcome, draft));
  // Without exchanges, the time of the error distinguishes an attempt from its repetition.
  const bool is_repeat = outcome.exchanges().empty()
                             ? outcome.error().has_error_time() && SameError(outcome.error(), item.last_error())
                             : !has_new_exchanges;
  const MirrorItem::State state = NextState(outcome, draft);
  KeepAttempt(outcome, is_repeat, item);
  KeepConfirmed(scope.now(), outcome, has_new_exchanges, item);
  // Written even if nothing changed. The commit before may have failed after it reached the disk; then the item is
  // right, but the index in memory does not know it and learns it from this write.
  PutMirrorItem(scope, target, std::move(draft), state);
  return state;
}

}  // namespace

absl::StatusOr<OutcomesCommand> PrepareOutcomes(const v1::RecordMirrorOutcomesRequest& request) {
  OutcomesCommand command{.target_id = {}, .request = request};
  TTHC_ASSIGN_OR_RETURN(command.target_id, MirrorTargetId("parent", request.parent()));
  if (request.outcomes().empty() || request.outcomes_size() > static_cast<int>(limits::kMirrorOutcomesMax)) {
    return InvalidField("outcomes", absl::StrCat("must be 1 to ", limits::kMirrorOutcomesMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kMirrorOutcomesMax, " kết quả"));
  }
  for (int i = 0; i < request.outcomes_size(); ++i) {
    TTHC_RETURN_IF_ERROR(NormalizeOutcome(absl::StrCat("outcomes[", i, "]"), *command.request.mutable_outcomes(i)));
  }
  return command;
}

absl::StatusOr<v1::RecordMirrorOutcomesResponse> RunOutcomes(CommitScope& scope, const OutcomesCommand& command,
                                                             const MirrorIndex& index) {
  TTHC_ASSIGN_OR_RETURN(MirrorTargetRecord target,
                        LoadFencedMirrorTarget(scope, "parent", command.target_id, command.request.fence()));
  v1::RecordMirrorOutcomesResponse response;
  for (int i = 0; i < command.request.outcomes_size(); ++i) {
    TTHC_ASSIGN_OR_RETURN(const MirrorItem::State state,
                          RecordOutcome(scope, target, absl::StrCat("outcomes[", i, "]"), command.request.outcomes(i)));
    response.add_states(state);
  }
  // A target's record is small and read at every start: writing the position here saves the next start a longer scan.
  if (KeepMirrorPosition(index, command.target_id, target))
    scope.Put<storage::MirrorTargets>(command.target_id, std::move(target));
  return response;
}

}  // namespace tthc::server
