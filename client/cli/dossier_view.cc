#include "client/cli/dossier_view.h"

#include "absl/strings/str_cat.h"
#include "client/cli/field_value.h"
#include "client/cli/format.h"
#include "client/cli/words.h"

namespace tthc::cli {

const std::vector<OutputColumn>& DossierColumns() {
  static const auto* const columns = new std::vector<OutputColumn>{
      {.header = {"Mã hồ sơ", "Code"}},
      {.header = {"Trạng thái", "State"}},
      {.header = {"Thủ tục", "Procedure"}, .shrinks = true},
      {.header = {"Người nộp", "Applicant"}, .shrinks = true},
      {.header = {"Tiếp nhận", "Accepted"}},
      {.header = {"Hẹn trả", "Due"}},
      {.header = {"Còn lại", "Left"}, .shrinks = true},
      {.header = {"Đang ở", "With"}, .shrinks = true},
  };
  return *columns;
}

std::string DossierCode(const v1::Dossier& dossier) {
  return dossier.code().empty() ? ResourceId(dossier.name()) : dossier.code();
}

std::string StateLabel(const v1::Dossier& dossier, Lang lang) {
  return EnumLabel(*v1::Dossier::State_descriptor(), dossier.state(), lang);
}

std::string TimeLeft(const v1::Dossier& dossier, Lang lang) {
  using T = v1::Timeliness;
  const bool vi = lang == Lang::kVi;
  const std::string amount = FormatWorkingMinutes(dossier.timeliness().working_minutes_left(), lang);
  switch (dossier.timeliness().promise()) {
    case T::OPEN_IN_TERM:
      return dossier.due().clock_state() == v1::Due::STOPPED
                 ? (vi ? "đang dừng tính" : "stopped")
                 : absl::StrCat(vi ? "còn " : "", amount, vi ? "" : " left");
    case T::OPEN_OVERDUE:
      return absl::StrCat(vi ? "quá " : "", amount, vi ? "" : " overdue");
    case T::LATE:
      return absl::StrCat(vi ? "muộn " : "", amount, vi ? "" : " late");
    default:
      return EnumLabel(*T::Verdict_descriptor(), dossier.timeliness().promise(), lang);
  }
}

std::string ProcedureLabel(const v1::Dossier& dossier) {
  const std::string code = ResourceId(dossier.request().procedure());
  return dossier.procedure_display_name().empty() ? code : absl::StrCat(code, " ", dossier.procedure_display_name());
}

std::vector<std::string> DossierCells(const Session& session, const v1::Dossier& dossier) {
  const std::string officer = ResourceId(dossier.officer());
  const std::string unit = ResourceId(dossier.unit());
  return {DossierCode(dossier),
          StateLabel(dossier, session.lang()),
          ProcedureLabel(dossier),
          session.Personal(Privacy::kName, dossier.request().applicant().display_name()),
          FormatTableTime(dossier.accept_time()),
          FormatTableTime(dossier.due().due_time()),
          TimeLeft(dossier, session.lang()),
          officer.empty() ? unit : absl::StrCat(unit, "/", officer)};
}

}  // namespace tthc::cli
