#include "server/catalogue/catalogue_commands.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/call/resource_update.h"
#include "server/catalogue/catalogue_errors.h"
#include "server/catalogue/catalogue_queries.h"
#include "server/commit/request_ids.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;

// Texts of the catalogue may have several lines: they are copied from decisions.
absl::Status CheckShort(const std::string& field, const std::string& text) {
  return CheckText(field, text, {.bytes_max = limits::kShortTextBytesMax, .multi_line = true});
}

// "procedures/1.004873": the collection, a slash, and an id without another.
absl::Status CheckName(const std::string& field, const std::string& name, const std::string& collection) {
  TTHC_RETURN_IF_ERROR(CheckShort(field, name));
  const std::string prefix = collection + "/";
  const bool ok = absl::StartsWith(name, prefix) && name.size() > prefix.size() &&
                  name.find('/', prefix.size()) == std::string::npos && name.find(' ') == std::string::npos &&
                  name.size() <= limits::kResourceNameBytesMax;
  if (ok) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must look like ", prefix, "…, without blanks"),
                      absl::StrCat("phải có dạng ", prefix, "…, viết liền"));
}

// Empty: there is none.
absl::Status CheckOptionalName(const std::string& field, const std::string& name, const std::string& collection) {
  return name.empty() ? absl::OkStatus() : CheckName(field, name, collection);
}

// Empty: not limited.
absl::Status CheckDay(const std::string& field, const std::string& day) {
  if (day.empty() || ParseIsoDate(day).ok()) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("\"", day, "\" is not an existing day YYYY-MM-DD"),
                      absl::StrCat("\"", day, "\" không phải ngày có thật dạng YYYY-MM-DD"));
}

absl::Status CheckValidity(const std::string& prefix, const std::string& from, const std::string& to) {
  TTHC_RETURN_IF_ERROR(CheckDay(absl::StrCat(prefix, "start_date"), from));
  TTHC_RETURN_IF_ERROR(CheckDay(absl::StrCat(prefix, "end_date"), to));
  // ISO dates compare as text.
  if (from.empty() || to.empty() || from <= to) return absl::OkStatus();
  return InvalidField(absl::StrCat(prefix, "end_date"), "lies before start_date", "trước ngày bắt đầu hiệu lực");
}

absl::Status CheckDisplayName(const std::string& field, const std::string& text) {
  if (text.empty()) return InvalidField(field, "is required", "không được để trống");
  return CheckShort(field, text);
}

// Stages `entry` if the catalogue has none of its name or a different one. What does not differ is not written again:
// an import of the same file every morning must not grow the log.
template <typename T, typename Setter>
absl::Status PutIfChanged(CommitScope& scope, const domain::Catalogue::ByName<T>& known, const T& entry, size_t max,
                          absl::string_view what, Setter set, int32_t* changed) {
  const auto found = known.find(entry.name());
  if (found != known.end() && MessageDifferencer::Equals(*found->second, entry)) return absl::OkStatus();
  if (found == known.end() && known.size() >= max) return CatalogueFull(what, max);
  storage::v1::LogRecord record;
  *(record.*set)() = entry;
  ++*changed;
  return scope.PutCatalogue(std::move(record));
}

// With the words of the look-up, whatever the day.
absl::Status ProcedureNotFound(const domain::Catalogue& catalogue, const std::string& name) {
  return RebaseFields("request.procedure", "procedure.name", catalogue.ProcedureOn(name, 0).status());
}

// A unit without its office, or an officer without a unit, would be in no figure. Successors and parents may be
// unknown: files of parts of the catalogue are imported in any order.
absl::Status CheckReferences(const domain::Catalogue& catalogue, const v1::ImportOfficesRequest& request) {
  for (int i = 0; i < request.units_size(); ++i) {
    if (catalogue.offices().contains(request.units(i).office())) continue;
    return InvalidField(absl::StrCat("units[", i, "].office"),
                        absl::StrCat("\"", request.units(i).office(), "\" is not in the catalogue"),
                        absl::StrCat("cơ quan \"", request.units(i).office(), "\" không có trong danh mục"));
  }
  for (int i = 0; i < request.officers_size(); ++i) {
    if (catalogue.units().contains(request.officers(i).unit())) continue;
    return InvalidField(absl::StrCat("officers[", i, "].unit"),
                        absl::StrCat("\"", request.officers(i).unit(), "\" is not in the catalogue"),
                        absl::StrCat("phòng/bộ phận \"", request.officers(i).unit(), "\" không có trong danh mục"));
  }
  return absl::OkStatus();
}

