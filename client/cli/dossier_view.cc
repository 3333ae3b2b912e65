#include "client/cli/dossier_view.h"

#include "absl/strings/str_cat.h"
#include "client/cli/field_value.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"

namespace tthc::cli {

using terminal::FormatTableTime;
using terminal::FormatWorkingMinutes;
using terminal::Lang;
using terminal::Privacy;
using terminal::Session;

const std::vector<OutputColumn>& DossierColumns() {
  // Never destroyed, here and in other tables: there is no order of destruction at exit to think about.
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

std::string StateLabel(const v1::Dossier& dossier, Lang lang) {
  return EnumLabel(*v1::Dossier::State_descriptor(), dossier.state(), lang);
}

std::string TimeLeft(const v1::Dossier& dossier, Lang lang) {
  using T = v1::Timeliness;
  const bool vi = lang == Lang::kVi;
  const std::string amount = FormatWorkingMinutes(dossier.timeliness().working_minutes_left(), lang);
  // Against the promise, not by form 06a or Decision 766: this is the time that the applicant has on paper.
  switch (dossier.timeliness().promise()) {
    case T::VERDICT_OPEN_IN_TERM:
      // While the clock is stopped the time left does not shrink, so a number would mislead.
      return dossier.due().clock_state() == v1::Due::CLOCK_STATE_STOPPED
                 ? (vi ? "đang dừng tính" : "stopped")
                 : absl::StrCat(vi ? "còn " : "", amount, vi ? "" : " left");
    case T::VERDICT_OPEN_OVERDUE:
      return absl::StrCat(vi ? "quá " : "", amount, vi ? "" : " overdue");
    case T::VERDICT_LATE:
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
