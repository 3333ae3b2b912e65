#include "client/portal_sim/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Parse;
using testing::Post;
using testing::Start;
using testing::TestJson;

SimResponse Get(Portal* portal, const std::string& target) {
  return HandleSite(portal, {.method = "GET", .target = target, .headers = {}, .body = {}}, Start());
}

SimResponse Send(Portal* portal, const std::string& target, const TestJson& body) {
  return HandleSite(portal, Post(target, body), Start());
}

TEST(SiteTest, ThePageNamesTheSimulatorAndMasksPeople) {
  Portal portal({});
  TestJson step = testing::Step("5");
  step["NoiDungXuLy"] = "Thiếu <b>bản sao</b>, gọi 0990000001";
  portal.Plant("dvcqg", testing::Record().dump(), Start());
  portal.Handle(testing::WrapperRecord("False", testing::Record()), Start());
  portal.Handle(testing::WrapperSteps({step}), Start());

  const SimResponse overview = Get(&portal, "/");
  EXPECT_EQ(overview.status, 200);
  EXPECT_THAT(overview.body, HasSubstr("Bộ mô phỏng – không phải Cổng Dịch vụ công quốc gia"));
  EXPECT_THAT(overview.body, HasSubstr("<html lang=\"vi\">"));
  EXPECT_THAT(overview.body, HasSubstr("/hoso/wrapper/000.00.01.H99-260105-0007"));
  EXPECT_THAT(overview.body, HasSubstr("Đang xử lý"));
  EXPECT_THAT(overview.body, HasSubstr("05/01/2026 08:15"));
  EXPECT_THAT(overview.body, Not(HasSubstr("<script")));

  const SimResponse dossier = Get(&portal, "/hoso/wrapper/000.00.01.H99-260105-0007");
  EXPECT_EQ(dossier.status, 200);
  EXPECT_THAT(dossier.body, HasSubstr("Yêu cầu bổ sung giấy tờ"));
  EXPECT_THAT(dossier.body, HasSubstr("05/01/2026 09:00"));
  EXPECT_THAT(dossier.body, HasSubstr("Thiếu &lt;b&gt;bản sao&lt;/b&gt;, gọi •••"));
  EXPECT_THAT(dossier.body, Not(HasSubstr("Nguyễn Thị Mẫu")));
  EXPECT_THAT(dossier.body, Not(HasSubstr("000099001234")));

  EXPECT_EQ(Get(&portal, "/hoso/000.00.01.H99-260105-0007").status, 200);
  EXPECT_EQ(Get(&portal, "/hoso/unknown").status, 404);
  EXPECT_EQ(Get(&portal, "/else").status, 404);
}

TEST(SiteTest, PagesLinkToEachOther) {
  Portal portal({});
  for (int i = 0; i < 60; ++i) {
    portal.Plant("dvcqg", testing::Record("H99-260105-" + std::to_string(i)).dump(), Start() + absl::Seconds(i));
  }
  const std::string first = Get(&portal, "/").body;
  EXPECT_THAT(first, HasSubstr("H99-260105-59<"));
  EXPECT_THAT(first, Not(HasSubstr("H99-260105-9<")));
  EXPECT_THAT(first, HasSubstr("Trang 1/2"));
  EXPECT_THAT(Get(&portal, "/?trang=2").body, HasSubstr("H99-260105-9<"));
  EXPECT_THAT(Get(&portal, "/?trang=99").body, HasSubstr("Trang 2/2"));
  EXPECT_THAT(Get(&portal, "/?trang=x").body, HasSubstr("Trang 1/2"));
}

