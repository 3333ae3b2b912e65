// tthc-sync reconcile, pull and figures, run as people run them, beside a tthc-sync that mirrors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/portal_sim/effect.h"
#include "client/sdk/retry.h"
#include "client/sync/curl_http.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/sync/mirrored_center.h"
#include "tests/testing/sample_requests.h"
#include "tests/testing/seed.h"
#include "tests/unit/sync/scripted_server.h"

namespace tthc::testing {
namespace {

using nlohmann::ordered_json;
using portal_sim::Effect;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(40);

class ReconcileE2eTest : public ::testing::Test {
 protected:
  std::string PathOf(absl::string_view file) { return absl::StrCat(center_.directory().path(), "/", file); }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  ProgramResult Run(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.end(), {"--config", PathOf("sync.textproto"), "--lang", "vi"});
    ProgramResult result =
        RunProgram({.program = TTHC_SYNC_PROGRAM, .arguments = std::move(arguments), .input = input}, kPatience);
    if (!result.errors.empty()) std::cout << result.errors << std::endl;
    return result;
  }

  ordered_json RunJson(std::vector<std::string> arguments, int status) {
    arguments.insert(arguments.end(), {"-o", "json"});
    const ProgramResult result = Run(std::move(arguments));
    EXPECT_EQ(result.status, status) << result.output;
    ordered_json json = ordered_json::parse(result.output, nullptr, false);
    EXPECT_TRUE(json.is_object()) << result.output;
    return json.is_object() ? json : ordered_json::object();
  }

  // Code and kind of every difference.
  static std::vector<std::pair<std::string, std::string>> KindsOf(const ordered_json& report) {
    std::vector<std::pair<std::string, std::string>> kinds;
    for (const ordered_json& difference : report.value("differences", ordered_json::array())) {
      kinds.emplace_back(difference.value("code", ""), difference.value("kind", ""));
    }
    return kinds;
  }

