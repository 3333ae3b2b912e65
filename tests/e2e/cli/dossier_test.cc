#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_split.h"
#include "storage/base/csv.h"
#include "tests/e2e/cli/cli_fixture.h"
#include "tests/testing/xlsx_file.h"

namespace tthc::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CliTest, ADossierLivesItsWholeLife) {
  const std::string code = Accept({"--unit", "hcc", "--fee", "10000"});
  ASSERT_THAT(code, ::testing::MatchesRegex("H24\\.99\\.1-261120-[0-9]{4}"));
  const std::string tail = code.substr(code.size() - 4);
  const std::vector<std::vector<std::string>> steps = {
      {"forward", tail, "vp", "--officer", "hcc01", "--limit", "2wd"},
      {"take", tail, "vp"},
      {"opinion", "ask", tail, "kt", "--content", "Xác nhận"},
      {"opinion", "give", tail, "kt", "--content", "Đồng ý"},
      {"supplement", "ask", tail, "--content", "Giấy tờ nhà ở", "--reason", "Thiếu"},
      {"supplement", "receive", tail},
      {"pay", "ask", tail, "--amount", "1500000", "--document", "TB 1"},
      {"pay", "met", tail, "--amount", "1500000"},
      {"pause", tail, "--reason", "posting", "--document", "TB 2"},
      {"resume", tail},
      {"reschedule", tail, "10/12/2026 17:00", "--reason", "Chờ xác minh", "--approver", "Chủ tịch"},
      {"note", tail, "Đã gọi điện"},
      {"document", tail, "Bản sao CCCD", "--count", "1"},
      {"paid", tail, "10000", "--online", "yes"},
      {"alias", tail, "DVC-2026-77", "--system", "dvcqg"},
      {"rate", tail, "satisfied", "--phase", "reception"},
      {"petition", "receive", tail, "PA-01", "--content", "Chậm"},
      {"petition", "answer", tail, "PA-01", "--content", "Đã giải thích", "--upheld", "no"},
      {"withdraw", tail, "--reason", "Đổi ý"},
      {"resume", tail},
      {"done", tail, "vp"},
      {"finish", tail, "--document", "QĐ 1"},
      {"return", tail, "--channel", "counter", "--receiver", "Nguyễn Thị Hòa"},
      {"rate", tail, "very-satisfied"},
  };
  for (const auto& step : steps) EXPECT_THAT(Ok(step), HasSubstr(code)) << step[0];

  const nlohmann::json dossier = Json({"show", "DVC-2026-77"});
  EXPECT_EQ(dossier["code"], code);
  const std::string name = dossier["name"];
  EXPECT_THAT(name, ::testing::MatchesRegex("dossiers/[0-9b-df-hj-np-tv-z]{16}"));
  EXPECT_EQ(Json({"show", name})["code"], code);
  EXPECT_EQ(dossier["state"], "STATE_RETURNED");
  EXPECT_EQ(Json({"history", tail}).size(), steps.size() + 1);

  const std::string sheet = Ok({"show", tail});
  EXPECT_THAT(sheet, HasSubstr("Đã trả kết quả"));
  EXPECT_THAT(sheet, HasSubstr("N. T. H."));
  EXPECT_THAT(sheet, HasSubstr("hẹn đầu"));
  EXPECT_THAT(sheet, Not(HasSubstr("0912345678")));
  EXPECT_THAT(Ok({"show", tail, "--reveal", "--lang", "en"}), HasSubstr("Nguyễn Thị Hòa"));
  EXPECT_THAT(Ok({"explain", tail}), HasSubstr("Hẹn trả: 10/12/2026 17:00"));
}

TEST_F(CliTest, OnLineSubmissionsAreAcceptedRefusedOrWithdrawn) {
  const auto submit = [&] {
    const nlohmann::json dossier = Json({"submit", "--procedure", "1.004222", "--name", "Trần Văn Bình"});
    EXPECT_EQ(dossier["state"], "STATE_SUBMITTED");
    EXPECT_FALSE(dossier.contains("code"));
    return dossier["submissionCode"].get<std::string>();
  };
  const std::string first = submit();
  EXPECT_THAT(Ok({"list"}), HasSubstr(first));
  const nlohmann::json accepted = Json({"accept", first, "--unit", "hcc"});
  EXPECT_EQ(accepted["state"], "STATE_ACCEPTED");
  EXPECT_EQ(accepted["request"]["channel"], "CHANNEL_ONLINE");
  EXPECT_EQ(Json({"refuse", submit(), "--reason", "Không thuộc thẩm quyền"})["state"], "STATE_INTAKE_REFUSED");
  const std::string third = submit();
  Ok({"withdraw", third});
  EXPECT_EQ(Json({"stop", third, "--reason", "Theo đơn"})["state"], "STATE_STOPPED");
}