TEST(SiteTest, StateAndCountsAreJson) {
  Portal portal({});
  portal.Handle(testing::WrapperRecord("False", testing::Record()), Start());
  portal.Handle(testing::WrapperSteps({testing::Step()}), Start());
  portal.Plant("dvcqg", testing::Record("H99-260105-0008").dump(), Start());
  const TestJson state = Parse(Get(&portal, "/_sim/state.json"));
  const TestJson& dossier = state["systems"]["wrapper"]["dossiers"][testing::kCode];
  EXPECT_EQ(dossier["status"], "4");
  EXPECT_EQ(dossier["record"], testing::Record());
  EXPECT_EQ(dossier["steps"], TestJson::array({testing::Step()}));
  EXPECT_EQ(Parse(Get(&portal, "/_sim/state.json?he_thong=dvcqg"))["systems"].size(), 1u);
  const TestJson counts = Parse(Get(&portal, "/_sim/counts.json"));
  EXPECT_EQ(counts["calls"]["wrapper DongBoHoSoMC"], 1);
  EXPECT_EQ(counts["steps_applied"], 1);
}

TEST(SiteTest, ControlsChangeThePortal) {
  Portal portal({});
  EXPECT_EQ(Send(&portal, "/_sim/faults", {{"faults", "busy=1"}}).status, 200);
  EXPECT_EQ(HandleSite(&portal, testing::WrapperLookup(), Start()).status, 429);
  EXPECT_EQ(Send(&portal, "/_sim/faults", {{"faults", "busy=2"}}).status, 400);
  EXPECT_EQ(Send(&portal, "/_sim/faults", {{"faults", ""}}).status, 200);
  EXPECT_EQ(HandleSite(&portal, testing::WrapperLookup(), Start()).status, 200);

  EXPECT_EQ(Send(&portal, "/_sim/refuse", {{"code", testing::kCode}}).status, 200);
  EXPECT_NE(portal.RefusalOf(testing::kCode), "");
  EXPECT_EQ(Send(&portal, "/_sim/refuse", {{"code", testing::kCode}, {"accept", true}}).status, 200);
  EXPECT_EQ(portal.RefusalOf(testing::kCode), "");

  EXPECT_EQ(Send(&portal, "/_sim/down", {{"seconds", -1}}).status, 400);
  EXPECT_EQ(Send(&portal, "/_sim/down", {{"seconds", 10}}).status, 200);
  EXPECT_TRUE(Get(&portal, "/").refuse);
  EXPECT_FALSE(portal.IsDown(Start() + absl::Seconds(10)));
}

TEST(SiteTest, DossiersAreFiledByFormAndByJson) {
  Portal portal({});
  SimRequest form{.method = "POST",
                  .target = "/_sim/online",
                  .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                  .body = "procedure_code=1.004873&applicant=Nguy%E1%BB%85n+V%C4%83n+M%E1%BA%ABu"};
  const SimResponse sent = HandleSite(&portal, form, Start());
  EXPECT_EQ(sent.status, 303) << sent.body;
  ASSERT_EQ(portal.systems().at("igate").dossiers.size(), 1u);
  EXPECT_THAT(portal.systems().at("igate").dossiers.begin()->second.filing_json, HasSubstr("Nguyễn Văn Mẫu"));
  EXPECT_THAT(Get(&portal, "/").body, HasSubstr("<td>Mới đăng ký</td><td class=\"n\">0</td><td>05/01/2026 08:15</td>"));

  const TestJson filing = {{"procedure_code", "1.004873"}, {"applicant", "Nguyễn Văn Mẫu"}};
  const TestJson answer = Parse(Send(&portal, "/_sim/online", filing));
  EXPECT_NE(portal.Find("igate", answer.value("code", "")), nullptr);

  form.body = "procedure_code=1.004873&applicant=%FF%FE";
  EXPECT_EQ(HandleSite(&portal, form, Start()).status, 400);
  EXPECT_EQ(Send(&portal, "/_sim/online", {{"applicant", "Nguyễn Văn Mẫu"}}).status, 400);
  EXPECT_EQ(
      Send(&portal, "/_sim/online", TestJson{{"system", "dvcqg"}, {"procedure_code", "1"}, {"applicant", "M"}}).status,
      400);
}

}  // namespace
}  // namespace tthc::portal_sim
