#include <memory>

#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/cli/period_options.h"
#include "client/cli/report_06a.h"
#include "storage/base/status_macros.h"

// report 06a: the form that goes to the government.
// The server computes it. Here it is checked once more and laid out: a wrong form would be signed and sent.
namespace tthc::cli {
namespace {

using terminal::Session;

const CommandSpec kReport = {
    .name = "report", .help = {"Báo cáo theo biểu mẫu", "Reports by their forms"}, .examples = {}};

struct ReportArguments {
  PeriodOptions period;
  std::string office;
  bool by_procedure = false;
};

absl::Status Report(Session& session, const ReportArguments& arguments) {
  v1::ComputeReport06aRequest request;
  TTHC_RETURN_IF_ERROR(arguments.period.Fill(session, request));
  request.set_office(ResourceName("offices", arguments.office));
  request.set_by_procedure(arguments.by_procedure);
  TTHC_ASSIGN_OR_RETURN(const v1::Report06a report, session.client().ComputeReport06a(request));
  // Before anything is written: a form with wrong sums must not exist, not even as JSON.
  TTHC_RETURN_IF_ERROR(CheckReport06a(report));
  if (session.is_xlsx()) {
    TTHC_ASSIGN_OR_RETURN(const std::string bytes, MakeReport06aXlsx(report));
    session.out() << bytes;
  } else if (session.is_csv()) {
    session.out() << FormatReport06aCsv(report);
  } else if (session.is_table()) {
    session.out() << RenderReport06a(report, session.width());
  } else {
    // Every column is always there: a script that reads column 10 finds 0 instead of a missing key.
    WriteRecord(session, report, {.with_defaults = true});
  }
  return absl::OkStatus();
}

}  // namespace

void AddReportCommands(CLI::App& app, Session& session) {
  CLI::App* report = FindOrAddGroup(app, session, kReport);
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command =
      AddCommand(*report, session,
                 {.name = "06a",
                  .help = {"Biểu 06a/VPCP/KSTT: tình hình, kết quả giải quyết TTHC; mặc định quý báo cáo này",
                           "Form 06a/VPCP/KSTT: situation and results; default this reporting quarter"},
                  .examples = {"report 06a", "report 06a --period quy-truoc --out 06a-quy-3.xlsx",
                               "report 06a --period q3/2026 --by-procedure -o csv",
                               "report 06a --from 15/06/2026 --to 05/09/2026 --office H24.99.1"},
                  .xlsx = true},
                 [&session, arguments] { return Report(session, *arguments); });
  command->add_flag("--by-procedure", arguments->by_procedure,
                    session.Say({"Thêm từng thủ tục dưới mỗi lĩnh vực", "Each procedure below its field"}));
  command
      ->add_option("--office", arguments->office,
                   session.Say({"Một cơ quan; mặc định tất cả", "One office; default all"}))
      ->type_name("");
  arguments->period.AddTo(*command, session, {});
}

}  // namespace tthc::cli
