#pragma once

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/session.h"
#include "tthc/v1/dossier.pb.h"

// A dossier as people see it: as a row of a list, and in one line after something was recorded.
namespace tthc::cli {

const std::vector<OutputColumn>& DossierColumns();
std::vector<std::string> DossierCells(const Session& session, const v1::Dossier& dossier);

// The code, or the submission code before acceptance.
std::string DossierCode(const v1::Dossier& dossier);
std::string StateLabel(const v1::Dossier& dossier, Lang lang);
// "còn 2 ngày 3 giờ làm việc", "quá hạn …", "" if nothing is judged.
std::string TimeLeft(const v1::Dossier& dossier, Lang lang);
// "1.004873 Cấp Giấy xác nhận …".
std::string ProcedureLabel(const v1::Dossier& dossier);

}  // namespace tthc::cli
