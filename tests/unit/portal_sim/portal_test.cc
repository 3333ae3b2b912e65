#include "client/portal_sim/portal.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

using testing::CodeOf;
using testing::DvcqgLogin;
using testing::DvcqgLookup;
using testing::DvcqgRecord;
using testing::DvcqgSteps;
using testing::IgateCall;
using testing::IgateRecord;
using testing::IgateStep;
using testing::kCode;
using testing::LogIn;
using testing::LogInIgate;
using testing::Parse;
using testing::Post;
using testing::Record;
using testing::Start;
using testing::Step;
using testing::TestJson;
using testing::WrapperLookup;
using testing::WrapperRecord;
using testing::WrapperSteps;

PortalOptions Always(Fault fault) {
  PortalOptions options;
  options.faults[fault] = 1;
  return options;
}

// A portal that has the dossier, and from now on only this fault.
Portal KnowingPortal(Fault fault, bool dedupe_steps = false) {
  PortalOptions options;
  options.dedupe_steps = dedupe_steps;
  Portal portal(options);
  portal.Plant("dvcqg", Record().dump(), Start());
  FaultRates rates;
  rates[fault] = 1;
  portal.SetFaults(rates);
  return portal;
}

std::string MessageOf(const SimResponse& response) { return Parse(response).value("message", ""); }

// --- dvcqg -----------------------------------------------------------------------------------------------------------

TEST(DvcqgTest, InsertsUpdatesAndReturnsRecords) {
  Portal portal({});
  const std::string session = LogIn(&portal, Start());
  ASSERT_NE(session, "");

  SimResponse response = portal.Handle(DvcqgRecord(session, "False", Record(kCode, "2")), Start());
  EXPECT_EQ(CodeOf(response), "0") << response.body;
  EXPECT_TRUE(response.applied);
  EXPECT_EQ(MessageOf(response), "Đồng bộ thành công");
  response = portal.Handle(DvcqgRecord(session, "True", Record(kCode, "4")), Start());
  EXPECT_EQ(CodeOf(response), "0");
  response = portal.Handle(DvcqgSteps(session, {Step("2"), Step("4", "20260105100000")}), Start());
  EXPECT_EQ(CodeOf(response), "0");

  const SimDossier* const dossier = portal.Find("dvcqg", kCode);
  ASSERT_NE(dossier, nullptr);
  EXPECT_EQ(dossier->status(), "4");
  ASSERT_EQ(dossier->records.size(), 2u);
  EXPECT_EQ(dossier->records[0].status, "2");
  ASSERT_EQ(dossier->steps.size(), 2u);
  EXPECT_EQ(dossier->steps[1].time, "20260105100000");

  const TestJson answer = Parse(portal.Handle(DvcqgLookup(session), Start()));
  ASSERT_EQ(answer["result"].size(), 1u);
  EXPECT_EQ(answer["result"][0]["TrangThaiHoSo"], "4");
  EXPECT_EQ(answer["result"][0]["DanhSachTienDo"][1], Step("4", "20260105100000"));
  EXPECT_EQ(Parse(portal.Handle(DvcqgLookup(session, "H99-260105-9999"), Start()))["result"], TestJson::array());

  EXPECT_EQ(portal.counts().calls.at("dvcqg DongBoHoSoMC"), 2);
  EXPECT_EQ(portal.counts().records_applied, 2);
  EXPECT_EQ(portal.counts().steps_applied, 2);
  EXPECT_EQ(portal.counts().logins, 1);
}

TEST(DvcqgTest, AnswersWrongFlagsWithExistsOrMissing) {
  Portal portal({});
  const std::string session = LogIn(&portal, Start());
  SimResponse response = portal.Handle(DvcqgRecord(session, "True", Record()), Start());
  EXPECT_EQ(CodeOf(response), "4");
  EXPECT_EQ(MessageOf(response), "Hồ sơ chưa tồn tại");
  EXPECT_FALSE(response.applied);
  portal.Handle(DvcqgRecord(session, "False", Record()), Start());
  response = portal.Handle(DvcqgRecord(session, "False", Record()), Start());
  EXPECT_EQ(CodeOf(response), "3");
  EXPECT_EQ(MessageOf(response), "Hồ sơ đã tồn tại");
  EXPECT_EQ(portal.Find("dvcqg", kCode)->record_count, 1);
}

