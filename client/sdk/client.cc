#include "client/sdk/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/sdk/request_id.h"
#include "storage/base/errors.h"
#include "storage/base/mutex.h"
#include "tthc/v1/catalogue_service.grpc.pb.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/dossier_service.grpc.pb.h"
#include "tthc/v1/due_time.grpc.pb.h"
#include "tthc/v1/mirror_service.grpc.pb.h"
#include "tthc/v1/report_service.grpc.pb.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

namespace tthc::sdk {
namespace {

absl::Status Unreachable(const std::string& target, const std::string& detail) {
  return MakeError(
      {.code = absl::StatusCode::kUnavailable,
       .reason = "SERVER_UNREACHABLE",
       .message = absl::StrCat("no answer from the server at ", target, " (", detail,
                               "); check that tthcd runs there, or name another server with --server or TTHC_SERVER"),
       .message_vi =
           absl::StrCat("không liên lạc được với máy chủ ", target,
                        "; hãy kiểm tra tthcd đang chạy ở đó, hoặc chỉ máy chủ khác bằng --server hay TTHC_SERVER"),
       .metadata = {{"target", target}}});
}

absl::Status Timeout(const std::string& target) {
  return MakeError({.code = absl::StatusCode::kDeadlineExceeded,
                    .reason = "DEADLINE_EXCEEDED",
                    .message = absl::StrCat("the server at ", target, " did not answer in time; try again"),
                    .message_vi = absl::StrCat("máy chủ ", target, " không trả lời kịp; hãy thử lại"),
                    .metadata = {{"target", target}}});
}

absl::Status FromGrpc(const grpc::Status& status, const std::string& target) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rpc;
  if (!status.error_details().empty() && rpc.ParseFromString(status.error_details()) && rpc.code() != 0) {
    return FromRpcStatus(rpc);
  }
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return Unreachable(target, status.error_message());
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return Timeout(target);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

grpc::ChannelArguments MakeChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits::kClientMessageBytesMax));
  arguments.SetMaxSendMessageSize(static_cast<int>(limits::kMessageBytesMax));
  // The retry loop is ours: gRPC's own would multiply the tries.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return arguments;
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(ClientOptions options)
      : options_(std::move(options)),
        channel_(
            grpc::CreateCustomChannel(options_.target, grpc::InsecureChannelCredentials(), MakeChannelArguments())),
        dossiers_(v1::DossierService::NewStub(channel_)),
        catalogue_(v1::CatalogueService::NewStub(channel_)),
        changes_(v1::ChangeService::NewStub(channel_)),
        due_times_(v1::DueTimeService::NewStub(channel_)),
        mirror_(v1::MirrorService::NewStub(channel_)),
        reports_(v1::ReportService::NewStub(channel_)),
        statistics_(v1::StatisticsService::NewStub(channel_)) {}

  template <typename Stub, typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub, Method<Stub, Request, Response> method, const Request& request,
                                Idempotency idempotency = Idempotency::kIdempotent) {
    return CallWithin(options_.call_deadline, stub, method, request, idempotency);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Statistics(Method<v1::StatisticsService::Stub, Request, Response> method,
                                      const Request& request, Idempotency idempotency = Idempotency::kIdempotent) {
    return CallWithin(options_.statistics_deadline, *statistics_, method, request, idempotency);
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallWithin(absl::Duration deadline, Stub& stub, Method<Stub, Request, Response> method,
                                      const Request& request, Idempotency idempotency) {
    return RetryLoop(options_.retry, options_.environment, idempotency, [&]() -> absl::StatusOr<Response> {
      grpc::ClientContext context;
      Prepare(context);
      context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
      Response response;
      const grpc::Status status = (stub.*method)(&context, request, &response);
      if (!status.ok()) return FromGrpc(status, options_.target);
      return response;
    });
  }

  // A write: safe to try again because it is named.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Write(Stub& stub, Method<Stub, Request, Response> method, Request& request) {
    if (request.request_id().empty()) request.set_request_id(NewRequestId());
    return Call(stub, method, request);
  }

  void Prepare(grpc::ClientContext& context) const {
    if (!options_.actor.empty()) context.AddMetadata(kActorMetadataKey, options_.actor);
    context.AddMetadata("accept-language", options_.locale);
  }

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::DossierService::Stub> dossiers_;
  const std::unique_ptr<v1::CatalogueService::Stub> catalogue_;
  const std::unique_ptr<v1::ChangeService::Stub> changes_;
  const std::unique_ptr<v1::DueTimeService::Stub> due_times_;
  const std::unique_ptr<v1::MirrorService::Stub> mirror_;
  const std::unique_ptr<v1::ReportService::Stub> reports_;
  const std::unique_ptr<v1::StatisticsService::Stub> statistics_;
  Mutex watches_mutex_;
  std::set<grpc::ClientContext*> watches_ ABSL_GUARDED_BY(watches_mutex_);
  bool watches_cancelled_ ABSL_GUARDED_BY(watches_mutex_) = false;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

const ClientOptions& Client::options() const { return impl_->options_; }

absl::StatusOr<v1::CreateDossierResponse> Client::CreateDossier(v1::CreateDossierRequest request) {
  return impl_->Write(*impl_->dossiers_, &v1::DossierService::Stub::CreateDossier, request);
}
absl::StatusOr<v1::Dossier> Client::GetDossier(const v1::GetDossierRequest& request) {
  return impl_->Call(*impl_->dossiers_, &v1::DossierService::Stub::GetDossier, request);
}
absl::StatusOr<v1::ListDossiersResponse> Client::ListDossiers(const v1::ListDossiersRequest& request) {
  return impl_->Call(*impl_->dossiers_, &v1::DossierService::Stub::ListDossiers, request);
}
absl::StatusOr<v1::BatchGetDossiersResponse> Client::BatchGetDossiers(const v1::BatchGetDossiersRequest& request) {
  return impl_->Call(*impl_->dossiers_, &v1::DossierService::Stub::BatchGetDossiers, request);
}
absl::StatusOr<v1::AppendEventResponse> Client::AppendEvent(v1::AppendEventRequest request) {
  return impl_->Write(*impl_->dossiers_, &v1::DossierService::Stub::AppendEvent, request);
}
absl::StatusOr<v1::BatchAppendEventsResponse> Client::BatchAppendEvents(v1::BatchAppendEventsRequest request) {
  return impl_->Write(*impl_->dossiers_, &v1::DossierService::Stub::BatchAppendEvents, request);
}
absl::StatusOr<v1::ListEventsResponse> Client::ListEvents(const v1::ListEventsRequest& request) {
  return impl_->Call(*impl_->dossiers_, &v1::DossierService::Stub::ListEvents, request);
}

absl::StatusOr<v1::Procedure> Client::GetProcedure(const v1::GetProcedureRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::GetProcedure, request);
}
absl::StatusOr<v1::ListProceduresResponse> Client::ListProcedures(const v1::ListProceduresRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::ListProcedures, request);
}
absl::StatusOr<v1::Procedure> Client::UpdateProcedure(const v1::UpdateProcedureRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::UpdateProcedure, request,
                     Idempotency::kNotIdempotent);
}
absl::StatusOr<v1::ListOfficesResponse> Client::ListOffices(const v1::ListOfficesRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::ListOffices, request);
}
absl::StatusOr<v1::UpdateOfficesResponse> Client::UpdateOffices(const v1::UpdateOfficesRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::UpdateOffices, request,
                     Idempotency::kNotIdempotent);
}
absl::StatusOr<v1::Calendar> Client::GetCalendar(const v1::GetCalendarRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::GetCalendar, request);
}
absl::StatusOr<v1::ListCalendarsResponse> Client::ListCalendars(const v1::ListCalendarsRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::ListCalendars, request);
}
absl::StatusOr<v1::Calendar> Client::CreateCalendar(const v1::CreateCalendarRequest& request) {
  return impl_->Call(*impl_->catalogue_, &v1::CatalogueService::Stub::CreateCalendar, request,
                     Idempotency::kNotIdempotent);
}

