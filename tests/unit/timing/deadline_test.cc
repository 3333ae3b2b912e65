#include "server/timing/deadline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/calendars.h"

namespace tthc::timing {
namespace {

using tthc::testing::At;
using tthc::testing::ReadSourceFile;
using tthc::testing::ShippedCalendar;
using tthc::testing::ShippedCalendarProto;
using tthc::testing::ValueOrDie;

struct Question {
  std::string received;
  std::string limit;
  v1::CountingRule rule = v1::COUNTING_RULE_DATE;
  std::string cut_off = {};
  std::vector<std::pair<std::string, std::string>> pauses = {};
};

timing::DueInput ToInput(const Question& question) {
  timing::DueInput input{.received = At(question.received),
                         .limit = ValueOrDie(timing::ParseLimit(question.limit)),
                         .counting_rule = question.rule,
                         .cut_off = ValueOrDie(timing::ParseCutOff(question.cut_off))};
  for (const auto& [start, end] : question.pauses) input.pauses.push_back({.start = At(start), .end = At(end)});
  return input;
}

absl::StatusOr<timing::DueTimes> Compute(const Question& question) {
  return timing::ComputeDueTimes(*ShippedCalendar(), ToInput(question));
}

// "2026-11-26T10:00", or the error.
std::string Due(const Question& question) {
  const absl::StatusOr<timing::DueTimes> times = Compute(question);
  if (!times.ok()) return std::string(times.status().message());
  if (!times->due.has_value()) return "never";
  return absl::FormatTime("%Y-%m-%dT%H:%M", *times->due, LocalTimeZone());
}

TEST(DueTime, MeetsEveryGivenVector) {
  const std::vector<CsvRow> rows =
      ValueOrDie(ReadCsv(ReadSourceFile("tests/data/deadline-vectors.csv"), {.comments = true}));
  ASSERT_EQ(rows.size(), 27U);
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& cells = rows[i].cells;
    const bool clock = cells[0] == "clock";
    const Question question{
        .received = cells[1], .limit = cells[2], .rule = clock ? v1::COUNTING_RULE_CLOCK : v1::COUNTING_RULE_DATE};
    if (absl::StartsWith(cells[3], "error")) {
      const absl::Status status = Compute(question).status();
      EXPECT_EQ(ErrorReason(status), "CALENDAR_YEAR_NOT_LOADED");
      EXPECT_EQ(ErrorMetadata(status, "year"), "2027");
      continue;
    }
    EXPECT_EQ(Due(question), clock ? cells[3] : cells[3] + "T17:00") << rows[i].line;
  }
}

TEST(DueTime, CountsOnOnceTheNextYearIsLoaded) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.add_years(2027);
  v1::CalendarDay& new_year = *proto.add_days();
  new_year.set_date("2027-01-01");
  new_year.set_kind(v1::CalendarDay::KIND_OFF);
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  const timing::DueTimes times =
      ValueOrDie(timing::ComputeDueTimes(*calendar, ToInput({.received = "2026-12-31T09:00", .limit = "1wd"})));
  EXPECT_EQ(times.due, At("2027-01-04T17:00"));
}

TEST(DueTime, NeverCountsTheDayOfTheStartByDate) {
  // At whatever hour, and even if it is a day off.
  for (const char* received : {"2026-11-20T00:00", "2026-11-20T09:00", "2026-11-20T17:00", "2026-11-20T23:59",
                               "2026-11-21T09:00", "2026-11-22T20:00"}) {
    EXPECT_EQ(Due({.received = received, .limit = "1wd"}), "2026-11-23T17:00") << received;
  }
  EXPECT_EQ(Due({.received = "2026-11-23T00:00", .limit = "1wd"}), "2026-11-25T17:00");
}