TEST(DvcqgTest, StepsNeedTheDossierAndAreAppliedAllOrNone) {
  Portal portal({});
  const std::string session = LogIn(&portal, Start());
  EXPECT_EQ(MessageOf(portal.Handle(DvcqgSteps(session, {Step()}), Start())), "Hồ sơ chưa tồn tại");
  portal.Handle(DvcqgRecord(session, "False", Record()), Start());
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgSteps(session, {Step(), Step("12")}), Start())), "2");
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgSteps(session, {}), Start())), "2");
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgSteps(session, std::vector<TestJson>(11, Step())), Start())), "2");
  EXPECT_TRUE(portal.Find("dvcqg", kCode)->steps.empty());
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgSteps(session, std::vector<TestJson>(10, Step())), Start())), "0");
}

TEST(DvcqgTest, CountsRepeatedStepsAndDropsThemOnlyIfConfigured) {
  for (const bool dedupe : {false, true}) {
    PortalOptions options;
    options.dedupe_steps = dedupe;
    Portal portal(options);
    const std::string session = LogIn(&portal, Start());
    portal.Handle(DvcqgRecord(session, "False", Record()), Start());
    for (int i = 0; i < 2; ++i) portal.Handle(DvcqgSteps(session, {Step()}), Start());
    EXPECT_EQ(portal.Find("dvcqg", kCode)->steps.size(), dedupe ? 1u : 2u);
    EXPECT_EQ(portal.counts().steps_repeated, 1);
  }
}

TEST(DvcqgTest, SessionsEnd) {
  PortalOptions options;
  options.session_life = absl::Minutes(5);
  Portal portal(options);
  const std::string session = LogIn(&portal, Start());
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgLookup(session), Start() + absl::Seconds(299))), "0");
  const SimResponse response = portal.Handle(DvcqgLookup(session), Start() + absl::Minutes(5));
  EXPECT_EQ(CodeOf(response), "9");
  EXPECT_EQ(MessageOf(response), "Phiên làm việc hết hạn");
  EXPECT_EQ(CodeOf(portal.Handle(DvcqgLookup("made-up"), Start())), "9");
  EXPECT_NE(LogIn(&portal, Start() + absl::Minutes(5)), session);
  EXPECT_EQ(MessageOf(portal.Handle(DvcqgLogin("wrong"), Start())), "Sai tên đăng nhập hoặc mật khẩu");
}

TEST(DvcqgTest, InvalidCallsChangeNothing) {
  Portal portal({});
  const std::string session = LogIn(&portal, Start());
  const SimRequest good = DvcqgRecord(session, "False", Record());
  std::vector<SimRequest> bad;
  const auto with_body = [&](const char* key, const TestJson& value) {
    SimRequest request = good;
    TestJson body = TestJson::parse(good.body);
    body[key] = value;
    request.body = body.dump();
    bad.push_back(request);
  };
  with_body("isUpdating", "false");
  with_body("isUpdating", false);
  with_body("madonvi", "");
  with_body("service", "DongBoDanhGia");
  with_body("unknown", "x");
  with_body("data", TestJson::array());
  with_body("data", Record());
  with_body("data", TestJson::array({Record(), Record("H99-260105-0008")}));
  bad.push_back(good);
  bad.back().target = "/mapi/g";
  bad.push_back(good);
  bad.back().headers.clear();
  bad.push_back(good);
  bad.back().body.pop_back();
  bad.push_back(good);
  bad.back().method = "PUT";
  for (const SimRequest& request : bad) {
    const SimResponse response = portal.Handle(request, Start());
    EXPECT_EQ(CodeOf(response), "2") << request.target << " " << request.body << "\n" << response.body;
    EXPECT_FALSE(response.applied);
  }
  EXPECT_EQ(portal.Find("dvcqg", kCode), nullptr);

  SimRequest by_header = good;
  by_header.target = "/mapi/g";
  by_header.headers.emplace_back("DstCode", "VN:demo");
  EXPECT_EQ(CodeOf(portal.Handle(by_header, Start())), "0");
  EXPECT_EQ(portal.Handle(Post("/mapi", {}), Start()).status, 404);
}

// --- wrapper and igate -----------------------------------------------------------------------------------------------

