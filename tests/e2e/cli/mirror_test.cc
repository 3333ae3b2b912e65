#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/sdk/client.h"
#include "storage/base/local_time.h"
#include "tests/e2e/cli/cli_fixture.h"

// tthc mirror against the real server. The test records the outcomes in the place of tthc-sync.
namespace tthc::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MirrorCliTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    sdk::ClientOptions options;
    options.target = server_->address();
    client_ = std::make_unique<sdk::Client>(std::move(options));
    first_ = Accept();
    second_ = Accept();
  }

  void Acquire(const std::string& id) {
    v1::AcquireMirrorTargetRequest request;
    request.set_name(absl::StrCat("mirrorTargets/", id));
    request.set_display_name("Cổng Dịch vụ công quốc gia");
    request.set_holder("tthc-sync@may-thu/1");
    const auto answer = client_->AcquireMirrorTarget(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    fence_ = answer->target().lease().fence();
  }

  // What is pending for the target.
  std::vector<v1::MirrorDelivery> Deliveries(const std::string& id) {
    v1::ListMirrorDeliveriesRequest request;
    request.set_parent(absl::StrCat("mirrorTargets/", id));
    request.set_fence(fence_);
    const auto answer = client_->ListMirrorDeliveries(request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return {};
    return {answer->deliveries().begin(), answer->deliveries().end()};
  }

  // Has the target refuse `refused` and confirm everything else.
  void Deliver(const std::string& id, const std::string& refused) {
    v1::RecordMirrorOutcomesRequest request;
    request.set_parent(absl::StrCat("mirrorTargets/", id));
    request.set_fence(fence_);
    for (const v1::MirrorDelivery& delivery : Deliveries(id)) {
      v1::MirrorOutcome& outcome = *request.add_outcomes();
      outcome.set_dossier(delivery.dossier().name());
      outcome.set_revision(delivery.dossier().revision());
      if (delivery.dossier().code() == refused) {
        Refuse(outcome);
      } else {
        outcome.set_result(v1::MirrorOutcome::RESULT_DONE);
        outcome.set_sent_status("2");
        outcome.set_known_to_target(true);
        outcome.set_confirmed_digest("digest");
      }
    }
    const auto answer = client_->RecordMirrorOutcomes(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
  }

  static void Refuse(v1::MirrorOutcome& outcome) {
    outcome.set_result(v1::MirrorOutcome::RESULT_REFUSED);
    outcome.mutable_error()->set_reason("REFUSED");
    outcome.mutable_error()->set_code("-5");
    outcome.mutable_error()->set_message("Hồ sơ của Nguyễn Thị Hòa sai mã thủ tục");
    *outcome.mutable_error()->mutable_error_time() = ToProto(*ParseLocalTime("2026-11-20T09:00:05"));
    v1::MirrorExchange& exchange = *outcome.add_exchanges();
    exchange.set_service("DongBoHoSoMC");
    *exchange.mutable_send_time() = ToProto(*ParseLocalTime("2026-11-20T09:00:05"));
    exchange.mutable_duration()->set_nanos(20'000'000);
    exchange.set_http_status(200);
    exchange.set_request(R"({"data":[{"MaTTHC":"1.004222","ChuHoSo":"Nguyễn Thị Hòa","SoDienThoai":"0912345678"}]})");
    exchange.set_response(R"({"error_code":"-5","message":"Hồ sơ của Nguyễn Thị Hòa sai mã thủ tục"})");
    exchange.set_outcome("refused");
    exchange.add_personal_keys("ChuHoSo");
    exchange.add_personal_keys("SoDienThoai");
  }

  nlohmann::json Progress() const {
    const nlohmann::json targets = Json({"mirror"});
    return targets.empty() ? nlohmann::json::object() : targets[0]["progress"];
  }

  std::unique_ptr<sdk::Client> client_;
  int64_t fence_ = 0;
  std::string first_;
  std::string second_;
};

TEST_F(MirrorCliTest, ShowsWhatIsConfirmedAndWhatIsPending) {
  EXPECT_EQ(Json({"mirror"}).size(), 0u);
  Acquire("dvcqg");
  EXPECT_EQ(Progress().value("pendingCount", 0), 2);
  Deliver("dvcqg", second_);
  EXPECT_EQ(Progress().value("totalCount", 0), 2);
  EXPECT_EQ(Progress().value("confirmedCount", 0), 1);
  EXPECT_EQ(Progress().value("parkedCount", 0), 1);
  EXPECT_EQ(Progress().value("confirmedShare", 0.0), 0.5);
  EXPECT_THAT(Ok({"mirror"}), AllOf(HasSubstr("1/2 hồ sơ · 50,00 %"), HasSubstr("tthc-sync@may-thu/1")));

  const nlohmann::json parked = Json({"mirror", "parked"});
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0]["dossier"], Json({"show", second_})["name"]);
  EXPECT_THAT(Ok({"mirror", "parked"}), HasSubstr(second_)) << "tables show codes";
  EXPECT_EQ(parked[0]["lastError"]["reason"], "REFUSED");
  EXPECT_EQ(Json({"mirror", "parked", "dvcqg", "--reason", "FIELD_MISSING"}).size(), 0u);
  EXPECT_EQ(Run({"mirror", "parked", "khong-co"}).status, 3);
}

