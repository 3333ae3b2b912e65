#include "server/domain/catalogue.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

using storage::v1::LogRecord;

// Both dates belong to the version's validity; without an end date it is valid until another one is made.
bool IsInForce(const v1::Procedure& procedure, const std::string& day) {
  // ISO dates compare as text.
  return procedure.start_date() <= day && (procedure.end_date().empty() || day <= procedure.end_date());
}

// With the dates of the newest version, from which a clerk sees whether it ended or has not begun.
absl::Status ProcedureClosed(const v1::Procedure& procedure, const std::string& day) {
  const std::string until = procedure.end_date().empty() ? "…" : procedure.end_date();
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "PROCEDURE_CLOSED",
       .message = absl::StrCat(procedure.name(), " is not in force on ", day, " (its nearest version runs ",
                               procedure.start_date(), " to ", until, "); choose another procedure or day"),
       .message_vi = absl::StrCat("Thủ tục ", procedure.name(), " không có hiệu lực ngày ", day,
                                  " (phiên bản gần nhất: ", procedure.start_date(), " đến ", until,
                                  "); hãy chọn thủ tục hoặc ngày khác"),
       .metadata = {{"procedure", procedure.name()},
                    {"on_date", day},
                    {"start_date", procedure.start_date()},
                    {"end_date", procedure.end_date()}},
       .field = "request.procedure"});
}

// At the case, because choosing another case is what the clerk can do about it.
absl::Status LimitError(absl::string_view reason, const v1::Procedure& procedure, absl::string_view why,
                        absl::string_view why_vi) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = reason,
                    .message = absl::StrCat(procedure.name(), ": ", why),
                    .message_vi = absl::StrCat(procedure.name(), ": ", why_vi),
                    .metadata = {{"procedure", procedure.name()}},
                    .field = "request.procedure_case"});
}

// How many conditions a rule has, or nullopt if one of them does not match. A rule with more conditions takes
// precedence over a general one, whatever their order in the catalogue.
std::optional<int> Specificity(const v1::LimitRule& rule, const std::string& procedure_case, v1::Channel channel,
                               const std::string& area) {
  int named = 0;
  if (!rule.procedure_case().empty()) {
    if (rule.procedure_case() != procedure_case) return std::nullopt;
    ++named;
  }
  if (rule.channel() != v1::CHANNEL_UNSPECIFIED) {
    if (rule.channel() != channel) return std::nullopt;
    ++named;
  }
  if (!rule.area().empty()) {
    if (rule.area() != area) return std::nullopt;
    ++named;
  }
  return named;
}

// Two rules with the same limit are not ambiguous, however they are meant.
bool SameLimit(const v1::Limit& a, const v1::Limit& b) {
  return a.unit() == b.unit() && a.minutes() == b.minutes() && a.months() == b.months();
}

}  // namespace

absl::Status Catalogue::Add(const LogRecord& record) {
  switch (record.change_case()) {
    case LogRecord::kProcedure: {
      auto procedure = std::make_shared<const v1::Procedure>(record.procedure());
      procedures_[procedure->name()][procedure->version()] = procedure;
      break;
    }
    case LogRecord::kField:
      fields_[record.field().name()] = std::make_shared<const v1::Field>(record.field());
      break;
    case LogRecord::kOffice:
      offices_[record.office().name()] = std::make_shared<const v1::Office>(record.office());
      break;
    case LogRecord::kUnit:
      units_[record.unit().name()] = std::make_shared<const v1::Unit>(record.unit());
      break;
    case LogRecord::kOfficer:
      officers_[record.officer().name()] = std::make_shared<const v1::Officer>(record.officer());
      break;
    // Kept in both forms: parsed for counting, and as it was recorded for GetCalendar.
    case LogRecord::kCalendar: {
      TTHC_ASSIGN_OR_RETURN(auto calendar, timing::Calendar::FromProto(record.calendar()));
      calendars_[record.calendar().version()] = std::move(calendar);
      calendar_protos_[record.calendar().version()] = std::make_shared<const v1::Calendar>(record.calendar());
      break;
    }
    case LogRecord::kScheme:
      schemes_[record.scheme().name()] = std::make_shared<const v1::Scheme>(record.scheme());
      break;
    case LogRecord::kClosing:
      closings_[record.closing().name()] = std::make_shared<const v1::Closing>(record.closing());
      break;
    // Records that belong to no catalogue: a caller that passes one has read the wrong key.
    case LogRecord::kEvent:
    case LogRecord::kMirrorDecision:
    case LogRecord::CHANGE_NOT_SET:
      return absl::InternalError("not a catalogue record");
  }
  return absl::OkStatus();
}

