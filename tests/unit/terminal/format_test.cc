#include "client/terminal/format.h"

#include <gtest/gtest.h>

#include "client/terminal/messages.h"
#include "storage/base/local_time.h"

namespace tthc::terminal {
namespace {

absl::Time At(const char* text) { return *ParseLocalTime(text); }

TEST(FormatTime, TablesShowMinutes) { EXPECT_EQ(FormatTableTime(At("2026-11-26T09:05:30")), "26/11/2026 09:05"); }

TEST(FormatTime, ExactTimesAreReadBack) {
  for (const absl::Time time :
       {At("2026-11-26T09:05"), At("2026-11-26T09:05:30"), At("2026-11-26T09:05:30") + absl::Microseconds(1234)}) {
    EXPECT_EQ(*ParseLocalTime(FormatExactTime(time)), time);
  }
  EXPECT_EQ(FormatExactTime(At("2026-11-26T09:05")), "26/11/2026 09:05");
}

TEST(ParsePeriod, YearsQuartersAndMonths) {
  const struct {
    const char* text;
    const char* from;
    const char* to;
  } kCases[] = {{"2026", "2026-01-01", "2027-01-01"},
                {"2026-Q3", "2026-07-01", "2026-10-01"},
                {"q4/2026", "2026-10-01", "2027-01-01"},
                {"2026-09", "2026-09-01", "2026-10-01"},
                {"12/2026", "2026-12-01", "2027-01-01"}};
  for (const auto& c : kCases) {
    const absl::StatusOr<Period> period = ParsePeriod("--period", c.text);
    ASSERT_TRUE(period.ok()) << c.text;
    EXPECT_EQ(period->from, At(c.from)) << c.text;
    EXPECT_EQ(period->to, At(c.to)) << c.text;
  }
  for (const char* bad : {"", "26", "2026-13", "2026-Q5", "2026-Q", "2026-09-01", "Q3"}) {
    EXPECT_TRUE(IsUsageError(ParsePeriod("--period", bad).status())) << bad;
  }
}

TEST(ParsePeriodEnd, ADateAloneMeansItsEnd) {
  EXPECT_EQ(*ParsePeriodEnd("--to", "30/09/2026"), At("2026-10-01"));
  EXPECT_EQ(*ParsePeriodEnd("--to", "30/09/2026 12:00"), At("2026-09-30T12:00"));
}

TEST(FormatAmount, GroupsThousands) {
  EXPECT_EQ(FormatAmount(0), "0");
  EXPECT_EQ(FormatAmount(999), "999");
  EXPECT_EQ(FormatAmount(1500000), "1.500.000");
  EXPECT_EQ(FormatAmount(-1500), "-1.500");
}

TEST(FormatWorkingMinutes, InWords) {
  EXPECT_EQ(FormatWorkingMinutes(480 * 2 + 200, Lang::kVi), "2 ngày 3 giờ 20 phút");
  EXPECT_EQ(FormatWorkingMinutes(-60, Lang::kEn), "1 h");
  EXPECT_EQ(FormatWorkingMinutes(0, Lang::kVi), "0 phút");
}

TEST(ChooseLang, OptionThenEnvironmentThenVietnamese) {
  const auto with = [](const char* name, const char* value) {
    return [=](const char* asked) { return std::string(asked) == name ? std::string(value) : ""; };
  };
  EXPECT_EQ(ChooseLang("en", with("LANG", "vi_VN.UTF-8")), Lang::kEn);
  EXPECT_EQ(ChooseLang("", with("LANG", "en_US.UTF-8")), Lang::kEn);
  EXPECT_EQ(ChooseLang("", with("LANG", "C.UTF-8")), Lang::kVi);
  EXPECT_EQ(ChooseLang("", with("TTHC_LANG", "en")), Lang::kEn);
  EXPECT_EQ(ChooseLang("", with("X", "")), Lang::kVi);
}

}  // namespace
}  // namespace tthc::terminal
