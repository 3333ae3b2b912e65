#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/format.h"
#include "client/cli/output.h"
#include "client/cli/proto_json.h"
#include "client/cli/words.h"
#include "server/domain/catalogue_csv.h"
#include "server/domain/deadline.h"
#include "server/domain/offices_csv.h"
#include "storage/base/status_macros.h"

// procedures and offices.
namespace tthc::cli {
namespace {

const CommandSpec kProcedures = {"procedures", {"Danh mục thủ tục hành chính", "The catalogue of procedures"}, {}};
const CommandSpec kOffices = {"offices", {"Cơ quan, đơn vị, công chức", "Offices, units, officers"}, {}};

std::string LimitsLine(const v1::Procedure& procedure, Lang lang) {
  return absl::StrJoin(procedure.limits(), "; ", [&](std::string* out, const v1::LimitRule& rule) {
    if (!rule.procedure_case().empty()) absl::StrAppend(out, rule.procedure_case(), ": ");
    if (!rule.area().empty()) absl::StrAppend(out, rule.area(), ": ");
    if (rule.channel() != v1::CHANNEL_UNSPECIFIED) {
      absl::StrAppend(out, EnumLabel(*v1::Channel_descriptor(), rule.channel(), lang), ": ");
    }
    absl::StrAppend(out, domain::FormatLimitForPeople(rule.limit(), LangCode(lang)));
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
          domain::FormatCutOff(procedure.cut_off()),
          absl::StrCat(procedure.version()),
          procedure.valid_from()};
}

absl::Status ListProcedures(Session& session, const v1::ListProceduresRequest& request) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListProceduresResponse response, session.client().ListProcedures(request));
  ListWriter writer(session, ProcedureColumns());
  for (const v1::Procedure& procedure : response.procedures())
    writer.Add(procedure, ProcedureCells(session, procedure));
  return absl::OkStatus();
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
  const std::vector<std::string> cells = ProcedureCells(session, procedure);
  for (size_t i = 0; i < cells.size(); ++i) {
    session.out() << PadToWidth(session.Say(ProcedureColumns()[i].header), 12) << cells[i] << "\n";
  }
  return absl::OkStatus();
}

// One procedure, or {"procedures": […]} with their fields as procedures list gives them.
absl::StatusOr<v1::ListProceduresResponse> ReadProcedures(Session& session, const std::string& path) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::ListProceduresResponse catalogue;
  if (absl::EndsWith(path, ".csv")) {
    TTHC_ASSIGN_OR_RETURN(const domain::Catalogue parsed, domain::ParseCatalogueCsv(text, {}));
    for (const v1::Procedure& procedure : parsed.procedures) *catalogue.add_procedures() = procedure;
    for (const v1::Field& field : parsed.fields) *catalogue.add_fields() = field;
    return catalogue;
  }
  v1::Procedure procedure;
  if (FromJson(path, text, procedure).ok()) {
    *catalogue.add_procedures() = std::move(procedure);
    return catalogue;
  }
  TTHC_RETURN_IF_ERROR(FromJson(path, text, catalogue));
  return catalogue;
}

absl::Status UpdateProcedures(Session& session, const std::string& path, bool dry_run) {
  TTHC_ASSIGN_OR_RETURN(v1::ListProceduresResponse catalogue, ReadProcedures(session, path));
  if (catalogue.fields_size() > 0) {
    v1::UpdateOfficesRequest fields;
    fields.set_validate_only(dry_run);
    fields.mutable_fields()->Swap(catalogue.mutable_fields());
    TTHC_RETURN_IF_ERROR(session.client().UpdateOffices(fields).status());
  }
  ListWriter writer(session, ProcedureColumns());
  for (v1::Procedure& procedure : *catalogue.mutable_procedures()) {
    v1::UpdateProcedureRequest request;
    request.set_validate_only(dry_run);
    // A procedure as the server gave it comes back without what only the server sets.
    procedure.clear_version();
    procedure.clear_record_time();
    *request.mutable_procedure() = std::move(procedure);
    TTHC_ASSIGN_OR_RETURN(const v1::Procedure updated, session.client().UpdateProcedure(request));
    writer.Add(updated, ProcedureCells(session, updated));
  }
  return absl::OkStatus();
}

absl::Status ListOffices(Session& session) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListOfficesResponse response, session.client().ListOffices({}));
  ListWriter writer(session, {{.header = {"Loại", "Kind"}},
                              {.header = {"Mã", "Id"}},
                              {.header = {"Tên", "Name"}, .shrinks = true},
                              {.header = {"Thuộc", "Part of"}},
                              {.header = {"Từ ngày", "Valid from"}},
                              {.header = {"Đến ngày", "Valid to"}},
                              {.header = {"Kế thừa", "Successor"}}});
  const auto add = [&](const Text& kind, const auto& resource, const std::string& parent) {
    writer.Add(resource, {session.Say(kind), ResourceId(resource.name()), resource.display_name(), ResourceId(parent),
                          resource.valid_from(), resource.valid_to(), ResourceId(resource.successor())});
  };
  for (const v1::Office& office : response.offices()) add({"cơ quan", "office"}, office, office.parent());
  for (const v1::Unit& unit : response.units()) add({"đơn vị", "unit"}, unit, unit.office());
  for (const v1::Officer& officer : response.officers()) add({"công chức", "officer"}, officer, officer.unit());
  return absl::OkStatus();
}

absl::Status ImportOffices(Session& session, const std::string& path, bool dry_run) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::UpdateOfficesRequest request;
  if (absl::EndsWith(path, ".csv")) {
    TTHC_ASSIGN_OR_RETURN(request, domain::ParseOfficesCsv(text));
  } else {
    TTHC_RETURN_IF_ERROR(FromJson(path, text, request));
  }
  request.set_validate_only(dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::UpdateOfficesResponse response, session.client().UpdateOffices(request));
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, response, {.with_defaults = true});
    return absl::OkStatus();
  }
  session.out() << response.changed_count()
                << (dry_run ? session.Say({" mục sẽ thay đổi\n", " entries would change\n"})
                            : session.Say({" mục đã thay đổi\n", " entries changed\n"}));
  return absl::OkStatus();
}

void AddFileCommand(CLI::App& parent, Session& session, const CommandSpec& spec,
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
      "--all-versions", [list](int64_t) { list->set_all_versions(true); }, session.Say({"Mọi bản", "Every version"}));

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

  AddFileCommand(*procedures, session,
                 {"update",
                  {"Ghi bản mới của thủ tục từ tệp", "Record the next version of procedures from a file"},
                  {"procedures update thu-tuc.json --dry-run", "procedures update deploy/data/procedures.csv"}},
                 UpdateProcedures);

  CLI::App* offices = FindOrAddGroup(app, session, kOffices);
  AddCommand(*offices, session, {"list", {"Danh sách", "List"}, {"offices list", "offices list -o csv"}},
             [&session] { return ListOffices(session); });
  AddFileCommand(*offices, session,
                 {"import",
                  {"Nhập cơ quan, đơn vị, công chức từ tệp", "Import offices, units and officers from a file"},
                  {"offices import deploy/data/offices.csv"}},
                 ImportOffices);
}

}  // namespace tthc::cli
