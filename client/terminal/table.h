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
  // Its header may take several lines, broken at blanks.
  bool wraps = false;
  // Its cells take as many lines as they need, instead of being cut; line breaks in them stay.
  bool folds = false;
};

// What a cell says, for terminals that have colours; the words must do without.
enum class Tone { kPlain, kGood, kBad };

class Table {
 public:
  // `width` 0 = as wide as it needs.
  Table(std::vector<TableColumn> columns, size_t width);

  // As many cells as columns. Line breaks in a cell become blanks unless it folds. Tones may be fewer; the rest is
  // plain.
  void Add(std::vector<std::string> cells, std::vector<Tone> tones = {});
  size_t size() const { return rows_.size(); }

  struct RenderOptions {
    bool header = true;
    // Headers in bold, tones in colours.
    bool colour = false;
    // Too wide for the terminal, the table is parted: these many columns stand at the left of every part. 0 = never.
    size_t repeat = 0;
  };
  std::string Render(const RenderOptions& options) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<Tone> tones;
  };

  std::vector<size_t> NaturalWidths() const;
  std::vector<size_t> Widths() const;
  std::string RenderHeader(const std::vector<size_t>& widths, bool colour) const;
  std::string RenderLine(const Row& row, const std::vector<size_t>& widths, bool colour) const;
  // One or more lines, each with its end.
  std::string RenderRow(const Row& row, const std::vector<size_t>& widths, bool colour) const;
  // The columns of each part, in order.
  std::vector<std::vector<size_t>> Parts(size_t repeat) const;

  const std::vector<TableColumn> columns_;
  const size_t width_;
  std::vector<Row> rows_;
};

// Bytes of the longest beginning of `text` that takes at most `width` columns, never inside a character.
size_t BytesWithin(absl::string_view text, size_t width);
// `text` cut to `width` columns with "…" at the end, never inside a character.
std::string CutToWidth(absl::string_view text, size_t width);
// Filled with blanks to `width`.
std::string PadToWidth(absl::string_view text, size_t width, bool right = false);
// Broken at blanks into lines of at most `width` columns (0 = one line); longer words stay whole.
std::vector<std::string> WrapToWidth(absl::string_view text, size_t width);

}  // namespace tthc::cli
