#include "client/cli/xlsx_writer.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/base/errors.h"

namespace tthc::cli {
namespace {

constexpr char kFont[] = "Times New Roman";
constexpr uint8_t kPaperA4 = 9;
// Inches: 2 cm at the left for binding, 1.5 cm elsewhere.
constexpr double kMarginLeft = 0.79;
constexpr double kMargin = 0.59;
// The most arguments of a function in spreadsheet programs.
constexpr size_t kSumArgumentsMax = 255;

// Nearly always the temporary directory is full, so the message names it.
absl::Status Failed(absl::string_view detail) {
  return MakeError({.code = absl::StatusCode::kInternal,
                    .reason = "XLSX_FAILED",
                    .message = absl::StrCat("the spreadsheet could not be made: ", detail,
                                            "; check the room in the directory for temporary files (TMPDIR)"),
                    .message_vi = absl::StrCat("không tạo được tệp bảng tính: ", detail,
                                               "; hãy kiểm tra chỗ trống của thư mục tạm (TMPDIR)"),
                    .metadata = {{"detail", std::string(detail)}}});
}

absl::Status TooLarge() {
  return MakeError(
      {.code = absl::StatusCode::kOutOfRange,
       .reason = "XLSX_TOO_LARGE",
       .message = absl::StrCat("a sheet holds at most ", LXW_ROW_MAX, " rows; take -o csv, or a narrower filter"),
       .message_vi =
           absl::StrCat("một trang tính chứa nhiều nhất ", LXW_ROW_MAX, " dòng; hãy dùng -o csv, hoặc lọc hẹp hơn"),
       .metadata = {{"rows_max", absl::StrCat(LXW_ROW_MAX)}}});
}

// Makes an empty file with a unique name: libxlsxwriter writes to files only.
absl::StatusOr<std::string> MakeTemporaryFile() {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::temp_directory_path(error);
  if (error) return Failed(error.message());
  std::string path = (directory / "tthc-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) return Failed(std::generic_category().message(errno));
  close(file);
  return path;
}

uint8_t AlignmentOf(CellAlign align) {
  switch (align) {
    case CellAlign::kLeft:
      return LXW_ALIGN_LEFT;
    case CellAlign::kCenter:
      return LXW_ALIGN_CENTER;
    case CellAlign::kRight:
      return LXW_ALIGN_RIGHT;
  }
  return LXW_ALIGN_LEFT;
}

// A, …, Z, AA, …: digits without a zero, hence the - 1.
std::string NameOf(CellAt at) {
  std::string letters;
  for (int column = at.column; column >= 0; column = column / 26 - 1) {
    letters.insert(letters.begin(), static_cast<char>('A' + column % 26));
  }
  return absl::StrCat(letters, at.row + 1);
}

// "C9:C12", or "C9" alone.
std::string NameOf(const CellRange& range) {
  const std::string first = NameOf(range.first);
  const std::string last = NameOf(range.last);
  return first == last ? first : absl::StrCat(first, ":", last);
}

// "SUM(C9,C15)"; sums of sums if there are more ranges than arguments.
std::string SumOf(std::vector<std::string> terms) {
  while (terms.size() > kSumArgumentsMax) {
    std::vector<std::string> sums;
    for (auto from = terms.begin(); from != terms.end();) {
      const auto to = from + std::min<std::ptrdiff_t>(kSumArgumentsMax, terms.end() - from);
      sums.push_back(absl::StrCat("SUM(", absl::StrJoin(from, to, ","), ")"));
      from = to;
    }
    terms = std::move(sums);
  }
  return absl::StrCat("SUM(", absl::StrJoin(terms, ","), ")");
}

}  // namespace

absl::StatusOr<std::unique_ptr<XlsxWriter>> XlsxWriter::Create(const Options& options) {
  absl::StatusOr<std::string> path = MakeTemporaryFile();
  if (!path.ok()) return path.status();
  // Set member by member, because later versions of the library have more members.
  lxw_workbook_options choices = {};
  // Rows then go to a temporary file of the library, so that a list of any length fits into memory.
  choices.constant_memory = options.streaming ? LXW_TRUE : LXW_FALSE;
  lxw_workbook* workbook = workbook_new_opt(path->c_str(), &choices);
  if (workbook == nullptr) {
    // There is no writer yet whose destructor would do it.
    unlink(path->c_str());
    return Failed("no memory");
  }
  std::unique_ptr<XlsxWriter> writer(new XlsxWriter(workbook, *std::move(path)));
  // The library takes a pointer to characters that are not const.
  std::string title = options.title;
  lxw_doc_properties properties = {};
  properties.title = title.data();
  properties.created = absl::ToTimeT(options.created);
  writer->Note(workbook_set_properties(workbook, &properties));
  writer->sheet_ = workbook_add_worksheet(workbook, options.sheet.c_str());
  // From here on the destructor frees the workbook and removes the file.
  if (writer->sheet_ == nullptr) return Failed("no sheet");
  worksheet_set_paper(writer->sheet_, kPaperA4);
  if (options.landscape) worksheet_set_landscape(writer->sheet_);
  worksheet_set_margins(writer->sheet_, kMarginLeft, kMargin, kMargin, kMargin);
  // One page wide, as many pages long as needed.
  worksheet_fit_to_pages(writer->sheet_, 1, 0);
  writer->Note(worksheet_set_footer(writer->sheet_, "&C&\"Times New Roman,Regular\"&10Trang &P/&N"));
  return writer;
}

XlsxWriter::XlsxWriter(lxw_workbook* workbook, std::string path) : workbook_(workbook), path_(std::move(path)) {}

XlsxWriter::~XlsxWriter() {
  // Finish was not called: the workbook is freed without being written.
  if (workbook_ != nullptr) lxw_workbook_free(workbook_);
  unlink(path_.c_str());
}

void XlsxWriter::Note(int error) {
  // The first failure is the cause, later ones follow from it.
  if (error == LXW_NO_ERROR || !status_.ok()) return;
  status_ = Failed(lxw_strerror(static_cast<lxw_error>(error)));
}

bool XlsxWriter::Fits(CellAt at) {
  if (status_.ok() && at.row >= LXW_ROW_MAX) status_ = TooLarge();
  return status_.ok();
}

lxw_format* XlsxWriter::FormatOf(const CellStyle& style) {
  // One format for each style: a file may hold a limited number of them.
  lxw_format*& format = formats_[style];
  if (format != nullptr) return format;
  format = workbook_add_format(workbook_);
  format_set_font_name(format, kFont);
  format_set_font_size(format, style.size);
  if (style.bold) format_set_bold(format);
  if (style.italic) format_set_italic(format);
  if (style.border) format_set_border(format, LXW_BORDER_THIN);
  if (style.wrap) format_set_text_wrap(format);
  format_set_align(format, AlignmentOf(style.align));
  format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
  format_set_num_format(format, style.decimals == 0 ? "#,##0" : style.decimals == 1 ? "#,##0.0" : "#,##0.00");
  return format;
}

void XlsxWriter::Text(CellAt at, absl::string_view text, const CellStyle& style) {
  if (!Fits(at)) return;
  if (text.empty()) return Blank(at, style);
  Note(worksheet_write_string(sheet_, at.row, at.column, std::string(text).c_str(), FormatOf(style)));
}

void XlsxWriter::Number(CellAt at, double number, const CellStyle& style) {
  if (!Fits(at)) return;
  Note(worksheet_write_number(sheet_, at.row, at.column, number, FormatOf(style)));
}

void XlsxWriter::Blank(CellAt at, const CellStyle& style) {
  if (!Fits(at)) return;
  Note(worksheet_write_blank(sheet_, at.row, at.column, FormatOf(style)));
}

void XlsxWriter::Sum(CellAt at, const std::vector<CellRange>& ranges, double sum, const CellStyle& style) {
  if (!Fits(at)) return;
  // A formula without ranges would be an error in the cell.
  if (ranges.empty()) return Number(at, sum, style);
  std::vector<std::string> terms;
  for (const CellRange& range : ranges) terms.push_back(NameOf(range));
  const std::string formula = absl::StrCat("=", SumOf(std::move(terms)));
  // With the value, for previews and other programs that show a formula without computing it.
  Note(worksheet_write_formula_num(sheet_, at.row, at.column, formula.c_str(), FormatOf(style), sum));
}

void XlsxWriter::Merged(const CellRange& range, absl::string_view text, const CellStyle& style) {
  if (!Fits(range.last)) return;
  // The library refuses to merge a single cell.
  if (range.first.row == range.last.row && range.first.column == range.last.column) {
    return Text(range.first, text, style);
  }
  Note(worksheet_merge_range(sheet_, range.first.row, range.first.column, range.last.row, range.last.column,
                             std::string(text).c_str(), FormatOf(style)));
}

void XlsxWriter::SetColumnWidth(uint16_t column, double width) {
  Note(worksheet_set_column(sheet_, column, column, width, nullptr));
}

void XlsxWriter::SetRowHeight(uint32_t row, double height) {
  if (!Fits({.row = row})) return;
  Note(worksheet_set_row(sheet_, row, height, nullptr));
}

void XlsxWriter::RepeatRows(uint32_t first, uint32_t last) {
  Note(worksheet_repeat_rows(sheet_, first, last));
  worksheet_freeze_panes(sheet_, last + 1, 0);
}

absl::StatusOr<std::string> XlsxWriter::Finish() {
  // Closing frees the workbook also when it fails.
  Note(workbook_close(std::exchange(workbook_, nullptr)));
  if (!status_.ok()) return status_;
  // Into memory, so that the caller replaces an older file only by a complete one.
  std::ifstream file(path_, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (file.bad() || bytes.empty()) return Failed("it can't be read back");
  return bytes;
}

}  // namespace tthc::cli
