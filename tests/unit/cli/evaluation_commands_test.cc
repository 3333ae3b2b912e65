#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/cli/statistics_fixture.h"

// score, plan, schemes, close, verify.
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using EvaluationCommandsTest = StatisticsCommandsTest;

// --- score, plan, schemes --------------------------------------------------------------------------------------------

TEST_F(EvaluationCommandsTest, TheIndexOf766UsesCalendarQuartersAndShowsWhatIsMissing) {
  server_.scores.mutable_scheme()->set_kind(v1::Scheme::KIND_QUALITY_INDEX);
  server_.scores.mutable_scheme()->set_display_name("Bộ chỉ số 766");
  v1::Score& score = *server_.scores.add_scores();
  score.set_points(19.05);
  score.set_max_points(20);
  score.set_missing_points(6);
  v1::IndicatorScore& progress = *score.add_indicators();
  progress.set_id("2.1");
  progress.set_group("Tiến độ");
  progress.set_display_name("Đúng hạn");
  progress.set_max_points(20);
  progress.set_points(19.0476);
  progress.set_ratio(20.0 / 21);
  progress.set_numerator(20);
  progress.set_denominator(21);
  v1::IndicatorScore& synchronized = *score.add_indicators();
  synchronized.set_id("1.4");
  synchronized.set_group("Công khai");
  synchronized.set_display_name("Đồng bộ");
  synchronized.set_max_points(6);
  const Outcome outcome = Run({"score", "766", "--given", "1.1=6", "--given", "1.2=3,5"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(server_.score_requests[0].kind(), v1::Scheme::KIND_QUALITY_INDEX);
  EXPECT_EQ(server_.score_requests[0].period().scheme(), v1::Period::SCHEME_CALENDAR);
  EXPECT_EQ(server_.score_requests[0].given_points().at("1.1"), 6);
  EXPECT_EQ(server_.score_requests[0].given_points().at("1.2"), 3.5);
  EXPECT_THAT(outcome.out, HasSubstr("19,05   20,00  95,24 %\n"));
  EXPECT_THAT(outcome.out, HasSubstr("–    6,00"));
  EXPECT_THAT(outcome.out, HasSubstr("19,05/20,00 điểm; chưa có số liệu cho 6,00 điểm; xếp loại: chưa xác định được"));
  EXPECT_THAT(Run({"score", "766", "-o", "csv"}).out, HasSubstr("\nCông khai,1.4,Đồng bộ,,6.00,,,,\n"));
}

TEST_F(EvaluationCommandsTest, OfficialsAreRowsWithTheirIndicators) {
  server_.scores.mutable_scheme()->set_kind(v1::Scheme::KIND_OFFICIALS);
  for (const char* id : {"1", "2"}) {
    v1::Indicator& indicator = *server_.scores.mutable_scheme()->add_indicators();
    indicator.set_id(id);
    indicator.set_display_name(absl::StrCat("Chỉ số ", id));
  }
  v1::Score& score = *server_.scores.add_scores();
  score.set_subject("officers/vp01");
  score.set_display_name("Trần Văn Bình");
  score.set_points(1.9);
  score.set_dossier_count(42);
  score.set_band("Hoàn thành 100 %");
  v1::IndicatorScore& first = *score.add_indicators();
  first.set_id("1");
  first.set_points(1.9);
  const Outcome outcome = Run({"score", "officials"});
  EXPECT_THAT(outcome.out, HasSubstr("Trần Văn Bình  1,9  –   1,9     42  Hoàn thành 100 %"));
  EXPECT_EQ(server_.score_requests[0].period().scheme(), v1::Period::SCHEME_REPORTING);
}

TEST_F(EvaluationCommandsTest, ThePlanIsReadableWithoutColors) {
  server_.plan.mutable_scheme()->set_display_name("Kế hoạch của xã");
  *server_.plan.mutable_previous_period()->mutable_start_time() = ToProto(*ParseLocalTime("2026-06-15"));
  *server_.plan.mutable_previous_period()->mutable_end_time() = ToProto(*ParseLocalTime("2026-09-15"));
  v1::PlanResult& satisfied = *server_.plan.add_results();
  satisfied.set_display_name("Hài lòng");
  satisfied.set_direction(v1::Indicator::DIRECTION_AT_LEAST);
  satisfied.set_target(0.9);
  *satisfied.mutable_value() = Share(v1::METRIC_SATISFACTION_RATE, 19, 20);
  *satisfied.mutable_previous() = Share(v1::METRIC_SATISFACTION_RATE, 0, 0);
  satisfied.set_met(true);
  v1::PlanResult& late = *server_.plan.add_results();
  late.set_display_name("Quá hạn");
  late.set_direction(v1::Indicator::DIRECTION_FALLING);
  *late.mutable_value() = Count(v1::METRIC_OPEN_OVERDUE, 5);
  *late.mutable_previous() = Count(v1::METRIC_OPEN_OVERDUE, 3);
  late.set_met(false);
  late.set_trend(v1::PlanResult::TREND_WORSE);
  terminal_ = true;
  const std::string plain = Run({"plan", "--no-color"}).out;
  EXPECT_THAT(plain, AllOf(HasSubstr("≥ 90 %"), HasSubstr("95,00 %         –"), HasSubstr("19/20       0/0\n"),
                           HasSubstr("✓ đạt")));
  EXPECT_THAT(plain, AllOf(HasSubstr("giảm"), HasSubstr("↓ kém đi"), HasSubstr("✗ chưa đạt")));
  EXPECT_THAT(plain, HasSubstr("Kỳ trước: 15/06/2026 – 14/09/2026"));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("\x1b[31m✗ chưa đạt"));
  EXPECT_THAT(Run({"plan", "-o", "csv"}).out, HasSubstr(",Hài lòng,≥ 90 %,\"95,00 % · 19/20\",– · 0/0,–,✓ đạt\n"));
}

TEST_F(EvaluationCommandsTest, SchemesComeAsTextOrJson) {
  const std::string text = Path("bo.textproto");
  std::ofstream(text)
      << "# chú thích\nname: \"schemes/x\" kind: KIND_PLAN indicators { id: \"1\" source: SOURCE_METRICS }\n";
  EXPECT_EQ(Run({"schemes", "import", text, "--dry-run"}).code, kExitOk);
  EXPECT_EQ(server_.scheme_updates[0].scheme().indicators(0).id(), "1");
  EXPECT_TRUE(server_.scheme_updates[0].validate_only());
  EXPECT_TRUE(server_.scheme_updates[0].allow_missing());
  const std::string json = Path("bo.json");
  std::ofstream(json) << R"({"name":"schemes/x","kind":"KIND_PLAN"})";
  EXPECT_EQ(Run({"schemes", "import", json}).code, kExitOk);
  EXPECT_EQ(server_.scheme_updates[1].scheme().kind(), v1::Scheme::KIND_PLAN);
  std::ofstream(text) << "name: \"schemes/x\"\nkind: KIND_PLANN\n";
  const Outcome outcome = Run({"schemes", "import", text});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("bo.textproto"), HasSubstr("KIND_PLANN")));
}

