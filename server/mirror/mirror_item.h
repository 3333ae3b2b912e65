#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/commit/commit_scope.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/mirror.pb.h"

// One dossier at one target: its state as derived from what is stored, and how a command changes it.
//
// An item's state is stored with the revision at which it was decided (`state_revision`). The dossier's next event
// makes the item pending without any write: its revision is then higher. A dossier without an item is pending if its
// number is at least the target's first_dossier_number, else it is not the target's (STATE_UNSPECIFIED, shown as
// EXCLUDED).
//
// A start of the server must not read an item of every dossier. It takes each dossier up to the target's position as
// confirmed, unless an *attention key* says otherwise, and reads only what lies behind the position. So whatever leaves
// an item in a state that does not follow from the position must put its attention key; PutMirrorItem does.
//
// Commands run on the commit thread; the functions without a scope are pure and thread-safe.
namespace tthc::server {

// State of a dossier whose last event has `revision`. `item` as stored, nullopt if there is none.
v1::MirrorItem::State MirrorStateOf(const storage::v1::MirrorTargetRecord& target, int64_t dossier_number,
                                    int64_t revision, const std::optional<storage::v1::MirrorItemRecord>& item);

// Revisions of the steps that the target has confirmed, rising.
std::vector<int64_t> ConfirmedSteps(const storage::v1::MirrorItemRecord& item);
// `steps` rise.
void SetConfirmedSteps(const std::vector<int64_t>& steps, storage::v1::MirrorItemRecord& item);

// An item while a command changes it.
struct MirrorItemDraft {
  storage::MirrorItemKey id;
  // Revisions of the dossier's events, rising, and the last of them.
  std::vector<int64_t> revisions = {};
  int64_t revision = 0;
  // State before the command.
  v1::MirrorItem::State state = v1::MirrorItem::STATE_UNSPECIFIED;
  // What PutMirrorItem writes.
  storage::v1::MirrorItemRecord record = {};
  // Unset: they stay as they are.
  std::optional<storage::v1::MirrorExchangesRecord> exchanges = std::nullopt;
  // It has an attention key.
  bool had_attention = false;
};
// DATA_LOSS if the dossier has no record; errors of the store.
absl::StatusOr<MirrorItemDraft> OpenMirrorItem(const CommitScope& scope, const storage::v1::MirrorTargetRecord& target,
                                               int64_t dossier_number);
// Writes the item with `state`, decided at the dossier's last revision, and its attention key.
void PutMirrorItem(CommitScope& scope, const storage::v1::MirrorTargetRecord& target, MirrorItemDraft draft,
                   v1::MirrorItem::State state);

// MIRROR_TARGET_NOT_FOUND at `field`; errors of the store.
absl::StatusOr<storage::v1::MirrorTargetRecord> LoadMirrorTarget(const CommitScope& scope, absl::string_view field,
                                                                 const std::string& target_id);

}  // namespace tthc::server
