// The conventions of the API (AIP-126, 155, 158, 163, 203), asked of the descriptors themselves.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/change_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/mirror_service.pb.h"
#include "tthc/v1/report_service.pb.h"

namespace tthc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file :
       {v1::GetDossierRequest::descriptor()->file(), v1::GetProcedureRequest::descriptor()->file(),
        v1::ListChangesRequest::descriptor()->file(), v1::PreviewDueTimeRequest::descriptor()->file(),
        v1::ListLateDossiersRequest::descriptor()->file(), v1::ListMirrorItemsRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

void AddEnums(const Descriptor* type, std::set<const EnumDescriptor*>* enums, std::set<const Descriptor*>* seen) {
  if (!absl::StartsWith(type->full_name(), "tthc.") || !seen->insert(type).second) return;
  for (int i = 0; i < type->enum_type_count(); ++i) enums->insert(type->enum_type(i));
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->enum_type() != nullptr) enums->insert(type->field(i)->enum_type());
    if (type->field(i)->message_type() != nullptr) AddEnums(type->field(i)->message_type(), enums, seen);
  }
}

std::string UpperSnake(const std::string& camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    if (i > 0 && isupper(camel[i]) && !isupper(camel[i - 1])) out += '_';
    out += static_cast<char>(toupper(camel[i]));
  }
  return out;
}

bool Has(const Descriptor* type, const std::string& field, FieldDescriptor::Type kind) {
  const FieldDescriptor* found = type->FindFieldByName(field);
  return found != nullptr && found->type() == kind;
}

TEST(ProtoContract, EveryRequestFieldSaysHowItBehaves) {
  // A message of a stream: its sequence is free, its command a oneof.
  const std::set<const Descriptor*> exempt = {v1::StreamAppendRequest::descriptor()};
  ASSERT_GT(AllMethods().size(), 20u);
  for (const MethodDescriptor* method : AllMethods()) {
    const Descriptor* request = method->input_type();
    if (exempt.count(request) > 0) continue;
    for (int i = 0; i < request->field_count(); ++i) {
      EXPECT_GT(request->field(i)->options().ExtensionSize(google::api::field_behavior), 0)
          << request->field(i)->full_name();
    }
  }
}

TEST(ProtoContract, RequestsAreNamedAfterTheirMethod) {
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_EQ(method->input_type()->name(), method->name() + "Request");
  }
}

TEST(ProtoContract, ListsThatPageDoItTheSameWay) {
  size_t paged = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    const Descriptor* request = method->input_type();
    const Descriptor* answer = method->output_type();
    if (!Has(request, "page_size", FieldDescriptor::TYPE_INT32)) continue;
    // The feed goes on by revision, deliveries by the dossier's number: a client can name them without having seen a
    // page.
    if (request == v1::ListChangesRequest::descriptor()) continue;
    if (request == v1::ListMirrorDeliveriesRequest::descriptor()) continue;
    ++paged;
    EXPECT_TRUE(absl::StartsWith(method->name(), "List")) << method->full_name();
    EXPECT_TRUE(Has(request, "page_token", FieldDescriptor::TYPE_STRING)) << request->full_name();
    EXPECT_TRUE(Has(answer, "next_page_token", FieldDescriptor::TYPE_STRING)) << answer->full_name();
    EXPECT_TRUE(Has(answer, "total_size", FieldDescriptor::TYPE_INT64)) << answer->full_name();
  }
  EXPECT_EQ(paged, 5u);
}

TEST(ProtoContract, ListsWithoutPagesAreThoseThatLimitsBound) {
  // Whole by contract: catalogue and calendars are small and held in memory.
  const std::set<std::string> whole = {"ListProcedures", "ListOffices", "ListCalendars", "ListMirrorTargets"};
  for (const MethodDescriptor* method : AllMethods()) {
    if (!absl::StartsWith(method->name(), "List")) continue;
    EXPECT_NE(whole.count(method->name()) > 0, Has(method->input_type(), "page_size", FieldDescriptor::TYPE_INT32))
        << method->full_name();
  }
}

TEST(ProtoContract, WritesOfDossiersCanBeRepeatedAndTried) {
  for (const Descriptor* request : {v1::CreateDossierRequest::descriptor(), v1::AppendEventRequest::descriptor(),
                                    v1::BatchAppendEventsRequest::descriptor()}) {
    EXPECT_TRUE(Has(request, "request_id", FieldDescriptor::TYPE_STRING)) << request->full_name();
    EXPECT_TRUE(Has(request, "validate_only", FieldDescriptor::TYPE_BOOL)) << request->full_name();
  }
}

TEST(ProtoContract, WritesOfTheCatalogueCanBeTried) {
  // Idempotent by themselves: the same content again makes no new version.
  for (const Descriptor* request :
       {v1::UpdateProcedureRequest::descriptor(), v1::UpdateOfficesRequest::descriptor(),
        v1::CreateCalendarRequest::descriptor(), v1::RecomputeDueTimesRequest::descriptor()}) {
    EXPECT_TRUE(Has(request, "validate_only", FieldDescriptor::TYPE_BOOL)) << request->full_name();
  }
}

TEST(ProtoContract, EnumsBeginWithUnspecified) {
  // A cut-off that is not there is none.
  const std::set<std::string> exempt = {"tthc.v1.CutOff.Kind"};
  std::set<const EnumDescriptor*> enums;
  std::set<const Descriptor*> seen;
  for (const MethodDescriptor* method : AllMethods()) {
    AddEnums(method->input_type(), &enums, &seen);
    AddEnums(method->output_type(), &enums, &seen);
  }
  ASSERT_GT(enums.size(), 12u);
  for (const EnumDescriptor* type : enums) {
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    if (exempt.count(type->full_name()) > 0) continue;
    EXPECT_EQ(type->value(0)->name(), UpperSnake(type->name()) + "_UNSPECIFIED") << type->full_name();
  }
}

TEST(ProtoContract, TimestampsAreNamedAsTimes) {
  std::set<const Descriptor*> seen;
  std::set<const EnumDescriptor*> enums;
  for (const MethodDescriptor* method : AllMethods()) {
    AddEnums(method->input_type(), &enums, &seen);
    AddEnums(method->output_type(), &enums, &seen);
  }
  ASSERT_GT(seen.size(), 60u);
  for (const Descriptor* type : seen) {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->message_type() == nullptr || field->message_type()->full_name() != "google.protobuf.Timestamp")
        continue;
      const std::string& name = field->name();
      EXPECT_TRUE(absl::EndsWith(name, "_time") || absl::StrContains(name, "_time_")) << field->full_name();
    }
  }
}

}  // namespace
}  // namespace tthc
