#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// CSV as offices keep it (RFC 4180 and its dialects): quotes, BOM, CRLF, comma, semicolon or tab.
//
// Reading is streaming: the caller feeds bytes in portions of any size and takes whole rows; memory stays bounded
// however long the file is. A row with a mistake is returned with its error, and reading goes on with the next line, so
// that an import can report all mistakes at once. Cells that a spreadsheet would run as formulas are guarded on writing
// and unguarded on reading. Pure; not thread-safe.
namespace tthc {

struct CsvOptions {
  // 0: the one of , ; and tab that the first row holds most, outside quotes.
  char separator = 0;
  // Rows whose first byte is # are skipped.
  bool comments = false;
  // Rows that have not as many cells as the first one are errors.
  bool same_width = true;
  // Takes off the ' that GuardCell put on.
  bool strip_guard = true;
};

// One row of a file; rows without a byte are skipped.
struct CsvRow {
  // Line on which the row begins, from 1.
  int64_t line = 0;
  std::vector<std::string> cells;
  // INVALID_ARGUMENT CSV_MALFORMED (metadata "line", "column", the cell's number from 1): a quote in the wrong place or
  // never closed, no valid UTF-8, control characters, too many cells or bytes (limits.h), another number of cells than
  // the first row. `cells` may then be incomplete; reading goes on with the next line.
  absl::Status status;
};

// Reads one file.
class CsvReader {
 public:
  explicit CsvReader(const CsvOptions& options);

  // Takes the next bytes. Memory is bounded by the bytes fed since the last call of Next plus limits::kCsvRowBytesMax.
  void Feed(absl::string_view bytes);
  // There are no more bytes: the last row may lack its line end.
  void Finish();
  // The next whole row, in order; nullopt if more bytes are needed, or after Finish at the end.
  std::optional<CsvRow> Next();

 private:
  enum class State {
    kRowStart,
    kCellStart,
    kPlain,
    kQuoted,
    // After a quote inside a quoted cell: it is the first of two, or the end.
    kQuoteInQuoted,
    // After an error, until the end of the line.
    kSkipLine,
    kComment,
  };

  // Bytes after the separator is known, one by one through the state machine.
  void Take(absl::string_view bytes);
  void Step(char c);
  void StepQuoted(char c);
  // Chooses the separator from head_, as soon as the first row is complete or no more comes.
  void DetectSeparator(bool at_end);
  void BeginRow();
  void Append(char c);
  void EndCell();
  void EndRow();
  // Marks the row as bad and skips the rest of its line.
  void Fail(absl::string_view message, absl::string_view message_vi);
  // Checks the texts and the number of cells of a complete row.
  void CheckRow();
  absl::Status RowError(int64_t line, size_t column, absl::string_view message, absl::string_view message_vi) const;

  CsvOptions options_;
  // Held back until the separator is known.
  std::string head_;
  bool head_done_ = false;
  bool bom_done_ = false;
  State state_ = State::kRowStart;
  // The byte before was a carriage return that ended a row.
  bool after_return_ = false;
  // Of the next byte; where the open quote began; what the row holds so far; cells of the first row.
  int64_t line_ = 1;
  int64_t quote_line_ = 0;
  size_t row_bytes_ = 0;
  size_t width_ = 0;
  // The cell and the row being read.
  std::string cell_;
  bool cell_was_quoted_ = false;
  CsvRow row_;
  // Complete rows that Next has not returned yet.
  std::deque<CsvRow> ready_;
};

// All rows of a text. The error of the first bad row if there is one.
absl::StatusOr<std::vector<CsvRow>> ReadCsv(absl::string_view text, const CsvOptions& options);

// Finds the columns of a file by the names in its first row. Case, diacritics and surrounding blanks do not matter.
class CsvHeader {
 public:
  // Errors of MakeCsvCellError if a name is empty or occurs twice.
  static absl::StatusOr<CsvHeader> FromRow(const CsvRow& row);

  std::optional<size_t> Find(absl::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

// A cell of a well-formed row has a wrong value: INVALID_ARGUMENT FIELD_INVALID (metadata "line", "column") at `field`.
// The message names line and column before `message`.
struct CsvCellError {
  int64_t line = 0;
  // From 0.
  size_t column = 0;
  absl::string_view field;
};
absl::Status MakeCsvCellError(const CsvCellError& where, absl::string_view message, absl::string_view message_vi);
// The same from an error about the cell's value, keeping its messages.
absl::Status MakeCsvCellError(const CsvCellError& where, const absl::Status& status);

// UTF-8 byte order mark: put first in files that spreadsheets open.
inline constexpr char kCsvBom[] = "\xEF\xBB\xBF";

struct CsvWriteOptions {
  char separator = ',';
  absl::string_view line_end = "\n";
};

// Appends a row. Quotes the cells that need it and guards every cell.
void AppendCsvRow(const std::vector<std::string>& cells, const CsvWriteOptions& options, std::string* out);

// Spreadsheets run cells that begin with = + - @ as formulas: those get a leading '. UnguardCell(GuardCell(x)) == x for
// every x; other cells come back unchanged from both.
std::string GuardCell(absl::string_view cell);
std::string UnguardCell(absl::string_view cell);

}  // namespace tthc
