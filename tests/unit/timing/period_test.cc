#include "server/timing/period.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/calendars.h"

namespace tthc::timing {
namespace {

using ::testing::HasSubstr;
using tthc::testing::At;
using tthc::testing::Day;
using tthc::testing::ValueOrDie;

constexpr v1::Period::Scheme kReporting = v1::Period::SCHEME_REPORTING;
constexpr v1::Period::Scheme kCalendar = v1::Period::SCHEME_CALENDAR;
// A Sunday evening.
constexpr char kNow[] = "2026-11-22T20:00";

v1::Period Preset(const std::string& preset, v1::Period::Scheme scheme = v1::Period::SCHEME_UNSPECIFIED) {
  v1::Period period;
  period.set_preset(preset);
  period.set_scheme(scheme);
  return period;
}

v1::Period Bucket(const std::optional<absl::Time>& from, const std::optional<absl::Time>& to) {
  v1::Period period;
  if (from.has_value()) *period.mutable_start_time() = ToProto(*from);
  if (to.has_value()) *period.mutable_end_time() = ToProto(*to);
  return period;
}

absl::StatusOr<timing::ResolvedPeriod> Resolve(const v1::Period& period) {
  return timing::ResolvePeriod(period, At(kNow));
}

// First and last day, as reports print them: "15/06/2026-14/09/2026".
std::string Days(const timing::ResolvedPeriod& period) {
  return absl::StrCat(FormatDateForPeople(period.from), "-", FormatDateForPeople(period.to - absl::Seconds(1)));
}

struct Row {
  const char* preset;
  v1::Period::Scheme scheme;
  const char* days;
  const char* shortest;
  // First and last day of the one before.
  const char* before;
  const char* before_preset;
};

TEST(PeriodTest, PresetsOfBothSchemesAreWholeLocalDays) {
  const std::vector<Row> rows = {
      {"q1/2026", kReporting, "15/12/2025-14/03/2026", "q1/2026", "15/09/2025-14/12/2025", "q4/2025"},
      {"q2/2026", kReporting, "15/03/2026-14/06/2026", "q2/2026", "15/12/2025-14/03/2026", "q1/2026"},
      {"q3/2026", kReporting, "15/06/2026-14/09/2026", "q3/2026", "15/03/2026-14/06/2026", "q2/2026"},
      {"q4/2026", kReporting, "15/09/2026-14/12/2026", "q4/2026", "15/06/2026-14/09/2026", "q3/2026"},
      {"q1/2026", kCalendar, "01/01/2026-31/03/2026", "q1/2026", "01/10/2025-31/12/2025", "q4/2025"},
      {"q2/2026", kCalendar, "01/04/2026-30/06/2026", "q2/2026", "01/01/2026-31/03/2026", "q1/2026"},
      {"q3/2026", kCalendar, "01/07/2026-30/09/2026", "q3/2026", "01/04/2026-30/06/2026", "q2/2026"},
      {"q4/2026", kCalendar, "01/10/2026-31/12/2026", "q4/2026", "01/07/2026-30/09/2026", "q3/2026"},
      {"h1/2026", kReporting, "15/12/2025-14/06/2026", "h1/2026", "15/06/2025-14/12/2025", "h2/2025"},
      {"h2/2026", kReporting, "15/06/2026-14/12/2026", "h2/2026", "15/12/2025-14/06/2026", "h1/2026"},
      {"h1/2026", kCalendar, "01/01/2026-30/06/2026", "h1/2026", "01/07/2025-31/12/2025", "h2/2025"},
      {"h2/2026", kCalendar, "01/07/2026-31/12/2026", "h2/2026", "01/01/2026-30/06/2026", "h1/2026"},
      {"2026", kReporting, "15/12/2025-14/12/2026", "2026", "15/12/2024-14/12/2025", "2025"},
      {"y2026", kReporting, "15/12/2025-14/12/2026", "2026", "15/12/2024-14/12/2025", "2025"},
      {"2026", kCalendar, "01/01/2026-31/12/2026", "2026", "01/01/2025-31/12/2025", "2025"},
      // Months, weeks and days are those of the calendar in both.
      {"m11/2026", kReporting, "01/11/2026-30/11/2026", "m11/2026", "01/10/2026-31/10/2026", "m10/2026"},
      {"m1/2026", kCalendar, "01/01/2026-31/01/2026", "m1/2026", "01/12/2025-31/12/2025", "m12/2025"},
      {"m02/2024", kReporting, "01/02/2024-29/02/2024", "m2/2024", "01/01/2024-31/01/2024", "m1/2024"},
      {"w47/2026", kReporting, "16/11/2026-22/11/2026", "w47/2026", "09/11/2026-15/11/2026", "w46/2026"},
      // The first week of 2026 begins in 2025; 2026 has 53 of them.
      {"w1/2026", kReporting, "29/12/2025-04/01/2026", "w1/2026", "22/12/2025-28/12/2025", "w52/2025"},
      {"w53/2026", kCalendar, "28/12/2026-03/01/2027", "w53/2026", "21/12/2026-27/12/2026", "w52/2026"},
      {"w1/2027", kCalendar, "04/01/2027-10/01/2027", "w1/2027", "28/12/2026-03/01/2027", "w53/2026"},
      {"d23/11/2026", kReporting, "23/11/2026-23/11/2026", "d23/11/2026", "22/11/2026-22/11/2026", "d22/11/2026"},
      {"d1/3/2024", kReporting, "01/03/2024-01/03/2024", "d01/03/2024", "29/02/2024-29/02/2024", "d29/02/2024"},
      {"today", kReporting, "22/11/2026-22/11/2026", "d22/11/2026", "21/11/2026-21/11/2026", "d21/11/2026"},
      {" Q3/2026 ", kReporting, "15/06/2026-14/09/2026", "q3/2026", "15/03/2026-14/06/2026", "q2/2026"},
      {"TODAY", kCalendar, "22/11/2026-22/11/2026", "d22/11/2026", "21/11/2026-21/11/2026", "d21/11/2026"},
  };
  for (const Row& row : rows) {
    const absl::StatusOr<timing::ResolvedPeriod> period = Resolve(Preset(row.preset, row.scheme));
    ASSERT_TRUE(period.ok()) << row.preset << period.status();
    EXPECT_EQ(Days(*period), row.days) << row.preset;
    EXPECT_EQ(period->preset, row.shortest);
    EXPECT_EQ(period->scheme, row.scheme);
    EXPECT_EQ(LocalSecondOfDay(period->from), 0);
    EXPECT_EQ(LocalSecondOfDay(period->to), 0);
    const timing::ResolvedPeriod before = timing::PreviousPeriod(*period);
    EXPECT_EQ(Days(before), row.before) << row.preset;
    EXPECT_EQ(before.preset, row.before_preset);
    EXPECT_EQ(before.kind, period->kind);
  }
}

TEST(PeriodTest, WithoutASchemeAPeriodIsTheReportsOne) {
  EXPECT_EQ(Days(ValueOrDie(Resolve(Preset("q3/2026")))), "15/06/2026-14/09/2026");
  EXPECT_EQ(ValueOrDie(Resolve(Preset("q3/2026"))).scheme, kReporting);
}

TEST(PeriodTest, TodayIsTheOfficesDayWhateverTheClientsZone) {
  // 23:30 UTC of the 21st is 06:30 of the 22nd in Hanoi, and 16:59:59 UTC is still the same evening.
  for (const auto& [now, day] : {std::pair{"2026-11-21T23:30:00Z", "22/11/2026-22/11/2026"},
                                 std::pair{"2026-11-21T16:59:59Z", "21/11/2026-21/11/2026"},
                                 std::pair{"2026-11-21T17:00:00Z", "22/11/2026-22/11/2026"}}) {
    EXPECT_EQ(Days(ValueOrDie(timing::ResolvePeriod(Preset("today"), ValueOrDie(ParseRfc3339(now))))), day) << now;
  }
}

TEST(PeriodTest, AFreeIntervalIsTakenAsGiven) {
  const absl::Time from = At("2026-08-01T07:30");
  const absl::Time to = At("2026-08-11T07:30");
  const timing::ResolvedPeriod period = ValueOrDie(Resolve(Bucket(from, to)));
  EXPECT_EQ(period.from, from);
  EXPECT_EQ(period.to, to);
  EXPECT_EQ(period.preset, "");
  const timing::ResolvedPeriod before = timing::PreviousPeriod(period);
  EXPECT_EQ(before.from, At("2026-07-22T07:30"));
  EXPECT_EQ(before.to, from);
  EXPECT_EQ(before.kind, timing::PeriodKind::kFree);
}

TEST(PeriodTest, TheLongestIntervalIsTakenAndNotASecondMore) {
  const absl::Time from = At("2005-01-01");
  const absl::Time to = from + absl::Hours(24) * limits::kPeriodDaysMax;
  EXPECT_TRUE(Resolve(Bucket(from, to)).ok());
  EXPECT_EQ(ErrorReason(Resolve(Bucket(from, to + absl::Seconds(1))).status()), "PERIOD_INVALID");
}

TEST(PeriodTest, ThePeriodOfAnAnswerCanBeSentBack) {
  for (const absl::string_view preset : {"today", "q1/2000", "h2/2026", "2026", "w53/2026", "m2/2024"}) {
    const timing::ResolvedPeriod period = ValueOrDie(Resolve(Preset(std::string(preset), kCalendar)));
    const v1::Period answer = timing::PeriodToProto(period);
    EXPECT_TRUE(answer.has_start_time() && answer.has_end_time());
    const timing::ResolvedPeriod again = ValueOrDie(timing::ResolvePeriod(answer, At("2030-01-01")));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(timing::PeriodToProto(again), answer)) << preset;
  }
}

TEST(PeriodTest, WhatIsNoPeriodIsRefusedWithAWayOut) {
  const absl::Time from = At("2026-08-01");
  const absl::Time far_future = absl::FromUnixSeconds(253'402'300'799);
  v1::Period mixed = Preset("q3/2026");
  *mixed.mutable_start_time() = ToProto(from);
  v1::Period both = mixed;
  *both.mutable_end_time() = ToProto(from + absl::Hours(24));
  v1::Period unknown_scheme = Preset("q3/2026");
  unknown_scheme.set_scheme(static_cast<v1::Period::Scheme>(7));
  const std::vector<std::pair<v1::Period, std::string>> rows = {
      {{}, "is missing"},
      {Preset("  "), "is missing"},
      {Bucket(from, std::nullopt), "one end only"},
      {Bucket(std::nullopt, from), "one end only"},
      {Bucket(from, from), "is empty"},
      {Bucket(from, from - absl::Hours(24)), "is reversed"},
      {Bucket(At("2000-01-01"), At("2026-01-01")), "is longer than"},
      {Bucket(absl::UnixEpoch(), from), "years 2000 to 2100"},
      {Bucket(from, far_future), "years 2000 to 2100"},
      {mixed, "differently"},
      {both, "differently"},
      {unknown_scheme, "unknown scheme"},
  };
  for (const auto& [period, words] : rows) {
    const absl::Status status = Resolve(period).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << words;
    EXPECT_EQ(ErrorReason(status), "PERIOD_INVALID");
    EXPECT_EQ(ErrorField(status), "period");
    EXPECT_THAT(ErrorMessage(status, "en"), HasSubstr(words));
    EXPECT_NE(ErrorMessage(status, "vi"), ErrorMessage(status, "en"));
  }
}

TEST(PeriodTest, WhatIsNoPresetIsRefusedWithExamples) {
  for (const absl::string_view text :
       {"q0/2026",     "q5/2026",      "q/2026",     "q3",        "q3/26",       "q3-2026",    "q3/2026 x",
        "h0/2026",     "h3/2026",      "m0/2026",    "m13/2026",  "w0/2026",     "w53/2025",   "w54/2026",
        "d31/02/2026", "d0/1/2026",    "d1/13/2026", "d23/11/26", "1999",        "2101",       "y1999",
        "20266",       "202",          "y",          "q",         "today/2026",  "yesterday",  "q+3/2026",
        "q 3/2026",    "d23/11/2026/", "z3/2026",    "3/2026",    "d-1/11/2026", "quý 3/2026", "\xFF\xFE"}) {
    const absl::Status status = Resolve(Preset(std::string(text))).status();
    EXPECT_EQ(ErrorReason(status), "PERIOD_INVALID") << text;
    EXPECT_EQ(ErrorField(status), "period");
    EXPECT_THAT(ErrorMessage(status, "en"), HasSubstr("w47/2026"));
    EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("q3/2026"));
  }
  EXPECT_EQ(ErrorReason(Resolve(Preset(std::string(1 << 20, 'q'))).status()), "PERIOD_INVALID");
}

TEST(PeriodTest, TheRunningQuarterChangesAtTheReportsMidnights) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"2025-12-14T23:59", "q4/2025"}, {"2025-12-15T00:00", "q1/2026"}, {"2026-03-14T23:59", "q1/2026"},
      {"2026-03-15T00:00", "q2/2026"}, {"2026-06-15T00:00", "q3/2026"}, {"2026-09-14T23:59", "q3/2026"},
      {"2026-09-15T00:00", "q4/2026"}, {"2026-11-22T20:00", "q4/2026"}};
  for (const auto& [now, quarter] : rows) {
    const timing::ResolvedPeriod running = timing::RunningQuarter(v1::Period::SCHEME_UNSPECIFIED, At(now));
    EXPECT_EQ(running.preset, quarter) << now;
    EXPECT_LE(running.from, At(now));
    EXPECT_GT(running.to, At(now));
  }
  EXPECT_EQ(timing::RunningQuarter(kCalendar, At("2025-12-31T23:59")).preset, "q4/2025");
  EXPECT_EQ(timing::RunningQuarter(kCalendar, At("2026-01-01T00:00")).preset, "q1/2026");
}

