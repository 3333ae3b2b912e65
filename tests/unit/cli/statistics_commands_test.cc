#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/testing/xlsx_file.h"
#include "tests/unit/cli/statistics_fixture.h"

// stats, stats list, report 06a.
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// --- Periods ---------------------------------------------------------------------------------------------------------

TEST_F(StatisticsCommandsTest, PeriodsAreTakenAsPeopleWriteThem) {
  const struct {
    std::vector<std::string> arguments;
    const char* preset;
    v1::Period::Scheme scheme;
  } kCases[] = {
      {{}, "q4/2026", v1::Period::SCHEME_REPORTING},
      {{"--scheme", "calendar"}, "q4/2026", v1::Period::SCHEME_CALENDAR},
      {{"--period", "Q3/2026"}, "q3/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "2026-Q3"}, "q3/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "09/2026"}, "m9/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "2026-09"}, "m9/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "2026"}, "2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "last-quarter"}, "q3/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "quý trước"}, "q3/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "thang-truoc"}, "m10/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "this-week"}, "w48/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "tuan-truoc"}, "w47/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "hom-qua"}, "d25/11/2026", v1::Period::SCHEME_REPORTING},
      {{"--period", "nam-truoc"}, "2025", v1::Period::SCHEME_REPORTING},
  };
  for (const auto& c : kCases) {
    server_.reports.clear();
    std::vector<std::string> arguments = {"report", "06a"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    const Outcome outcome = Run(arguments);
    ASSERT_EQ(outcome.code, kExitOk) << ::testing::PrintToString(arguments) << outcome.err;
    ASSERT_THAT(server_.reports, SizeIs(1));
    EXPECT_EQ(server_.reports[0].period().preset(), c.preset) << ::testing::PrintToString(arguments);
    EXPECT_EQ(server_.reports[0].period().scheme(), c.scheme);
    EXPECT_FALSE(server_.reports[0].has_as_of());
  }
}

TEST_F(StatisticsCommandsTest, InTheLastDaysOfDecemberTheReportingYearIsTheNext) {
  clock_.Advance(*ParseLocalTime("2026-12-20T08:00") - clock_.Now());
  EXPECT_EQ(Run({"report", "06a"}).code, kExitOk);
  EXPECT_EQ(server_.reports[0].period().preset(), "q1/2027");
  EXPECT_EQ(Run({"report", "06a", "--period", "nam-nay"}).code, kExitOk);
  EXPECT_EQ(server_.reports[1].period().preset(), "2027");
}

TEST_F(StatisticsCommandsTest, DaysAreInclusiveAndEndToday) {
  EXPECT_EQ(Run({"report", "06a", "--from", "01/09/2026", "--to", "30/09/2026"}).code, kExitOk);
  EXPECT_EQ(FromProto(server_.reports[0].period().start_time()), *ParseLocalTime("2026-09-01"));
  EXPECT_EQ(FromProto(server_.reports[0].period().end_time()), *ParseLocalTime("2026-10-01"));
  EXPECT_EQ(Run({"report", "06a", "--from", "01/11/2026"}).code, kExitOk);
  EXPECT_EQ(FromProto(server_.reports[1].period().end_time()), *ParseLocalTime("2026-11-27"));
}

TEST_F(StatisticsCommandsTest, AsOfIsATimeADayOrARevision) {
  const auto as_of = [&](const std::string& text) {
    server_.reports.clear();
    EXPECT_EQ(Run({"report", "06a", "--as-of", text}).code, kExitOk) << text;
    return server_.reports.empty() ? v1::AsOf() : server_.reports[0].as_of();
  };
  EXPECT_EQ(as_of("r12345").revision(), 12345);
  EXPECT_EQ(FromProto(as_of("30/09/2026 17:00").time()), *ParseLocalTime("2026-09-30T17:00"));
  EXPECT_EQ(FromProto(as_of("30/09/2026").time()), *ParseLocalTime("2026-10-01") - absl::Microseconds(1));
  // Today is not over: as known now.
  EXPECT_FALSE(as_of("26/11/2026").has_time());
}

