#include "server/timing/offices_csv.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/csv.h"
#include "storage/base/status_macros.h"

namespace tthc::timing {
namespace {

// A row by column names. Ids stand without their collection, which the column implies.
class Row {
 public:
  Row(const CsvHeader& header, const CsvRow& row) : header_(header), row_(row) {}

  // "" if the file has no such column.
  std::string Text(absl::string_view column) const {
    const std::optional<size_t> index = header_.Find(column);
    return index.has_value() ? row_.cells[*index] : "";
  }
  // Resource name of the id in `column`, or "" if it is empty.
  std::string Name(absl::string_view collection, absl::string_view column) const {
    const std::string id = Text(column);
    return id.empty() ? "" : absl::StrCat(collection, "/", id);
  }
  absl::Status RequireText(absl::string_view column) const {
    if (!Text(column).empty()) return absl::OkStatus();
    return Error(column, "is required", "là bắt buộc");
  }
  absl::Status Error(absl::string_view column, absl::string_view message, absl::string_view message_vi) const {
    return MakeCsvCellError({.line = row_.line, .column = header_.Find(column).value_or(0), .field = column}, message,
                            message_vi);
  }

  // What offices, units and officers have in common. Dates and names are checked by the server, which names the entry.
  template <typename Resource>
  void FillCommon(absl::string_view collection, Resource* resource) const {
    resource->set_name(Name(collection, "id"));
    resource->set_display_name(Text("name"));
    resource->set_start_date(Text("start_date"));
    resource->set_end_date(Text("end_date"));
    resource->set_successor(Name(collection, "successor"));
  }

 private:
  const CsvHeader& header_;
  const CsvRow& row_;
};

absl::Status AddRow(const Row& row, v1::ImportOfficesRequest* request) {
  // What the server would refuse as well, but without naming the line.
  TTHC_RETURN_IF_ERROR(row.RequireText("id"));
  TTHC_RETURN_IF_ERROR(row.RequireText("name"));
  const std::string kind = row.Text("kind");
  if (kind == "field") {
    v1::Field* field = request->add_fields();
    field->set_name(row.Name("fields", "id"));
    field->set_display_name(row.Text("name"));
    return absl::OkStatus();
  }
  if (kind == "office") {
    v1::Office* office = request->add_offices();
    row.FillCommon("offices", office);
    office->set_parent(row.Name("offices", "parent"));
    return absl::OkStatus();
  }
  // Found here, with the line, rather than by the server: a unit without an office could not be stored.
  if (kind == "unit") {
    TTHC_RETURN_IF_ERROR(row.RequireText("parent"));
    v1::Unit* unit = request->add_units();
    row.FillCommon("units", unit);
    unit->set_office(row.Name("offices", "parent"));
    return absl::OkStatus();
  }
  if (kind != "officer") {
    return row.Error("kind", "write field, office, unit or officer", "hãy viết field, office, unit hoặc officer");
  }
  TTHC_RETURN_IF_ERROR(row.RequireText("parent"));
  v1::Officer* officer = request->add_officers();
  row.FillCommon("officers", officer);
  officer->set_unit(row.Name("units", "parent"));
  officer->set_position(row.Text("position"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ImportOfficesRequest> ParseOfficesCsv(absl::string_view text) {
  TTHC_ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, ReadCsv(text, {.comments = true}));
  // An empty file asks for nothing, which is no error.
  v1::ImportOfficesRequest request;
  if (rows.empty()) return request;
  TTHC_ASSIGN_OR_RETURN(const CsvHeader header, CsvHeader::FromRow(rows.front()));
  // The other columns may be missing.
  for (absl::string_view column : {"kind", "id", "name"}) {
    if (header.Find(column).has_value()) continue;
    return MakeCsvCellError({.line = rows.front().line, .column = 0, .field = column}, "this column is missing",
                            "thiếu cột này");
  }
  for (size_t i = 1; i < rows.size(); ++i) TTHC_RETURN_IF_ERROR(AddRow(Row(header, rows[i]), &request));
  return request;
}

}  // namespace tthc::timing