TEST(WrapperTest, NeedsTheAgencyAndNoSession) {
  Portal portal({});
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("True", Record()), Start())), "4");
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("False", Record()), Start())), "0");
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("maybe", Record()), Start())), "2");
  EXPECT_EQ(CodeOf(portal.Handle(WrapperSteps({Step()}), Start())), "0");
  EXPECT_EQ(Parse(portal.Handle(WrapperLookup(), Start()))["result"][0]["DanhSachTienDo"].size(), 1u);
  const SimRequest nobody = Post("/api/SynsTTHCC/TraCuuHoSo", {{"mahoso", kCode}});
  EXPECT_EQ(CodeOf(portal.Handle(nobody, Start())), "2");
}

TEST(WrapperTest, SystemsAreSeparateByProtocolAndBasePath) {
  Portal portal({});
  SimRequest elsewhere = WrapperRecord("False", Record());
  elsewhere.target = "/tp/x" + elsewhere.target;
  EXPECT_EQ(CodeOf(portal.Handle(elsewhere, Start())), "0");
  EXPECT_NE(portal.Find("tp/x/wrapper", kCode), nullptr);
  EXPECT_EQ(portal.Find("wrapper", kCode), nullptr);
  EXPECT_EQ(portal.Find("dvcqg", kCode), nullptr);
}

TEST(IgateTest, ListsConfirmsAndUpdatesFiledDossiers) {
  Portal portal({});
  const std::string code = portal.FileOnline({.procedure_code = "1.004873",
                                              .procedure_name = "Thủ tục mẫu",
                                              .applicant = "Nguyễn Thị Mẫu",
                                              .id_number = "000099001234",
                                              .phone = "",
                                              .summary = ""},
                                             Start());
  const std::string token = LogInIgate(&portal, Start());
  const TestJson everything = {{"TrangThaiHoSo", "1"}, {"MaTTHC", ""}, {"HinhThucTiepNhan", ""}};
  TestJson answer = Parse(portal.Handle(IgateCall(token, "laydanhsachhoso", everything), Start()));
  ASSERT_EQ(answer["data"].size(), 1u) << answer;
  EXPECT_EQ(answer["data"][0]["MaHoSo"], code);
  EXPECT_EQ(answer["data"][0]["NgayNopHoSo"], "2026-01-05T08:15:00.000+07:00");
  const std::string id = answer["data"][0]["IdHoSo"];

  const TestJson receipt = TestJson::array({{{"MaHoSo", code}, {"TrangThaiNhanHoSo", "1"}}});
  EXPECT_EQ(CodeOf(portal.Handle(IgateCall(token, "hoso/xacnhantrangthainhan", receipt), Start())), "0");
  answer = Parse(portal.Handle(IgateCall(token, "laydanhsachhoso", everything), Start()));
  EXPECT_EQ(answer["data"].size(), 0u);

  // The office has its own code for it.
  const TestJson record = TestJson::array({IgateRecord(id, "H99-260105-0007", "4")});
  EXPECT_EQ(CodeOf(portal.Handle(IgateCall(token, "hoso/capnhattrangthai", record), Start())), "0");
  const TestJson steps = TestJson::array({IgateStep("", "H99-260105-0007", 4)});
  EXPECT_EQ(CodeOf(portal.Handle(IgateCall(token, "hoso/capnhatientrinh", steps), Start())), "0");
  for (const std::string& name : {code, id, std::string("H99-260105-0007")}) {
    const SimDossier* const dossier = portal.Find("igate", name);
    ASSERT_NE(dossier, nullptr) << name;
    EXPECT_EQ(dossier->code, code);
    EXPECT_EQ(dossier->status(), "4");
    EXPECT_EQ(dossier->steps.size(), 1u);
  }
  answer = Parse(portal.Handle(IgateCall(token, "hoso/tracuu", {{"MaHoSo", "H99-260105-0007"}}), Start()));
  EXPECT_EQ(answer["data"][0]["DanhSachTienDo"].size(), 1u);
}

TEST(IgateTest, KnowsFiledDossiersOnly) {
  Portal portal({});
  const std::string token = LogInIgate(&portal, Start());
  const TestJson record = TestJson::array({IgateRecord("1000001", "H99-260105-0007", "4")});
  const SimResponse response = portal.Handle(IgateCall(token, "hoso/capnhattrangthai", record), Start());
  EXPECT_EQ(MessageOf(response), "Hồ sơ chưa tồn tại");
  EXPECT_FALSE(response.applied);
}