std::shared_ptr<const timing::Calendar> Catalogue::FindCalendar(int64_t version) const {
  const auto found = calendars_.find(version);
  return found == calendars_.end() ? nullptr : found->second;
}

int64_t Catalogue::latest_calendar_version() const { return calendars_.empty() ? 0 : calendars_.rbegin()->first; }

absl::StatusOr<std::shared_ptr<const v1::Procedure>> Catalogue::ProcedureOn(const std::string& name,
                                                                            int64_t day_number) const {
  const auto found = procedures_.find(name);
  if (found == procedures_.end()) {
    return MakeError({.code = absl::StatusCode::kNotFound,
                      .reason = "PROCEDURE_NOT_FOUND",
                      .message = absl::StrCat("there is no procedure \"", name,
                                              "\"; names look like procedures/1.004873, see ListProcedures"),
                      .message_vi = absl::StrCat("Không có thủ tục \"", absl::StripPrefix(name, "procedures/"),
                                                 "\" trong danh mục; xem danh mục bằng lệnh: tthc procedures list"),
                      .metadata = {{"procedure", name}},
                      .field = "request.procedure"});
  }
  const std::string day = FormatIsoDate(CivilDayOf(day_number));
  // Versions may overlap: a correction is a new version with the same dates, so that the newest one counts.
  for (auto version = found->second.rbegin(); version != found->second.rend(); ++version) {
    if (IsInForce(*version->second, day)) return version->second;
  }
  return ProcedureClosed(*found->second.rbegin()->second, day);
}

std::shared_ptr<const v1::Procedure> Catalogue::ProcedureVersion(const std::string& name, int32_t version) const {
  const auto found = procedures_.find(name);
  if (found == procedures_.end()) return nullptr;
  const auto it = found->second.find(version);
  return it == found->second.end() ? nullptr : it->second;
}

absl::StatusOr<v1::Limit> ChooseLimit(const v1::Procedure& procedure, const std::string& procedure_case,
                                      v1::Channel channel, const std::string& area) {
  const v1::LimitRule* best = nullptr;
  int best_named = -1;
  bool ambiguous = false;
  bool case_known = procedure_case.empty();
  for (const v1::LimitRule& rule : procedure.limits()) {
    case_known |= rule.procedure_case() == procedure_case;
    const std::optional<int> named = Specificity(rule, procedure_case, channel, area);
    if (!named.has_value() || *named < best_named) continue;
    ambiguous = *named == best_named && !SameLimit(best->limit(), rule.limit());
    best = &rule;
    best_named = *named;
  }
  // A case that no rule names is a mistake of the caller, even if a general rule would fit.
  if (!case_known) {
    return LimitError(
        "LIMIT_NOT_FOUND", procedure,
        absl::StrCat("it has no case \"", procedure_case, "\"; choose one of its cases or leave it out"),
        absl::StrCat("không có trường hợp \"", procedure_case, "\"; hãy chọn trường hợp khác hoặc để trống"));
  }
  if (best == nullptr) {
    return LimitError("LIMIT_NOT_FOUND", procedure, "no limit fits this case, channel and area; name a case",
                      "không có thời hạn cho trường hợp, kênh và địa bàn này; hãy chọn trường hợp");
  }
  if (ambiguous) {
    return LimitError("LIMIT_AMBIGUOUS", procedure,
                      "two limits fit equally well; have the catalogue reviewed, or name a case",
                      "có hai thời hạn cùng phù hợp; hãy rà soát danh mục hoặc chọn trường hợp cụ thể");
  }
  return best->limit();
}

}  // namespace tthc::domain