// The whole procedure, as it would be stored.
absl::Status CheckProcedure(const v1::Procedure& procedure) {
  TTHC_RETURN_IF_ERROR(CheckDisplayName("procedure.display_name", procedure.display_name()));
  TTHC_RETURN_IF_ERROR(CheckName("procedure.field", procedure.field(), "fields"));
  TTHC_RETURN_IF_ERROR(CheckValidity("procedure.", procedure.start_date(), procedure.end_date()));
  // Versions are selected by the day of acceptance, so each says from when it holds. Only the end may be open.
  if (procedure.start_date().empty()) {
    return InvalidField("procedure.start_date", "is required", "phải có ngày bắt đầu hiệu lực");
  }
  if (procedure.counting_rule() == v1::COUNTING_RULE_UNSPECIFIED ||
      !v1::CountingRule_IsValid(procedure.counting_rule())) {
    return InvalidField("procedure.counting_rule", "must be DATE or CLOCK", "phải là DATE hoặc CLOCK");
  }
  TTHC_RETURN_IF_ERROR(timing::CheckCutOff("procedure.cut_off", procedure.cut_off()));
  // Without a limit a dossier could not be accepted; "no limit" is a limit with the unit NONE.
  if (procedure.limits().empty() || procedure.limits_size() > static_cast<int>(limits::kLimitRulesPerProcedureMax)) {
    return InvalidField("procedure.limits", absl::StrCat("must be 1 to ", limits::kLimitRulesPerProcedureMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kLimitRulesPerProcedureMax, " thời hạn"));
  }
  for (int i = 0; i < procedure.limits_size(); ++i) {
    const std::string field = absl::StrCat("procedure.limits[", i, "]");
    TTHC_RETURN_IF_ERROR(timing::CheckLimit(absl::StrCat(field, ".limit"), procedure.limits(i).limit()));
    TTHC_RETURN_IF_ERROR(CheckShort(absl::StrCat(field, ".procedure_case"), procedure.limits(i).procedure_case()));
    TTHC_RETURN_IF_ERROR(CheckShort(absl::StrCat(field, ".area"), procedure.limits(i).area()));
  }
  // 0 has a meaning in each of them: free, kept for ever, never closed.
  if (procedure.fee_vnd() < 0 || procedure.retention_years() < 0 || procedure.supplement_expiry_days() < 0) {
    return InvalidField("procedure", "amounts must not be negative", "số tiền, số năm, số ngày không được âm");
  }
  for (const auto& [field, text] : {std::pair{"procedure.review_note", &procedure.review_note()},
                                    std::pair{"procedure.legal_basis", &procedure.legal_basis()},
                                    std::pair{"procedure.extension_note", &procedure.extension_note()}}) {
    TTHC_RETURN_IF_ERROR(CheckShort(field, *text));
  }
  return absl::OkStatus();
}

