#include "storage/base/csv.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc {
namespace {

// In the order in which they win when the first row has as many of one as of another.
constexpr std::array<char, 3> kSeparators = {',', ';', '\t'};

std::pair<std::string, std::string> Position(int64_t line, size_t column) {
  return {absl::StrCat("line ", line, ", column ", column, ": "), absl::StrCat("dòng ", line, ", cột ", column, ": ")};
}

// True if a spreadsheet would run the cell as a formula, and also if it begins with apostrophes before such a formula:
// those get one more, so that guarding can be undone for every cell.
bool NeedsGuard(absl::string_view cell) {
  const size_t at = cell.find_first_not_of('\'');
  return at != absl::string_view::npos && absl::string_view("=+-@\t\r").find(cell[at]) != absl::string_view::npos;
}

}  // namespace

CsvReader::CsvReader(const CsvOptions& options) : options_(options) {}

void CsvReader::Feed(absl::string_view bytes) {
  if (head_done_) {
    Take(bytes);
    return;
  }
  // Until the separator is known, bytes are held back; at most one row's, see DetectSeparator.
  head_.append(bytes.data(), bytes.size());
  DetectSeparator(/*at_end=*/false);
}

void CsvReader::Finish() {
  if (!head_done_) DetectSeparator(/*at_end=*/true);
  switch (state_) {
    case State::kRowStart:
    case State::kComment:
      break;
    // The quote may have been opened thousands of lines before, so the message names that line.
    case State::kQuoted:
      Fail(absl::StrCat("the quote opened on line ", quote_line_, " is never closed"),
           absl::StrCat("dấu nháy kép mở ở dòng ", quote_line_, " không được đóng"));
      EndRow();
      break;
    case State::kSkipLine:
      EndRow();
      break;
    default:
      // The last row need not end with a line end.
      EndCell();
      EndRow();
  }
  state_ = State::kRowStart;
}

std::optional<CsvRow> CsvReader::Next() {
  if (ready_.empty()) return std::nullopt;
  CsvRow row = std::move(ready_.front());
  ready_.pop_front();
  return row;
}

// Counts separators outside quotes in the first row that is no comment, as soon as that row is complete or longer than
// a row may be.
void CsvReader::DetectSeparator(bool at_end) {
  std::array<size_t, kSeparators.size()> counts = {};
  bool quoted = false;
  bool comment = false;
  bool line_start = true;
  bool found_end = options_.separator != 0 || head_.size() > limits::kCsvRowBytesMax;
  for (size_t at = absl::StartsWith(head_, kCsvBom) ? 3 : 0; at < head_.size() && !found_end; ++at) {
    const char c = head_[at];
    const bool line_end = !quoted && (c == '\n' || c == '\r');
    if (line_end && (comment || line_start)) {
      comment = false;
      line_start = true;
      continue;
    }
    if (line_start && options_.comments && c == '#') comment = true;
    line_start = false;
    if (comment) continue;
    if (c == '"') quoted = !quoted;
    for (size_t i = 0; i < kSeparators.size() && !quoted; ++i) counts[i] += c == kSeparators[i] ? 1U : 0U;
    found_end = line_end;
  }
  // A byte order mark may be split over two portions.
  if (!at_end && (!found_end || head_.size() < 3)) return;
  if (options_.separator == 0) {
    const auto most = std::max_element(counts.begin(), counts.end());
    options_.separator = kSeparators[static_cast<size_t>(most - counts.begin())];
  }
  head_done_ = true;
  const std::string head = std::exchange(head_, {});
  Take(head);
}

void CsvReader::Take(absl::string_view bytes) {
  if (!bom_done_) {
    bom_done_ = true;
    if (absl::StartsWith(bytes, kCsvBom)) bytes.remove_prefix(3);
  }
  for (const char c : bytes) Step(c);
}

void CsvReader::BeginRow() {
  row_ = CsvRow{};
  row_.line = line_;
  row_bytes_ = 0;
  state_ = State::kCellStart;
}

