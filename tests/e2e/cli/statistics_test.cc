#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_split.h"
#include "storage/base/csv.h"
#include "tests/e2e/cli/cli_fixture.h"
#include "tests/testing/xlsx_file.h"

// What a supervisor types, against the real server: figures, the lists behind them, the form, scores, closings.
namespace tthc::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Friday 20/11/2026. Registration of residence has 7 working days: of the four dossiers one ended early and one late,
// one is overdue and one waits for its supplement.
class StatisticsCliTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    early_ = Accept({"--at", "02/11/2026 08:00", "--unit", "hcc", "--fee", "20000"});
    Ok({"paid", early_, "20000", "--online", "yes", "--at", "02/11/2026 08:10"});
    Ok({"forward", early_, "vp", "--officer", "vp01", "--limit", "3wd", "--at", "02/11/2026 09:00"});
    Ok({"done", early_, "vp", "--officer", "vp01", "--at", "04/11/2026 10:00"});
    Ok({"finish", early_, "--at", "05/11/2026 10:00"});
    Ok({"return", early_, "--at", "05/11/2026 15:00"});
    Ok({"rate", early_, "very-satisfied", "--at", "05/11/2026 15:05"});

    late_ = Accept({"--at", "03/11/2026 09:00", "--channel", "online", "--unit", "hcc"});
    Ok({"forward", late_, "kt", "--at", "03/11/2026 10:00"});
    Ok({"finish", late_, "--at", "16/11/2026 10:00", "--json", R"({"lateReason":"=Chờ xác minh"})"});
    Ok({"rate", late_, "dissatisfied", "--at", "16/11/2026 10:05"});

    overdue_ = Accept({"--at", "09/11/2026 09:00", "--channel", "post", "--unit", "hcc"});
    Ok({"forward", overdue_, "vp", "--officer", "vp01", "--at", "09/11/2026 10:00"});

    waiting_ = Accept({"--at", "18/11/2026 09:00", "--unit", "hcc"});
    Ok({"supplement", "ask", waiting_, "--content", "Giấy tờ nhà ở", "--reason", "Thiếu", "--at", "18/11/2026 10:00"});
  }

  // The metric's count in the whole of November.
  int64_t Figure(const std::string& metric) const {
    const nlohmann::json answer = Json(With({"stats", "--metrics", metric}, "--period", "m11/2026"));
    return answer["total"]["values"][0].value("count", int64_t{0});
  }
  static std::vector<std::string> With(std::vector<std::string> arguments, const std::string& option,
                                       const std::string& value) {
    arguments.insert(arguments.end(), {option, value});
    return arguments;
  }
  // Of a spreadsheet: its sheet and its texts.
  static std::string Sheet(const std::string& path) {
    const auto parts = PartsOfXlsx(Read(path));
    const auto sheet = parts.find("xl/worksheets/sheet1.xml");
    const auto texts = parts.find("xl/sharedStrings.xml");
    return absl::StrCat(sheet == parts.end() ? "" : sheet->second, texts == parts.end() ? "" : texts->second);
  }
  std::string Path(const std::string& name) const { return absl::StrCat(scratch_.path(), "/", name); }

  std::string early_;
  std::string late_;
  std::string overdue_;
  std::string waiting_;
};

