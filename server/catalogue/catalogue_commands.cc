#include "server/service/catalogue_commands.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/domain/calendar.h"
#include "server/domain/deadline.h"
#include "server/domain/scheme.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;

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

absl::Status CheckOptionalName(const std::string& field, const std::string& name, const std::string& collection) {
  return name.empty() ? absl::OkStatus() : CheckName(field, name, collection);
}

absl::Status CheckDay(const std::string& field, const std::string& day) {
  if (day.empty() || ParseIsoDate(day).ok()) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("\"", day, "\" is not an existing day YYYY-MM-DD"),
                      absl::StrCat("\"", day, "\" không phải ngày có thật dạng YYYY-MM-DD"));
}

absl::Status CheckValidity(const std::string& prefix, const std::string& from, const std::string& to) {
  TTHC_RETURN_IF_ERROR(CheckDay(absl::StrCat(prefix, "valid_from"), from));
  TTHC_RETURN_IF_ERROR(CheckDay(absl::StrCat(prefix, "valid_to"), to));
  if (from.empty() || to.empty() || from <= to) return absl::OkStatus();
  return InvalidField(absl::StrCat(prefix, "valid_to"), "lies before valid_from", "trước ngày bắt đầu hiệu lực");
}

absl::Status CheckDisplayName(const std::string& field, const std::string& text) {
  if (text.empty()) return InvalidField(field, "is required", "không được để trống");
  return CheckShort(field, text);
}

absl::Status Full(absl::string_view what, size_t max) {
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "CATALOGUE_FULL",
                    .message = absl::StrCat("the catalogue holds at most ", max, " ", what),
                    .message_vi = absl::StrCat("Danh mục có tối đa ", max, " mục loại này"),
                    .metadata = {{"kind", std::string(what)}, {"max", absl::StrCat(max)}}});
}

// Stages `entry` if the catalogue has none or another of its name.
template <typename T, typename Setter>
absl::Status PutIfChanged(CommitScope& scope, const Catalogue::ByName<T>& known, const T& entry, size_t max,
                          absl::string_view what, Setter set, int32_t* changed) {
  const auto found = known.find(entry.name());
  if (found != known.end() && MessageDifferencer::Equals(*found->second, entry)) return absl::OkStatus();
  if (found == known.end() && known.size() >= max) return Full(what, max);
  storage::v1::LogRecord record;
  *(record.*set)() = entry;
  ++*changed;
  return scope.PutCatalogue(std::move(record));
}

absl::Status CheckReferences(const Catalogue& catalogue, const v1::UpdateOfficesRequest& request) {
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

}  // namespace