TEST_F(StatisticsCommandsTest, WrongArgumentsAreRefusedBeforeTheServerIsAsked) {
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } kCases[] = {
      {{"stats", "--from", "10/09/2026", "--to", "01/09/2026"}, "--to: không được trước --from"},
      {{"stats", "--to", "01/09/2026"}, "--from: còn thiếu"},
      {{"stats", "--from", "01/09/2026", "--period", "q3/2026"}, "--period: không đi cùng"},
      {{"stats", "--period", "q5/2026"}, "--period: "},
      {{"stats", "--period", "31/09/2026"}, "--period: "},
      {{"stats", "--scheme", "calender"}, "có phải ý bạn là calendar?"},
      {{"stats", "--as-of", "rabc"}, "--as-of: "},
      {{"stats", "--metrics", "recieved"}, "có phải ý bạn là received?"},
      {{"stats", "--by", "filed"}, "có phải ý bạn là field?"},
      {{"stats", "--channel", "onlin"}, "có phải ý bạn là online?"},
      {{"stats", "--bars"}, "--bars: cần --by"},
      {{"stats", "list", "on_time_share_06a"}, "không đếm hồ sơ"},
      {{"stats", "list", "open_overdue", "--waiting-days", "15"}, "chỉ đi cùng waiting_for_supplement"},
      {{"stats", "list", "open_overdue", "--group", "x"}, "cần mỗi --group một --by"},
      {{"stats", "list"}, "thiếu metric"},
      {{"score", "766", "--given", "1.1"}, "CHỈ-SỐ=ĐIỂM"},
      {{"close"}, "--period: còn thiếu"},
      {{"show", "1", "-o", "xlsx"}, "không hợp lệ"},
      {{"-o", "xlsx", "health"}, "không có dạng xlsx"},
  };
  for (const auto& c : kCases) {
    const Outcome outcome = Run(c.arguments);
    EXPECT_EQ(outcome.code, kExitUsage) << ::testing::PrintToString(c.arguments) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(c.message)) << ::testing::PrintToString(c.arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  EXPECT_THAT(server_.queries, IsEmpty());
  EXPECT_THAT(server_.lists, IsEmpty());
}

// --- stats -----------------------------------------------------------------------------------------------------------

