#include "client/sdk/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/sdk/request_id.h"
#include "grpc/health/v1/health.pb.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/mutex.h"
#include "storage/base/status_macros.h"
#include "tthc/v1/catalogue_service.grpc.pb.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/dossier_service.grpc.pb.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

namespace tthc::sdk {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;
// Calls methods by their paths, so that unary methods need no generated stubs.
using GenericStub = grpc::TemplatedGenericStub<MessageLite, MessageLite>;

// Names of grpc.health.v1.Health at tthcd: reads of all services, and writes.
constexpr char kReadHealthName[] = "";
constexpr char kWriteHealthName[] = "tthc.v1.write";

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

absl::Status NotServing(const std::string& target, HealthScope scope) {
  const bool reads = scope == HealthScope::kReads;
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "NOT_SERVING",
                    .message = absl::StrCat("the server at ", target,
                                            reads ? " is running but does not serve now; try again later"
                                                  : " accepts no writes now; reads are served; see the server's log"),
                    .message_vi = absl::StrCat("máy chủ ", target,
                                               reads ? " đang chạy nhưng hiện không phục vụ; hãy thử lại sau"
                                                     : " hiện không nhận ghi, vẫn đọc được; hãy xem nhật ký máy chủ"),
                    .metadata = {{"target", target}, {"scope", reads ? "reads" : "writes"}}});
}

// With details it is the server's own error, with reason and texts. Without, the call failed on the way, in gRPC or in
// a proxy, and only the code is known.
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
  // Retries are RetryLoop's; gRPC's own would multiply the tries.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // gRPC waits up to two minutes between connections by default: a restarted server would stay unnoticed for so long.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return arguments;
}

// Requests stand in the file of their service.
const google::protobuf::MethodDescriptor& FindMethod(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      const google::protobuf::MethodDescriptor& method = *file.service(i)->method(j);
      if (method.input_type() == &request) return method;
    }
  }
  TTHC_CHECK(false);
}

// The field that names a write, or null for methods without one.
const google::protobuf::FieldDescriptor* FindRequestIdField(const Message& request) {
  return request.GetDescriptor()->FindFieldByName("request_id");
}

