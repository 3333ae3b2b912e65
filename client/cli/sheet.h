#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/xlsx_writer.h"
#include "client/terminal/session.h"

// A plain list for spreadsheet programs, as CSV or as .xlsx. Rows are written one by one, so memory does not grow with
// the list.
//
// For lists that people sort, filter and sum: one header, one row for each record, numbers as numbers. Forms with
// merged headings are laid out by report_06a_sheet.cc instead.
//
// CSV is written to the output of the session row by row. A .xlsx is a zip file whose directory comes last, so it is
// built in a temporary file and written by Finish; after an error before that, the output gets nothing.
namespace tthc::cli {

// A column of such a list.
struct SheetColumn {
  std::string header;
  // In characters, for .xlsx.
  double width = 12;
  // Digits after the decimal mark of its numbers.
  int decimals = 0;
};

// A text or a number. A number without a value is empty in CSV and "–" in .xlsx: no value is not 0.
struct SheetCell {
  std::string text;
  std::optional<double> number;
  bool is_number = false;
};
// The two kinds of cells. Text stays text, also if it looks like a number or a formula.
inline SheetCell TextCell(std::string text) { return {.text = std::move(text), .number = {}, .is_number = false}; }
inline SheetCell NumberCell(std::optional<double> number) { return {.text = {}, .number = number, .is_number = true}; }

// What the sheet is, apart from its rows.
struct SheetOptions {
  // In .xlsx the first line of the sheet and the title of the document.
  std::string title;
  // Lines below the title, such as the period and the time of the figures. In .xlsx only.
  std::vector<std::string> lines;
  std::vector<SheetColumn> columns;
  // The time of the figures or of the call, not of writing: the same content makes the same file.
  absl::Time created;
};

// The format of the session must be csv or xlsx, and the session must outlive the writer. Not thread-safe.
class SheetWriter {
 public:
  // Errors of XlsxWriter::Create.
  // Begins the sheet with its title and header.
  static absl::StatusOr<std::unique_ptr<SheetWriter>> Open(const terminal::Session& session,
                                                           const SheetOptions& options);

  // As many cells as columns; `strong` for totals.
  void Add(const std::vector<SheetCell>& cells, bool strong = false);
  // Writes the rest to the output of the session. Nothing may be added after it. Errors of XlsxWriter::Finish.
  absl::Status Finish();

 private:
  SheetWriter(const terminal::Session& session, std::vector<SheetColumn> columns)
      : session_(session), columns_(std::move(columns)) {}

  // Title, lines and header of a .xlsx; the header is repeated on every printed page.
  void AddHead(const SheetOptions& options);
  // Numbers with a decimal point and without grouping, in both languages.
  void AddCsv(const std::vector<SheetCell>& cells);

  const terminal::Session& session_;
  const std::vector<SheetColumn> columns_;
  // Null for CSV.
  std::unique_ptr<XlsxWriter> xlsx_;
  // The next row of the .xlsx, from 0.
  uint32_t row_ = 0;
};

}  // namespace tthc::cli
