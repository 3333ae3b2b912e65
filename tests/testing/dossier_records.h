#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "storage/base/status_macros.h"
#include "storage/store.h"

namespace tthc::testing {

// Calls `visit(number, record)` for every dossier of the store, in the order of their numbers. DATA_LOSS if one is
// missing; the product never reads all of them and has no such function.
template <typename Visit>
absl::Status VisitDossiers(const storage::StoreReader& reader, const Visit& visit) {
  TTHC_ASSIGN_OR_RETURN(const storage::v1::HeadRecord head, reader.Head());
  for (int64_t number = 1; number <= head.last_dossier_number(); ++number) {
    TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
    if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
    visit(number, *record);
  }
  return absl::OkStatus();
}

}  // namespace tthc::testing
