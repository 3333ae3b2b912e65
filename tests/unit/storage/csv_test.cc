#include "storage/base/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<CsvRow> ReadInChunks(const std::string& text, size_t chunk, const CsvOptions& options = {}) {
  std::vector<CsvRow> rows;
  CsvReader reader(options);
  for (size_t at = 0; at < text.size(); at += chunk) {
    reader.Feed(absl::string_view(text).substr(at, chunk));
    while (auto row = reader.Next()) rows.push_back(*std::move(row));
  }
  reader.Finish();
  while (auto row = reader.Next()) rows.push_back(*std::move(row));
  return rows;
}

std::vector<CsvRow> Read(const std::string& text, const CsvOptions& options = {}) {
  return ReadInChunks(text, text.size() + 1, options);
}

TEST(CsvReader, ReadsTheSameInChunksOfAnySize) {
  const std::string text =
      "\xEF\xBB\xBFmã;tên;ghi chú\r\n1;\"Nguyễn \"\"Hòa\"\"\";\"hai\r\ndòng; một ô\"\r\n\r\n2;;x\n3;\"\";cuối";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    const std::vector<CsvRow> rows = ReadInChunks(text, chunk);
    ASSERT_EQ(rows.size(), 4U) << chunk;
    for (const CsvRow& row : rows) EXPECT_TRUE(row.status.ok()) << row.status;
    EXPECT_THAT(rows[0].cells, ElementsAre("mã", "tên", "ghi chú"));
    EXPECT_THAT(rows[1].cells, ElementsAre("1", "Nguyễn \"Hòa\"", "hai\ndòng; một ô"));
    EXPECT_THAT(rows[2].cells, ElementsAre("2", "", "x"));
    EXPECT_THAT(rows[3].cells, ElementsAre("3", "", "cuối"));
    EXPECT_EQ(rows[1].line, 2);
    EXPECT_EQ(rows[2].line, 5);
    EXPECT_EQ(rows[3].line, 6);
  }
}

TEST(CsvReader, FindsTheSeparatorInTheFirstRowThatIsNoComment) {
  const auto second_cell = [](const std::string& text, const CsvOptions& options) {
    return Read(text, options).at(0).cells.at(1);
  };
  EXPECT_EQ(second_cell("a,b;c,d\n", {}), "b;c");
  EXPECT_EQ(second_cell("a;b,c;d\n", {}), "b,c");
  EXPECT_EQ(second_cell("a\tb,c\td\n", {}), "b,c");
  EXPECT_EQ(second_cell("\"a,a,a\";b", {}), "b");
  EXPECT_EQ(second_cell("# a,b,c,d\n\na;b\n", {.comments = true}), "b");
  EXPECT_EQ(second_cell("a;b,c", {.separator = ','}), "c");
}

TEST(CsvReader, ReportsABadRowWithLineAndColumnAndReadsOn) {
  struct Case {
    std::string bad;
    std::string column;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"1,a\"b,2\n", "2", "quote inside"},
      {"1,\"a\"b,2\n", "2", "behind the closing quote"},
      {"1,2\n", "3", "2 cells"},
      {"1,2,3,4\n", "4", "4 cells"},
      {"1,a\xFF,3\n", "2", "UTF-8"},
      {"1,2,a\x01\n", "3", "control characters"},
      {"1," + std::string(limits::kCsvCellBytesMax + 1, 'x') + ",3\n", "2", "too long"},
  };
  for (const Case& c : cases) {
    const std::vector<CsvRow> rows = Read("a,b,c\n" + c.bad + "7,8,9\n");
    ASSERT_EQ(rows.size(), 3U) << c.says;
    EXPECT_EQ(ErrorReason(rows[1].status), "CSV_MALFORMED");
    EXPECT_EQ(ErrorMetadata(rows[1].status, "line"), "2");
    EXPECT_EQ(ErrorMetadata(rows[1].status, "column"), c.column) << c.says;
    EXPECT_THAT(std::string(rows[1].status.message()), HasSubstr(c.says));
    EXPECT_THAT(ErrorMessage(rows[1].status, "vi"), HasSubstr("dòng 2, cột " + c.column));
    EXPECT_THAT(rows[2].cells, ElementsAre("7", "8", "9"));
    EXPECT_EQ(rows[2].line, 3);
  }
}

