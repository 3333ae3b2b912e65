#pragma once

#include <grpcpp/support/server_callback.h>

#include "server/rpc/adapter.h"

namespace tthc::rpc {

// Serves one unary call: reads and checks the request, calls the row's handler, and sends its answer.
//
// Ownership: everything given outlives the call. The call owns its request, and the reply of the handler owns the call;
// gRPC owns the buffers and the reactor that is returned, and keeps them until the call has finished.
// Threads: runs on one of gRPC's threads and ends on whichever thread answers. Never blocks.
// Errors: of Adapter::MakeContext, ReadRequest and WriteMessage, and those of the method.
grpc::ServerUnaryReactor* StartUnaryCall(Adapter* adapter, const ServedMethod* method,
                                         grpc::CallbackServerContext* grpc_context, const grpc::ByteBuffer* bytes,
                                         grpc::ByteBuffer* answer_bytes);

}  // namespace tthc::rpc
