#include "client/cli/box_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/table.h"
#include "storage/base/check.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

// Where lines leave a crossing.
struct Crossing {
  bool up = false;
  bool down = false;
  bool left = false;
  bool right = false;
};

const char* CharacterOf(const Crossing& crossing) {
  static constexpr const char* kCharacters[] = {" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                                "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
  return kCharacters[(crossing.up ? 1 : 0) + (crossing.down ? 2 : 0) + (crossing.left ? 4 : 0) +
                     (crossing.right ? 8 : 0)];
}

std::string Aligned(const std::string& text, size_t width, BoxAlign align) {
  if (align != BoxAlign::kCentre) return PadToWidth(text, width, align == BoxAlign::kRight);
  const size_t used = std::min(width, DisplayWidth(text));
  return PadToWidth(absl::StrCat(std::string((width - used) / 2, ' '), text), width);
}

}  // namespace

BoxTable::BoxTable(std::vector<size_t> widths) : widths_(std::move(widths)) {}

void BoxTable::Put(BoxCell cell) {
  TTHC_CHECK(cell.column + cell.column_span <= widths_.size());
  rows_ = std::max(rows_, cell.row + cell.row_span);
  cells_.push_back(std::move(cell));
}

void BoxTable::RuleBelow(size_t row) { rules_.insert(row); }

size_t BoxTable::width() const {
  size_t width = widths_.size() + 1;
  for (const size_t column : widths_) width += column;
  return width;
}

size_t BoxTable::InnerWidth(const BoxCell& cell) const {
  size_t width = cell.column_span - 1;
  for (size_t i = 0; i < cell.column_span; ++i) width += widths_[cell.column + i];
  return width;
}

// Words longer than the column are broken: a form keeps its lines.
std::vector<std::string> BoxTable::LinesOf(const BoxCell& cell) const {
  const size_t width = InnerWidth(cell);
  std::vector<std::string> lines;
  for (std::string line : WrapToWidth(cell.text, width)) {
    while (DisplayWidth(line) > width) {
      const size_t bytes = std::max<size_t>(1, BytesWithin(line, width));
      lines.push_back(line.substr(0, bytes));
      line = line.substr(bytes);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

BoxTable::Grid BoxTable::MakeGrid() const {
  Grid grid(rows_, std::vector<size_t>(widths_.size(), kNone));
  for (size_t i = 0; i < cells_.size(); ++i) {
    const BoxCell& cell = cells_[i];
    for (size_t row = cell.row; row < cell.row + cell.row_span; ++row) {
      for (size_t column = cell.column; column < cell.column + cell.column_span; ++column) {
        TTHC_CHECK(grid[row][column] == kNone);
        grid[row][column] = i;
      }
    }
  }
  return grid;
}

// In lines of text. A cell over several rows makes the last of them higher if it has to.
std::vector<size_t> BoxTable::Heights() const {
  std::vector<size_t> heights(rows_, 1);
  for (const BoxCell& cell : cells_) {
    if (cell.row_span == 1) heights[cell.row] = std::max(heights[cell.row], LinesOf(cell).size());
  }
  for (const BoxCell& cell : cells_) {
    size_t room = 0;
    for (size_t row = cell.row; row < cell.row + cell.row_span; ++row) room += heights[row];
    const size_t lines = LinesOf(cell).size();
    if (lines > room) heights[cell.row + cell.row_span - 1] += lines - room;
  }
  return heights;
}

// Whether a line parts the square from the one above it; row 0 and the row behind the last are the edges.
bool BoxTable::RuledBetween(const Grid& grid, size_t row, size_t column) const {
  if (row == 0 || row == rows_) return true;
  if (!rules_.contains(row - 1)) return false;
  const size_t above = grid[row - 1][column];
  return above == kNone || above != grid[row][column];
}

std::string BoxTable::Rule(const Grid& grid, size_t row) const {
  // Whether a line stands at the left of the column, in the row.
  const auto upright = [&](size_t at, size_t column) {
    if (at >= rows_) return false;
    if (column == 0 || column == widths_.size()) return true;
    return grid[at][column] == kNone || grid[at][column] != grid[at][column - 1];
  };
  std::string line;
  for (size_t column = 0; column <= widths_.size(); ++column) {
    absl::StrAppend(&line, CharacterOf({.up = row > 0 && upright(row - 1, column),
                                        .down = upright(row, column),
                                        .left = column > 0 && RuledBetween(grid, row, column - 1),
                                        .right = column < widths_.size() && RuledBetween(grid, row, column)}));
    if (column == widths_.size()) break;
    const char* const piece = RuledBetween(grid, row, column) ? "─" : " ";
    for (size_t i = 0; i < widths_[column]; ++i) absl::StrAppend(&line, piece);
  }
  return absl::StrCat(line, "\n");
}

std::string BoxTable::Render() const {
  const Grid grid = MakeGrid();
  const std::vector<size_t> heights = Heights();
  std::vector<std::vector<std::string>> texts;
  for (const BoxCell& cell : cells_) texts.push_back(LinesOf(cell));
  // Lines of each cell that are out already.
  std::vector<size_t> shown(cells_.size(), 0);
  std::string out;
  for (size_t row = 0; row < rows_; ++row) {
    const bool ruled = row == 0 || rules_.contains(row - 1);
    if (ruled) absl::StrAppend(&out, Rule(grid, row));
    for (size_t line = 0; line < heights[row]; ++line) {
      absl::StrAppend(&out, "│");
      for (size_t column = 0; column < widths_.size();) {
        const size_t index = grid[row][column];
        if (index == kNone) {
          absl::StrAppend(&out, std::string(widths_[column++], ' '), "│");
          continue;
        }
        const BoxCell& cell = cells_[index];
        const size_t at = shown[index]++;
        absl::StrAppend(&out, Aligned(at < texts[index].size() ? texts[index][at] : "", InnerWidth(cell), cell.align),
                        "│");
        column += cell.column_span;
      }
      absl::StrAppend(&out, "\n");
    }
  }
  if (rows_ > 0) absl::StrAppend(&out, Rule(grid, rows_));
  return out;
}

}  // namespace tthc::cli