std::vector<std::string> Starts(v1::GroupBy group_by, v1::Period::Scheme scheme, const char* from, const char* to) {
  std::vector<std::string> days;
  for (const absl::Time start : timing::BucketStarts(group_by, scheme, At(from), At(to))) {
    days.push_back(FormatForPeople(start));
  }
  return days;
}

TEST(PeriodTest, BucketsAreCutToThePeriod) {
  using ::testing::ElementsAre;
  EXPECT_THAT(Starts(v1::GROUP_BY_DAY, kReporting, "2026-08-01T07:30", "2026-08-03T00:00"),
              ElementsAre("07:30 01/08/2026", "00:00 02/08/2026"));
  EXPECT_THAT(Starts(v1::GROUP_BY_WEEK, kReporting, "2026-08-01", "2026-08-11"),
              ElementsAre("00:00 01/08/2026", "00:00 03/08/2026", "00:00 10/08/2026"));
  // Months are the calendar's in a reporting period, too: its own edges are cut ones.
  EXPECT_THAT(Starts(v1::GROUP_BY_MONTH, kReporting, "2026-06-15", "2026-09-15"),
              ElementsAre("00:00 15/06/2026", "00:00 01/07/2026", "00:00 01/08/2026", "00:00 01/09/2026"));
  EXPECT_THAT(Starts(v1::GROUP_BY_QUARTER, kReporting, "2025-12-15", "2026-12-15"),
              ElementsAre("00:00 15/12/2025", "00:00 15/03/2026", "00:00 15/06/2026", "00:00 15/09/2026"));
  EXPECT_THAT(
      Starts(v1::GROUP_BY_QUARTER, kCalendar, "2025-12-15", "2026-12-15"),
      ElementsAre("00:00 15/12/2025", "00:00 01/01/2026", "00:00 01/04/2026", "00:00 01/07/2026", "00:00 01/10/2026"));
  EXPECT_THAT(Starts(v1::GROUP_BY_YEAR, kReporting, "2025-12-14", "2026-12-16"),
              ElementsAre("00:00 14/12/2025", "00:00 15/12/2025", "00:00 15/12/2026"));
  EXPECT_THAT(Starts(v1::GROUP_BY_YEAR, kCalendar, "2025-12-15", "2026-12-15"),
              ElementsAre("00:00 15/12/2025", "00:00 01/01/2026"));
  // Within one.
  EXPECT_THAT(Starts(v1::GROUP_BY_YEAR, kCalendar, "2026-02-01", "2026-02-02"), ElementsAre("00:00 01/02/2026"));
}

}  // namespace
}  // namespace tthc::timing
