#include "client/terminal/box_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tthc::terminal {
namespace {

TEST(BoxTable, CellsSpanRowsAndColumns) {
  BoxTable table({3, 4, 5});
  table.Put({.text = "STT", .row = 0, .column = 0, .row_span = 2});
  table.Put({.text = "Hai cột", .row = 0, .column = 1, .column_span = 2, .align = BoxAlign::kCenter});
  table.Put({.text = "A", .row = 1, .column = 1});
  table.Put({.text = "B", .row = 1, .column = 2, .align = BoxAlign::kRight});
  table.Put({.text = "1", .row = 2, .column = 0});
  table.Put({.text = "x", .row = 2, .column = 1});
  table.Put({.text = "7", .row = 2, .column = 2, .align = BoxAlign::kRight});
  table.RuleBelow(0);
  table.RuleBelow(1);
  EXPECT_EQ(table.Render(),
            "┌───┬──────────┐\n"
            "│   │ Hai cột  │\n"
            "│STT├────┬─────┤\n"
            "│   │A   │    B│\n"
            "├───┼────┼─────┤\n"
            "│1  │x   │    7│\n"
            "└───┴────┴─────┘\n");
  EXPECT_EQ(table.width(), 16u);
}

TEST(BoxTable, TextIsWrappedAndLongWordsAreBrokenInsideNoCharacter) {
  BoxTable table({5, 2});
  table.Put({.text = "Đăng ký khai sinh", .row = 0, .column = 0});
  table.Put({.text = "nghiêng", .row = 0, .column = 1});
  EXPECT_EQ(table.Render(),
            "┌─────┬──┐\n"
            "│Đăng │ng│\n"
            "│ký   │hi│\n"
            "│khai │ên│\n"
            "│sinh │g │\n"
            "└─────┴──┘\n");
}

TEST(BoxTable, ATallCellOverRowsMakesRoom) {
  BoxTable table({3, 1});
  table.Put({.text = "một hai ba", .row = 0, .column = 0, .row_span = 2});
  table.Put({.text = "A", .row = 0, .column = 1});
  table.Put({.text = "B", .row = 1, .column = 1});
  EXPECT_EQ(table.Render(),
            "┌───┬─┐\n"
            "│một│A│\n"
            "│hai│B│\n"
            "│ba │ │\n"
            "└───┴─┘\n");
}

TEST(BoxTable, WhatSpansRowsStandsInTheMiddleAndOnItsNeighborsLines) {
  BoxTable table({4, 1});
  table.Put({.text = "Tổng số", .row = 0, .column = 0, .row_span = 2, .align = BoxAlign::kCenter});
  table.Put({.text = "A", .row = 0, .column = 1});
  table.Put({.text = "b c d", .row = 1, .column = 1});
  table.RuleBelow(0);
  EXPECT_EQ(table.Render(),
            "┌────┬─┐\n"
            "│    │A│\n"
            "│Tổng├─┤\n"
            "│ số │b│\n"
            "│    │c│\n"
            "│    │d│\n"
            "└────┴─┘\n");
}

TEST(BoxTable, SquaresWithoutACellStayEmpty) {
  BoxTable table({1, 1});
  table.Put({.text = "A", .row = 0, .column = 0});
  table.Put({.text = "B", .row = 1, .column = 1});
  EXPECT_EQ(table.Render(), "┌─┬─┐\n│A│ │\n│ │B│\n└─┴─┘\n");
}

}  // namespace
}  // namespace tthc::terminal
