#include "server/service/required_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/protos.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/report_service.pb.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::server {
namespace {

using testing::ParseProto;

template <typename Message>
absl::Status Check(const std::string& text) {
  return RequiredFields::For(Message::descriptor()).Check(ParseProto<Message>(text));
}

template <typename Message>
std::string MissingField(const std::string& text) {
  const absl::Status status = Check<Message>(text);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ErrorReason(status), "FIELD_INVALID");
  return ErrorField(status);
}

TEST(RequiredFields, AcceptsCompleteMessages) {
  EXPECT_TRUE(Check<v1::GetDossierRequest>("name: 'dossiers/1'").ok());
  EXPECT_TRUE(Check<v1::AppendEventRequest>("parent: 'dossiers/1' event { finished { result: RESULT_GRANTED } }").ok());
  EXPECT_TRUE(Check<v1::ListOfficesRequest>("").ok());
}

std::vector<std::string> Violations(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status rpc = ToRpcStatus(status);
  for (const auto& detail : rpc.details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      EXPECT_EQ(violation.description(), violation.field() + ": is required");
      fields.push_back(violation.field());
    }
  }
  return fields;
}

TEST(RequiredFields, NamesTheFieldAtTheTop) {
  EXPECT_EQ(MissingField<v1::GetDossierRequest>(""), "name");
  EXPECT_EQ(MissingField<v1::AppendEventRequest>("parent: 'dossiers/1'"), "event");
  EXPECT_EQ(MissingField<v1::SummarizeTimelinessRequest>("start_time { seconds: 1 }"), "end_time");
}

TEST(RequiredFields, NamesTheWholePathInsideAOneof) {
  EXPECT_EQ(MissingField<v1::AppendEventRequest>("parent: 'dossiers/1' event { finished {} }"),
            "event.finished.result");
}

TEST(RequiredFields, NamesTheIndexInLists) {
  EXPECT_EQ(
      MissingField<v1::BatchAppendEventsRequest>(
          "requests { parent: 'dossiers/1' event { noted { text: 'a' } } } requests { event { noted { text: 'b' } } }"),
      "requests[1].parent");
  EXPECT_EQ(MissingField<v1::CreateDossierRequest>("events { submitted { request { } } }"),
            "events[0].submitted.request.procedure");
}

TEST(RequiredFields, AnEmptyListIsMissing) { EXPECT_EQ(MissingField<v1::BatchGetDossiersRequest>(""), "names"); }

TEST(RequiredFields, FollowsAnEventInsideAnAmendment) {
  EXPECT_EQ(MissingField<v1::AppendEventRequest>(
                "parent: 'dossiers/1' event { amended { target_revision: 1 reason: 'r' approver: 'a' "
                "replacement { rescheduled { new_due_time { seconds: 1 } reason: 'r' } } } }"),
            "event.amended.replacement.rescheduled.approver");
}

TEST(RequiredFields, DoesNotLookAtWhatTheServerWrites) {
  EXPECT_TRUE(Check<v1::AppendEventRequest>("parent: 'dossiers/1' event { amended { target_revision: 1 reason: 'r' "
                                            "approver: 'a' voided: true previous { finished {} } } }")
                  .ok());
}

TEST(RequiredFields, NamesEveryMissingField) {
  const absl::Status status = Check<v1::BatchAppendEventsRequest>(
      "requests { event { finished {} } } requests { parent: 'dossiers/1' } requests { event { noted { text: 'b' } } "
      "}");
  EXPECT_EQ(Violations(status), (std::vector<std::string>{"requests[0].parent", "requests[0].event.finished.result",
                                                          "requests[1].event", "requests[2].parent"}));
  EXPECT_EQ(status.message(),
            "requests[0].parent, requests[0].event.finished.result, requests[1].event, requests[2].parent: are "
            "required");
  EXPECT_EQ(ErrorMetadata(status, "field"), "requests[0].parent");
  EXPECT_EQ(ErrorMetadata(status, "missing_count"), "4");
  EXPECT_EQ(
      ErrorMessage(status, "vi"),
      "requests[0].parent, requests[0].event.finished.result, requests[1].event, requests[2].parent: là bắt buộc");
}

TEST(RequiredFields, CountsWhatItDoesNotName) {
  v1::BatchAppendEventsRequest request;
  for (size_t i = 0; i < limits::kMissingFieldsMax + 5; ++i) request.add_requests()->set_parent("dossiers/1");
  const absl::Status status = RequiredFields::For(request.descriptor()).Check(request);
  EXPECT_EQ(Violations(status).size(), limits::kMissingFieldsMax);
  EXPECT_EQ(ErrorMetadata(status, "missing_count"), absl::StrCat(limits::kMissingFieldsMax + 5));
  EXPECT_NE(std::string(status.message()).find(" and 5 more: are required"), std::string::npos) << status;
}

TEST(RequiredFields, AnUpdateMaskLeavesOutWhatItDoesNotName) {
  // Without a mask the resource has to be whole.
  EXPECT_FALSE(Check<v1::UpdateProcedureRequest>("procedure { name: 'procedures/1' display_name: 'T' }").ok());
  EXPECT_TRUE(Check<v1::UpdateProcedureRequest>(
                  "procedure { name: 'procedures/1' display_name: 'T' } update_mask { paths: 'display_name' }")
                  .ok());
  EXPECT_TRUE(Check<v1::UpdateSchemeRequest>("scheme { name: 'schemes/a' } update_mask { paths: 'end_date' }").ok());
  // An empty mask and "*" stand for all fields.
  EXPECT_FALSE(Check<v1::UpdateProcedureRequest>("procedure { name: 'procedures/1' } update_mask {}").ok());
  EXPECT_FALSE(Check<v1::UpdateProcedureRequest>("procedure { name: 'procedures/1' } update_mask { paths: '*' }").ok());
}

TEST(RequiredFields, AnUpdateMaskStillNeedsTheNameAndWhatItNames) {
  EXPECT_EQ(
      MissingField<v1::UpdateProcedureRequest>("procedure { display_name: 'T' } update_mask { paths: 'display_name' }"),
      "procedure.name");
  EXPECT_EQ(MissingField<v1::UpdateProcedureRequest>(
                "procedure { name: 'procedures/1' } update_mask { paths: 'display_name' }"),
            "procedure.display_name");
  EXPECT_EQ(MissingField<v1::UpdateProcedureRequest>("update_mask { paths: 'display_name' }"), "procedure");
}

TEST(RequiredFields, LeavesAnUnsetOneofToTheService) {
  EXPECT_TRUE(Check<v1::AppendEventRequest>("parent: 'dossiers/1' event {}").ok());
}

}  // namespace
}  // namespace tthc::server
