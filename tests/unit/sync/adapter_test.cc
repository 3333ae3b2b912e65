#include "client/sync/adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/sync/render.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using tthc::v1::MirrorDelivery;

constexpr char kSession[] = "phien-\"rat\"-bi-mat";
constexpr char kPassword[] = "mat-khau\\rat-bi-mat";

v1::Target Target() {
  return testing::ParseProto<v1::Target>(R"pb(
    id: "thu"
    base_url: "https://demo.invalid/goc/"
    agency: "H24.99.1"
    username: "don-vi"
    destination: "VN:GOV:G22:nguoi nhan"
    destination_place: PLACE_HEADER
    call_timeout { seconds: 30 }
  )pb");
}

Call MakeCall(CallKind kind, std::vector<int64_t> steps = {}) {
  return {
      .kind = kind, .delivery = kind == CallKind::kLogin ? nullptr : Share(FullDelivery()), .steps = std::move(steps)};
}

ordered_json BodyOf(const HttpRequest& request) { return ordered_json::parse(request.body); }

std::vector<std::string> KeysOf(const ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(SessionAdapter, PutsSessionAgencyAndServiceInTheBody) {
  const auto adapter = MakeAdapter(Shipped("dvcqg"), Target());
  EXPECT_TRUE(adapter->has_login());
  EXPECT_TRUE(adapter->can_look_up());
  EXPECT_TRUE(adapter->has_insert());

  const HttpRequest login = adapter->MakeRequest(MakeCall(CallKind::kLogin), "", kPassword);
  EXPECT_EQ(login.method, "POST");
  EXPECT_EQ(login.url, "https://demo.invalid/goc/mapi/login");
  EXPECT_EQ(login.timeout, absl::Seconds(30));
  EXPECT_THAT(login.headers, Contains(Pair("Content-Type", "application/json")));
  EXPECT_THAT(login.headers, Contains(Pair("Charset", "utf-8")));
  EXPECT_THAT(login.headers, Contains(Pair("dstcode", "VN:GOV:G22:nguoi nhan")));
  EXPECT_EQ(BodyOf(login), ordered_json({{"username", "don-vi"}, {"password", kPassword}}));

  const HttpRequest insert = adapter->MakeRequest(MakeCall(CallKind::kInsert), kSession, "");
  EXPECT_EQ(insert.url, "https://demo.invalid/goc/mapi/g");
  const ordered_json body = BodyOf(insert);
  EXPECT_THAT(KeysOf(body), ElementsAre("session", "madonvi", "service", "isUpdating", "data"));
  EXPECT_EQ(body["session"], kSession);
  EXPECT_EQ(body["madonvi"], "H24.99.1");
  EXPECT_EQ(body["service"], "DongBoHoSoMC");
  EXPECT_EQ(body["isUpdating"], "False");
  EXPECT_EQ(body["data"], ordered_json::array({RenderRecord(Shipped("dvcqg"), FullDelivery()).json}));
  EXPECT_EQ(BodyOf(adapter->MakeRequest(MakeCall(CallKind::kUpdate), kSession, ""))["isUpdating"], "True");

  const ordered_json steps = BodyOf(adapter->MakeRequest(MakeCall(CallKind::kSteps, {14, 12}), kSession, ""));
  EXPECT_EQ(steps["service"], "CapNhatTienDoHoSoMC");
  ASSERT_EQ(steps["data"].size(), 2u);
  EXPECT_EQ(steps["data"][0]["TrangThai"], "5") << "in the order of the call";
  EXPECT_EQ(steps["data"][1]["TrangThai"], "2");

  const ordered_json lookup = BodyOf(adapter->MakeRequest(MakeCall(CallKind::kLookup), kSession, ""));
  EXPECT_THAT(KeysOf(lookup), ElementsAre("session", "madonvi", "service", "mahoso"));
  EXPECT_EQ(lookup["mahoso"], "H24.99.1-261103-0007");
}

TEST(SessionAdapter, PutsTheDestinationInTheConfiguredPlace) {
  v1::Target target = Target();
  target.set_destination_place(v1::Target::PLACE_QUERY);
  target.set_destination_name("dich");
  const auto adapter = MakeAdapter(Shipped("dvcqg"), target);
  const HttpRequest request = adapter->MakeRequest(MakeCall(CallKind::kUpdate), kSession, "");
  EXPECT_EQ(request.url, "https://demo.invalid/goc/mapi/g?dich=VN:GOV:G22:nguoi%20nhan");
  for (const auto& [name, value] : request.headers) EXPECT_NE(name, "dich");
}

TEST(AgencyAdapter, PutsTheAgencyInTheQueryAndNoSession) {
  const auto adapter = MakeAdapter(Shipped("wrapper"), Target());
  EXPECT_FALSE(adapter->has_login());
  const HttpRequest insert = adapter->MakeRequest(MakeCall(CallKind::kInsert), "", "");
  EXPECT_EQ(insert.url, "https://demo.invalid/goc/api/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV=H24.99.1&isUpdating=False");
  EXPECT_THAT(KeysOf(BodyOf(insert)), ElementsAre("data"));
  const HttpRequest lookup = adapter->MakeRequest(MakeCall(CallKind::kLookup), "", "");
  EXPECT_EQ(lookup.url, "https://demo.invalid/goc/api/SynsTTHCC/TraCuuHoSo?MaDinhDanhDV=H24.99.1");
  EXPECT_EQ(BodyOf(lookup), ordered_json({{"mahoso", "H24.99.1-261103-0007"}}));
}

TEST(BearerAdapter, PutsTheTokenInTheHeaderAndSendsBareRecords) {
  const auto adapter = MakeAdapter(Shipped("igate"), Target());
  EXPECT_FALSE(adapter->has_insert());
  const HttpRequest login = adapter->MakeRequest(MakeCall(CallKind::kLogin), "", kPassword);
  EXPECT_EQ(BodyOf(login), ordered_json({{"client_id", "don-vi"}, {"client_secret", kPassword}}));
  for (const auto& [name, value] : login.headers) EXPECT_NE(name, "Authorization");
  const HttpRequest update = adapter->MakeRequest(MakeCall(CallKind::kUpdate), "t-1", "");
  EXPECT_EQ(update.url, "https://demo.invalid/goc/connector/connector/v1/hoso/capnhattrangthai");
  EXPECT_THAT(update.headers, Contains(Pair("Authorization", "Bearer t-1")));
  EXPECT_TRUE(BodyOf(update).is_array());
  EXPECT_EQ(BodyOf(update)[0]["IdHoSo"], "77001");
  const ordered_json steps = BodyOf(adapter->MakeRequest(MakeCall(CallKind::kSteps, {12}), "t-1", ""));
  EXPECT_EQ(steps[0]["TrangThai"], 2) << "a number";
  EXPECT_EQ(steps[0]["ThoiDiemXuLy"], "2026-11-03T08:30:00.000+07:00");
  EXPECT_EQ(BodyOf(adapter->MakeRequest(MakeCall(CallKind::kLookup), "t-1", "")), ordered_json({{"MaHoSo", "77001"}}));
}

// --- Exchanges -------------------------------------------------------------------------------------------------------

Answer Read(const Adapter& adapter, const Call& call, const HttpRequest& request, int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return adapter.ReadAnswer(call, request, response, absl::FromUnixSeconds(1794000000), absl::Milliseconds(1500));
}

// Answers that could bring a secret into the exchange: an echo of the request, a new session, half of one.
std::vector<std::string> TrickyAnswers(const HttpRequest& request, const std::string& secret) {
  const ordered_json echo = {{"error_code", 12}, {"code", 12}, {"message", "bad: " + secret}, {"echo", secret}};
  const ordered_json success = {{"error_code", 0},
                                {"code", 0},
                                {"session", "moi-tinh"},
                                {"access_token", "moi-tinh"},
                                {"result", ordered_json::array()}};
  return {echo.dump(), success.dump(), success.dump().substr(0, 60), request.body, secret};
}

TEST(Exchange, HoldsNoSecretOfAnyProtocol) {
  for (const char* const id : {"dvcqg", "igate"}) {
    const auto adapter = MakeAdapter(Shipped(id), Target());
    for (const CallKind kind : {CallKind::kLogin, CallKind::kUpdate, CallKind::kSteps, CallKind::kLookup}) {
      const bool is_login = kind == CallKind::kLogin;
      const Call call = MakeCall(kind);
      const HttpRequest request = adapter->MakeRequest(call, is_login ? "" : kSession, is_login ? kPassword : "");
      for (const std::string& body : TrickyAnswers(request, is_login ? kPassword : kSession)) {
        const Answer answer = Read(*adapter, call, request, 200, body);
        const std::string kept = answer.exchange.DebugString() + answer.message + answer.code;
        EXPECT_THAT(kept, Not(HasSubstr("bi-mat"))) << id << body;
        EXPECT_THAT(kept, Not(HasSubstr("phien-"))) << id << body;
        EXPECT_TRUE(!is_login || kept.find("moi-tinh") == std::string::npos) << id << body;
      }
    }
  }
}

TEST(Exchange, HasRequestResponseAndOutcome) {
  const auto adapter = MakeAdapter(Shipped("dvcqg"), Target());
  const Call call = MakeCall(CallKind::kUpdate);
  const HttpRequest request = adapter->MakeRequest(call, kSession, "");
  const Answer answer = Read(*adapter, call, request, 200, R"({"error_code":"12","message":"MaLinhVuc không hợp lệ"})");
  EXPECT_EQ(answer.code, "12");
  EXPECT_EQ(answer.message, "MaLinhVuc không hợp lệ");
  EXPECT_EQ(answer.exchange.service(), "DongBoHoSoMC");
  EXPECT_EQ(answer.exchange.http_status(), 200);
  EXPECT_EQ(answer.exchange.outcome(), "refused");
  EXPECT_EQ(FromProto(answer.exchange.send_time()), absl::FromUnixSeconds(1794000000));
  EXPECT_EQ(answer.exchange.duration().nanos(), 500'000'000);
  EXPECT_THAT(answer.exchange.request(), HasSubstr(R"({"session":"***","madonvi":"H24.99.1")"));
  EXPECT_THAT(answer.exchange.response(), HasSubstr("MaLinhVuc"));
  const auto& keys = answer.exchange.personal_keys();
  for (const char* const key : {"ChuHoSo", "SoDinhDanh", "SoDienThoai", "TrichYeuHoSo", "ThongTinTra"}) {
    EXPECT_THAT(std::vector<std::string>(keys.begin(), keys.end()), Contains(key));
  }
  const Answer silent =
      adapter->ReadAnswer(call, request, absl::UnknownError("timed out"), absl::UnixEpoch(), absl::Seconds(30));
  EXPECT_EQ(silent.exchange.outcome(), "no answer");
  EXPECT_EQ(silent.exchange.error(), "timed out");
  EXPECT_EQ(silent.exchange.http_status(), 0);
}

TEST(Exchange, IsBounded) {
  const auto adapter = MakeAdapter(Shipped("dvcqg"), Target());
  MirrorDelivery delivery = FullDelivery();
  for (int i = 0; i < 400; ++i) {
    delivery.mutable_dossier()->mutable_request()->add_documents()->set_display_name("Giấy tờ thứ nhất của hồ sơ");
  }
  const Call call{.kind = CallKind::kUpdate, .delivery = Share(delivery), .steps = {}};
  const HttpRequest request = adapter->MakeRequest(call, kSession, "");
  ASSERT_GT(request.body.size(), limits::kMirrorRequestBytesMax);
  const Answer answer = Read(*adapter, call, request, 200, std::string(100'000, 'x'));
  EXPECT_LE(answer.exchange.request().size(), limits::kMirrorRequestBytesMax);
  EXPECT_TRUE(answer.exchange.request_cut());
  EXPECT_EQ(answer.exchange.response().size(), limits::kMirrorResponseBytesMax);
  EXPECT_TRUE(answer.exchange.response_cut());
}

// --- Look-ups --------------------------------------------------------------------------------------------------------

ordered_json StepsAsSent(const v1::Profile& profile, const MirrorDelivery& delivery, const std::vector<int64_t>& of) {
  ordered_json steps = ordered_json::array();
  for (const int64_t revision : of) {
    for (const auto& step : delivery.steps()) {
      if (step.event().revision() == revision) steps.push_back(RenderStep(profile, delivery, step).json);
    }
  }
  return steps;
}

Answer LookUp(const MirrorDelivery& delivery, const ordered_json& steps) {
  const v1::Profile profile = Shipped("dvcqg");
  const auto adapter = MakeAdapter(profile, Target());
  const Call call{.kind = CallKind::kLookup, .delivery = Share(delivery), .steps = {}};
  ordered_json result = RenderRecord(profile, delivery).json;
  result["TrangThaiHoSo"] = 9;
  result["DanhSachTienDo"] = steps;
  const ordered_json body = {{"error_code", 0}, {"result", ordered_json::array({result})}};
  return Read(*adapter, call, adapter->MakeRequest(call, kSession, ""), 200, body.dump());
}

TEST(LookUp, FindsTheStepsThatAreKnown) {
  const MirrorDelivery delivery = FullDelivery();
  const Answer answer = LookUp(delivery, StepsAsSent(Shipped("dvcqg"), delivery, {40, 12, 14}));
  EXPECT_EQ(answer.verdict, Verdict::kDone);
  EXPECT_TRUE(answer.found);
  EXPECT_EQ(answer.found_status, "9");
  EXPECT_TRUE(answer.reports_steps);
  EXPECT_THAT(answer.known_steps, ElementsAre(12, 14, 40));
}

TEST(LookUp, MatchesStepsThatLookAlikeOneByOne) {
  MirrorDelivery delivery = FullDelivery();
  tthc::v1::MirrorStep twin = delivery.steps(5);
  twin.mutable_event()->set_revision(23);
  *delivery.add_steps() = twin;
  const v1::Profile profile = Shipped("dvcqg");
  EXPECT_THAT(LookUp(delivery, StepsAsSent(profile, delivery, {22})).known_steps, ElementsAre(22));
  EXPECT_THAT(LookUp(delivery, StepsAsSent(profile, delivery, {22, 23})).known_steps, ElementsAre(22, 23));
  // Of two that look alike, the confirmed one is the one at the target.
  delivery.mutable_item()->add_confirmed_steps(23);
  EXPECT_THAT(LookUp(delivery, StepsAsSent(profile, delivery, {23})).known_steps, ElementsAre(23));
}

TEST(LookUp, FindsAStepAlthoughPeopleWereRenamed) {
  MirrorDelivery delivery = FullDelivery();
  const ordered_json reported = StepsAsSent(Shipped("dvcqg"), delivery, {12, 22});
  (*delivery.mutable_display_names())["officers/vhxh02"] = "Lê Thị Mẫu Mới";
  EXPECT_THAT(LookUp(delivery, reported).known_steps, ElementsAre(12, 22));
}

TEST(LookUp, DoesNotTakeAnotherStepForOurs) {
  const MirrorDelivery delivery = FullDelivery();
  ordered_json reported = StepsAsSent(Shipped("dvcqg"), delivery, {12});
  reported[0]["ThoiDiemXuLy"] = "20261103083001";
  const Answer answer = LookUp(delivery, reported);
  EXPECT_TRUE(answer.reports_steps);
  EXPECT_THAT(answer.known_steps, IsEmpty());
}

TEST(LookUp, SaysIfTheTargetDoesNotReportSteps) {
  const Answer answer = LookUp(FullDelivery(), nullptr);
  EXPECT_TRUE(answer.found);
  EXPECT_FALSE(answer.reports_steps);
}

TEST(LookUp, FindsADossierOfIgateByItsId) {
  const v1::Profile profile = Shipped("igate");
  const auto adapter = MakeAdapter(profile, Target());
  const Call call = MakeCall(CallKind::kLookup);
  const ordered_json body = {
      {"code", 0},
      {"data", ordered_json::array({{{"IdHoSo", 77001},
                                     {"MaHoSo", "khac"},
                                     {"TrangThai", 4},
                                     {"DanhSachTienDo", StepsAsSent(profile, FullDelivery(), {11})}}})}};
  const Answer answer = Read(*adapter, call, adapter->MakeRequest(call, "t-1", ""), 200, body.dump());
  EXPECT_TRUE(answer.found);
  EXPECT_EQ(answer.found_status, "4");
  EXPECT_THAT(answer.known_steps, ElementsAre(11));
}

}  // namespace
}  // namespace tthc::sync