absl::Status CheckUpdateProcedure(const v1::UpdateProcedureRequest& request) {
  const v1::Procedure& procedure = request.procedure();
  TTHC_RETURN_IF_ERROR(CheckName("procedure.name", procedure.name(), "procedures"));
  TTHC_RETURN_IF_ERROR(CheckDisplayName("procedure.display_name", procedure.display_name()));
  TTHC_RETURN_IF_ERROR(CheckName("procedure.field", procedure.field(), "fields"));
  TTHC_RETURN_IF_ERROR(CheckValidity("procedure.", procedure.valid_from(), procedure.valid_to()));
  if (procedure.valid_from().empty()) {
    return InvalidField("procedure.valid_from", "is required", "phải có ngày bắt đầu hiệu lực");
  }
  TTHC_RETURN_IF_ERROR(domain::CheckCutOff("procedure.cut_off", procedure.cut_off()));
  if (procedure.limits().empty() || procedure.limits_size() > static_cast<int>(limits::kLimitRulesPerProcedureMax)) {
    return InvalidField("procedure.limits", absl::StrCat("must be 1 to ", limits::kLimitRulesPerProcedureMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kLimitRulesPerProcedureMax, " thời hạn"));
  }
  for (int i = 0; i < procedure.limits_size(); ++i) {
    const std::string field = absl::StrCat("procedure.limits[", i, "]");
    TTHC_RETURN_IF_ERROR(domain::CheckLimit(absl::StrCat(field, ".limit"), procedure.limits(i).limit()));
    TTHC_RETURN_IF_ERROR(CheckShort(absl::StrCat(field, ".procedure_case"), procedure.limits(i).procedure_case()));
    TTHC_RETURN_IF_ERROR(CheckShort(absl::StrCat(field, ".area"), procedure.limits(i).area()));
  }
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

absl::Status CheckUpdateOffices(const v1::UpdateOfficesRequest& request) {
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
    TTHC_RETURN_IF_ERROR(CheckValidity(at, office.valid_from(), office.valid_to()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", office.successor(), "offices"));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "parent", office.parent(), "offices"));
  }
  for (int i = 0; i < request.units_size(); ++i) {
    const std::string at = absl::StrCat("units[", i, "].");
    const v1::Unit& unit = request.units(i);
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", unit.name(), "units"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", unit.display_name()));
    TTHC_RETURN_IF_ERROR(CheckValidity(at, unit.valid_from(), unit.valid_to()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", unit.successor(), "units"));
  }
  for (int i = 0; i < request.officers_size(); ++i) {
    const std::string at = absl::StrCat("officers[", i, "].");
    const v1::Officer& officer = request.officers(i);
    TTHC_RETURN_IF_ERROR(CheckName(at + "name", officer.name(), "officers"));
    TTHC_RETURN_IF_ERROR(CheckDisplayName(at + "display_name", officer.display_name()));
    TTHC_RETURN_IF_ERROR(CheckValidity(at, officer.valid_from(), officer.valid_to()));
    TTHC_RETURN_IF_ERROR(CheckOptionalName(at + "successor", officer.successor(), "officers"));
  }
  return absl::OkStatus();
}

absl::Status CheckUpdateScheme(const v1::UpdateSchemeRequest& request) {
  return domain::CheckScheme("scheme", request.scheme());
}

absl::StatusOr<v1::Procedure> RunUpdateProcedure(CommitScope& scope, const v1::Procedure& procedure) {
  const auto& known = scope.catalogue().procedures();
  const auto found = known.find(procedure.name());
  v1::Procedure next = procedure;
  next.clear_etag();
  next.set_version(1);
  if (found != known.end()) {
    const v1::Procedure& latest = *found->second.rbegin()->second;
    next.set_version(latest.version());
    *next.mutable_record_time() = latest.record_time();
    if (MessageDifferencer::Equals(next, latest)) return next;
    if (found->second.size() >= limits::kProcedureVersionsMax) {
      return Full("versions of a procedure", limits::kProcedureVersionsMax);
    }
    next.set_version(latest.version() + 1);
  } else if (known.size() >= limits::kProceduresMax) {
    return Full("procedures", limits::kProceduresMax);
  }
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_procedure() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  return next;
}

absl::StatusOr<v1::UpdateOfficesResponse> RunUpdateOffices(CommitScope& scope,
                                                           const v1::UpdateOfficesRequest& request) {
  int32_t changed = 0;
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
  TTHC_RETURN_IF_ERROR(CheckReferences(scope.catalogue(), request));
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  v1::UpdateOfficesResponse response;
  response.set_changed_count(changed);
  return response;
}

absl::StatusOr<v1::Calendar> RunCreateCalendar(CommitScope& scope, const v1::Calendar& calendar) {
  if (scope.catalogue().calendar_protos().size() >= limits::kCalendarsMax) {
    return Full("calendars", limits::kCalendarsMax);
  }
  v1::Calendar next = calendar;
  next.set_version(scope.catalogue().latest_calendar_version() + 1);
  next.set_name(absl::StrCat("calendars/", next.version()));
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_calendar() = next;
  const absl::Status staged = scope.PutCatalogue(std::move(record));
  if (!staged.ok()) return PrefixFields("calendar", staged);
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  return next;
}

absl::StatusOr<v1::Scheme> RunUpdateScheme(CommitScope& scope, const v1::Scheme& scheme) {
  const auto& known = scope.catalogue().schemes();
  for (int i = 0; i < scheme.offices_size(); ++i) {
    if (scope.catalogue().offices().contains(scheme.offices(i))) continue;
    return InvalidField(absl::StrCat("scheme.offices[", i, "]"),
                        absl::StrCat("\"", scheme.offices(i), "\" is not in the catalogue"),
                        absl::StrCat("cơ quan \"", scheme.offices(i), "\" không có trong danh mục"));
  }
  v1::Scheme next = scheme;
  next.clear_record_time();
  if (const auto found = known.find(scheme.name()); found != known.end()) {
    *next.mutable_record_time() = found->second->record_time();
    if (MessageDifferencer::Equals(next, *found->second)) return next;
  } else if (known.size() >= limits::kSchemesMax) {
    return Full("schemes", limits::kSchemesMax);
  }
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_scheme() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  return next;
}

absl::StatusOr<v1::Closing> RunPutClosing(CommitScope& scope, const v1::Closing& closing) {
  const auto& known = scope.catalogue().closings();
  if (known.size() >= limits::kClosingsMax) return Full("closings", limits::kClosingsMax);
  v1::Closing next = closing;
  // Six digits, so that the order of the names is the order of closing. None is ever taken away.
  next.set_name(absl::StrFormat("closings/%06d", known.size() + 1));
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_closing() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  return next;
}

}  // namespace tthc::server
