#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "tests/testing/process.h"

// `tthc due` without a server, as scripts use it.
namespace tthc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

testing::ProgramResult Due(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "due");
  arguments.insert(arguments.end(), {"--calendar", TTHC_SOURCE_DIR "/deploy/data/calendar.csv"});
  return testing::RunProgram(
      {.program = TTHC_PROGRAM, .arguments = std::move(arguments), .environment = {{"LANG", "C"}}});
}

TEST(TthcDue, PassesTheGivenVectors) {
  std::ifstream file(TTHC_SOURCE_DIR "/tests/data/deadline-vectors.csv");
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#' || absl::StartsWith(line, "rule,")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    ASSERT_EQ(cells.size(), 4u) << line;
    const testing::ProgramResult result =
        Due({"--rule", cells[0], "--at", cells[1], "--limit", cells[2], "-o", "json"});
    ++cases;
    if (absl::StartsWith(cells[3], "error: ")) {
      const std::string year = cells[3].substr(7, 4);
      EXPECT_EQ(result.status, 1) << line;
      EXPECT_THAT(result.errors, HasSubstr(year)) << line;
      EXPECT_EQ(result.output, "") << line;
      continue;
    }
    ASSERT_EQ(result.status, 0) << line << "\n" << result.errors;
    const nlohmann::json json = nlohmann::json::parse(result.output);
    EXPECT_THAT(json["dueTime"].get<std::string>(), StartsWith(cells[3])) << line;
    EXPECT_THAT(json["dueTime"].get<std::string>(), ::testing::EndsWith(":00+07:00")) << line;
    EXPECT_EQ(json["dueDate"].get<std::string>(), cells[3].substr(0, 10)) << line;
    for (const auto& interval : json["intervals"]) {
      for (const char* key : {"kind", "startTime", "endTime", "countedMinutes", "reasonVi", "reasonEn"}) {
        EXPECT_TRUE(interval.contains(key)) << key;
      }
    }
  }
  EXPECT_GE(cases, 26);
}

TEST(TthcDue, CutOffPausesAndSessionsCount) {
  const auto due = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json"});
    const testing::ProgramResult result = Due(std::move(arguments));
    EXPECT_EQ(result.status, 0) << result.errors;
    return nlohmann::json::parse(result.output)["dueTime"].get<std::string>();
  };
  EXPECT_EQ(due({"--limit", "same", "--at", "2026-11-23T15:30", "--cutoff", "15:00"}), "2026-11-25T17:00:00+07:00");
  EXPECT_EQ(due({"--limit", "same", "--at", "2026-11-23T15:00", "--cutoff", "15:00"}), "2026-11-23T17:00:00+07:00");
  EXPECT_EQ(due({"--limit", "1wd", "--rule", "clock", "--at", "2026-11-25T08:00", "--pause",
                 "2026-11-25T09:00..2026-11-25T10:00", "--pause", "2026-11-25T14:00..2026-11-25T15:00"}),
            "2026-11-26T10:00:00+07:00");
  EXPECT_EQ(due({"--limit", "1wd", "--at", "2026-11-25T08:00", "--sessions", "07:00-11:30,13:30-16:30"}),
            "2026-11-26T16:30:00+07:00");
  EXPECT_EQ(due({"--procedure", "1.004222", "--at", "2026-11-02T08:00", "--catalogue",
                 TTHC_SOURCE_DIR "/deploy/data/procedures.csv"}),
            "2026-11-11T17:00:00+07:00");
}

TEST(TthcDue, SaysWhatIsMissing) {
  EXPECT_EQ(Due({"--procedure", "9.999999", "--at", "2026-11-02", "--catalogue",
                 TTHC_SOURCE_DIR "/deploy/data/procedures.csv"})
                .status,
            3);
  EXPECT_EQ(testing::RunProgram(
                {.program = TTHC_PROGRAM, .arguments = {"due", "--limit", "1wd", "--calendar", "no-such-file.csv"}})
                .status,
            3);
  EXPECT_EQ(Due({"--limit", "1wd", "--sessions", "11:00-09:00"}).status, 2);
}

TEST(TthcDue, TheTableExplainsInBothLanguages) {
  EXPECT_THAT(Due({"--limit", "3wd", "--at", "2026-11-20T10:00"}).output, HasSubstr("Ngày Văn hóa Việt Nam"));
  EXPECT_THAT(Due({"--limit", "3wd", "--at", "2026-11-20T10:00", "--lang", "en"}).output,
              StartsWith("Due: 26/11/2026 17:00"));
}

}  // namespace
}  // namespace tthc