// A dossier keeps the version that it was accepted under, so an update never touches a version that is there.
absl::StatusOr<v1::Procedure> UpdateProcedure(CommitScope& scope, const v1::UpdateProcedureRequest& request) {
  const auto& known = scope.catalogue().procedures();
  const auto found = known.find(request.procedure().name());
  v1::Procedure next = request.procedure();
  int32_t version = 1;
  if (found == known.end()) {
    if (!request.allow_missing()) return ProcedureNotFound(scope.catalogue(), next.name());
    // An etag says that the client has read a version, so it matches nothing that is not there.
    TTHC_RETURN_IF_ERROR(CheckEtag("procedure.etag", next.etag(), ""));
    if (known.size() >= limits::kProceduresMax) return CatalogueFull("procedures", limits::kProceduresMax);
  } else {
    const v1::Procedure& newest = *found->second.rbegin()->second;
    TTHC_RETURN_IF_ERROR(CheckEtag("procedure.etag", next.etag(), ShownProcedure(newest).etag()));
    next = Updated(request.update_mask(), request.procedure(), newest);
    version = newest.version() + 1;
    // What the server fills is taken from the newest version, so that only what the client says is compared.
    next.clear_etag();
    next.set_version(newest.version());
    *next.mutable_record_time() = newest.record_time();
    if (MessageDifferencer::Equals(next, newest)) return ShownProcedure(newest);
    // An unchanged procedure may be sent for ever, which is why this comes after the comparison.
    if (found->second.size() >= limits::kProcedureVersionsMax) {
      return CatalogueFull("versions of a procedure", limits::kProcedureVersionsMax);
    }
  }
  // Checked again although Prepare did: with a mask the merged procedure is another one than the request's.
  TTHC_RETURN_IF_ERROR(CheckProcedure(next));
  next.clear_etag();
  next.set_version(version);
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_procedure() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  return ShownProcedure(next);
}

absl::StatusOr<v1::ImportOfficesResponse> ImportOffices(CommitScope& scope, const v1::ImportOfficesRequest& request) {
  int32_t changed = 0;
  // In this order, so that a unit finds its office and an officer the unit, staged just before.
  using Record = storage::v1::LogRecord;
  for (const auto& field : request.fields()) {
    TTHC_RETURN_IF_ERROR(PutIfChanged(scope, scope.catalogue().fields(), field, limits::kFieldsMax, "fields",
                                      &Record::mutable_field, &changed));
  }
  for (const auto& office : request.offices()) {
    TTHC_RETURN_IF_ERROR(PutIfChanged(scope, scope.catalogue().offices(), office, limits::kOfficesMax, "offices",
                                      &Record::mutable_office, &changed));
  }
  for (const auto& unit : request.units()) {
    TTHC_RETURN_IF_ERROR(PutIfChanged(scope, scope.catalogue().units(), unit, limits::kUnitsMax, "units",
                                      &Record::mutable_unit, &changed));
  }
  for (const auto& officer : request.officers()) {
    TTHC_RETURN_IF_ERROR(PutIfChanged(scope, scope.catalogue().officers(), officer, limits::kOfficersMax, "officers",
                                      &Record::mutable_officer, &changed));
  }
  // After the entries were staged: a unit may belong to an office of the same request.
  TTHC_RETURN_IF_ERROR(CheckReferences(scope.catalogue(), request));
  v1::ImportOfficesResponse response;
  response.set_changed_count(changed);
  return response;
}

// The catalogue builds the calendar from the record, which checks it: what is not a calendar is never in the log.
absl::StatusOr<v1::Calendar> CreateCalendar(CommitScope& scope, const v1::CreateCalendarRequest& request) {
  if (scope.catalogue().calendar_protos().size() >= limits::kCalendarsMax) {
    return CatalogueFull("calendars", limits::kCalendarsMax);
  }
  v1::Calendar next = request.calendar();
  // Numbered by the server, whatever the client sent: accepted dossiers and petitions keep the number for good.
  next.set_version(scope.catalogue().latest_calendar_version() + 1);
  next.set_name(absl::StrCat("calendars/", next.version()));
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_calendar() = next;
  // The error names the day or session within the calendar; the request has the calendar in a field.
  const absl::Status staged = scope.PutCatalogue(std::move(record));
  if (!staged.ok()) return PrefixFields("calendar", staged);
  return next;
}

}  // namespace

absl::StatusOr<UpdateProcedureCommand> PrepareUpdateProcedure(const RequestContext&,
                                                              const v1::UpdateProcedureRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_RETURN_IF_ERROR(CheckName("procedure.name", request.procedure().name(), "procedures"));
  TTHC_RETURN_IF_ERROR(CheckUpdateMask(request.update_mask(), *v1::Procedure::descriptor()));
  // What the mask leaves out is known on the commit thread only.
  if (request.update_mask().paths().empty()) TTHC_RETURN_IF_ERROR(CheckProcedure(request.procedure()));
  return MakeCatalogueCommand(request);
}

