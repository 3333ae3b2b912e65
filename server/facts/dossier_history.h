#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/fold.h"
#include "storage/store.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// The history of one dossier: its recorded events, and the state that they led to at any earlier revision.
//
// "As of revision N" folds only what was recorded up to N. Reports about the past, the verification of facts and the
// upgrade of stored views use it.
//
// Reads one snapshot of the store and keeps nothing. Thread-safe. A missing or damaged record ends in DATA_LOSS; a
// history that the rules of today refuse ends in the fold's own error, which then contradicts what was recorded.
namespace tthc::server {

// The dossier's events up to `revision`, oldest first, complete with revision and record_time. `uid`, if given, gets
// the uid that the opening event carries. DATA_LOSS if an event is not in the log.
absl::StatusOr<std::vector<v1::Event>> LoadEvents(const storage::StoreReader& reader,
                                                  const storage::v1::DossierRecord& record, int64_t revision,
                                                  std::string* uid = nullptr);

// The dossier as of `revision`, with its name; nullopt if it had not been opened. Errors as LoadEvents, and the fold's.
absl::StatusOr<std::optional<v1::Dossier>> FoldAsOf(const storage::StoreReader& reader,
                                                    const domain::CalendarSource& calendars,
                                                    const storage::v1::DossierRecord& record, int64_t revision);

}  // namespace tthc::server
