#include "client/sync/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "client/portal_sim/http_server.h"
#include "storage/base/clock.h"
#include "tests/unit/sync/scripted_server.h"

namespace tthc::sync {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = portal_sim::HttpServer::Start({}, &portal_, &clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // One target of each profile, all of them at the simulator.
  bool Check(const std::string& password, const std::string& base, const std::string& locale = "vi") {
    const std::string text = absl::StrReplaceAll(
        R"(
          targets { id: "a" profile: "dvcqg" base_url: "BASE" agency: "H24.99.1" destination: "VN"
                    destination_place: PLACE_HEADER username: "demo" password { file: "p" } }
          targets { id: "b" profile: "wrapper" base_url: "BASE" agency: "H24.99.1" }
          targets { id: "c" profile: "igate" base_url: "BASE" username: "demo" password { file: "p" } }
        )",
        {{"BASE", base}});
    Problems problems;
    const sync::Setup setup =
        ParseConfig("thu", text, "/", {.credentials_directory = "", .check_files = false}, &problems);
    EXPECT_TRUE(problems.empty()) << problems.Describe("en");
    std::ostringstream out;
    const bool ok = CheckTargets(setup,
                                 {.make_http = [](const TargetSetup& target) { return MakeHttp(target, ""); },
                                  .read_password = [&](const TargetSetup&) { return password; },
                                  .now = [] { return absl::Now(); },
                                  .dossier_code = "",
                                  .locale = locale},
                                 out);
    printed_ = out.str();
    return ok;
  }

  SystemClock clock_;
  portal_sim::Portal portal_{portal_sim::PortalOptions()};
  std::unique_ptr<portal_sim::HttpServer> server_;
  std::string printed_;
};

TEST_F(CheckTest, LogsInAndLooksUpWithoutSendingDossiers) {
  EXPECT_TRUE(Check("demo", server_->url())) << printed_;
  EXPECT_THAT(printed_, HasSubstr("[được] đăng nhập"));
  EXPECT_THAT(printed_, HasSubstr("không có hồ sơ H24.99.1-000000-0000"));
  EXPECT_THAT(printed_, Not(HasSubstr("[lỗi]")));
  const MutexLock lock(server_->mutex());
  EXPECT_EQ(portal_.counts().logins, 2);
  EXPECT_EQ(portal_.counts().records_applied, 0);
}

TEST_F(CheckTest, PrintsWhatToCheckAfterAFailure) {
  EXPECT_FALSE(Check("sai-mat-khau", server_->url()));
  EXPECT_THAT(printed_, AllOf(HasSubstr("[lỗi] đăng nhập: bị từ chối"), HasSubstr("xem lại tài khoản, mật khẩu"),
                              Not(HasSubstr("sai-mat-khau"))));
  EXPECT_THAT(printed_, HasSubstr("[được] tra cứu")) << "that of the wrapper succeeds";
  ScriptedServer page([](int) { return ScriptedServer::Reply{.bytes = ScriptedServer::Ok("<html>"), .close = true}; });
  EXPECT_FALSE(Check("demo", page.url(), "en"));
  EXPECT_THAT(printed_, HasSubstr("[error] login: an answer that can't be read (HTTP 200)"));
  const std::string url = server_->url();
  server_.reset();
  EXPECT_FALSE(Check("demo", url));
  EXPECT_THAT(printed_, HasSubstr("không có trả lời"));
}

}  // namespace
}  // namespace tthc::sync
