#include "server/seed.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/await.h"
#include "server/domain/calendar_csv.h"
#include "server/domain/catalogue_csv.h"
#include "server/domain/offices_csv.h"
#include "server/domain/scheme_text.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

absl::Status Unreadable(const std::string& path) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "SEED_UNREADABLE",
                    .message = absl::StrCat(path, " cannot be read; put it there or leave out --seed"),
                    .message_vi = absl::StrCat("không đọc được ", path, "; hãy thêm tệp này hoặc bỏ --seed"),
                    .metadata = {{"path", path}},
                    .field = "--seed"});
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.bad() && file.is_open()) return text;
  return Unreadable(path);
}

// Says in which file the error is.
absl::Status InFile(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return MakeError({.code = status.code(),
                    .reason = ErrorReason(status),
                    .message = absl::StrCat(path, ": ", ErrorMessage(status, "en")),
                    .message_vi = absl::StrCat(path, ": ", ErrorMessage(status, "vi")),
                    .metadata = {{"path", path}},
                    .field = ErrorField(status)});
}

absl::Status SeedCalendar(Service* service, const std::string& directory) {
  TTHC_ASSIGN_OR_RETURN(const auto present, Await(service, &Service::ListCalendars, v1::ListCalendarsRequest()));
  if (present.calendars_size() > 0) return absl::OkStatus();
  const std::string days_path = directory + "/calendar.csv";
  const std::string sessions_path = directory + "/sessions.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string days, ReadFile(days_path));
  TTHC_ASSIGN_OR_RETURN(const std::string hours, ReadFile(sessions_path));
  auto sessions = domain::ParseSessionsCsv(hours);
  if (!sessions.ok()) return InFile(sessions_path, sessions.status());
  auto calendar =
      domain::ParseCalendarCsv(days, {.description = "Lịch làm việc ban đầu", .sessions = *std::move(sessions)});
  if (!calendar.ok()) return InFile(days_path, calendar.status());
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = *std::move(calendar);
  return InFile(days_path, Await(service, &Service::CreateCalendar, request).status());
}

// All at once, so that they share commits.
absl::Status UpdateProcedures(Service* service, const std::string& path, std::vector<v1::Procedure> procedures) {
  struct Update {
    v1::UpdateProcedureRequest request;
    std::promise<absl::Status> done;
  };
  std::vector<Update> updates(procedures.size());
  for (size_t i = 0; i < updates.size(); ++i) {
    Update& update = updates[i];
    *update.request.mutable_procedure() = std::move(procedures[i]);
    service->UpdateProcedure({.caller = {.actor = kServerActor}}, update.request,
                             [&update](absl::StatusOr<v1::Procedure> made) { update.done.set_value(made.status()); });
  }
  absl::Status first_error;
  for (Update& update : updates) first_error.Update(InFile(path, update.done.get_future().get()));
  return first_error;
}

absl::Status SeedCatalogue(Service* service, const std::string& directory, bool fresh) {
  v1::ListProceduresRequest every_version;
  every_version.set_all_versions(true);
  TTHC_ASSIGN_OR_RETURN(const auto present, Await(service, &Service::ListProcedures, every_version));
  if (!fresh && present.procedures_size() > 0) return absl::OkStatus();
  const std::string path = directory + "/procedures.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto catalogue = domain::ParseCatalogueCsv(text, {});
  if (!catalogue.ok()) return InFile(path, catalogue.status());
  v1::UpdateOfficesRequest fields;
  for (v1::Field& field : catalogue->fields) *fields.add_fields() = std::move(field);
  TTHC_RETURN_IF_ERROR(InFile(path, Await(service, &Service::UpdateOffices, fields).status()));
  return UpdateProcedures(service, path, std::move(catalogue->procedures));
}

absl::Status SeedOffices(Service* service, const std::string& directory, bool fresh) {
  TTHC_ASSIGN_OR_RETURN(const auto present, Await(service, &Service::ListOffices, v1::ListOfficesRequest()));
  if (!fresh && present.offices_size() > 0) return absl::OkStatus();
  const std::string path = directory + "/offices.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto offices = domain::ParseOfficesCsv(text);
  if (!offices.ok()) return InFile(path, offices.status());
  return InFile(path, Await(service, &Service::UpdateOffices, *offices).status());
}

// Those of its name that the store lacks: a later edition may ship what a new law asks for.
absl::Status SeedSchemes(Service* service, const std::string& directory) {
  TTHC_ASSIGN_OR_RETURN(const auto present, Await(service, &Service::ListSchemes, v1::ListSchemesRequest()));
  std::set<std::string> known;
  for (const v1::Scheme& scheme : present.schemes()) known.insert(scheme.name());
  const std::string schemes = directory + "/schemes";
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(schemes, failed)) {
    if (entry.path().extension() == ".textproto") paths.push_back(entry.path().string());
  }
  if (failed) return Unreadable(schemes);
  // The file system's order is none.
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    auto scheme = domain::ParseSchemeText(text);
    if (!scheme.ok()) return InFile(path, scheme.status());
    if (known.contains(scheme->name())) continue;
    v1::UpdateSchemeRequest request;
    *request.mutable_scheme() = *std::move(scheme);
    TTHC_RETURN_IF_ERROR(InFile(path, Await(service, &Service::UpdateScheme, request).status()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SeedStore(Service* service, const std::string& directory) {
  // The calendar comes last: a store without one was not seeded to the end, and writing an entry again changes nothing.
  TTHC_ASSIGN_OR_RETURN(const auto calendars, Await(service, &Service::ListCalendars, v1::ListCalendarsRequest()));
  const bool fresh = calendars.calendars().empty();
  TTHC_RETURN_IF_ERROR(SeedCatalogue(service, directory, fresh));
  TTHC_RETURN_IF_ERROR(SeedOffices(service, directory, fresh));
  TTHC_RETURN_IF_ERROR(SeedSchemes(service, directory));
  return SeedCalendar(service, directory);
}

}  // namespace tthc::server
