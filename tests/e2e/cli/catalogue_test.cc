#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/cli_fixture.h"

namespace tthc::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(CliTest, AProcedureGetsItsNextVersionFromAFile) {
  nlohmann::json procedure = Json({"procedures", "show", "1.004222"});
  EXPECT_EQ(procedure["version"], 1);
  procedure["displayName"] = "Đăng ký thường trú (mới)";
  procedure["limits"][0]["limit"]["minutes"] = 480 * 5;
  const std::string path = Write("procedure.json", procedure.dump());
  Ok({"procedures", "update", path, "--dry-run"});
  EXPECT_EQ(Json({"procedures", "show", "1.004222"})["version"], 1);
  EXPECT_EQ(Json({"procedures", "update", path})[0]["version"], 2);
  EXPECT_EQ(Json({"procedures", "show", "1.004222", "--version-number", "1"})["limits"][0]["limit"]["minutes"],
            480 * 7);
  EXPECT_THAT(Ok({"procedures", "show", "1.004222"}), HasSubstr("5 ngày làm việc"));
  EXPECT_EQ(Run({"procedures", "update", path}).status, 4) << "the file was made from version 1";
  EXPECT_EQ(Run({"procedures", "show", "9.9"}).status, 3);
  EXPECT_EQ(Run({"procedures", "update", Write("bad.json", "{")}).status, 2);
}

TEST_F(CliTest, OfficesComeFromCsvOrJson) {
  const std::string csv = Write("offices.csv",
                                "kind,id,name,parent,position,start_date\n"
                                "unit,moi,Bộ phận mới,H24.99.1,,2026-01-01\n"
                                "officer,moi01,Lê Văn Mới,moi,Công chức,2026-01-01\n");
  EXPECT_EQ(Json({"offices", "import", csv}).value("changedCount", -1), 2);
  EXPECT_EQ(Json({"offices", "import", csv}).value("changedCount", -1), 0);
  EXPECT_THAT(Ok({"offices", "list"}), HasSubstr("Bộ phận mới"));
  const std::string json = Write("offices.json", R"({"fields":[{"name":"fields/moi","displayName":"Lĩnh vực mới"}]})");
  EXPECT_EQ(Json({"offices", "import", json}).value("changedCount", -1), 1);
  EXPECT_EQ(Run({"offices", "import", Write("bad.csv", "kind,id,name\nroom,1,x\n")}).status, 1);
}

TEST_F(CliTest, ACalendarIsCheckedImportedAndRecomputed) {
  const std::string code = Accept();
  ASSERT_EQ(Json({"show", code})["due"]["dueTime"], "2026-12-02T17:00:00+07:00");
  std::string calendar = Read(TTHC_SOURCE_DIR "/deploy/data/calendar.csv");
  EXPECT_THAT(Ok({"calendar", "check", TTHC_SOURCE_DIR "/deploy/data/calendar.csv", "--server", "127.0.0.1:1"}),
              HasSubstr("Lịch hợp lệ"));
  calendar += "2026-11-27,off,official,Nghỉ bão\n";
  const std::string path = Write("calendar.csv", calendar);
  EXPECT_THAT(Ok({"calendar", "import", path, "--description", "Bão số 15"}), HasSubstr("bản 2"));
  EXPECT_THAT(Ok({"calendar", "show"}), HasSubstr("Nghỉ bão"));
  EXPECT_EQ(Ok({"calendar", "show", "1", "-o", "csv"}).find("Nghỉ bão"), std::string::npos);

  // The CSV that show writes can be imported again.
  EXPECT_EQ(Run({"calendar", "check", Write("again.csv", Ok({"calendar", "show", "-o", "csv"}))}).status, 0);

  const nlohmann::json preview = Json({"calendar", "recompute", "--preview", "--reason", "Bão số 15"});
  ASSERT_EQ(preview.size(), 1u);
  EXPECT_EQ(preview[0]["dueTime"], "2026-12-03T17:00:00+07:00");
  EXPECT_EQ(Json({"show", code})["due"]["dueTime"], "2026-12-02T17:00:00+07:00");
  Ok({"calendar", "recompute", "--reason", "Bão số 15"});
  EXPECT_EQ(Json({"show", code})["due"]["dueTime"], "2026-12-03T17:00:00+07:00");
  EXPECT_THAT(Ok({"history", code}), HasSubstr("tính lại hẹn trả"));
  EXPECT_TRUE(Json({"calendar", "recompute", "--reason", "Bão số 15"}).empty());

  EXPECT_EQ(Run({"calendar", "import", Write("bad.csv", "date,kind\n2026-02-30,off\n")}).status, 1);
}

TEST_F(CliTest, DueAsksTheServerUnlessItHasACalendar) {
  EXPECT_EQ(Json({"due", "--procedure", "1.004222", "--at", "2026-11-20T09:00"})["dueTime"],
            "2026-12-02T17:00:00+07:00");
  EXPECT_EQ(Json({"due", "--limit", "1wd", "--rule", "clock", "--at", "20/11/2026 09:00", "--pause",
                  "2026-11-20T10:00..2026-11-20T11:00"})["dueTime"],
            "2026-11-23T10:00:00+07:00");
  const ProgramResult result = Run({"due", "--limit", "1wd", "--at", "2026-12-31T09:00"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr("2027"));
  EXPECT_EQ(Run({"due", "--procedure", "9.9", "--at", "2026-11-20"}).status, 3);
}

TEST_F(CliTest, HealthSaysThatItServes) {
  EXPECT_THAT(Ok({"health"}), HasSubstr("đang phục vụ"));
  EXPECT_GT(Json({"health"})["headRevision"].get<int64_t>(), 0);
}

TEST_F(CliTest, CompletionScriptsAreSound) {
  const std::string bash =
      Write("tthc.bash", Ok({"completion", "bash"}) +
                             "\nCOMP_WORDS=(tthc supplement a); COMP_CWORD=2; _tthc; echo \"${COMPREPLY[@]}\"\n");
  const ProgramResult completed = RunProgram({.program = "/bin/bash", .arguments = {bash}});
  EXPECT_EQ(completed.output, "ask\n") << completed.errors;
}

}  // namespace
}  // namespace tthc::testing
