#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

// A table in lines, with cells that span rows and columns: forms as they are printed. Text is wrapped, never cut; what
// spans several rows stands in the middle of them.
namespace tthc::cli {

enum class BoxAlign { kLeft, kCentre, kRight };

struct BoxCell {
  std::string text;
  size_t row = 0;
  size_t column = 0;
  size_t row_span = 1;
  size_t column_span = 1;
  BoxAlign align = BoxAlign::kLeft;
};

class BoxTable {
 public:
  // Inner widths of the columns, in terminal columns.
  explicit BoxTable(std::vector<size_t> widths);

  // Cells must not overlap.
  void Put(BoxCell cell);
  // A line below that row. The last row has one anyway.
  void RuleBelow(size_t row);
  std::string Render() const;
  // With its lines.
  size_t width() const;

 private:
  // What covers each square: an index into cells_, or kNone.
  static constexpr size_t kNone = static_cast<size_t>(-1);
  using Grid = std::vector<std::vector<size_t>>;
  // Where rows are, in lines.
  struct Layout {
    // First line of text of each row, and how many it has.
    std::vector<size_t> top;
    std::vector<size_t> height;
    // Line of the rule above each row, and below the last; kNone = there is none.
    std::vector<size_t> rule;
    size_t lines = 0;
  };
  // Characters by line and column; the second half of a wide one is "".
  using Canvas = std::vector<std::vector<std::string>>;

  size_t InnerWidth(const BoxCell& cell) const;
  std::vector<std::string> LinesOf(const BoxCell& cell) const;
  Grid MakeGrid() const;
  Layout MakeLayout() const;
  bool RuledAbove(const Grid& grid, size_t row, size_t column) const;
  bool LineLeftOf(const Grid& grid, size_t row, size_t column) const;
  void DrawLines(const Grid& grid, const Layout& layout, Canvas* canvas) const;
  void DrawText(const BoxCell& cell, const Layout& layout, Canvas* canvas) const;
  // Of the line at the left of each column, and behind the last.
  std::vector<size_t> Positions() const;

  const std::vector<size_t> widths_;
  std::vector<BoxCell> cells_;
  std::set<size_t> rules_;
  size_t rows_ = 0;
};

}  // namespace tthc::cli
