#include "storage/base/errors.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace tthc {
namespace {

absl::Status Full() {
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "QUEUE_FULL",
                    .message = "too many at once; retry",
                    .message_vi = "quá nhiều yêu cầu cùng lúc; hãy thực hiện lại",
                    .metadata = {{"waiting", "16384"}},
                    .field = "event",
                    .retry_delay = absl::Milliseconds(1250)});
}

TEST(MakeError, HasEveryPartOfTheSpec) {
  const absl::Status status = Full();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "too many at once; retry");
  EXPECT_EQ(ErrorReason(status), "QUEUE_FULL");
  EXPECT_EQ(ErrorMetadata(status, "waiting"), "16384");
  EXPECT_EQ(ErrorMetadata(status, "unknown"), "");
  EXPECT_EQ(ErrorField(status), "event");
  EXPECT_EQ(ErrorMessage(status, "vi"), "quá nhiều yêu cầu cùng lúc; hãy thực hiện lại");
  EXPECT_EQ(ErrorMessage(status, "en"), "too many at once; retry");
  EXPECT_EQ(ErrorRetryDelay(status), absl::Milliseconds(1250));
}

TEST(MakeError, IsTheSameAfterAConversionToRpcStatusAndBack) {
  const absl::Status status = Full();
  google::rpc::Status wire;
  ASSERT_TRUE(wire.ParseFromString(ToRpcStatus(status).SerializeAsString()));
  EXPECT_EQ(FromRpcStatus(wire), status);
  EXPECT_EQ(ErrorRetryDelay(FromRpcStatus(wire)), absl::Milliseconds(1250));
  EXPECT_EQ(wire.code(), 8);
}

TEST(ToRpcStatus, GivesErrorsWithoutAPayloadTheReasonUnexpected) {
  const google::rpc::Status wire = ToRpcStatus(absl::NotFoundError("gone"));
  EXPECT_EQ(wire.message(), "gone");
  EXPECT_EQ(ErrorReason(FromRpcStatus(wire)), "UNEXPECTED");
  EXPECT_EQ(ErrorReason(absl::NotFoundError("gone")), "");
  EXPECT_EQ(ErrorMessage(absl::NotFoundError("gone"), "vi"), "gone");
  EXPECT_TRUE(FromRpcStatus(ToRpcStatus(absl::OkStatus())).ok());
}

TEST(PrefixFields, PrefixesThePathEverywhereInTheError) {
  const absl::Status inner = InvalidField("occur_time", "is in the future", "ở tương lai");
  const absl::Status outer = PrefixFields("request", PrefixFields("events[3]", inner));
  EXPECT_EQ(outer.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(outer), "FIELD_INVALID");
  EXPECT_EQ(ErrorField(outer), "request.events[3].occur_time");
  EXPECT_EQ(ErrorMetadata(outer, "field"), "request.events[3].occur_time");
  EXPECT_EQ(outer.message(), "request.events[3].occur_time: is in the future");
  EXPECT_EQ(ErrorMessage(outer, "vi"), "request.events[3].occur_time: ở tương lai");
}

TEST(PrefixFields, LeavesErrorsWithoutAFieldUnchanged) {
  EXPECT_TRUE(PrefixFields("x", absl::OkStatus()).ok());
  EXPECT_EQ(PrefixFields("x", absl::NotFoundError("gone")), absl::NotFoundError("gone"));
  EXPECT_EQ(PrefixFields("", InvalidField("a", "b", "c")), InvalidField("a", "b", "c"));
  const absl::Status no_field =
      MakeError({.code = absl::StatusCode::kAborted, .reason = "R", .message = "a: b", .message_vi = ""});
  EXPECT_EQ(PrefixFields("x", no_field), no_field);
}

}  // namespace
}  // namespace tthc
