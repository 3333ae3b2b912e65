#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Tables without lines, for terminals. Widths are terminal columns, so Vietnamese and wide characters line up. Classes
// are not thread-safe; functions are pure.
//
// A table is laid out as a whole, because the widths of its columns depend on all rows; long lists are printed in
// portions, each a table of its own. When a terminal is too narrow, columns that allow it are cut, then the table is
// split (RenderOptions::repeat), and only then lines get longer than the terminal. Memory is that of the cells.
namespace tthc::terminal {

// How a column is laid out.
struct TableColumn {
  std::string header;
  // Cells are aligned at the right.
  bool right = false;
  // May be cut when the terminal is too narrow; other columns never are.
  bool shrinks = false;
  // Its header may take several lines, broken at blanks.
  bool wraps = false;
  // Cells are wrapped into as many lines as they need instead of being cut; line breaks in them stay.
  bool folds = false;
};

// The color of a cell. Texts must be clear without it, since many terminals and people see none.
enum class Tone { kPlain, kGood, kBad };

// Usage: Add every row, then Render.
class Table {
 public:
  // `width` 0 = as wide as it needs.
  Table(std::vector<TableColumn> columns, size_t width);

  // `cells` must be as many as the columns; `tones` may be fewer, the missing ones are plain. Line breaks become blanks
  // unless the column folds.
  void Add(std::vector<std::string> cells, std::vector<Tone> tones = {});
  size_t size() const { return rows_.size(); }

  struct RenderOptions {
    bool header = true;
    // Headers in bold, tones in colors.
    bool color = false;
    // A table that is too wide is split into parts, each of which begins with this many of the first columns. 0 = never
    // split.
    size_t repeat = 0;
  };
  // All lines, each with a line break. May be called again after more rows were added.
  std::string Render(const RenderOptions& options) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<Tone> tones;
  };

  // Widths as if the terminal had no edge.
  std::vector<size_t> NaturalWidths() const;
  // Widths that fit the terminal, as far as columns may shrink.
  std::vector<size_t> Widths() const;
  std::string RenderHeader(const std::vector<size_t>& widths, bool color) const;
  // One line of text without its line break; cells are cut to their widths.
  std::string RenderLine(const Row& row, const std::vector<size_t>& widths, bool color) const;
  // One or more lines, each with a line break.
  std::string RenderRow(const Row& row, const std::vector<size_t>& widths, bool color) const;
  // Indexes of the columns of each part.
  std::vector<std::vector<size_t>> Parts(size_t repeat) const;

  const std::vector<TableColumn> columns_;
  const size_t width_;
  std::vector<Row> rows_;
};

// Size in bytes of the longest prefix of `text` that takes at most `width` columns. Characters stay whole.
size_t BytesWithin(absl::string_view text, size_t width);
// `text`, or its prefix and "…" if it takes more than `width` columns. Characters stay whole.
std::string CutToWidth(absl::string_view text, size_t width);
// `text` padded with blanks to `width` columns; `right` puts the blanks in front.
std::string PadToWidth(absl::string_view text, size_t width, bool right = false);
// `text` broken at blanks into lines of at most `width` columns (0 = one line). Words longer than a line stay whole.
std::vector<std::string> WrapToWidth(absl::string_view text, size_t width);

}  // namespace tthc::terminal