TEST(IgateTest, TokensEndWith401) {
  PortalOptions options;
  options.session_life = absl::Seconds(90);
  Portal portal(options);
  const SimRequest login = IgateCall("", "login", {{"client_id", "demo"}, {"client_secret", "demo"}});
  const TestJson answer = Parse(portal.Handle(login, Start()));
  EXPECT_EQ(answer["expires_in"], 90);
  EXPECT_EQ(answer["token_type"], "Bearer");
  const SimRequest lookup = IgateCall(answer["access_token"], "hoso/tracuu", {{"MaHoSo", "x"}});
  EXPECT_EQ(portal.Handle(lookup, Start()).status, 200);
  EXPECT_EQ(portal.Handle(lookup, Start() + absl::Seconds(90)).status, 401);
  EXPECT_EQ(portal.Handle(IgateCall("", "hoso/tracuu", {{"MaHoSo", "x"}}), Start()).status, 401);
}

// --- Faults ----------------------------------------------------------------------------------------------------------

TEST(FaultTest, DownRefusesForAWindow) {
  PortalOptions options = Always(Fault::kDown);
  options.faults.down_max = absl::Seconds(30);
  Portal portal(options);
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_TRUE(response.refuse);
  EXPECT_FALSE(response.applied);
  EXPECT_TRUE(portal.IsDown(Start()));
  portal.SetFaults({});
  EXPECT_TRUE(portal.Handle(WrapperRecord("False", Record()), Start()).refuse);
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("False", Record()), Start() + absl::Seconds(31))), "0");
}

TEST(FaultTest, DownWindowsBeginAndEnd) {
  Portal portal({});
  portal.AddDownWindow(Start() + absl::Seconds(10), Start() + absl::Seconds(20));
  EXPECT_FALSE(portal.IsDown(Start() + absl::Seconds(9)));
  EXPECT_TRUE(portal.IsDown(Start() + absl::Seconds(10)));
  EXPECT_FALSE(portal.IsDown(Start() + absl::Seconds(20)));
}

TEST(FaultTest, SlowIsDoneAtOnceAndAnsweredLater) {
  Portal portal(Always(Fault::kSlow));
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_GT(response.delay, absl::ZeroDuration());
  EXPECT_LE(response.delay, absl::Seconds(60));
  EXPECT_TRUE(response.applied);
  EXPECT_NE(portal.Find("wrapper", kCode), nullptr);
}

TEST(FaultTest, BusySaysWhenToComeBack) {
  for (const Fault fault : {Fault::kBusy, Fault::kUnavailable, Fault::kSkew}) {
    Portal portal(Always(fault));
    const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
    EXPECT_EQ(response.status, fault == Fault::kBusy ? 429 : 503);
    EXPECT_GE(response.retry_after, absl::Seconds(1));
    EXPECT_FALSE(response.applied);
    EXPECT_EQ(portal.Find("wrapper", kCode), nullptr);
    EXPECT_EQ(portal.counts().faults.at(fault), 1);
  }
}

