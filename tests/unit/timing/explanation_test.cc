#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "tests/testing/calendars.h"

namespace tthc::timing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tthc::testing::At;
using tthc::testing::ShippedCalendar;
using tthc::testing::ShippedCalendarProto;
using tthc::testing::ValueOrDie;

timing::DueInput Input(absl::string_view received, absl::string_view limit, v1::CountingRule rule,
                       absl::string_view cut_off = "") {
  return {.received = At(received),
          .limit = ValueOrDie(timing::ParseLimit(limit)),
          .counting_rule = rule,
          .cut_off = ValueOrDie(timing::ParseCutOff(cut_off))};
}

v1::DueTimeExplanation Explain(const timing::DueInput& input) {
  return ValueOrDie(timing::ExplainDueTime(*ShippedCalendar(), input));
}

// "20 10:00-20 11:30 COUNTED 90"
std::vector<std::string> Lines(const v1::DueTimeExplanation& explanation) {
  std::vector<std::string> lines;
  for (const v1::DueInterval& interval : explanation.intervals()) {
    const auto time = [](const auto& timestamp) {
      return absl::FormatTime("%d %H:%M", FromProto(timestamp), LocalTimeZone());
    };
    const std::string& kind = v1::DueInterval::Kind_Name(interval.kind());
    lines.push_back(absl::StrCat(time(interval.start_time()), "-", time(interval.end_time()), " ",
                                 absl::StripPrefix(kind, "KIND_"), " ", interval.counted_minutes()));
  }
  return lines;
}

TEST(Explanation, ListsDaysOfADateCountOneByOne) {
  const v1::DueTimeExplanation explanation = Explain(Input("2026-08-28T09:00", "3wd", v1::COUNTING_RULE_DATE));
  EXPECT_THAT(
      Lines(explanation),
      ElementsAre("28 09:00-29 00:00 START_DAY 0", "29 00:00-30 00:00 WEEKEND 0", "30 00:00-31 00:00 WEEKEND 0",
                  "31 00:00-01 00:00 HOLIDAY 0", "01 00:00-02 00:00 HOLIDAY 0", "02 00:00-03 00:00 HOLIDAY 0",
                  "03 00:00-04 00:00 COUNTED 480", "04 00:00-05 00:00 COUNTED 480", "05 00:00-06 00:00 WEEKEND 0",
                  "06 00:00-07 00:00 WEEKEND 0", "07 00:00-07 17:00 COUNTED 480"));
  EXPECT_EQ(explanation.due_date(), "2026-09-07");
  EXPECT_EQ(FromProto(explanation.clock_rule_due_time()), At("2026-09-07T09:00"));
  EXPECT_EQ(explanation.intervals(0).reason_vi(), "Ngày tiếp nhận hồ sơ không tính (Điều 147 Bộ luật Dân sự)");
  EXPECT_EQ(explanation.intervals(1).reason_vi(), "Thứ Bảy");
  EXPECT_EQ(explanation.intervals(2).reason_en(), "Sunday");
  EXPECT_EQ(explanation.intervals(4).reason_vi(), "Ngày nghỉ: Quốc khánh");
  EXPECT_EQ(explanation.intervals(10).reason_vi(), "Ngày làm việc thứ 3");
  EXPECT_THAT(
      explanation.summary_vi(),
      ElementsAre("Tiếp nhận lúc 09:00 28/08/2026; thời hạn: 3 ngày làm việc.", HasSubstr("không tính ngày tiếp nhận"),
                  "Ngày nghỉ: không tính 4 ngày cuối tuần; không tính ngày nghỉ 31/08/2026 (Hoán đổi với "
                  "22/08/2026), 01/09/2026 (Quốc khánh), 02/09/2026 (Quốc khánh).",
                  "Hẹn trả: 17:00 07/09/2026."));
  EXPECT_EQ(explanation.summary_en_size(), explanation.summary_vi_size());
}

