#include "server/catalogue/catalogue_queries.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/call/list_page.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// Empty: the civil day that `now` lies in, at Asia/Ho_Chi_Minh.
absl::StatusOr<int64_t> DayOrToday(const std::string& on_date, absl::Time now) {
  if (on_date.empty()) return LocalDayNumber(now);
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(on_date);
  if (!day.ok()) return InvalidField("on_date", day.status().message(), "phải là ngày có thật dạng YYYY-MM-DD");
  return DayNumber(*day);
}

// `folded` is the query, already folded.
bool Matches(const v1::Procedure& procedure, const std::string& folded) {
  return folded.empty() || FoldForSearch(procedure.name()).find(folded) != std::string::npos ||
         FoldForSearch(procedure.display_name()).find(folded) != std::string::npos;
}

// The procedure is there, the version is not.
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

absl::StatusOr<v1::Procedure> CatalogueQueries::GetProcedure(const v1::GetProcedureRequest& request,
                                                             absl::Time now) const {
  const auto catalogue = catalogue_.Get();
  if (request.version() != 0 && catalogue->procedures().contains(request.name())) {
    const auto version = catalogue->ProcedureVersion(request.name(), request.version());
    if (version == nullptr) return VersionNotFound(request);
    return ShownProcedure(*version);
  }
  TTHC_ASSIGN_OR_RETURN(const int64_t day, DayOrToday(request.on_date(), now));
  const auto procedure = catalogue->ProcedureOn(request.name(), day);
  if (!procedure.ok()) return RebaseFields("request.procedure", "name", procedure.status());
  return ShownProcedure(**procedure);
}

absl::StatusOr<v1::ListProceduresResponse> CatalogueQueries::ListProcedures(const v1::ListProceduresRequest& request,
                                                                            absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckText("query", request.query(), {.bytes_max = limits::kQueryBytesMax}));
  TTHC_ASSIGN_OR_RETURN(const int64_t day, DayOrToday(request.on_date(), now));
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  // Folded once here, and each title once below: case, diacritics and đ do not matter.
  const std::string folded = FoldForSearch(request.query());
  const auto catalogue = catalogue_.Get();
  v1::ListProceduresResponse response;
  // The etag that an answer adds is within what ListPage allows an entry.
  const auto offer = [&](const v1::Procedure& procedure) {
    if (!Matches(procedure, folded) || !page.Reaches(procedure.name(), procedure.version())) return;
    if (page.Fits(procedure)) *response.add_procedures() = ShownProcedure(procedure);
  };
  for (const auto& [name, versions] : catalogue->procedures()) {
    if (request.show_all_versions()) {
      for (const auto& [version, procedure] : versions) offer(*procedure);
      // A procedure that is closed on the day is left out.
    } else if (const auto procedure = catalogue->ProcedureOn(name, day); procedure.ok()) {
      offer(**procedure);
    }
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::ListFieldsResponse> CatalogueQueries::ListFields(const v1::ListFieldsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  const auto catalogue = catalogue_.Get();
  v1::ListFieldsResponse response;
  for (const auto& [name, field] : catalogue->fields()) {
    if (page.Reaches(name) && page.Fits(*field)) *response.add_fields() = *field;
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::ListOfficesResponse> CatalogueQueries::ListOffices(const v1::ListOfficesRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  const auto catalogue = catalogue_.Get();
  v1::ListOfficesResponse response;
  for (const auto& [name, office] : catalogue->offices()) {
    if (page.Reaches(name) && page.Fits(*office)) *response.add_offices() = *office;
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::ListUnitsResponse> CatalogueQueries::ListUnits(const v1::ListUnitsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  const auto catalogue = catalogue_.Get();
  v1::ListUnitsResponse response;
  for (const auto& [name, unit] : catalogue->units()) {
    // An office that is not in the catalogue has no units, which is no error.
    if (!request.office().empty() && unit->office() != request.office()) continue;
    if (page.Reaches(name) && page.Fits(*unit)) *response.add_units() = *unit;
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::ListOfficersResponse> CatalogueQueries::ListOfficers(const v1::ListOfficersRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kRising));
  const auto catalogue = catalogue_.Get();
  v1::ListOfficersResponse response;
  for (const auto& [name, officer] : catalogue->officers()) {
    if (!request.unit().empty() && officer->unit() != request.unit()) continue;
    if (page.Reaches(name) && page.Fits(*officer)) *response.add_officers() = *officer;
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::Calendar> CatalogueQueries::GetCalendar(const v1::GetCalendarRequest& request) const {
  const auto catalogue = catalogue_.Get();
  const absl::string_view id = absl::StripPrefix(request.name(), "calendars/");
  // What is no number finds nothing, like a version that is not there.
  int64_t version = catalogue->latest_calendar_version();
  if (id != "latest" && !absl::SimpleAtoi(id, &version)) version = -1;
  const auto found = catalogue->calendar_protos().find(version);
  if (found != catalogue->calendar_protos().end()) return *found->second;
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "CALENDAR_NOT_FOUND",
                    .message = absl::StrCat("there is no \"", request.name(), "\"; see ListCalendars"),
                    .message_vi = absl::StrCat("Không có lịch \"", request.name(), "\"; xem: tthc calendar show"),
                    .metadata = {{"name", request.name()}},
                    .field = "name"});
}

absl::StatusOr<v1::ListCalendarsResponse> CatalogueQueries::ListCalendars(
    const v1::ListCalendarsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id_, request, ListPage::Order::kFalling));
  const auto catalogue = catalogue_.Get();
  const auto& calendars = catalogue->calendar_protos();
  v1::ListCalendarsResponse response;
  for (auto entry = calendars.rbegin(); entry != calendars.rend(); ++entry) {
    // By version and not by name: calendars/10 comes after calendars/9.
    if (page.Reaches("", entry->first) && page.Fits(*entry->second)) *response.add_calendars() = *entry->second;
  }
  page.End(response);
  return response;
}

}  // namespace tthc::server
