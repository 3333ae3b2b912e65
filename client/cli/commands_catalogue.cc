#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/cli/proto_json.h"
#include "client/cli/words.h"
#include "client/sdk/paging.h"
#include "client/terminal/format.h"
#include "nlohmann/json.hpp"
#include "server/timing/catalogue_csv.h"
#include "server/timing/deadline.h"
#include "server/timing/offices_csv.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// procedures, offices: the catalogue.
// Procedures have versions with a first day: `update` records the next version, and dossiers keep the version of their
// acceptance. Offices, units and officers are imported with one request, since they refer to each other.
namespace tthc::cli {
namespace {

using terminal::Lang;
using terminal::LangCode;
using terminal::PadToWidth;
using terminal::ReadFile;
using terminal::Session;
using terminal::Text;
using terminal::UsageError;

const CommandSpec kProcedures = {"procedures", {"Danh mục thủ tục hành chính", "The catalogue of procedures"}, {}};
const CommandSpec kOffices = {"offices", {"Cơ quan, đơn vị, công chức", "Offices, units, officers"}, {}};

// "10 ngày làm việc", or one part for each rule with its conditions in front: "trường hợp: địa bàn: kênh: …".
std::string LimitsLine(const v1::Procedure& procedure, Lang lang) {
  return absl::StrJoin(procedure.limits(), "; ", [&](std::string* out, const v1::LimitRule& rule) {
    if (!rule.procedure_case().empty()) absl::StrAppend(out, rule.procedure_case(), ": ");
    if (!rule.area().empty()) absl::StrAppend(out, rule.area(), ": ");
    if (rule.channel() != v1::CHANNEL_UNSPECIFIED) {
      absl::StrAppend(out, EnumLabel(*v1::Channel_descriptor(), rule.channel(), lang), ": ");
    }
    absl::StrAppend(out, timing::FormatLimitForPeople(rule.limit(), LangCode(lang)));
  });
}

const std::vector<OutputColumn>& ProcedureColumns() {
  static const auto* const columns = new std::vector<OutputColumn>{{.header = {"Mã TTHC", "Code"}},
                                                                   {.header = {"Tên", "Name"}, .shrinks = true},
                                                                   {.header = {"Lĩnh vực", "Field"}, .shrinks = true},
                                                                   {.header = {"Thời hạn", "Limit"}, .shrinks = true},
                                                                   {.header = {"Cách tính", "Counting"}},
                                                                   {.header = {"Mốc giờ", "Cut-off"}},
                                                                   {.header = {"Bản", "Version"}, .right = true},
                                                                   {.header = {"Từ ngày", "Valid from"}}};
  return *columns;
}

std::vector<std::string> ProcedureCells(const Session& session, const v1::Procedure& procedure) {
  return {ResourceId(procedure.name()),
          procedure.display_name(),
          ResourceId(procedure.field()),
          LimitsLine(procedure, session.lang()),
          EnumLabel(*v1::CountingRule_descriptor(), procedure.counting_rule(), session.lang()),
          timing::FormatCutOff(procedure.cut_off()),
          absl::StrCat(procedure.version()),
          procedure.start_date()};
}

absl::Status ListProcedures(Session& session, const v1::ListProceduresRequest& typed) {
  ListWriter writer(session, ProcedureColumns());
  v1::ListProceduresRequest request = typed;
  // The whole list is printed, so the largest pages need the fewest calls.
  request.set_page_size(limits::kPageSizeMax);
  return sdk::ForEachPage(
      std::move(request), [&](const v1::ListProceduresRequest& page) { return session.client().ListProcedures(page); },
      [&](const v1::ListProceduresResponse& page) {
        for (const v1::Procedure& procedure : page.procedures()) {
          writer.Add(procedure, ProcedureCells(session, procedure));
        }
        return true;
      });
}

absl::Status ShowProcedure(Session& session, const v1::GetProcedureRequest& typed) {
  v1::GetProcedureRequest request = typed;
  request.set_name(ResourceName("procedures", typed.name()));
  TTHC_ASSIGN_OR_RETURN(const v1::Procedure procedure, session.client().GetProcedure(request));
  if (session.is_csv()) {
    ListWriter writer(session, ProcedureColumns());
    writer.Add(procedure, ProcedureCells(session, procedure));
    return absl::OkStatus();
  }
  if (!session.is_table()) {
    WriteRecord(session, procedure);
    return absl::OkStatus();
  }
  // The columns of the list, one below the other, so that there is one set of columns to maintain.
  const std::vector<std::string> cells = ProcedureCells(session, procedure);
  for (size_t i = 0; i < cells.size(); ++i) {
    session.out() << PadToWidth(session.Say(ProcedureColumns()[i].header), 12) << cells[i] << "\n";
  }
  return absl::OkStatus();
}

// What a file of procedures holds.
struct ProceduresFile {
  std::vector<v1::Procedure> procedures;
  std::vector<v1::Field> fields;
};

// Elements are written out again for protobuf's own parser, so that names, enums and limits are read by one set of
// rules.
template <typename Message>
absl::Status AddAll(const std::string& path, const nlohmann::json& array, std::vector<Message>* messages) {
  for (const nlohmann::json& element : array) {
    TTHC_RETURN_IF_ERROR(FromJson(path, element.dump(), messages->emplace_back()));
  }
  return absl::OkStatus();
}

// One procedure as `procedures show` gives it, an array as `procedures list` gives it, or an object with the arrays
// "procedures" and "fields".
absl::StatusOr<ProceduresFile> ParseProceduresJson(const std::string& path, const std::string& text) {
  ProceduresFile file;
  // Malformed JSON is neither array nor object here; FromJson then reports it with its place.
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_array()) {
    TTHC_RETURN_IF_ERROR(AddAll(path, json, &file.procedures));
    return file;
  }
  if (!json.is_object() || !json.contains("procedures")) {
    TTHC_RETURN_IF_ERROR(FromJson(path, text, file.procedures.emplace_back()));
    return file;
  }
  // An unknown key is refused: what stands below it would be lost silently.
  for (const auto& [key, array] : json.items()) {
    if (!array.is_array() || (key != "procedures" && key != "fields")) {
      return UsageError(path, absl::StrCat("\"", key, "\" is not an array of procedures or fields"),
                        absl::StrCat("\"", key, "\" không phải mảng thủ tục (procedures) hay lĩnh vực (fields)"));
    }
  }
  TTHC_RETURN_IF_ERROR(AddAll(path, json["procedures"], &file.procedures));
  if (json.contains("fields")) TTHC_RETURN_IF_ERROR(AddAll(path, json["fields"], &file.fields));
  return file;
}

absl::StatusOr<ProceduresFile> ReadProcedures(Session& session, const std::string& path) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  if (!absl::EndsWith(path, ".csv")) return ParseProceduresJson(path, text);
  TTHC_ASSIGN_OR_RETURN(timing::Catalogue parsed, timing::ParseCatalogueCsv(text, {}));
  return ProceduresFile{.procedures = std::move(parsed.procedures), .fields = std::move(parsed.fields)};
}

