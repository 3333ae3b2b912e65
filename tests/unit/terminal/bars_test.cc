#include "client/terminal/bars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "storage/base/text.h"

namespace tthc::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Bars, LengthsFollowTheValues) {
  EXPECT_EQ(RenderBars({{"Hộ tịch", 8, "8"}, {"Đất đai", 4, "4"}, {"Khác", 1, "1"}}, {.width = 27}),
            "Hộ tịch  ████████████████ 8\n"
            "Đất đai  ████████ 4\n"
            "Khác     ██ 1\n");
}

TEST(Bars, NoValueHasNoBarAndZeroHasNone) {
  EXPECT_EQ(RenderBars({{"A", 10, "10"}, {"B", {}, "–"}, {"C", 0, "0"}}, {.width = 16}),
            "A  ██████████ 10\n"
            "B  –\n"
            "C  0\n");
}

TEST(Bars, ASmallValueIsSeen) {
  EXPECT_THAT(RenderBars({{"A", 1000, "1000"}, {"B", 1, "1"}}, {.width = 30}), HasSubstr("B  ▏ 1\n"));
}

TEST(Bars, SharesFillAHundred) {
  EXPECT_EQ(RenderBars({{"A", 50, "50"}}, {.width = 16, .full = 100}), "A  █████ 50\n");
}

TEST(Bars, NothingAtAllIsNoDivisionByZero) {
  EXPECT_EQ(RenderBars({{"A", 0, "0"}, {"B", {}, "–"}}, {}), "A  0\nB  –\n");
  EXPECT_EQ(RenderBars({}, {}), "");
}

TEST(Bars, LongLabelsLeaveRoom) {
  const std::string chart = RenderBars({{"Cấp Giấy xác nhận tình trạng hôn nhân cho công dân", 7, "7"}}, {.width = 60});
  for (const absl::string_view line : absl::StrSplit(chart, '\n')) EXPECT_LE(DisplayWidth(line), 60u);
  EXPECT_THAT(chart, HasSubstr("…"));
  EXPECT_THAT(chart, Not(HasSubstr("hôn nhân cho")));
}

}  // namespace
}  // namespace tthc::terminal
