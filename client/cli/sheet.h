#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/session.h"
#include "client/cli/xlsx_writer.h"

// A plain list for spreadsheets: as CSV or as .xlsx, whichever was asked for. Rows are written as they come.
namespace tthc::cli {

struct SheetColumn {
  std::string header;
  // In characters, on paper.
  double width = 12;
  // Of its numbers.
  int decimals = 0;
};

// A text, a number, or no value: empty in CSV, "–" on paper.
struct SheetCell {
  std::string text;
  std::optional<double> number;
  bool is_number = false;
};
inline SheetCell TextCell(std::string text) { return {.text = std::move(text), .number = {}, .is_number = false}; }
inline SheetCell NumberCell(std::optional<double> number) { return {.text = {}, .number = number, .is_number = true}; }

struct SheetOptions {
  std::string title;
  // Below it: period, moment.
  std::vector<std::string> lines;
  std::vector<SheetColumn> columns;
  absl::Time created;
};

// Not thread-safe. The session outlives it and asks for csv or xlsx.
class SheetWriter {
 public:
  // Errors of XlsxWriter::Create.
  static absl::StatusOr<std::unique_ptr<SheetWriter>> Open(const Session& session, const SheetOptions& options);

  // As many cells as columns; `strong` for totals.
  void Add(const std::vector<SheetCell>& cells, bool strong = false);
  // Writes what is left to the session's output. Errors of XlsxWriter::Finish. Nothing may be added after it.
  absl::Status Finish();

 private:
  SheetWriter(const Session& session, std::vector<SheetColumn> columns)
      : session_(session), columns_(std::move(columns)) {}

  void AddHead(const SheetOptions& options);
  void AddCsv(const std::vector<SheetCell>& cells);

  const Session& session_;
  const std::vector<SheetColumn> columns_;
  // Null for CSV.
  std::unique_ptr<XlsxWriter> xlsx_;
  uint32_t row_ = 0;
};

}  // namespace tthc::cli