TEST(FaultTest, ASkewedClockAppearsInBothDates) {
  Portal portal(Always(Fault::kSkew));
  SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  absl::Time date;
  absl::Time retry;
  std::string error;
  for (const auto& [name, value] : response.headers) {
    if (name == "Date") {
      ASSERT_TRUE(absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", value, &date, &error)) << error;
    }
    if (name == "Retry-After") {
      ASSERT_TRUE(absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", value, &retry, &error)) << error;
    }
  }
  EXPECT_NE(date, Start());
  EXPECT_EQ(retry - date, response.retry_after);
}

TEST(FaultTest, ErrorsAndCutsAfterTheCallTookEffect) {
  Portal portal(Always(Fault::kErrorAfter));
  SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_EQ(response.status, 500);
  EXPECT_TRUE(response.applied);
  EXPECT_NE(portal.Find("wrapper", kCode), nullptr);

  Portal cutting(Always(Fault::kCutAfter));
  response = cutting.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_TRUE(response.cut_after.has_value());
  EXPECT_TRUE(response.applied);
}

TEST(FaultTest, CutsBeforeTheCallHadNoEffect) {
  Portal portal(Always(Fault::kCutBefore));
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_EQ(response.cut_after, 0u);
  EXPECT_FALSE(response.applied);
  EXPECT_EQ(portal.Find("wrapper", kCode), nullptr);
}

TEST(FaultTest, UnreadableAnswersAreDoneOrNot) {
  for (const Fault fault : {Fault::kMalformed, Fault::kTruncated, Fault::kHtml}) {
    Portal portal(Always(fault));
    std::set<bool> applied;
    for (int i = 0; i < 50; ++i) {
      const std::string code = "H99-260105-" + std::to_string(i);
      const SimResponse response = portal.Handle(WrapperRecord("False", Record(code)), Start());
      EXPECT_EQ(response.status, 200);
      EXPECT_TRUE(Parse(response).is_discarded()) << response.body;
      EXPECT_EQ(response.applied, portal.Find("wrapper", code) != nullptr);
      applied.insert(response.applied);
    }
    EXPECT_EQ(applied.size(), 2u) << FaultName(fault);
  }
}

TEST(FaultTest, InsertsAreAnsweredAsExisting) {
  for (const auto& [fault, code] : {std::pair(Fault::kExistsZero, "0"), std::pair(Fault::kExistsMinus, "-3")}) {
    Portal portal(Always(fault));
    SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
    EXPECT_EQ(CodeOf(response), code);
    EXPECT_NE(MessageOf(response).find("đã tồn tại"), std::string::npos);
    EXPECT_TRUE(response.applied);
    response = portal.Handle(WrapperRecord("True", Record()), Start());
    EXPECT_EQ(CodeOf(response), "0");
    EXPECT_EQ(response.fault, Fault::kNone);
  }
}

TEST(FaultTest, CodesComeAsText) {
  Portal portal(Always(Fault::kTextCode));
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_EQ(Parse(response)["error_code"], "0");
}

TEST(FaultTest, DroppedSessionsAreAnsweredAsExpired) {
  Portal portal({});
  const std::string session = LogIn(&portal, Start());
  FaultRates rates;
  rates[Fault::kSessionDropped] = 1;
  portal.SetFaults(rates);
  const SimResponse response = portal.Handle(DvcqgRecord(session, "False", Record()), Start());
  EXPECT_EQ(CodeOf(response), "9");
  EXPECT_FALSE(response.applied);
  // A login is not affected.
  EXPECT_NE(LogIn(&portal, Start()), "");
}

TEST(FaultTest, DuplicatesAreProcessedTwice) {
  Portal portal(Always(Fault::kDuplicate));
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_EQ(CodeOf(response), "3");
  EXPECT_TRUE(response.applied);

  for (const bool dedupe : {false, true}) {
    Portal knowing = KnowingPortal(Fault::kDuplicate, dedupe);
    const std::string session = LogIn(&knowing, Start());
    const SimResponse steps = knowing.Handle(DvcqgSteps(session, {Step()}), Start());
    EXPECT_EQ(CodeOf(steps), "0");
    EXPECT_EQ(steps.fault, dedupe ? Fault::kDuplicate : Fault::kNone);
    EXPECT_EQ(knowing.Find("dvcqg", kCode)->steps.size(), 1u);
  }
}

TEST(FaultTest, ChosenDossiersAreRefusedForGood) {
  Portal portal({});
  portal.Refuse(kCode, Start());
  const SimResponse response = portal.Handle(WrapperRecord("False", Record()), Start());
  EXPECT_EQ(CodeOf(response), "12");
  EXPECT_EQ(MessageOf(response), "MaLinhVuc không hợp lệ");
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("False", Record("H99-260105-0008")), Start())), "0");
  portal.Accept(kCode, Start());
  EXPECT_EQ(CodeOf(portal.Handle(WrapperRecord("False", Record()), Start())), "0");
}

TEST(FaultTest, AShareOfDossiersIsAlwaysRefused) {
  PortalOptions options;
  options.faults.refuse = 0.5;
  const Portal portal(options);
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string code = "H99-260105-" + std::to_string(i);
    EXPECT_EQ(portal.RefusalOf(code), portal.RefusalOf(code));
    if (!portal.RefusalOf(code).empty()) ++refused;
  }
  EXPECT_GT(refused, 50);
  EXPECT_LT(refused, 150);
}

TEST(FaultTest, TheSameSeedGivesTheSameFaults) {
  PortalOptions options;
  options.seed = 42;
  options.faults = *ParseFaultRates("all=0.05");
  Portal left(options);
  Portal right(options);
  std::set<Fault> seen;
  for (int i = 0; i < 500; ++i) {
    const SimRequest request = WrapperRecord("False", Record("H99-260105-" + std::to_string(i)));
    const SimResponse one = left.Handle(request, Start());
    const SimResponse other = right.Handle(request, Start());
    EXPECT_EQ(one.fault, other.fault);
    EXPECT_EQ(one.body, other.body);
    EXPECT_EQ(one.delay, other.delay);
    EXPECT_EQ(one.cut_after, other.cut_after);
    seen.insert(one.fault);
  }
  // Not counted: down, dropped sessions and both kinds of "exists".
  EXPECT_EQ(seen.size(), kFaultCount - 2);
}

