#include "server/rpc/rpc_service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/impl/rpc_service_method.h>

#include "absl/strings/str_cat.h"
#include "server/rpc/append_stream.h"
#include "server/rpc/server_stream.h"
#include "server/rpc/unary_call.h"
#include "storage/base/check.h"

namespace tthc::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;

// The kind of handler that gRPC expects; it has to fit MakeHandler.
RpcMethod::RpcType WireType(const google::protobuf::MethodDescriptor* method) {
  if (method->client_streaming()) return RpcMethod::BIDI_STREAMING;
  return method->server_streaming() ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC;
}

}  // namespace

RpcService::RpcService(const google::protobuf::ServiceDescriptor* service, const server::MethodTable& table,
                       Adapter* adapter)
    : adapter_(adapter) {
  for (int i = 0; i < service->method_count(); ++i) {
    const server::Method* row = table.Find(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
    TTHC_CHECK(row != nullptr);
    Register(*row);
    // gRPC numbers methods in the order in which they were added. Raw: the handler gets the bytes unparsed.
    MarkMethodRawCallback(i, MakeHandler(&methods_.back()));
  }
}

void RpcService::Register(const server::Method& row) {
  methods_.push_back(adapter_->Serve(row));
  paths_.push_back(absl::StrCat("/", row.name));
  // gRPC keeps the pointer to the path, and takes the method; the handler follows.
  AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), WireType(row.descriptor), nullptr));
}

grpc::internal::MethodHandler* RpcService::MakeHandler(const ServedMethod* method) const {
  // Commands of a client stream have a sequence and an error of their own, so the reactor knows their type.
  if (method->row->descriptor->client_streaming()) {
    TTHC_CHECK(method->row->descriptor->server_streaming());
    TTHC_CHECK(method->row->descriptor->input_type() == v1::StreamAppendRequest::descriptor());
    return new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
        [adapter = adapter_, method](CallbackServerContext* context) {
          return AppendStreamReactor::Start(adapter, method, *context);
        });
  }
  if (method->row->descriptor->server_streaming()) {
    return new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
        [adapter = adapter_, method](CallbackServerContext* context, const ByteBuffer* request) {
          return ServerStreamReactor::Start(adapter, method, *context, *request);
        });
  }
  return new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
      [adapter = adapter_, method](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
        return StartUnaryCall(adapter, method, context, request, response);
      });
}

}  // namespace tthc::rpc