absl::Status UpdateProcedures(Session& session, const std::string& path, bool dry_run) {
  TTHC_ASSIGN_OR_RETURN(ProceduresFile file, ReadProcedures(session, path));
  // Fields first, because procedures refer to them.
  if (!file.fields.empty()) {
    v1::ImportOfficesRequest fields;
    fields.set_validate_only(dry_run);
    fields.mutable_fields()->Add(file.fields.begin(), file.fields.end());
    TTHC_RETURN_IF_ERROR(session.client().ImportOffices(fields).status());
  }
  ListWriter writer(session, ProcedureColumns());
  // A single procedure is checked against its etag, so that it replaces the version that was edited and no later one.
  // In a list the etags of one export would contradict each other, and a catalogue from another server has strange
  // ones.
  const bool single = file.procedures.size() == 1;
  for (v1::Procedure& procedure : file.procedures) {
    v1::UpdateProcedureRequest request;
    request.set_validate_only(dry_run);
    // The first version of a procedure is recorded by the same command.
    request.set_allow_missing(true);
    // The server refuses what only the server sets.
    procedure.clear_version();
    procedure.clear_record_time();
    if (!single) procedure.clear_etag();
    *request.mutable_procedure() = std::move(procedure);
    // One request for each procedure: after an error the earlier ones are recorded, and the list shows which.
    TTHC_ASSIGN_OR_RETURN(const v1::Procedure updated, session.client().UpdateProcedure(request));
    writer.Add(updated, ProcedureCells(session, updated));
  }
  return absl::OkStatus();
}

absl::Status ListOffices(Session& session) {
  // Everything is fetched before anything is written, so that an error leaves no list that looks complete.
  TTHC_ASSIGN_OR_RETURN(
      const std::vector<v1::Office> offices,
      sdk::FetchAll<v1::Office>(
          v1::ListOfficesRequest(), [&](const auto& page) { return session.client().ListOffices(page); },
          [](const auto& page) -> const auto& { return page.offices(); }));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Unit> units,
                        sdk::FetchAll<v1::Unit>(
                            v1::ListUnitsRequest(), [&](const auto& page) { return session.client().ListUnits(page); },
                            [](const auto& page) -> const auto& { return page.units(); }));
  TTHC_ASSIGN_OR_RETURN(
      const std::vector<v1::Officer> officers,
      sdk::FetchAll<v1::Officer>(
          v1::ListOfficersRequest(), [&](const auto& page) { return session.client().ListOfficers(page); },
          [](const auto& page) -> const auto& { return page.officers(); }));
  ListWriter writer(session, {{.header = {"Loại", "Kind"}},
                              {.header = {"Mã", "Id"}},
                              {.header = {"Tên", "Name"}, .shrinks = true},
                              {.header = {"Thuộc", "Part of"}},
                              {.header = {"Từ ngày", "Valid from"}},
                              {.header = {"Đến ngày", "Valid to"}},
                              {.header = {"Kế thừa", "Successor"}}});
  const auto add = [&](const Text& kind, const auto& resource, const std::string& parent) {
    writer.Add(resource, {session.Say(kind), ResourceId(resource.name()), resource.display_name(), ResourceId(parent),
                          resource.start_date(), resource.end_date(), ResourceId(resource.successor())});
  };
  for (const v1::Office& office : offices) add({"cơ quan", "office"}, office, office.parent());
  for (const v1::Unit& unit : units) add({"đơn vị", "unit"}, unit, unit.office());
  for (const v1::Officer& officer : officers) add({"công chức", "officer"}, officer, officer.unit());
  return absl::OkStatus();
}

