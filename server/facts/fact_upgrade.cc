#include "server/facts/fact_upgrade.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/fact.h"
#include "server/facts/dossier_history.h"
#include "server/facts/name_table.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Shares the table of counters with those of codes, which begin with the capital letters of an office.
constexpr char kVersionCounter[] = "fact-version";

absl::Status UpgradeOne(const storage::StoreReader& reader, const domain::Catalogue& catalogue, int64_t number,
                        NameTable& names, storage::StoreWrites& writes) {
  TTHC_ASSIGN_OR_RETURN(auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  TTHC_ASSIGN_OR_RETURN(auto dossier, FoldAsOf(reader, catalogue, *record, reader.revision()));
  if (!dossier.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no events"));
  // Names that the old rules did not use get numbers, in the order in which dossiers need them.
  *record->mutable_dossier() = *std::move(dossier);
  *record->mutable_fact() = domain::MakeFact(catalogue, record->dossier(), [&](const std::string& name) -> uint32_t {
    if (name.empty()) return 0;
    if (const uint32_t known = names.Find(name); known != 0) return known;
    const uint32_t next = names.next_number();
    names.Add(next, name);
    writes.PutName(next, name);
    return next;
  });
  writes.PutDossier(number, *record);
  return absl::OkStatus();
}

}  // namespace

absl::Status UpgradeFacts(storage::Store& store, const domain::Catalogue& catalogue) {
  const storage::StoreReader reader = store.Read();
  TTHC_ASSIGN_OR_RETURN(const int64_t version, reader.GetCounter(kVersionCounter));
  if (version == domain::kFactVersion) return absl::OkStatus();
  NameTable names;
  TTHC_RETURN_IF_ERROR(reader.ScanNames([&](uint32_t number, const std::string& name) { names.Add(number, name); }));
  // One snapshot for all portions: they rewrite dossiers, and the log that is folded does not change.
  const int64_t last = store.head().last_dossier_number();
  for (int64_t begin = 1; begin <= last; begin += limits::kUpgradePortion) {
    storage::StoreWrites writes;
    for (int64_t number = begin; number <= std::min(begin + limits::kUpgradePortion - 1, last); ++number) {
      TTHC_RETURN_IF_ERROR(UpgradeOne(reader, catalogue, number, names, writes));
    }
    TTHC_RETURN_IF_ERROR(store.Commit(std::move(writes), store.head()));
  }
  // Last: until it is written, an interrupted upgrade begins again.
  storage::StoreWrites done;
  done.PutCounter(kVersionCounter, domain::kFactVersion);
  return store.Commit(std::move(done), store.head());
}

}  // namespace tthc::server