TEST_F(CliTest, ShowListsTheEventsThatMayFollow) {
  const std::string code = Accept();
  EXPECT_THAT(Ok({"show", code}), HasSubstr("Tiếp theo    chuyển xử lý"));
  Ok({"supplement", "ask", code, "--content", "x", "--reason", "y"});
  const std::string sheet = Ok({"show", code});
  EXPECT_THAT(sheet, HasSubstr("nhận bổ sung"));
  EXPECT_THAT(sheet, Not(HasSubstr("chuyển xử lý")));
  const std::string name = Json({"submit", "--procedure", "1.004222", "--name", "B"})["name"];
  EXPECT_THAT(Ok({"show", name}), HasSubstr("tiếp nhận · từ chối tiếp nhận"));
}

TEST_F(CliTest, AnAmendmentShowsOldAndNew) {
  const std::string code = Accept();
  Ok({"forward", code, "vp"});
  const nlohmann::json history = Json({"history", code});
  const std::string forwarded = std::to_string(history[1]["revision"].get<int64_t>());
  const std::string accepted = std::to_string(history[0]["revision"].get<int64_t>());

  Ok({"amend", code, forwarded, "--set", "unit=kt", "--reason", "Chọn nhầm phòng", "--approver", "Trần Văn Bình"});
  EXPECT_EQ(Json({"show", code})["unit"], "units/kt");
  EXPECT_THAT(Ok({"history", code}), HasSubstr("Đơn vị: vp → kt"));
  Ok({"amend", code, accepted, "--set", "name=Nguyễn Thị Hoà An", "--reason", "Gõ sai tên", "--approver",
      "Trần Văn Bình"});
  EXPECT_EQ(Json({"show", code})["request"]["applicant"]["displayName"], "Nguyễn Thị Hoà An");
  EXPECT_THAT(Ok({"history", code}), Not(HasSubstr("Hoà An")));
  EXPECT_THAT(Ok({"history", code, "--reveal"}), HasSubstr("Nguyễn Thị Hòa → Nguyễn Thị Hoà An"));

  Ok({"amend", code, forwarded, "--void", "--reason", "Ghi nhầm hồ sơ", "--approver", "Trần Văn Bình"});
  EXPECT_EQ(Json({"show", code})["state"], "STATE_ACCEPTED");
  EXPECT_EQ(Run({"amend", code, accepted, "--void", "--reason", "x", "--approver", "y"}).status, 4);
}

TEST_F(CliTest, ListsAnswerInEveryFormat) {
  const std::string code = Accept();
  Accept({"--at", "20/10/2026 08:00"});
  Ok({"forward", code, "vp"});
  const std::vector<std::vector<std::string>> lists = {{"list"},
                                                       {"list", "--open", "--unit", "vp"},
                                                       {"find", "nguyen", "thi", "hoa"},
                                                       {"find", "0912345678"},
                                                       {"late"},
                                                       {"due-soon", "--within", "20wd"},
                                                       {"history", code},
                                                       {"procedures", "list"},
                                                       {"procedures", "list", "ket hon", "--all-versions"},
                                                       {"offices", "list"},
                                                       {"calendar", "list"}};
  for (std::vector<std::string> list : lists) {
    SCOPED_TRACE(::testing::PrintToString(list));
    const nlohmann::json json = Json(list);
    ASSERT_TRUE(json.is_array());
    ASSERT_FALSE(json.empty());
    list.insert(list.end(), {"-o", "jsonl"});
    const std::vector<std::string> lines = absl::StrSplit(Ok(list), '\n', absl::SkipEmpty());
    EXPECT_EQ(lines.size(), json.size());
    for (const std::string& line : lines) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    list.back() = "csv";
    const auto rows = ReadCsv(Ok(list), {});
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->size(), json.size() + 1);
    list.back() = "table";
    EXPECT_FALSE(Ok(list).empty());
  }
  EXPECT_EQ(Json({"late"}).size(), 1u);
  EXPECT_EQ(Json({"list", "--unit", "vp"})[0]["code"], code);
  EXPECT_EQ(Json({"list", "--accepted-to", "20/10/2026"}).size(), 1u);
  EXPECT_THAT(Run({"list", "--limit", "1"}).errors, HasSubstr("1 trong số 2"));
  EXPECT_TRUE(Json({"list", "--state", "returned"}).empty());
}

TEST_F(CliTest, ListsGoIntoASpreadsheetWholeAndMasked) {
  const std::string overdue = Accept({"--at", "20/10/2026 08:00"});
  const std::string coming = Accept({"--at", "12/11/2026 08:00"});
  const auto sheet_of = [&](const std::string& command) {
    const std::string path = absl::StrCat(scratch_.path(), "/", command, ".xlsx");
    Ok({command, "--limit", "1", "--out", path});
    std::string all;
    for (const auto& [name, part] : PartsOfXlsx(Read(path))) all += part;
    EXPECT_THAT(all, Not(HasSubstr("Nguyễn Thị Hòa"))) << command;
    return all;
  };
  EXPECT_THAT(sheet_of("list"), AllOf(HasSubstr(overdue), HasSubstr(coming)));
  EXPECT_THAT(sheet_of("late"), AllOf(HasSubstr(overdue), Not(HasSubstr(coming))));
  EXPECT_THAT(sheet_of("due-soon"), AllOf(HasSubstr(coming), Not(HasSubstr(overdue))));
}

