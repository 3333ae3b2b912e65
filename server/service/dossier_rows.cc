#include <memory>
#include <utility>

#include "server/changes/compaction.h"
#include "server/dossiers/dossier_commands.h"
#include "server/dossiers/due_time_queries.h"
#include "server/service/capabilities.h"

// The rows of DossierService, DueTimeService and ChangeService.
namespace tthc::server {

void AddDossierRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.DossierService");
  rows.Write("CreateDossier", PrepareCreate, RunCreate);
  rows.Read("GetDossier", c.dossiers, &DossierQueries::Get);
  rows.Read("LookupDossier", c.dossiers, &DossierQueries::Lookup);
  rows.Read("ListDossiers", c.dossiers, &DossierQueries::List);
  rows.Read("BatchGetDossiers", c.dossiers, &DossierQueries::BatchGet);
  rows.Write("AppendEvent", PrepareAppend, RunAppend);
  rows.Write("BatchAppendEvents", PrepareBatchAppend, RunBatchAppend);
  rows.Read("GetEvent", c.dossiers, &DossierQueries::GetEvent);
  rows.Read("ListEvents", c.dossiers, &DossierQueries::ListEvents);
  // One message of the stream; the adapter keeps the acknowledgments in order.
  rows.Write("StreamAppend", PrepareStreamAppend, RunStreamAppend);
}

void AddDueTimeRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.DueTimeService");
  // From memory alone, but a long limit counts over many days and composes an explanation.
  rows.Read("PreviewDueTime", [&c](const v1::PreviewDueTimeRequest& request) {
    return PreviewDueTime(*c.current_catalogue.Get(), request, c.Now());
  });
  rows.Read("ExplainDueTime", c.dossiers, &DossierQueries::ExplainDueTime);
}

void AddChangeRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.ChangeService");
  rows.Read("ListChanges", *c.changes, &ChangeFeed::List);
  rows.Stream("WatchChanges", [&c](const v1::WatchChangesRequest& request) { return c.changes->Watch(request); });
  // The feed must keep what a target of the mirror has not confirmed yet.
  rows.Write("CompactChanges", AsSent<v1::CompactChangesRequest>,
             [&c](CommitScope& scope, const v1::CompactChangesRequest* request) {
               return RunCompactChanges(scope, *request, [&c](int64_t oldest_revision, int64_t head_revision) {
                 return CheckCompaction(c.mirror_index.Targets(), oldest_revision, head_revision);
               });
             });
}

}  // namespace tthc::server
