#include "client/cli/offices_csv.h"

#include <string>
#include <vector>

#include "client/cli/field_value.h"
#include "storage/base/csv.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

class Row {
 public:
  Row(const CsvHeader& header, const CsvRow& row) : header_(header), row_(row) {}

  std::string Get(absl::string_view column) const {
    const std::optional<size_t> at = header_.Find(column);
    return at.has_value() && *at < row_.cells.size() ? row_.cells[*at] : "";
  }

  template <typename Resource>
  void FillCommon(const char* collection, Resource& resource) const {
    resource.set_name(ResourceName(collection, Get("id")));
    resource.set_display_name(Get("name"));
  }

  template <typename Resource>
  void FillValidity(const char* collection, Resource& resource) const {
    FillCommon(collection, resource);
    resource.set_valid_from(Get("valid_from"));
    resource.set_valid_to(Get("valid_to"));
    resource.set_successor(ResourceName(collection, Get("successor")));
  }

  absl::Status AddTo(v1::UpdateOfficesRequest& request) const {
    const std::string kind = Get("kind");
    if (kind == "field") {
      FillCommon("fields", *request.add_fields());
    } else if (kind == "office") {
      v1::Office& office = *request.add_offices();
      FillValidity("offices", office);
      office.set_parent(ResourceName("offices", Get("parent")));
    } else if (kind == "unit") {
      v1::Unit& unit = *request.add_units();
      FillValidity("units", unit);
      unit.set_office(ResourceName("offices", Get("parent")));
    } else if (kind == "officer") {
      v1::Officer& officer = *request.add_officers();
      FillValidity("officers", officer);
      officer.set_unit(ResourceName("units", Get("parent")));
      officer.set_position(Get("position"));
    } else {
      return MakeCsvCellError({.line = row_.line, .column = header_.Find("kind").value_or(0), .field = "kind"},
                              "is none of field, office, unit, officer", "phải là field, office, unit hoặc officer");
    }
    return absl::OkStatus();
  }

 private:
  const CsvHeader& header_;
  const CsvRow& row_;
};

}  // namespace

absl::StatusOr<v1::UpdateOfficesRequest> ParseOfficesCsv(absl::string_view text) {
  TTHC_ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, ReadCsv(text, {.comments = true}));
  v1::UpdateOfficesRequest request;
  if (rows.empty()) return request;
  TTHC_ASSIGN_OR_RETURN(const CsvHeader header, CsvHeader::FromRow(rows.front()));
  for (const char* needed : {"kind", "id", "name"}) {
    if (!header.Find(needed).has_value()) {
      return MakeCsvCellError({.line = rows.front().line, .column = 0, .field = needed}, "this column is missing",
                              "thiếu cột này");
    }
  }
  for (size_t i = 1; i < rows.size(); ++i) TTHC_RETURN_IF_ERROR(Row(header, rows[i]).AddTo(request));
  return request;
}

}  // namespace tthc::cli
