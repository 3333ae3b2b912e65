#include <gtest/gtest.h>

#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::timing {
namespace {

v1::Limit MakeLimit(v1::Limit::Unit unit, int64_t minutes, int32_t months = 0) {
  v1::Limit limit;
  limit.set_unit(unit);
  limit.set_minutes(minutes);
  limit.set_months(months);
  return limit;
}

struct Row {
  const char* text;
  v1::Limit::Unit unit;
  int64_t minutes;
  int32_t months;
  const char* formatted;
};

TEST(ParseLimit, ReadsWhatPeopleWrite) {
  const std::vector<Row> rows = {
      {"8.5wd", v1::Limit::UNIT_WORKING_DAY, 4080, 0, "8.5wd"},
      {"8,5wd", v1::Limit::UNIT_WORKING_DAY, 4080, 0, "8.5wd"},
      {" 8,5 ngày làm việc ", v1::Limit::UNIT_WORKING_DAY, 4080, 0, "8.5wd"},
      {"1 working day", v1::Limit::UNIT_WORKING_DAY, 480, 0, "1wd"},
      {"4.75WD", v1::Limit::UNIT_WORKING_DAY, 2280, 0, "4.75wd"},
      {"10cd", v1::Limit::UNIT_CALENDAR_DAY, 14400, 0, "10cd"},
      {"10 ngày", v1::Limit::UNIT_CALENDAR_DAY, 14400, 0, "10cd"},
      {"1h", v1::Limit::UNIT_HOUR, 60, 0, "1h"},
      {"2,5 giờ làm việc", v1::Limit::UNIT_HOUR, 150, 0, "2.5h"},
      {"2mo", v1::Limit::UNIT_MONTH, 0, 2, "2mo"},
      {"2 tháng", v1::Limit::UNIT_MONTH, 0, 2, "2mo"},
      {"same", v1::Limit::UNIT_SAME_DAY, 0, 0, "same"},
      {"Trong ngày", v1::Limit::UNIT_SAME_DAY, 0, 0, "same"},
      {"none", v1::Limit::UNIT_NONE, 0, 0, "none"},
      {"không quy định", v1::Limit::UNIT_NONE, 0, 0, "none"},
      {"20min/h", v1::Limit::UNIT_HOUR, 20, 0, "20min/h"},
      {"100min/wd", v1::Limit::UNIT_WORKING_DAY, 100, 0, "100min/wd"},
  };
  for (const Row& row : rows) {
    const absl::StatusOr<v1::Limit> limit = timing::ParseLimit(row.text);
    ASSERT_TRUE(limit.ok()) << row.text << limit.status();
    EXPECT_EQ(limit->unit(), row.unit) << row.text;
    EXPECT_EQ(limit->minutes(), row.minutes) << row.text;
    EXPECT_EQ(limit->months(), row.months) << row.text;
    EXPECT_EQ(timing::FormatLimit(*limit), row.formatted);
  }
}

TEST(ParseLimit, RefusesEverythingElse) {
  for (const absl::string_view text :
       {"",          "wd",       "8.5",     "8..5wd",     "8.wd",  ".5wd",  "-1wd",     "0wd",
        "1e3wd",     "8.5 wd x", "0.001wd", "1.5mo",      "0mo",   "121mo", "3001wd x", "99999999999wd",
        "3001 ngày", "1min/mo",  "min/wd",  "\xFF\xFEwd", "1samed"}) {
    const absl::Status status = timing::ParseLimit(text).status();
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID") << text;
    EXPECT_EQ(ErrorField(status), "limit") << text;
    EXPECT_FALSE(ErrorMessage(status, "vi").empty());
  }
  EXPECT_FALSE(timing::ParseLimit(std::string(1'000'000, '9')).ok());
}

TEST(FormatLimit, IsReadBackForEveryMinute) {
  for (const v1::Limit::Unit unit : {v1::Limit::UNIT_WORKING_DAY, v1::Limit::UNIT_CALENDAR_DAY, v1::Limit::UNIT_HOUR}) {
    for (int64_t minutes = 1; minutes <= 3000; ++minutes) {
      const absl::StatusOr<v1::Limit> read = timing::ParseLimit(timing::FormatLimit(MakeLimit(unit, minutes)));
      ASSERT_TRUE(read.ok()) << minutes;
      ASSERT_EQ(read->minutes(), minutes) << timing::FormatLimit(MakeLimit(unit, minutes));
      ASSERT_EQ(read->unit(), unit);
    }
  }
}

TEST(FormatLimitForPeople, SpeaksBothLanguages) {
  const auto vi = [](const v1::Limit& limit) { return timing::FormatLimitForPeople(limit, "vi"); };
  const auto en = [](const v1::Limit& limit) { return timing::FormatLimitForPeople(limit, "en"); };
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_WORKING_DAY, 4080)), "8,5 ngày làm việc");
  EXPECT_EQ(en(MakeLimit(v1::Limit::UNIT_WORKING_DAY, 4080)), "8.5 working days");
  EXPECT_EQ(en(MakeLimit(v1::Limit::UNIT_WORKING_DAY, 480)), "1 working day");
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_CALENDAR_DAY, 14400)), "10 ngày");
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_HOUR, 60)), "1 giờ làm việc");
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_HOUR, 20)), "20 phút làm việc");
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_MONTH, 0, 2)), "2 tháng");
  EXPECT_EQ(vi(MakeLimit(v1::Limit::UNIT_SAME_DAY, 0)), "trong ngày làm việc");
  EXPECT_EQ(en(MakeLimit(v1::Limit::UNIT_NONE, 0)), "no time limit");
}