TEST_F(StatisticsCliTest, StatsCountWhatHappened) {
  EXPECT_EQ(Figure("received"), 4);
  EXPECT_EQ(Figure("received_online"), 1);
  EXPECT_EQ(Figure("ended_early_06a"), 1);
  EXPECT_EQ(Figure("ended_late_06a"), 1);
  EXPECT_EQ(Figure("open_overdue"), 1);
  EXPECT_EQ(Figure("waiting_for_supplement"), 1);
  const std::string table = Ok({"stats", "--period", "m11/2026"});
  EXPECT_THAT(table, AllOf(HasSubstr("50,00 %  1/2"), HasSubstr("Kỳ 01/11/2026 – 30/11/2026 (m11/2026)")));
  EXPECT_THAT(Ok({"stats", "--period", "m10/2026"}), HasSubstr("–"));
  const nlohmann::json by_unit =
      Json({"stats", "--metrics", "received,open_overdue", "--by", "unit,channel", "--period", "m11/2026"});
  int64_t received = 0;
  for (const auto& row : by_unit["rows"]) received += row["values"][0].value("count", int64_t{0});
  EXPECT_EQ(received, 4);
  const std::string weeks = Ok({"stats", "--metrics", "received", "--by", "week", "--period", "m11/2026", "--bars"});
  EXPECT_THAT(weeks, HasSubstr("█"));
  EXPECT_THAT(Ok({"stats", "--all-metrics", "--period", "m11/2026"}), HasSubstr("Tỷ lệ đồng bộ"));
  EXPECT_THAT(Ok({"stats", "--by", "field", "--period", "m11/2026", "-o", "csv"}), HasSubstr("Tổng,4,"));
}

TEST_F(StatisticsCliTest, TheListBehindAFigureIsAsLongAsItSays) {
  for (const char* metric : {"received", "received_online", "ended_early_06a", "ended_late_06a", "open_overdue",
                             "waiting_for_supplement", "missing_apology", "rated_dissatisfied", "returned"}) {
    const nlohmann::json list = Json({"stats", "list", metric, "--period", "m11/2026"});
    EXPECT_EQ(static_cast<int64_t>(list.size()), Figure(metric)) << metric;
  }
  const nlohmann::json overdue = Json({"stats", "list", "open_overdue", "--period", "m11/2026"});
  ASSERT_EQ(overdue.size(), 1u);
  EXPECT_EQ(overdue[0]["dossier"]["code"], overdue_);
  EXPECT_GT(overdue[0].value("daysLate", 0), 0);
  EXPECT_THAT(Ok({"stats", "list", "open_overdue", "--period", "m11/2026"}),
              AllOf(HasSubstr(overdue_), HasSubstr("vp01")));
  EXPECT_EQ(
      Json({"stats", "list", "received", "--period", "m11/2026", "--by", "channel", "--group", "Trực tuyến"}).size(),
      1u);
  EXPECT_EQ(Json({"stats", "list", "waiting_for_supplement", "--waiting-days", "15"}).size(), 0u);
  EXPECT_EQ(Run({"stats", "list", "received", "--by", "channel", "--group", "Fax", "--period", "m11/2026"}).status, 2);
}

TEST_F(StatisticsCliTest, ListsGoIntoFilesWithoutFormulas) {
  const std::string csv = Ok({"stats", "list", "ended_late_06a", "--period", "m11/2026", "-o", "csv"});
  EXPECT_THAT(csv, AllOf(HasSubstr(late_), HasSubstr(",'=Chờ xác minh"), Not(HasSubstr("Hòa"))));
  const std::string path = Path("tre.xlsx");
  Ok({"stats", "list", "ended_late_06a", "--period", "m11/2026", "--out", path});
  EXPECT_THAT(Sheet(path), AllOf(HasSubstr(late_), HasSubstr("=Chờ xác minh"), Not(HasSubstr("<f>"))));
  Ok({"stats", "--by", "office,field", "--period", "m11/2026", "--out", Path("so-lieu.xlsx")});
  EXPECT_THAT(Sheet(Path("so-lieu.xlsx")), HasSubstr("Tổng"));
}

