#include "server/timing/calendar.h"

#include <gtest/gtest.h>

#include <functional>

#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/calendars.h"

namespace tthc::timing {
namespace {

using tthc::testing::At;
using tthc::testing::Day;
using tthc::testing::ShippedCalendar;
using tthc::testing::ShippedCalendarProto;
using tthc::testing::ValueOrDie;

v1::SessionRule Rule(const std::string& sessions, const std::string& office = "", const std::string& from = "",
                     const std::string& to = "") {
  v1::SessionRule rule = ValueOrDie(timing::ParseSessions(sessions));
  rule.set_office(office);
  rule.set_start_date(from);
  rule.set_end_date(to);
  return rule;
}

TEST(Calendar, CountsTheWorkingDaysOfEachYear) {
  const auto calendar = ShippedCalendar();
  EXPECT_EQ(*calendar->WorkingDays(Day("2024-01-01"), Day("2025-01-01")), 251);
  EXPECT_EQ(*calendar->WorkingDays(Day("2025-01-01"), Day("2026-01-01")), 250);
  EXPECT_EQ(*calendar->WorkingDays(Day("2026-01-01"), Day("2026-12-31") + 1), 249);
  EXPECT_EQ(*calendar->WorkingSeconds("", At("2026-01-01"), At("2027-01-01")), 249 * 8 * 3600);
}

TEST(Calendar, SaysWhyADayIsOffOrWorked) {
  const auto calendar = ShippedCalendar();
  const auto kind = [&](absl::string_view date) { return *calendar->KindOf(Day(date)); };
  EXPECT_EQ(kind("2026-11-24").kind, timing::DayKind::Kind::kHoliday);
  EXPECT_EQ(kind("2026-11-24").reason, "Ngày Văn hóa Việt Nam");
  EXPECT_EQ(kind("2026-08-22").kind, timing::DayKind::Kind::kWorking);
  EXPECT_EQ(kind("2026-08-22").reason, "Làm bù cho 31/08/2026");
  EXPECT_EQ(kind("2026-08-23").kind, timing::DayKind::Kind::kWeekend);
  EXPECT_EQ(kind("2026-08-24").kind, timing::DayKind::Kind::kWorking);
  EXPECT_EQ(kind("2026-08-24").reason, "");
}

TEST(Calendar, NamesTheYearThatIsNotLoaded) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.add_years(2028);
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  EXPECT_FALSE(calendar->IsYearLoaded(2027));
  EXPECT_TRUE(calendar->IsYearLoaded(2028));
  const std::vector<std::pair<absl::Status, std::string>> errors = {
      {calendar->KindOf(Day("2027-06-01")).status(), "2027"},
      {calendar->KindOf(Day("2023-12-31")).status(), "2023"},
      {calendar->KindOf(Day("2029-01-01")).status(), "2029"},
      {calendar->WorkingDays(Day("2026-12-31"), Day("2028-01-05")).status(), "2027"},
      {calendar->NthWorkingDay(Day("2026-12-31"), 2).status(), "2027"},
      {calendar->WorkingDayAtOrAfter(Day("2027-01-02")).status(), "2027"},
      {calendar->AddWorkingSeconds("", At("2026-12-31T16:00"), 3601).status(), "2027"},
      {calendar->AddWorkingSeconds("", At("2028-12-29T16:00"), 3601).status(), "2029"},
      {calendar->WorkingSeconds("", At("2026-12-31T16:00"), At("2028-01-01T09:00")).status(), "2027"},
      {calendar->WorkingSeconds("", At("2026-12-31T16:00"), absl::InfiniteFuture()).status(), "2101"},
      {calendar->NextWorkingMoment("", At("2026-12-31T17:00")).status(), "2027"},
      {calendar->NextWorkingMoment("", absl::InfinitePast()).status(), "1999"},
      {calendar->ClosingAtOrAfter("", At("2026-12-31T17:01")).status(), "2027"},
  };
  for (const auto& [status, year] : errors) {
    EXPECT_EQ(ErrorReason(status), "CALENDAR_YEAR_NOT_LOADED") << status;
    EXPECT_EQ(ErrorMetadata(status, "year"), year) << status;
  }
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2026-12-31T16:00"), 3600), At("2026-12-31T17:00"));
  EXPECT_EQ(*calendar->WorkingSeconds("", At("2026-12-31T16:00"), At("2027-01-01")), 3600);
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2028-01-03T07:30"), 3600), At("2028-01-03T08:30"));
  const absl::Status status = calendar->KindOf(Day("2027-06-01")).status();
  EXPECT_EQ(ErrorMessage(status, "vi").rfind("Lịch năm 2027 chưa được nạp", 0), 0U);
}

TEST(Calendar, MovesThroughSessions) {
  const auto calendar = ShippedCalendar();
  EXPECT_EQ(*calendar->NextWorkingMoment("", At("2026-11-23T11:30")), At("2026-11-23T13:00"));
  EXPECT_EQ(*calendar->NextWorkingMoment("", At("2026-11-23T11:29:59")), At("2026-11-23T11:29:59"));
  EXPECT_EQ(*calendar->NextWorkingMoment("", At("2026-11-23T17:00")), At("2026-11-25T07:30"));
  EXPECT_EQ(*calendar->NextWorkingMoment("", At("2026-11-22T03:00")), At("2026-11-23T07:30"));
  // A remainder that ends with a session ends there, not at the next opening.
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2026-11-23T07:30"), 4 * 3600), At("2026-11-23T11:30"));
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2026-11-23T07:30"), 4 * 3600 + 1), At("2026-11-23T13:00:01"));
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2026-11-23T12:00"), 4 * 3600), At("2026-11-23T17:00"));
  EXPECT_EQ(*calendar->WorkingSeconds("", At("2026-11-23T11:00"), At("2026-11-23T13:10")), 40 * 60);
  EXPECT_EQ(*calendar->WorkingSeconds("", At("2026-11-23T13:10"), At("2026-11-23T11:00")), 0);
  EXPECT_EQ(*calendar->ClosingAtOrAfter("", At("2026-11-23T17:00")), At("2026-11-23T17:00"));
  EXPECT_EQ(*calendar->ClosingAtOrAfter("", At("2026-11-23T17:00:01")), At("2026-11-25T17:00"));
  EXPECT_EQ(ErrorReason(calendar->ClosingTime("", Day("2026-11-24")).status()), "FIELD_INVALID");
}

TEST(Calendar, ChoosesSessionsByOfficeThenByLatestFromDate) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.clear_sessions();
  *proto.add_sessions() = Rule("08:00-12:00");
  *proto.add_sessions() = Rule("07:00-11:00,13:00-16:00", "", "2026-04-01", "2026-10-31");
  *proto.add_sessions() = Rule("09:00-10:00", "", "2026-06-01", "2026-06-30");
  *proto.add_sessions() = Rule("10:00-11:00", "offices/A", "2026-05-01", "2026-06-15");
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  const auto opens = [&](absl::string_view office, absl::string_view date) {
    return calendar->SessionsOn(office, Day(date))->front().open_second / 3600;
  };
  EXPECT_EQ(opens("", "2026-03-31"), 8);
  EXPECT_EQ(opens("", "2026-04-01"), 7);
  EXPECT_EQ(opens("", "2026-06-01"), 9);
  EXPECT_EQ(opens("", "2026-06-30"), 9);
  EXPECT_EQ(opens("", "2026-07-01"), 7);
  EXPECT_EQ(opens("", "2026-10-30"), 7);
  EXPECT_EQ(opens("", "2026-11-02"), 8);
  EXPECT_EQ(opens("offices/A", "2026-04-29"), 7);
  EXPECT_EQ(opens("offices/A", "2026-05-04"), 10);
  EXPECT_EQ(opens("offices/A", "2026-06-15"), 10);
  EXPECT_EQ(opens("offices/A", "2026-06-16"), 9);
  EXPECT_EQ(opens("offices/unknown", "2026-05-04"), 7);
  EXPECT_TRUE(calendar->SessionsOn("", Day("2026-11-24"))->empty());
  // From the last old day to the first new one: one hour of the old day, then the new hours.
  EXPECT_EQ(*calendar->AddWorkingSeconds("", At("2026-03-31T11:00"), 2 * 3600), At("2026-04-01T08:00"));
  EXPECT_EQ(*calendar->WorkingSeconds("", At("2026-03-31T11:00"), At("2026-04-02T00:00")), 8 * 3600);
}