TEST(CsvReader, NamesTheLineOfAQuoteThatIsNeverClosed) {
  const std::vector<CsvRow> rows = Read("a,b\n1,\"2\n3,4\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(std::string(rows[1].status.message()), HasSubstr("opened on line 2 is never closed"));
}

TEST(CsvReader, BoundsCellsRowsAndColumns) {
  const std::string cells(limits::kCsvColumnsMax, ',');
  EXPECT_THAT(std::string(Read(cells + "\n").at(0).status.message()), HasSubstr("cells"));
  // A quoted cell without an end takes no more memory than the bound, and the rows after it are read.
  std::string endless = "a,b\n1,\"";
  for (int i = 0; i < 10'000; ++i) endless += "0123456789\n";
  const std::vector<CsvRow> rows = Read(endless);
  EXPECT_THAT(std::string(rows.at(1).status.message()), HasSubstr("closing quote missing"));
  EXPECT_GT(rows.size(), 1000U);
  std::string wide;
  for (int i = 0; i < 20; ++i) wide.append(20 * 1024, 'x').append(",");
  EXPECT_THAT(std::string(Read(wide + "\nx\n").at(0).status.message()), HasSubstr("too long"));
}

TEST(CsvReader, RefusesUtf16WithoutCrashing) {
  const std::string utf16(
      "\xFF\xFE"
      "a\0,\0b\0\n\0"
      "1\0,\0"
      "2\0\n\0",
      18);
  EXPECT_FALSE(Read(utf16).at(0).status.ok());
}

TEST(CsvReader, SkipsCommentsOnlyIfAsked) {
  EXPECT_EQ(Read("a\n#b\n", {.comments = true}).size(), 1U);
  EXPECT_THAT(Read("a\n#b\n").at(1).cells, ElementsAre("#b"));
}

TEST(CsvWriter, WritesCellsThatTheReaderReadsBackUnchanged) {
  const std::vector<std::vector<std::string>> table = {
      {"#tên", "số", "ghi chú"},     {"=1+1", "+84912345678", "-5"},      {"@x", "'=x", "''-y"},
      {"'nháy", "a\"b", "c,d;e\tf"}, {"hai\ndòng", "", " khoảng trắng "}, {"", "", ""},
  };
  for (const char separator : {',', ';', '\t'}) {
    for (const absl::string_view line_end : {"\n", "\r\n"}) {
      std::string text = kCsvBom;
      for (const auto& row : table) AppendCsvRow(row, {.separator = separator, .line_end = line_end}, &text);
      const std::vector<CsvRow> rows = Read(text, {.separator = separator, .comments = true});
      ASSERT_EQ(rows.size(), table.size());
      for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].cells, table[i]) << text;
    }
  }
  std::string lone;
  AppendCsvRow({""}, {}, &lone);
  EXPECT_EQ(Read(lone).size(), 1U);
}

TEST(CsvWriter, GuardsCellsThatSpreadsheetsWouldRun) {
  std::string text;
  AppendCsvRow({"=HYPERLINK(\"x\")", "+1", "-1", "@a", "a=b"}, {}, &text);
  EXPECT_EQ(text, "\"'=HYPERLINK(\"\"x\"\")\",'+1,'-1,'@a,a=b\n");
}

TEST(CsvHeader, FindsColumnsWithoutCaseAndDiacriticsAndRefusesDoubles) {
  CsvRow row;
  row.line = 1;
  row.cells = {"Mã hồ sơ", " TÊN ", "ghi chú"};
  const auto header = CsvHeader::FromRow(row);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->Find("ma ho so"), 0U);
  EXPECT_EQ(header->Find("tên"), 1U);
  EXPECT_EQ(header->Find("x"), std::nullopt);
  row.cells = {"tên", "Ten"};
  EXPECT_EQ(ErrorMetadata(CsvHeader::FromRow(row).status(), "column"), "2");
  row.cells = {"tên", " "};
  EXPECT_FALSE(CsvHeader::FromRow(row).ok());
}

}  // namespace
}  // namespace tthc