  std::vector<std::string> Codes() {
    tthc::v1::ListDossiersRequest request;
    request.set_order_by(tthc::v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST);
    request.set_page_size(1000);
    const auto page = center_.client().ListDossiers(request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> codes;
    if (!page.ok()) return codes;
    for (const tthc::v1::Dossier& dossier : page->dossiers()) codes.push_back(dossier.code());
    return codes;
  }

  // Changes the portal from outside, while its process is down.
  void ChangePortal(const std::vector<Effect>& effects) {
    center_.KillPortal();
    {
      std::ofstream journal(PathOf("portal.jsonl"), std::ios::app);
      for (const Effect& effect : effects) journal << portal_sim::WriteEffect(effect) << "\n";
    }
    center_.StartPortal();
  }

  Effect Forgotten(const std::string& code) {
    return {.kind = Effect::Kind::kForgotten, .system = "dvcqg", .time = absl::Now(), .code = code};
  }
  Effect Received(Effect::Kind kind, ordered_json data) {
    return {.kind = kind, .system = "dvcqg", .time = absl::Now(), .data = ordered_json::array({std::move(data)})};
  }
  ordered_json RecordThere(const std::string& code) {
    const auto portal = center_.ReadPortal();
    const portal_sim::SimDossier* const dossier = portal->Find("dvcqg", code);
    if (dossier == nullptr || dossier->records.empty()) return ordered_json::object();
    return ordered_json::parse(dossier->records.back().json);
  }
  std::vector<std::string> StepsThere(const std::string& code) {
    const auto portal = center_.ReadPortal();
    std::vector<std::string> steps;
    const portal_sim::SimDossier* const dossier = portal->Find("dvcqg", code);
    if (dossier == nullptr) return steps;
    for (const portal_sim::SimStep& step : dossier->steps) steps.push_back(step.json);
    return steps;
  }

  const uint64_t seed_ = TestSeed();
  MirroredCenter center_{{.seed = seed_}};
};

TEST_F(ReconcileE2eTest, FindsAndRepairsWhatThePortalLostOrChanged) {
  center_.StartSync();
  center_.WorkFor(absl::Seconds(2), absl::Milliseconds(10));
  center_.WaitUntilDelivered(kPatience);
  const std::vector<std::string> codes = Codes();
  ASSERT_GE(codes.size(), 8u);
  ordered_json report = RunJson({"reconcile", "--target", "portal", "--all"}, 0);
  EXPECT_THAT(KindsOf(report), IsEmpty());
  EXPECT_EQ(report["summary"]["equal"], codes.size());
  EXPECT_EQ(report["summary"]["equalShare"], 1.0);

  ordered_json changed = RecordThere(codes[1]);
  changed["TrangThaiHoSo"] = changed["TrangThaiHoSo"] == "5" ? "4" : "5";
  ordered_json foreign = RecordThere(codes[3]);
  const ordered_json right = foreign;
  foreign["MaTTHC"] = "9.999999";
  const std::vector<std::string> steps = StepsThere(codes[2]);
  // The portal keeps the record of the third dossier and loses its steps.
  ChangePortal({Forgotten(codes[0]), Received(Effect::Kind::kRecords, changed),
                Received(Effect::Kind::kRecords, foreign), Forgotten(codes[2]),
                Received(Effect::Kind::kRecords, RecordThere(codes[2]))});

  report = RunJson({"reconcile", "--all"}, 1);
  EXPECT_THAT(KindsOf(report), UnorderedElementsAre(std::pair(codes[0], "missing"), std::pair(codes[1], "stale"),
                                                    std::pair(codes[2], "stale"), std::pair(codes[3], "foreign")));
  const ProgramResult as_text = Run({"reconcile", "--all", "--repair"});
  EXPECT_EQ(as_text.status, 1) << "the foreign record stays";
  EXPECT_THAT(as_text.output, HasSubstr("đã yêu cầu gửi lại"));
  EXPECT_THAT(as_text.output, HasSubstr("khác TrangThaiHoSo"));
  EXPECT_THAT(as_text.output, Not(HasSubstr("Nguyễn"))) << "no personal data";

  center_.WaitUntilDelivered(kPatience);
  EXPECT_THAT(KindsOf(RunJson({"reconcile", "--all"}, 1)), UnorderedElementsAre(std::pair(codes[3], "foreign")));
  ChangePortal({Received(Effect::Kind::kRecords, right)});
  EXPECT_THAT(KindsOf(RunJson({"reconcile", "--all"}, 0)), IsEmpty());
  EXPECT_EQ(StepsThere(codes[2]), steps) << "each once";
  EXPECT_THAT(center_.Differences(), IsEmpty());
}

TEST_F(ReconcileE2eTest, WorksWithoutARunningSyncAndReleasesTheLease) {
  center_.StartSync();
  center_.WorkFor(absl::Seconds(1), absl::Milliseconds(10));
  center_.WaitUntilDelivered(kPatience);
  EXPECT_EQ(center_.StopSync(), 0);
  center_.WorkFor(absl::Milliseconds(300), absl::Milliseconds(10));
  const int64_t pending = center_.Target().progress().pending_count();
  ASSERT_GT(pending, 0);
  const ordered_json report = RunJson({"reconcile", "--all"}, 0);
  const int64_t waiting = report["summary"]["waiting"].get<int64_t>();
  EXPECT_GT(waiting, 0);
  EXPECT_LE(waiting, pending) << "a note makes a dossier pending but changes nothing at the target";
  EXPECT_EQ(report["summary"]["equal"], static_cast<int64_t>(center_.dossier_count()) - waiting);
  EXPECT_EQ(report["summary"]["dossiers"], center_.dossier_count());
  EXPECT_EQ(center_.Target().lease().holder(), "");
  // A sample has the given size, and the same seed draws the same dossiers.
  const ordered_json sample = RunJson({"reconcile", "--sample", "3", "--seed", "7"}, 0);
  EXPECT_EQ(sample["summary"]["dossiers"], 3);
  EXPECT_EQ(RunJson({"reconcile", "--sample", "3", "--seed", "7"}, 0), sample);
  EXPECT_EQ(RunJson({"reconcile", "--from", "2020-01-01", "--to", "2020-12-31"}, 0)["summary"]["dossiers"], 0);
  EXPECT_EQ(Run({"reconcile"}).status, 2);
  EXPECT_EQ(Run({"reconcile", "--all", "--sample", "3"}).status, 2);
  EXPECT_EQ(Run({"reconcile", "--all", "--target", "khong-co"}).status, 2);
  EXPECT_EQ(Run({"reconcile", "--from", "31/12/2026"}).status, 2);
  center_.StartSync();
  center_.WaitUntilDelivered(kPatience);
  EXPECT_THAT(center_.Differences(), IsEmpty());
}

// A dossier that changes between our reading and the portal's answer shows no difference.
TEST_F(ReconcileE2eTest, FindsNoDifferenceInDossiersThatAreBeingSent) {
  center_.StartSync();
  center_.WorkFor(absl::Seconds(1), absl::Milliseconds(5));
  for (int round = 0; round < 5; ++round) {
    auto reconcile =
        Process::Start({.program = TTHC_SYNC_PROGRAM,
                        .arguments = {"reconcile", "--all", "-o", "json", "--config", PathOf("sync.textproto")}});
    ASSERT_TRUE(reconcile.ok()) << reconcile.status();
    center_.WorkFor(absl::Seconds(1), absl::Milliseconds(3));
    const auto output = (*reconcile)->ReadToEnd(kPatience);
    const auto status = (*reconcile)->Wait(kPatience);
    ASSERT_TRUE(status.ok()) << status.status();
    EXPECT_EQ(*status, 0) << output.value_or("") << (*reconcile)->Stderr();
  }
  center_.WaitUntilDelivered(kPatience);
  EXPECT_THAT(center_.Differences(), IsEmpty());
}

TEST_F(ReconcileE2eTest, ReportsThatThePortalDoesNotAnswer) {
  center_.StartSync();
  center_.WorkFor(absl::Seconds(1), absl::Milliseconds(50));
  center_.WaitUntilDelivered(kPatience);
  center_.KillPortal();
  const ProgramResult result = Run({"reconcile", "--all"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("không trả lời được"));
  EXPECT_THAT(result.output, Not(HasSubstr("thiếu "))) << "no answer is no difference";
  EXPECT_EQ(RunJson({"reconcile", "--all"}, 1)["error"], "TARGET_UNREACHABLE");
}

// Under every fault of the simulator.
TEST(ReconcileUnderFaultsE2eTest, TakesNoFaultForADifference) {
  MirroredCenter center({.faults = "all=0.02,slow_max=200ms,down_max=300ms,retry_after_max=1s", .seed = TestSeed()});
  center.StartSync();
  center.WorkFor(absl::Seconds(2), absl::Milliseconds(10));
  center.WaitUntilDelivered(absl::Seconds(90));
  const ProgramResult result = RunProgram(
      {.program = TTHC_SYNC_PROGRAM,
       .arguments = {"reconcile", "--all", "-o", "json", "--config", center.directory().path() + "/sync.textproto"}},
      absl::Seconds(120));
  const ordered_json report = ordered_json::parse(result.output, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.output << result.errors;
  ASSERT_TRUE(report.contains("summary")) << result.output << result.errors;
  for (const char* const kind : {"missing", "stale", "foreign"}) EXPECT_EQ(report["summary"][kind], 0) << result.output;
  EXPECT_GE(report["summary"]["equal"], static_cast<int64_t>(center.dossier_count()) - 3) << result.output;
}

class PullE2eTest : public ReconcileE2eTest {
 protected:
  void SetUp() override {
    const std::string config = Read(PathOf("sync.textproto"));
    const std::vector<std::string> parts = absl::StrSplit(config, "base_url: \"");
    portal_url_ = parts.back().substr(0, parts.back().find('"'));
    const std::string with_office =
        absl::StrReplaceAll(config, {{"  worker_count:", "  pull_office: \"offices/H24.99.1\"\n  worker_count:"}});
    std::ofstream(PathOf("sync.textproto")) << with_office << "targets { id: \"igate\" profile: \"igate\" base_url: \""
                                            << portal_url_ << "\" username: \"demo\" password { file: \""
                                            << PathOf("password") << "\" } pull_office: \"offices/H24.99.1\" }\n";
  }

  // Files a dossier with iGate and returns its code there.
  std::string FileOnline(const std::string& procedure) {
    sync::CurlHttp http({.tls = {}, .key_password = "", .proxy = "", .connect_timeout = absl::Seconds(5)});
    sync::HttpRequest request;
    request.url = portal_url_ + "/_sim/online";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = ordered_json({{"procedure_code", procedure},
                                 {"applicant", "Trần Thị Mẫu"},
                                 {"id_number", "000000000012"},
                                 {"phone", "0900000000"},
                                 {"summary", "Đề nghị mẫu"}})
                       .dump();
    request.timeout = absl::Seconds(10);
    const auto response = http.Send(request, nullptr);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return "";
    const ordered_json answer = ordered_json::parse(response->body, nullptr, false);
    return answer.is_object() ? answer.value("code", "") : "";
  }

  tthc::v1::Dossier Get(const std::string& alias) {
    tthc::v1::GetDossierRequest request;
    request.set_name("dossiers/" + alias);
    const auto dossier = center_.client().GetDossier(request);
    EXPECT_TRUE(dossier.ok()) << dossier.status();
    return dossier.value_or(tthc::v1::Dossier());
  }

  void Accept(const std::string& name) {
    tthc::v1::AppendEventRequest request;
    request.set_parent(name);
    request.mutable_event()->mutable_accepted()->set_unit("units/hcc");
    request.mutable_event()->mutable_accepted()->set_officer("officers/hcc02");
    const auto accepted = center_.client().AppendEvent(request);
    EXPECT_TRUE(accepted.ok()) << accepted.status();
  }

  // Waits until `holds` returns true.
  static bool Eventually(const std::function<bool()>& holds) {
    const auto sleep = sdk::RetryEnvironment::System().sleep;
    const absl::Time end = absl::Now() + kPatience;
    while (absl::Now() < end) {
      if (holds()) return true;
      sleep(absl::Milliseconds(50));
    }
    return false;
  }

  bool WaitForDossiers(size_t count) {
    return Eventually([&] { return Codes().size() == count; });
  }

  bool WaitForTarget(const std::string& id) {
    tthc::v1::GetMirrorTargetRequest request;
    request.set_name("mirrorTargets/" + id);
    return Eventually([&] { return center_.client().GetMirrorTarget(request).ok(); });
  }

  // Waits until igate has the status.
  bool HasStatusThere(const std::string& code, const std::string& status) {
    return Eventually([&] {
      const auto portal = center_.ReadPortal();
      const portal_sim::SimDossier* const dossier = portal->Find("igate", code);
      return dossier != nullptr && dossier->status() == status;
    });
  }

  // The portal loses the confirmations, as if the pull had been killed before it sent them.
  void ForgetConfirmations() {
    center_.KillPortal();
    const std::vector<std::string> lines = absl::StrSplit(Read(PathOf("portal.jsonl")), '\n', absl::SkipEmpty());
    {
      std::ofstream journal(PathOf("portal.jsonl"), std::ios::trunc);
      for (const std::string& line : lines) {
        if (!absl::StrContains(line, "\"op\":\"received\"")) journal << line << "\n";
      }
    }
    center_.StartPortal();
  }

  std::string portal_url_;
};

TEST_F(PullE2eTest, RegistersAFilingOnceAndSendsItsStatusBack) {
  const std::string code = FileOnline("1.004873");
  ASSERT_FALSE(code.empty());
  // The dossier is filed there and not registered here: reconcile reports it.
  center_.StartSync();
  ASSERT_TRUE(WaitForTarget("igate")) << "the first acquisition creates it";
  ordered_json report = RunJson({"reconcile", "--target", "igate", "--all"}, 1);
  EXPECT_THAT(KindsOf(report), UnorderedElementsAre(std::pair(code, "filing")));

  ordered_json counts = RunJson({"pull", "--target", "igate"}, 0);
  EXPECT_EQ(counts["registered"], 1);
  EXPECT_EQ(counts["confirmed"], 1);
  counts = RunJson({"pull", "--target", "igate"}, 0);
  EXPECT_EQ(counts["filed"], 0) << "it was confirmed";
  ForgetConfirmations();
  counts = RunJson({"pull", "--target", "igate"}, 0);
  EXPECT_EQ(counts["known"], 1);
  EXPECT_EQ(counts["registered"], 0);
  EXPECT_EQ(counts["confirmed"], 1);
  ASSERT_EQ(Codes().size(), 1u) << "once";

  const tthc::v1::Dossier filed = Get(code);
  EXPECT_EQ(filed.state(), tthc::v1::Dossier::STATE_SUBMITTED);
  EXPECT_EQ(filed.request().applicant().display_name(), "Trần Thị Mẫu");
  EXPECT_EQ(filed.request().channel(), tthc::v1::CHANNEL_ONLINE);
  Accept(filed.name());
  EXPECT_TRUE(HasStatusThere(code, "2"));
  tthc::v1::AppendEventRequest forward = ForwardRequest(Get(code).name());
  EXPECT_TRUE(center_.client().AppendEvent(forward).ok());
  EXPECT_TRUE(HasStatusThere(code, "4"));
  EXPECT_THAT(KindsOf(RunJson({"reconcile", "--target", "igate", "--all"}, 0)), IsEmpty());
}

TEST_F(PullE2eTest, AFilingThatCannotBeRegisteredDoesNotHoldBackOthers) {
  const std::string strange = FileOnline("9.999999");
  const std::string code = FileOnline("1.004873");
  const ProgramResult result = Run({"pull", "--target", "igate"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr(strange));
  EXPECT_THAT(result.errors, Not(HasSubstr("Mẫu")));
  EXPECT_EQ(Get(code).state(), tthc::v1::Dossier::STATE_SUBMITTED);
  const auto portal = center_.ReadPortal();
  EXPECT_TRUE(portal->Find("igate", code)->received);
  EXPECT_FALSE(portal->Find("igate", strange)->received) << "it is listed again until the catalogue has its procedure";
  const ordered_json counts = RunJson({"pull", "--target", "igate"}, 1);
  EXPECT_EQ(counts["filed"], 1);
  EXPECT_EQ(counts["refused"], 1);
}

TEST_F(PullE2eTest, RegistersRecordsFromAFile) {
  EXPECT_EQ(Run({"pull", "--target", "portal"}).status, 2) << "it has no list";
  const std::string filing = R"([{"MaHoSo":"000.00.01.H99-261112-0007","MaTTHC":"1.004873","ChuHoSo":"Lê Thị Mẫu",
    "LoaiDoiTuong":"1","NgayNopHoSo":"20261112081500","TrichYeuHoSo":"Đề nghị mẫu"}])";
  std::ofstream(PathOf("filing.json")) << filing;
  EXPECT_EQ(RunJson({"pull", "--target", "portal", "--file", PathOf("filing.json")}, 0)["registered"], 1);
  const ProgramResult again = Run({"pull", "--target", "portal", "--file", "-"}, filing);
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("đã có 1"));
  EXPECT_EQ(Codes().size(), 1u);
  // It is sent under the code that the portal gave it.
  Accept(Get("000.00.01.H99-261112-0007").name());
  center_.StartSync();
  center_.WaitUntilDelivered(kPatience);
  EXPECT_EQ(RecordThere("000.00.01.H99-261112-0007").value("TrangThaiHoSo", ""), "2");
}

TEST_F(PullE2eTest, PullsAtIntervalsWhileMirroring) {
  const std::string config = Read(PathOf("sync.textproto"));
  std::ofstream(PathOf("sync.textproto")) << absl::StrReplaceAll(
      config,
      {{"pull_office: \"offices/H24.99.1\" }", "pull_office: \"offices/H24.99.1\" pull_interval { seconds: 10 } }"}});
  const std::string code = FileOnline("1.004873");
  center_.StartSync();
  EXPECT_TRUE(WaitForDossiers(1)) << "at once";
  Accept(Get(code).name());
  EXPECT_TRUE(HasStatusThere(code, "2"));
  FileOnline("1.004873");
  EXPECT_TRUE(WaitForDossiers(2)) << "and again after the interval";
  const absl::Time stop = absl::Now();
  EXPECT_EQ(center_.StopSync(), 0);
  EXPECT_LT(absl::Now() - stop, absl::Seconds(8)) << "stopping does not wait for the interval";
}

TEST_F(ReconcileE2eTest, ComparesThePortalsFiguresWithOurs) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(center_.client().CreateDossier(AcceptRequest()).ok());
  sync::ScriptedServer portal([](int) {
    const std::string body =
        R"({"code":"OK","data":[{"departmentId":"401234","departmentName":"Xã Mẫu","totalReceived":2,
            "totalOnTime":0,"totalOverdue":null,"totalCompleted":0,"avgProcessingDays":null}]})";
    return sync::ScriptedServer::Reply{
        .bytes = absl::StrReplaceAll(sync::ScriptedServer::Ok(body), {{"200 OK", "201 Created"}})};
  });
  const std::string year = absl::FormatTime("%Y", absl::Now(), absl::FixedTimeZone(7 * 3600));
  const std::vector<std::string> arguments = {"figures",    "--period",   year,       "--department",          "401234",
                                              "--base-url", portal.url(), "--server", center_.server_address()};
  const ordered_json figures = RunJson(arguments, 0);
  EXPECT_EQ(figures["portal"]["received"], 2.0);
  EXPECT_EQ(figures["ours"]["received"], 3.0);
  EXPECT_EQ(figures["difference"]["received"], 1.0);
  EXPECT_EQ(figures["portal"]["onTime"], 0.0);
  EXPECT_TRUE(figures["portal"]["overdue"].is_null());
  EXPECT_TRUE(figures["difference"]["overdue"].is_null());
  EXPECT_EQ(figures["ours"]["overdue"], 0.0);
  EXPECT_TRUE(figures["ours"]["meanWorkingDays"].is_null()) << "nothing was finished";
  const ProgramResult table = Run(arguments);
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.output, HasSubstr("Xã Mẫu"));
  EXPECT_THAT(table.output, HasSubstr("–"));
  EXPECT_EQ(Run({"figures", "--period", "2026-13", "--department", "1", "--base-url", portal.url()}).status, 2);
  EXPECT_EQ(Run({"figures", "--period", "2026", "--department", "1", "--base-url", "http://a.invalid"}).status, 2);
}

}  // namespace
}  // namespace tthc::testing
