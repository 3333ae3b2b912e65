#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/service/request_context.h"
#include "storage/base/clock.h"
#include "storage/store.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/change_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/mirror_service.pb.h"
#include "tthc/v1/report_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

// Commands and queries of tthc.v1, free of any wire: what a method means, its errors and its guarantees stand in the
// protos. Every method is asynchronous in form: reads from memory answer on the calling thread, reads of the disk on a
// small pool, writes on the commit pipeline's thread after the durable sync.
namespace tthc::server {

class Service {
 public:
  struct Options {
    // Outlives the service.
    const Clock* clock = nullptr;
    int read_threads = 4;
    // File that keeps the columns between starts, see fact_snapshot.h; empty = none.
    std::string fact_snapshot_path = {};
  };

  // Loads what lives in memory; takes the store. Errors: DATA_LOSS, UNAVAILABLE from the store.
  static absl::StatusOr<std::unique_ptr<Service>> Open(std::unique_ptr<storage::Store> store, const Options& options);
  // Shuts down first.
  ~Service();

  // Lets what was accepted finish, refuses the rest with UNAVAILABLE SHUTTING_DOWN, ends streams. Blocks; idempotent.
  void Shutdown();

  template <typename Request, typename Response>
  using Unary = void(const RequestContext&, const Request&, Reply<Response>);

  // DossierService
  void CreateDossier(const RequestContext& context, const v1::CreateDossierRequest& request,
                     Reply<v1::CreateDossierResponse> reply);
  void GetDossier(const RequestContext& context, const v1::GetDossierRequest& request, Reply<v1::Dossier> reply);
  void ListDossiers(const RequestContext& context, const v1::ListDossiersRequest& request,
                    Reply<v1::ListDossiersResponse> reply);
  void BatchGetDossiers(const RequestContext& context, const v1::BatchGetDossiersRequest& request,
                        Reply<v1::BatchGetDossiersResponse> reply);
  void AppendEvent(const RequestContext& context, const v1::AppendEventRequest& request,
                   Reply<v1::AppendEventResponse> reply);
  void BatchAppendEvents(const RequestContext& context, const v1::BatchAppendEventsRequest& request,
                         Reply<v1::BatchAppendEventsResponse> reply);
  void ListEvents(const RequestContext& context, const v1::ListEventsRequest& request,
                  Reply<v1::ListEventsResponse> reply);
  // One message of the bulk stream; the wire keeps the acks in order.
  void StreamAppend(const RequestContext& context, const v1::StreamAppendRequest& request,
                    Reply<v1::StreamAppendResponse> reply);

  // CatalogueService
  void GetProcedure(const RequestContext& context, const v1::GetProcedureRequest& request, Reply<v1::Procedure> reply);
  void ListProcedures(const RequestContext& context, const v1::ListProceduresRequest& request,
                      Reply<v1::ListProceduresResponse> reply);
  void UpdateProcedure(const RequestContext& context, const v1::UpdateProcedureRequest& request,
                       Reply<v1::Procedure> reply);
  void ListOffices(const RequestContext& context, const v1::ListOfficesRequest& request,
                   Reply<v1::ListOfficesResponse> reply);
  void UpdateOffices(const RequestContext& context, const v1::UpdateOfficesRequest& request,
                     Reply<v1::UpdateOfficesResponse> reply);
  void GetCalendar(const RequestContext& context, const v1::GetCalendarRequest& request, Reply<v1::Calendar> reply);
  void ListCalendars(const RequestContext& context, const v1::ListCalendarsRequest& request,
                     Reply<v1::ListCalendarsResponse> reply);
  void CreateCalendar(const RequestContext& context, const v1::CreateCalendarRequest& request,
                      Reply<v1::Calendar> reply);
  absl::StatusOr<std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>> RecomputeDueTimes(
      const RequestContext& context, const v1::RecomputeDueTimesRequest& request);

  // DueTimeService
  void PreviewDueTime(const RequestContext& context, const v1::PreviewDueTimeRequest& request,
                      Reply<v1::DueTimeExplanation> reply);
  void ExplainDueTime(const RequestContext& context, const v1::ExplainDueTimeRequest& request,
                      Reply<v1::DueTimeExplanation> reply);

  // ChangeService
  void ListChanges(const RequestContext& context, const v1::ListChangesRequest& request,
                   Reply<v1::ListChangesResponse> reply);
  absl::StatusOr<std::unique_ptr<ServerStream<v1::WatchChangesResponse>>> WatchChanges(
      const RequestContext& context, const v1::WatchChangesRequest& request);
  void CompactChanges(const RequestContext& context, const v1::CompactChangesRequest& request,
                      Reply<v1::CompactChangesResponse> reply);