absl::Status ImportOffices(Session& session, const std::string& path, bool dry_run) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::ImportOfficesRequest request;
  // The name decides. Standard input has none and is read as JSON.
  if (absl::EndsWith(path, ".csv")) {
    TTHC_ASSIGN_OR_RETURN(request, timing::ParseOfficesCsv(text));
  } else {
    TTHC_RETURN_IF_ERROR(FromJson(path, text, request));
  }
  request.set_validate_only(dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::ImportOfficesResponse response, session.client().ImportOffices(request));
  // A single number has no columns, so CSV prints the sentence as well.
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, response, {.with_defaults = true});
    return absl::OkStatus();
  }
  session.out() << response.changed_count()
                << (dry_run ? session.Say({" mục sẽ thay đổi\n", " entries would change\n"})
                            : session.Say({" mục đã thay đổi\n", " entries changed\n"}));
  return absl::OkStatus();
}

void AddCatalogueFileCommand(CLI::App& parent, Session& session, const CommandSpec& spec,
                             absl::Status (*action)(Session&, const std::string&, bool)) {
  struct Arguments {
    std::string path;
    bool dry_run = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = AddCommand(parent, session, spec, [&session, action, arguments] {
    return action(session, arguments->path, arguments->dry_run);
  });
  command
      ->add_option(
          "file", arguments->path,
          session.Say({"Tệp .json hoặc .csv; - là đầu vào chuẩn", "A .json or .csv file; - is standard input"}))
      ->required()
      ->type_name("");
  command->add_flag("--dry-run", arguments->dry_run, session.Say({"Kiểm tra, không ghi gì", "Check, record nothing"}));
}

}  // namespace

void AddCatalogueCommands(CLI::App& app, Session& session) {
  CLI::App* procedures = FindOrAddGroup(app, session, kProcedures);
  auto list = std::make_shared<v1::ListProceduresRequest>();
  CLI::App* command = AddCommand(*procedures, session,
                                 {"list",
                                  {"Danh sách thủ tục đang hiệu lực", "Procedures in force"},
                                  {"procedures list", "procedures list \"ket hon\" --all-versions"}},
                                 [&session, list] { return ListProcedures(session, *list); });
  command
      ->add_option("text", *list->mutable_query(),
                   session.Say({"Một phần mã hoặc tên", "Part of the code or the name"}))
      ->type_name("");
  command->add_option("--on", *list->mutable_on_date(), session.Say({"Ngày YYYY-MM-DD", "Day YYYY-MM-DD"}))
      ->type_name("");
  command->add_flag_function(
      "--all-versions", [list](int64_t) { list->set_show_all_versions(true); },
      session.Say({"Mọi bản", "Every version"}));

  auto show = std::make_shared<v1::GetProcedureRequest>();
  command = AddCommand(*procedures, session,
                       {"show",
                        {"Xem một thủ tục", "One procedure"},
                        {"procedures show 1.004873", "procedures show 1.004873 --version-number 2"}},
                       [&session, show] { return ShowProcedure(session, *show); });
  command->add_option("procedure", *show->mutable_name(), session.Say({"Mã TTHC", "Procedure"}))
      ->required()
      ->type_name("");
  command->add_option("--on", *show->mutable_on_date(), session.Say({"Ngày YYYY-MM-DD", "Day YYYY-MM-DD"}))
      ->type_name("");
  command
      ->add_option_function<int32_t>(
          "--version-number", [show](int32_t version) { show->set_version(version); },
          session.Say({"Bản số", "Version number"}))
      ->type_name("");

  AddCatalogueFileCommand(
      *procedures, session,
      {"update",
       {"Ghi bản mới của thủ tục từ tệp", "Record the next version of procedures from a file"},
       {"procedures update thu-tuc.json --dry-run", "procedures update deploy/data/procedures.csv"}},
      UpdateProcedures);

  CLI::App* offices = FindOrAddGroup(app, session, kOffices);
  AddCommand(*offices, session, {"list", {"Danh sách", "List"}, {"offices list", "offices list -o csv"}},
             [&session] { return ListOffices(session); });
  AddCatalogueFileCommand(*offices, session,
                          {"import",
                           {"Nhập cơ quan, đơn vị, công chức từ tệp", "Import offices, units and officers from a file"},
                           {"offices import deploy/data/offices.csv"}},
                          ImportOffices);
}

}  // namespace tthc::cli