// One byte through the state machine: quotes are handled by StepQuoted, line ends first, since they end every state but
// a quoted cell.
void CsvReader::Step(char c) {
  // CRLF may be split over two portions as well: the return has ended the row already.
  const bool second_of_crlf = after_return_ && c == '\n';
  after_return_ = false;
  if (second_of_crlf) return;
  if (state_ == State::kQuoted) {
    StepQuoted(c);
    return;
  }
  const bool line_end = c == '\n' || c == '\r';
  if (line_end) {
    after_return_ = c == '\r';
    if (state_ == State::kCellStart || state_ == State::kPlain || state_ == State::kQuoteInQuoted) EndCell();
    if (state_ != State::kRowStart && state_ != State::kComment) EndRow();
    state_ = State::kRowStart;
    ++line_;
    return;
  }
  // What is left of a bad row is passed over up to its line end, so that one error costs one row and not the file.
  if (state_ == State::kSkipLine || state_ == State::kComment) return;
  if (state_ == State::kRowStart) {
    if (options_.comments && c == '#') {
      state_ = State::kComment;
      return;
    }
    BeginRow();
  }
  if (c == options_.separator) {
    EndCell();
    // EndCell has failed if the row has too many cells.
    if (state_ != State::kSkipLine) state_ = State::kCellStart;
    return;
  }
  if (c == '"') {
    if (state_ == State::kPlain) {
      Fail("a quote inside a cell that does not begin with one; put the cell in quotes and double those inside",
           "dấu nháy kép nằm trong ô không mở bằng nháy kép; hãy đặt cả ô trong nháy kép và viết đôi dấu nháy bên "
           "trong");
      return;
    }
    if (state_ == State::kQuoteInQuoted) Append(c);
    if (state_ == State::kCellStart) quote_line_ = line_;
    cell_was_quoted_ = true;
    if (state_ != State::kSkipLine) state_ = State::kQuoted;
    return;
  }
  if (state_ == State::kQuoteInQuoted) {
    Fail("text behind the closing quote; double the quotes that belong to the cell",
         "có nội dung sau dấu nháy kép đóng ô; hãy viết đôi dấu nháy thuộc nội dung ô");
    return;
  }
  state_ = State::kPlain;
  Append(c);
}

void CsvReader::StepQuoted(char c) {
  if (c == '"') {
    state_ = State::kQuoteInQuoted;
    return;
  }
  // Line ends inside a cell are all kept as \n, so that a file means the same whichever system wrote it.
  if (c == '\n' || c == '\r') {
    ++line_;
    after_return_ = c == '\r';
    Append('\n');
    return;
  }
  Append(c);
}

void CsvReader::Append(char c) {
  if (state_ == State::kSkipLine) return;
  // Checked while the bytes come in: a file without line ends, or with an open quote, must not fill the memory before
  // it is refused.
  if (cell_.size() >= limits::kCsvCellBytesMax || row_bytes_ >= limits::kCsvRowBytesMax) {
    const bool quoted = cell_was_quoted_;
    Fail(absl::StrCat("the cell or row is too long", quoted ? "; is a closing quote missing?" : ""),
         absl::StrCat("ô hoặc dòng quá dài", quoted ? "; có thể thiếu dấu nháy kép đóng" : ""));
    // If the byte that did not fit is a line end inside quotes, the row ends here: otherwise one missing quote would
    // skip the rest of the file.
    if (c == '\n') {
      EndRow();
      state_ = State::kRowStart;
    }
    return;
  }
  cell_.push_back(c);
  ++row_bytes_;
}

void CsvReader::EndCell() {
  if (state_ == State::kSkipLine) return;
  if (row_.cells.size() >= limits::kCsvColumnsMax) {
    Fail(absl::StrCat("the row has more than ", limits::kCsvColumnsMax, " cells"),
         absl::StrCat("dòng có hơn ", limits::kCsvColumnsMax, " ô"));
    return;
  }
  row_.cells.push_back(options_.strip_guard ? UnguardCell(cell_) : cell_);
  cell_.clear();
  cell_was_quoted_ = false;
}

void CsvReader::EndRow() {
  if (row_.status.ok()) CheckRow();
  ready_.push_back(std::exchange(row_, {}));
  cell_.clear();
  cell_was_quoted_ = false;
}

void CsvReader::Fail(absl::string_view message, absl::string_view message_vi) {
  // The cell being read is the one after those that are complete.
  row_.status = RowError(line_, row_.cells.size() + 1, message, message_vi);
  state_ = State::kSkipLine;
}