// --- Restoring -------------------------------------------------------------------------------------------------------

TEST(RestoreTest, GivesTheSamePortalAgain) {
  std::vector<std::string> lines;
  PortalOptions options;
  options.journal = [&lines](const std::string& line) { lines.push_back(line); };
  options.faults = *ParseFaultRates("all=0.02");
  Portal portal(options);
  const std::string code = portal.FileOnline({.procedure_code = "1", .applicant = "Nguyễn Văn Mẫu"}, Start());
  portal.Refuse("H99-260105-0002", Start());
  portal.Plant("dvcqg", Record("H99-260105-0001").dump(), Start());
  portal.Forget("dvcqg", "H99-260105-0001", Start());
  for (int i = 0; i < 100; ++i) {
    const absl::Time now = Start() + absl::Milliseconds(i);
    const std::string session = LogIn(&portal, now);
    portal.Handle(DvcqgRecord(session, i % 3 == 0 ? "False" : "True", Record()), now);
    portal.Handle(DvcqgSteps(session, {Step("4", "202601050900" + std::to_string(10 + i % 50))}), now);
    const TestJson record = TestJson::array({IgateRecord("", code, "4")});
    portal.Handle(IgateCall(LogInIgate(&portal, now), "hoso/capnhattrangthai", record), now);
  }
  EXPECT_EQ(portal.Find("dvcqg", "H99-260105-0001"), nullptr);

  options.journal = nullptr;
  Portal restored(options);
  for (const std::string& line : lines) ASSERT_TRUE(restored.Restore(line).ok()) << line;
  for (const auto& [name, system] : portal.systems()) {
    const SimSystem& again = restored.systems().at(name);
    EXPECT_EQ(system.sessions, again.sessions);
    EXPECT_EQ(system.other_names, again.other_names);
    ASSERT_EQ(system.dossiers.size(), again.dossiers.size());
    for (const auto& [own_code, dossier] : system.dossiers) {
      const SimDossier& other = again.dossiers.at(own_code);
      EXPECT_EQ(dossier.status(), other.status());
      ASSERT_EQ(dossier.steps.size(), other.steps.size());
      for (size_t i = 0; i < dossier.steps.size(); ++i) {
        EXPECT_EQ(dossier.steps[i].json, other.steps[i].json);
        EXPECT_EQ(dossier.steps[i].receive_time, other.steps[i].receive_time);
      }
      ASSERT_EQ(dossier.records.size(), other.records.size());
      EXPECT_EQ(dossier.records.back().json, other.records.back().json);
      EXPECT_EQ(dossier.filing_json, other.filing_json);
    }
  }
  EXPECT_EQ(restored.RefusalOf("H99-260105-0002"), "MaLinhVuc không hợp lệ");
  EXPECT_EQ(restored.counts().steps_applied, portal.counts().steps_applied);
}

TEST(RestoreTest, RefusesLinesOfNoJournal) {
  Portal portal({});
  for (const char* const line : {"", "{", "[]", "{}", R"({"op":"x","time":1})", R"({"op":"steps","time":1})",
                                 R"({"op":"records","system":"dvcqg","time":1,"data":[1]})"}) {
    const absl::Status status = portal.Restore(line);
    EXPECT_EQ(ErrorReason(status), "JOURNAL_UNREADABLE") << line;
  }
}

TEST(RestoreTest, OldRecordsBeyondTheBoundAreDropped) {
  PortalOptions options;
  options.records_max = 2;
  Portal portal(options);
  portal.Handle(WrapperRecord("False", Record(kCode, "2")), Start());
  for (const char* const status : {"4", "5", "4"}) portal.Handle(WrapperRecord("True", Record(kCode, status)), Start());
  const SimDossier* const dossier = portal.Find("wrapper", kCode);
  EXPECT_EQ(dossier->record_count, 4);
  ASSERT_EQ(dossier->records.size(), 2u);
  EXPECT_EQ(dossier->records[0].status, "5");
}

}  // namespace
}  // namespace tthc::portal_sim
