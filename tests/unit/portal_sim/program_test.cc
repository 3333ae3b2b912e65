// The simulator as a program: its state survives a kill.
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/testing/process.h"
#include "tests/testing/scratch_directory.h"
#include "tests/unit/portal_sim/http_caller.h"
#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

using testing::CallOnce;
using testing::Parse;
using testing::TestJson;
using tthc::testing::Process;
using tthc::testing::RunProgram;

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Running {
  std::unique_ptr<Process> process;
  uint16_t port = 0;
};

Running StartProgram(std::vector<std::string> arguments) {
  auto process = Process::Start({.program = TTHC_PORTAL_SIM, .arguments = std::move(arguments)});
  if (!process.ok()) return {};
  const auto line = (*process)->ReadLine(kPatience);
  const std::string ready = "tthc-portal-sim ready on http://127.0.0.1:";
  uint32_t port = 0;
  if (!line.ok() || line->rfind(ready, 0) != 0 || !absl::SimpleAtoi(line->substr(ready.size()), &port)) return {};
  return {.process = *std::move(process), .port = static_cast<uint16_t>(port)};
}

TEST(ProgramTest, KeepsWhatItAnsweredAfterAKill) {
  const tthc::testing::ScratchDirectory directory;
  const std::vector<std::string> arguments = {"--state", directory.path() + "/portal.jsonl", "--session-life", "1h"};
  Running running = StartProgram(arguments);
  ASSERT_NE(running.port, 0);
  const std::string session = TestJson::parse(CallOnce(running.port, testing::DvcqgLogin()).body).value("session", "");
  const auto answer = CallOnce(running.port, testing::DvcqgRecord(session, "False", testing::Record()));
  EXPECT_EQ(answer.status, 200) << answer.error;
  running.process->Signal(SIGKILL);
  ASSERT_TRUE(running.process->Wait(kPatience).ok());

  running = StartProgram(arguments);
  ASSERT_NE(running.port, 0);
  const auto lookup = CallOnce(running.port, testing::DvcqgLookup(session));
  EXPECT_EQ(TestJson::parse(lookup.body)["result"][0]["MaHoSo"], testing::kCode) << lookup.body;
  running.process->Signal(SIGTERM);
  const auto status = running.process->Wait(kPatience);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(*status, 0);
}

TEST(ProgramTest, ReportsInvalidOptions) {
  for (const auto& [option, value] :
       {std::pair("--faults", "bussy=1"), std::pair("--listen", "8070"), std::pair("--answer-time", "fast"),
        std::pair("--password-file", "/nowhere"), std::pair("--listen", "portal:0"), std::pair("--tls-cert", "x")}) {
    const auto result = RunProgram({.program = TTHC_PORTAL_SIM, .arguments = {option, value}});
    EXPECT_EQ(result.status, 2) << option << "\n" << result.errors;
    EXPECT_NE(result.errors, "") << option;
  }
  EXPECT_EQ(RunProgram({.program = TTHC_PORTAL_SIM, .arguments = {"--state", "/nowhere/portal"}}).status, 1);
  EXPECT_EQ(RunProgram({.program = TTHC_PORTAL_SIM, .arguments = {"--help"}}).status, 0);
}

}  // namespace
}  // namespace tthc::portal_sim
