#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/catalogue_service.pb.h"

namespace tthc::timing {

// Offices, units and officers as a text that people edit, such as deploy/data/offices.csv. Columns, by name and in any
// order: kind (field, office, unit, officer), id (without the collection's prefix), name; parent, position, start_date,
// end_date, successor may be missing. parent and successor are ids: of a unit's office, an officer's unit, an office's
// office above it. Lines that begin with # are comments. Errors of storage/base/csv.h, which name line and column.
// Pure; thread-safe.
absl::StatusOr<v1::ImportOfficesRequest> ParseOfficesCsv(absl::string_view text);

}  // namespace tthc::timing