TEST_F(EvaluationCommandsTest, EveryShippedSchemeCanBeRead) {
  int schemes = 0;
  for (const auto& file : std::filesystem::directory_iterator(TTHC_SOURCE_DIR "/deploy/data/schemes")) {
    const Outcome outcome = Run({"schemes", "import", file.path().string()});
    EXPECT_EQ(outcome.code, kExitOk) << file.path() << outcome.err;
    ++schemes;
  }
  EXPECT_GE(schemes, 4);
}

// --- close, verify ---------------------------------------------------------------------------------------------------

TEST_F(EvaluationCommandsTest, ClosingPrintsWhatToKeep) {
  server_.check.mutable_closing()->set_name("closings/7");
  server_.check.mutable_closing()->set_digest("abc123");
  SetBasis(server_.check.mutable_closing()->mutable_report()->mutable_basis());
  const Outcome outcome = Run({"close", "--period", "q3/2026", "--note", "Đã gửi", "--again"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(server_.closes[0].period().preset(), "q3/2026");
  EXPECT_EQ(server_.closes[0].note(), "Đã gửi");
  EXPECT_TRUE(server_.closes[0].repeat());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("abc123"), HasSubstr("1234"), HasSubstr("tthc close check 7")));
}

TEST_F(EvaluationCommandsTest, CheckingAClosingExplainsTodaysDifference) {
  v1::Closing& closing = *server_.check.mutable_closing();
  closing.set_name("closings/000007");
  SetBasis(closing.mutable_report()->mutable_basis());
  v1::Report06aRow& then = *closing.mutable_report()->add_rows();
  then.set_name("fields/a");
  then.set_received_count(14);
  *closing.mutable_report()->mutable_total() = then;
  *server_.check.mutable_recomputed() = closing.report();
  *server_.check.mutable_current() = closing.report();
  server_.check.set_digest_matches(true);
  EXPECT_EQ(Run({"close", "check", "7"}).code, kExitOk);
  EXPECT_EQ(server_.checks[0].name(), "closings/000007");
  EXPECT_EQ(Run({"close", "check"}).code, kExitOk);
  EXPECT_EQ(server_.checks[1].name(), "closings/000007");
  EXPECT_THAT(Run({"close", "check", "closings/7"}).out, AllOf(HasSubstr("✓"), HasSubstr("không đổi")));

  server_.check.mutable_current()->mutable_rows(0)->set_received_count(15);
  server_.check.mutable_current()->mutable_total()->set_received_count(15);
  v1::LaterEvent& event = *server_.check.add_later_events();
  event.set_dossier(NameOf("0001"));
  event.set_kind("amended");
  event.set_columns_at_closing("4, 12");
  event.set_columns_now("4, 9");
  event.set_reason("Gõ nhầm");
  server_.check.set_later_event_count(1);
  const Outcome differing = Run({"close", "check", "7"});
  EXPECT_EQ(differing.code, kExitOk);
  EXPECT_THAT(differing.out, AllOf(HasSubstr("khác ở 1 dòng"), HasSubstr("(3) Nhận giải quyết, Tổng số: 14 → 15"),
                                   HasSubstr(CodeOf("0001")), HasSubstr("đính chính"), HasSubstr("4, 12 → 4, 9"),
                                   HasSubstr("Gõ nhầm")));

  server_.check.set_digest_matches(false);
  for (const char* format : {"table", "json", "csv"}) {
    EXPECT_EQ(Run({"close", "check", "7", "-o", format}).code, kExitFailure) << format;
  }
  EXPECT_THAT(Run({"close", "check", "7"}).out, HasSubstr("KHÔNG khớp"));
}

TEST_F(EvaluationCommandsTest, VerifyFailsIfAnythingDiffers) {
  v1::VerifyFactsResponse portion;
  portion.set_checked_count(100);
  portion.set_total_count(200);
  server_.portions = {portion};
  EXPECT_EQ(Run({"verify"}).code, kExitUnavailable);
  portion.set_checked_count(200);
  portion.set_done(true);
  server_.portions.push_back(portion);
  Outcome outcome = Run({"verify"});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("Đã đối chiếu 200 hồ sơ"));
  v1::FactDifference& difference = *server_.portions[1].add_differences();
  difference.set_dossier(NameOf("0001"));
  difference.set_copy("memory");
  difference.set_field("due_time");
  server_.portions[1].set_difference_count(1);
  outcome = Run({"verify"});
  EXPECT_EQ(outcome.code, kExitFailure);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(CodeOf("0001")), HasSubstr("trong bộ nhớ"), HasSubstr("due_time")));
  EXPECT_THAT(Run({"verify", "-o", "json"}).out, HasSubstr(R"("copy": "memory")"));
}

}  // namespace
}  // namespace tthc::cli