TEST_F(StatisticsCommandsTest, StatsAsksForMetricsGroupsAndFilters) {
  SetTotal({Count(v1::METRIC_RECEIVED, 1), Count(v1::METRIC_OPEN_OVERDUE, 1)});
  const Outcome outcome = Run({"stats", "--metrics", "received,open-overdue", "--by", "field,month", "--office",
                               "H24.99.1", "--unit", "vp", "--officer", "vp01", "--channel", "online", "--result",
                               "granted", "--responsible-unit", "kt", "--former-offices"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const v1::QueryStatisticsRequest& request = server_.queries[0];
  EXPECT_THAT(request.metrics(), ::testing::ElementsAre(v1::METRIC_RECEIVED, v1::METRIC_OPEN_OVERDUE));
  EXPECT_THAT(request.group_by(), ::testing::ElementsAre(v1::GROUP_BY_FIELD, v1::GROUP_BY_MONTH));
  EXPECT_EQ(request.filter().offices(0), "offices/H24.99.1");
  EXPECT_EQ(request.filter().units(0), "units/vp");
  EXPECT_EQ(request.filter().officers(0), "officers/vp01");
  EXPECT_EQ(request.filter().channels(0), v1::CHANNEL_ONLINE);
  EXPECT_EQ(request.filter().results(0), v1::OUTCOME_GRANTED);
  EXPECT_EQ(request.filter().responsible_units(0), "units/kt");
  EXPECT_TRUE(request.filter().keep_former_offices());
}

TEST_F(StatisticsCommandsTest, ATotalHasItsMetricsAsRows) {
  v1::StatisticsValue time;
  time.set_metric(v1::METRIC_HANDLING_TIME);
  time.set_count(21);
  time.set_mean_minutes(1500);
  time.set_median_minutes(1140);
  time.set_p90_minutes(2400);
  time.set_p99_minutes(4800);
  time.set_unknown_count(2);
  SetTotal({Count(v1::METRIC_RECEIVED, 12345), Share(v1::METRIC_ON_TIME_SHARE_06A, 20, 21),
            Share(v1::METRIC_SATISFACTION_RATE, 0, 0), time});
  const std::vector<std::string> arguments = {
      "stats", "--metrics", "received,on_time_share_06a,satisfaction_rate,handling_time", "--no-color"};
  const Outcome outcome = Run(arguments);
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(outcome.out,
            "Chỉ tiêu                   Giá trị  Trong đó\n"
            "Tiếp nhận                   12.345\n"
            "Tỷ lệ đúng hạn (06a)       95,24 %  20/21\n"
            "Tỷ lệ hài lòng                   –  0/0\n"
            "Thời gian giải quyết  2 ngày 3 giờ  trung bình 25,0 · 90 % trong 40,0 · 99 % trong 80,0 giờ · 21 lượt · "
            "2 không tính được (thiếu lịch)\n"
            "Kỳ 15/09/2026 – 14/12/2026 (q4/2026) · ghi đến 26/11/2026 10:00 · r1234\n");
  terminal_ = true;
  EXPECT_LE(Widest(Run(arguments).out), 80u);
}

TEST_F(StatisticsCommandsTest, NoValueIsADashNeverZero) {
  SetTotal({Share(v1::METRIC_SATISFACTION_RATE, 0, 0)});
  AddRow("fields/a", "Hộ tịch", {Share(v1::METRIC_SATISFACTION_RATE, 0, 0)});
  const std::vector<std::string> total = {"stats", "--metrics", "satisfaction_rate"};
  EXPECT_THAT(Run({"stats", "--metrics", "satisfaction_rate", "--by", "field"}).out,
              AllOf(HasSubstr("Hộ tịch"), HasSubstr("–"), Not(HasSubstr("0,00"))));
  EXPECT_THAT(Run({"stats", "--metrics", "satisfaction_rate", "--by", "field", "-o", "csv"}).out,
              HasSubstr("a,Hộ tịch,,0,0\n"));
  server_.query.clear_rows();
  EXPECT_THAT(Run(total).out, Not(HasSubstr("0,00")));
}

TEST_F(StatisticsCommandsTest, GroupsAreRowsAndFitATerminalInParts) {
  terminal_ = true;
  std::vector<v1::StatisticsValue> values = {
      Count(v1::METRIC_RECEIVED, 1234),          Count(v1::METRIC_CARRIED_OVER, 56),
      Count(v1::METRIC_ENDED_EARLY_06A, 1000),   Count(v1::METRIC_ENDED_ON_TIME_06A, 100),
      Count(v1::METRIC_ENDED_LATE_06A, 20),      Count(v1::METRIC_OPEN_IN_TERM, 160),
      Count(v1::METRIC_OPEN_OVERDUE, 10),        Share(v1::METRIC_ON_TIME_SHARE_06A, 1100, 1120),
      Share(v1::METRIC_SATISFACTION_RATE, 9, 10)};
  AddRow("fields/a", "Đăng ký, quản lý cư trú và xuất nhập cảnh", values);
  AddRow("", "", values);
  SetTotal(values);
  const Outcome outcome = Run({"stats", "--by", "field", "--no-color"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_LE(Widest(outcome.out), 80u) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("98,21 (1.120)"), HasSubstr("(không có)"), HasSubstr("Tổng")));
}

TEST_F(StatisticsCommandsTest, OneMetricByOneGroupingIsDrawnOnATerminal) {
  AddRow("fields/a", "Hộ tịch", {Count(v1::METRIC_RECEIVED, 40)});
  AddRow("fields/b", "Đất đai", {Count(v1::METRIC_RECEIVED, 10)});
  SetTotal({Count(v1::METRIC_RECEIVED, 50)});
  const std::vector<std::string> arguments = {"stats", "--metrics", "received", "--by", "field"};
  EXPECT_THAT(Run(arguments).out, Not(HasSubstr("█")));
  terminal_ = true;
  EXPECT_THAT(Run(arguments).out, AllOf(HasSubstr("█ 40\n"), HasSubstr("█ 10\n")));
  EXPECT_THAT(Run({"stats", "--metrics", "received", "--by", "field", "--no-bars"}).out, Not(HasSubstr("█")));
  terminal_ = false;
  EXPECT_THAT(Run({"stats", "--metrics", "received", "--by", "field", "--bars"}).out, HasSubstr("█"));
}

TEST_F(StatisticsCommandsTest, CsvHasPlainNumbersAndEveryPart) {
  AddRow("fields/a", "=Hộ tịch", {Count(v1::METRIC_RECEIVED, 12345), Share(v1::METRIC_ON_TIME_SHARE_06A, 2, 3)});
  SetTotal({Count(v1::METRIC_RECEIVED, 12345), Share(v1::METRIC_ON_TIME_SHARE_06A, 2, 3)});
  EXPECT_EQ(Run({"stats", "--metrics", "received,on_time_share_06a", "--by", "field", "-o", "csv"}).out,
            "Lĩnh vực (mã),Lĩnh vực,Tiếp nhận,Tỷ lệ đúng hạn (06a) %,Tỷ lệ đúng hạn (06a): tử số,"
            "Tỷ lệ đúng hạn (06a): mẫu số\n"
            "a,'=Hộ tịch,12345,66.67,2,3\n"
            ",Tổng,12345,66.67,2,3\n");
}

TEST_F(StatisticsCommandsTest, JsonIsTheAnswer) {
  SetTotal({Count(v1::METRIC_RECEIVED, 0)});
  const Outcome outcome = Run({"stats", "--metrics", "received", "-o", "jsonl"});
  EXPECT_THAT(outcome.out, HasSubstr(R"("total":{"values":[{"metric":"METRIC_RECEIVED","count":0}]})"));
}

TEST_F(StatisticsCommandsTest, AnAnswerOfAnotherShapeIsRefused) {
  SetTotal({});
  EXPECT_EQ(Run({"stats", "--metrics", "received"}).code, kExitFailure);
}

TEST_F(StatisticsCommandsTest, SpreadsheetsGoToAFileByItsName) {
  AddRow("fields/a", "Hộ tịch", {Count(v1::METRIC_RECEIVED, 12345)});
  SetTotal({Count(v1::METRIC_RECEIVED, 12345)});
  const std::string path = Path("so-lieu.xlsx");
  const Outcome outcome = Run({"stats", "--metrics", "received", "--by", "field", "--out", path});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  auto parts = testing::PartsOfXlsx(Read(path));
  EXPECT_THAT(parts["xl/worksheets/sheet1.xml"], AllOf(HasSubstr("<v>12345</v>"), HasSubstr("Hộ tịch")));
  EXPECT_THAT(parts["xl/worksheets/sheet1.xml"], HasSubstr("r1234"));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  // To a pipe without --out, never to a terminal.
  EXPECT_EQ(Run({"stats", "--metrics", "received", "--by", "field", "-o", "xlsx"}).out, Read(path));
  terminal_ = true;
  EXPECT_EQ(Run({"stats", "--metrics", "received", "--by", "field", "-o", "xlsx"}).code, kExitUsage);
}

TEST_F(StatisticsCommandsTest, AFailureLeavesTheFileAsItWas) {
  const std::string path = Path("giu-nguyen.csv");
  std::ofstream(path) << "cũ";
  server_.error = absl::InternalError("x");
  EXPECT_EQ(Run({"stats", "--out", path}).code, kExitFailure);
  EXPECT_EQ(Read(path), "cũ");
  server_.error = absl::OkStatus();
  SetTotal({Count(v1::METRIC_RECEIVED, 1)});
  EXPECT_EQ(Run({"stats", "--metrics", "received", "--out", Path("khong/co.csv")}).code, kExitConflict);
  EXPECT_EQ(Run({"stats", "--metrics", "received", "--out", path, "--bom"}).code, kExitOk);
  EXPECT_THAT(Read(path), ::testing::StartsWith("\xEF\xBB\xBFMã,"));
}

TEST_F(StatisticsCommandsTest, MetricsAreExplained) {
  EXPECT_THAT(Run({"stats", "metrics"}).out, AllOf(HasSubstr("open_overdue · Đang quá hạn"), HasSubstr("cột 13")));
  EXPECT_THAT(Run({"stats", "metrics", "-o", "csv"}).out, HasSubstr("\nopen_overdue,Đang quá hạn,"));
  EXPECT_THAT(Run({"stats", "metrics", "-o", "json", "--lang", "en"}).out,
              HasSubstr(R"({"name":"open_overdue","label":"Open overdue",)"));
  EXPECT_THAT(server_.queries, IsEmpty());
}

// --- stats list ------------------------------------------------------------------------------------------------------

TEST_F(StatisticsCommandsTest, ListsPageAndFilesAreWhole) {
  v1::CountedDossier& counted = *server_.list.add_dossiers();
  counted.mutable_dossier()->set_code("H24.99.1-261126-0001");
  counted.mutable_dossier()->mutable_request()->mutable_applicant()->set_display_name("Nguyễn Thị Hòa");
  counted.mutable_dossier()->set_unit("units/vp");
  counted.mutable_dossier()->set_late_reason("Chờ xác minh");
  counted.set_days_late(3);
  counted.set_working_minutes_late(90);
  server_.list.set_total_size(2);
  server_.pages = 2;
  Outcome outcome = Run({"stats", "list", "open_overdue", "--limit", "1"});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(server_.lists[0].metric(), v1::METRIC_OPEN_OVERDUE);
  EXPECT_EQ(server_.lists[0].page_size(), 1);
  EXPECT_THAT(server_.lists, SizeIs(1));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("3 ngày"), HasSubstr("vp")));
  EXPECT_THAT(outcome.err, HasSubstr("1 trong số 2"));
  terminal_ = true;
  EXPECT_LE(Widest(Run({"stats", "list", "open_overdue", "--no-color"}).out), 80u);
  terminal_ = false;

  server_.lists.clear();
  outcome = Run({"stats", "list", "open_overdue", "-o", "csv"});
  EXPECT_THAT(server_.lists, SizeIs(2));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(",3,1.5,vp,"), HasSubstr("Chờ xác minh"), Not(HasSubstr("Hòa"))));
  EXPECT_THAT(Run({"stats", "list", "open_overdue", "-o", "json"}).out, HasSubstr(R"("daysLate": 3)"));
  const auto parts = testing::PartsOfXlsx(Run({"stats", "list", "open_overdue", "-o", "xlsx"}).out);
  ASSERT_TRUE(parts.contains("xl/worksheets/sheet1.xml"));
  EXPECT_THAT(parts.at("xl/worksheets/sheet1.xml"), HasSubstr("Đang quá hạn: danh sách hồ sơ"));
}

