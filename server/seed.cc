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
#include "server/timing/calendar_csv.h"
#include "server/timing/catalogue_csv.h"
#include "server/timing/offices_csv.h"
#include "server/timing/scheme_text.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {
namespace {

// Names the file, because a packaged seed has several and only some of them may be missing.
absl::Status Unreadable(const std::string& path) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "SEED_UNREADABLE",
                    .message = absl::StrCat(path, " cannot be read; put it there or leave out --seed"),
                    .message_vi = absl::StrCat("không đọc được ", path, "; hãy thêm tệp này hoặc bỏ --seed"),
                    .metadata = {{"path", path}},
                    .field = "--seed"});
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  // Binary: the parsers deal with line ends and the byte order mark themselves.
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.bad() && file.is_open()) return text;
  return Unreadable(path);
}

// The same error with the file in its message.
absl::Status InFile(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return MakeError({.code = status.code(),
                    .reason = ErrorReason(status),
                    .message = absl::StrCat(path, ": ", ErrorMessage(status, "en")),
                    .message_vi = absl::StrCat(path, ": ", ErrorMessage(status, "vi")),
                    .metadata = {{"path", path}},
                    .field = ErrorField(status)});
}

absl::Status SeedCalendar(const Service& service, const std::string& directory) {
  // Both files make one calendar: days off and moved working days from one, opening hours from the other.
  const std::string days_path = directory + "/calendar.csv";
  const std::string sessions_path = directory + "/sessions.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string days, ReadFile(days_path));
  TTHC_ASSIGN_OR_RETURN(const std::string hours, ReadFile(sessions_path));
  auto sessions = timing::ParseSessionsCsv(hours);
  if (!sessions.ok()) return InFile(sessions_path, sessions.status());
  auto calendar =
      timing::ParseCalendarCsv(days, {.description = "Lịch làm việc ban đầu", .sessions = *std::move(sessions)});
  if (!calendar.ok()) return InFile(days_path, calendar.status());
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = *std::move(calendar);
  return InFile(days_path, AwaitStatus(service, request));
}

// All at once, so that they share commits.
absl::Status UpdateProcedures(const Service& service, const std::string& path, std::vector<v1::Procedure> procedures) {
  struct Update {
    v1::UpdateProcedureRequest request;
    std::promise<absl::Status> done;
  };
  std::vector<Update> updates(procedures.size());
  for (size_t i = 0; i < updates.size(); ++i) {
    Update& update = updates[i];
    *update.request.mutable_procedure() = std::move(procedures[i]);
    // In a new store every procedure is missing. After an interrupted start some are there, and an equal one is not
    // recorded again.
    update.request.set_allow_missing(true);
    service.methods().Call<v1::Procedure>(
        {.caller = {.actor = kServerActor}}, update.request,
        [&update](absl::StatusOr<v1::Procedure> made) { update.done.set_value(made.status()); });
  }
  // Every answer has to come in before `updates` goes out of scope, also after an error.
  absl::Status first_error;
  for (Update& update : updates) first_error.Update(InFile(path, update.done.get_future().get()));
  return first_error;
}

absl::Status SeedCatalogue(const Service& service, const std::string& directory, bool fresh) {
  v1::ListProceduresRequest any_version;
  any_version.set_show_all_versions(true);
  any_version.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(const auto present, Await<v1::ListProceduresResponse>(service, any_version));
  // A store that was seeded completely keeps its catalogue, which people may have changed since. After an interrupted
  // start the store is still fresh, and everything is written again.
  if (!fresh && present.procedures_size() > 0) return absl::OkStatus();
  const std::string path = directory + "/procedures.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto catalogue = timing::ParseCatalogueCsv(text, {});
  if (!catalogue.ok()) return InFile(path, catalogue.status());
  v1::ImportOfficesRequest fields;
  for (v1::Field& field : catalogue->fields) *fields.add_fields() = std::move(field);
  TTHC_RETURN_IF_ERROR(InFile(path, AwaitStatus(service, fields)));
  return UpdateProcedures(service, path, std::move(catalogue->procedures));
}

absl::Status SeedOffices(const Service& service, const std::string& directory, bool fresh) {
  v1::ListOfficesRequest any_office;
  any_office.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(const auto present, Await<v1::ListOfficesResponse>(service, any_office));
  if (!fresh && present.offices_size() > 0) return absl::OkStatus();
  const std::string path = directory + "/offices.csv";
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto offices = timing::ParseOfficesCsv(text);
  if (!offices.ok()) return InFile(path, offices.status());
  return InFile(path, AwaitStatus(service, *offices));
}

// Adds the schemes that the store lacks by name, at every start: a later edition may ship the scheme of a new law.
absl::Status SeedSchemes(const Service& service, const std::string& directory) {
  v1::ListSchemesRequest all;
  all.set_page_size(limits::kPageSizeMax);
  std::set<std::string> known;
  do {
    TTHC_ASSIGN_OR_RETURN(const auto present, Await<v1::ListSchemesResponse>(service, all));
    for (const v1::Scheme& scheme : present.schemes()) known.insert(scheme.name());
    // All pages: a name that is missed here would be seeded again over the scheme that people have edited since.
    all.set_page_token(present.next_page_token());
  } while (!all.page_token().empty());
  const std::string schemes = directory + "/schemes";
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(schemes, failed)) {
    if (entry.path().extension() == ".textproto") paths.push_back(entry.path().string());
  }
  if (failed) return Unreadable(schemes);
  // A directory has no order of its own; the log of a new store should not depend on the machine.
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    auto scheme = timing::ParseSchemeText(text);
    if (!scheme.ok()) return InFile(path, scheme.status());
    if (known.contains(scheme->name())) continue;
    v1::UpdateSchemeRequest request;
    *request.mutable_scheme() = *std::move(scheme);
    request.set_allow_missing(true);
    TTHC_RETURN_IF_ERROR(InFile(path, AwaitStatus(service, request)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SeedStore(const Service& service, const std::string& directory) {
  // The calendar comes last, so that a store without one is known to be seeded only in part. Writing an entry again
  // changes nothing.
  v1::ListCalendarsRequest any_calendar;
  any_calendar.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(const auto calendars, Await<v1::ListCalendarsResponse>(service, any_calendar));
  const bool fresh = calendars.calendars().empty();
  TTHC_RETURN_IF_ERROR(SeedCatalogue(service, directory, fresh));
  TTHC_RETURN_IF_ERROR(SeedOffices(service, directory, fresh));
  TTHC_RETURN_IF_ERROR(SeedSchemes(service, directory));
  return fresh ? SeedCalendar(service, directory) : absl::OkStatus();
}

}  // namespace tthc::server
