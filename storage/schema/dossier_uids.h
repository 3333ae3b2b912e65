#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "storage/base/limits.h"
#include "storage/base/uid.h"
#include "storage/engine/engine.h"

namespace tthc::storage {

// The migration that gives each dossier of a store from before uids its uid, once.
//
// A uid can't be computed again, so it is recorded where a dossier opened today has it: LogRecord.dossier_uid of the
// event that opened the dossier, from which every replay takes it. What follows from the log is written in the same
// commit: Dossier.name and Fact.uid of the dossier's record, the uid in the index of codes, and
// Dossier.submission_code, which the opening event has shown all along.
//
// Goes through the dossiers in portions, each one atomic commit. A crash between two commits leaves some dossiers with
// their uid and the others without; the next run keeps the former and goes on with the latter. DATA_LOSS if a dossier
// has no opening record in the log; the errors of the engine.
absl::Status AssignDossierUids(Engine& engine, const UidSource& uids,
                               size_t dossiers_per_commit = limits::kMigrationPortion);

}  // namespace tthc::storage