TEST(DueTime, RoundsPartsOfDaysUpByDate) {
  EXPECT_EQ(Due({.received = "2026-11-16T09:00", .limit = "0.5wd"}), "2026-11-17T17:00");
  EXPECT_EQ(Due({.received = "2026-11-16T09:00", .limit = "3.25wd"}), "2026-11-20T17:00");
  EXPECT_EQ(Due({.received = "2026-11-16T09:00", .limit = "1.5cd"}), "2026-11-18T17:00");
}

TEST(DueTime, CountsEachUnitByBothRules) {
  struct Row {
    std::string received;
    std::string limit;
    std::string by_date;
    std::string by_clock;
  };
  const std::vector<Row> rows = {
      {"2026-11-20T10:00", "3wd", "2026-11-26T17:00", "2026-11-26T10:00"},
      // Ends exactly with a session.
      {"2026-11-20T07:30", "0.5wd", "2026-11-23T17:00", "2026-11-20T11:30"},
      {"2026-11-20T07:30", "1wd", "2026-11-23T17:00", "2026-11-20T17:00"},
      {"2026-11-20T16:30", "1h", "2026-11-23T17:00", "2026-11-23T08:00"},
      {"2026-11-20T09:00", "1h", "2026-11-20T17:00", "2026-11-20T10:00"},
      {"2026-11-20T11:00", "30min/h", "2026-11-20T17:00", "2026-11-20T11:30"},
      {"2026-11-22T20:00", "1h", "2026-11-23T17:00", "2026-11-23T08:30"},
      {"2026-11-20T09:00", "same", "2026-11-20T17:00", "2026-11-20T17:00"},
      {"2026-11-20T17:00", "same", "2026-11-20T17:00", "2026-11-20T17:00"},
      {"2026-11-20T17:01", "same", "2026-11-23T17:00", "2026-11-23T17:00"},
      {"2026-11-20T05:00", "same", "2026-11-20T17:00", "2026-11-20T17:00"},
      {"2026-11-23T17:30", "same", "2026-11-25T17:00", "2026-11-25T17:00"},
      {"2026-08-22T09:00", "same", "2026-08-22T17:00", "2026-08-22T17:00"},
      {"2026-02-06T09:00", "10cd", "2026-02-23T17:00", "2026-02-23T17:00"},
      {"2025-04-20T09:00", "10cd", "2025-05-05T17:00", "2025-05-05T17:00"},
      {"2026-01-31T09:00", "1mo", "2026-03-02T17:00", "2026-03-02T17:00"},  // 28/02 is a Saturday
      {"2024-01-31T09:00", "1mo", "2024-02-29T17:00", "2024-02-29T17:00"},
      {"2026-03-10T09:00", "2mo", "2026-05-11T17:00", "2026-05-11T17:00"},
      {"2025-11-30T09:00", "3mo", "2026-03-02T17:00", "2026-03-02T17:00"},
      {"2025-12-15T09:00", "12mo", "2026-12-15T17:00", "2026-12-15T17:00"},
  };
  for (const Row& row : rows) {
    const absl::StatusOr<timing::DueTimes> times = Compute({.received = row.received, .limit = row.limit});
    ASSERT_TRUE(times.ok()) << row.received << row.limit << times.status();
    EXPECT_EQ(times->date_rule, At(row.by_date)) << row.received << " " << row.limit;
    EXPECT_EQ(times->clock_rule, At(row.by_clock)) << row.received << " " << row.limit;
    EXPECT_EQ(times->due, times->date_rule);
  }
}

TEST(DueTime, IsNeverWithoutALimitEvenOutsideTheCalendar) {
  const absl::StatusOr<timing::DueTimes> times =
      Compute({.received = "2031-01-01T09:00", .limit = "none", .cut_off = "15:00"});
  ASSERT_TRUE(times.ok()) << times.status();
  EXPECT_EQ(times->start, At("2031-01-01T09:00"));
  EXPECT_FALSE(times->due.has_value() || times->date_rule.has_value() || times->clock_rule.has_value());
}

