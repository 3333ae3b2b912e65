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

// A spreadsheet file (.xlsx) of one sheet, laid out for paper: A4, one page wide, the head on every page. The only file
// that uses libxlsxwriter.
//
// Places are counted from 0 here and from 1 by people and formulas. Widths are in characters and heights in points, as
// spreadsheet programs have them. Everything is written in one font (xlsx_writer.cc) and nothing is computed but sums.
namespace tthc::cli {

// The place of a cell, counted from 0.
struct CellAt {
  uint32_t row = 0;
  uint16_t column = 0;
};
// A rectangle of cells, both corners included.
struct CellRange {
  CellAt first;
  CellAt last;
};

// Where a text stands in its cell, across; upright it is always in the middle.
enum class CellAlign { kLeft, kCenter, kRight };

// How a cell looks.
struct CellStyle {
  bool bold = false;
  bool italic = false;
  // A thin line around the cell.
  bool border = false;
  // The text may take several lines; the height of the row must allow for them (SetRowHeight).
  bool wrap = false;
  CellAlign align = CellAlign::kLeft;
  // Digits after the decimal mark of numbers; thousands are grouped.
  int decimals = 0;
  // Of the font, in points.
  double size = 12;

  // Cells of equal style share one format of the file, whose number is limited.
  auto AsKey() const { return std::tie(bold, italic, border, wrap, align, decimals, size); }
  friend bool operator<(const CellStyle& a, const CellStyle& b) { return a.AsKey() < b.AsKey(); }
};

// Errors are sticky: after a failure (too many rows, too long a text, no space for the temporary file) all calls do
// nothing, and Finish returns the first error. The temporary file is removed by the destructor. Not thread-safe.
class XlsxWriter {
 public:
  struct Options {
    // Name of the sheet, at most 31 characters.
    std::string sheet;
    // Title of the document, shown by file managers.
    std::string title;
    // Written into the file instead of the present, so that the same content always makes the same bytes.
    absl::Time created;
    // Paper across instead of upright.
    bool landscape = false;
    // Rows leave the memory when the next one begins. Cells must then come row by row, and nothing may be merged.
    bool streaming = false;
  };
  // INTERNAL if the library has no memory.
  static absl::StatusOr<std::unique_ptr<XlsxWriter>> Create(const Options& options);
  // Frees the workbook and removes the temporary file, with or without Finish.
  ~XlsxWriter();

  // Writes text as text, also if it begins with "=": no formula comes from data.
  void Text(CellAt at, absl::string_view text, const CellStyle& style);
  // Shown with the decimals of the style and with grouped thousands; the file keeps the whole number.
  void Number(CellAt at, double number, const CellStyle& style);
  // An empty cell with a border.
  void Blank(CellAt at, const CellStyle& style);
  // Writes a formula that adds up the ranges, and `sum` as its value for programs that do not compute. Without ranges
  // writes the number alone.
  void Sum(CellAt at, const std::vector<CellRange>& ranges, double sum, const CellStyle& style);
  // One cell over the whole range.
  void Merged(const CellRange& range, absl::string_view text, const CellStyle& style);

  // In characters.
  void SetColumnWidth(uint16_t column, double width);
  // In points. When streaming, to be called before the cells of the row.
  void SetRowHeight(uint32_t row, double height);
  // Repeats these rows at the top of every page, and keeps them visible when the sheet is scrolled.
  void RepeatRows(uint32_t first, uint32_t last);

  // The file's bytes. INTERNAL XLSX_FAILED if something could not be written; OUT_OF_RANGE XLSX_TOO_LARGE for more rows
  // than a sheet holds. Nothing may be called after it.
  absl::StatusOr<std::string> Finish();

 private:
  XlsxWriter(lxw_workbook* workbook, std::string path);

  // The format for this style, made at its first use. Owned by the workbook.
  lxw_format* FormatOf(const CellStyle& style);
  // Keeps the first failure.
  void Note(int error);
  // False after an error, or if the row lies beyond the last one of a sheet; that is an error from then on.
  bool Fits(CellAt at);

  // Owned. Null once Finish has closed it.
  lxw_workbook* workbook_;
  lxw_worksheet* sheet_ = nullptr;
  // The temporary file that the library writes.
  const std::string path_;
  std::map<CellStyle, lxw_format*> formats_;
  absl::Status status_;
};

}  // namespace tthc::cli