absl::Status Client::RecomputeDueTimes(const v1::RecomputeDueTimesRequest& request,
                                       const std::function<void(const v1::RecomputeDueTimesResponse&)>& visit) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  const auto reader = impl_->catalogue_->RecomputeDueTimes(&context, request);
  v1::RecomputeDueTimesResponse response;
  while (reader->Read(&response)) visit(response);
  return FromGrpc(reader->Finish(), impl_->options_.target);
}

absl::StatusOr<v1::DueTimeExplanation> Client::PreviewDueTime(const v1::PreviewDueTimeRequest& request) {
  return impl_->Call(*impl_->due_times_, &v1::DueTimeService::Stub::PreviewDueTime, request);
}
absl::StatusOr<v1::DueTimeExplanation> Client::ExplainDueTime(const v1::ExplainDueTimeRequest& request) {
  return impl_->Call(*impl_->due_times_, &v1::DueTimeService::Stub::ExplainDueTime, request);
}

absl::StatusOr<v1::ListChangesResponse> Client::ListChanges(const v1::ListChangesRequest& request) {
  return impl_->Call(*impl_->changes_, &v1::ChangeService::Stub::ListChanges, request);
}
absl::StatusOr<v1::CompactChangesResponse> Client::CompactChanges(const v1::CompactChangesRequest& request) {
  return impl_->Call(*impl_->changes_, &v1::ChangeService::Stub::CompactChanges, request);
}

