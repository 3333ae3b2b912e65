#include "client/cli/xlsx_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "tests/testing/xlsx_file.h"

namespace tthc::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

XlsxWriter::Options Options() {
  return {.sheet = "Biểu", .title = "Thử", .created = absl::FromUnixSeconds(1'790'000'000), .landscape = true};
}

// A sheet that `write` fills, as its parts.
template <typename Write>
std::map<std::string, std::string> Parts(const XlsxWriter::Options& options, Write write) {
  const auto writer = XlsxWriter::Create(options);
  EXPECT_TRUE(writer.ok()) << writer.status();
  if (!writer.ok()) return {};
  write(**writer);
  const auto bytes = (*writer)->Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? testing::PartsOfXlsx(*bytes) : std::map<std::string, std::string>();
}

constexpr char kSheet[] = "xl/worksheets/sheet1.xml";
constexpr char kTexts[] = "xl/sharedStrings.xml";

TEST(XlsxWriter, TextsAreNeverFormulas) {
  auto parts = Parts(Options(), [](XlsxWriter& writer) {
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")"}) writer.Text({}, text, {});
    writer.Text({.row = 1, .column = 0}, "=cmd|' /C calc'!A0", {});
    writer.Merged({.first = {.row = 2, .column = 0}, .last = {.row = 2, .column = 3}}, "=1+2", {});
  });
  EXPECT_THAT(parts[kSheet], Not(HasSubstr("<f>")));
  EXPECT_THAT(parts[kTexts], HasSubstr("=cmd|"));
  EXPECT_THAT(parts[kTexts], HasSubstr("=1+2"));
}

TEST(XlsxWriter, SumsAreFormulasWithTheirValues) {
  auto parts = Parts(Options(), [](XlsxWriter& writer) {
    const CellRange neighbors = {.first = {.row = 1, .column = 2}, .last = {.row = 4, .column = 2}};
    const CellRange alone = {.first = {.row = 8, .column = 27}, .last = {.row = 8, .column = 27}};
    writer.Sum({.row = 9, .column = 2}, {neighbors, alone}, 42, {});
    writer.Sum({.row = 9, .column = 3}, {}, 7, {});
  });
  EXPECT_THAT(parts[kSheet], HasSubstr("<f>SUM(C2:C5,AB9)</f><v>42</v>"));
  EXPECT_THAT(parts[kSheet], HasSubstr("<v>7</v>"));
}

TEST(XlsxWriter, ManyTermsAreSumsOfSums) {
  auto parts = Parts(Options(), [](XlsxWriter& writer) {
    std::vector<CellRange> ranges;
    for (uint32_t row = 0; row < 600; row += 2) {
      ranges.push_back({.first = {.row = row, .column = 0}, .last = {.row = row, .column = 0}});
    }
    writer.Sum({.row = 700, .column = 0}, ranges, 300, {});
  });
  EXPECT_THAT(parts[kSheet], HasSubstr("<f>SUM(SUM(A1,A3,"));
  EXPECT_THAT(parts[kSheet], HasSubstr("A509),SUM(A511,"));
}

TEST(XlsxWriter, TheSheetIsReadyForPaper) {
  auto parts = Parts(Options(), [](XlsxWriter& writer) {
    writer.Text({}, "Đầu", {.bold = true});
    writer.RepeatRows(0, 1);
  });
  EXPECT_THAT(parts[kSheet], HasSubstr("paperSize=\"9\""));
  EXPECT_THAT(parts[kSheet], HasSubstr("orientation=\"landscape\""));
  EXPECT_THAT(parts[kSheet], HasSubstr("fitToHeight=\"0\""));
  EXPECT_THAT(parts[kSheet], HasSubstr("Trang &amp;P/&amp;N"));
  EXPECT_THAT(parts["xl/workbook.xml"], HasSubstr("'Biểu'!$1:$2"));
  EXPECT_THAT(parts["xl/styles.xml"], HasSubstr("Times New Roman"));
}

TEST(XlsxWriter, TheSameContentMakesTheSameBytes) {
  const auto make = [] {
    auto writer = *XlsxWriter::Create(Options());
    writer->Text({}, "Một", {});
    writer->Number({.row = 1, .column = 0}, 1.5, {.decimals = 2});
    return *writer->Finish();
  };
  EXPECT_EQ(make(), make());
}

TEST(XlsxWriter, MoreRowsThanASheetHoldsAreRefused) {
  auto writer = *XlsxWriter::Create(Options());
  writer->Text({.row = 1'048'576, .column = 0}, "quá", {});
  writer->Text({.row = 1, .column = 0}, "sau đó", {});
  const auto bytes = writer->Finish();
  EXPECT_EQ(bytes.status().code(), absl::StatusCode::kOutOfRange);
}

TEST(XlsxWriter, StreamedRowsKeepTheirTexts) {
  XlsxWriter::Options options = Options();
  options.streaming = true;
  auto parts = Parts(options, [](XlsxWriter& writer) {
    for (uint32_t row = 0; row < 2000; ++row) writer.Text({.row = row, .column = 0}, "Nguyễn & <con>", {});
  });
  EXPECT_THAT(parts[kSheet], HasSubstr("r=\"A2000\""));
  EXPECT_THAT(parts[kSheet], HasSubstr("Nguyễn &amp; &lt;con&gt;"));
}

}  // namespace
}  // namespace tthc::cli
