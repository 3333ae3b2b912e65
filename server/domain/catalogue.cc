#include "server/service/catalogue.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::LogRecord;

bool IsInForce(const v1::Procedure& procedure, const std::string& day) {
  // ISO dates compare as text.
  return procedure.valid_from() <= day && (procedure.valid_to().empty() || day <= procedure.valid_to());
}

absl::Status ProcedureClosed(const v1::Procedure& procedure, const std::string& day) {
  const std::string until = procedure.valid_to().empty() ? "…" : procedure.valid_to();
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "PROCEDURE_CLOSED",
       .message = absl::StrCat(procedure.name(), " is not in force on ", day, " (its nearest version runs ",
                               procedure.valid_from(), " to ", until, "); choose another procedure or day"),
       .message_vi = absl::StrCat("Thủ tục ", procedure.name(), " không có hiệu lực ngày ", day,
                                  " (phiên bản gần nhất: ", procedure.valid_from(), " đến ", until,
                                  "); hãy chọn thủ tục hoặc ngày khác"),
       .metadata = {{"procedure", procedure.name()},
                    {"on_date", day},
                    {"valid_from", procedure.valid_from()},
                    {"valid_to", procedure.valid_to()}},
       .field = "request.procedure"});
}

absl::Status LimitError(absl::string_view reason, const v1::Procedure& procedure, absl::string_view why,
                        absl::string_view why_vi) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = reason,
                    .message = absl::StrCat(procedure.name(), ": ", why),
                    .message_vi = absl::StrCat(procedure.name(), ": ", why_vi),
                    .metadata = {{"procedure", procedure.name()}},
                    .field = "request.procedure_case"});
}

// How many conditions a rule names, or nullopt if one of them does not match.
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
    case LogRecord::kCalendar: {
      TTHC_ASSIGN_OR_RETURN(auto calendar, domain::Calendar::FromProto(record.calendar()));
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
    case LogRecord::kEvent:
    case LogRecord::CHANGE_NOT_SET:
      return absl::InternalError("not a catalogue record");
  }
  return absl::OkStatus();
}

std::shared_ptr<const domain::Calendar> Catalogue::FindCalendar(int64_t version) const {
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

}  // namespace tthc::server
