#include "server/rpc/unary_call.h"

#include <memory>
#include <utility>

namespace tthc::rpc {
namespace {

// A call from its arrival to its answer.
class UnaryCall {
 public:
  UnaryCall(Adapter* adapter, const ServedMethod* method, grpc::ServerUnaryReactor* reactor,
            grpc::ByteBuffer* answer_bytes)
      : adapter_(*adapter),
        method_(*method),
        reactor_(*reactor),
        answer_bytes_(*answer_bytes),
        started_(absl::Now()),
        request_(method->row->NewRequest()) {
    method_.metrics->Started();
  }

  google::protobuf::Message& request() { return *request_; }

  void Answer(const google::protobuf::Message& answer) { End(WriteMessage(answer, &answer_bytes_)); }
  void End(const absl::Status& status) { reactor_.Finish(adapter_.End(method_, started_, status)); }

 private:
  Adapter& adapter_;
  const ServedMethod& method_;
  grpc::ServerUnaryReactor& reactor_;
  grpc::ByteBuffer& answer_bytes_;
  const absl::Time started_;
  const std::unique_ptr<google::protobuf::Message> request_;
};

}  // namespace

grpc::ServerUnaryReactor* StartUnaryCall(Adapter* adapter, const ServedMethod* method,
                                         grpc::CallbackServerContext* grpc_context, const grpc::ByteBuffer* bytes,
                                         grpc::ByteBuffer* answer_bytes) {
  grpc::ServerUnaryReactor* reactor = grpc_context->DefaultReactor();
  auto call = std::make_unique<UnaryCall>(adapter, method, reactor, answer_bytes);
  const absl::StatusOr<server::RequestContext> context = adapter->MakeContext(*grpc_context, method->row->deadline_max);
  const absl::Status readable = context.ok() ? ReadRequest(*method->row, *bytes, &call->request()) : context.status();
  if (!readable.ok()) {
    call->End(readable);
    return reactor;
  }
  // The reply may come, and with it the end of the call, before the handler returns: nothing here touches the call
  // afterwards.
  const google::protobuf::Message& request = call->request();
  method->row->call(*context, request, [call = std::move(call)](absl::StatusOr<google::protobuf::Message*> answer) {
    // An answer that is too large is an error, too, and takes the place of the answer.
    if (!answer.ok()) return call->End(answer.status());
    call->Answer(**answer);
  });
  return reactor;
}

}  // namespace tthc::rpc
