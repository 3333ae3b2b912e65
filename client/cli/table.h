#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Text in columns for a terminal. Widths are terminal columns, so that Vietnamese lines up.
namespace tthc::cli {

struct TableColumn {
  std::string header;
  bool right = false;
  // May be cut when the terminal is too narrow; the others never are.
  bool shrinks = false;
};

class Table {
 public:
  // `width` 0 = as wide as it needs.
  Table(std::vector<TableColumn> columns, size_t width);

  // As many cells as columns. Line breaks in a cell become blanks.
  void Add(std::vector<std::string> cells);
  size_t size() const { return rows_.size(); }

  struct RenderOptions {
    bool header = true;
    // Headers in bold.
    bool colour = false;
  };
  std::string Render(const RenderOptions& options) const;

 private:
  std::vector<size_t> Widths() const;

  const std::vector<TableColumn> columns_;
  const size_t width_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` cut to `width` columns with "…" at the end, never inside a character.
std::string CutToWidth(absl::string_view text, size_t width);
// Filled with blanks to `width`.
std::string PadToWidth(absl::string_view text, size_t width, bool right = false);
// Broken at blanks into lines of at most `width` columns (0 = one line); longer words stay whole.
std::vector<std::string> WrapToWidth(absl::string_view text, size_t width);

}  // namespace tthc::cli
