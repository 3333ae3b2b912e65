#include "server/service/catalogue_queries.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

absl::StatusOr<int64_t> DayOrToday(const std::string& on_date, absl::Time now) {
  if (on_date.empty()) return LocalDayNumber(now);
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(on_date);
  if (!day.ok()) return InvalidField("on_date", day.status().message(), "phải là ngày có thật dạng YYYY-MM-DD");
  return DayNumber(*day);
}

// `folded` is folded already.
bool Matches(const v1::Procedure& procedure, const std::string& folded) {
  return folded.empty() || FoldForSearch(procedure.name()).find(folded) != std::string::npos ||
         FoldForSearch(procedure.display_name()).find(folded) != std::string::npos;
}

absl::Status VersionNotFound(const v1::GetProcedureRequest& request) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "PROCEDURE_NOT_FOUND",
                    .message = absl::StrCat(request.name(), " has no version ", request.version()),
                    .message_vi = absl::StrCat(request.name(), " không có phiên bản ", request.version()),
                    .metadata = {{"procedure", request.name()}, {"version", absl::StrCat(request.version())}},
                    .field = "version"});
}

}  // namespace

v1::Procedure ShownProcedure(const v1::Procedure& procedure) {
  v1::Procedure shown = procedure;
  shown.set_etag(absl::StrCat("\"v", procedure.version(), "\""));
  return shown;
}

absl::StatusOr<v1::Procedure> GetProcedure(const Catalogue& catalogue, const v1::GetProcedureRequest& request,
                                           absl::Time now) {
  if (request.version() != 0 && catalogue.procedures().contains(request.name())) {
    const auto version = catalogue.ProcedureVersion(request.name(), request.version());
    if (version == nullptr) return VersionNotFound(request);
    return ShownProcedure(*version);
  }
  TTHC_ASSIGN_OR_RETURN(const int64_t day, DayOrToday(request.on_date(), now));
  const auto procedure = catalogue.ProcedureOn(request.name(), day);
  if (!procedure.ok()) return RebaseFields("request.procedure", "name", procedure.status());
  return ShownProcedure(**procedure);
}

absl::StatusOr<v1::ListProceduresResponse> ListProcedures(const Catalogue& catalogue,
                                                          const v1::ListProceduresRequest& request, absl::Time now) {
  TTHC_RETURN_IF_ERROR(CheckText("query", request.query(), {.bytes_max = limits::kQueryBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const int64_t day, DayOrToday(request.on_date(), now));
  const std::string folded = FoldForSearch(request.query());
  v1::ListProceduresResponse response;
  const auto add = [&](const v1::Procedure& procedure) {
    if (Matches(procedure, folded)) *response.add_procedures() = ShownProcedure(procedure);
  };
  for (const auto& [name, versions] : catalogue.procedures()) {
    if (request.all_versions()) {
      for (const auto& [version, procedure] : versions) add(*procedure);
    } else if (const auto procedure = catalogue.ProcedureOn(name, day); procedure.ok()) {
      add(**procedure);
    }
  }
  for (const auto& [name, field] : catalogue.fields()) *response.add_fields() = *field;
  return response;
}

absl::StatusOr<v1::Calendar> GetCalendar(const Catalogue& catalogue, const v1::GetCalendarRequest& request) {
  const absl::string_view id = absl::StripPrefix(request.name(), "calendars/");
  int64_t version = catalogue.latest_calendar_version();
  if (id != "latest" && !absl::SimpleAtoi(id, &version)) version = -1;
  const auto found = catalogue.calendar_protos().find(version);
  if (found != catalogue.calendar_protos().end()) return *found->second;
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "CALENDAR_NOT_FOUND",
                    .message = absl::StrCat("there is no \"", request.name(), "\"; see ListCalendars"),
                    .message_vi = absl::StrCat("Không có lịch \"", request.name(), "\"; xem: tthc calendar show"),
                    .metadata = {{"name", request.name()}},
                    .field = "name"});
}

}  // namespace tthc::server
