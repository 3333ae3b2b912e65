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

// The API of tthc.v1 for C++ programs. What the methods mean and their errors stand in the protos; this file adds only
// what a network needs.
//
// Vocabulary:
//   call     one use of a method by the program.
//   try      one attempt of a call over the wire. A call has one or more.
//   visitor  a function of the program that receives the messages of a stream, on the calling thread.
//
// What a call adds: a deadline for each try; a request_id, if the request has that field and it is empty, made before
// the first try; and another try, after a wait, when the server is unreachable or overloaded. Trying again is safe for
// every unary method: reads change nothing, writes carry a request_id, and the others are idempotent by construction
// (their protos say so). Streams are tried again by WatchChanges and the bulk writer only.
//
// Errors come back as absl::Status with the server's details (storage/base/errors.h). Made here: UNAVAILABLE
// SERVER_UNREACHABLE, UNAVAILABLE NOT_SERVING, DEADLINE_EXCEEDED. After DEADLINE_EXCEEDED, or after UNAVAILABLE when
// all tries are used up, a write may have taken effect; the same request with the same request_id finds out.
namespace tthc::sdk {

// Where tthcd listens by default.
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
  // Of each try; streams have none.
  absl::Duration call_deadline = limits::kClientCallDeadline;
  // The same for methods of StatisticsService: with as_of in the past, and to close or check a period, the server
  // replays histories.
  absl::Duration statistics_deadline = limits::kRequestDeadlineMax;
  // Waits between the tries of a call, and between the connections of a watch or a bulk writer.
  RetryPolicy retry;
  // Copied; its clock must outlive the client.
  RetryEnvironment environment = RetryEnvironment::System();
};

// What CheckHealth asks about.
enum class HealthScope {
  // Whether reads are served: true from start to shutdown.
  kReads,
  // Whether writes are accepted: false while the store is read-only.
  kWrites,
};

// One connection to one server. Calls block the calling thread; no thread is started for them. Thread-safe: the threads
// of a program share one client.
//
// Destroy it only when no call is running and no BulkWriter of it is left.
class Client {
 public:
  // Receives one message of a stream.
  template <typename Response>
  using Visitor = std::function<void(const Response&)>;

  // Does not connect yet: the first call does.
  // A wrong target shows as UNAVAILABLE SERVER_UNREACHABLE of the calls.
  explicit Client(ClientOptions options);
  ~Client();

  const ClientOptions& options() const;