TEST(DueTime, StartsAtTheNextWorkingMomentByClockOnly) {
  Question question{.received = "2026-11-21T09:00", .limit = "1wd"};
  EXPECT_EQ(Compute(question)->start, At("2026-11-21T09:00"));
  question.rule = v1::COUNTING_RULE_CLOCK;
  EXPECT_EQ(Compute(question)->start, At("2026-11-23T07:30"));
  question.received = "2026-11-20T12:10";
  EXPECT_EQ(Compute(question)->start, At("2026-11-20T13:00"));
}

TEST(DueTime, CutsSecondsIntoWholeOnes) {
  timing::DueInput input = ToInput({.received = "2026-11-20T15:00", .limit = "1wd", .cut_off = "15:00"});
  input.received += absl::Milliseconds(999);
  EXPECT_EQ(timing::ComputeDueTimes(*ShippedCalendar(), input)->clock_rule, At("2026-11-23T15:00"));
}

struct CutOffRow {
  std::string cut_off;
  std::string received;
  std::string start;
};

TEST(CutOff, MovesTheStartToTheNextOpeningAtItsEdges) {
  const std::vector<CutOffRow> rows = {
      {"none", "2026-11-20T23:59", "2026-11-20T23:59"},
      // A time of day: exclusive, whatever day it is.
      {"15:00", "2026-11-20T15:00:00", "2026-11-20T15:00"},
      {"15:00", "2026-11-20T15:00:01", "2026-11-23T07:30"},
      {"15:00", "2026-11-21T14:00", "2026-11-21T14:00"},
      {"15:00", "2026-11-21T15:00:01", "2026-11-23T07:30"},
      {"15:00", "2026-11-23T16:00", "2026-11-25T07:30"},
      {"15:00", "2026-08-21T16:00", "2026-08-22T07:30"},
      {"00:00", "2026-11-20T00:00", "2026-11-20T00:00"},
      // The last minutes of a worked day.
      {"last:60", "2026-11-20T16:00:00", "2026-11-20T16:00"},
      {"last:60", "2026-11-20T16:00:01", "2026-11-23T07:30"},
      {"last:60", "2026-11-20T20:00", "2026-11-23T07:30"},
      {"last:60", "2026-11-21T16:30", "2026-11-21T16:30"},
      {"last:60", "2026-11-24T16:30", "2026-11-24T16:30"},
      // After closing, or a day off.
      {"closing", "2026-11-20T17:00:00", "2026-11-20T17:00"},
      {"closing", "2026-11-20T17:00:01", "2026-11-23T07:30"},
      {"closing", "2026-11-20T12:00", "2026-11-20T12:00"},
      {"closing", "2026-11-20T05:00", "2026-11-20T05:00"},
      {"closing", "2026-11-21T09:00", "2026-11-23T07:30"},
      {"closing", "2026-11-24T09:00", "2026-11-25T07:30"},
  };
  for (const CutOffRow& row : rows) {
    const absl::StatusOr<timing::DueTimes> times =
        Compute({.received = row.received, .limit = "1wd", .cut_off = row.cut_off});
    ASSERT_TRUE(times.ok()) << times.status();
    EXPECT_EQ(times->start, At(row.start)) << row.cut_off << " " << row.received;
  }
}

TEST(CutOff, MovesTheDayOfTheStartThatIsNotCounted) {
  EXPECT_EQ(Due({.received = "2026-11-20T15:00", .limit = "1wd", .cut_off = "15:00"}), "2026-11-23T17:00");
  EXPECT_EQ(Due({.received = "2026-11-20T15:01", .limit = "1wd", .cut_off = "15:00"}), "2026-11-25T17:00");
  EXPECT_EQ(Due({.received = "2026-11-20T15:01", .limit = "same", .cut_off = "15:00"}), "2026-11-23T17:00");
  EXPECT_EQ(Due({.received = "2026-11-20T15:01", .limit = "3cd", .cut_off = "15:00"}), "2026-11-26T17:00");
  EXPECT_EQ(Due({.received = "2026-11-20T15:01", .limit = "1wd", .rule = v1::COUNTING_RULE_CLOCK, .cut_off = "15:00"}),
            "2026-11-23T17:00");
}

