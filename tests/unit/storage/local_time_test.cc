#include "storage/base/local_time.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/testing/seed.h"

namespace tthc {
namespace {

// 2026-11-26T10:00:00+07:00.
constexpr int64_t kTenOClock = 1795662000;

TEST(ParseIsoDate, AcceptsOnlyDaysThatExist) {
  for (const char* good : {"2026-11-26", "2024-02-29", "2000-01-01", "2100-12-31"}) {
    const auto day = ParseIsoDate(good);
    ASSERT_TRUE(day.ok()) << good;
    EXPECT_EQ(FormatIsoDate(*day), good);
  }
  for (const char* bad : {"", "2026-02-31", "2026-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-13-01",
                          "2026-01-00", "1999-12-31", "2101-01-01", "26/11/2026", "2026-11-6", "2026-11-26 ",
                          "2026/11/26", "+026-11-26", "2026-11-2x"}) {
    EXPECT_FALSE(ParseIsoDate(bad).ok()) << bad;
  }
}

TEST(ParseRfc3339, AcceptsAnyOffsetAndRefusesATimeWithoutOne) {
  for (const char* good : {"2026-11-26T10:00:00+07:00", "2026-11-26T03:00:00Z", "2026-11-25T23:00:00-04:00",
                           "2026-11-26T10:00:00.000+07:00"}) {
    const auto time = ParseRfc3339(good);
    ASSERT_TRUE(time.ok()) << good;
    EXPECT_EQ(absl::ToUnixSeconds(*time), kTenOClock) << good;
  }
  for (const char* bad : {"2026-11-26T10:00:00", "2026-02-31T10:00:00Z", "2026-11-26T25:00:00Z", "2026-11-26", "",
                          "1999-12-31T00:00:00Z", "infinite-future", "infinite-past", "292277026596-12-04T15:30:07Z",
                          "2100-12-31T17:00:00Z", "2026-11-26T10:00:00+7"}) {
    EXPECT_FALSE(ParseRfc3339(bad).ok()) << bad;
  }
}

TEST(ParseRfc3339, ChecksTheYearByTheOfficesClock) {
  EXPECT_TRUE(ParseRfc3339("1999-12-31T17:00:00Z").ok());
  EXPECT_FALSE(ParseRfc3339("1999-12-31T16:59:59Z").ok());
  EXPECT_TRUE(ParseRfc3339("2100-12-31T16:59:59Z").ok());
}

TEST(ParseLocalTime, AcceptsWhatPeopleType) {
  for (const char* good : {"2026-11-26T10:00", "2026-11-26T10:00:00", "2026-11-26 10:00", "26/11/2026 10:00",
                           "26/11/2026 10:00:00", "10:00 26/11/2026", " 26/11/2026 10:00 ", "2026-11-26T03:00:00Z"}) {
    const auto time = ParseLocalTime(good);
    ASSERT_TRUE(time.ok()) << good << " " << time.status();
    EXPECT_EQ(absl::ToUnixSeconds(*time), kTenOClock) << good;
  }
  EXPECT_EQ(absl::ToUnixSeconds(*ParseLocalTime("26/11/2026")), kTenOClock - 10 * 3600);
  EXPECT_EQ(absl::ToUnixSeconds(*ParseLocalTime("2026-11-26 23:59:59")), kTenOClock + 14 * 3600 - 1);
  for (const char* bad :
       {"31/02/2026 10:00", "2026-02-31", "29/02/2026", "26/11/2026 24:00", "26/11/2026 10:60", "26/11/2026 10",
        "26/11/26 10:00", "11/26/2026", "10:00", "tomorrow", "", "26/11/2026 10:00 x", "26/11/1999", "26-11-2026"}) {
    EXPECT_FALSE(ParseLocalTime(bad).ok()) << bad;
  }
}

TEST(LocalDay, ChangesAtTheOfficesMidnight) {
  const absl::Time midnight = absl::FromUnixSeconds(kTenOClock - 10 * 3600);
  const int64_t day = LocalDayNumber(midnight);
  EXPECT_EQ(LocalDayNumber(midnight - absl::Nanoseconds(1)), day - 1);
  EXPECT_EQ(LocalSecondOfDay(midnight), 0);
  EXPECT_EQ(LocalSecondOfDay(midnight - absl::Seconds(1)), kSecondsPerDay - 1);
  EXPECT_EQ(LocalMidnight(day), midnight);
  EXPECT_EQ(FormatIsoDate(LocalCivilDay(midnight)), "2026-11-26");
  EXPECT_EQ(LocalDayNumber(absl::FromUnixSeconds(-kLocalOffsetSeconds - 1)), -1);
}

TEST(LocalDay, AcceptsAnySecondThatATimestampCanHold) {
  google::protobuf::Timestamp far;
  far.set_seconds(INT64_MAX);
  EXPECT_GT(LocalDayNumber(FromProto(far)), DayNumber(absl::CivilDay(10'000, 1, 1)));
  far.set_seconds(INT64_MIN);
  EXPECT_LT(LocalDayNumber(FromProto(far)), 0);
  EXPECT_GT(LocalDayNumber(absl::InfiniteFuture()), 0);
}

TEST(Formats, ShowTheOfficesWallClock) {
  const absl::Time time = absl::FromUnixSeconds(kTenOClock) + absl::Milliseconds(999);
  EXPECT_EQ(FormatRfc3339(time), "2026-11-26T10:00:00+07:00");
  EXPECT_EQ(FormatForPeople(time), "10:00 26/11/2026");
  EXPECT_EQ(FormatDateForPeople(time), "26/11/2026");
}

TEST(Formats, AreParsedBackToTheSameTime) {
  std::mt19937_64 random(testing::TestSeed());
  const int64_t first = absl::ToUnixSeconds(*ParseLocalTime("01/01/2000"));
  const int64_t last = absl::ToUnixSeconds(*ParseLocalTime("31/12/2100"));
  for (int i = 0; i < 20'000; ++i) {
    const absl::Time time =
        absl::FromUnixSeconds(first + static_cast<int64_t>(random() % static_cast<uint64_t>(last - first)));
    ASSERT_EQ(*ParseRfc3339(FormatRfc3339(time)), time);
    ASSERT_EQ(*ParseLocalTime(FormatRfc3339(time)), time);
    ASSERT_EQ(LocalMidnight(LocalDayNumber(time)) + absl::Seconds(LocalSecondOfDay(time)), time);
    ASSERT_EQ(CivilDayOf(DayNumber(LocalCivilDay(time))), LocalCivilDay(time));
    ASSERT_EQ(*ParseIsoDate(FormatIsoDate(LocalCivilDay(time))), LocalCivilDay(time));
    const absl::Time fine = time + absl::Microseconds(static_cast<int64_t>(random() % 1'000'000));
    ASSERT_EQ(FromProto(ToProto(fine)), fine);
  }
}

TEST(ToProto, KeepsMicrosecondsBeforeTheEpochToo) {
  const absl::Time time = absl::FromUnixMicros(-1);
  EXPECT_EQ(ToProto(time).seconds(), -1);
  EXPECT_EQ(ToProto(time).nanos(), 999'999'000);
  EXPECT_EQ(FromProto(ToProto(time)), time);
}

}  // namespace
}  // namespace tthc