  // One line a method; each returns absl::StatusOr of the message that it names. Requests are not changed: a request_id
  // that is made here goes into a copy. A call that must be recognized later, after a restart of the program, needs a
  // request_id of the caller's own (request_id.h).
  //
  // DossierService
  auto CreateDossier(const v1::CreateDossierRequest& r) { return Call<v1::CreateDossierResponse>(r); }
  auto GetDossier(const v1::GetDossierRequest& r) { return Call<v1::Dossier>(r); }
  auto LookupDossier(const v1::LookupDossierRequest& r) { return Call<v1::Dossier>(r); }
  auto ListDossiers(const v1::ListDossiersRequest& r) { return Call<v1::ListDossiersResponse>(r); }
  auto BatchGetDossiers(const v1::BatchGetDossiersRequest& r) { return Call<v1::BatchGetDossiersResponse>(r); }
  auto AppendEvent(const v1::AppendEventRequest& r) { return Call<v1::AppendEventResponse>(r); }
  auto BatchAppendEvents(const v1::BatchAppendEventsRequest& r) { return Call<v1::BatchAppendEventsResponse>(r); }
  auto GetEvent(const v1::GetEventRequest& r) { return Call<v1::Event>(r); }
  auto ListEvents(const v1::ListEventsRequest& r) { return Call<v1::ListEventsResponse>(r); }
  // CatalogueService
  auto GetProcedure(const v1::GetProcedureRequest& r) { return Call<v1::Procedure>(r); }
  auto ListProcedures(const v1::ListProceduresRequest& r) { return Call<v1::ListProceduresResponse>(r); }
  auto UpdateProcedure(const v1::UpdateProcedureRequest& r) { return Call<v1::Procedure>(r); }
  auto ListFields(const v1::ListFieldsRequest& r) { return Call<v1::ListFieldsResponse>(r); }
  auto ListOffices(const v1::ListOfficesRequest& r) { return Call<v1::ListOfficesResponse>(r); }
  auto ListUnits(const v1::ListUnitsRequest& r) { return Call<v1::ListUnitsResponse>(r); }
  auto ListOfficers(const v1::ListOfficersRequest& r) { return Call<v1::ListOfficersResponse>(r); }
  auto ImportOffices(const v1::ImportOfficesRequest& r) { return Call<v1::ImportOfficesResponse>(r); }
  auto GetCalendar(const v1::GetCalendarRequest& r) { return Call<v1::Calendar>(r); }
  auto ListCalendars(const v1::ListCalendarsRequest& r) { return Call<v1::ListCalendarsResponse>(r); }
  auto CreateCalendar(const v1::CreateCalendarRequest& r) { return Call<v1::Calendar>(r); }
  // DueTimeService
  auto PreviewDueTime(const v1::PreviewDueTimeRequest& r) { return Call<v1::DueTimeExplanation>(r); }
  auto ExplainDueTime(const v1::ExplainDueTimeRequest& r) { return Call<v1::DueTimeExplanation>(r); }
  // ChangeService
  auto ListChanges(const v1::ListChangesRequest& r) { return Call<v1::ListChangesResponse>(r); }
  auto CompactChanges(const v1::CompactChangesRequest& r) { return Call<v1::CompactChangesResponse>(r); }
  // ReportService
  auto ListLateDossiers(const v1::ListLateDossiersRequest& r) { return Call<v1::ListLateDossiersResponse>(r); }
  auto ListDueSoonDossiers(const v1::ListDueSoonDossiersRequest& r) { return Call<v1::ListDueSoonDossiersResponse>(r); }
  auto SummarizeTimeliness(const v1::SummarizeTimelinessRequest& r) { return Call<v1::TimelinessSummary>(r); }
  // StatisticsService
  auto QueryStatistics(const v1::QueryStatisticsRequest& r) { return Call<v1::QueryStatisticsResponse>(r); }
  auto ListCountedDossiers(const v1::ListCountedDossiersRequest& r) { return Call<v1::ListCountedDossiersResponse>(r); }
  auto ComputeReport06a(const v1::ComputeReport06aRequest& r) { return Call<v1::Report06a>(r); }
  auto ComputeScores(const v1::ComputeScoresRequest& r) { return Call<v1::ComputeScoresResponse>(r); }
  auto ComputePlanResults(const v1::ComputePlanResultsRequest& r) { return Call<v1::ComputePlanResultsResponse>(r); }
  auto GetScheme(const v1::GetSchemeRequest& r) { return Call<v1::Scheme>(r); }
  auto ListSchemes(const v1::ListSchemesRequest& r) { return Call<v1::ListSchemesResponse>(r); }
  auto UpdateScheme(const v1::UpdateSchemeRequest& r) { return Call<v1::Scheme>(r); }
  auto ClosePeriod(const v1::ClosePeriodRequest& r) { return Call<v1::Closing>(r); }
  auto GetClosing(const v1::GetClosingRequest& r) { return Call<v1::Closing>(r); }
  auto ListClosings(const v1::ListClosingsRequest& r) { return Call<v1::ListClosingsResponse>(r); }
  auto CheckClosing(const v1::CheckClosingRequest& r) { return Call<v1::CheckClosingResponse>(r); }
  // MirrorService. A second try of AcquireMirrorTarget takes the lease again, so its answer is never clean.
  auto ListMirrorTargets(const v1::ListMirrorTargetsRequest& r) { return Call<v1::ListMirrorTargetsResponse>(r); }
  auto GetMirrorTarget(const v1::GetMirrorTargetRequest& r) { return Call<v1::MirrorTarget>(r); }
  auto PauseMirrorTarget(const v1::PauseMirrorTargetRequest& r) { return Call<v1::MirrorTarget>(r); }
  auto ResumeMirrorTarget(const v1::ResumeMirrorTargetRequest& r) { return Call<v1::MirrorTarget>(r); }
  auto RetireMirrorTarget(const v1::RetireMirrorTargetRequest& r) { return Call<v1::MirrorTarget>(r); }
  auto AcquireMirrorTarget(const v1::AcquireMirrorTargetRequest& r) { return Call<v1::AcquireMirrorTargetResponse>(r); }
  auto RenewMirrorTarget(const v1::RenewMirrorTargetRequest& r) { return Call<v1::RenewMirrorTargetResponse>(r); }
  auto ReleaseMirrorTarget(const v1::ReleaseMirrorTargetRequest& r) { return Call<v1::ReleaseMirrorTargetResponse>(r); }
  auto ListMirrorDeliveries(const v1::ListMirrorDeliveriesRequest& r) {
    return Call<v1::ListMirrorDeliveriesResponse>(r);
  }
  auto RecordMirrorOutcomes(const v1::RecordMirrorOutcomesRequest& r) {
    return Call<v1::RecordMirrorOutcomesResponse>(r);
  }
  auto GetMirrorItem(const v1::GetMirrorItemRequest& r) { return Call<v1::MirrorItem>(r); }
  auto ListMirrorItems(const v1::ListMirrorItemsRequest& r) { return Call<v1::ListMirrorItemsResponse>(r); }
  auto RetryMirrorItems(const v1::RetryMirrorItemsRequest& r) { return Call<v1::RetryMirrorItemsResponse>(r); }
  auto SkipMirrorItem(const v1::SkipMirrorItemRequest& r) { return Call<v1::MirrorItem>(r); }

