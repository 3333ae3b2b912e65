#pragma once

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/session.h"
#include "tthc/v1/mirror.pb.h"

// How targets of the mirror and their items are shown.
namespace tthc::cli {

// How a target is, in words: "bình thường", "không liên lạc được, thử lại lúc 23/11/2026 10:00:30", "tạm dừng: …",
// "không có tthc-sync nào đang gửi". `good` is false where somebody should look.
struct TargetState {
  std::string text;
  bool good = false;
};
TargetState DescribeTargetState(const Session& session, const v1::MirrorTarget& target);

// Targets as lines of a list, for CSV; figures plain.
const std::vector<OutputColumn>& TargetColumns();
std::vector<std::string> TargetCells(const Session& session, const v1::MirrorTarget& target);
// One target on some lines.
void WriteTarget(const Session& session, const v1::MirrorTarget& target);

// A list of items in one state. PARKED, PENDING and SKIPPED have columns of their own.
std::vector<OutputColumn> ItemColumns(v1::MirrorItem::State state);
std::vector<std::string> ItemCells(const Session& session, const v1::MirrorItem& item, v1::MirrorItem::State state);

// "dvcqg" of mirrorTargets/dvcqg/items/….
std::string TargetOfItem(const v1::MirrorItem& item);
// One dossier at one target with its exchanges.
void WriteItem(const Session& session, const v1::MirrorItem& item);
// The same on one line, for CSV.
const std::vector<OutputColumn>& ItemOverviewColumns();
std::vector<std::string> ItemOverviewCells(const Session& session, const v1::MirrorItem& item);

}  // namespace tthc::cli
