#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/testing/scratch_directory.h"

namespace tthc::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tthcd");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

// An environment variable for the length of a test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~ScopedVariable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(Config, HasDefaults) {
  const CommandLine parsed = Parse({"--data", "here"});
  ASSERT_TRUE(parsed.config.has_value()) << parsed.stderr_text;
  EXPECT_EQ(parsed.config->data_directory, "here");
  EXPECT_EQ(parsed.config->listen, "127.0.0.1:50551");
  EXPECT_EQ(parsed.config->engine, EngineKind::kRocksDb);
  EXPECT_EQ(parsed.config->block_cache_bytes, limits::kBlockCacheBytesDefault);
}

TEST(Config, ReportsAllErrorsAtOnceInBothLanguages) {
  const CommandLine parsed = Parse({"--listen", "0.0.0.0:1", "--read-threads", "many", "--write-buffer-mb", "100000",
                                    "--seed", "/nowhere/at/all", "--color"});
  EXPECT_FALSE(parsed.config.has_value());
  EXPECT_EQ(parsed.exit_code, 2);
  for (const char* part : {"--data", "0.0.0.0:1", "many", "100000", "/nowhere/at/all", "--color",
                           "không phải là số nguyên", "can be reached from other machines"}) {
    EXPECT_THAT(parsed.stderr_text, HasSubstr(part));
  }
  EXPECT_EQ(parsed.stdout_text, "");
}

TEST(Config, RefusesToListenBeyondThisMachine) {
  const CommandLine parsed = Parse({"--data", "d", "--listen", "192.168.1.2:50551"});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.stderr_text, HasSubstr("xác thực"));
}

TEST(Config, AFlagPrecedesTheEnvironmentPrecedesTheDefault) {
  const ScopedVariable data("TTHC_DATA", "from-environment");
  const ScopedVariable threads("TTHC_READ_THREADS", "7");
  const CommandLine parsed = Parse({"--data", "from-flag"});
  ASSERT_TRUE(parsed.config.has_value()) << parsed.stderr_text;
  EXPECT_EQ(parsed.config->data_directory, "from-flag");
  EXPECT_EQ(parsed.config->read_threads, 7);
}

TEST(Config, MemoryNeedsNoData) {
  const CommandLine parsed = Parse({"--engine", "memory"});
  ASSERT_TRUE(parsed.config.has_value()) << parsed.stderr_text;
  EXPECT_EQ(parsed.config->engine, EngineKind::kMemory);
}

TEST(Config, TakesAnExistingSeed) {
  const testing::ScratchDirectory seed;
  const CommandLine parsed = Parse({"--data", "d", "--seed", seed.path().c_str(), "--clock-offset=-36h"});
  ASSERT_TRUE(parsed.config.has_value()) << parsed.stderr_text;
  EXPECT_EQ(parsed.config->seed_directory, seed.path());
  EXPECT_EQ(parsed.config->clock_offset, -absl::Hours(36));
}

TEST(Config, HelpShowsExamplesAndHidesWhatIsForTests) {
  const CommandLine parsed = Parse({"--help"});
  EXPECT_FALSE(parsed.config.has_value());
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.stdout_text, HasSubstr("Examples:"));
  EXPECT_THAT(parsed.stdout_text, HasSubstr("TTHC_BLOCK_CACHE_MB"));
  EXPECT_THAT(parsed.stdout_text, Not(HasSubstr("clock-offset")));
}

TEST(Config, VersionIsOneLine) {
  const CommandLine parsed = Parse({"--version"});
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.stdout_text, ::testing::MatchesRegex("tthcd [0-9.]+\n"));
}

}  // namespace
}  // namespace tthc::server