TEST_F(StatisticsCommandsTest, AGroupIsNamedAsTheTableNamesIt) {
  AddRow("fields/G15-TP07", "Hộ tịch", {Count(v1::METRIC_OPEN_OVERDUE, 4)});
  SetTotal({Count(v1::METRIC_OPEN_OVERDUE, 4)});
  for (const char* name : {"Hộ tịch", "ho tich", "G15-TP07", "fields/G15-TP07"}) {
    server_.lists.clear();
    const Outcome outcome = Run({"stats", "list", "open_overdue", "--by", "field", "--group", name});
    ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
    ASSERT_THAT(server_.lists, SizeIs(1));
    ASSERT_THAT(server_.lists[0].keys(), SizeIs(1));
    EXPECT_EQ(server_.lists[0].keys(0).group_by(), v1::GROUP_BY_FIELD);
    EXPECT_EQ(server_.lists[0].keys(0).name(), "fields/G15-TP07");
  }
  const Outcome outcome = Run({"stats", "list", "open_overdue", "--by", "field", "--group", "Đất"});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("Hộ tịch"));
}

TEST_F(StatisticsCommandsTest, WaitingDaysGoWithTheSupplement) {
  EXPECT_EQ(Run({"stats", "list", "waiting_for_supplement", "--waiting-days", "15"}).code, kExitOk);
  EXPECT_EQ(server_.lists[0].waiting_days_min(), 15);
}

// --- report 06a ------------------------------------------------------------------------------------------------------

TEST_F(StatisticsCommandsTest, AReportThatBreaksAnIdentityIsNotPrinted) {
  EXPECT_EQ(Run({"report", "06a", "--by-procedure", "--office", "H24.99.1"}).code, kExitOk);
  EXPECT_TRUE(server_.reports[0].by_procedure());
  EXPECT_EQ(server_.reports[0].office(), "offices/H24.99.1");
  server_.report.mutable_total()->set_received_count(1);
  for (const char* format : {"text", "csv", "json", "xlsx"}) {
    const Outcome outcome = Run({"report", "06a", "-o", format});
    EXPECT_EQ(outcome.code, kExitFailure);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("(3) = (4) + (5) + (6): 1 ≠ 0"));
  }
}

TEST_F(StatisticsCommandsTest, ReportsAsJsonHaveEveryColumn) {
  EXPECT_THAT(Run({"report", "06a", "-o", "json"}).out, HasSubstr(R"("receivedDirectCount": 0)"));
}

}  // namespace
}  // namespace tthc::cli
