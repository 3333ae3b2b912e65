#include <fstream>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/filter_options.h"
#include "client/cli/history.h"
#include "client/cli/register_format.h"
#include "client/cli/register_import.h"
#include "client/sdk/paging.h"
#include "client/terminal/progress.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// import and export of the register.
// Import continues where an interrupted run stopped, and export writes what import reads back. A register holds
// personal data unmasked, whatever --reveal says: a masked one could not be imported.
namespace tthc::cli {
namespace {

using terminal::Progress;
using terminal::Session;
using terminal::UsageError;

struct ImportArguments {
  ImportOptions options;
  bool print_template = false;
};

void WriteCounts(const Session& session, const ImportCounts& counts, const ImportOptions& options) {
  // The outcome is a handful of numbers, for which a table would be harder to read.
  if (session.is_table() || session.is_csv()) {
    session.out() << session.Say({"Dòng ", "Rows "}) << counts.rows << session.Say({" · đã nhập ", " · added "})
                  << counts.added << session.Say({" · đã có ", " · already there "}) << counts.already_there
                  << session.Say({" · lỗi ", " · refused "}) << counts.refused << "\n";
  } else {
    session.out() << "{\"rows\":" << counts.rows << ",\"added\":" << counts.added
                  << ",\"alreadyThere\":" << counts.already_there << ",\"refused\":" << counts.refused
                  << ",\"warnings\":" << counts.warnings << "}\n";
  }
  // A different promise is no error: the row is recorded, the computed due time counts, and a person looks into it.
  if (counts.warnings > 0) {
    session.Warn(absl::StrCat(counts.warnings, session.Say({" dòng có hẹn trả khác với hẹn tính theo luật",
                                                            " rows promise another time than the law gives"})));
  }
  if (counts.refused > 0) {
    session.Print(
        absl::StrCat(session.Say({"Dòng lỗi và lý do: ", "Refused rows and reasons: "}), options.errors_path));
  }
}

absl::Status Import(Session& session, const ImportArguments& arguments) {
  if (arguments.print_template) {
    session.out() << RegisterTemplate();
    return absl::OkStatus();
  }
  ImportOptions options = arguments.options;
  if (options.path.empty()) return UsageError("file", "is missing", "còn thiếu");
  // Beside the input, where people look for it.
  if (options.errors_path.empty())
    options.errors_path = options.path == "-" ? "import.errors.csv" : options.path + ".errors.csv";
  TTHC_ASSIGN_OR_RETURN(const ImportCounts counts, ImportRegister(session, options));
  WriteCounts(session, counts, options);
  // The good rows are recorded by now. Exit status 1 makes a script notice the others.
  if (counts.refused == 0) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "ROWS_REFUSED",
                    .message = absl::StrCat(counts.refused, " rows were refused; correct them in ", options.errors_path,
                                            " and import that file"),
                    .message_vi = absl::StrCat(counts.refused, " dòng bị từ chối; hãy sửa trong ", options.errors_path,
                                               " rồi nhập chính tệp đó"),
                    .metadata = {{"refused", absl::StrCat(counts.refused)}}});
}

struct ExportArguments {
  FilterOptions filter;
  std::string query;
  std::string path;
  bool bom = false;
};

