#pragma once

#include <string>
#include <vector>

#include "client/cli/dossier_lookup.h"
#include "client/cli/output.h"
#include "client/terminal/session.h"
#include "tthc/v1/dossier.pb.h"

// A dossier as people see it: a row of a list, and the parts of the line that is printed after an event was recorded.
// Needs DOSSIER_VIEW_BASIC. Pure; thread-safe.
//
// Lists, files and the answer to a recorded event all show dossiers through these functions, so that the same dossier
// reads the same everywhere.
namespace tthc::cli {

// The columns of lists of dossiers, and the cells of one row; personal data is masked unless --reveal was given.
const std::vector<OutputColumn>& DossierColumns();
std::vector<std::string> DossierCells(const terminal::Session& session, const v1::Dossier& dossier);

// The national name of the state, such as "Đang xử lý".
std::string StateLabel(const v1::Dossier& dossier, terminal::Lang lang);
// "còn 2 ngày 3 giờ làm việc", "quá hạn …"; "" while nothing is due.
std::string TimeLeft(const v1::Dossier& dossier, terminal::Lang lang);
// "1.004873 Cấp Giấy xác nhận …".
std::string ProcedureLabel(const v1::Dossier& dossier);

}  // namespace tthc::cli