// So that a watch can be cancelled while it lasts.
class Client::WatchUnderWay {
 public:
  WatchUnderWay(Impl* impl, grpc::ClientContext* context) : impl_(*impl), context_(context) {
    const MutexLock lock(impl_.watches_mutex_);
    impl_.watches_.insert(context_);
    if (impl_.watches_cancelled_) context_->TryCancel();
  }
  ~WatchUnderWay() {
    const MutexLock lock(impl_.watches_mutex_);
    impl_.watches_.erase(context_);
  }
  WatchUnderWay(const WatchUnderWay&) = delete;
  WatchUnderWay& operator=(const WatchUnderWay&) = delete;

 private:
  Impl& impl_;
  grpc::ClientContext* const context_;
};

absl::Status Client::WatchChanges(const v1::WatchChangesRequest& request, const WatchVisitor& visit) {
  int64_t start = request.start_revision();
  if (start == 0) {
    // "From now on" must name a revision, or a broken connection would lose what happens before the next one.
    v1::ListChangesRequest head;
    head.set_page_size(1);
    const absl::StatusOr<v1::ListChangesResponse> answer = ListChanges(head);
    if (!answer.ok()) return answer.status();
    start = answer->head_revision() + 1;
  }
  const WatchStream stream = [this, &request](int64_t from, const WatchVisitor& visit_one) {
    grpc::ClientContext context;
    impl_->Prepare(context);
    const WatchUnderWay under_way(impl_.get(), &context);
    v1::WatchChangesRequest from_request = request;
    from_request.set_start_revision(from);
    const auto reader = impl_->changes_->WatchChanges(&context, from_request);
    v1::WatchChangesResponse response;
    bool more = true;
    while (more && reader->Read(&response)) more = visit_one(response);
    if (more) {
      const absl::Status status = FromGrpc(reader->Finish(), impl_->options_.target);
      return status.ok() ? Unreachable(impl_->options_.target, "the stream ended") : status;
    }
    context.TryCancel();
    while (reader->Read(&response)) continue;
    reader->Finish();
    return absl::OkStatus();
  };
  return WatchLoop(impl_->options_.retry, impl_->options_.environment, start, stream, visit);
}

void Client::CancelWatches() {
  const MutexLock lock(impl_->watches_mutex_);
  impl_->watches_cancelled_ = true;
  for (grpc::ClientContext* const context : impl_->watches_) context->TryCancel();
}