absl::Status ExportTo(Session& session, const ExportArguments& arguments, std::ostream& out) {
  // Rows are written dossier by dossier, so memory does not grow with the register; an error in between leaves a file
  // that is cut at a whole dossier.
  v1::ListDossiersRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  request.mutable_filter()->set_query(arguments.query);
  // Oldest first: a dossier that is accepted meanwhile comes last and moves no row to another page.
  request.set_order_by(v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST);
  request.set_page_size(limits::kPageSizeMax);
  // Excel takes a file for UTF-8 only if it begins with this mark; other programs are better without it.
  std::string text = arguments.bom ? kCsvBom : "";
  AppendCsvRow(RegisterHeader(), {}, &text);
  Progress progress(session, session.Say({"Xuất", "Exporting"}));
  int64_t done = 0;
  absl::Status status;
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(
      request, [&](const v1::ListDossiersRequest& page) { return session.client().ListDossiers(page); },
      [&](const v1::ListDossiersResponse& page) {
        for (const v1::Dossier& dossier : page.dossiers()) {
          const absl::StatusOr<std::vector<v1::Event>> events = FetchEvents(session.client(), dossier.name());
          // ForEachPage can only be stopped; the error is returned after it.
          status = events.status();
          if (!status.ok()) return false;
          for (const auto& row : RegisterRowsOf(dossier, EventsInForce(*events))) AppendCsvRow(row, {}, &text);
          out << text;
          text.clear();
          progress.Show(++done, page.total_size());
        }
        return true;
      }));
  TTHC_RETURN_IF_ERROR(status);
  out << text << std::flush;
  progress.Clear();
  session.Print(absl::StrCat(done, session.Say({" hồ sơ", " dossiers"})));
  // Checked at the end only: after a full disk the stream stays bad.
  if (out.good()) return absl::OkStatus();
  return absl::FailedPreconditionError("the file cannot be written");
}

absl::Status Export(Session& session, const ExportArguments& arguments) {
  if (arguments.path.empty() || arguments.path == "-") return ExportTo(session, arguments, session.out());
  // Written in place, unlike --out, because a register may be larger than memory.
  std::ofstream file(arguments.path, std::ios::binary | std::ios::trunc);
  return ExportTo(session, arguments, file);
}

}  // namespace

void AddRegisterCommands(CLI::App& app, Session& session) {
  auto import_arguments = std::make_shared<ImportArguments>();
  CLI::App* command =
      AddCommand(app, session,
                 {"import",
                  {"Nhập sổ theo dõi hồ sơ từ CSV; chạy lại không nhập trùng",
                   "Import a register from CSV; running it again adds nothing twice"},
                  {"import --template > mau.csv", "import so-theo-doi.csv", "import so-theo-doi.csv --check"}},
                 [&session, import_arguments] { return Import(session, *import_arguments); });
  command
      ->add_option("file", import_arguments->options.path,
                   session.Say({"Tệp CSV; - là đầu vào chuẩn", "CSV file; - is standard input"}))
      ->type_name("");
  command
      ->add_option(
          "--errors", import_arguments->options.errors_path,
          session.Say({"Tệp ghi dòng lỗi, mặc định TỆP.errors.csv", "Where refused rows go; default FILE.errors.csv"}))
      ->type_name("");
  command->add_flag("--template", import_arguments->print_template, session.Say({"In tệp mẫu", "Print a template"}));
  command->add_flag(
      "--check", import_arguments->options.check_only,
      session.Say({"Chỉ đọc và kiểm tra tệp, không cần máy chủ", "Only read and check the file; needs no server"}));

  auto export_arguments = std::make_shared<ExportArguments>();
  command = AddCommand(
      app, session,
      {"export",
       {"Xuất sổ theo dõi ra CSV, nhập lại được; có dữ liệu cá nhân",
        "Export the register as CSV that import reads back; holds personal data"},
       {"export --accepted-from 01/01/2026 --accepted-to 31/03/2026 --to quy1.csv", "export --open > dang-mo.csv"}},
      [&session, export_arguments] { return Export(session, *export_arguments); });
  export_arguments->filter.AddTo(*command, session);
  command
      ->add_option("--query", export_arguments->query, session.Say({"Từ cần tìm, như find", "What to find, as find"}))
      ->type_name("");
  command
      ->add_option("--to", export_arguments->path,
                   session.Say({"Tệp ra, mặc định đầu ra chuẩn", "Output file; default standard output"}))
      ->type_name("");
  command->add_flag("--bom", export_arguments->bom, session.Say({"Thêm BOM cho Excel", "Add a BOM for Excel"}));
}

}  // namespace tthc::cli