TEST(Explanation, ListsHoursOfAClockCount) {
  const v1::DueTimeExplanation explanation = Explain(Input("2026-11-23T16:30", "0.5wd", v1::COUNTING_RULE_CLOCK));
  EXPECT_THAT(Lines(explanation),
              ElementsAre("23 16:30-23 17:00 COUNTED 30", "23 17:00-24 00:00 CLOSED 0", "24 00:00-25 00:00 HOLIDAY 0",
                          "25 00:00-25 07:30 CLOSED 0", "25 07:30-25 11:00 COUNTED 210"));
  EXPECT_EQ(explanation.intervals(2).reason_vi(), "Ngày nghỉ: Ngày Văn hóa Việt Nam");
}

TEST(Explanation, BeginsWithWhatComesBeforeTheStart) {
  EXPECT_THAT(Lines(Explain(Input("2026-11-20T15:30", "1wd", v1::COUNTING_RULE_DATE, "15:00"))),
              ElementsAre("20 15:30-23 07:30 CUT_OFF 0", "23 07:30-24 00:00 START_DAY 0", "24 00:00-25 00:00 HOLIDAY 0",
                          "25 00:00-25 17:00 COUNTED 480"));
  const v1::DueTimeExplanation explanation = Explain(Input("2026-11-22T20:00", "1h", v1::COUNTING_RULE_CLOCK));
  EXPECT_THAT(Lines(explanation),
              ElementsAre("22 20:00-23 00:00 WEEKEND 0", "23 00:00-23 07:30 CLOSED 0", "23 07:30-23 08:30 COUNTED 60"));
  EXPECT_EQ(FromProto(explanation.received_time()), At("2026-11-22T20:00"));
  EXPECT_EQ(FromProto(explanation.start_time()), At("2026-11-23T07:30"));
  EXPECT_EQ(explanation.summary_vi(1), "Tiếp nhận ngoài giờ làm việc nên bắt đầu tính từ 07:30 23/11/2026.");
}

TEST(Explanation, ShowsPauses) {
  timing::DueInput input = Input("2026-11-16T10:00", "2wd", v1::COUNTING_RULE_CLOCK);
  input.pauses = {{.start = At("2026-11-16T16:00"), .end = At("2026-11-17T09:00")}};
  const v1::DueTimeExplanation by_clock = Explain(input);
  EXPECT_THAT(
      Lines(by_clock),
      ElementsAre("16 10:00-16 11:30 COUNTED 90", "16 11:30-16 13:00 CLOSED 0", "16 13:00-16 16:00 COUNTED 180",
                  "16 16:00-17 09:00 PAUSED 0", "17 09:00-17 11:30 COUNTED 150", "17 11:30-17 13:00 CLOSED 0",
                  "17 13:00-17 17:00 COUNTED 240", "17 17:00-18 07:30 CLOSED 0", "18 07:30-18 11:30 COUNTED 240",
                  "18 11:30-18 13:00 CLOSED 0", "18 13:00-18 14:00 COUNTED 60"));
  EXPECT_THAT(by_clock.summary_vi(2), "Tạm dừng 1 lần, không tính: từ 16:00 16/11/2026 đến 09:00 17/11/2026.");
  input.counting_rule = v1::COUNTING_RULE_DATE;
  input.pauses = {{.start = At("2026-11-17T16:00"), .end = At("2026-11-19T09:00")}};
  const v1::DueTimeExplanation by_date = Explain(input);
  EXPECT_THAT(Lines(by_date), ElementsAre("16 10:00-17 00:00 START_DAY 0", "17 00:00-19 00:00 PAUSED 0",
                                          "19 00:00-20 00:00 COUNTED 480", "20 00:00-20 17:00 COUNTED 480"));
  EXPECT_THAT(by_date.summary_vi(2), "Tạm dừng 1 lần, không tính: từ 17/11/2026 đến hết 18/11/2026.");
  input.pauses[0].end = At("2026-11-18T09:00");
  EXPECT_THAT(Explain(input).summary_vi(2), "Tạm dừng 1 lần, không tính: cả ngày 17/11/2026.");
}

