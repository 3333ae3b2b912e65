#include "client/terminal/box_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/terminal/table.h"
#include "storage/base/check.h"
#include "storage/base/text.h"

namespace tthc::terminal {
namespace {

// The directions in which lines leave a crossing.
struct Transition {
  bool up = false;
  bool down = false;
  bool left = false;
  bool right = false;
};

const char* CharacterOf(const Transition& transition) {
  // The index is one bit for each direction: up 1, down 2, left 4, right 8.
  static constexpr const char* kCharacters[] = {" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                                "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
  return kCharacters[(transition.up ? 1 : 0) + (transition.down ? 2 : 0) + (transition.left ? 4 : 0) +
                     (transition.right ? 8 : 0)];
}

std::string Aligned(const std::string& text, size_t width, BoxAlign align) {
  if (align != BoxAlign::kCenter) return PadToWidth(text, width, align == BoxAlign::kRight);
  const size_t used = std::min(width, DisplayWidth(text));
  return PadToWidth(absl::StrCat(std::string((width - used) / 2, ' '), text), width);
}

}  // namespace

BoxTable::BoxTable(std::vector<size_t> widths) : widths_(std::move(widths)) {}

void BoxTable::Put(BoxCell cell) {
  TTHC_CHECK(cell.column + cell.column_span <= widths_.size());
  // Rows come into being with their cells, so a caller need not count them first.
  rows_ = std::max(rows_, cell.row + cell.row_span);
  cells_.push_back(std::move(cell));
}

void BoxTable::RuleBelow(size_t row) { rules_.insert(row); }

size_t BoxTable::width() const {
  size_t width = widths_.size() + 1;
  for (const size_t column : widths_) width += column;
  return width;
}

// A cell over several columns has the room of the lines between them as well.
size_t BoxTable::InnerWidth(const BoxCell& cell) const {
  size_t width = cell.column_span - 1;
  for (size_t i = 0; i < cell.column_span; ++i) width += widths_[cell.column + i];
  return width;
}

// Words longer than the column are broken, so that the lines of the form stay straight.
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
        // Two cells in one square are a mistake in the layout of a form.
        TTHC_CHECK(grid[row][column] == kNone);
        grid[row][column] = i;
      }
    }
  }
  return grid;
}

BoxTable::Layout BoxTable::MakeLayout() const {
  Layout layout;
  // First the cells of one row, since they fix the least height of each row.
  layout.height.assign(rows_, 1);
  for (const BoxCell& cell : cells_) {
    if (cell.row_span == 1) layout.height[cell.row] = std::max(layout.height[cell.row], LinesOf(cell).size());
  }
  // A cell that spans rows may also use the lines of the rules between them. If that is not enough, its last row grows.
  for (const BoxCell& cell : cells_) {
    size_t room = 0;
    for (size_t row = cell.row; row < cell.row + cell.row_span; ++row) {
      room += layout.height[row] + (row > cell.row && rules_.contains(row - 1) ? 1 : 0);
    }
    const size_t lines = LinesOf(cell).size();
    if (lines > room) layout.height[cell.row + cell.row_span - 1] += lines - room;
  }
  for (size_t row = 0; row <= rows_; ++row) {
    const bool ruled = row == 0 || row == rows_ || rules_.contains(row - 1);
    layout.rule.push_back(ruled ? layout.lines++ : kNone);
    if (row == rows_) break;
    layout.top.push_back(layout.lines);
    layout.lines += layout.height[row];
  }
  return layout;
}

// Whether a rule separates the square from the one above it. There is always one above the first row and below the
// last.
bool BoxTable::RuledAbove(const Grid& grid, size_t row, size_t column) const {
  if (row == 0 || row == rows_) return true;
  return grid[row - 1][column] == kNone || grid[row - 1][column] != grid[row][column];
}

bool BoxTable::LineLeftOf(const Grid& grid, size_t row, size_t column) const {
  if (column == 0 || column == widths_.size()) return true;
  return grid[row][column] == kNone || grid[row][column] != grid[row][column - 1];
}

std::vector<size_t> BoxTable::Positions() const {
  std::vector<size_t> positions = {0};
  for (const size_t width : widths_) positions.push_back(positions.back() + width + 1);
  return positions;
}

void BoxTable::DrawLines(const Grid& grid, const Layout& layout, Canvas* canvas) const {
  const std::vector<size_t> positions = Positions();
  for (size_t column = 0; column <= widths_.size(); ++column) {
    // Vertical lines first, then the rules with their crossings, which replace the lines where both meet.
    for (size_t row = 0; row < rows_; ++row) {
      if (!LineLeftOf(grid, row, column)) continue;
      for (size_t i = 0; i < layout.height[row]; ++i) (*canvas)[layout.top[row] + i][positions[column]] = "│";
    }
    for (size_t row = 0; row <= rows_; ++row) {
      if (layout.rule[row] == kNone) continue;
      std::vector<std::string>& line = (*canvas)[layout.rule[row]];
      const bool right = column < widths_.size() && RuledAbove(grid, row, column);
      line[positions[column]] = CharacterOf({.up = row > 0 && LineLeftOf(grid, row - 1, column),
                                             .down = row < rows_ && LineLeftOf(grid, row, column),
                                             .left = column > 0 && RuledAbove(grid, row, column - 1),
                                             .right = right});
      if (!right) continue;
      for (size_t i = 0; i < widths_[column]; ++i) line[positions[column] + 1 + i] = "─";
    }
  }
}

void BoxTable::DrawText(const BoxCell& cell, const Layout& layout, Canvas* canvas) const {
  const std::vector<std::string> lines = LinesOf(cell);
  const size_t last = cell.row + cell.row_span - 1;
  const size_t room = layout.top[last] + layout.height[last] - layout.top[cell.row];
  // Headings over several rows stand in their middle; cells of one row begin at the top, so that a row reads as a line.
  const size_t above = cell.row_span > 1 ? (room - lines.size()) / 2 : 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string text = Aligned(lines[i], InnerWidth(cell), cell.align);
    std::vector<std::string>& line = (*canvas)[layout.top[cell.row] + above + i];
    size_t at = Positions()[cell.column] + 1;
    for (absl::string_view rest = text; !rest.empty();) {
      // One character with its combining marks; wide characters take two columns.
      size_t bytes = BytesWithin(rest, 1);
      if (bytes == 0) bytes = std::max<size_t>(1, BytesWithin(rest, 2));
      const absl::string_view character = rest.substr(0, bytes);
      line[at] = std::string(character);
      for (size_t width = DisplayWidth(character); width > 1; --width) line[++at] = "";
      ++at;
      rest.remove_prefix(bytes);
    }
  }
}

std::string BoxTable::Render() const {
  // Lines before texts: a cell over several rows writes over the places of rules that do not cross it.
  const Layout layout = MakeLayout();
  Canvas canvas(layout.lines, std::vector<std::string>(width(), " "));
  DrawLines(MakeGrid(), layout, &canvas);
  for (const BoxCell& cell : cells_) DrawText(cell, layout, &canvas);
  std::string out;
  for (const std::vector<std::string>& line : canvas) absl::StrAppend(&out, absl::StrJoin(line, ""), "\n");
  return out;
}

}  // namespace tthc::terminal
