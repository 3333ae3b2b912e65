#include "server/rpc/required_fields.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "tests/testing/protos.h"
#include "tthc/v1/catalogue_service.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/report_service.pb.h"

namespace tthc::rpc {
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
  EXPECT_TRUE(Check<v1::AppendEventRequest>("parent: 'dossiers/1' event { finished { result: GRANTED } }").ok());
  EXPECT_TRUE(Check<v1::ListOfficesRequest>("").ok());
}

TEST(RequiredFields, NamesTheFieldAtTheTop) {
  EXPECT_EQ(MissingField<v1::GetDossierRequest>(""), "name");
  EXPECT_EQ(MissingField<v1::AppendEventRequest>("parent: 'dossiers/1'"), "event");
  EXPECT_EQ(MissingField<v1::SummarizeTimelinessRequest>("from_time { seconds: 1 }"), "to_time");
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

TEST(RequiredFields, LeavesAnUnsetOneofToTheService) {
  EXPECT_TRUE(Check<v1::AppendEventRequest>("parent: 'dossiers/1' event {}").ok());
}

}  // namespace
}  // namespace tthc::rpc
