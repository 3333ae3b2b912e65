#include "server/service/method_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/limits.h"

namespace tthc::server {

using google::protobuf::Descriptor;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

// As gRPC writes a path, without the first slash.
std::string NameOf(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

}  // namespace

absl::string_view PolicyName(MethodPolicy policy) {
  switch (policy) {
    case MethodPolicy::kMemory:
      return "memory";
    case MethodPolicy::kRead:
      return "read";
    case MethodPolicy::kReport:
      return "report";
    case MethodPolicy::kWrite:
      return "write";
    case MethodPolicy::kStream:
      break;
  }
  return "stream";
}

std::unique_ptr<google::protobuf::Message> Method::NewRequest() const {
  // Linked descriptors have generated types, so that handlers may cast to them.
  const google::protobuf::Message* prototype =
      MessageFactory::generated_factory()->GetPrototype(descriptor->input_type());
  return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

void MethodTable::Add(Method method) {
  TTHC_CHECK(method.descriptor != nullptr);
  // A server stream is opened. Everything else answers each message, bulk append included.
  const bool opens = method.descriptor->server_streaming() && !method.descriptor->client_streaming();
  TTHC_CHECK((method.policy == MethodPolicy::kStream) == opens);
  TTHC_CHECK((method.open != nullptr) == opens);
  TTHC_CHECK((method.call != nullptr) != opens);
  method.name = NameOf(method.descriptor);
  method.required = &RequiredFields::For(method.descriptor->input_type());
  method.deadline_max = opens ? absl::InfiniteDuration() : limits::kRequestDeadlineMax;
  // The bound of streams is the client's alone: a watch has no natural end.
  methods_.push_back(std::move(method));
  const Method* const added = &methods_.back();
  TTHC_CHECK(by_name_.emplace(added->name, added).second);
  TTHC_CHECK(by_request_.emplace(added->descriptor->input_type(), added).second);
}

void MethodTable::CheckComplete() const {
  // Services without any row are found by a test, which reads the proto files.
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) TTHC_CHECK(Find(NameOf(service->method(i))) != nullptr);
  }
}

std::vector<const ServiceDescriptor*> MethodTable::Services() const {
  std::vector<const ServiceDescriptor*> services;
  for (const Method& method : methods_) {
    const ServiceDescriptor* service = method.descriptor->service();
    if (std::find(services.begin(), services.end(), service) == services.end()) services.push_back(service);
  }
  return services;
}

const Method* MethodTable::Find(absl::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

const Method& MethodTable::ForRequest(const Descriptor* request) const {
  const auto found = by_request_.find(request);
  TTHC_CHECK(found != by_request_.end());
  return *found->second;
}

}  // namespace tthc::server