TEST(Pauses, StopTheClockAndNothingElse) {
  const auto due = [](const std::vector<std::pair<std::string, std::string>>& pauses) {
    return Due({.received = "2026-11-16T10:00", .limit = "2wd", .rule = v1::COUNTING_RULE_CLOCK, .pauses = pauses});
  };
  EXPECT_EQ(due({}), "2026-11-18T10:00");
  EXPECT_EQ(due({{"2026-11-16T14:00", "2026-11-16T15:30"}}), "2026-11-18T11:30");
  EXPECT_EQ(due({{"2026-11-16T14:00", "2026-11-16T15:31"}}), "2026-11-18T13:01");
  EXPECT_EQ(due({{"2026-11-16T17:00", "2026-11-17T07:30"}}), "2026-11-18T10:00");
  // A pause that begins before the start counts from the start on.
  EXPECT_EQ(due({{"2026-11-12T08:00", "2026-11-16T11:00"}}), "2026-11-18T11:00");
  // Begins exactly when it is due, or later.
  EXPECT_EQ(due({{"2026-11-18T10:00", "2026-11-19T10:00"}}), "2026-11-18T10:00");
  EXPECT_EQ(due({{"2026-11-18T09:59", "2026-11-19T10:00"}}), "2026-11-19T10:01");
}

TEST(Pauses, TakeOutWholeDaysByDate) {
  const auto due = [](const std::vector<std::pair<std::string, std::string>>& pauses) {
    return Due({.received = "2026-11-16T10:00", .limit = "3wd", .pauses = pauses});
  };
  EXPECT_EQ(due({}), "2026-11-19T17:00");
  // Within one day.
  EXPECT_EQ(due({{"2026-11-17T08:00", "2026-11-17T16:00"}}), "2026-11-19T17:00");
  // The day it stops is out, the day it goes on counts.
  EXPECT_EQ(due({{"2026-11-17T08:00", "2026-11-18T16:00"}}), "2026-11-20T17:00");
  EXPECT_EQ(due({{"2026-11-17T08:00", "2026-11-20T16:00"}}), "2026-11-25T17:00");
  // From the day of the start: the day it goes on is the new day of the event.
  EXPECT_EQ(due({{"2026-11-16T11:00", "2026-11-18T16:00"}}), "2026-11-23T17:00");
  EXPECT_EQ(due({{"2026-11-16T11:00", "2026-11-16T16:00"}}), "2026-11-19T17:00");
  EXPECT_EQ(due({{"2026-11-10T11:00", "2026-11-18T16:00"}}), "2026-11-23T17:00");
  // On the last day: before closing it still stops, from closing on it is too late.
  EXPECT_EQ(due({{"2026-11-19T16:59", "2026-11-20T08:00"}}), "2026-11-20T17:00");
  EXPECT_EQ(due({{"2026-11-19T17:00", "2026-11-20T08:00"}}), "2026-11-19T17:00");
  // Two, in any order; days off inside are taken out once.
  EXPECT_EQ(due({{"2026-11-18T08:00", "2026-11-20T09:00"}, {"2026-11-17T08:00", "2026-11-18T07:00"}}),
            "2026-11-25T17:00");
}

