#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/sdk/bulk_writer.h"
#include "client/sdk/retry.h"
#include "client/sdk/watch.h"
#include "storage/base/limits.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/change_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/mirror_service.pb.h"
#include "tthc/v1/report_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::sdk {

// Where tthcd listens unless told otherwise.
inline constexpr char kDefaultTarget[] = "127.0.0.1:50551";
// Metadata key that carries ClientOptions::actor.
inline constexpr char kActorMetadataKey[] = "tthc-actor";

struct ClientOptions {
  // As gRPC takes it: "127.0.0.1:50551", "unix:/run/tthc/tthcd.sock".
  std::string target = kDefaultTarget;
  // Recorded as Event.actor, such as "officers/nv-an"; empty = the server's default.
  std::string actor;
  // "vi" or "en", sent as accept-language.
  std::string locale = "vi";
  // Of each try of each call; streams have none.
  absl::Duration call_deadline = limits::kClientCallDeadline;
  // The same for statistics: with as_of in the past, and to close or check a period, the history is folded.
  absl::Duration statistics_deadline = limits::kRequestDeadlineMax;
  RetryPolicy retry;
  RetryEnvironment environment = RetryEnvironment::System();
};

// The API of tthc.v1 for C++ programs: what the methods mean and their errors stand in the protos.
//
// Thin: it checks nothing that the server checks. It adds a deadline to every call; a request_id to every write without
// one, made before the first try; and another try, after a wait, where that is safe: reads, and writes with a
// request_id. Errors come back as absl::Status with the server's details (storage/base/errors.h); a server that does
// not answer is UNAVAILABLE SERVER_UNREACHABLE. Calls block. Thread-safe.
class Client {
 public:
  // Does not connect yet: the first call does.
  explicit Client(ClientOptions options);
  ~Client();

