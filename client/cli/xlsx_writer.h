#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct lxw_format;
struct lxw_workbook;
struct lxw_worksheet;

// One sheet of a spreadsheet file (.xlsx), laid out for paper: A4, one page wide, rows of the head on every page. The
// only place that knows libxlsxwriter.
namespace tthc::cli {

// Where a cell is; both from 0.
struct CellAt {
  uint32_t row = 0;
  uint16_t column = 0;
};
// Both corners belong to it.
struct CellRange {
  CellAt first;
  CellAt last;
};

enum class CellAlign { kLeft, kCentre, kRight };

struct CellStyle {
  bool bold = false;
  bool italic = false;
  bool border = false;
  bool wrap = false;
  CellAlign align = CellAlign::kLeft;
  // Places after the decimal mark of numbers; thousands are grouped.
  int decimals = 0;
  double size = 12;

  auto AsKey() const { return std::tie(bold, italic, border, wrap, align, decimals, size); }
  friend bool operator<(const CellStyle& a, const CellStyle& b) { return a.AsKey() < b.AsKey(); }
};

// Not thread-safe. What can't be written (too many rows, too long a text, no room for the temporary file) is told by
// Finish; the calls before it then do nothing.
class XlsxWriter {
 public:
  struct Options {
    std::string sheet;
    // Of the document, shown by file managers.
    std::string title;
    // Written into the file: the same content at the same time makes the same bytes.
    absl::Time created;
    bool landscape = false;
    // Rows leave the memory as the next one begins: cells must come row by row, and nothing may be merged.
    bool streaming = false;
  };
  // INTERNAL if the library has no memory.
  static absl::StatusOr<std::unique_ptr<XlsxWriter>> Create(const Options& options);
  ~XlsxWriter();

  // Text stays text, whatever it begins with.
  void Text(CellAt at, absl::string_view text, const CellStyle& style);
  void Number(CellAt at, double number, const CellStyle& style);
  // An empty cell with a border.
  void Blank(CellAt at, const CellStyle& style);
  // A formula that adds up the ranges; `sum` is what it comes to, for readers that do not compute. Without ranges the
  // number alone.
  void Sum(CellAt at, const std::vector<CellRange>& ranges, double sum, const CellStyle& style);
  // One cell over the whole range.
  void Merged(const CellRange& range, absl::string_view text, const CellStyle& style);

  // In characters.
  void SetColumnWidth(uint16_t column, double width);
  // In points; of a streamed row before its cells.
  void SetRowHeight(uint32_t row, double height);
  // These rows stand at the top of every page, and stay in sight when the sheet is scrolled.
  void RepeatRows(uint32_t first, uint32_t last);

  // The file's bytes. INTERNAL XLSX_FAILED if something could not be written; OUT_OF_RANGE XLSX_TOO_LARGE for more rows
  // than a sheet holds. Nothing may be called after it.
  absl::StatusOr<std::string> Finish();

 private:
  XlsxWriter(lxw_workbook* workbook, std::string path);

  lxw_format* FormatOf(const CellStyle& style);
  // Keeps the first failure.
  void Note(int error);
  bool Fits(CellAt at);

  lxw_workbook* workbook_;
  lxw_worksheet* sheet_ = nullptr;
  // Of the temporary file that the library writes.
  const std::string path_;
  std::map<CellStyle, lxw_format*> formats_;
  absl::Status status_;
};

}  // namespace tthc::cli
