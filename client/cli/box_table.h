#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

// A table in lines, with cells that span rows and columns: forms as they are printed. Text is wrapped, never cut.
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
  // What covers one square of the grid: an index into cells_, or none.
  static constexpr size_t kNone = static_cast<size_t>(-1);
  using Grid = std::vector<std::vector<size_t>>;

  size_t InnerWidth(const BoxCell& cell) const;
  std::vector<std::string> LinesOf(const BoxCell& cell) const;
  Grid MakeGrid() const;
  std::vector<size_t> Heights() const;
  bool RuledBetween(const Grid& grid, size_t row, size_t column) const;
  std::string Rule(const Grid& grid, size_t row) const;

  const std::vector<size_t> widths_;
  std::vector<BoxCell> cells_;
  std::set<size_t> rules_;
  size_t rows_ = 0;
};

}  // namespace tthc::cli
