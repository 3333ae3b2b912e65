#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "tests/testing/process.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/tthcd_process.h"

namespace tthc::testing {

// A seeded server whose clock began at Friday 20/11/2026 09:00, and the program that talks to it.
class CliTest : public ::testing::Test {
 protected:
  void SetUp() override { server_ = StartServer("2026-11-20T09:00"); }

  static std::unique_ptr<TthcdProcess> StartServer(const char* now) {
    const absl::Duration offset = *ParseLocalTime(now) - absl::Now();
    auto server =
        TthcdProcess::Start({.arguments = {absl::StrCat("--clock-offset=", absl::ToInt64Seconds(offset), "s")}});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  ProgramResult Run(std::vector<std::string> arguments, const std::string& input = "") const {
    return RunProgram({.program = TTHC_PROGRAM,
                       .arguments = std::move(arguments),
                       .environment = {{"TTHC_SERVER", server_->address()},
                                       {"TTHC_OFFICE", "H24.99.1"},
                                       {"TTHC_ACTOR", "officers/hcc02"},
                                       {"LC_ALL", "C"},
                                       {"LANG", "C"}},
                       .input = input});
  }

  // What it prints; it must succeed.
  std::string Ok(std::vector<std::string> arguments) const {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.status, 0) << ::testing::PrintToString(arguments) << "\n" << result.errors;
    return result.output;
  }
  nlohmann::json Json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-o", "json"});
    return nlohmann::json::parse(Ok(std::move(arguments)), nullptr, /*allow_exceptions=*/false);
  }

  // Accepts a dossier, answers its code.
  std::string Accept(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"accept",         "--procedure", "1.004222",  "--name",
                                          "Nguyễn Thị Hòa", "--phone",     "0912345678"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Json(arguments).value("code", "");
  }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = scratch_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  ScratchDirectory scratch_;
  std::unique_ptr<TthcdProcess> server_;
};

}  // namespace tthc::testing