void CsvReader::CheckRow() {
  // Checked per row, not per byte: a character may be split over two portions.
  for (size_t i = 0; i < row_.cells.size(); ++i) {
    const absl::Status text = CheckText("", row_.cells[i], {.bytes_max = limits::kCsvCellBytesMax, .multi_line = true});
    if (text.ok()) continue;
    row_.status = RowError(row_.line, i + 1, ErrorMessage(text, "en"), ErrorMessage(text, "vi"));
    return;
  }
  // The first good row is the header, and sets how many cells a row has.
  if (width_ == 0) width_ = row_.cells.size();
  if (!options_.same_width || row_.cells.size() == width_) return;
  row_.status = RowError(row_.line, std::min(width_, row_.cells.size()) + 1,
                         absl::StrCat("the row has ", row_.cells.size(), " cells, the first row has ", width_,
                                      "; cells that hold the separator must be quoted"),
                         absl::StrCat("dòng này có ", row_.cells.size(), " ô, dòng tiêu đề có ", width_,
                                      " ô; ô chứa dấu phân cách phải đặt trong nháy kép"));
}

absl::Status CsvReader::RowError(int64_t line, size_t column, absl::string_view message,
                                 absl::string_view message_vi) const {
  const auto [at, at_vi] = Position(line, column);
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "CSV_MALFORMED",
                    .message = absl::StrCat(at, message),
                    .message_vi = absl::StrCat(at_vi, message_vi),
                    .metadata = {{"line", absl::StrCat(line)}, {"column", absl::StrCat(column)}}});
}

absl::StatusOr<std::vector<CsvRow>> ReadCsv(absl::string_view text, const CsvOptions& options) {
  std::vector<CsvRow> rows;
  CsvReader reader(options);
  reader.Feed(text);
  reader.Finish();
  while (std::optional<CsvRow> row = reader.Next()) {
    TTHC_RETURN_IF_ERROR(row->status);
    rows.push_back(*std::move(row));
  }
  return rows;
}

absl::StatusOr<CsvHeader> CsvHeader::FromRow(const CsvRow& row) {
  CsvHeader header;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const std::string name = FoldForSearch(row.cells[i]);
    const CsvCellError where{.line = row.line, .column = i, .field = row.cells[i]};
    if (name.empty()) return MakeCsvCellError(where, "the column has no name", "cột không có tên");
    if (header.Find(name).has_value()) {
      return MakeCsvCellError(where, "the column is there twice", "tên cột bị lặp lại");
    }
    header.names_.push_back(name);
  }
  return header;
}

std::optional<size_t> CsvHeader::Find(absl::string_view name) const {
  // Names are kept folded.
  const auto it = std::find(names_.begin(), names_.end(), FoldForSearch(name));
  if (it == names_.end()) return std::nullopt;
  return static_cast<size_t>(it - names_.begin());
}

absl::Status MakeCsvCellError(const CsvCellError& where, absl::string_view message, absl::string_view message_vi) {
  const auto [at, at_vi] = Position(where.line, where.column + 1);
  const std::string name = where.field.empty() ? "" : absl::StrCat(where.field, ": ");
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "FIELD_INVALID",
                    .message = absl::StrCat(at, name, message),
                    .message_vi = absl::StrCat(at_vi, name, message_vi),
                    .metadata = {{"line", absl::StrCat(where.line)}, {"column", absl::StrCat(where.column + 1)}},
                    .field = std::string(where.field)});
}

absl::Status MakeCsvCellError(const CsvCellError& where, const absl::Status& status) {
  return MakeCsvCellError(where, ErrorMessage(status, "en"), ErrorMessage(status, "vi"));
}

void AppendCsvRow(const std::vector<std::string>& cells, const CsvWriteOptions& options, std::string* out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out->push_back(options.separator);
    const std::string cell = GuardCell(cells[i]);
    // All three separators are quoted, not only ours: a reader detects the separator by counting. A row of one empty
    // cell would read as no row at all, and a leading # as a comment.
    const bool quote = cell.find_first_of("\",;\t\r\n") != std::string::npos ||
                       cell.find(options.separator) != std::string::npos || (cells.size() == 1 && cell.empty()) ||
                       (i == 0 && absl::StartsWith(cell, "#"));
    if (!quote) {
      *out += cell;
      continue;
    }
    out->push_back('"');
    for (const char c : cell) {
      if (c == '"') out->push_back('"');
      out->push_back(c);
    }
    out->push_back('"');
  }
  out->append(options.line_end.data(), options.line_end.size());
}

std::string GuardCell(absl::string_view cell) { return NeedsGuard(cell) ? absl::StrCat("'", cell) : std::string(cell); }

std::string UnguardCell(absl::string_view cell) {
  if (!cell.empty() && cell[0] == '\'' && NeedsGuard(cell)) cell.remove_prefix(1);
  return std::string(cell);
}

}  // namespace tthc
