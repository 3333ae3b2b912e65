#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/xlsx_file.h"
#include "tests/unit/cli/cli_fixture.h"
#include "tthc/v1/mirror_service.grpc.pb.h"

// What `tthc mirror` asks of the server, what it shows and how it ends.
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class PreparedMirror final : public v1::MirrorService::Service {
 public:
  grpc::Status ListMirrorTargets(grpc::ServerContext*, const v1::ListMirrorTargetsRequest* request,
                                 v1::ListMirrorTargetsResponse* response) override {
    for (const v1::MirrorTarget& target : targets) {
      if (!target.retired() || request->show_retired()) *response->add_targets() = target;
    }
    return Result();
  }
  grpc::Status PauseMirrorTarget(grpc::ServerContext*, const v1::PauseMirrorTargetRequest* request,
                                 v1::MirrorTarget* response) override {
    changes.push_back(absl::StrCat("pause ", request->name(), " ", request->reason()));
    *response = targets[0];
    response->set_paused(true);
    response->set_pause_reason(request->reason());
    return Result();
  }
  grpc::Status ResumeMirrorTarget(grpc::ServerContext*, const v1::ResumeMirrorTargetRequest* request,
                                  v1::MirrorTarget* response) override {
    changes.push_back(absl::StrCat("resume ", request->name(), " ", request->reason()));
    *response = targets[0];
    return Result();
  }
  grpc::Status RetireMirrorTarget(grpc::ServerContext*, const v1::RetireMirrorTargetRequest* request,
                                  v1::MirrorTarget* response) override {
    changes.push_back(absl::StrCat("retire ", request->name(), " ", request->reason()));
    *response = targets[0];
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
  grpc::Status GetMirrorItem(grpc::ServerContext*, const v1::GetMirrorItemRequest* request,
                             v1::MirrorItem* response) override {
    gets.push_back(*request);
    *response = items[0];
    return Result();
  }
  grpc::Status RetryMirrorItems(grpc::ServerContext*, const v1::RetryMirrorItemsRequest* request,
                                v1::RetryMirrorItemsResponse* response) override {
    retries.push_back(*request);
    const int64_t asked = request->names().empty() ? request->count_max() : request->names_size();
    response->set_retried_count(std::min<int64_t>(asked, static_cast<int64_t>(items.size())));
    // As if what is retried were parked again at once.
    response->set_parked_count(static_cast<int64_t>(items.size()));
    return Result();
  }
  grpc::Status SkipMirrorItem(grpc::ServerContext*, const v1::SkipMirrorItemRequest* request,
                              v1::MirrorItem* response) override {
    skips.push_back(*request);
    response->set_name(request->name());
    response->set_dossier(NameOf("0001"));
    response->set_state(v1::MirrorItem::STATE_SKIPPED);
    return Result();
  }

  std::vector<v1::MirrorTarget> targets;
  std::vector<v1::MirrorItem> items;
  absl::Status error;

  // "pause mirrorTargets/… reason".
  std::vector<std::string> changes;
  std::vector<v1::ListMirrorItemsRequest> lists;
  std::vector<v1::GetMirrorItemRequest> gets;
  std::vector<v1::RetryMirrorItemsRequest> retries;
  std::vector<v1::SkipMirrorItemRequest> skips;

 private:
  grpc::Status Result() const { return ToGrpc(error); }
};

class MirrorCommandsTest : public CliTest {
 protected:
  MirrorCommandsTest() { Serve({&server_}); }

  static google::protobuf::Timestamp Time(const char* text) { return ToProto(*ParseLocalTime(text)); }

  v1::MirrorTarget& AddTarget(const std::string& id) {
    v1::MirrorTarget& target = server_.targets.emplace_back();
    target.set_name(absl::StrCat("mirrorTargets/", id));
    target.set_display_name("Cổng Dịch vụ công quốc gia");
    target.mutable_lease()->set_holder("tthc-sync@may-chu-1/4711");
    *target.mutable_lease()->mutable_expire_time() = Time("2026-11-26T10:00:15");
    target.mutable_condition()->set_state(v1::MirrorCondition::STATE_HEALTHY);
    *target.mutable_condition()->mutable_last_success_time() = Time("2026-11-26T09:59:58");
    v1::MirrorProgress& progress = *target.mutable_progress();
    progress.set_total_count(5'000);
    progress.set_confirmed_count(4'999);
    progress.set_parked_count(1);
    progress.set_confirmed_share(4'999.0 / 5'000);
    progress.set_compaction_margin(1'000'000);
    return target;
  }

  static std::string ItemOf(const std::string& tail) {
    return absl::StrCat("mirrorTargets/dvcqg/items/", absl::StripPrefix(NameOf(tail), "dossiers/"));
  }

  v1::MirrorItem& AddItem(const std::string& tail, const std::string& reason = "REFUSED") {
    v1::MirrorItem& item = server_.items.emplace_back();
    item.set_name(ItemOf(tail));
    item.set_dossier(NameOf(tail));
    item.set_state(v1::MirrorItem::STATE_PARKED);
    item.set_attempt_count(1);
    item.mutable_last_error()->set_reason(reason);
    item.mutable_last_error()->set_code("-5");
    item.mutable_last_error()->set_message("Sai mã thủ tục");
    *item.mutable_last_error()->mutable_error_time() = Time("2026-11-25T16:05");
    return item;
  }

  PreparedMirror server_;
};

// --- mirror ----------------------------------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, WithoutTargetsItExplainsTheSetup) {
  const Outcome ended = Run({"mirror"});
  EXPECT_EQ(ended.code, kExitOk);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("tthc-sync check"), HasSubstr("docs/vi/dong-bo.md")));
  EXPECT_EQ(Run({"mirror", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(Run({"mirror", "parked"}).code, kExitNotFound);
}

TEST_F(MirrorCommandsTest, TheOverviewShowsTheConditionOfEachTarget) {
  v1::MirrorProgress& progress = *AddTarget("dvcqg").mutable_progress();
  progress.set_pending_count(20);
  progress.set_lag_event_count(1'234);
  progress.mutable_lag_time()->set_seconds(26 * 3'600);
  const Outcome ended = Run({"mirror"});
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

TEST_F(MirrorCommandsTest, TroubleIsInTheHeadline) {
  v1::MirrorTarget& target = AddTarget("dvcqg");
  target.mutable_condition()->set_state(v1::MirrorCondition::STATE_UNREACHABLE);
  target.mutable_condition()->set_error("NO_ANSWER");
  *target.mutable_condition()->mutable_next_try_time() = Time("2026-11-26T10:00:40");
  EXPECT_THAT(Run({"mirror"}).out, AllOf(HasSubstr("dvcqg  không liên lạc được, thử lại lúc 26/11/2026 10:00:40\n"),
                                         HasSubstr("không trả lời (NO_ANSWER)")));
  target.mutable_condition()->set_state(v1::MirrorCondition::STATE_LOGIN_REFUSED);
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
  EXPECT_EQ(server_.lists.back().parent(), "mirrorTargets/dvcqg");
  EXPECT_EQ(Run({"mirror", "parked", "mirrorTargets/tinh"}).code, kExitOk);
  EXPECT_EQ(server_.lists.back().parent(), "mirrorTargets/tinh");
  AddTarget("tinh");
  const Outcome ended = Run({"mirror", "parked"});
  EXPECT_EQ(ended.code, kExitUsage);
  EXPECT_THAT(ended.err, HasSubstr("dvcqg, tinh"));
  EXPECT_EQ(Run({"mirror", "parked", "tinh"}).code, kExitOk);
}

TEST_F(MirrorCommandsTest, ParkedDossiersAreListedWithTheirReason) {
  AddTarget("dvcqg");
  for (const char* tail : {"0001", "0002", "0003"}) AddItem(tail);
  AddItem("0004", "FIELD_MISSING");
  const Outcome ended = Run({"mirror", "parked", "dvcqg"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("H24.99.1-261126-0001  hệ thống nhận từ chối"), HasSubstr("Sai mã thủ tục"),
                               HasSubstr("25/11/2026 16:05"), HasSubstr("0004  thiếu thông tin bắt buộc")));
  EXPECT_THAT(ended.err, HasSubstr("4 trong số 4\n"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::STATE_PARKED);
  EXPECT_THAT(Run({"mirror", "parked", "--reason", "REFUSED"}).err, HasSubstr("3; mọi lý do: 4\n"));
  EXPECT_THAT(Run({"mirror", "parked", "--limit", "3"}).err, HasSubstr("3 trong số 4; thêm: --all"));
  EXPECT_THAT(Run({"mirror", "parked", "--limit", "2"}).out, Not(HasSubstr("0003")));
  EXPECT_THAT(Run({"mirror", "parked", "-o", "csv"}).out,
              HasSubstr("\nH24.99.1-261126-0004,FIELD_MISSING,'-5,Sai mã thủ tục,25/11/2026 16:05,1\n"));
}

TEST_F(MirrorCommandsTest, ASpreadsheetHoldsAllOfThem) {
  AddTarget("dvcqg");
  for (const char* tail : {"0001", "0002", "0003", "0004", "0005"}) AddItem(tail);
  const std::string path = Path("cho.xlsx");
  ASSERT_EQ(Run({"mirror", "parked", "dvcqg", "--limit", "1", "--out", path}).code, kExitOk);
  EXPECT_THAT(server_.lists, SizeIs(3));
  const std::string sheet = testing::PartsOfXlsx(Read(path))["xl/worksheets/sheet1.xml"];
  for (const char* tail : {"0001", "0002", "0003", "0004", "0005"}) {
    EXPECT_THAT(sheet, HasSubstr(CodeOf(tail))) << "--limit is for the terminal";
  }
  EXPECT_THAT(sheet, AllOf(HasSubstr("hệ thống nhận từ chối"), HasSubstr("Sai mã thủ tục")));
}

TEST_F(MirrorCommandsTest, PendingAndSkippedHaveColumnsOfTheirOwn) {
  AddTarget("dvcqg");
  v1::MirrorItem& item = AddItem("0001", "BUSY");
  *item.mutable_next_try_time() = Time("2026-11-26T10:00:33");
  EXPECT_THAT(Run({"mirror", "pending"}).out, HasSubstr("26/11/2026 10:00:33"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::STATE_PENDING);
  *item.mutable_decision_time() = Time("2026-11-26T09:00");
  item.set_decision_actor("officers/lanh-dao");
  item.set_decision_reason("Hồ sơ thử");
  EXPECT_THAT(Run({"mirror", "skipped", "-o", "csv"}).out,
              HasSubstr("\nH24.99.1-261126-0001,26/11/2026 09:00,lanh-dao,Hồ sơ thử\n"));
  EXPECT_EQ(server_.lists.back().state(), v1::MirrorItem::STATE_SKIPPED);
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
  const Outcome ended = Run({"mirror", "show", "0001"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(server_.lists.back().parent(), "mirrorTargets/-");
  EXPECT_EQ(server_.lists.back().dossier(), NameOf("0001"));
  EXPECT_EQ(server_.lists.back().view(), v1::MIRROR_EXCHANGE_VIEW_MASKED);
  EXPECT_THAT(ended.out, ::testing::StartsWith(CodeOf("0001") + "\n"));
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

TEST_F(MirrorCommandsTest, ShowWithATargetAsksForOneItem) {
  AddItem("0001");
  const Outcome ended = Run({"mirror", "show", "dvcqg", "0001"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(server_.gets.back().name(), ItemOf("0001"));
  EXPECT_THAT(server_.lists, IsEmpty());
  EXPECT_THAT(ended.out, HasSubstr("dvcqg  chờ xử lý\n"));
  EXPECT_EQ(Run({"mirror", "show", "dvcqg", "0001", "0002"}).code, kExitUsage);
}

TEST_F(MirrorCommandsTest, RawViewWarnsThatItIsLogged) {
  AddItem("0001");
  const Outcome ended = Run({"mirror", "show", "0001", "--raw"});
  EXPECT_EQ(ended.code, kExitOk);
  EXPECT_EQ(server_.lists.back().view(), v1::MIRROR_EXCHANGE_VIEW_RAW);
  EXPECT_THAT(ended.err, HasSubstr("ghi nhật ký"));
}

// --- mirror retry ----------------------------------------------------------------------------------------------------

TEST_F(MirrorCommandsTest, RetryTakesATargetAndDossiers) {
  AddTarget("dvcqg");
  AddItem("0001");
  AddItem("0002");
  const Outcome ended = Run({"mirror", "retry", "dvcqg", "0001", NameOf("0002"), "--note", "Đã sửa danh mục"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_THAT(server_.retries.back().names(), ElementsAre(ItemOf("0001"), ItemOf("0002")));
  EXPECT_EQ(server_.retries.back().parent(), "mirrorTargets/dvcqg");
  EXPECT_THAT(server_.retries.back().request_id(), SizeIs(36));
  EXPECT_EQ(server_.retries.back().reason(), "Đã sửa danh mục");
  EXPECT_FALSE(server_.retries.back().resend_record());
  EXPECT_THAT(ended.out, HasSubstr("dvcqg: gửi lại 2 hồ sơ; còn chờ xử lý 2\n"));
  Run({"mirror", "retry", "0001", "--from-scratch", "--with-steps"});
  EXPECT_EQ(server_.retries.back().parent(), "mirrorTargets/dvcqg");
  EXPECT_TRUE(server_.retries.back().resend_record());
  EXPECT_TRUE(server_.retries.back().resend_steps());
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

TEST_F(MirrorCommandsTest, AllIsSentInPortionsAndEndsThoughItemsAreParkedAgain) {
  AddTarget("dvcqg");
  for (int i = 0; i < 2'500; ++i) AddItem(absl::StrCat(10'000 + i));
  const Outcome ended = Run({"mirror", "retry", "--all"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  std::vector<int> portions;
  for (const v1::RetryMirrorItemsRequest& request : server_.retries) portions.push_back(request.count_max());
  EXPECT_THAT(portions, ElementsAre(1'000, 1'000, 500));
  EXPECT_THAT(ended.out, HasSubstr("dvcqg: gửi lại 2.500 hồ sơ; còn chờ xử lý 2.500\n"));
  server_.retries.clear();
  EXPECT_THAT(Run({"mirror", "retry", "dvcqg", "--all", "--limit", "7", "-o", "jsonl"}).out,
              HasSubstr(R"("retriedCount":7)"));
  EXPECT_THAT(server_.retries, SizeIs(1));
}

TEST_F(MirrorCommandsTest, AllAsksForConfirmationAtATerminal) {
  AddTarget("dvcqg");
  AddItem("0001");
  AddItem("0002", "FIELD_MISSING");
  asks_ = true;
  Outcome ended = Run({"mirror", "retry", "--all", "--reason", "FIELD_MISSING"});
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
  const Outcome ended = Run({"mirror", "skip", "0001", "--note", "Tiếp nhận thử"});
  ASSERT_EQ(ended.code, kExitOk) << ended.err;
  EXPECT_EQ(server_.skips.back().name(), ItemOf("0001"));
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
  EXPECT_THAT(server_.changes, ElementsAre("pause mirrorTargets/dvcqg Cổng bảo trì", "resume mirrorTargets/dvcqg ",
                                           "retire mirrorTargets/dvcqg Hết thử nghiệm"));
  EXPECT_EQ(Run({"mirror", "pause", "dvcqg"}).code, kExitUsage);
  EXPECT_EQ(Run({"mirror", "retire", "dvcqg"}).code, kExitUsage);
}

TEST_F(MirrorCommandsTest, ErrorsKeepTheirExitStatus) {
  AddTarget("dvcqg");
  server_.error = MakeError({.code = absl::StatusCode::kFailedPrecondition,
                             .reason = "MIRROR_NOTHING_TO_SKIP",
                             .message = "nothing is pending",
                             .message_vi = "không còn gì phải gửi"});
  const Outcome ended = Run({"mirror", "skip", "dvcqg", "0001", "--note", "x"});
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
