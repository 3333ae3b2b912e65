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
// - A register row, as in form 07, has no kind: one dossier that was accepted ("Nhận hồ sơ") and, if those columns are
//   filled, resolved ("Ngày xử lý xong") and returned ("Trả kết quả").
// Headers are compared without regard to case and diacritics, in Vietnamese or English, in any order.
//
// A register knows dossiers by code only; names with a uid exist on one server. The format reads and writes single rows
// and holds no dossier; register_import.h sends them. What a row says is checked by the server; here only its form.
// Immutable after FromHeader; thread-safe.
namespace tthc::cli {

// One row as it will be recorded.
struct RegisterRow {
  int64_t line = 0;
  // "Mã hồ sơ" as written.
  std::string code;
  // One for an event row, one to three for a register row; all with occur_time and `imported`.
  std::vector<v1::Event> events;
  // "Hẹn trả" of the register. Compared with the computed due time, never recorded.
  std::optional<absl::Time> promised;
  // Whether the register promises a day without an hour; then only days are compared.
  bool promised_date_only = false;
};

// Why a row was refused.
struct RowError {
  int64_t line = 0;
  // Header of the column at fault; "" if it is not one column.
  std::string column;
  absl::Status status;
};

// The columns of one file. Made from its header, then used for each row.
class RegisterFormat {
 public:
  // INVALID_ARGUMENT REGISTER_HEADER if a column is unknown, since its data would be lost silently, or if the column of
  // the code is missing.
  static absl::StatusOr<RegisterFormat> FromHeader(const CsvRow& row);

  // On error `error_column` is the header at fault, or "".
  absl::StatusOr<RegisterRow> Parse(const CsvRow& row, std::string* error_column) const;
  const std::vector<std::string>& header() const { return header_; }
  // The header in this file of the column for a field path in an error of the server, such as
  // "event.forwarded.to_unit";
  // "" if there is none.
  std::string ColumnOfField(absl::string_view field) const;

 private:
  // "" if the file has no such column, or the row is too short.
  std::string Cell(const CsvRow& row, absl::string_view key) const;
  std::string HeaderOf(absl::string_view key) const;
  // Sets the fields whose columns are filled; of these only those in `only`, if that is not empty.
  absl::Status FillEvent(const CsvRow& row, const EventSpec& spec, const std::vector<const char*>& only,
                         v1::Event& event, std::string* error_column) const;
  absl::Status FillTime(const CsvRow& row, absl::string_view key, v1::Event& event, std::string* error_column) const;
  absl::Status ParseEventRow(const CsvRow& row, const std::string& kind, RegisterRow& parsed,
                             std::string* error_column) const;
  absl::Status ParseRegisterRow(const CsvRow& row, RegisterRow& parsed, std::string* error_column) const;

  std::vector<std::string> header_;
  // Key of a column → its index in the file.
  std::unordered_map<std::string, size_t> places_;
};

// The headers of all columns, in Vietnamese.
std::vector<std::string> RegisterHeader();
// The rows of one dossier: each of its events in force as an event row that Parse reads back.
std::vector<std::vector<std::string>> RegisterRowsOf(const v1::Dossier& dossier,
                                                     const std::vector<v1::Event>& in_force);
// Header and an example of each kind of row.
std::string RegisterTemplate();

// Whether an event of a row is already recorded as `existing`: payload and time are equal in all fields that the row
// fills.
bool SaysTheSame(const v1::Event& row, const v1::Event& existing);

}  // namespace tthc::cli
