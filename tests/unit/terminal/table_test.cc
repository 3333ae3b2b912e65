#include "client/terminal/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/text.h"

namespace tthc::terminal {
namespace {

using ::testing::ElementsAre;

TEST(Table, VietnameseLinesUp) {
  Table table({{.header = "Tên"}, {.header = "Số", .right = true}}, 0);
  table.Add({"Nguyễn Thị Hòa", "1"});
  table.Add({"Đỗ Ý", "120"});
  EXPECT_EQ(table.Render({}),
            "Tên              Số\n"
            "Nguyễn Thị Hòa    1\n"
            "Đỗ Ý            120\n");
}

TEST(Table, OnlyShrinkingColumnsAreCutToTheTerminal) {
  Table table({{.header = "Mã"}, {.header = "Nội dung", .shrinks = true}}, 30);
  table.Add({"H24.99.1-260105-0001", "Cấp Giấy xác nhận tình trạng hôn nhân"});
  EXPECT_EQ(table.Render({.header = false}), "H24.99.1-260105-0001  Cấp Giấ…\n");
}

TEST(Table, NarrowerThanItsFixedColumnsItStaysWhole) {
  Table table({{.header = "Mã"}, {.header = "Tên", .shrinks = true}}, 10);
  table.Add({"H24.99.1-260105-0001", "Hòa"});
  EXPECT_EQ(table.Render({.header = false}), "H24.99.1-260105-0001  Hòa\n");
}

TEST(Table, ColorIsOnTheHeaderOnly) {
  Table table({{.header = "A"}}, 0);
  table.Add({"b"});
  EXPECT_EQ(table.Render({.color = true}), "\x1b[1mA\x1b[0m\nb\n");
}

TEST(Table, HeadersThatWrapStandOnTheirColumns) {
  Table table({{.header = "Nhóm"}, {.header = "Tỷ lệ đúng hạn (06a) %", .right = true, .wraps = true}}, 0);
  table.Add({"Hộ tịch", "95,24 (21)"});
  EXPECT_EQ(table.Render({}),
            "         Tỷ lệ đúng\n"
            "          hạn (06a)\n"
            "Nhóm              %\n"
            "Hộ tịch  95,24 (21)\n");
}

TEST(Table, TooWideItIsPartedBehindTheColumnsThatEveryPartRepeats) {
  Table table({{.header = "Nhóm", .shrinks = true},
               {.header = "Một", .right = true},
               {.header = "Hai", .right = true},
               {.header = "Ba", .right = true}},
              20);
  table.Add({"Hộ tịch", "12345", "2", "3"});
  EXPECT_EQ(table.Render({.repeat = 1}),
            "Nhóm       Một  Hai\n"
            "Hộ tịch  12345    2\n"
            "\n"
            "Nhóm     Ba\n"
            "Hộ tịch   3\n");
  EXPECT_EQ(table.Render({}), "Nhóm      Một  Hai  Ba\nHộ tị…  12345    2   3\n");
}

TEST(Table, FoldedCellsTakeTheLinesTheyNeed) {
  Table table({{.header = "Chỉ tiêu", .shrinks = true, .folds = true}, {.header = "Nay", .right = true, .folds = true}},
              17);
  table.Add({"Mức độ hài lòng", "95 %\n19/20"}, {Tone::kPlain, Tone::kGood});
  table.Add({"Trễ", "2"});
  EXPECT_EQ(table.Render({}),
            "Chỉ tiêu      Nay\n"
            "Mức độ hài   95 %\n"
            "lòng        19/20\n"
            "Trễ             2\n");
}

TEST(Table, TonesAreColorsOnlyWhereThereAreColors) {
  Table table({{.header = "A"}, {.header = "B"}}, 0);
  table.Add({"x", "đạt"}, {Tone::kPlain, Tone::kGood});
  table.Add({"y", "chưa"}, {Tone::kPlain, Tone::kBad});
  EXPECT_EQ(table.Render({.header = false}), "x  đạt\ny  chưa\n");
  EXPECT_EQ(table.Render({.header = false, .color = true}), "x  \x1b[32mđạt \x1b[0m\ny  \x1b[31mchưa\x1b[0m\n");
}

TEST(Table, LineBreaksBecomeBlanks) {
  Table table({{.header = "A"}}, 0);
  table.Add({"một\nhai"});
  EXPECT_EQ(table.Render({.header = false}), "một hai\n");
}

TEST(CutToWidth, NeverCutsInsideACharacter) {
  const std::string text = "Nguyễn Thị Hòa";
  for (size_t width = 1; width <= 14; ++width) {
    const std::string cut = CutToWidth(text, width);
    EXPECT_LE(DisplayWidth(cut), width);
    EXPECT_TRUE(CheckText("cut", cut, {.bytes_max = 100}).ok()) << cut;
  }
  EXPECT_EQ(CutToWidth(text, 14), text);
}

TEST(WrapToWidth, BreaksAtBlanks) {
  EXPECT_THAT(WrapToWidth("một hai ba bốn", 8), ElementsAre("một hai", "ba bốn"));
  EXPECT_THAT(WrapToWidth("một hai", 0), ElementsAre("một hai"));
}

}  // namespace
}  // namespace tthc::terminal