TEST_F(StatisticsCliTest, TheFormComesInFourFormats) {
  const std::string text = Ok({"report", "06a", "--period", "m11/2026", "--by-procedure"});
  EXPECT_THAT(text, AllOf(HasSubstr("Biểu số 06a/VPCP/KSTT"), HasSubstr("Từ ngày 01/11/2026 đến ngày 30/11/2026"),
                          HasSubstr("Đăng ký thường trú"), HasSubstr("NGƯỜI LẬP")));

  const nlohmann::json json = Json({"report", "06a", "--period", "m11/2026"});
  const nlohmann::json& total = json["total"];
  EXPECT_EQ(total["receivedCount"], 4);
  EXPECT_EQ(total["receivedOnlineCount"], 1);
  EXPECT_EQ(total["receivedDirectCount"], 3);
  EXPECT_EQ(total["carriedOverCount"], 0);
  EXPECT_EQ(total["resolvedEarlyCount"], 1);
  EXPECT_EQ(total["resolvedLateCount"], 1);
  EXPECT_EQ(total["openInTermCount"], 1);
  EXPECT_EQ(total["openOverdueCount"], 1);

  const auto rows = ReadCsv(Ok({"report", "06a", "--period", "m11/2026", "-o", "csv"}), {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(rows->back().cells,
              ::testing::ElementsAre("", "Tổng số", "4", "1", "3", "0", "2", "1", "0", "1", "2", "1", "1"));

  const std::string path = Path("06a.xlsx");
  Ok({"report", "06a", "--period", "m11/2026", "--office", "H24.99.1", "--out", path});
  EXPECT_THAT(Sheet(path), AllOf(HasSubstr("<f>SUM(C13)</f><v>4</v>"), HasSubstr("Biểu số 06a/VPCP/KSTT")));
  // The same report is the same file.
  const std::string revision = absl::StrCat("r", Json({"health"})["headRevision"].get<int64_t>());
  Ok({"report", "06a", "--period", "m11/2026", "--as-of", revision, "--out", Path("a.xlsx")});
  Ok({"report", "06a", "--period", "m11/2026", "--as-of", revision, "--out", Path("b.xlsx")});
  EXPECT_EQ(Read(Path("a.xlsx")), Read(Path("b.xlsx")));
}

TEST_F(StatisticsCliTest, AsOfAnswersWhatWasRecordedUpToThen) {
  const int64_t before = Json({"health"})["headRevision"].get<int64_t>();
  Accept({"--at", "19/11/2026 09:00"});
  EXPECT_EQ(Figure("received"), 5);
  const std::vector<std::string> query = {"stats", "--metrics", "received", "--period", "m11/2026"};
  EXPECT_EQ(Json(With(query, "--as-of", absl::StrCat("r", before)))["total"]["values"][0]["count"], 4);
  const ProgramResult future = Run(With(query, "--as-of", "30/11/2030"));
  EXPECT_EQ(future.status, 1);
  EXPECT_THAT(future.errors, HasSubstr("Lỗi: "));
}

TEST_F(StatisticsCliTest, AClosingReproducesItsFiguresAndExplainsWhyTodayDiffers) {
  const std::vector<std::string> close = {"close", "--from", "01/11/2026", "--to", "15/11/2026", "--note", "Nửa tháng"};
  const nlohmann::json closing = Json(close);
  const std::string name = closing["name"];
  EXPECT_EQ(closing["report"]["total"]["receivedCount"], 3);
  EXPECT_EQ(Run(close).status, 4);
  EXPECT_THAT(Ok({"close", "list"}), HasSubstr("01/11/2026 – 15/11/2026"));
  EXPECT_EQ(Run({"close", "--period", "m11/2026"}).status, 4);
  EXPECT_THAT(Ok({"close", "check", name}), AllOf(HasSubstr("✓"), HasSubstr("không đổi")));

  const nlohmann::json history = Json({"history", late_});
  const int64_t finished = [&] {
    for (const auto& event : history) {
      if (event.contains("finished")) return event["revision"].get<int64_t>();
    }
    return int64_t{0};
  }();
  Ok({"amend", late_, absl::StrCat(finished), "--at", "12/11/2026 10:00", "--reason", "Ghi nhầm ngày", "--approver",
      "Chủ tịch"});
  Accept({"--at", "04/11/2026 09:00"});
  const ProgramResult check = Run({"close", "check", name});
  EXPECT_EQ(check.status, 0) << check.errors;
  EXPECT_THAT(check.output, AllOf(HasSubstr("khớp số đã chốt"), HasSubstr("(3) Nhận giải quyết, Tổng số: 3 → 4"),
                                  HasSubstr("4, 13 → 4, 9"), HasSubstr("Ghi nhầm ngày")));
  const nlohmann::json checked = Json({"close", "check", name});
  EXPECT_TRUE(checked["digestMatches"].get<bool>());
  EXPECT_EQ(checked["closing"]["digest"], closing["digest"]);
  EXPECT_EQ(Run({"close", "check", "9999"}).status, 3);
}

TEST_F(StatisticsCliTest, VerifyFindsNothing) {
  const ProgramResult result = Run({"verify"});
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("khác 0"));
  EXPECT_TRUE(Json({"verify"}).empty());
}

TEST_F(StatisticsCliTest, ScoresAndThePlanUseShippedSchemes) {
  EXPECT_GE(Json({"schemes", "list"}).size(), 4u);
  const std::string index = Ok({"score", "766", "--period", "q4/2026", "--given", "1.1=6"});
  EXPECT_THAT(index, AllOf(HasSubstr("2.1"), HasSubstr("điểm"), HasSubstr("–")));
  EXPECT_FALSE(Json({"score", "766"})["scores"].empty());
  const nlohmann::json officials = Json({"score", "officials", "--period", "m11/2026"});
  ASSERT_FALSE(officials["scores"].empty());
  EXPECT_THAT(Ok({"score", "officials", "--period", "m11/2026"}), HasSubstr("Công chức"));
  EXPECT_THAT(Ok({"score", "units", "--period", "m11/2026", "-o", "csv"}), HasSubstr("Tổng"));
  EXPECT_EQ(Run({"score", "766", "--given", "9.99=1"}).status, 1);

  const std::string plan = Ok({"plan", "--period", "m11/2026"});
  EXPECT_THAT(plan, AllOf(HasSubstr("≥ 90 %"), HasSubstr("50,00 %"), HasSubstr("1/2"), HasSubstr("chưa đạt"),
                          HasSubstr("Kỳ trước: ")));
  Ok({"plan", "--period", "m11/2026", "--out", Path("plan.xlsx")});
  EXPECT_THAT(Sheet(Path("plan.xlsx")), HasSubstr("Mục tiêu"));
}

TEST_F(StatisticsCliTest, SchemesComeFromFiles) {
  for (const auto& file : std::filesystem::directory_iterator(TTHC_SOURCE_DIR "/deploy/data/schemes")) {
    Ok({"schemes", "import", file.path().string(), "--dry-run"});
    Ok({"schemes", "import", file.path().string()});
  }
  EXPECT_EQ(Run({"schemes", "import", Write("bad.textproto", "name: \"schemes/x\" kind: KIND_PLAN")}).status, 1);
  EXPECT_EQ(Run({"schemes", "import", Write("worse.textproto", "nam: 1")}).status, 2);
}

TEST_F(StatisticsCliTest, CompletionKnowsValuesAndLists) {
  const auto complete = [&](const std::string& words, int at) {
    const std::string bash =
        Write("tthc.bash", absl::StrCat(Ok({"completion", "bash"}), "\nCOMP_WORDS=(", words, "); COMP_CWORD=", at,
                                        "; _tthc; echo \"${COMPREPLY[@]}\"\n"));
    return RunProgram({.program = "/bin/bash", .arguments = {bash}}).output;
  };
  EXPECT_EQ(complete("tthc stats --by fi", 3), "field\n");
  EXPECT_EQ(complete("tthc stats --metrics received,open_over", 3),
            "received,open_overdue received,open_overdue_766\n");
  EXPECT_EQ(complete("tthc stats list open_overd", 3), "open_overdue open_overdue_766\n");
  EXPECT_EQ(complete("tthc stats --by field lis", 4), "list\n");
  EXPECT_EQ(complete("tthc report 06a -o xl", 4), "xlsx\n");
  EXPECT_EQ(complete("tthc report 06a --period quy-tr", 4), "quy-truoc\n");
}

}  // namespace
}  // namespace tthc::testing
