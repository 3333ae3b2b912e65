#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/report_06a.h"
#include "client/cli/xlsx_writer.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

// Form 06a as a spreadsheet with the layout of the printed form.
namespace tthc::cli {
namespace {

constexpr uint16_t kLastColumn = 12;
// Where the table begins, below the lines of the head.
constexpr uint32_t kHeadRow = 8;
constexpr uint32_t kNumbersRow = kHeadRow + 3;
constexpr uint32_t kFirstRow = kNumbersRow + 1;
constexpr double kNumberColumn = 6;
constexpr double kNameColumn = 40;
constexpr double kFigureColumn = 10;
constexpr double kReportLineHeight = 16.5;
constexpr double kTitleHeight = 21;

constexpr CellStyle kPlain = {};
constexpr CellStyle kSmall = {.italic = true, .size = 11};
constexpr CellStyle kCenterd = {.align = CellAlign::kCenter};
constexpr CellStyle kTitle = {.bold = true, .align = CellAlign::kCenter, .size = 14};
constexpr CellStyle kHeadStyle = {.bold = true, .border = true, .wrap = true, .align = CellAlign::kCenter, .size = 11};
constexpr CellStyle kNumbersStyle = {.italic = true, .border = true, .align = CellAlign::kCenter, .size = 10};

CellRange Across(uint32_t row, uint16_t first, uint16_t last) {
  return {.first = {.row = row, .column = first}, .last = {.row = row, .column = last}};
}

uint16_t ColumnOf(const Form06aColumn& column) { return static_cast<uint16_t>(column.number - 1); }

void WriteTop(XlsxWriter& sheet, const v1::Report06a& report) {
  // Places follow the printed form: number and law at the left, the office at the right, the title across.
  sheet.Merged(Across(0, 0, 4), kForm06aNumber, {.bold = true});
  sheet.Merged(Across(0, 6, kLastColumn), Form06aOffice(report), kCenterd);
  sheet.Merged(Across(1, 0, 4), kForm06aLaw, kSmall);
  sheet.Merged(Across(3, 0, kLastColumn), kForm06aTitle, kTitle);
  sheet.Merged(Across(4, 0, kLastColumn), kForm06aSubtitle, kTitle);
  sheet.Merged(Across(5, 0, kLastColumn), Form06aPeriod(report), kCenterd);
  for (uint32_t row = 3; row <= 5; ++row) sheet.SetRowHeight(row, kTitleHeight);
  sheet.Merged(Across(7, 8, kLastColumn), kForm06aUnit, {.italic = true, .align = CellAlign::kRight, .size = 11});
}

// Three levels of headings and the numbers of the columns, repeated on every page.
void WriteHead(XlsxWriter& sheet) {
  const std::vector<Form06aColumn>& columns = Form06aColumns();
  const auto merge = [&](uint32_t first_row, uint32_t last_row, uint16_t first, uint16_t last, absl::string_view text) {
    sheet.Merged(
        {.first = {.row = kHeadRow + first_row, .column = first}, .last = {.row = kHeadRow + last_row, .column = last}},
        text, kHeadStyle);
  };
  merge(0, 2, 0, 0, kForm06aFirst);
  merge(0, 2, 1, 1, kForm06aSecond);
  for (size_t i = 0; i < columns.size();) {
    size_t end = i;
    while (end < columns.size() && columns[end].top == columns[i].top) ++end;
    merge(0, 0, ColumnOf(columns[i]), ColumnOf(columns[end - 1]), columns[i].top);
    i = end;
  }
  for (size_t i = 0; i < columns.size();) {
    if (columns[i].middle.empty()) {
      merge(1, 2, ColumnOf(columns[i]), ColumnOf(columns[i]), columns[i].bottom);
      ++i;
      continue;
    }
    size_t end = i;
    while (end < columns.size() && columns[end].middle == columns[i].middle) {
      merge(2, 2, ColumnOf(columns[end]), ColumnOf(columns[end]), columns[end].bottom);
      ++end;
    }
    merge(1, 1, ColumnOf(columns[i]), ColumnOf(columns[end - 1]), columns[i].middle);
    i = end;
  }
  for (uint16_t column = 0; column <= kLastColumn; ++column) {
    sheet.Text({.row = kNumbersRow, .column = column}, absl::StrCat("(", column + 1, ")"), kNumbersStyle);
  }
  sheet.SetRowHeight(kHeadRow, kTitleHeight);
  sheet.SetRowHeight(kHeadRow + 1, kTitleHeight);
  sheet.SetRowHeight(kHeadRow + 2, 3 * kReportLineHeight);
  sheet.RepeatRows(kHeadRow, kNumbersRow);
}

// The height for a wrapped name: spreadsheet programs do not compute it when they print.
double HeightFor(const std::string& name) {
  constexpr double kCharactersPerLine = 44;
  const double lines = static_cast<double>(DisplayWidth(name)) / kCharactersPerLine;
  return kReportLineHeight * std::max(1.0, std::ceil(lines));
}

void WriteRow(XlsxWriter& sheet, uint32_t at, const v1::Report06aRow& row) {
  const bool field = IsFieldRow(row);
  const CellStyle style = {.bold = field, .border = true, .wrap = true};
  CellStyle centerd = style;
  centerd.align = CellAlign::kCenter;
  CellStyle figure = style;
  figure.align = CellAlign::kRight;
  sheet.Text({.row = at, .column = 0}, row.number(), centerd);
  sheet.Text({.row = at, .column = 1}, row.display_name(), style);
  for (const Form06aColumn& column : Form06aColumns()) {
    sheet.Number({.row = at, .column = ColumnOf(column)}, static_cast<double>((row.*column.value)()), figure);
  }
  sheet.SetRowHeight(at, HeightFor(row.display_name()));
}

// The cells of the rows of fields in one column, with neighbors joined into one range.
std::vector<CellRange> FieldCells(const v1::Report06a& report, uint16_t column) {
  std::vector<CellRange> ranges;
  for (int i = 0; i < report.rows_size(); ++i) {
    if (!IsFieldRow(report.rows(i))) continue;
    const CellAt at = {.row = kFirstRow + static_cast<uint32_t>(i), .column = column};
    if (!ranges.empty() && ranges.back().last.row + 1 == at.row) {
      ranges.back().last = at;
    } else {
      ranges.push_back({.first = at, .last = at});
    }
  }
  return ranges;
}

void WriteTotal(XlsxWriter& sheet, uint32_t at, const v1::Report06a& report) {
  const CellStyle style = {.bold = true, .border = true};
  sheet.SetRowHeight(at, kTitleHeight);
  sheet.Blank({.row = at, .column = 0}, style);
  sheet.Text({.row = at, .column = 1}, kForm06aTotal, style);
  for (const Form06aColumn& column : Form06aColumns()) {
    // Formulas, so that people can check the sums in the file that they received.
    sheet.Sum({.row = at, .column = ColumnOf(column)}, FieldCells(report, ColumnOf(column)),
              static_cast<double>((report.total().*column.value)()),
              {.bold = true, .border = true, .align = CellAlign::kRight});
  }
}

void WriteBottom(XlsxWriter& sheet, uint32_t at, const v1::Report06a& report) {
  sheet.SetRowHeight(at, kTitleHeight);
  sheet.Merged(Across(at, 0, kLastColumn), Form06aBasis(report), kSmall);
  sheet.Merged(Across(at + 2, 8, kLastColumn), kForm06aPlaceAndDay, {.italic = true, .align = CellAlign::kCenter});
  sheet.Merged(Across(at + 3, 8, kLastColumn), kForm06aAuthor, {.bold = true, .align = CellAlign::kCenter});
  sheet.Merged(Across(at + 4, 8, kLastColumn), kForm06aSign, {.italic = true, .align = CellAlign::kCenter});
}

}  // namespace

absl::StatusOr<std::string> MakeReport06aXlsx(const v1::Report06a& report) {
  // Not streamed: merged headings need the whole sheet in memory, and a form is small.
  TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<XlsxWriter> sheet,
                        XlsxWriter::Create({.sheet = "06a",
                                            .title = absl::StrCat(kForm06aNumber, ", ", Form06aPeriod(report)),
                                            .created = FromProto(report.basis().as_of_time()),
                                            .landscape = true}));
  sheet->SetColumnWidth(0, kNumberColumn);
  sheet->SetColumnWidth(1, kNameColumn);
  for (uint16_t column = 2; column <= kLastColumn; ++column) sheet->SetColumnWidth(column, kFigureColumn);
  WriteTop(*sheet, report);
  WriteHead(*sheet);
  uint32_t at = kFirstRow;
  for (const v1::Report06aRow& row : report.rows()) WriteRow(*sheet, at++, row);
  WriteTotal(*sheet, at, report);
  WriteBottom(*sheet, at + 1, report);
  return sheet->Finish();
}

}  // namespace tthc::cli
