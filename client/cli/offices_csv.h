#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/catalogue_service.pb.h"

namespace tthc::cli {

// Fields, offices, units and officers as a text that people edit, such as deploy/data/offices.csv. Columns kind (field,
// office, unit, officer), id, name; parent (of a unit its office, of an officer the unit), position, valid_from, valid_to,
// successor may be missing. Errors of storage/base/csv.h name line and column.
absl::StatusOr<v1::UpdateOfficesRequest> ParseOfficesCsv(absl::string_view text);

}  // namespace tthc::cli
