#include "server/mirror/mirror_item.h"

#include <utility>

#include "server/mirror/mirror_names.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::MirrorItemRecord;
using storage::v1::MirrorTargetRecord;
using v1::MirrorItem;

// A start counts a dossier up to the position as confirmed, and one before the target's first dossier as excluded.
// Every other state needs an attention key.
bool NeedsAttention(const MirrorTargetRecord& target, int64_t number, const MirrorItemRecord& item) {
  return item.state() != MirrorItem::STATE_CONFIRMED || number < target.first_dossier_number();
}

}  // namespace

// No item is the usual case right after a target was created: nothing is written for its dossiers.
MirrorItem::State MirrorStateOf(const MirrorTargetRecord& target, int64_t dossier_number, int64_t revision,
                                const std::optional<MirrorItemRecord>& item) {
  if (item.has_value()) {
    return item->state_revision() >= revision ? static_cast<MirrorItem::State>(item->state())
                                              : MirrorItem::STATE_PENDING;
  }
  return dossier_number >= target.first_dossier_number() ? MirrorItem::STATE_PENDING : MirrorItem::STATE_UNSPECIFIED;
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

void SetConfirmedSteps(const std::vector<int64_t>& steps, MirrorItemRecord& item) {
  item.clear_confirmed_step_deltas();
  // Differences, because they take one or two bytes where revisions take five.
  int64_t before = 0;
  for (const int64_t step : steps) {
    item.add_confirmed_step_deltas(static_cast<uint64_t>(step - before));
    before = step;
  }
}

absl::StatusOr<MirrorItemDraft> OpenMirrorItem(const CommitScope& scope, const MirrorTargetRecord& target,
                                               int64_t dossier_number) {
  MirrorItemDraft draft{.id = {target.number(), dossier_number}};
  TTHC_ASSIGN_OR_RETURN(draft.revisions, scope.LoadRevisions(dossier_number));
  draft.revision = draft.revisions.back();
  TTHC_ASSIGN_OR_RETURN(const std::optional<MirrorItemRecord> item, scope.Find<storage::MirrorItems>(draft.id));
  draft.state = MirrorStateOf(target, dossier_number, draft.revision, item);
  if (item.has_value()) {
    draft.record = *item;
    draft.had_attention = NeedsAttention(target, dossier_number, *item);
  }
  return draft;
}

void PutMirrorItem(CommitScope& scope, const MirrorTargetRecord& target, MirrorItemDraft draft,
                   MirrorItem::State state) {
  // At the dossier's last revision: an event that comes later makes the item pending without a write.
  draft.record.set_state(state);
  draft.record.set_state_revision(draft.revision);
  if (NeedsAttention(target, draft.id.second, draft.record)) {
    MirrorItemRecord attention;
    attention.set_state(state);
    attention.set_state_revision(draft.revision);
    scope.Put<storage::MirrorAttention>(draft.id, std::move(attention));
  } else if (draft.had_attention) {
    // Only then: a deletion of a key that was never there would cost each confirmed delivery a write.
    scope.Delete<storage::MirrorAttention>(draft.id);
  }
  if (draft.exchanges.has_value()) scope.Put<storage::MirrorExchanges>(draft.id, *std::move(draft.exchanges));
  scope.Put<storage::MirrorItems>(draft.id, std::move(draft.record));
}

absl::StatusOr<MirrorTargetRecord> LoadMirrorTarget(const CommitScope& scope, absl::string_view field,
                                                    const std::string& target_id) {
  TTHC_ASSIGN_OR_RETURN(std::optional<MirrorTargetRecord> target, scope.Find<storage::MirrorTargets>(target_id));
  if (!target.has_value()) return MirrorTargetNotFound(field, target_id);
  return *std::move(target);
}

}  // namespace tthc::server
