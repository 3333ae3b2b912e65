// Laws of periods, over random ones.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/timing/period.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/seed.h"

namespace tthc::timing {
namespace {

using tthc::testing::Day;
using tthc::testing::TestSeed;
using tthc::testing::ValueOrDie;

constexpr int kPeriods = 2000;
constexpr v1::GroupBy kBuckets[] = {v1::GROUP_BY_DAY, v1::GROUP_BY_WEEK, v1::GROUP_BY_MONTH, v1::GROUP_BY_QUARTER,
                                    v1::GROUP_BY_YEAR};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int64_t Between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(engine_); }

 private:
  std::mt19937_64 engine_;
};

v1::Period::Scheme AnyScheme(Random& random) {
  return random.Between(0, 1) == 0 ? v1::Period::SCHEME_REPORTING : v1::Period::SCHEME_CALENDAR;
}

v1::Period AnyPreset(Random& random) {
  const int64_t year = random.Between(limits::kYearMin, limits::kYearMax);
  v1::Period period;
  period.set_scheme(AnyScheme(random));
  switch (random.Between(0, 5)) {
    case 0:
      period.set_preset(absl::StrCat("q", random.Between(1, 4), "/", year));
      break;
    case 1:
      period.set_preset(absl::StrCat("h", random.Between(1, 2), "/", year));
      break;
    case 2:
      period.set_preset(absl::StrCat(year));
      break;
    case 3:
      period.set_preset(absl::StrCat("m", random.Between(1, 12), "/", year));
      break;
    case 4:
      period.set_preset(absl::StrCat("w", random.Between(1, 52), "/", year));
      break;
    default:
      period.set_preset(absl::StrCat("d", random.Between(1, 28), "/", random.Between(1, 12), "/", year));
  }
  return period;
}

// An interval of up to two years, at odd seconds or at midnights.
v1::Period AnyBucket(Random& random) {
  const int64_t seconds = random.Between(0, 1) == 0 ? 1 : kSecondsPerDay;
  const int64_t first = random.Between(Day("2001-01-01"), Day("2097-12-31")) * kSecondsPerDay / seconds;
  const absl::Time from = LocalMidnight(0) + absl::Seconds(first * seconds);
  v1::Period period;
  period.set_scheme(AnyScheme(random));
  *period.mutable_start_time() = ToProto(from);
  *period.mutable_end_time() =
      ToProto(from + absl::Seconds(random.Between(1, 730 * kSecondsPerDay / seconds) * seconds));
  return period;
}

timing::ResolvedPeriod AnyPeriod(Random& random) {
  return ValueOrDie(timing::ResolvePeriod(random.Between(0, 1) == 0 ? AnyPreset(random) : AnyBucket(random),
                                          LocalMidnight(Day("2026-11-22"))));
}

TEST(PeriodPropertyTest, ThePeriodBeforeEndsWhereThisOneBegins) {
  Random random(TestSeed());
  for (int i = 0; i < kPeriods; ++i) {
    const timing::ResolvedPeriod period = AnyPeriod(random);
    const timing::ResolvedPeriod before = timing::PreviousPeriod(period);
    ASSERT_EQ(before.to, period.from) << period.preset;
    ASSERT_LT(before.from, before.to) << period.preset;
    ASSERT_EQ(before.kind, period.kind);
    ASSERT_EQ(before.scheme, period.scheme);
    if (period.kind == timing::PeriodKind::kFree) {
      ASSERT_EQ(before.to - before.from, period.to - period.from);
      continue;
    }
    // Its own name means it, unless it lies before all years that can be named.
    v1::Period named;
    named.set_preset(before.preset);
    named.set_scheme(before.scheme);
    if (LocalCivilDay(period.from).year() <= limits::kYearMin) continue;
    ASSERT_EQ(ValueOrDie(timing::ResolvePeriod(named, absl::UnixEpoch())).from, before.from) << before.preset;
  }
}

TEST(PeriodPropertyTest, BucketsTileThePeriodWithoutAGap) {
  Random random(TestSeed());
  for (int i = 0; i < kPeriods; ++i) {
    const timing::ResolvedPeriod period = AnyPeriod(random);
    for (const v1::GroupBy group_by : kBuckets) {
      const std::vector<absl::Time> starts = timing::BucketStarts(group_by, period.scheme, period.from, period.to);
      ASSERT_FALSE(starts.empty());
      ASSERT_EQ(starts.front(), period.from);
      for (size_t at = 1; at < starts.size(); ++at) {
        ASSERT_LT(starts[at - 1], starts[at]);
        ASSERT_EQ(LocalSecondOfDay(starts[at]), 0);
      }
      ASSERT_LT(starts.back(), period.to);
    }
  }
}

// A moment's bucket does not depend on where the period began: only the edges are cut.
TEST(PeriodPropertyTest, BucketsOfALongerPeriodAreTheSameInside) {
  Random random(TestSeed());
  for (int i = 0; i < kPeriods / 4; ++i) {
    const timing::ResolvedPeriod period = AnyPeriod(random);
    const absl::Time from = period.from - absl::Hours(random.Between(1, 20'000));
    const absl::Time to = period.to + absl::Hours(random.Between(1, 20'000));
    for (const v1::GroupBy group_by : kBuckets) {
      const std::vector<absl::Time> inner = timing::BucketStarts(group_by, period.scheme, period.from, period.to);
      std::vector<absl::Time> outer;
      for (const absl::Time start : timing::BucketStarts(group_by, period.scheme, from, to)) {
        if (start > period.from && start < period.to) outer.push_back(start);
      }
      ASSERT_EQ(std::vector<absl::Time>(inner.begin() + 1, inner.end()), outer) << period.preset;
    }
  }
}

TEST(PeriodPropertyTest, TheRunningQuarterIsTheOneThatHoldsTheMoment) {
  Random random(TestSeed());
  for (int i = 0; i < kPeriods; ++i) {
    const absl::Time now =
        LocalMidnight(random.Between(Day("2001-01-01"), Day("2099-12-01"))) + absl::Seconds(random.Between(0, 86'399));
    const v1::Period::Scheme scheme = AnyScheme(random);
    const timing::ResolvedPeriod running = timing::RunningQuarter(scheme, now);
    ASSERT_LE(running.from, now);
    ASSERT_LT(now, running.to);
    v1::Period named;
    named.set_preset(running.preset);
    named.set_scheme(scheme);
    const timing::ResolvedPeriod again = ValueOrDie(timing::ResolvePeriod(named, now));
    ASSERT_EQ(again.from, running.from);
    ASSERT_EQ(again.to, running.to);
  }
}

}  // namespace
}  // namespace tthc::timing