absl::StatusOr<ImportOfficesCommand> PrepareImportOffices(const RequestContext&,
                                                          const v1::ImportOfficesRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  for (int i = 0; i < request.fields_size(); ++i) {
    const std::string at = absl::StrCat("fields[", i, "].");
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", request.fields(i).name(), "fields"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", request.fields(i).display_name()));
  }
  for (int i = 0; i < request.offices_size(); ++i) {
    const std::string at = absl::StrCat("offices[", i, "].");
    const v1::Office& office = request.offices(i);
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", office.name(), "offices"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", office.display_name()));
    TTHC_RETURN_IF_ERROR(CheckValidity(at, office.start_date(), office.end_date()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", office.successor(), "offices"));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "parent", office.parent(), "offices"));
  }
  for (int i = 0; i < request.units_size(); ++i) {
    const std::string at = absl::StrCat("units[", i, "].");
    const v1::Unit& unit = request.units(i);
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", unit.name(), "units"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", unit.display_name()));
    TTHC_RETURN_IF_ERROR(CheckValidity(at, unit.start_date(), unit.end_date()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", unit.successor(), "units"));
  }
  for (int i = 0; i < request.officers_size(); ++i) {
    const std::string at = absl::StrCat("officers[", i, "].");
    const v1::Officer& officer = request.officers(i);
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", officer.name(), "officers"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", officer.display_name()));
    TTHC_RETURN_IF_ERROR(CheckValidity(at, officer.start_date(), officer.end_date()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", officer.successor(), "officers"));
  }
  return MakeCatalogueCommand(request);
}

absl::StatusOr<CreateCalendarCommand> PrepareCreateCalendar(const RequestContext&,
                                                            const v1::CreateCalendarRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_RETURN_IF_ERROR(
      CheckText("calendar.description", request.calendar().description(), {.bytes_max = limits::kShortTextBytesMax}));
  return MakeCatalogueCommand(request);
}

absl::StatusOr<v1::Procedure> RunUpdateProcedure(CommitScope& scope, UpdateProcedureCommand& command) {
  return RunOnce<v1::Procedure>(
      scope, command.request_id, command.content_hash,
      [&](CommitScope& own) { return UpdateProcedure(own, command.request); },
      // A repeated request id gets the answer of the first call, so it is read from the log. The catalogue may
      // have a newer version by now.
      [](CommitScope& own, int64_t first_revision, int32_t) -> absl::StatusOr<v1::Procedure> {
        TTHC_ASSIGN_OR_RETURN(const auto record, own.LoadLog(first_revision));
        return ShownProcedure(record.procedure());
      });
}

absl::StatusOr<v1::ImportOfficesResponse> RunImportOffices(CommitScope& scope, ImportOfficesCommand& command) {
  return RunOnce<v1::ImportOfficesResponse>(
      scope, command.request_id, command.content_hash,
      [&](CommitScope& own) { return ImportOffices(own, command.request); },
      // Each changed entry was one record.
      [](CommitScope&, int64_t, int32_t count) -> absl::StatusOr<v1::ImportOfficesResponse> {
        v1::ImportOfficesResponse response;
        response.set_changed_count(count);
        return response;
      });
}

absl::StatusOr<v1::Calendar> RunCreateCalendar(CommitScope& scope, CreateCalendarCommand& command) {
  return RunOnce<v1::Calendar>(
      scope, command.request_id, command.content_hash,
      [&](CommitScope& own) { return CreateCalendar(own, command.request); },
      [](CommitScope& own, int64_t first_revision, int32_t) -> absl::StatusOr<v1::Calendar> {
        TTHC_ASSIGN_OR_RETURN(const auto record, own.LoadLog(first_revision));
        return record.calendar();
      });
}

}  // namespace tthc::server
