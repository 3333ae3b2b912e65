#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/cli_app.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/scratch_directory.h"
#include "tthc/v1/mirror_service.grpc.pb.h"

// tthc mirror: what it asks of the server, what it shows, how it ends. What the server does with it is for tests with
// the real one (tests/e2e/cli).
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Answers with what the test put there, and notes what was asked.
class PreparedMirror final : public v1::MirrorService::Service {
 public:
  PreparedMirror() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~PreparedMirror() override { server_->Shutdown(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status ListMirrorTargets(grpc::ServerContext*, const v1::ListMirrorTargetsRequest* request,
                                 v1::ListMirrorTargetsResponse* response) override {
    for (const v1::MirrorTarget& target : targets) {
      if (!target.retired() || request->show_retired()) *response->add_targets() = target;
    }
    return Result();
  }
  grpc::Status UpdateMirrorTarget(grpc::ServerContext*, const v1::UpdateMirrorTargetRequest* request,
                                  v1::MirrorTarget* response) override {
    updates.push_back(*request);
    *response = targets[0];
    response->set_paused(request->action() == v1::UpdateMirrorTargetRequest::PAUSE);
    response->set_pause_reason(request->reason());
    return Result();
  }
  // Pages of two.
  grpc::Status ListMirrorItems(grpc::ServerContext*, const v1::ListMirrorItemsRequest* request,
                               v1::ListMirrorItemsResponse* response) override {
    lists.push_back(*request);
    std::vector<v1::MirrorItem> fitting;
    for (const v1::MirrorItem& item : items) {
      const bool fits = request->error_reason().empty() || item.last_error().reason() == request->error_reason();
      if (fits) fitting.push_back(item);
    }
    const size_t from = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    const size_t end = std::min(fitting.size(), from + std::min<size_t>(2, static_cast<size_t>(request->page_size())));
    for (size_t i = from; i < end; ++i) *response->add_items() = fitting[i];
    if (end < fitting.size()) response->set_next_page_token(absl::StrCat(end));
    response->set_total_size(static_cast<int64_t>(items.size()));
    return Result();
  }
  grpc::Status GetMirrorItems(grpc::ServerContext*, const v1::GetMirrorItemsRequest* request,
                              v1::GetMirrorItemsResponse* response) override {
    gets.push_back(*request);
    for (const v1::MirrorItem& item : items) *response->add_items() = item;
    return Result();
  }
  grpc::Status RetryMirrorItems(grpc::ServerContext*, const v1::RetryMirrorItemsRequest* request,
                                v1::RetryMirrorItemsResponse* response) override {
    retries.push_back(*request);
    const int64_t asked = request->dossiers().empty() ? request->count_max() : request->dossiers_size();
    response->set_retried(std::min<int64_t>(asked, static_cast<int64_t>(items.size())));
    // What is retried comes back at once.
    response->set_parked(static_cast<int64_t>(items.size()));
    return Result();
  }
  grpc::Status SkipMirrorItem(grpc::ServerContext*, const v1::SkipMirrorItemRequest* request,
                              v1::MirrorItem* response) override {
    skips.push_back(*request);
    response->set_name(absl::StrCat(request->name(), "/items/", "H24.99.1-261126-0001"));
    response->set_dossier("dossiers/H24.99.1-261126-0001");
    response->set_state(v1::MirrorItem::SKIPPED);
    return Result();
  }

  std::vector<v1::MirrorTarget> targets;
  std::vector<v1::MirrorItem> items;
  absl::Status error;

  std::vector<v1::UpdateMirrorTargetRequest> updates;
  std::vector<v1::ListMirrorItemsRequest> lists;
  std::vector<v1::GetMirrorItemsRequest> gets;
  std::vector<v1::RetryMirrorItemsRequest> retries;
  std::vector<v1::SkipMirrorItemRequest> skips;

 private:
  grpc::Status Result() const {
    if (error.ok()) return grpc::Status::OK;
    const google::rpc::Status rpc = ToRpcStatus(error);
    return grpc::Status(static_cast<grpc::StatusCode>(rpc.code()), rpc.message(), rpc.SerializeAsString());
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

class MirrorCommandsTest : public ::testing::Test {
 protected:
  Ended Run(const std::vector<std::string>& arguments) {
    std::istringstream in(input_);
    std::ostringstream out;
    std::ostringstream err;
    const Environment environment{
        .in = &in,
        .out = &out,
        .err = &err,
        .in_is_terminal = asks_,
        .out_is_terminal = false,
        .err_is_terminal = false,
        .width = 100,
        .getenv =
            [this](const char* name) { return std::string(name) == "TTHC_SERVER" ? server_.address() : std::string(); },
        .clock = &clock_,
        .retry = {.clock = &clock_,
                  .sleep = [this](absl::Duration delay) { clock_.Advance(delay); },
                  .uniform = [] { return 0.5; }}};
    const int code = RunCli(arguments, environment);
    return {code, out.str(), err.str()};
  }

  static google::protobuf::Timestamp Time(const char* text) { return ToProto(*ParseLocalTime(text)); }

  v1::MirrorTarget& AddTarget(const std::string& id) {
    v1::MirrorTarget& target = server_.targets.emplace_back();
    target.set_name(absl::StrCat("mirrorTargets/", id));
    target.set_display_name("Cổng Dịch vụ công quốc gia");
    target.mutable_lease()->set_holder("tthc-sync@may-chu-1/4711");
    *target.mutable_lease()->mutable_expire_time() = Time("2026-11-26T10:00:15");
    target.mutable_condition()->set_state(v1::MirrorCondition::HEALTHY);
    *target.mutable_condition()->mutable_last_success_time() = Time("2026-11-26T09:59:58");
    v1::MirrorProgress& progress = *target.mutable_progress();
    progress.set_owed(5'000);
    progress.set_confirmed(4'999);
    progress.set_parked(1);
    progress.set_confirmed_share(4'999.0 / 5'000);
    progress.set_compaction_margin(1'000'000);
    return target;
  }

  v1::MirrorItem& AddItem(const std::string& tail, const std::string& reason = "REFUSED") {
    v1::MirrorItem& item = server_.items.emplace_back();
    item.set_name(absl::StrCat("mirrorTargets/dvcqg/items/H24.99.1-261126-", tail));
    item.set_dossier(absl::StrCat("dossiers/H24.99.1-261126-", tail));
    item.set_state(v1::MirrorItem::PARKED);
    item.set_attempts(1);
    item.mutable_last_error()->set_reason(reason);
    item.mutable_last_error()->set_code("-5");
    item.mutable_last_error()->set_message("Sai mã thủ tục");
    *item.mutable_last_error()->mutable_error_time() = Time("2026-11-25T16:05");
    return item;
  }

  PreparedMirror server_;
  testing::ScratchDirectory scratch_;
  std::string input_;
  bool asks_ = false;
  ManualClock clock_{*ParseLocalTime("2026-11-26T10:00")};
};

// --- mirror ----------------------------------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, WithoutTargetsItSaysHowToBegin) {
  const Ended ended = Run({"mirror"});
  EXPECT_EQ(ended.code, kExitOk);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("tthc-sync check"), HasSubstr("docs/vi/dong-bo.md")));
  EXPECT_EQ(Run({"mirror", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(Run({"mirror", "parked"}).code, kExitNotFound);
}

TEST_F(MirrorCommandsTest, TheOverviewTellsHowEachTargetIs) {
  v1::MirrorProgress& progress = *AddTarget("dvcqg").mutable_progress();
  progress.set_pending(20);
  progress.set_lag_events(1'234);
  progress.mutable_lag_time()->set_seconds(26 * 3'600);
  const Ended ended = Run({"mirror"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("dvcqg  bình thường\n"), HasSubstr("4.999/5.000 hồ sơ · 99,98 %"),
                               HasSubstr("chờ gửi 20 · chờ xử lý 1 · bỏ qua 0"),
                               HasSubstr("1.234 thay đổi, việc cũ nhất chờ 1 ngày 2 giờ"),
                               HasSubstr("tthc-sync@may-chu-1/4711 · giữ đến 26/11/2026 10:00:15")));
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_THAT(Run({"mirror", "--lang", "en"}).out, AllOf(HasSubstr("dvcqg  healthy\n"), HasSubstr("99.98 %")));
  EXPECT_THAT(Run({"mirror", "-o", "csv"}).out, HasSubstr(",5000,4999,99.9800,20,1,0,1234,93600\n"));
  EXPECT_THAT(Run({"mirror", "-o", "jsonl"}).out, HasSubstr(R"("lagTime":"93600s")"));
}

TEST_F(MirrorCommandsTest, TroubleStandsInTheHeadline) {
  v1::MirrorTarget& target = AddTarget("dvcqg");
  target.mutable_condition()->set_state(v1::MirrorCondition::UNREACHABLE);
  target.mutable_condition()->set_error("NO_ANSWER");
  *target.mutable_condition()->mutable_next_try_time() = Time("2026-11-26T10:00:40");
  EXPECT_THAT(Run({"mirror"}).out, AllOf(HasSubstr("dvcqg  không liên lạc được, thử lại lúc 26/11/2026 10:00:40\n"),
                                         HasSubstr("không trả lời (NO_ANSWER)")));
  target.mutable_condition()->set_state(v1::MirrorCondition::LOGIN_REFUSED);
  EXPECT_THAT(Run({"mirror"}).out, HasSubstr("dvcqg  sai đăng nhập"));
  target.clear_condition();
  EXPECT_THAT(Run({"mirror"}).out, HasSubstr("dvcqg  vừa nối lại"));
  *target.mutable_lease()->mutable_expire_time() = Time("2026-11-26T09:00");
  EXPECT_THAT(Run({"mirror"}).out, AllOf(HasSubstr("không có tthc-sync nào đang gửi"), HasSubstr("đã hết hạn lúc")));
  target.set_paused(true);
  target.set_pause_reason("Cổng bảo trì");
  EXPECT_THAT(Run({"mirror"}).out, HasSubstr("dvcqg  tạm dừng: Cổng bảo trì\n"));
  target.set_retired(true);
  EXPECT_THAT(Run({"mirror"}).out, Not(HasSubstr("dvcqg")));
  EXPECT_THAT(Run({"mirror", "--retired"}).out, HasSubstr("dvcqg  đã ngừng dùng: Cổng bảo trì\n"));
}

TEST_F(MirrorCommandsTest, ItWarnsBeforeCompactionGoesOn) {
  v1::MirrorProgress& progress = *AddTarget("dvcqg").mutable_progress();
  progress.set_compaction_margin(200'000);
  EXPECT_THAT(Run({"mirror"}).err, IsEmpty());
  progress.set_compaction_margin(199'999);
  EXPECT_THAT(Run({"mirror"}).err, HasSubstr("dvcqg: chậm thêm 199.999 thay đổi nữa"));
  progress.set_compaction_margin(-1);
  EXPECT_THAT(Run({"mirror"}).err, HasSubstr("không mất hồ sơ nào"));
}

TEST_F(MirrorCommandsTest, CountsThatAreNotCompleteSaySo) {
  v1::MirrorProgress& progress = *AddTarget("dvcqg").mutable_progress();
  progress.Clear();
  progress.set_counting(true);
  EXPECT_THAT(Run({"mirror"}).out, AllOf(HasSubstr("0/0 hồ sơ · đang đếm lại, chưa đủ"), Not(HasSubstr("%"))));
}

// --- mirror parked, pending, skipped ---------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, TheOnlyTargetNeedNotBeNamed) {
  AddTarget("dvcqg");
  EXPECT_EQ(Run({"mirror", "parked"}).code, kExitOk);
  EXPECT_EQ(server_.lists.back().name(), "mirrorTargets/dvcqg");
  EXPECT_EQ(Run({"mirror", "parked", "mirrorTargets/tinh"}).code, kExitOk);
  EXPECT_EQ(server_.lists.back().name(), "mirrorTargets/tinh");
  AddTarget("tinh");
  const Ended ended = Run({"mirror", "parked"});
  EXPECT_EQ(ended.code, kExitUsage);
  EXPECT_THAT(ended.err, HasSubstr("dvcqg, tinh"));
  EXPECT_EQ(Run({"mirror", "parked", "tinh"}).code, kExitOk);
}

TEST_F(MirrorCommandsTest, ParkedDossiersAreListedWithTheirReason) {
  AddTarget("dvcqg");
  for (const char* tail : {"0001", "0002", "0003"}) AddItem(tail);
  AddItem("0004", "FIELD_MISSING");
  const Ended ended = Run({"mirror", "parked", "dvcqg"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("H24.99.1-261126-0001  hệ thống nhận từ chối"), HasSubstr("Sai mã thủ tục"),
                               HasSubstr("25/11/2026 16:05"), HasSubstr("0004  thiếu thông tin bắt buộc")));
  EXPECT_THAT(ended.err, HasSubstr("4 trong số 4\n"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::PARKED);
  EXPECT_THAT(Run({"mirror", "parked", "--reason", "REFUSED"}).err, HasSubstr("3; mọi lý do: 4\n"));
  EXPECT_THAT(Run({"mirror", "parked", "--limit", "3"}).err, HasSubstr("3 trong số 4; thêm: --all"));
  EXPECT_THAT(Run({"mirror", "parked", "--limit", "2"}).out, Not(HasSubstr("0003")));
  EXPECT_THAT(Run({"mirror", "parked", "-o", "csv"}).out,
              HasSubstr("\nH24.99.1-261126-0004,FIELD_MISSING,'-5,Sai mã thủ tục,25/11/2026 16:05,1\n"));
}

TEST_F(MirrorCommandsTest, ASpreadsheetHoldsAllOfThem) {
  AddTarget("dvcqg");
  for (const char* tail : {"0001", "0002", "0003", "0004", "0005"}) AddItem(tail);
  const std::string path = absl::StrCat(scratch_.path(), "/cho.xlsx");
  EXPECT_EQ(Run({"mirror", "parked", "dvcqg", "--limit", "1", "--out", path}).code, kExitOk);
  std::ifstream file(path, std::ios::binary);
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}), ::testing::StartsWith("PK"));
  EXPECT_THAT(server_.lists, SizeIs(3));
}

TEST_F(MirrorCommandsTest, PendingAndSkippedHaveColumnsOfTheirOwn) {
  AddTarget("dvcqg");
  v1::MirrorItem& item = AddItem("0001", "BUSY");
  *item.mutable_next_try_time() = Time("2026-11-26T10:00:33");
  EXPECT_THAT(Run({"mirror", "pending"}).out, HasSubstr("26/11/2026 10:00:33"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::PENDING);
  *item.mutable_decision_time() = Time("2026-11-26T09:00");
  item.set_decision_actor("officers/lanh-dao");
  item.set_decision_reason("Hồ sơ thử");
  EXPECT_THAT(Run({"mirror", "skipped", "-o", "csv"}).out,
              HasSubstr("\nH24.99.1-261126-0001,26/11/2026 09:00,lanh-dao,Hồ sơ thử\n"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::SKIPPED);
}

// --- mirror show -----------------------------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, ShowLaysOutTheExchanges) {
  v1::MirrorItem& item = AddItem("0001");
  item.set_desired_revision(1'240);
  item.set_confirmed_revision(1'200);
  item.set_sent_status("4");
  item.add_confirmed_steps(1'198);
  v1::MirrorExchange& exchange = *item.add_exchanges();
  exchange.set_service("DongBoHoSoMC");
  exchange.set_url("https://truc.invalid/mapi/g");
  *exchange.mutable_send_time() = Time("2026-11-25T16:04:59");
  exchange.mutable_duration()->set_nanos(210'000'000);
  exchange.set_http_status(200);
  exchange.set_request(R"({"data":[{"ChuHoSo":"***"}]})");
  exchange.set_response("\x1b[31m<html>");
  exchange.set_response_cut(true);
  exchange.set_outcome("unreadable");
  const Ended ended = Run({"mirror", "show", "0001"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(server_.gets.back().dossier(), "dossiers/0001");
  EXPECT_EQ(server_.gets.back().view(), v1::MIRROR_EXCHANGE_VIEW_MASKED);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("dvcqg  chờ xử lý\n"), HasSubstr("(REFUSED), mã -5: Sai mã thủ tục"),
                               HasSubstr("tthc amend"), HasSubstr("đã xác nhận đến 1200, mới nhất 1240")));
  EXPECT_THAT(
      ended.out,
      AllOf(HasSubstr("→ 25/11/2026 16:04:59 · DongBoHoSoMC · HTTP 200 · 0,21 giây · không đọc được\n"),
            HasSubstr("          \"ChuHoSo\": \"***\"\n"), HasSubstr("Nhận (bị cắt bớt)\n      ·[31m<html>\n")));
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Run({"mirror", "show", "0001", "-o", "csv"}).out, HasSubstr("dvcqg,H24.99.1-261126-0001,chờ xử lý,4,"));
  EXPECT_THAT(Run({"mirror", "show", "0001", "-o", "jsonl"}).out, HasSubstr(R"("duration":"0.210s")"));
}

TEST_F(MirrorCommandsTest, RawIsAskedForAndSaysThatItIsLogged) {
  AddItem("0001");
  const Ended ended = Run({"mirror", "show", "0001", "--raw"});
  EXPECT_EQ(ended.code, kExitOk);
  EXPECT_EQ(server_.gets.back().view(), v1::MIRROR_EXCHANGE_VIEW_RAW);
  EXPECT_THAT(ended.err, HasSubstr("ghi nhật ký"));
}

// --- mirror retry ----------------------------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, RetryTakesATargetAndDossiers) {
  AddTarget("dvcqg");
  AddItem("0001");
  AddItem("0002");
  const Ended ended = Run({"mirror", "retry", "dvcqg", "0001", "dossiers/0002", "--note", "Đã sửa danh mục"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_THAT(server_.retries.back().dossiers(), ElementsAre("dossiers/0001", "dossiers/0002"));
  EXPECT_EQ(server_.retries.back().name(), "mirrorTargets/dvcqg");
  EXPECT_EQ(server_.retries.back().reason(), "Đã sửa danh mục");
  EXPECT_FALSE(server_.retries.back().forget_record());
  EXPECT_THAT(ended.out, HasSubstr("dvcqg: gửi lại 2 hồ sơ; còn chờ xử lý 2\n"));
  Run({"mirror", "retry", "0001", "--from-scratch", "--with-steps"});
  EXPECT_EQ(server_.retries.back().name(), "mirrorTargets/dvcqg");
  EXPECT_TRUE(server_.retries.back().forget_record());
  EXPECT_TRUE(server_.retries.back().forget_steps());
}

TEST_F(MirrorCommandsTest, ATargetAloneNeverMeansAll) {
  AddTarget("dvcqg");
  AddItem("0001");
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"mirror", "retry"},
                                             {"mirror", "retry", "dvcqg"},
                                             {"mirror", "retry", "dvcqg", "0001", "--all"},
                                             {"mirror", "retry", "0001", "--limit", "5"},
                                             {"mirror", "retry", "0001", "--reason", "REFUSED"},
                                             {"mirror", "retry", "0001", "--with-steps"},
                                             {"mirror", "retry", "--all", "--from-scratch"}}) {
    EXPECT_EQ(Run(wrong).code, kExitUsage) << ::testing::PrintToString(wrong);
  }
  EXPECT_THAT(server_.retries, IsEmpty());
}

TEST_F(MirrorCommandsTest, AllGoesInPortionsAndEndsThoughTheyComeBack) {
  AddTarget("dvcqg");
  for (int i = 0; i < 2'500; ++i) AddItem(absl::StrCat(10'000 + i));
  const Ended ended = Run({"mirror", "retry", "--all"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  std::vector<int> portions;
  for (const v1::RetryMirrorItemsRequest& request : server_.retries) portions.push_back(request.count_max());
  EXPECT_THAT(portions, ElementsAre(1'000, 1'000, 500));
  EXPECT_THAT(ended.out, HasSubstr("dvcqg: gửi lại 2.500 hồ sơ; còn chờ xử lý 2.500\n"));
  server_.retries.clear();
  EXPECT_THAT(Run({"mirror", "retry", "dvcqg", "--all", "--limit", "7", "-o", "jsonl"}).out,
              HasSubstr(R"("retried":7)"));
  EXPECT_THAT(server_.retries, SizeIs(1));
}

TEST_F(MirrorCommandsTest, AllAsksWhoeverCanBeAsked) {
  AddTarget("dvcqg");
  AddItem("0001");
  AddItem("0002", "FIELD_MISSING");
  asks_ = true;
  Ended ended = Run({"mirror", "retry", "--all", "--reason", "FIELD_MISSING"});
  EXPECT_EQ(ended.code, kExitFailure);
  EXPECT_THAT(ended.err, HasSubstr("dvcqg: gửi lại 1 hồ sơ?"));
  EXPECT_THAT(server_.retries, IsEmpty());
  input_ = "Có\n";
  EXPECT_EQ(Run({"mirror", "retry", "--all", "--reason", "FIELD_MISSING"}).code, kExitOk);
  EXPECT_EQ(server_.retries.back().error_reason(), "FIELD_MISSING");
  input_ = "";
  EXPECT_EQ(Run({"mirror", "retry", "--all", "--yes"}).code, kExitOk);
  server_.items.clear();
  ended = Run({"mirror", "retry", "--all"});
  EXPECT_EQ(ended.code, kExitOk);
  EXPECT_THAT(ended.out, HasSubstr("gửi lại 0 hồ sơ"));
}

// --- mirror skip, pause, resume, retire ------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, SkippingNeedsAReasonAndOneDossier) {
  AddTarget("dvcqg");
  const Ended ended = Run({"mirror", "skip", "0001", "--note", "Tiếp nhận thử"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(server_.skips.back().name(), "mirrorTargets/dvcqg");
  EXPECT_EQ(server_.skips.back().dossier(), "dossiers/0001");
  EXPECT_EQ(server_.skips.back().reason(), "Tiếp nhận thử");
  EXPECT_THAT(ended.out, HasSubstr("H24.99.1-261126-0001: bỏ qua ở dvcqg"));
  EXPECT_THAT(Run({"mirror", "skip", "dvcqg", "0001"}).err, HasSubstr("thiếu --note"));
  EXPECT_EQ(Run({"mirror", "skip", "dvcqg", "--note", "x"}).code, kExitUsage);
  EXPECT_EQ(Run({"mirror", "skip", "dvcqg", "0001", "0002", "--note", "x"}).code, kExitUsage);
  EXPECT_THAT(server_.skips, SizeIs(1));
}

TEST_F(MirrorCommandsTest, TargetsArePausedResumedAndRetired) {
  AddTarget("dvcqg");
  EXPECT_THAT(Run({"mirror", "pause", "--note", "Cổng bảo trì"}).out, HasSubstr("dvcqg  tạm dừng: Cổng bảo trì"));
  EXPECT_EQ(Run({"mirror", "resume", "dvcqg"}).code, kExitOk);
  EXPECT_EQ(Run({"mirror", "retire", "dvcqg", "--note", "Hết thử nghiệm"}).code, kExitOk);
  using Update = v1::UpdateMirrorTargetRequest;
  std::vector<Update::Action> actions;
  for (const Update& update : server_.updates) actions.push_back(update.action());
  EXPECT_THAT(actions, ElementsAre(Update::PAUSE, Update::RESUME, Update::RETIRE));
  EXPECT_EQ(Run({"mirror", "pause", "dvcqg"}).code, kExitUsage);
  EXPECT_EQ(Run({"mirror", "retire", "dvcqg"}).code, kExitUsage);
}

TEST_F(MirrorCommandsTest, ErrorsKeepTheirExitStatus) {
  AddTarget("dvcqg");
  server_.error = MakeError({.code = absl::StatusCode::kFailedPrecondition,
                             .reason = "MIRROR_NOTHING_TO_SKIP",
                             .message = "nothing is owed",
                             .message_vi = "không còn gì phải gửi"});
  const Ended ended = Run({"mirror", "skip", "dvcqg", "0001", "--note", "x"});
  EXPECT_EQ(ended.code, kExitConflict);
  EXPECT_THAT(ended.err, HasSubstr("không còn gì phải gửi"));
}

TEST_F(MirrorCommandsTest, CompletionKnowsTheCommandsAndReasons) {
  const std::string script = Run({"completion", "bash"}).out;
  EXPECT_THAT(script, AllOf(HasSubstr("'mirror retry'"), HasSubstr("'mirror parked --reason'"),
                            HasSubstr("STATUS_UNMAPPED FIELD_MISSING")));
}

}  // namespace
}  // namespace tthc::cli
