#include "server/rpc/adapter.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/protos.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::rpc {
namespace {

grpc::ByteBuffer Bytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status rpc;
  EXPECT_TRUE(rpc.ParseFromString(status.error_details()));
  return rpc;
}

class AdapterTest : public ::testing::Test {
 protected:
  double Handled(const std::string& code) {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "tthc_rpc_handled_total") continue;
      for (const auto& metric : family.metric) {
        for (const auto& label : metric.label) {
          if (label.name == "code" && label.value == code) return metric.counter.value;
        }
      }
    }
    return 0;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'790'000'000)};
  prometheus::Registry registry_;
  Adapter adapter_{&clock_, &registry_};
  server::Method row_ = {.name = "tthc.v1.DossierService/GetDossier"};
  ServedMethod method_ = adapter_.Serve(row_);
};

// The message is English; LocalizedMessage has the Vietnamese one (docs/api.md).
TEST_F(AdapterTest, SendsReasonFieldAndBothLanguages) {
  const absl::Status status = InvalidField("event.occur_time", "lies ahead", "ở tương lai");
  const grpc::Status sent = adapter_.End(method_, absl::Now(), status);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(sent.error_message(), "event.occur_time: lies ahead");
  EXPECT_EQ(Details(sent).code(), static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
  const absl::Status received = FromRpcStatus(Details(sent));
  EXPECT_EQ(ErrorReason(received), "FIELD_INVALID");
  EXPECT_EQ(ErrorField(received), "event.occur_time");
  EXPECT_EQ(ErrorMessage(received, "en"), "event.occur_time: lies ahead");
  EXPECT_EQ(ErrorMessage(received, "vi"), "event.occur_time: ở tương lai");
  std::vector<std::string> locales;
  const auto details = Details(sent);
  for (const auto& detail : details.details()) {
    google::rpc::LocalizedMessage localized;
    if (detail.UnpackTo(&localized)) locales.push_back(localized.locale());
  }
  EXPECT_EQ(locales, std::vector<std::string>{"vi"});
}

TEST_F(AdapterTest, EveryErrorHasAReason) {
  const grpc::Status sent = adapter_.End(method_, absl::Now(), absl::NotFoundError("bare"));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ErrorReason(FromRpcStatus(Details(sent))), "UNEXPECTED");
}

TEST_F(AdapterTest, HidesFaultsOfTheServerBehindANumber) {
  const grpc::Status sent = adapter_.End(method_, absl::Now(), absl::InternalError("bad block in 000012.sst"));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ((sent.error_message() + sent.error_details()).find("000012.sst"), std::string::npos);
  EXPECT_FALSE(ErrorMetadata(FromRpcStatus(Details(sent)), "error_id").empty());
}

TEST_F(AdapterTest, CountsByCode) {
  method_.metrics->Started();
  adapter_.End(method_, absl::Now(), absl::OkStatus());
  method_.metrics->Started();
  adapter_.End(method_, absl::Now(), absl::NotFoundError("x"));
  method_.metrics->Started();
  adapter_.End(method_, absl::Now(), absl::NotFoundError("x"));
  EXPECT_EQ(Handled("OK"), 1);
  EXPECT_EQ(Handled("NOT_FOUND"), 2);
}

TEST_F(AdapterTest, ErrorsFitIntoHeaders) {
  const std::string lengthy(20'000, 'x');
  const absl::Status status = MakeError({.code = absl::StatusCode::kFailedPrecondition,
                                         .reason = "CODE_AMBIGUOUS",
                                         .message = lengthy,
                                         .message_vi = lengthy,
                                         .retry_delay = absl::Seconds(1)});
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_LE(sent.error_details().size(), limits::kErrorDetailsBytesMax);
  EXPECT_LE(sent.error_message().size(), limits::kErrorMessageBytesMax + 3);
  EXPECT_EQ(ErrorReason(FromRpcStatus(Details(sent))), "CODE_AMBIGUOUS");
  EXPECT_EQ(ErrorRetryDelay(FromRpcStatus(Details(sent))), absl::Seconds(1));
}

TEST(ReadMessage, NamesTheTextThatIsNotUtf8) {
  // AppendEventRequest{parent: "dossiers/1", event{noted{text: "\xff"}}}
  const std::string noted("\x0a\x01\xff", 3);
  const std::string event = std::string("\xd2\x02", 2) + static_cast<char>(noted.size()) + noted;
  std::string bytes(
      "\x0a\x0a"
      "dossiers/1"
      "\x12",
      13);
  bytes.push_back(static_cast<char>(event.size()));
  bytes.append(event);
  v1::AppendEventRequest request;
  const absl::Status status = ReadMessage(Bytes(bytes), &request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ErrorField(status), "event.noted.text");
}

TEST(ReadMessage, NamesTheTypeThatBytesAreNot) {
  v1::GetDossierRequest request;
  const absl::Status status = ReadMessage(Bytes("\x0a\x7fnot so long"), &request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(status), "MESSAGE_MALFORMED");
}

TEST(ReadMessage, RefusesRequestsThatExceedTheMessageLimit) {
  v1::BatchGetDossiersRequest request;
  request.add_names(std::string(limits::kMessageBytesMax, 'a'));
  const absl::Status status = ReadMessage(Bytes(request.SerializeAsString()), &request);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "MESSAGE_TOO_LARGE");
}

TEST(WriteMessage, RefusesAnswersThatExceedTheMessageLimit) {
  v1::BatchGetDossiersResponse answer;
  answer.add_dossiers()->set_name(std::string(limits::kMessageBytesMax, 'a'));
  grpc::ByteBuffer bytes;
  EXPECT_EQ(ErrorReason(WriteMessage(answer, &bytes)), "ANSWER_TOO_LARGE");
}

}  // namespace
}  // namespace tthc::rpc