  // Streams.

  // Calls `visit` for each message until the end or the first error. Not tried again: a later run continues where this
  // one stopped, because dossiers already moved are skipped.
  absl::Status RecomputeDueTimes(const v1::RecomputeDueTimesRequest& request,
                                 const Visitor<v1::RecomputeDueTimesResponse>& visit);
  // Calls `visit` for each message until the end or the first error. Not tried again.
  absl::Status VerifyFacts(const v1::VerifyFactsRequest& request, const Visitor<v1::VerifyFactsResponse>& visit);

  // Follows the feed over broken connections until `visit` returns false. Starts as the request says; after a
  // reconnection it continues behind the last message, so that `visit` sees every change once and in order. With
  // from_now the head is looked up before the first connection, and nothing recorded after that is missed.
  absl::Status WatchChanges(const v1::WatchChangesRequest& request, const WatchVisitor& visit);
  // For the end of a program: every watch, running or yet to start, ends with CANCELLED. May be called on any thread.
  void CancelWatches();

  // A writer over this client's connection; the client must outlive it.
  std::unique_ptr<BulkWriter> OpenBulkWriter(BulkWriter::OnAck on_ack, size_t window = limits::kClientStreamWindow);

  // Asks grpc.health.v1.Health once, without retries. OK if the server reports SERVING for `scope`; UNAVAILABLE
  // NOT_SERVING, whose message says which of the two is not served, if it does not.
  absl::Status CheckHealth(HealthScope scope);

 private:
  class Impl;
  class RunningWatch;

  template <typename Response>
  absl::StatusOr<Response> Call(const google::protobuf::Message& request) {
    Response response;
    absl::Status status = CallUnary(request, response);
    if (!status.ok()) return status;
    return response;
  }

  // Calls the method of tthc.v1 whose request type is that of `request`: no type is the request of two methods. A
  // response of another type than the method's ends the program: it is a mistake in the table above.
  absl::Status CallUnary(const google::protobuf::Message& request, google::protobuf::Message& response);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::sdk
