#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

// Tables with ruled lines and cells that span rows and columns: forms as they are printed. Text is wrapped, never cut.
// A cell that spans several rows has its text in their middle. Widths are terminal columns, so Vietnamese and wide
// characters line up. Not thread-safe.
//
// Vocabulary: a square is one place of the grid of rows and columns; a cell covers one or more squares; a rule is a
// horizontal line of the table. Between columns there is always a vertical line, except inside a cell that spans them.
//
// A table is built once and rendered once; memory is that of its text. Cells that overlap or lie outside end the
// program (check.h): the layout of a form is fixed in code.
namespace tthc::terminal {

// Where lines of text stand within their cell.
enum class BoxAlign { kLeft, kCenter, kRight };

// A cell and the squares that it covers, counted from 0.
struct BoxCell {
  std::string text;
  size_t row = 0;
  size_t column = 0;
  size_t row_span = 1;
  size_t column_span = 1;
  BoxAlign align = BoxAlign::kLeft;
};

// Usage: Put every cell, RuleBelow where a line is wanted, Render.
class BoxTable {
 public:
  // Inner widths of the columns, without lines and padding.
  explicit BoxTable(std::vector<size_t> widths);

  // Cells must not overlap, and must lie within the columns.
  void Put(BoxCell cell);
  // Draws a line below that row. The last row always has one.
  void RuleBelow(size_t row);
  // The table as lines, each with a line break. Squares that no cell covers are drawn empty.
  std::string Render() const;
  // The width of the rendered table, lines included.
  size_t width() const;

 private:
  // For each square the index into cells_ of the cell that covers it, or kNone.
  static constexpr size_t kNone = static_cast<size_t>(-1);
  using Grid = std::vector<std::vector<size_t>>;
  // Where rows are in the rendered text, counted in lines.
  struct Layout {
    // First line of text of each row, and number of lines.
    std::vector<size_t> top;
    std::vector<size_t> height;
    // Line of the rule above each row and, as the last element, below the last row; kNone = no rule.
    std::vector<size_t> rule;
    size_t lines = 0;
  };
  // Characters by line and column; the second column of a wide character is "".
  using Canvas = std::vector<std::vector<std::string>>;

  // Terminal columns for text in the cell.
  size_t InnerWidth(const BoxCell& cell) const;
  // The text wrapped to the inner width.
  std::vector<std::string> LinesOf(const BoxCell& cell) const;
  // Which cell covers which square.
  Grid MakeGrid() const;
  // Rows are as high as their highest cell needs.
  Layout MakeLayout() const;
  bool RuledAbove(const Grid& grid, size_t row, size_t column) const;
  // Whether a vertical line is at the left of the square; always at both edges.
  bool LineLeftOf(const Grid& grid, size_t row, size_t column) const;
  // Puts lines and crossings, then texts, into the canvas.
  void DrawLines(const Grid& grid, const Layout& layout, Canvas* canvas) const;
  void DrawText(const BoxCell& cell, const Layout& layout, Canvas* canvas) const;
  // Column of the vertical line at the left of each table column and, as the last element, at the right edge.
  std::vector<size_t> Positions() const;

  const std::vector<size_t> widths_;
  std::vector<BoxCell> cells_;
  std::set<size_t> rules_;
  // Grows with the cells that are put.
  size_t rows_ = 0;
};

}  // namespace tthc::terminal
