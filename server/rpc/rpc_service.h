#pragma once

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "server/rpc/adapter.h"
#include "server/rpc/append_stream.h"
#include "server/rpc/server_stream.h"
#include "server/rpc/unary_call.h"
#include "storage/base/check.h"

namespace tthc::rpc {

// One proto service on gRPC's callback API: a method is one line, its handler and nothing else. Takes the bytes as they
// come (gRPC's "raw" methods), because a generated handler answers unreadable requests with INTERNAL and no words.
// Methods are added before the server starts and never after; then thread-safe.
class RpcService final : public grpc::Service {
 public:
  // `adapter` outlives the service.
  RpcService(const google::protobuf::ServiceDescriptor* descriptor, Adapter* adapter)
      : descriptor_(descriptor), adapter_(adapter) {}

  template <typename Request, typename Response>
  void AddUnary(const char* name, UnaryHandler<Request, Response> handler) {
    const Method* method = Register<Request, Response>(name, Streams::kNone);
    auto start = [adapter = adapter_, method, handler = std::move(handler)](grpc::CallbackServerContext* context,
                                                                            const grpc::ByteBuffer* request,
                                                                            grpc::ByteBuffer* response) {
      return UnaryCall<Request, Response>::Start(adapter, method, handler, context, request, response);
    };
    Serve(new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(start)));
  }

  template <typename Request, typename Response>
  void AddServerStream(const char* name, ServerStreamHandler<Request, Response> handler) {
    const Method* method = Register<Request, Response>(name, Streams::kServer);
    auto start = [adapter = adapter_, method, handler = std::move(handler)](grpc::CallbackServerContext* context,
                                                                            const grpc::ByteBuffer* request) {
      return ServerStreamReactor<Response>::template Start<Request>(adapter, method, handler, *context, *request);
    };
    Serve(new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(start)));
  }

  void AddAppendStream(const char* name, AppendHandler handler) {
    const Method* method = Register<v1::StreamAppendRequest, v1::StreamAppendResponse>(name, Streams::kBoth);
    auto start = [adapter = adapter_, method, handler = std::move(handler)](grpc::CallbackServerContext* context) {
      return AppendStreamReactor::Start(adapter, method, &handler, *context);
    };
    Serve(new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(std::move(start)));
  }

  // Aborts unless every method of the descriptor has been added.
  void CheckComplete() const { TTHC_CHECK(static_cast<int>(methods_.size()) == descriptor_->method_count()); }

 private:
  enum class Streams { kNone, kServer, kBoth };

  // Aborts unless the descriptor has such a method with these very types.
  template <typename Request, typename Response>
  const Method* Register(const char* name, Streams streams) {
    const google::protobuf::MethodDescriptor* method = descriptor_->FindMethodByName(name);
    TTHC_CHECK(method != nullptr);
    TTHC_CHECK(method->input_type() == Request::descriptor());
    TTHC_CHECK(method->output_type() == Response::descriptor());
    TTHC_CHECK(method->server_streaming() == (streams != Streams::kNone));
    TTHC_CHECK(method->client_streaming() == (streams == Streams::kBoth));
    methods_.push_back(adapter_->MakeMethod(absl::StrCat(descriptor_->full_name(), "/", name)));
    // gRPC keeps the pointer.
    paths_.push_back(absl::StrCat("/", methods_.back().name));
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), WireType(streams), nullptr));
    return &methods_.back();
  }

  // Of the method registered last. gRPC takes the handler.
  void Serve(grpc::internal::MethodHandler* handler) {
    MarkMethodRawCallback(static_cast<int>(methods_.size()) - 1, handler);
  }

  static grpc::internal::RpcMethod::RpcType WireType(Streams streams) {
    switch (streams) {
      case Streams::kNone:
        return grpc::internal::RpcMethod::NORMAL_RPC;
      case Streams::kServer:
        return grpc::internal::RpcMethod::SERVER_STREAMING;
      case Streams::kBoth:
        break;
    }
    return grpc::internal::RpcMethod::BIDI_STREAMING;
  }

  const google::protobuf::ServiceDescriptor* const descriptor_;
  Adapter* const adapter_;
  // Deques: what they hold stays where it is.
  std::deque<Method> methods_;
  std::deque<std::string> paths_;
};

}  // namespace tthc::rpc
