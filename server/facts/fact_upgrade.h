#pragma once

#include "absl/status/status.h"
#include "server/domain/catalogue.h"
#include "storage/store.h"

// Keeps stored views in step with the rules that make them.
//
// A dossier's record holds the folded dossier and its fact, both functions of the log by the rules of the software that
// wrote it. When the rules change, domain::kFactVersion rises; a start compares it with the store's counter
// `fact-version` and, if they differ, folds every dossier again from its events and writes its record anew. The log is
// not touched and no revision is taken.
namespace tthc::server {

// Does that if it is needed, in portions of one commit each. The counter moves last, so a crash in between runs it
// again from the start; what was done already is done again with the same result. Reads one counter if there is nothing
// to do. To be called before anything else is loaded, by the only writer. Errors of the store and of the fold.
absl::Status UpgradeFacts(storage::Store& store, const domain::Catalogue& catalogue);

}  // namespace tthc::server