absl::StatusOr<v1::ListLateDossiersResponse> Client::ListLateDossiers(const v1::ListLateDossiersRequest& request) {
  return impl_->Call(*impl_->reports_, &v1::ReportService::Stub::ListLateDossiers, request);
}
absl::StatusOr<v1::ListDueSoonDossiersResponse> Client::ListDueSoonDossiers(
    const v1::ListDueSoonDossiersRequest& request) {
  return impl_->Call(*impl_->reports_, &v1::ReportService::Stub::ListDueSoonDossiers, request);
}
absl::StatusOr<v1::TimelinessSummary> Client::SummarizeTimeliness(const v1::SummarizeTimelinessRequest& request) {
  return impl_->Call(*impl_->reports_, &v1::ReportService::Stub::SummarizeTimeliness, request);
}

absl::StatusOr<v1::QueryStatisticsResponse> Client::QueryStatistics(const v1::QueryStatisticsRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::QueryStatistics, request);
}
absl::StatusOr<v1::ListCountedDossiersResponse> Client::ListCountedDossiers(
    const v1::ListCountedDossiersRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::ListCountedDossiers, request);
}
absl::StatusOr<v1::Report06a> Client::GetReport06a(const v1::GetReport06aRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::GetReport06a, request);
}
absl::StatusOr<v1::GetScoresResponse> Client::GetScores(const v1::GetScoresRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::GetScores, request);
}
absl::StatusOr<v1::GetPlanResultsResponse> Client::GetPlanResults(const v1::GetPlanResultsRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::GetPlanResults, request);
}
absl::StatusOr<v1::ListSchemesResponse> Client::ListSchemes(const v1::ListSchemesRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::ListSchemes, request);
}
absl::StatusOr<v1::Scheme> Client::UpdateScheme(const v1::UpdateSchemeRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::UpdateScheme, request, Idempotency::kNotIdempotent);
}
absl::StatusOr<v1::Closing> Client::ClosePeriod(const v1::ClosePeriodRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::ClosePeriod, request, Idempotency::kNotIdempotent);
}
absl::StatusOr<v1::ListClosingsResponse> Client::ListClosings(const v1::ListClosingsRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::ListClosings, request);
}
absl::StatusOr<v1::CheckClosingResponse> Client::CheckClosing(const v1::CheckClosingRequest& request) {
  return impl_->Statistics(&v1::StatisticsService::Stub::CheckClosing, request);
}

absl::StatusOr<v1::ListMirrorTargetsResponse> Client::ListMirrorTargets(const v1::ListMirrorTargetsRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::ListMirrorTargets, request);
}
absl::StatusOr<v1::MirrorTarget> Client::GetMirrorTarget(const v1::GetMirrorTargetRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::GetMirrorTarget, request);
}
absl::StatusOr<v1::MirrorTarget> Client::UpdateMirrorTarget(const v1::UpdateMirrorTargetRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::UpdateMirrorTarget, request);
}
absl::StatusOr<v1::AcquireMirrorTargetResponse> Client::AcquireMirrorTarget(
    const v1::AcquireMirrorTargetRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::AcquireMirrorTarget, request);
}
absl::StatusOr<v1::RenewMirrorTargetResponse> Client::RenewMirrorTarget(const v1::RenewMirrorTargetRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::RenewMirrorTarget, request);
}
absl::StatusOr<v1::ReleaseMirrorTargetResponse> Client::ReleaseMirrorTarget(
    const v1::ReleaseMirrorTargetRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::ReleaseMirrorTarget, request);
}
absl::StatusOr<v1::ListMirrorDeliveriesResponse> Client::ListMirrorDeliveries(
    const v1::ListMirrorDeliveriesRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::ListMirrorDeliveries, request);
}
absl::StatusOr<v1::RecordMirrorOutcomesResponse> Client::RecordMirrorOutcomes(
    const v1::RecordMirrorOutcomesRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::RecordMirrorOutcomes, request);
}
absl::StatusOr<v1::ListMirrorItemsResponse> Client::ListMirrorItems(const v1::ListMirrorItemsRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::ListMirrorItems, request);
}
absl::StatusOr<v1::GetMirrorItemsResponse> Client::GetMirrorItems(const v1::GetMirrorItemsRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::GetMirrorItems, request);
}
absl::StatusOr<v1::RetryMirrorItemsResponse> Client::RetryMirrorItems(const v1::RetryMirrorItemsRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::RetryMirrorItems, request);
}
absl::StatusOr<v1::MirrorItem> Client::SkipMirrorItem(const v1::SkipMirrorItemRequest& request) {
  return impl_->Call(*impl_->mirror_, &v1::MirrorService::Stub::SkipMirrorItem, request,
                     Idempotency::kNotIdempotent);
}