TEST_F(CliTest, SummaryCountsAPeriod) {
  const std::string code = Accept();
  Ok({"finish", code});
  Accept({"--at", "20/10/2026 08:00"});
  const nlohmann::json summary = Json({"summary", "--from", "01/10/2026", "--to", "30/11/2026", "--by", "field"});
  EXPECT_EQ(summary["total"]["receivedCount"], 2);
  EXPECT_EQ(summary["total"]["endedEarlyCount"], 1);
  EXPECT_EQ(summary["total"]["openOverdueCount"], 1);
  EXPECT_THAT(Ok({"summary", "--period", "2026-Q4", "--by", "office"}), HasSubstr("Tổng"));
  EXPECT_THAT(Ok({"summary", "-o", "csv", "--lang", "en"}), HasSubstr("Total"));
}

TEST_F(CliTest, ExitCodesDistinguishErrors) {
  const std::string code = Accept();
  Accept();
  EXPECT_EQ(Run({"show", "no-such-code"}).status, 3);
  EXPECT_EQ(Run({"show", "1120-"}).status, 3);
  EXPECT_EQ(Run({"return", code}).status, 4);
  EXPECT_THAT(Run({"return", code}).errors, HasSubstr("có thể ghi"));
  EXPECT_EQ(Run({"note", code, "x", "--etag", "\"r1\""}).status, 4);
  EXPECT_EQ(Run({"accept", "--procedure", "1.004222", "--name", "A", "--code", code}).status, 4);
  EXPECT_EQ(Run({"accept", "--procedure", "9.999999", "--name", "A"}).status, 3);
  EXPECT_EQ(Run({"accept", "--procedure", "1.004222"}).status, 1);
  EXPECT_EQ(Run({"note", code, "x", "--at", "01/12/2026 08:00"}).status, 1);
  EXPECT_EQ(Run({"health", "--server", "127.0.0.1:1"}).status, 5);
  EXPECT_EQ(Run({"show", code, "--server", "127.0.0.1:1", "--timeout", "1"}).status, 5);
}

TEST_F(CliTest, AmbiguousTailsAreRefusedWithTheirMatches) {
  Accept({"--code", "A1-261120-0077"});
  Accept({"--code", "B1-261120-0077"});
  const ProgramResult result = Run({"show", "0077"});
  EXPECT_EQ(result.status, 4);
  EXPECT_THAT(result.errors, HasSubstr("A1-261120-0077"));
  EXPECT_EQ(Json({"show", "A1-261120-0077"})["code"], "A1-261120-0077");
}

TEST_F(CliTest, DryRunsAndRepeatedRequestsChangeNothing) {
  const std::string code = Accept();
  Ok({"note", code, "thử", "--dry-run"});
  EXPECT_THAT(Ok({"accept", "--procedure", "1.004222", "--name", "A", "--dry-run"}), HasSubstr("Có thể ghi"));
  EXPECT_EQ(Json({"history", code}).size(), 1u);
  for (int i = 0; i < 2; ++i) Ok({"note", code, "một lần", "--request-id", "11111111-1111-4111-8111-111111111111"});
  EXPECT_EQ(Json({"history", code}).size(), 2u);
  EXPECT_EQ(Run({"note", code, "khác", "--request-id", "11111111-1111-4111-8111-111111111111"}).status, 1);
}

TEST_F(CliTest, LookupShowsNoPersonalData) {
  const std::string code = Accept();
  for (const char* format : {"table", "json", "jsonl", "csv"}) {
    const std::string text = Ok({"lookup", code, "--reveal", "-o", format});
    EXPECT_THAT(text, HasSubstr(code));
    EXPECT_THAT(text, Not(::testing::AnyOf(HasSubstr("Hòa"), HasSubstr("0912345678"), HasSubstr("1.004222"))));
  }
}

TEST_F(CliTest, WatchFollowsWhatIsRecorded) {
  const std::string code = Accept();
  Ok({"note", code, "một"});
  const std::string lines = Ok({"watch", code, "--from", "1", "--count", "2", "-o", "jsonl"});
  const std::vector<std::string> changes = absl::StrSplit(lines, '\n', absl::SkipEmpty());
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_TRUE(nlohmann::json::parse(changes[0])["event"].contains("accepted"));
  EXPECT_EQ(nlohmann::json::parse(changes[1])["event"]["noted"]["text"], "một");

  EXPECT_THAT(Ok({"watch", code, "--from", "0", "--count", "2"}), HasSubstr(code)) << "tables show codes";

  // A watch from now on sees what is recorded after it began; notes are written until it has seen one.
  std::atomic<bool> seen = false;
  ProgramResult watched;
  std::thread watcher([&] {
    watched = Run({"watch", "--count", "1", "-o", "jsonl"});
    seen = true;
  });
  while (!seen) Run({"note", code, "tiếp"});
  watcher.join();
  EXPECT_EQ(watched.status, 0) << watched.errors;
  EXPECT_THAT(watched.output, HasSubstr("tiếp"));
}

}  // namespace
}  // namespace tthc::testing
