#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tthc/v1/catalogue.pb.h"

// The catalogue of procedures as a text that people edit, such as deploy/data/procedures.csv. Columns, by name and in
// any order: code, name, field and limit must be there; field_code, cutoff, max_extension, mark may be missing; others
// are left alone. Lines that begin with # are comments. Pure; thread-safe.
namespace tthc::timing {

struct CatalogueCsvOptions {
  // First civil day of the versions that are made. The default is the day Decree 118/2025/NĐ-CP came into force.
  std::string start_date = "2025-07-01";
};

struct Catalogue {
  // In the order in which they are first named.
  std::vector<v1::Field> fields;
  std::vector<v1::Procedure> procedures;
};

// Limits as ParseLimit, cut-offs as ParseCutOff. Hours are counted by CLOCK, everything else by DATE; a completed
// supplement restarts the limit. A procedure is reviewed if its mark is V (checked against the national catalogue or
// the law). A field without a code gets its folded name as id: "Chứng thực" is fields/chung-thuc. Errors of
// storage/base/csv.h, which name line and column, for rows that make no sense, codes that are there twice, and a field
// code that stands for two names.
absl::StatusOr<Catalogue> ParseCatalogueCsv(absl::string_view text, const CatalogueCsvOptions& options);

}  // namespace tthc::timing
