#include "client/cli/report_06a.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "tests/testing/xlsx_file.h"

namespace tthc::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Figures {
  int64_t online;
  int64_t direct;
  int64_t carried;
  int64_t early;
  int64_t on_time;
  int64_t late;
  int64_t in_term;
  int64_t overdue;
};

v1::Report06aRow Row(const std::string& number, const std::string& name, const Figures& figures) {
  v1::Report06aRow row;
  row.set_number(number);
  row.set_name(absl::StrCat("fields/", number));
  row.set_display_name(name);
  row.set_received_online_count(figures.online);
  row.set_received_direct_count(figures.direct);
  row.set_carried_over_count(figures.carried);
  row.set_received_count(figures.online + figures.direct + figures.carried);
  row.set_resolved_early_count(figures.early);
  row.set_resolved_on_time_count(figures.on_time);
  row.set_resolved_late_count(figures.late);
  row.set_resolved_count(figures.early + figures.on_time + figures.late);
  row.set_open_in_term_count(figures.in_term);
  row.set_open_overdue_count(figures.overdue);
  row.set_open_count(figures.in_term + figures.overdue);
  return row;
}

v1::Report06a SampleReport() {
  v1::Report06a report;
  *report.mutable_basis()->mutable_period()->mutable_start_time() = ToProto(*ParseLocalTime("2026-06-15"));
  *report.mutable_basis()->mutable_period()->mutable_end_time() = ToProto(*ParseLocalTime("2026-09-15"));
  *report.mutable_basis()->mutable_as_of_time() = ToProto(*ParseLocalTime("2026-09-20T10:00"));
  *report.mutable_basis()->mutable_evaluate_time() = ToProto(*ParseLocalTime("2026-09-14T23:59:59"));
  report.mutable_basis()->set_revision(1234);
  report.set_office("offices/H24.99.1");
  report.set_office_display_name("UBND xã mẫu");
  *report.add_rows() = Row("1", "Đăng ký, quản lý cư trú", {5, 10, 3, 9, 4, 1, 3, 1});
  *report.add_rows() = Row("2", "Hộ tịch", {12, 30, 8, 30, 10, 2, 6, 2});
  *report.mutable_total() = Row("", "", {17, 40, 11, 39, 14, 3, 9, 3});
  return report;
}

v1::Report06a ReportByProcedure() {
  v1::Report06a report = SampleReport();
  report.clear_rows();
  *report.add_rows() = Row("1", "Đăng ký, quản lý cư trú", {5, 10, 3, 9, 4, 1, 3, 1});
  *report.add_rows() = Row("1.1", "Đăng ký thường trú", {5, 10, 3, 9, 4, 1, 3, 1});
  *report.add_rows() = Row("2", "Hộ tịch", {12, 30, 8, 30, 10, 2, 6, 2});
  *report.add_rows() = Row("2.1", "Cấp Giấy xác nhận tình trạng hôn nhân", {12, 30, 8, 30, 10, 2, 6, 2});
  return report;
}

size_t Widest(const std::string& text) {
  size_t widest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) widest = std::max(widest, DisplayWidth(line));
  return widest;
}

TEST(Report06a, TheTextIsLaidOutAsTheForm) {
  const std::string text = RenderReport06a(SampleReport(), 0);
  for (const char* part :
       {"Biểu số 06a/VPCP/KSTT", "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
        "Từ ngày 15/06/2026 đến ngày 14/09/2026", "Đơn vị tính: Số hồ sơ TTHC", "Đơn vị báo cáo: UBND xã mẫu",
        "Nhận giải quyết", "Đã giải quyết", "Đang giải quyết", "Trong kỳ", "(13)", "Hộ tịch", "Tổng số", "NGƯỜI LẬP",
        "Số liệu đã ghi đến 10:00 20/09/2026, số thay đổi 1234"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("kỳ chưa kết thúc")));
  EXPECT_LE(Widest(text), 118u);
}

TEST(Report06a, ItFitsATerminalOf80Columns) {
  const std::string text = RenderReport06a(ReportByProcedure(), 80);
  EXPECT_LE(Widest(text), 80u) << text;
  // Names are wrapped, not cut.
  EXPECT_THAT(text, Not(HasSubstr("…l")));
  EXPECT_THAT(text, HasSubstr("nhân"));
}

TEST(Report06a, EveryLineOfTheTableIsAsWide) {
  const std::string text = RenderReport06a(SampleReport(), 100);
  size_t width = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, "│") && !absl::StartsWith(line, "├") && !absl::StartsWith(line, "┌")) continue;
    if (width == 0) width = DisplayWidth(line);
    EXPECT_EQ(DisplayWidth(line), width) << line;
  }
  EXPECT_GT(width, 0u);
}

TEST(Report06a, ARunningPeriodSaysSo) {
  v1::Report06a report = SampleReport();
  *report.mutable_basis()->mutable_evaluate_time() = ToProto(*ParseLocalTime("2026-09-05T10:00"));
  EXPECT_THAT(Form06aBasis(report), HasSubstr("kỳ chưa kết thúc, hồ sơ đang giải quyết xét tại 10:00 05/09/2026"));
}