  // DossierService
  absl::StatusOr<v1::CreateDossierResponse> CreateDossier(v1::CreateDossierRequest request);
  absl::StatusOr<v1::Dossier> GetDossier(const v1::GetDossierRequest& request);
  absl::StatusOr<v1::ListDossiersResponse> ListDossiers(const v1::ListDossiersRequest& request);
  absl::StatusOr<v1::BatchGetDossiersResponse> BatchGetDossiers(const v1::BatchGetDossiersRequest& request);
  absl::StatusOr<v1::AppendEventResponse> AppendEvent(v1::AppendEventRequest request);
  absl::StatusOr<v1::BatchAppendEventsResponse> BatchAppendEvents(v1::BatchAppendEventsRequest request);
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request);
  // A writer of this client's connection; the client must outlive it.
  std::unique_ptr<BulkWriter> OpenBulkWriter(BulkWriter::OnAck on_ack, size_t window = limits::kClientStreamWindow);

  // CatalogueService. Updates are not tried again: they carry no request_id.
  absl::StatusOr<v1::Procedure> GetProcedure(const v1::GetProcedureRequest& request);
  absl::StatusOr<v1::ListProceduresResponse> ListProcedures(const v1::ListProceduresRequest& request);
  absl::StatusOr<v1::Procedure> UpdateProcedure(const v1::UpdateProcedureRequest& request);
  absl::StatusOr<v1::ListOfficesResponse> ListOffices(const v1::ListOfficesRequest& request);
  absl::StatusOr<v1::UpdateOfficesResponse> UpdateOffices(const v1::UpdateOfficesRequest& request);
  absl::StatusOr<v1::Calendar> GetCalendar(const v1::GetCalendarRequest& request);
  absl::StatusOr<v1::ListCalendarsResponse> ListCalendars(const v1::ListCalendarsRequest& request);
  absl::StatusOr<v1::Calendar> CreateCalendar(const v1::CreateCalendarRequest& request);
  // Calls `visit` for each portion until the end or the first error.
  absl::Status RecomputeDueTimes(const v1::RecomputeDueTimesRequest& request,
                                 const std::function<void(const v1::RecomputeDueTimesResponse&)>& visit);

  // DueTimeService
  absl::StatusOr<v1::DueTimeExplanation> PreviewDueTime(const v1::PreviewDueTimeRequest& request);
  absl::StatusOr<v1::DueTimeExplanation> ExplainDueTime(const v1::ExplainDueTimeRequest& request);

  // ChangeService
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const v1::ListChangesRequest& request);
  // Follows the feed until `visit` returns false, over broken connections. With start_revision 0 from now on.
  absl::Status WatchChanges(const v1::WatchChangesRequest& request, const WatchVisitor& visit);
  // For the end of a program: ends every watch under way or yet to come with CANCELLED.
  void CancelWatches();
  absl::StatusOr<v1::CompactChangesResponse> CompactChanges(const v1::CompactChangesRequest& request);

  // ReportService
  absl::StatusOr<v1::ListLateDossiersResponse> ListLateDossiers(const v1::ListLateDossiersRequest& request);
  absl::StatusOr<v1::ListDueSoonDossiersResponse> ListDueSoonDossiers(const v1::ListDueSoonDossiersRequest& request);
  absl::StatusOr<v1::TimelinessSummary> SummarizeTimeliness(const v1::SummarizeTimelinessRequest& request);

  // StatisticsService. UpdateScheme and ClosePeriod are not tried again: they carry no request_id.
  absl::StatusOr<v1::QueryStatisticsResponse> QueryStatistics(const v1::QueryStatisticsRequest& request);
  absl::StatusOr<v1::ListCountedDossiersResponse> ListCountedDossiers(const v1::ListCountedDossiersRequest& request);
  absl::StatusOr<v1::Report06a> GetReport06a(const v1::GetReport06aRequest& request);
  absl::StatusOr<v1::GetScoresResponse> GetScores(const v1::GetScoresRequest& request);
  absl::StatusOr<v1::GetPlanResultsResponse> GetPlanResults(const v1::GetPlanResultsRequest& request);
  absl::StatusOr<v1::ListSchemesResponse> ListSchemes(const v1::ListSchemesRequest& request);
  absl::StatusOr<v1::Scheme> UpdateScheme(const v1::UpdateSchemeRequest& request);
  absl::StatusOr<v1::Closing> ClosePeriod(const v1::ClosePeriodRequest& request);
  absl::StatusOr<v1::ListClosingsResponse> ListClosings(const v1::ListClosingsRequest& request);
  absl::StatusOr<v1::CheckClosingResponse> CheckClosing(const v1::CheckClosingRequest& request);
  // Calls `visit` for each portion until the end or the first error.
  absl::Status VerifyFacts(const v1::VerifyFactsRequest& request,
                           const std::function<void(const v1::VerifyFactsResponse&)>& visit);

  // MirrorService. Tried again, since repeating does no harm: all but SkipMirrorItem, which would find nothing to skip.
  absl::StatusOr<v1::ListMirrorTargetsResponse> ListMirrorTargets(const v1::ListMirrorTargetsRequest& request);
  absl::StatusOr<v1::MirrorTarget> GetMirrorTarget(const v1::GetMirrorTargetRequest& request);
  absl::StatusOr<v1::MirrorTarget> UpdateMirrorTarget(const v1::UpdateMirrorTargetRequest& request);
  // A second try takes the lease once more: never clean then.
  absl::StatusOr<v1::AcquireMirrorTargetResponse> AcquireMirrorTarget(const v1::AcquireMirrorTargetRequest& request);
  absl::StatusOr<v1::RenewMirrorTargetResponse> RenewMirrorTarget(const v1::RenewMirrorTargetRequest& request);
  absl::StatusOr<v1::ReleaseMirrorTargetResponse> ReleaseMirrorTarget(const v1::ReleaseMirrorTargetRequest& request);
  absl::StatusOr<v1::ListMirrorDeliveriesResponse> ListMirrorDeliveries(
      const v1::ListMirrorDeliveriesRequest& request);
  absl::StatusOr<v1::RecordMirrorOutcomesResponse> RecordMirrorOutcomes(
      const v1::RecordMirrorOutcomesRequest& request);
  absl::StatusOr<v1::ListMirrorItemsResponse> ListMirrorItems(const v1::ListMirrorItemsRequest& request);
  absl::StatusOr<v1::GetMirrorItemsResponse> GetMirrorItems(const v1::GetMirrorItemsRequest& request);
  absl::StatusOr<v1::RetryMirrorItemsResponse> RetryMirrorItems(const v1::RetryMirrorItemsRequest& request);
  absl::StatusOr<v1::MirrorItem> SkipMirrorItem(const v1::SkipMirrorItemRequest& request);

  // OK if the server says SERVING (grpc.health.v1); UNAVAILABLE otherwise. One try.
  absl::Status CheckHealth();

  const ClientOptions& options() const;

 private:
  class Impl;
  class WatchUnderWay;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::sdk
