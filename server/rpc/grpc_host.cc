#include "server/rpc/grpc_host.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/common.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"

namespace tthc::rpc {
namespace {

void LogForGrpc(gpr_log_func_args* args) {
  Log(LogLevel::kError, "grpc", {{"message", args->message}, {"at", absl::StrCat(args->file, ":", args->line)}});
}

// Protobuf logs every text that is not UTF-8, so any client could fill the log. The client gets it as an error anyway.
void SilenceProtobuf() {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  google::protobuf::SetLogHandler(nullptr);
#endif
}

// Settings of the whole process, which gRPC reads when the first server is built.
void PrepareProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(&LogForGrpc);
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    SilenceProtobuf();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

void SetBounds(grpc::ServerBuilder* builder) {
  // Larger than what handlers accept: a message in between is refused by the adapter, with details. The transport's own
  // refusal has none.
  builder->SetMaxReceiveMessageSize(static_cast<int>(limits::kTransportMessageBytesMax));
  builder->SetMaxSendMessageSize(static_cast<int>(limits::kTransportMessageBytesMax));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kCallsPerConnectionMax);
  // Without this a second server on the same port starts without an error, and each gets a part of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A client whose machine is gone closes no connection; its watches would stay open for ever.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                              static_cast<int>(absl::ToInt64Milliseconds(limits::kKeepaliveTime)));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              static_cast<int>(absl::ToInt64Milliseconds(limits::kKeepaliveTimeout)));
  grpc::ResourceQuota quota("tthcd");
  quota.Resize(limits::kRpcMemoryBytesMax);
  // gRPC refuses calls of its synchronous services (reflection) beyond this; it does not queue them.
  quota.SetMaxThreads(limits::kRpcThreadsMax);
  builder->SetResourceQuota(quota);
}

absl::Status ListenFailed(const std::string& address) {
  return MakeError(
      {.code = absl::StatusCode::kUnavailable,
       .reason = "LISTEN_FAILED",
       .message = absl::StrCat("cannot listen on ", address,
                               ": another program uses it, or it may not be used. "
                               "Stop that program or choose another with --listen"),
       .message_vi = absl::StrCat("không mở được ", address, ": chương trình khác đang dùng, hoặc không được phép ",
                                  "dùng. Hãy dừng chương trình đó hoặc chọn địa chỉ khác bằng --listen"),
       .metadata = {{"listen", address}},
       .field = "listen"});
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcHost>> GrpcHost::Start(const ListenAddress& listen,
                                                          std::vector<std::unique_ptr<RpcService>> services) {
  PrepareProcess();
  std::unique_ptr<GrpcHost> host(new GrpcHost);
  host->services_ = std::move(services);
  grpc::ServerBuilder builder;
  SetBounds(&builder);
  for (const auto& service : host->services_) builder.RegisterService(service.get());
  // Credentials come with TLS; until then only this machine can connect, see ListenAddress.
  int port = 0;
  builder.AddListeningPort(listen.ToString(), grpc::InsecureServerCredentials(), &port);
  host->server_ = builder.BuildAndStart();
  if (host->server_ == nullptr) return ListenFailed(listen.ToString());
  host->address_ = listen.WithPort(port);
  return host;
}

void GrpcHost::SetServing(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

void GrpcHost::SetNothingServing() { server_->GetHealthCheckService()->SetServingStatus(false); }

void GrpcHost::Shutdown(absl::Duration grace) {
  if (server_ == nullptr) return;
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

}  // namespace tthc::rpc