TEST_F(MirrorCliTest, MasksPersonalDataUnlessRawIsAskedFor) {
  Acquire("dvcqg");
  Deliver("dvcqg", second_);
  const std::string masked = Ok({"mirror", "show", second_});
  EXPECT_THAT(masked, AllOf(HasSubstr("dvcqg  chờ xử lý"), HasSubstr("\"MaTTHC\": \"1.004222\""), HasSubstr("từ chối"),
                            HasSubstr("sai mã thủ tục")));
  EXPECT_THAT(masked, AllOf(Not(HasSubstr("Hòa")), Not(HasSubstr("0912345678"))));
  EXPECT_THAT(Ok({"mirror", "parked", "-o", "csv"}), Not(HasSubstr("Hòa")));
  EXPECT_THAT(Ok({"mirror", "show", second_, "--raw"}),
              AllOf(HasSubstr("\"ChuHoSo\": \"Nguyễn Thị Hòa\""), HasSubstr("0912345678")));
  EXPECT_THAT(Ok({"mirror", "show", first_}), HasSubstr("dvcqg  đã xác nhận"));
  EXPECT_THAT(Ok({"mirror", "show", "dvcqg", first_}), HasSubstr("dvcqg  đã xác nhận"));
}

TEST_F(MirrorCliTest, APersonRetriesAndSkips) {
  Acquire("dvcqg");
  Deliver("dvcqg", second_);
  EXPECT_EQ(Json({"mirror", "retry", second_, "--note", "Đã sửa danh mục"}).value("retriedCount", 0), 1);
  EXPECT_EQ(Progress().value("pendingCount", 0), 1);
  Deliver("dvcqg", second_);
  EXPECT_EQ(Json({"mirror", "retry", "dvcqg", "--all", "--reason", "FIELD_MISSING"}).value("retriedCount", -1), 0);
  EXPECT_EQ(Json({"mirror", "retry", "dvcqg", "--all"}).value("retriedCount", 0), 1);
  Deliver("dvcqg", second_);

  Ok({"mirror", "skip", "dvcqg", second_, "--note", "Hồ sơ thử"});
  EXPECT_EQ(Progress().value("skippedCount", 0), 1);
  const nlohmann::json skipped = Json({"mirror", "skipped"});
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(skipped[0]["decisionActor"], "officers/hcc02");
  EXPECT_EQ(skipped[0]["decisionReason"], "Hồ sơ thử");
  EXPECT_EQ(Run({"mirror", "skip", "dvcqg", first_, "--note", "x"}).status, 4) << "nothing is pending";

  Ok({"forward", second_, "vp"});
  EXPECT_EQ(Progress().value("pendingCount", 0), 1) << "a later event is sent";
  Deliver("dvcqg", "");
  EXPECT_EQ(Progress().value("confirmedCount", 0), 2);
  EXPECT_EQ(Json({"mirror", "retry", first_, "--from-scratch", "--with-steps"}).value("retriedCount", 0), 1);
  const std::vector<v1::MirrorDelivery> again = Deliveries("dvcqg");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_FALSE(again[0].item().known_to_target());
}

TEST_F(MirrorCliTest, TargetsArePausedResumedAndRetired) {
  Acquire("dvcqg");
  EXPECT_THAT(Ok({"mirror", "pause", "--note", "Cổng bảo trì"}), HasSubstr("dvcqg  tạm dừng: Cổng bảo trì"));
  EXPECT_TRUE(Deliveries("dvcqg").empty());
  Ok({"mirror", "resume", "dvcqg"});
  EXPECT_EQ(Deliveries("dvcqg").size(), 2u);
  Acquire("tinh");
  EXPECT_EQ(Json({"mirror"}).size(), 2u);
  EXPECT_EQ(Run({"mirror", "parked"}).status, 2) << "there are two";
  Ok({"mirror", "retire", "tinh", "--note", "Hết thử nghiệm"});
  EXPECT_EQ(Json({"mirror"}).size(), 1u);
  EXPECT_THAT(Ok({"mirror", "--retired"}), HasSubstr("tinh  đã ngừng dùng: Hết thử nghiệm"));
  EXPECT_EQ(Json({"mirror", "parked"}).size(), 0u);
}

}  // namespace
}  // namespace tthc::testing