TEST(Pauses, MoveTheEndOfCalendarDaysAndMonthsBeforeItRolls) {
  const auto due = [](const std::string& limit, const std::vector<std::pair<std::string, std::string>>& pauses) {
    return Due({.received = "2026-11-02T10:00", .limit = limit, .pauses = pauses});
  };
  EXPECT_EQ(due("10cd", {}), "2026-11-12T17:00");
  EXPECT_EQ(due("10cd", {{"2026-11-04T08:00", "2026-11-06T08:00"}}), "2026-11-16T17:00");  // raw 14/11, Saturday
  EXPECT_EQ(due("10cd", {{"2026-11-04T08:00", "2026-11-05T08:00"}}), "2026-11-13T17:00");
  EXPECT_EQ(due("1mo", {{"2026-11-04T08:00", "2026-11-05T08:00"}}), "2026-12-03T17:00");
  // The period ended on Saturday; what begins after that day changes nothing, though it is due on Monday.
  EXPECT_EQ(due("12cd", {{"2026-11-15T08:00", "2026-11-20T08:00"}}), "2026-11-16T17:00");
  EXPECT_EQ(due("12cd", {{"2026-11-14T08:00", "2026-11-20T08:00"}}), "2026-11-20T17:00");
}

TEST(Pauses, PutOffTheSameDayOnlyIfTheyHoldItsEnd) {
  const auto due = [](const std::vector<std::pair<std::string, std::string>>& pauses) {
    return Due({.received = "2026-11-20T10:00", .limit = "same", .pauses = pauses});
  };
  EXPECT_EQ(due({{"2026-11-20T11:00", "2026-11-20T16:59"}}), "2026-11-20T17:00");
  EXPECT_EQ(due({{"2026-11-20T11:00", "2026-11-20T17:00"}}), "2026-11-20T17:00");
  EXPECT_EQ(due({{"2026-11-20T11:00", "2026-11-20T17:01"}}), "2026-11-23T17:00");
  EXPECT_EQ(due({{"2026-11-20T17:00", "2026-11-25T09:00"}}), "2026-11-20T17:00");
  EXPECT_EQ(due({{"2026-11-20T11:00", "2026-11-22T09:00"}, {"2026-11-23T08:00", "2026-11-25T08:00"}}),
            "2026-11-25T17:00");
}

TEST(DueTime, FollowsTheHoursOfTheOffice) {
  v1::Calendar proto = ShippedCalendarProto();
  v1::SessionRule rule = ValueOrDie(timing::ParseSessions("07:00-11:30,13:30-16:30"));
  rule.set_office("offices/H24.60.4");
  *proto.add_sessions() = rule;
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  timing::DueInput input = ToInput({.received = "2026-11-20T12:00", .limit = "1h", .rule = v1::COUNTING_RULE_CLOCK});
  EXPECT_EQ(timing::ComputeDueTimes(*calendar, input)->due, At("2026-11-20T14:00"));
  input.office = "offices/H24.60.4";
  EXPECT_EQ(timing::ComputeDueTimes(*calendar, input)->due, At("2026-11-20T14:30"));
  EXPECT_EQ(timing::ComputeDueTimes(*calendar, input)->date_rule, At("2026-11-20T16:30"));
  input.cut_off = ValueOrDie(timing::ParseCutOff("closing"));
  input.received = At("2026-11-20T16:40");
  EXPECT_EQ(timing::ComputeDueTimes(*calendar, input)->start, At("2026-11-23T07:00"));
}

TEST(DueTime, NamesTheInputThatMakesNoSense) {
  const auto field = [](const timing::DueInput& input) {
    const absl::Status status = timing::ComputeDueTimes(*ShippedCalendar(), input).status();
    EXPECT_EQ(status, timing::ExplainDueTime(*ShippedCalendar(), input).status());
    return ErrorField(status);
  };
  const timing::DueInput good = ToInput({.received = "2026-11-20T10:00", .limit = "1wd"});
  timing::DueInput bad = good;
  bad.received = absl::InfiniteFuture();
  EXPECT_EQ(field(bad), "received_time");
  bad = good;
  bad.limit.set_minutes(0);
  EXPECT_EQ(field(bad), "limit");
  bad = good;
  bad.counting_rule = v1::COUNTING_RULE_UNSPECIFIED;
  EXPECT_EQ(field(bad), "counting_rule");
  bad = good;
  bad.cut_off.set_minutes(1);
  EXPECT_EQ(field(bad), "cut_off");
  bad = good;
  bad.pauses = {{.start = At("2026-11-20T11:00"), .end = At("2026-11-20T11:00")},
                {.start = At("2026-11-20T12:00"), .end = At("2026-11-20T11:00")}};
  EXPECT_EQ(field(bad), "pauses[1]");
  bad.pauses = {{.start = absl::InfinitePast(), .end = At("2026-11-20T11:00")}};
  EXPECT_EQ(field(bad), "pauses[0]");
  bad.pauses.assign(limits::kPausesMax + 1, {.start = At("2026-11-20T11:00"), .end = At("2026-11-20T11:00")});
  EXPECT_EQ(field(bad), "pauses");
}

