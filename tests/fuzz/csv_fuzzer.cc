#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/timing/calendar_csv.h"
#include "server/timing/catalogue_csv.h"
#include "storage/base/check.h"
#include "storage/base/csv.h"

// Registers, calendars and catalogues as offices send them. First byte: how the bytes are cut into portions.
namespace tthc {
namespace {

std::vector<CsvRow> ReadInPortions(const std::string& text, size_t portion) {
  CsvReader reader({.comments = true});
  std::vector<CsvRow> rows;
  const auto take = [&] {
    while (auto row = reader.Next()) rows.push_back(*std::move(row));
  };
  for (size_t at = 0; at < text.size(); at += portion) {
    const std::string bytes = text.substr(at, portion);
    reader.Feed({bytes.data(), bytes.size()});
    take();
  }
  reader.Finish();
  take();
  return rows;
}

// Good rows written and read again are the same.
void RoundTrip(const std::vector<CsvRow>& rows) {
  std::string text;
  std::vector<const CsvRow*> written;
  for (const CsvRow& row : rows) {
    if (!row.status.ok()) continue;
    AppendCsvRow(row.cells, {}, &text);
    written.push_back(&row);
  }
  CsvReader reader({.separator = ','});
  reader.Feed({text.data(), text.size()});
  reader.Finish();
  for (const CsvRow* row : written) {
    const auto again = reader.Next();
    TTHC_CHECK(again.has_value() && again->status.ok());
    TTHC_CHECK(again->cells == row->cells);
  }
  TTHC_CHECK(!reader.Next().has_value());
}

}  // namespace
}  // namespace tthc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<tthc::CsvRow> rows = tthc::ReadInPortions(text, 1 + data[0] % 61);
  const std::vector<tthc::CsvRow> whole = tthc::ReadInPortions(text, text.size() + 1);
  TTHC_CHECK(rows.size() == whole.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    // The messages, not the bytes of the payload: it holds a map, which has no order.
    TTHC_CHECK(rows[i].line == whole[i].line && rows[i].status.message() == whole[i].status.message());
    TTHC_CHECK(!rows[i].status.ok() || rows[i].cells == whole[i].cells);
  }
  tthc::RoundTrip(rows);
  if (const auto calendar = tthc::timing::ParseCalendarCsv({text.data(), text.size()}, {}); calendar.ok()) {
    static_cast<void>(tthc::timing::ReviewCalendar(*calendar));
    TTHC_CHECK(tthc::timing::ParseCalendarCsv(tthc::timing::FormatCalendarCsv(*calendar), {}).ok());
  }
  static_cast<void>(tthc::timing::ParseSessionsCsv({text.data(), text.size()}));
  static_cast<void>(tthc::timing::ParseCatalogueCsv({text.data(), text.size()}, {}));
  return 0;
}
