#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/session.h"
#include "tthc/v1/statistics.pb.h"

// Form 06a/VPCP/KSTT of Circular 01/2020/TT-VPCP: situation and results of resolving administrative procedures. The
// server computes the figures; this file lays them out as text, CSV and .xlsx. An official form, so always in
// Vietnamese. Pure; thread-safe.
//
// Columns are numbered as on the form, from 1; the figures are columns 3 to 13. A report is laid out from the message
// alone, so a form that was closed can be printed again years later. Callers check a report with CheckReport06a before
// they lay it out.
namespace tthc::cli {

// One of the columns 3 to 13.
struct Form06aColumn {
  int number = 0;
  // Headings from the top; `middle` is empty where there are two levels only.
  absl::string_view top;
  absl::string_view middle;
  absl::string_view bottom;
  // The figure of this column in a row.
  int64_t (v1::Report06aRow::*value)() const = nullptr;
};
// All eleven, in the order of the form.
const std::vector<Form06aColumn>& Form06aColumns();

// Headings of columns 1 and 2, and lines around the table.
inline constexpr char kForm06aNumber[] = "Biểu số 06a/VPCP/KSTT";
inline constexpr char kForm06aLaw[] = "(Thông tư số 01/2020/TT-VPCP)";
inline constexpr char kForm06aTitle[] = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH";
inline constexpr char kForm06aSubtitle[] = "TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH";
inline constexpr char kForm06aUnit[] = "Đơn vị tính: Số hồ sơ TTHC";
inline constexpr char kForm06aFirst[] = "STT";
inline constexpr char kForm06aSecond[] = "Lĩnh vực, công việc giải quyết theo cấp";
inline constexpr char kForm06aTotal[] = "Tổng số";
inline constexpr char kForm06aPlaceAndDay[] = "…………, ngày … tháng … năm ……";
inline constexpr char kForm06aAuthor[] = "NGƯỜI LẬP";
inline constexpr char kForm06aSign[] = "(Ký, ghi rõ họ tên)";

// "Từ ngày 15/09/2026 đến ngày 14/12/2026".
std::string Form06aPeriod(const v1::Report06a& report);
// "Đơn vị báo cáo: …".
std::string Form06aOffice(const v1::Report06a& report);
// "Số liệu đã ghi đến 10:00 23/11/2026, số thay đổi 1234; …": what is needed to reproduce the figures.
std::string Form06aBasis(const v1::Report06a& report);

// Whether the row is of a field, not of a procedure of the field.
bool IsFieldRow(const v1::Report06aRow& row);

// INTERNAL REPORT_INCONSISTENT unless 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13 and 3 = 7 + 11 hold on every row and
// on the total, and the total is the sum of the fields. A form that fails must not be printed: it would be sent to the
// government.
absl::Status CheckReport06a(const v1::Report06a& report);

// The form as text with ruled lines, `width` columns wide (0 = as on paper) or as wide as its columns need.
std::string RenderReport06a(const v1::Report06a& report, size_t width);
// The form as CSV: one line for each row, the total last.
std::string FormatReport06aCsv(const v1::Report06a& report);
// The form as .xlsx, ready to print: A4 landscape, one page wide, the head on every page, sums as formulas. Errors of
// XlsxWriter.
absl::StatusOr<std::string> MakeReport06aXlsx(const v1::Report06a& report);

}  // namespace tthc::cli