TEST(DueTime, NeedsEveryDayInBetweenToBeLoaded) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.add_years(2028);
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  for (const char* limit : {"1wd", "20cd", "1h", "same", "1mo"}) {
    // The pause reaches over 2027.
    const timing::DueInput input =
        ToInput({.received = "2026-12-30T10:00", .limit = limit, .pauses = {{"2026-12-30T10:00", "2028-01-04T10:00"}}});
    const absl::Status status = timing::ComputeDueTimes(*calendar, input).status();
    EXPECT_EQ(ErrorMetadata(status, "year"), "2027") << limit << status;
  }
  EXPECT_EQ(ErrorMetadata(Compute({.received = "2023-12-31T10:00", .limit = "1wd"}).status(), "year"), "2023");
}

TEST(PutOff, MovesAPromiseByTheWorkInsideThePause) {
  const auto calendar = ShippedCalendar();
  const auto put_off = [&](v1::CountingRule rule, absl::string_view due, absl::string_view from, absl::string_view to) {
    const absl::Time moved =
        ValueOrDie(timing::PutOff(*calendar, "", rule, At(due), {.start = At(from), .end = At(to)}));
    return absl::FormatTime("%Y-%m-%dT%H:%M", moved, LocalTimeZone());
  };
  constexpr auto kDate = v1::COUNTING_RULE_DATE;
  constexpr auto kClock = v1::COUNTING_RULE_CLOCK;
  EXPECT_EQ(put_off(kClock, "2026-11-20T16:00", "2026-11-19T16:00", "2026-11-20T08:00"), "2026-11-23T08:00");
  EXPECT_EQ(put_off(kClock, "2026-11-20T16:00", "2026-11-19T17:00", "2026-11-20T07:30"), "2026-11-20T16:00");
  EXPECT_EQ(put_off(kDate, "2026-11-20T17:00", "2026-11-18T16:00", "2026-11-20T08:00"), "2026-11-25T17:00");
  EXPECT_EQ(put_off(kDate, "2026-11-20T17:00", "2026-11-18T08:00", "2026-11-18T16:00"), "2026-11-20T17:00");
  EXPECT_EQ(put_off(kDate, "2026-11-20T17:00", "2026-11-14T08:00", "2026-11-15T16:00"), "2026-11-20T17:00");
  // Too late to change anything.
  EXPECT_EQ(put_off(kDate, "2026-11-20T17:00", "2026-11-20T17:00", "2026-11-27T08:00"), "2026-11-20T17:00");
  EXPECT_EQ(put_off(kClock, "2026-11-20T16:00", "2026-11-20T16:00", "2026-11-27T08:00"), "2026-11-20T16:00");
  const absl::Status status =
      timing::PutOff(*calendar, "", kDate, At("2026-12-31T17:00"), {.start = At("2026-12-30"), .end = At("2026-12-31")})
          .status();
  EXPECT_EQ(ErrorMetadata(status, "year"), "2027");
  EXPECT_EQ(ErrorField(timing::PutOff(*calendar, "", kDate, At("2026-12-31T17:00"),
                                      {.start = At("2026-12-30"), .end = At("2026-12-29")})
                           .status()),
            "pause");
}

}  // namespace
}  // namespace tthc::timing