  // ReportService
  void ListLateDossiers(const RequestContext& context, const v1::ListLateDossiersRequest& request,
                        Reply<v1::ListLateDossiersResponse> reply);
  void ListDueSoonDossiers(const RequestContext& context, const v1::ListDueSoonDossiersRequest& request,
                           Reply<v1::ListDueSoonDossiersResponse> reply);
  void SummarizeTimeliness(const RequestContext& context, const v1::SummarizeTimelinessRequest& request,
                           Reply<v1::TimelinessSummary> reply);

  // StatisticsService
  void QueryStatistics(const RequestContext& context, const v1::QueryStatisticsRequest& request,
                       Reply<v1::QueryStatisticsResponse> reply);
  void ListCountedDossiers(const RequestContext& context, const v1::ListCountedDossiersRequest& request,
                           Reply<v1::ListCountedDossiersResponse> reply);
  void GetReport06a(const RequestContext& context, const v1::GetReport06aRequest& request,
                    Reply<v1::Report06a> reply);
  void GetScores(const RequestContext& context, const v1::GetScoresRequest& request,
                 Reply<v1::GetScoresResponse> reply);
  void GetPlanResults(const RequestContext& context, const v1::GetPlanResultsRequest& request,
                      Reply<v1::GetPlanResultsResponse> reply);
  void ListSchemes(const RequestContext& context, const v1::ListSchemesRequest& request,
                   Reply<v1::ListSchemesResponse> reply);
  void UpdateScheme(const RequestContext& context, const v1::UpdateSchemeRequest& request, Reply<v1::Scheme> reply);
  void ClosePeriod(const RequestContext& context, const v1::ClosePeriodRequest& request, Reply<v1::Closing> reply);
  void ListClosings(const RequestContext& context, const v1::ListClosingsRequest& request,
                    Reply<v1::ListClosingsResponse> reply);
  void CheckClosing(const RequestContext& context, const v1::CheckClosingRequest& request,
                    Reply<v1::CheckClosingResponse> reply);
  absl::StatusOr<std::unique_ptr<ServerStream<v1::VerifyFactsResponse>>> VerifyFacts(
      const RequestContext& context, const v1::VerifyFactsRequest& request);

  // MirrorService
  void ListMirrorTargets(const RequestContext& context, const v1::ListMirrorTargetsRequest& request,
                         Reply<v1::ListMirrorTargetsResponse> reply);
  void GetMirrorTarget(const RequestContext& context, const v1::GetMirrorTargetRequest& request,
                       Reply<v1::MirrorTarget> reply);
  void UpdateMirrorTarget(const RequestContext& context, const v1::UpdateMirrorTargetRequest& request,
                          Reply<v1::MirrorTarget> reply);
  void AcquireMirrorTarget(const RequestContext& context, const v1::AcquireMirrorTargetRequest& request,
                           Reply<v1::AcquireMirrorTargetResponse> reply);
  void RenewMirrorTarget(const RequestContext& context, const v1::RenewMirrorTargetRequest& request,
                         Reply<v1::RenewMirrorTargetResponse> reply);
  void ReleaseMirrorTarget(const RequestContext& context, const v1::ReleaseMirrorTargetRequest& request,
                           Reply<v1::ReleaseMirrorTargetResponse> reply);
  void ListMirrorDeliveries(const RequestContext& context, const v1::ListMirrorDeliveriesRequest& request,
                            Reply<v1::ListMirrorDeliveriesResponse> reply);
  void RecordMirrorOutcomes(const RequestContext& context, const v1::RecordMirrorOutcomesRequest& request,
                            Reply<v1::RecordMirrorOutcomesResponse> reply);
  void ListMirrorItems(const RequestContext& context, const v1::ListMirrorItemsRequest& request,
                       Reply<v1::ListMirrorItemsResponse> reply);
  void GetMirrorItems(const RequestContext& context, const v1::GetMirrorItemsRequest& request,
                      Reply<v1::GetMirrorItemsResponse> reply);
  void RetryMirrorItems(const RequestContext& context, const v1::RetryMirrorItemsRequest& request,
                        Reply<v1::RetryMirrorItemsResponse> reply);
  void SkipMirrorItem(const RequestContext& context, const v1::SkipMirrorItemRequest& request,
                      Reply<v1::MirrorItem> reply);

  // True while the store accepts writes; for health.
  bool IsWritable() const;

 private:
  class Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::server
