#include "server/service/service_rows.h"

#include "server/call/errors.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

namespace tthc::server {
namespace rows {
void RunOnPool(ReadPool& pool, const Clock& clock, absl::Time deadline, absl::AnyInvocable<void(absl::Status)> task) {
  // On the heap, so that the task is still at hand if the pool refuses what holds it.
  auto owned = std::make_unique<absl::AnyInvocable<void(absl::Status)>>(std::move(task));
  auto* const raw = owned.get();
  ReadPool::Task posted = [&clock, deadline, owned = std::move(owned)] {
    (*owned)(clock.Now() > deadline ? DeadlinePassed() : absl::OkStatus());
  };
  const absl::Status refused = pool.Post(std::move(posted));
  if (!refused.ok()) (*raw)(refused);
}

}  // namespace rows

ServiceRows::ServiceRows(MethodTable* table, const Executors& executors, const char* service)
    : table_(table),
      executors_(executors),
      // Not by a generated symbol: services have no generated code here, only gRPC's.
      service_(google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service)) {
  TTHC_CHECK(service_ != nullptr);
}

// A row that does not fit its method would cast messages to wrong types, so it must not outlive the start.
const google::protobuf::MethodDescriptor* ServiceRows::Find(const char* method,
                                                            const google::protobuf::Descriptor* request,
                                                            const google::protobuf::Descriptor* response) const {
  const google::protobuf::MethodDescriptor* found = service_->FindMethodByName(method);
  TTHC_CHECK(found != nullptr);
  TTHC_CHECK(found->input_type() == request);
  TTHC_CHECK(found->output_type() == response);
  return found;
}

}  // namespace tthc::server
