#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/fold.h"
#include "storage/store.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// A dossier's recorded events, and what they come to as of a revision. Thread-safe.
namespace tthc::server {

// Events up to `revision`, oldest first, complete with revision and record_time. DATA_LOSS if one is not in the log.
absl::StatusOr<std::vector<v1::Event>> LoadEvents(const storage::StoreReader& reader,
                                                  const storage::v1::DossierRecord& record, int64_t revision);

// The dossier as of `revision`; nullopt if it had not been opened. Errors as LoadEvents, and the fold's, which then
// contradict what was recorded.
absl::StatusOr<std::optional<v1::Dossier>> FoldAsOf(const storage::StoreReader& reader,
                                                    const domain::CalendarSource& calendars,
                                                    const storage::v1::DossierRecord& record, int64_t revision);

}  // namespace tthc::server