// Waits on a queue of its own, so that the answer is delivered on the calling thread and no other thread is woken.
grpc::Status CallAndWait(GenericStub& stub, grpc::ClientContext& context, const std::string& path,
                         const MessageLite& request, MessageLite& response) {
  grpc::CompletionQueue queue;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, path, request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  // A queue must be empty when it is destroyed.
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
  return status;
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(ClientOptions options)
      : options_(std::move(options)),
        channel_(
            grpc::CreateCustomChannel(options_.target, grpc::InsecureChannelCredentials(), MakeChannelArguments())),
        generic_(channel_),
        dossiers_(v1::DossierService::NewStub(channel_)),
        catalogue_(v1::CatalogueService::NewStub(channel_)),
        changes_(v1::ChangeService::NewStub(channel_)),
        statistics_(v1::StatisticsService::NewStub(channel_)) {}

  absl::Status TryOnce(const std::string& path, absl::Duration deadline, const Message& request, Message& response) {
    grpc::ClientContext context;
    Prepare(context);
    context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    return FromGrpc(CallAndWait(generic_, context, path, request, response), options_.target);
  }

  absl::Status CallUnary(const Message& request, Message& response) {
    const google::protobuf::MethodDescriptor& method = FindMethod(*request.GetDescriptor());
    TTHC_CHECK(method.output_type() == response.GetDescriptor());
    const bool statistics = method.service() == v1::QueryStatisticsRequest::descriptor()->file()->service(0);
    const absl::Duration deadline = statistics ? options_.statistics_deadline : options_.call_deadline;
    const std::string path = absl::StrCat("/", method.service()->full_name(), "/", method.name());
    return RetryLoop(options_.retry, options_.environment, [&] { return TryOnce(path, deadline, request, response); });
  }

  template <typename Service, typename Request, typename Response>
  absl::Status ReadStream(Service& stub,
                          std::unique_ptr<grpc::ClientReader<Response>> (Service::*open)(grpc::ClientContext*,
                                                                                         const Request&),
                          const Request& request, const Visitor<Response>& visit) {
    grpc::ClientContext context;
    Prepare(context);
    const auto reader = (stub.*open)(&context, request);
    Response response;
    while (reader->Read(&response)) visit(response);
    return FromGrpc(reader->Finish(), options_.target);
  }

  void Prepare(grpc::ClientContext& context) const {
    if (!options_.actor.empty()) context.AddMetadata(kActorMetadataKey, options_.actor);
    context.AddMetadata("accept-language", options_.locale);
  }

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  GenericStub generic_;
  // For streams.
  const std::unique_ptr<v1::DossierService::Stub> dossiers_;
  const std::unique_ptr<v1::CatalogueService::Stub> catalogue_;
  const std::unique_ptr<v1::ChangeService::Stub> changes_;
  const std::unique_ptr<v1::StatisticsService::Stub> statistics_;
  Mutex watches_mutex_;
  std::set<grpc::ClientContext*> watches_ ABSL_GUARDED_BY(watches_mutex_);
  bool watches_canceled_ ABSL_GUARDED_BY(watches_mutex_) = false;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

const ClientOptions& Client::options() const { return impl_->options_; }

absl::Status Client::CallUnary(const Message& request, Message& response) {
  const google::protobuf::FieldDescriptor* const id = FindRequestIdField(request);
  if (id == nullptr || !request.GetReflection()->GetString(request, id).empty()) {
    return impl_->CallUnary(request, response);
  }
  // One id for all tries: it makes them one request to the server.
  const std::unique_ptr<Message> named(request.New());
  named->CopyFrom(request);
  named->GetReflection()->SetString(named.get(), id, NewRequestId());
  return impl_->CallUnary(*named, response);
}

absl::Status Client::RecomputeDueTimes(const v1::RecomputeDueTimesRequest& request,
                                       const Visitor<v1::RecomputeDueTimesResponse>& visit) {
  return impl_->ReadStream(*impl_->catalogue_, &v1::CatalogueService::Stub::RecomputeDueTimes, request, visit);
}

absl::Status Client::VerifyFacts(const v1::VerifyFactsRequest& request, const Visitor<v1::VerifyFactsResponse>& visit) {
  return impl_->ReadStream(*impl_->statistics_, &v1::StatisticsService::Stub::VerifyFacts, request, visit);
}

// Registers the context of a watch for as long as the watch runs, so that CancelWatches reaches it.
class Client::RunningWatch {
 public:
  RunningWatch(Impl* impl, grpc::ClientContext* context) : impl_(*impl), context_(context) {
    const MutexLock lock(impl_.watches_mutex_);
    impl_.watches_.insert(context_);
    // CancelWatches() came first: this watch ends as soon as it begins.
    if (impl_.watches_canceled_) context_->TryCancel();
  }
  ~RunningWatch() {
    const MutexLock lock(impl_.watches_mutex_);
    impl_.watches_.erase(context_);
  }
  RunningWatch(const RunningWatch&) = delete;
  RunningWatch& operator=(const RunningWatch&) = delete;

 private:
  Impl& impl_;
  grpc::ClientContext* const context_;
};

absl::Status Client::WatchChanges(const v1::WatchChangesRequest& request, const WatchVisitor& visit) {
  int64_t start = request.start_revision();
  if (request.from_now() && start == 0) {
    // The server's own from_now would lose what is recorded between a broken connection and the next one.
    v1::ListChangesRequest head;
    head.set_page_size(1);
    TTHC_ASSIGN_OR_RETURN(const v1::ListChangesResponse answer, ListChanges(head));
    start = answer.head_revision() + 1;
  }
  const WatchStream stream = [this, &request](int64_t from, const WatchVisitor& visit_one) {
    grpc::ClientContext context;
    impl_->Prepare(context);
    const RunningWatch running(impl_.get(), &context);
    v1::WatchChangesRequest from_request = request;
    from_request.set_start_revision(from);
    // With a start_revision and from_now both set the server answers which of the two is wrong.
    if (request.start_revision() == 0) from_request.clear_from_now();
    const auto reader = impl_->changes_->WatchChanges(&context, from_request);
    v1::WatchChangesResponse response;
    bool more = true;
    while (more && reader->Read(&response)) more = visit_one(response);
    if (more) {
      const absl::Status status = FromGrpc(reader->Finish(), impl_->options_.target);
      return status.ok() ? Unreachable(impl_->options_.target, "the stream ended") : status;
    }
    // Finish would wait for a stream that never ends by itself.
    context.TryCancel();
    while (reader->Read(&response)) continue;
    reader->Finish();
    return absl::OkStatus();
  };
  return WatchLoop(impl_->options_.retry, impl_->options_.environment, start, stream, visit);
}

void Client::CancelWatches() {
  const MutexLock lock(impl_->watches_mutex_);
  impl_->watches_canceled_ = true;
  for (grpc::ClientContext* const context : impl_->watches_) context->TryCancel();
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

absl::Status Client::CheckHealth(HealthScope scope) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(scope == HealthScope::kReads ? kReadHealthName : kWriteHealthName);
  grpc::health::v1::HealthCheckResponse response;
  TTHC_RETURN_IF_ERROR(
      impl_->TryOnce("/grpc.health.v1.Health/Check", impl_->options_.call_deadline, request, response));
  if (response.status() == grpc::health::v1::HealthCheckResponse::SERVING) return absl::OkStatus();
  return NotServing(impl_->options_.target, scope);
}

}  // namespace tthc::sdk