TEST(CheckLimit, RefusesWhatIsNoLimit) {
  EXPECT_TRUE(timing::CheckLimit("x", MakeLimit(v1::Limit::UNIT_CALENDAR_DAY, limits::kLimitMinutesMax)).ok());
  for (const v1::Limit& limit :
       {MakeLimit(v1::Limit::UNIT_UNSPECIFIED, 1), MakeLimit(v1::Limit::UNIT_WORKING_DAY, 0),
        MakeLimit(v1::Limit::UNIT_WORKING_DAY, limits::kLimitMinutesMax + 1),
        MakeLimit(v1::Limit::UNIT_WORKING_DAY, 480, 1), MakeLimit(v1::Limit::UNIT_MONTH, 0, 0),
        MakeLimit(v1::Limit::UNIT_MONTH, 1, 1), MakeLimit(v1::Limit::UNIT_SAME_DAY, 1),
        MakeLimit(v1::Limit::UNIT_NONE, 0, 1), MakeLimit(static_cast<v1::Limit::Unit>(99), 1)}) {
    EXPECT_EQ(ErrorField(timing::CheckLimit("a.limit", limit)), "a.limit") << limit.ShortDebugString();
  }
}

TEST(ParseCutOff, ReadsAndWritesEveryKind) {
  for (const absl::string_view text : {"none", "15:00", "00:00", "last:60", "closing"}) {
    const absl::StatusOr<v1::CutOff> cut_off = timing::ParseCutOff(text);
    ASSERT_TRUE(cut_off.ok()) << text;
    EXPECT_EQ(timing::FormatCutOff(*cut_off), text);
  }
  EXPECT_EQ(timing::ParseCutOff(" ")->kind(), v1::CutOff::KIND_NONE);
  EXPECT_EQ(timing::ParseCutOff("15:00")->minutes(), 900);
  for (const absl::string_view text :
       {"3pm", "24:00", "15:60", "15:0", "-1:00", "last:0", "last:1440", "last:", "last:x", "closing time", "\xFF"}) {
    EXPECT_EQ(ErrorField(timing::ParseCutOff(text).status()), "cut_off") << text;
  }
}

TEST(CheckCutOff, TakesNoneAlsoAsAnUnspecifiedKind) {
  v1::CutOff cut_off;
  EXPECT_TRUE(timing::CheckCutOff("cut_off", cut_off).ok()) << "as entries of before 0.2 have it";
  EXPECT_EQ(timing::FormatCutOff(cut_off), "none");
  cut_off.set_kind(v1::CutOff::KIND_NONE);
  EXPECT_TRUE(timing::CheckCutOff("cut_off", cut_off).ok());
  EXPECT_EQ(timing::FormatCutOff(cut_off), "none");
}

TEST(CheckCutOff, RefusesMinutesThatMakeNoSense) {
  v1::CutOff cut_off;
  cut_off.set_minutes(5);
  for (const v1::CutOff::Kind kind :
       {v1::CutOff::KIND_UNSPECIFIED, v1::CutOff::KIND_NONE, v1::CutOff::KIND_AFTER_CLOSING}) {
    cut_off.set_kind(kind);
    EXPECT_FALSE(timing::CheckCutOff("cut_off", cut_off).ok()) << kind;
  }
  cut_off.set_kind(v1::CutOff::KIND_AFTER_TIME);
  cut_off.set_minutes(1440);
  EXPECT_FALSE(timing::CheckCutOff("cut_off", cut_off).ok());
  cut_off.set_kind(static_cast<v1::CutOff::Kind>(9));
  EXPECT_FALSE(timing::CheckCutOff("cut_off", cut_off).ok());
}

}  // namespace
}  // namespace tthc::timing
