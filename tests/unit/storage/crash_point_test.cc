#include "storage/base/crash_point.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace tthc {
namespace {

// Exits with the number of passes survived.
void PassAndCount(const char* spec, int passes) {
  ArmCrashPoint(spec);
  for (int i = 0; i < passes; ++i) {
    TTHC_CRASH_POINT("test.point");
    TTHC_CRASH_POINT("test.other");
  }
  std::_Exit(passes);
}

TEST(CrashPoint, KillsAtTheNamedPass) {
  EXPECT_EXIT(PassAndCount("test.point", 1), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(PassAndCount("test.point:3", 2), ::testing::ExitedWithCode(2), "");
  EXPECT_EXIT(PassAndCount("test.point:3", 3), ::testing::KilledBySignal(SIGKILL), "");
}

TEST(CrashPoint, PassesUnlessNamed) {
  EXPECT_EXIT(PassAndCount("", 3), ::testing::ExitedWithCode(3), "");
  EXPECT_EXIT(PassAndCount("test.poin", 3), ::testing::ExitedWithCode(3), "");
}

TEST(CrashPoint, IsArmedByTheEnvironment) {
  // A process of its own, so that it is the start-up that reads the variable.
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  setenv("TTHC_CRASH_POINT", "test.point:2", 1);
  EXPECT_EXIT(
      {
        TTHC_CRASH_POINT("test.point");
        TTHC_CRASH_POINT("test.point");
        std::_Exit(0);
      },
      ::testing::KilledBySignal(SIGKILL), "");
  unsetenv("TTHC_CRASH_POINT");
}

}  // namespace
}  // namespace tthc
