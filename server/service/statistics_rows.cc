#include <memory>
#include <utility>

#include "server/service/capabilities.h"
#include "server/statistics/closing_commands.h"
#include "server/statistics/scheme_commands.h"
#include "server/statistics/verify.h"

// The rows of ReportService and StatisticsService.
namespace tthc::server {

void AddReportRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.ReportService");
  // Lists are reads: which dossiers they hold comes from memory, and a page from the disk.
  rows.Read("ListLateDossiers", c.dossiers, &DossierQueries::ListLate);
  rows.Read("ListDueSoonDossiers", c.dossiers, &DossierQueries::ListDueSoon);
  rows.Report("SummarizeTimeliness", c.timeliness, &TimelinessQueries::Summarize);
}

void AddStatisticsRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.StatisticsService");
  rows.Report("QueryStatistics", c.statistics, &StatisticsQueries::Query);
  rows.Report("ListCountedDossiers", c.counted_dossiers, &CountedDossierQueries::List);
  rows.Report("ComputeReport06a", c.report_06a, &Report06aQueries::Compute);
  rows.Report("ComputeScores", c.scores, &ScoreQueries::ComputeScores);
  rows.Report("ComputePlanResults", c.scores, &ScoreQueries::ComputePlanResults);
  rows.Memory("GetScheme", c.scores, &ScoreQueries::GetScheme);
  rows.Memory("ListSchemes", c.scores, &ScoreQueries::ListSchemes);
  rows.Write("UpdateScheme", PrepareUpdateScheme, RunUpdateScheme);
  // The form is computed before it is stored; what is recorded in between has a later revision than the closing's.
  rows.WriteAfterReport(
      "ClosePeriod",
      [&c](const RequestContext& context, const v1::ClosePeriodRequest& request) {
        return c.closings.Prepare(context, request, c.Now());
      },
      RunClosePeriod);
  rows.Memory("GetClosing", c.closings, &ClosingQueries::Get);
  rows.Memory("ListClosings", c.closings, &ClosingQueries::List);
  rows.Report("CheckClosing", c.closings, &ClosingQueries::Check);
  // Folds every dossier again, portion by portion, on the threads of reports.
  rows.Stream("VerifyFacts", [&c](const v1::VerifyFactsRequest&) {
    return StreamOf<v1::VerifyFactsResponse>(
        std::make_unique<VerifyStream>(c.store.get(), &c.facts, &c.current_catalogue, &c.reports));
  });
}

}  // namespace tthc::server
