#pragma once

#include <grpcpp/impl/service_type.h>

#include <deque>
#include <string>

#include "google/protobuf/descriptor.h"
#include "server/rpc/adapter.h"
#include "server/service/method_table.h"

namespace tthc::rpc {

// One proto service on gRPC's callback API, made from the service's descriptor and the rows of the binding table: a new
// method needs a row and nothing here. Calls come as bytes (gRPC's "raw" methods), because a generated handler answers
// a request that it cannot parse with INTERNAL and without details.
//
// A method of the table becomes
//   unary           StartUnaryCall,
//   server stream   a ServerStreamReactor,
//   both stream     an AppendStreamReactor; StreamAppend is the only one.
//
// Ownership: gRPC refers to it until its server has shut down.
// Threads: thread-safe once made.
class RpcService final : public grpc::Service {
 public:
  // Both outlive the service. Aborts if a method has no row, or a kind that is not served.
  RpcService(const google::protobuf::ServiceDescriptor* service, const server::MethodTable& table, Adapter* adapter);

 private:
  // Adds the method to gRPC's service, without a handler.
  void Register(const server::Method& row);
  // The handler of a kind of method; gRPC owns it.
  grpc::internal::MethodHandler* MakeHandler(const ServedMethod* method) const;

  Adapter* const adapter_;
  // Deques, because gRPC and the handlers refer to their elements.
  std::deque<ServedMethod> methods_;
  std::deque<std::string> paths_;
};

}  // namespace tthc::rpc