TEST(Calendar, KnowsWhatIsProvisional) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.add_years(2027);
  proto.add_provisional_years(2027);
  proto.mutable_days(proto.days_size() - 1)->set_provisional(true);
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  EXPECT_FALSE(calendar->IsProvisional(Day("2026-01-01"), Day("2026-11-23")));
  EXPECT_TRUE(calendar->IsProvisional(Day("2026-11-23"), Day("2026-11-24")));
  EXPECT_FALSE(calendar->IsProvisional(Day("2026-11-25"), Day("2026-12-31")));
  EXPECT_TRUE(calendar->IsProvisional(Day("2026-12-31"), Day("2027-01-01")));
  EXPECT_TRUE(calendar->KindOf(Day("2027-05-05"))->provisional);
}

TEST(Calendar, RefusesWhatIsWrongAndNamesIt) {
  struct Case {
    std::string field;
    std::function<void(v1::Calendar*)> spoil;
  };
  const auto add_day = [](v1::Calendar* c, const std::string& date, v1::CalendarDay::Kind kind) {
    v1::CalendarDay& day = *c->add_days();
    day.set_date(date);
    day.set_kind(kind);
  };
  const std::vector<Case> cases = {
      {"years", [](v1::Calendar* c) { c->clear_years(); }},
      {"years[3]", [](v1::Calendar* c) { c->add_years(2026); }},
      {"years[3]", [](v1::Calendar* c) { c->add_years(1999); }},
      {"provisional_years[0]", [](v1::Calendar* c) { c->add_provisional_years(2027); }},
      {"days[0].date", [](v1::Calendar* c) { c->mutable_days(0)->set_date("2024-02-30"); }},
      {"days[0].date", [](v1::Calendar* c) { c->mutable_days(0)->set_date("01/01/2024"); }},
      {"days[1].date", [](v1::Calendar* c) { c->mutable_days(1)->set_date(c->days(0).date()); }},
      {"days[0].kind", [](v1::Calendar* c) { c->mutable_days(0)->set_kind(v1::CalendarDay::KIND_UNSPECIFIED); }},
      {"days[0].kind", [](v1::Calendar* c) { c->mutable_days(0)->set_kind(v1::CalendarDay::KIND_WORK); }},
      {"days[0].kind",
       [&](v1::Calendar* c) {
         c->clear_days();
         add_day(c, "2026-01-03", v1::CalendarDay::KIND_OFF);
       }},
      {"days[0].date",
       [&](v1::Calendar* c) {
         c->clear_days();
         add_day(c, "2027-01-01", v1::CalendarDay::KIND_OFF);
       }},
      {"days",
       [&](v1::Calendar* c) {
         for (size_t i = 0; i <= limits::kCalendarDaysMax; ++i) add_day(c, "2026-01-01", v1::CalendarDay::KIND_OFF);
       }},
      {"sessions", [](v1::Calendar* c) { c->clear_sessions(); }},
      {"sessions", [](v1::Calendar* c) { c->mutable_sessions(0)->set_start_date("2024-01-02"); }},
      {"sessions", [](v1::Calendar* c) { c->mutable_sessions(0)->set_end_date("2026-12-30"); }},
      {"sessions", [](v1::Calendar* c) { c->mutable_sessions(0)->set_office("offices/A"); }},
      {"sessions[0].office", [](v1::Calendar* c) { c->mutable_sessions(0)->set_office("A"); }},
      {"sessions[0].start_date", [](v1::Calendar* c) { c->mutable_sessions(0)->set_start_date("2024"); }},
      {"sessions[0].end_date",
       [](v1::Calendar* c) {
         c->mutable_sessions(0)->set_start_date("2026-01-02");
         c->mutable_sessions(0)->set_end_date("2026-01-01");
       }},
      {"sessions[1].start_date", [](v1::Calendar* c) { *c->add_sessions() = c->sessions(0); }},
      {"sessions[0].sessions", [](v1::Calendar* c) { c->mutable_sessions(0)->clear_sessions(); }},
      {"sessions[0].sessions",
       [](v1::Calendar* c) {
         for (int i = 0; i < 3; ++i) *c->mutable_sessions(0)->add_sessions() = c->sessions(0).sessions(0);
       }},
      {"sessions[0].sessions[1]",
       [](v1::Calendar* c) { c->mutable_sessions(0)->mutable_sessions()->SwapElements(0, 1); }},
      {"sessions[0].sessions[1]",
       [](v1::Calendar* c) { c->mutable_sessions(0)->mutable_sessions(1)->set_open_minute(689); }},
      {"sessions[0].sessions[1]",
       [](v1::Calendar* c) { c->mutable_sessions(0)->mutable_sessions(1)->set_close_minute(1440); }},
      {"sessions[0].sessions[0]",
       [](v1::Calendar* c) { c->mutable_sessions(0)->mutable_sessions(0)->set_open_minute(-1); }},
      {"sessions[0].sessions[0]",
       [](v1::Calendar* c) { c->mutable_sessions(0)->mutable_sessions(0)->set_close_minute(450); }},
  };
  for (const Case& c : cases) {
    v1::Calendar proto = ShippedCalendarProto();
    c.spoil(&proto);
    const absl::Status status = timing::Calendar::FromProto(proto).status();
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID") << c.field;
    EXPECT_EQ(ErrorField(status), c.field) << status;
  }
}

}  // namespace
}  // namespace tthc::timing
