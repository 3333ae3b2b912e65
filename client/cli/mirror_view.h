#pragma once

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/terminal/session.h"
#include "tthc/v1/mirror.pb.h"

// Targets of the mirror and their items as tables, CSV and text. Items carry only the name of their dossier, so callers
// pass its code. Everything that came from a target is shown through HarmlessText. Pure but for the output; not
// thread-safe, as the session is not.
//
// Vocabulary: a target is a system that receives statuses; an item is one dossier at one target; an exchange is one
// call to a target and its answer (docs/mirror.md). Bodies of exchanges are masked by the server unless they were asked
// for raw; nothing is masked here.
namespace tthc::cli {

// The condition of a target: "bình thường", "không liên lạc được, thử lại lúc 23/11/2026 10:00:30", "tạm dừng: …",
// "không có tthc-sync nào đang gửi".
struct TargetState {
  std::string text;
  // False where a person should act.
  bool good = false;
};
TargetState DescribeTargetState(const terminal::Session& session, const v1::MirrorTarget& target);

// One line a target, for CSV: numbers without separators.
// Counts are whole numbers and the lag is in seconds, so that monitoring can compare them.
const std::vector<OutputColumn>& TargetColumns();
std::vector<std::string> TargetCells(const terminal::Session& session, const v1::MirrorTarget& target);
// One target as a paragraph.
// Also warns on standard error if compaction of the feed does not wait for the target any more, or soon will not.
void WriteTarget(const terminal::Session& session, const v1::MirrorTarget& target);

// A list of items in one state. PARKED, PENDING and SKIPPED have columns of their own.
std::vector<OutputColumn> ItemColumns(v1::MirrorItem::State state);
std::vector<std::string> ItemCells(const terminal::Session& session, const v1::MirrorItem& item,
                                   const std::string& code, v1::MirrorItem::State state);

// "dvcqg" of mirrorTargets/dvcqg/items/….
std::string TargetOfItem(const v1::MirrorItem& item);
// One item as a paragraph, with its exchanges.
void WriteItem(const terminal::Session& session, const v1::MirrorItem& item);
// The same as one line, for CSV, without exchanges.
const std::vector<OutputColumn>& ItemOverviewColumns();
std::vector<std::string> ItemOverviewCells(const terminal::Session& session, const v1::MirrorItem& item,
                                           const std::string& code);

}  // namespace tthc::cli
