#include <utility>

#include "server/catalogue/catalogue_commands.h"
#include "server/dossiers/recompute.h"
#include "server/service/capabilities.h"

// The rows of CatalogueService.
namespace tthc::server {

void AddCatalogueRows(MethodTable* table, Capabilities& c) {
  ServiceRows rows(table, c.executors(), "tthc.v1.CatalogueService");
  rows.Memory("GetProcedure", c.catalogue, &CatalogueQueries::GetProcedure);
  // Folds every title for a query, which takes too long for the calling thread.
  rows.Read("ListProcedures", c.catalogue, &CatalogueQueries::ListProcedures);
  rows.Write("UpdateProcedure", PrepareUpdateProcedure, RunUpdateProcedure);
  rows.Memory("ListFields", c.catalogue, &CatalogueQueries::ListFields);
  rows.Memory("ListOffices", c.catalogue, &CatalogueQueries::ListOffices);
  rows.Memory("ListUnits", c.catalogue, &CatalogueQueries::ListUnits);
  rows.Memory("ListOfficers", c.catalogue, &CatalogueQueries::ListOfficers);
  rows.Write("ImportOffices", PrepareImportOffices, RunImportOffices);
  rows.Memory("GetCalendar", c.catalogue, &CatalogueQueries::GetCalendar);
  rows.Memory("ListCalendars", c.catalogue, &CatalogueQueries::ListCalendars);
  rows.Write("CreateCalendar", PrepareCreateCalendar, RunCreateCalendar);
  // Reads the dossiers that are open now; those that are opened meanwhile count by the newest calendar anyway.
  rows.Stream("RecomputeDueTimes", [&c](const RequestContext& context, const v1::RecomputeDueTimesRequest& request) {
    return StartRecompute(c.pipeline.get(), c.facts, *c.current_catalogue.Get(), context, request);
  });
}

}  // namespace tthc::server
