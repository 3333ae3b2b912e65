#include "client/cli/sheet.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "storage/base/check.h"
#include "storage/base/csv.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::Session;

constexpr double kTitleSize = 14;
constexpr double kTextSize = 11;
// A wider sheet is printed in landscape.
constexpr double kPortraitWidth = 90;

constexpr double kLineHeight = 15;

uint16_t Column(size_t index) { return static_cast<uint16_t>(index); }

// The number of lines of a text in a column of this width. Needed because spreadsheet programs do not adjust the height
// of streamed rows.
double LinesOf(const std::string& text, double width) {
  double lines = 0;
  for (const absl::string_view part : absl::StrSplit(text, '\n')) {
    lines += std::max(1.0, std::ceil(static_cast<double>(DisplayWidth(part)) / width));
  }
  return lines;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SheetWriter>> SheetWriter::Open(const Session& session, const SheetOptions& options) {
  std::unique_ptr<SheetWriter> writer(new SheetWriter(session, options.columns));
  // No title in CSV: programs take the first line for the header.
  if (!session.is_xlsx()) {
    std::vector<std::string> headers;
    for (const SheetColumn& column : options.columns) headers.push_back(column.header);
    std::string line;
    AppendCsvRow(headers, {}, &line);
    session.out() << line;
    return writer;
  }
  double width = 0;
  for (const SheetColumn& column : options.columns) width += column.width;
  TTHC_ASSIGN_OR_RETURN(writer->xlsx_, XlsxWriter::Create({.sheet = session.Say({"Số liệu", "Figures"}),
                                                           .title = options.title,
                                                           .created = options.created,
                                                           .landscape = width > kPortraitWidth,
                                                           .streaming = true}));
  writer->AddHead(options);
  return writer;
}

void SheetWriter::AddHead(const SheetOptions& options) {
  for (size_t i = 0; i < columns_.size(); ++i) xlsx_->SetColumnWidth(Column(i), columns_[i].width);
  xlsx_->Text({.row = row_++, .column = 0}, options.title, {.bold = true, .size = kTitleSize});
  for (const std::string& line : options.lines) {
    xlsx_->Text({.row = row_++, .column = 0}, line, {.italic = true, .size = kTextSize});
  }
  ++row_;
  const CellStyle style = {.bold = true, .border = true, .wrap = true, .align = CellAlign::kCenter, .size = kTextSize};
  double lines = 1;
  for (const SheetColumn& column : columns_) lines = std::max(lines, LinesOf(column.header, column.width));
  xlsx_->SetRowHeight(row_, lines * kLineHeight);
  for (size_t i = 0; i < columns_.size(); ++i) {
    xlsx_->Text({.row = row_, .column = Column(i)}, columns_[i].header, style);
  }
  xlsx_->RepeatRows(row_, row_);
  ++row_;
}

void SheetWriter::AddCsv(const std::vector<SheetCell>& cells) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < cells.size(); ++i) {
    const SheetCell& cell = cells[i];
    // With a point and without grouping in both languages, since programs read it.
    texts.push_back(cell.number.has_value() ? absl::StrFormat("%.*f", columns_[i].decimals, *cell.number) : cell.text);
  }
  std::string line;
  AppendCsvRow(texts, {}, &line);
  session_.out() << line;
}

void SheetWriter::Add(const std::vector<SheetCell>& cells, bool strong) {
  TTHC_CHECK(cells.size() == columns_.size());
  if (xlsx_ == nullptr) return AddCsv(cells);
  double lines = 1;
  for (size_t i = 0; i < cells.size(); ++i) lines = std::max(lines, LinesOf(cells[i].text, columns_[i].width));
  // Before the cells: a streamed row has left memory when the next one begins.
  xlsx_->SetRowHeight(row_, lines * kLineHeight);
  for (size_t i = 0; i < cells.size(); ++i) {
    const SheetCell& cell = cells[i];
    const CellAt at = {.row = row_, .column = Column(i)};
    CellStyle style = {
        .bold = strong, .border = true, .wrap = true, .decimals = columns_[i].decimals, .size = kTextSize};
    if (cell.is_number) style.align = CellAlign::kRight;
    if (cell.number.has_value()) {
      xlsx_->Number(at, *cell.number, style);
    } else {
      xlsx_->Text(at, cell.is_number ? "–" : cell.text, style);
    }
  }
  ++row_;
}

absl::Status SheetWriter::Finish() {
  if (xlsx_ == nullptr) return absl::OkStatus();
  TTHC_ASSIGN_OR_RETURN(const std::string bytes, xlsx_->Finish());
  session_.out() << bytes;
  return absl::OkStatus();
}

}  // namespace tthc::cli
