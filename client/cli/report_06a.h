#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/session.h"
#include "tthc/v1/statistics.pb.h"

// Form 06a/VPCP/KSTT: situation and results of resolving administrative procedures. A form of the state: always in
// Vietnamese. The server computes; here it is laid out.
namespace tthc::cli {

// One of the columns 3 to 13.
struct Form06aColumn {
  int number = 0;
  // Headings from the top; `middle` is empty where there are two levels only.
  absl::string_view top;
  absl::string_view middle;
  absl::string_view bottom;
  int64_t (v1::Report06aRow::*value)() const = nullptr;
};
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
// "Số liệu đã ghi đến 10:00 23/11/2026, số thay đổi 1234; …": what makes the same figures come out again.
std::string Form06aBasis(const v1::Report06a& report);

// A row of the fields, not of the procedures under them.
bool IsFieldRow(const v1::Report06aRow& row);

// Law 5. INTERNAL REPORT_INCONSISTENT unless on every row and on the total 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13
// and 3 = 7 + 11, and the total is the sum of the fields: such a form is not printed.
absl::Status CheckReport06a(const v1::Report06a& report);

// The form in lines, as wide as `width` (0 = as paper) and its columns need.
std::string RenderReport06a(const v1::Report06a& report, size_t width);
// As CSV, a row for each row of the form, the total last.
std::string FormatReport06aCsv(const v1::Report06a& report);
// As .xlsx, ready for print: A4 across, one page wide, the head on every page, sums as formulas. Errors of XlsxWriter.
absl::StatusOr<std::string> MakeReport06aXlsx(const v1::Report06a& report);

}  // namespace tthc::cli
