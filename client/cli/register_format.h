#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/event_table.h"
#include "storage/base/csv.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// The register of dossiers as CSV (docs/vi/nhap-xuat-csv.md): two kinds of rows under one header.
// - An event row has a kind ("Loại") and a time ("Thời điểm"), and the columns that its kind uses.
// - A register row, as form 07 keeps it, has no kind: one dossier that was accepted ("Nhận hồ sơ") and, if those
// columns are
//   filled, resolved ("Ngày xử lý xong") and returned ("Trả kết quả").
// Headers are compared without regard to case and diacritics, in Vietnamese or English, in any order.
namespace tthc::cli {

// One row as it will be recorded.
struct RegisterRow {
  int64_t line = 0;
  // "Mã hồ sơ" as written.
  std::string code;
  // One for an event row, one to three for a register row; all with occur_time and `imported`.
  std::vector<v1::Event> events;
  // "Hẹn trả" as the register has it: compared with what is computed, never taken over.
  std::optional<absl::Time> promised;
  bool promised_date_only = false;
};

// What is wrong with a row.
struct RowError {
  int64_t line = 0;
  // Header of the column at fault; "" if it is not one column.
  std::string column;
  absl::Status status;
};

class RegisterFormat {
 public:
  // INVALID_ARGUMENT REGISTER_HEADER: a column that is not known (nothing in it may be lost silently), or the code's
  // column is missing.
  static absl::StatusOr<RegisterFormat> FromHeader(const CsvRow& row);

  // On error `error_column` is the header at fault, or "".
  absl::StatusOr<RegisterRow> Parse(const CsvRow& row, std::string* error_column) const;
  const std::vector<std::string>& header() const { return header_; }
  // Header, as this file writes it, of the column that a field path of the server's means, such as
  // "event.forwarded.to_unit"; "" if none is.
  std::string ColumnOfField(absl::string_view field) const;

 private:
  std::string Cell(const CsvRow& row, absl::string_view key) const;
  std::string HeaderOf(absl::string_view key) const;
  absl::Status FillEvent(const CsvRow& row, const EventSpec& spec, const std::vector<const char*>& only,
                         v1::Event& event, std::string* error_column) const;
  absl::Status FillTime(const CsvRow& row, absl::string_view key, v1::Event& event, std::string* error_column) const;
  absl::Status ParseEventRow(const CsvRow& row, const std::string& kind, RegisterRow& parsed,
                             std::string* error_column) const;
  absl::Status ParseRegisterRow(const CsvRow& row, RegisterRow& parsed, std::string* error_column) const;

  std::vector<std::string> header_;
  // Where in the file the columns that it has are, by key.
  std::unordered_map<std::string, size_t> places_;
};

// Header of every column, in Vietnamese.
std::vector<std::string> RegisterHeader();
// The rows of one dossier, in order: its events in force, each as an event row that Parse reads back.
std::vector<std::vector<std::string>> RegisterRowsOf(const v1::Dossier& dossier,
                                                     const std::vector<v1::Event>& in_force);
// Header and an example of each kind of row.
std::string RegisterTemplate();

// `existing` is what a row of a register says: payload and time are the same as far as the row fills them in.
bool SaysTheSame(const v1::Event& row, const v1::Event& existing);

}  // namespace tthc::cli