absl::Status Client::VerifyFacts(const v1::VerifyFactsRequest& request,
                                 const std::function<void(const v1::VerifyFactsResponse&)>& visit) {
  grpc::ClientContext context;
  impl_->Prepare(context);
  const auto reader = impl_->statistics_->VerifyFacts(&context, request);
  v1::VerifyFactsResponse response;
  while (reader->Read(&response)) visit(response);
  return FromGrpc(reader->Finish(), impl_->options_.target);
}

namespace {

class GrpcBulkStream final : public BulkStream {
 public:
  GrpcBulkStream(v1::DossierService::Stub& stub, std::string target,
                 const std::function<void(grpc::ClientContext&)>& prepare)
      : target_(std::move(target)) {
    prepare(context_);
    stream_ = stub.StreamAppend(&context_);
  }

  bool Write(const v1::StreamAppendRequest& request) override { return stream_->Write(request); }
  void WritesDone() override { stream_->WritesDone(); }
  bool Read(v1::StreamAppendResponse* response) override { return stream_->Read(response); }
  absl::Status Finish() override { return FromGrpc(stream_->Finish(), target_); }
  void Cancel() override { context_.TryCancel(); }

 private:
  const std::string target_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamAppendRequest, v1::StreamAppendResponse>> stream_;
};

// HealthCheckResponse by hand: field 1, varint; SERVING = 1.
constexpr char kServing[] = {0x08, 0x01};

bool SaysServing(grpc::ByteBuffer& response) {
  grpc::Slice slice;
  if (!response.DumpToSingleSlice(&slice).ok()) return false;
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size()) ==
         std::string(kServing, sizeof(kServing));
}

}  // namespace

std::unique_ptr<BulkWriter> Client::OpenBulkWriter(BulkWriter::OnAck on_ack, size_t window) {
  return std::make_unique<BulkWriter>(BulkWriter::Options{
      .open =
          [this] {
            return std::make_unique<GrpcBulkStream>(*impl_->dossiers_, impl_->options_.target,
                                                    [this](grpc::ClientContext& context) { impl_->Prepare(context); });
          },
      .on_ack = std::move(on_ack),
      .retry = impl_->options_.retry,
      .environment = impl_->options_.environment,
      .window = window});
}

absl::Status Client::CheckHealth() {
  grpc::ClientContext context;
  impl_->Prepare(context);
  context.set_deadline(absl::ToChronoTime(absl::Now() + impl_->options_.call_deadline));
  grpc::GenericStub stub(impl_->channel_);
  const grpc::Slice empty;
  grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer response;
  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;
  grpc::Status status;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status answer) {
                   const std::lock_guard<std::mutex> lock(mutex);
                   status = std::move(answer);
                   done = true;
                   answered.notify_one();
                 });
  std::unique_lock<std::mutex> lock(mutex);
  answered.wait(lock, [&] { return done; });
  if (!status.ok()) return FromGrpc(status, impl_->options_.target);
  if (SaysServing(response)) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "NOT_SERVING",
                    .message = absl::StrCat("the server at ", impl_->options_.target, " takes no writes now"),
                    .message_vi = absl::StrCat("máy chủ ", impl_->options_.target, " hiện không nhận ghi"),
                    .metadata = {{"target", impl_->options_.target}}});
}

}  // namespace tthc::sdk