TEST(Explanation, ShowsWhatRollsToAWorkingDay) {
  const v1::DueTimeExplanation explanation = Explain(Input("2026-08-29T09:00", "2cd", v1::COUNTING_RULE_DATE));
  EXPECT_THAT(Lines(explanation), ElementsAre("29 09:00-30 00:00 START_DAY 0", "30 00:00-31 00:00 COUNTED 1440",
                                              "31 00:00-01 00:00 COUNTED 1440", "01 00:00-02 00:00 ROLLED 0",
                                              "02 00:00-03 00:00 ROLLED 0", "03 00:00-03 17:00 ROLLED 0"));
  EXPECT_THAT(absl::StrJoin(explanation.summary_vi(), "\n"), HasSubstr("kết thúc vào ngày nghỉ 31/08/2026"));
  EXPECT_THAT(Lines(Explain(Input("2026-11-20T09:00", "1h", v1::COUNTING_RULE_DATE))),
              ElementsAre("20 09:00-20 10:00 COUNTED 60", "20 10:00-20 17:00 ROLLED 0"));
}

TEST(Explanation, CoversTheSameDayAndNoLimitAtAll) {
  EXPECT_THAT(Lines(Explain(Input("2026-11-20T18:00", "same", v1::COUNTING_RULE_DATE))),
              ElementsAre("20 18:00-21 00:00 CLOSED 0", "21 00:00-22 00:00 WEEKEND 0", "22 00:00-23 00:00 WEEKEND 0",
                          "23 00:00-23 17:00 COUNTED 0"));
  const v1::DueTimeExplanation never = Explain(Input("2026-11-20T18:00", "none", v1::COUNTING_RULE_DATE));
  EXPECT_FALSE(never.has_due_time());
  EXPECT_TRUE(never.intervals().empty());
  EXPECT_EQ(never.summary_vi_size(), 3);
}

TEST(Explanation, SaysWhenDaysOffAreNotAnnouncedYet) {
  v1::Calendar proto = ShippedCalendarProto();
  proto.add_years(2027);
  proto.add_provisional_years(2027);
  proto.set_version(7);
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  const auto explain = [&](absl::string_view received) {
    return ValueOrDie(timing::ExplainDueTime(*calendar, Input(received, "1wd", v1::COUNTING_RULE_DATE)));
  };
  EXPECT_TRUE(explain("2026-12-31T09:00").provisional());
  EXPECT_THAT(absl::StrJoin(explain("2026-12-31T09:00").summary_vi(), "\n"), HasSubstr("tạm tính"));
  EXPECT_FALSE(explain("2026-12-30T09:00").provisional());
  EXPECT_EQ(explain("2026-12-30T09:00").calendar_version(), 7);
}

TEST(Explanation, NamesOnlyAFewOfManyDays) {
  const v1::DueTimeExplanation explanation = Explain(Input("2024-01-02T09:00", "600wd", v1::COUNTING_RULE_DATE));
  EXPECT_THAT(absl::StrJoin(explanation.summary_vi(), "\n"), HasSubstr("và số ngày khác:"));
  for (const std::string& line : explanation.summary_vi()) EXPECT_LT(line.size(), 900U) << line;
  EXPECT_LE(explanation.summary_vi_size(), 8);
}

TEST(Explanation, RefusesToGrowWithoutBound) {
  v1::Calendar proto;
  for (int32_t year = 2001; year <= 2060; ++year) proto.add_years(year);
  *proto.add_sessions() = ValueOrDie(timing::ParseSessions("08:00-08:30,09:00-09:30,10:00-10:30,11:00-11:30"));
  const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
  const timing::DueInput input = Input("2001-01-02T09:00", "3000wd", v1::COUNTING_RULE_CLOCK);
  ASSERT_TRUE(timing::ComputeDueTimes(*calendar, input).ok());
  EXPECT_EQ(ErrorReason(timing::ExplainDueTime(*calendar, input).status()), "EXPLANATION_TOO_LONG");
}

}  // namespace
}  // namespace tthc::timing