TEST(Report06a, CsvHasARowForEachRowAndTheTotal) {
  const std::string csv = FormatReport06aCsv(SampleReport());
  EXPECT_THAT(csv, ::testing::StartsWith("(1) STT,\"(2) Lĩnh vực, công việc giải quyết theo cấp\","));
  EXPECT_THAT(csv, HasSubstr("\"(5) Nhận giải quyết: Trong kỳ, Trực tiếp, dịch vụ bưu chính\""));
  EXPECT_THAT(csv, HasSubstr("\n1,\"Đăng ký, quản lý cư trú\",18,5,10,3,14,9,4,1,4,3,1\n"));
  EXPECT_THAT(csv, ::testing::EndsWith("\n,Tổng số,68,17,40,11,56,39,14,3,12,9,3\n"));
}

TEST(Report06a, CsvNeutralisesWhatSpreadsheetsWouldRun) {
  v1::Report06a report = SampleReport();
  report.mutable_rows(0)->set_display_name("=1+1");
  EXPECT_THAT(FormatReport06aCsv(report), HasSubstr("'=1+1"));
}

TEST(Report06a, XlsxSumsTheFieldsByFormula) {
  const auto bytes = MakeReport06aXlsx(SampleReport());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  auto parts = testing::PartsOfXlsx(*bytes);
  const std::string& sheet = parts["xl/worksheets/sheet1.xml"];
  EXPECT_THAT(sheet, HasSubstr("<f>SUM(C13:C14)</f><v>68</v>"));
  EXPECT_THAT(sheet, HasSubstr("<f>SUM(M13:M14)</f><v>3</v>"));
  // Heads that lie over others.
  for (const char* merged : {"A9:A11", "B9:B11", "C9:F9", "G9:J9", "K9:M9", "C10:C11", "D10:E10", "F10:F11"}) {
    EXPECT_THAT(sheet, HasSubstr(absl::StrCat("<mergeCell ref=\"", merged, "\"/>")));
  }
  EXPECT_THAT(sheet, HasSubstr("orientation=\"landscape\""));
  EXPECT_THAT(parts["xl/workbook.xml"], HasSubstr("$9:$12"));
  const std::string& texts = parts["xl/sharedStrings.xml"];
  for (const char* text : {"Biểu số 06a/VPCP/KSTT", "Trực tiếp, dịch vụ bưu chính", "Đăng ký, quản lý cư trú",
                           "NGƯỜI LẬP", "(13)", "Số liệu đã ghi đến 10:00 20/09/2026, số thay đổi 1234"}) {
    EXPECT_THAT(texts, HasSubstr(text));
  }
}

TEST(Report06a, XlsxLeavesProceduresOutOfTheSum) {
  auto parts = testing::PartsOfXlsx(*MakeReport06aXlsx(ReportByProcedure()));
  EXPECT_THAT(parts["xl/worksheets/sheet1.xml"], HasSubstr("<f>SUM(C13,C15)</f><v>68</v>"));
}

TEST(Report06a, XlsxWithoutRowsHasZeros) {
  v1::Report06a report = SampleReport();
  report.clear_rows();
  *report.mutable_total() = Row("", "", {0, 0, 0, 0, 0, 0, 0, 0});
  ASSERT_TRUE(CheckReport06a(report).ok());
  auto parts = testing::PartsOfXlsx(*MakeReport06aXlsx(report));
  EXPECT_THAT(parts["xl/worksheets/sheet1.xml"], Not(HasSubstr("<f>")));
  EXPECT_THAT(RenderReport06a(report, 0), HasSubstr("Tổng số"));
}

// Every figure of every row and of the total, moved by one, breaks an identity.
TEST(Report06a, AFormThatBreaksAnIdentityIsRefused) {
  ASSERT_TRUE(CheckReport06a(SampleReport()).ok());
  ASSERT_TRUE(CheckReport06a(ReportByProcedure()).ok());
  const auto* descriptor = v1::Report06aRow::descriptor();
  const auto rows_of = [](v1::Report06a& report) {
    std::vector<v1::Report06aRow*> rows = {report.mutable_total()};
    for (v1::Report06aRow& row : *report.mutable_rows()) rows.push_back(&row);
    return rows;
  };
  int broken = 0;
  for (size_t row = 0; row < 5; ++row) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      if (descriptor->field(i)->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_INT64) continue;
      v1::Report06a report = ReportByProcedure();
      v1::Report06aRow& target = *rows_of(report)[row];
      const auto* reflection = target.GetReflection();
      reflection->SetInt64(&target, descriptor->field(i), reflection->GetInt64(target, descriptor->field(i)) + 1);
      const absl::Status status = CheckReport06a(report);
      EXPECT_EQ(ErrorReason(status), "REPORT_INCONSISTENT") << row << " " << descriptor->field(i)->name();
      ++broken;
    }
  }
  EXPECT_EQ(broken, 5 * 11);
}

TEST(Report06a, ATotalThatIsNotTheSumOfTheFieldsIsRefused) {
  v1::Report06a report = SampleReport();
  *report.mutable_total() = Row("", "", {18, 40, 11, 40, 14, 3, 9, 3});
  EXPECT_EQ(ErrorReason(CheckReport06a(report)), "REPORT_INCONSISTENT");
}

}  // namespace
}  // namespace tthc::cli
